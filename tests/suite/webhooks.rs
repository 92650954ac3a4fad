//! Webhooks as their owners handle them: fields, secret, filter, pause, delete, counters.

use crate::deliveries::{deliveries, delivery_in, make_clients};
use domain::event::EventType;
use harness::receiver::Instruction;
use harness::{Api, Kitchen, Receiver, Setup, database, eventually, on_both_engines};
use serde_json::{Value, json};
use std::time::Duration;

async fn without_worker(engine: harness::Engine) -> Kitchen {
    Kitchen::start_with(engine, Setup { has_worker: false, ..Setup::default() }).await
}

async fn company(api: &Api, name: &str) -> Value {
    api.post("/api/companies", &[("name", name)]).await.expect(201).json
}

fn path(webhook: &Value) -> String {
    format!("/api/webhooks/{}", webhook["id"].as_str().unwrap())
}

const URL: &str = "http://127.0.0.1:9/hook";

on_both_engines! {
    async fn a_form_can_ask_for_every_event_again(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let receiver = Receiver::start().await;
        let webhook = receiver.subscribe(&api, &["client.created"]).await;
        let path = format!("/api/webhooks/{}", webhook["id"].as_str().unwrap());
        let emptied = api.put(&path, &[("events_types[]", "")]).await.expect(200);
        assert_eq!(emptied.json["events_types"], serde_json::json!([]));
        kitchen.stop().await;
    }

    async fn a_webhook_is_made_shown_changed_listed_and_deleted(engine: Engine) {
        let kitchen = without_worker(engine).await;
        let api = kitchen.workspace("main").await;
        let made = api.post("/api/webhooks", &[("url", URL), ("events_types[]", "client.created")]).await.expect(201).json;
        let mut keys: Vec<&String> = made.as_object().unwrap().keys().collect();
        keys.sort_unstable();
        let mut expected = [
            "attempts_count", "boards", "circuit", "created_at", "created_by", "disabled_reason", "enabled", "events_types", "failed_attempts_count", "folders", "headers", "id",
            "last_failed_at", "last_failure", "max_in_flight", "ordered", "platform", "previous_secret_expires_at", "rate_limit", "retry_delays", "secret", "updated_at", "url",
        ];
        expected.sort_unstable();
        assert_eq!(keys, expected);
        assert_eq!((&made["url"], &made["enabled"], &made["platform"]), (&json!(URL), &json!(true), &json!("kitchen")));
        assert_eq!((&made["attempts_count"], &made["failed_attempts_count"]), (&json!(0), &json!(0)));
        assert_eq!(made["created_by"], "API key Test key");
        assert!(made["id"].as_str().unwrap().starts_with("wh_") && made["created_at"].as_str().unwrap().ends_with("+00:00"));
        assert_eq!(api.get(&path(&made)).await.expect(200).json, made);
        kitchen.clock.advance(Duration::from_secs(5));
        let changed = api.put(&path(&made), &[("url", "http://127.0.0.1:9/other")]).await.expect(200).json;
        assert_eq!(changed["url"], "http://127.0.0.1:9/other");
        assert_eq!(changed["events_types"], made["events_types"], "what is not sent stays");
        assert!(changed["updated_at"].as_str() > made["updated_at"].as_str());
        let second = api.post_json("/api/webhooks", &json!({"url": URL})).await.expect(201).json;
        let listed = api.get("/api/webhooks").await.expect(200).rows();
        let ids: Vec<&Value> = listed.iter().map(|row| &row["id"]).collect();
        assert_eq!(ids, [&second["id"], &made["id"]], "newest first");
        api.delete(&path(&made)).await.expect(204);
        api.delete(&path(&made)).await.expect(404);
        api.get(&path(&made)).await.expect(404);
        api.put(&path(&made), &[("enabled", "true")]).await.expect(404);
        // What was sent to it stays on record.
        api.get(&format!("{}/deliveries", path(&made))).await.expect(200);
        assert_eq!(api.get("/api/webhooks").await.expect(200).json["meta"]["total"], 1);
        kitchen.stop().await;
    }

    async fn another_workspaces_webhook_answers_like_one_that_never_was(engine: Engine) {
        let kitchen = without_worker(engine).await;
        let (api, stranger) = (kitchen.workspace("main").await, kitchen.workspace("other").await);
        let webhook = api.post("/api/webhooks", &[("url", URL)]).await.expect(201).json;
        let unknown = "/api/webhooks/wh_000000000000000000000000".to_owned();
        for path in [path(&webhook), unknown, "/api/webhooks/nonsense".into()] {
            let mut replies = vec![stranger.get(&path).await, stranger.put(&path, &[("enabled", "false")]).await, stranger.delete(&path).await];
            replies.push(stranger.get(&format!("{path}/deliveries")).await);
            for reply in replies {
                assert_eq!((reply.status, &reply.json["code"]), (404, &json!("not_found")), "{path}");
            }
        }
        assert!(stranger.get("/api/webhooks").await.expect(200).rows().is_empty());
        assert_eq!(api.get(&path(&webhook)).await.expect(200).json, webhook);
        kitchen.stop().await;
    }

    async fn the_secret_is_shown_to_its_owner_masked_in_lists_and_never_set(engine: Engine) {
        let kitchen = without_worker(engine).await;
        let api = kitchen.workspace("main").await;
        let wanted = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let made = api.post_json("/api/webhooks", &json!({"url": URL, "secret": wanted, "id": "wh_1", "attempts_count": 7})).await.expect(201).json;
        let secret = made["secret"].as_str().unwrap();
        assert!(secret.starts_with("whsec_") && secret.len() == 50 && secret != wanted, "{secret}");
        assert_eq!(made["attempts_count"], 0);
        let put = api.put(&path(&made), &[("secret", wanted), ("platform", "zapier"), ("failed_attempts_count", "9")]).await.expect(200).json;
        assert_eq!((&put["secret"], &put["platform"], &put["failed_attempts_count"]), (&made["secret"], &json!("kitchen"), &json!(0)));
        assert_eq!(api.get(&path(&made)).await.expect(200).json["secret"], secret);
        let list = api.get("/api/webhooks").await.expect(200);
        assert_eq!(list.rows()[0]["secret"], "whsec_…");
        assert!(!list.text.contains(&secret[6..]));
        let second = api.post("/api/webhooks", &[("url", URL)]).await.expect(201).json;
        assert_ne!(second["secret"], made["secret"], "every webhook has its own");
        kitchen.stop().await;
    }

    async fn secrets_are_sealed_in_the_database(engine: Engine) {
        let kitchen = without_worker(engine).await;
        let api = kitchen.workspace("main").await;
        let webhook = api.post("/api/webhooks", &[("url", "http://127.0.0.1:9/canary-url")]).await.expect(201).json;
        let secret = webhook["secret"].as_str().unwrap().strip_prefix("whsec_").unwrap();
        api.put(&path(&webhook), &[("enabled", "false")]).await.expect(200);
        let dump = database::dump(&kitchen.database_url).await;
        assert!(dump.contains("canary-url"), "the dump holds no webhooks at all");
        for part in [secret, &secret[..16], secret.trim_end_matches('=')] {
            assert!(!dump.contains(part), "{} characters of the secret are in the database", part.len());
        }
        kitchen.stop().await;
    }

    async fn event_types_are_checked_and_may_be_called_events(engine: Engine) {
        let kitchen = without_worker(engine).await;
        let api = kitchen.workspace("main").await;
        let everything: Vec<&str> = EventType::ALL.iter().map(|event| event.as_str()).collect();
        let sorted = |mut names: Vec<&str>| {
            names.sort_unstable();
            json!(names)
        };
        for (body, stored) in [
            (json!({"url": URL}), json!([])),
            (json!({"url": URL, "events_types": []}), json!([])),
            (json!({"url": URL, "events_types": null}), json!([])),
            (json!({"url": URL, "events_types": ""}), json!([])),
            (json!({"url": URL, "events_types": everything}), sorted(everything.clone())),
            (json!({"url": URL, "events": ["folder.created"]}), json!(["folder.created"])),
            (json!({"url": URL, "events": ["list.created", "list.created"]}), json!(["list.created"])),
            (json!({"url": URL, "events": ["list.created"], "events_types": ["list.created"]}), json!(["list.created"])),
        ] {
            let made = api.post_json("/api/webhooks", &body).await.expect(201).json;
            assert_eq!(made["events_types"], stored, "{body}");
        }
        for (body, field) in [
            (json!({"url": URL, "events_types": ["client.created", "client.exploded"]}), "events_types.1"),
            (json!({"url": URL, "events": ["nonsense"]}), "events.0"),
            (json!({"url": URL, "events_types": "client.created"}), "events_types"),
            (json!({"url": URL, "events_types": [7]}), "events_types.0"),
            (json!({"url": URL, "events_types": ["client.created"], "events": ["client.updated"]}), "events"),
            (json!({"url": URL, "enabled": "perhaps"}), "enabled"),
            (json!({"events": ["client.created"]}), "url"),
            (json!({"url": {"a": 1}}), "url"),
        ] {
            let refused = api.post_json("/api/webhooks", &body).await.expect(422);
            let fields: Vec<&String> = refused.json["errors"].as_object().unwrap().keys().collect();
            assert_eq!(fields, [field], "{body}");
        }
        let form = api.post("/api/webhooks", &[("url", URL), ("events[]", "board.created"), ("events[]", "board.deleted")]).await.expect(201).json;
        assert_eq!(form["events_types"], json!(["board.created", "board.deleted"]));
        let emptied = api.put(&path(&form), &[("events_types", "")]).await.expect(200).json;
        assert_eq!(emptied["events_types"], json!([]), "an emptied filter means every event");
        api.put_json(&path(&form), &json!({"events": ["nonsense"]})).await.expect(422);
        assert_eq!(api.get(&path(&form)).await.expect(200).json["events_types"], json!([]), "a refused update changes nothing");
        kitchen.stop().await;
    }

    async fn a_webhook_receives_what_it_asked_for_and_nothing_else(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, stranger, receiver) = (kitchen.workspace("main").await, kitchen.workspace("other").await, Receiver::start().await);
        for (path, events) in [("/all", ""), ("/two", "company.created,company.deleted"), ("/none", "board.created")] {
            let events: Vec<&str> = events.split(',').filter(|name| !name.is_empty()).collect();
            api.post_json("/api/webhooks", &json!({"url": receiver.at(path), "events_types": events})).await.expect(201);
        }
        stranger.post("/api/webhooks", &[("url", &receiver.at("/stranger"))]).await.expect(201);
        let made = company(&api, "Acme").await;
        let company_path = format!("/api/companies/{}", made["id"].as_str().unwrap());
        api.put(&company_path, &[("website", "https://acme.example")]).await.expect(200);
        api.delete(&company_path).await.expect(204);
        receiver.wait_for(5).await;
        // A last event that is for all three shows that nothing else is on its way.
        api.post("/api/boards", &[("title", "B"), ("visibility", "shared")]).await.expect(201);
        let mut seen: Vec<String> =
            receiver.wait_for(7).await.iter().map(|one| format!("{} {}", one.path, one.json()["type"].as_str().unwrap())).collect();
        seen.sort();
        let expected = [
            "/all board.created", "/all company.created", "/all company.deleted", "/all company.updated", "/none board.created",
            "/two company.created", "/two company.deleted",
        ];
        assert_eq!(seen, expected);
        kitchen.stop().await;
    }

    async fn counters_count_attempts_and_failures(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let webhook = api.post("/api/webhooks", &[("url", &receiver.url)]).await.expect(201).json;
        receiver.answer_next([Instruction::status(200), Instruction::status(503)]);
        for name in ["A", "B", "C"] {
            company(&api, name).await;
        }
        let counted = eventually("three attempts counted", Duration::from_secs(10), || async {
            let shown = api.get(&path(&webhook)).await.expect(200).json;
            (shown["attempts_count"] == 3).then_some(shown)
        })
        .await;
        assert_eq!(counted["failed_attempts_count"], 1);
        assert_eq!(counted["last_failure"], "The receiver answered 503.");
        assert!(counted["last_failed_at"].is_string());
        assert_eq!(counted["updated_at"], webhook["updated_at"], "counting is no change of the webhook");
        kitchen.clock.advance(Duration::from_secs(12));
        eventually("the retry counted", Duration::from_secs(10), || async {
            let shown = api.get(&path(&webhook)).await.expect(200).json;
            let failure = &shown["last_failure"];
            (shown["attempts_count"] == 4 && shown["failed_attempts_count"] == 1 && failure == "The receiver answered 503.").then_some(())
        })
        .await;
        kitchen.stop().await;
    }

    async fn a_disabled_webhook_holds_back_what_waits_and_sends_it_on_when_enabled(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let webhook = api.post("/api/webhooks", &[("url", &receiver.url)]).await.expect(201).json;
        receiver.answer_next([Instruction::status(500)]);
        company(&api, "Before").await;
        delivery_in(&api, &webhook, "waiting").await;
        let disabled = api.put(&path(&webhook), &[("enabled", "false")]).await.expect(200).json;
        assert_eq!((&disabled["enabled"], &disabled["disabled_reason"]), (&json!(false), &Value::Null));
        company(&api, "While disabled").await;
        kitchen.clock.advance(Duration::from_secs(20));
        let paused = delivery_in(&api, &webhook, "paused").await;
        assert_eq!(paused["next_attempt_at"], Value::Null);
        assert_eq!(receiver.received().len(), 1, "nothing is sent to a disabled webhook");
        api.put(&path(&webhook), &[("enabled", "true")]).await.expect(200);
        let all = receiver.wait_for(2).await;
        assert_eq!(all[1].json()["data"]["name"], "Before");
        let delivered = delivery_in(&api, &webhook, "delivered").await;
        assert_eq!((&delivered["id"], &delivered["attempts_count"]), (&paused["id"], &json!(2)));
        company(&api, "After").await;
        assert_eq!(receiver.wait_for(3).await[2].json()["data"]["name"], "After", "what happened while disabled is not sent");
        assert_eq!(deliveries(&api, &webhook).await.len(), 2);
        kitchen.stop().await;
    }

    async fn a_webhook_disabled_and_enabled_in_time_misses_no_retry(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let webhook = api.post("/api/webhooks", &[("url", &receiver.url)]).await.expect(201).json;
        receiver.answer_next([Instruction::status(500)]);
        company(&api, "Acme").await;
        delivery_in(&api, &webhook, "waiting").await;
        api.put(&path(&webhook), &[("enabled", "false")]).await.expect(200);
        api.put(&path(&webhook), &[("enabled", "true")]).await.expect(200);
        kitchen.clock.advance(Duration::from_secs(12));
        receiver.wait_for(2).await;
        delivery_in(&api, &webhook, "delivered").await;
        kitchen.stop().await;
    }

    async fn deleting_a_webhook_gives_up_its_open_deliveries(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let webhook = api.post("/api/webhooks", &[("url", &receiver.url)]).await.expect(201).json;
        receiver.answer_next([Instruction::status(500)]);
        company(&api, "Acme").await;
        let waiting = delivery_in(&api, &webhook, "waiting").await;
        api.delete(&path(&webhook)).await.expect(204);
        let delivery = format!("/api/deliveries/{}", waiting["id"].as_str().unwrap());
        let cancelled = api.get(&delivery).await.expect(200).json;
        assert_eq!((&cancelled["state"], &cancelled["next_attempt_at"]), (&json!("cancelled"), &Value::Null));
        let refused = api.post(&format!("{delivery}/retry"), &[]).await.expect(409);
        assert!(refused.json["message"].as_str().unwrap().contains("deleted"), "{}", refused.text);
        kitchen.clock.advance(Duration::from_secs(20));
        // A second webhook's delivery, made after the sweep that would have retried, is the next thing that arrives.
        api.post("/api/webhooks", &[("url", &receiver.at("/second"))]).await.expect(201);
        tokio::time::sleep(Duration::from_millis(1200)).await;
        company(&api, "Later").await;
        assert_eq!(receiver.wait_for(2).await[1].path, "/second");
        kitchen.stop().await;
    }
}

on_both_engines! {
    async fn however_much_was_held_back_is_sent_once_the_webhook_is_enabled_and_given_up_once_it_is_deleted(engine: Engine) {
        const COUNT: usize = 1_300;
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        receiver.answer_always(Instruction::status(500));
        let [sent, given_up] = [receiver.subscribe(&api, &["client.created"]).await, receiver.subscribe(&api, &["client.created"]).await];
        make_clients(&kitchen.store, &api.key().workspace_id, COUNT).await;
        let counted = async |webhook: &Value, state: &str| {
            api.get(&format!("{}/deliveries?{state}", path(webhook))).await.expect(200).json["meta"]["total"].as_u64().unwrap()
        };
        let all_are = async |webhook: &Value, state: &str| {
            eventually(&format!("all are {state}"), Duration::from_secs(30), || async {
                (counted(webhook, &format!("state={state}")).await == COUNT as u64).then_some(())
            })
            .await;
        };
        for webhook in [&sent, &given_up] {
            eventually("all are made", Duration::from_secs(30), || async {
                (counted(webhook, "").await == COUNT as u64).then_some(())
            })
            .await;
            api.put(&path(webhook), &[("enabled", "false")]).await.expect(200);
            eventually("all are held back", Duration::from_secs(30), || async {
                // Those that wait for another attempt are when it is due.
                kitchen.clock.advance(Duration::from_mins(1));
                (counted(webhook, "state=paused").await == COUNT as u64).then_some(())
            })
            .await;
        }
        receiver.answer_always(Instruction::status(200));
        api.put(&path(&sent), &[("enabled", "true")]).await.expect(200);
        api.delete(&path(&given_up)).await.expect(204);
        all_are(&sent, "delivered").await;
        all_are(&given_up, "cancelled").await;
    }
}

on_both_engines! {
    async fn what_is_under_way_when_a_webhook_is_deleted_is_on_record_with_what_came_of_it(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        receiver.answer_always(Instruction { delay: Duration::from_millis(2500), ..Instruction::status(200) });
        receiver.answer_next([Instruction { delay: Duration::from_millis(2500), ..Instruction::status(500) }]);
        let body = json!({"url": receiver.url, "events_types": ["client.created"], "max_in_flight": 2});
        let webhook = api.post_json("/api/webhooks", &body).await.expect(201).json;
        make_clients(&kitchen.store, &api.key().workspace_id, 4).await;
        receiver.wait_for(2).await;
        api.delete(&path(&webhook)).await.expect(204);
        let ended = eventually("nothing is open", Duration::from_secs(15), || async {
            let rows = api.get(&format!("{}/deliveries", path(&webhook))).await.expect(200).rows();
            let of = |state: &str| rows.iter().filter(|row| row["state"] == state).cloned().collect::<Vec<_>>();
            (of("delivered").len() + of("cancelled").len() == 4).then(|| (of("delivered"), of("cancelled")))
        })
        .await;
        let (delivered, cancelled) = ended;
        assert_eq!(delivered.len(), 1, "{delivered:?}");
        assert_eq!((&delivered[0]["attempts_count"], &delivered[0]["last_status"]), (&json!(1), &json!(200)));
        let tried: Vec<&Value> = cancelled.iter().filter(|row| row["attempts_count"] == 1).collect();
        assert!(tried.len() == 1 && tried[0]["last_status"] == 500, "{cancelled:?}");
        assert_eq!(receiver.received().len(), 2, "nothing more was sent");
    }
}

//! Events as their owners read them: each has an address and a state, and so have the deliveries of a webhook that is gone.

use crate::deliveries::{delivery_in, make_clients, shown, start_worker};
use harness::{Api, Kitchen, Receiver, Reply, database, eventually, on_both_engines};
use serde_json::{Value, json};
use std::time::Duration;

async fn events(api: &Api, query: &str) -> Vec<Value> {
    api.get(&format!("/api/events{query}")).await.expect(200).rows()
}

fn of(rows: &[Value], field: &str) -> Vec<String> {
    rows.iter().map(|row| row[field].as_str().unwrap().to_owned()).collect()
}

/// The list from its beginning to its end, as whoever follows its links reads it.
async fn followed(api: &Api, query: &str) -> Vec<Reply> {
    let mut pages = vec![api.get(&format!("/api/events{query}")).await.expect(200)];
    while let Some(next) = pages.last().unwrap().json["links"]["next"].as_str() {
        let path = next.strip_prefix(api.base()).unwrap().to_owned();
        let last = pages.last().unwrap().json["meta"]["next_cursor"].as_str().unwrap();
        assert!(path.contains(&format!("cursor={last}")), "{path}");
        pages.push(api.get(&path).await.expect(200));
        assert!(pages.len() < 50, "it has an end");
    }
    pages
}

on_both_engines! {
    async fn an_event_has_an_address_a_state_and_its_deliveries(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let receiver = Receiver::start().await;
        let webhook = receiver.subscribe(&api, &["client.*"]).await;
        let client = api.post("/api/clients", &[("name", "Ada"), ("email", "ada@example.com")]).await.expect(201).id();
        kitchen.clock.advance(Duration::from_hours(1));
        let between = kitchen.clock.now().seconds();
        kitchen.clock.advance(Duration::from_hours(1));
        api.post("/api/companies", &[("name", "Acme")]).await.expect(201);
        let waiting = events(&api, "").await;
        assert_eq!(of(&waiting, "type"), ["company.created", "client.created"], "newest first");
        assert_eq!((of(&waiting, "state"), events(&api, "?state=waiting").await), (vec!["waiting".to_owned(); 2], waiting.clone()));
        let path = |event: &Value| format!("/api/events/{}", event["id"].as_str().unwrap());
        let mut alone = waiting[0].clone();
        alone["deliveries"] = json!([]);
        assert_eq!(api.get(&path(&waiting[0])).await.expect(200).json, alone);

        let (stop, working) = start_worker(&kitchen);
        delivery_in(&api, &webhook, "delivered").await;
        api.put(&format!("/api/clients/{client}"), &[("name", "Ada Lovelace")]).await.expect(200);
        let received = receiver.wait_for(2).await.remove(1);
        let changed = eventually("the change is delivered", Duration::from_secs(10), || async {
            let changed = api.get(&path(&received.json())).await.expect(200).json;
            (changed["deliveries"][0]["state"] == "delivered").then_some(changed)
        })
        .await;
        // What is shown is what was sent.
        let mut envelope = received.json();
        assert_eq!((&envelope["type"], &envelope["previous_attributes"]["name"]), (&json!("client.updated"), &json!("Ada")));
        envelope["state"] = json!("matched");
        let delivery = json!({"id": received.header("kitchen-delivery"), "webhook": webhook["id"], "state": "delivered"});
        envelope["deliveries"] = json!([delivery]);
        assert_eq!(changed, envelope);
        let body = shown(&api, &delivery).await["body"].clone();
        assert_eq!(body.as_str().unwrap().as_bytes(), &received.body[..]);

        // Filters, alone and together.
        assert_eq!(of(&events(&api, "").await, "state"), ["matched", "unmatched", "matched"]);
        for (query, types) in [
            ("?type=client.*", vec!["client.updated", "client.created"]),
            ("?type=*&state=matched", vec!["client.updated", "client.created"]),
            ("?type=company.created", vec!["company.created"]),
            ("?state=unmatched", vec!["company.created"]),
            ("?type=client.*&state=unmatched", vec![]),
            ("?state=waiting", vec![]),
            (&format!("?since={between}"), vec!["client.updated", "company.created"]),
            (&format!("?until={between}"), vec!["client.created"]),
            (&format!("?since={between}&type=client.updated"), vec!["client.updated"]),
            (&format!("?since={}&until={between}", between - 10), vec![]),
            ("?type=folder.*", vec![]),
        ] {
            assert_eq!(of(&events(&api, query).await, "type"), types, "{query}");
        }
        for (query, field) in [
            ("?type=clients.created", "type"),
            ("?type=client", "type"),
            ("?state=lost", "state"),
            ("?since=2026-03-02&until=2026-03-01", "until"),
            ("?cursor=nonsense", "cursor"),
            ("?per_page=101", "per_page"),
            ("?page=2", "page"),
        ] {
            let refused = api.get(&format!("/api/events{query}")).await.expect_invalid(&[field]);
            assert!(field != "type" || refused.text.contains("client.*, "), "{}", refused.text);
        }
        // A page after the other, also while something new comes.
        let first = api.get("/api/events?per_page=2").await.expect(200);
        let meta = json!({"path": format!("{}/api/events", api.base()), "per_page": 2, "next_cursor": first.json["meta"]["next_cursor"], "prev_cursor": null});
        assert_eq!(first.json["meta"], meta);
        api.post(&format!("/api/webhooks/{}/test", webhook["id"].as_str().unwrap()), &[]).await.expect(202);
        let next = first.json["links"]["next"].as_str().unwrap().strip_prefix(api.base()).unwrap();
        let last = api.get(next).await.expect(200);
        assert_eq!((of(&last.rows(), "type"), &last.json["links"]["next"]), (vec!["client.created".to_owned()], &Value::Null));
        assert_eq!(of(&events(&api, "?type=webhook.test").await, "state"), ["matched"]);
        let singly: Vec<Value> = followed(&api, "?per_page=1").await.iter().flat_map(Reply::rows).collect();
        assert_eq!(singly, events(&api, "").await);

        // Events are for whoever may see deliveries.
        let read = api.post_json("/api/api-keys", &json!({"name": "Read", "scopes": ["read"]})).await.expect(201);
        let narrow = Api::new(api.base(), read.json["token"].as_str().unwrap());
        narrow.get("/api/events").await.expect(403);
        narrow.get(&path(&changed)).await.expect(403);
        assert_eq!(events(&kitchen.workspace("other").await, "").await, Vec::<Value>::new());
        stop.cancel();
        working.await.unwrap();
        kitchen.stop().await;
    }

    async fn deliveries_are_found_by_type_and_time_and_outlive_their_webhook(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let receiver = Receiver::start().await;
        let webhook = receiver.subscribe(&api, &[]).await;
        let path = format!("/api/webhooks/{}", webhook["id"].as_str().unwrap());
        let (stop, working) = start_worker(&kitchen);
        api.post("/api/clients", &[("name", "Ada"), ("email", "ada@example.com")]).await.expect(201);
        delivery_in(&api, &webhook, "delivered").await;
        api.post(&format!("{path}/test"), &[]).await.expect(202);
        eventually("the test is delivered", Duration::from_secs(10), || async {
            (api.get(&format!("{path}/deliveries?state=delivered")).await.rows().len() == 2).then_some(())
        })
        .await;
        stop.cancel();
        working.await.unwrap();
        kitchen.clock.advance(Duration::from_hours(1));
        let between = kitchen.clock.now().seconds();
        kitchen.clock.advance(Duration::from_hours(1));
        api.post(&format!("{path}/test"), &[]).await.expect(202);
        let found = async |query: &str| of(&api.get(&format!("{path}/deliveries{query}")).await.expect(200).rows(), "event_type");
        for (query, types) in [
            ("?event_type=client.*", vec!["client.created"]),
            ("?event_type=client.created", vec!["client.created"]),
            ("?event_type=company.*", vec![]),
            ("?event_type=webhook.test", vec!["webhook.test", "webhook.test"]),
            ("?event_type=*", vec!["webhook.test", "webhook.test", "client.created"]),
            (&format!("?since={between}"), vec!["webhook.test"]),
            (&format!("?until={between}"), vec!["webhook.test", "client.created"]),
            (&format!("?until={between}&event_type=client.*&state=delivered"), vec!["client.created"]),
        ] {
            assert_eq!(found(query).await, types, "{query}");
        }
        let refused = api.get(&format!("{path}/deliveries?event_type=client.made")).await.expect_invalid(&["event_type"]);
        assert!(refused.text.contains("Use one of: client.created, "), "{}", refused.text);
        api.get(&format!("{path}/deliveries?since=2026-03-02&until=2026-03-01")).await.expect_invalid(&["until"]);

        api.delete(&path).await.expect(204);
        api.get(&path).await.expect(404);
        assert_eq!(found("?state=cancelled").await, ["webhook.test"], "what was still to be sent can be found");
        assert_eq!(found("").await.len(), 3);
        kitchen.workspace("other").await.get(&format!("{path}/deliveries")).await.expect(404);
        kitchen.stop().await;
    }

    async fn what_is_rare_is_found_without_looking_through_everything_at_once(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        api.post("/api/companies", &[("name", "Acme")]).await.expect(201);
        make_clients(&kitchen.store, &api.key().workspace_id, 1200).await;
        database::execute(&kitchen.database_url, "UPDATE events SET dispatched_at = 1 WHERE event_type <> 'company.created'").await;
        let pages = followed(&api, "?state=waiting").await;
        let sizes: Vec<usize> = pages.iter().map(|page| page.rows().len()).collect();
        assert_eq!(sizes, [0, 0, 1], "five hundred are looked through at a time");
        assert_eq!(pages[2].rows()[0]["type"], "company.created");
        let pages = followed(&api, "?state=unmatched&per_page=100").await;
        let mut ids: Vec<String> = pages.iter().flat_map(|page| of(&page.rows(), "id")).collect();
        assert!(ids.is_sorted_by(|one, other| one > other), "newest first");
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((ids.len(), pages.len()), (1200, 13), "each once; only at the very end an empty page");
        kitchen.stop().await;
    }
}

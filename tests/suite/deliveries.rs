//! From a request to a signed delivery at a stranger's server, and what becomes of it there.

use domain::audit::Actor;
use domain::clock::Clock;
use domain::delivery::{Happening, Outcome};
use domain::doorbell::Silent;
use domain::egress::{EgressPolicy, parse_opened};
use domain::ids::WorkspaceId;
use domain::retries::{Retries, USUAL_DELAYS};
use domain::room::Room;
use domain::seal::MasterKey;
use domain::user::NewClient;
use harness::hostile::Conduct;
use harness::receiver::Instruction;
use harness::{Api, Hostile, Kitchen, Received, Receiver, Setup, eventually, on_both_engines};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use store::claims::Lessee;
use store::dispatch::{self, Which};
use store::outcomes::AttemptRecord;
use store::{OpenOptions, Store};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

async fn subscribe(api: &Api, receiver: &Receiver) -> Value {
    api.post("/api/webhooks", &[("url", &receiver.at("/hook"))]).await.expect(201).json
}

pub(crate) async fn deliveries(api: &Api, webhook: &Value) -> Vec<Value> {
    api.get(&format!("/api/webhooks/{}/deliveries", webhook["id"].as_str().unwrap())).await.expect(200).rows()
}

/// The webhook's only delivery, once it has reached this state.
pub(crate) async fn delivery_in(api: &Api, webhook: &Value, state: &str) -> Value {
    eventually(&format!("a delivery in state {state}"), Duration::from_secs(15), || async {
        deliveries(api, webhook).await.into_iter().find(|delivery| delivery["state"] == state && delivery["is_leased"] == false)
    })
    .await
}

fn verify(received: &Received, secret: &str) {
    let standard = standardwebhooks::Webhook::new(secret).unwrap();
    let mut headers = axum::http::HeaderMap::new();
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        headers.insert(name, received.header(name).parse().unwrap());
    }
    standard.verify(&received.body, &headers).expect("the official library accepts the delivery");
    let mut changed = received.body.to_vec();
    changed[10] ^= 1;
    assert!(standard.verify(&changed, &headers).is_err(), "a changed byte must not verify");
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(&received.body);
    let hex = domain::secret::hex(&mac.finalize().into_bytes());
    assert_eq!(received.header("signature"), hex, "Kitchen's own signature is a bare HMAC over the body");
}

on_both_engines! {
    async fn a_form_becomes_a_delivery_that_official_libraries_verify(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let webhook = subscribe(&api, &receiver).await;
        let client = api.post("/api/clients", &[("name", "Ada"), ("email", "ada@example.com")]).await.expect(201).json;
        let received = receiver.wait_for(1).await.remove(0);
        verify(&received, webhook["secret"].as_str().unwrap());
        let envelope = received.json();
        assert_eq!(envelope["type"], "client.created");
        assert_eq!(envelope["data"], client, "the envelope carries the resource as the API shows it");
        assert_eq!(envelope["id"], received.header("webhook-id"));
        assert!(envelope["created"].is_i64() && envelope.get("previous_attributes").is_none());
        let delivery = delivery_in(&api, &webhook, "delivered").await;
        assert_eq!((&delivery["attempts_count"], &delivery["last_status"]), (&json!(1), &json!(200)));
        kitchen.stop().await;
    }

    async fn two_failures_are_retried_on_kitchens_schedule(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let webhook = subscribe(&api, &receiver).await;
        receiver.answer_next([Instruction::status(500), Instruction::status(500)]);
        api.post("/api/companies", &[("name", "Acme")]).await.expect(201);
        receiver.wait_for(1).await;
        let waiting = delivery_in(&api, &webhook, "waiting").await;
        assert_eq!(waiting["last_error"], "The receiver answered 500.");
        // The machine's own time goes on beside the clock's: what is left must be more than a loaded machine takes.
        kitchen.clock.advance(Duration::from_secs(7));
        tokio::time::sleep(Duration::from_millis(1200)).await;
        assert_eq!(receiver.received().len(), 1, "nothing is sent before its time");
        kitchen.clock.advance(Duration::from_secs(4));
        receiver.wait_for(2).await;
        eventually("the second attempt on record", Duration::from_secs(5), || async {
            let delivery = deliveries(&api, &webhook).await.remove(0);
            (delivery["attempts_count"] == 2 && delivery["is_leased"] == false).then_some(())
        })
        .await;
        kitchen.clock.advance(Duration::from_secs(100));
        let all = receiver.wait_for(3).await;
        let delivery = delivery_in(&api, &webhook, "delivered").await;
        assert!(all.windows(2).all(|pair| pair[0].header("webhook-id") == pair[1].header("webhook-id")), "one event, one id");
        let shown = api.get(&format!("/api/deliveries/{}", delivery["id"].as_str().unwrap())).await.expect(200).json;
        let statuses: Vec<&Value> = shown["attempts"].as_array().unwrap().iter().map(|attempt| &attempt["status"]).collect();
        assert_eq!(statuses, [&json!(500), &json!(500), &json!(200)]);
        kitchen.stop().await;
    }
}

/// The delivery with its attempts.
pub(crate) async fn shown(api: &Api, delivery: &Value) -> Value {
    api.get(&format!("/api/deliveries/{}", delivery["id"].as_str().unwrap())).await.expect(200).json
}

pub(crate) async fn retry(api: &Api, delivery: &Value) -> harness::Reply {
    api.post(&format!("/api/deliveries/{}/retry", delivery["id"].as_str().unwrap()), &[]).await
}

pub(crate) async fn make_event(api: &Api) {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let name = format!("Company {}", NEXT.fetch_add(1, Ordering::Relaxed));
    api.post("/api/companies", &[("name", &name)]).await.expect(201);
}

/// Waits until so many attempts at the webhook's only delivery are on record and none is under way.
pub(crate) async fn after_attempts(api: &Api, webhook: &Value, count: u64) -> Value {
    eventually(&format!("{count} attempts on record"), Duration::from_secs(10), || async {
        let delivery = deliveries(api, webhook).await.pop()?;
        (delivery["attempts_count"] == count && delivery["is_leased"] == false).then_some(delivery)
    })
    .await
}

async fn webhook_at(api: &Api, url: &str) -> Value {
    api.post("/api/webhooks", &[("url", url)]).await.expect(201).json
}

/// A store over the same database whose commits nobody hears.
async fn silent_store(kitchen: &Kitchen, clock: Clock) -> Store {
    let options = OpenOptions {
        url: kitchen.database_url.clone(),
        clock,
        bell: Arc::new(Silent),
        master_key: MasterKey::none(),
        max_connections: 2,
        is_synced: false,
    };
    Store::open(options).await.unwrap()
}

/// Clients made through the store, all in one commit.
pub(crate) async fn make_clients(store: &Store, workspace: &WorkspaceId, count: usize) -> Vec<String> {
    let mut work = store.begin(workspace, Actor::command_line());
    let mut ids = Vec::new();
    for number in 0..count {
        let new =
            NewClient::read(&json!({"name": format!("Client {number}"), "email": format!("c{number}@example.com")})).unwrap();
        ids.push(store::users::create_client(&mut work, new, None).await.unwrap().id.to_string());
    }
    work.commit().await.unwrap();
    ids
}

on_both_engines! {
    async fn a_410_disables_the_webhook_and_says_why(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let webhook = subscribe(&api, &receiver).await;
        let path = format!("/api/webhooks/{}", webhook["id"].as_str().unwrap());
        receiver.answer_next([Instruction::status(410)]);
        make_event(&api).await;
        let gone = delivery_in(&api, &webhook, "gone").await;
        let disabled = api.get(&path).await.expect(200).json;
        assert_eq!((&disabled["enabled"], &disabled["disabled_reason"]), (&json!(false), &json!("The receiver answered 410 Gone.")));
        make_event(&api).await;
        retry(&api, &gone).await.expect(409);
        // Enabled by hand it receives again, and a retry that fails otherwise does not disable it.
        let enabled = api.put(&path, &[("enabled", "true")]).await.expect(200).json;
        assert_eq!((&enabled["enabled"], &enabled["disabled_reason"]), (&json!(true), &Value::Null));
        receiver.answer_next([Instruction::status(500)]);
        retry(&api, &gone).await.expect(200);
        let still_gone = after_attempts(&api, &webhook, 2).await;
        assert_eq!((&still_gone["state"], &still_gone["last_status"]), (&json!("gone"), &json!(500)));
        assert_eq!(api.get(&path).await.expect(200).json["enabled"], true, "a 500 is no 410");
        retry(&api, &gone).await.expect(200);
        delivery_in(&api, &webhook, "delivered").await;
        // A 410 to a retry ends the subscription as well, whatever the delivery's own state.
        receiver.answer_next([Instruction::status(410)]);
        retry(&api, &gone).await.expect(200);
        let delivery = after_attempts(&api, &webhook, 4).await;
        assert_eq!(delivery["state"], "delivered");
        assert_eq!(api.get(&path).await.expect(200).json["enabled"], false);
        assert_eq!(receiver.received().len(), 4);
        kitchen.stop().await;
    }

    async fn receivers_that_misbehave_are_given_up_at_the_deadline(engine: Engine) {
        let deadline = Duration::from_secs(1);
        let kitchen = Kitchen::start_with(engine, Setup { attempt_timeout: deadline, ..Setup::default() }).await;
        let api = kitchen.workspace("main").await;
        let refusing = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let timed_out = "No complete answer within 1 s.";
        let mut cases = Vec::new();
        for (what, conduct, status, error) in [
            ("hangs", Conduct::Hang, Value::Null, timed_out),
            ("trickles its head", Conduct::TrickleHead, Value::Null, timed_out),
            ("trickles its body", Conduct::TrickleBody, json!(200), timed_out),
            ("closes before it answers", Conduct::CloseBeforeAnswer, Value::Null, "The request failed: "),
            ("closes in the body", Conduct::CloseInBody, json!(200), "The answer broke off: "),
            ("is no web server", Conduct::Say(b"220 mail.example ESMTP\r\n".to_vec()), Value::Null, "The request failed: "),
            ("sends endless headers", Conduct::Say(endless_headers()), Value::Null, "The request failed: "),
        ] {
            let server = Hostile::start(conduct).await;
            cases.push((what, webhook_at(&api, &server.url).await, status, error, Some(server)));
        }
        cases.push(("refuses", webhook_at(&api, &format!("http://{refusing}/")).await, Value::Null, "No connection: ", None));
        make_event(&api).await;
        for (what, webhook, status, error, server) in cases {
            let delivery = delivery_in(&api, &webhook, "waiting").await;
            assert_eq!(delivery["last_status"], status, "{what}");
            assert!(delivery["last_error"].as_str().unwrap().starts_with(error), "{what}: {}", delivery["last_error"]);
            let attempt = &shown(&api, &delivery).await["attempts"][0];
            let took = attempt["duration_ms"].as_u64().unwrap();
            assert!(took < 2000, "a receiver that {what} held its attempt for {took} ms");
            assert!(error != timed_out || took >= 1000, "a receiver that {what} was given up after {took} ms");
            assert_eq!(attempt["error"], delivery["last_error"]);
            assert!(server.is_none_or(|server| server.connections() == 1), "{what}: one attempt is one connection");
        }
        // A 410 is said in the status line, whatever becomes of the body.
        let head = b"HTTP/1.1 410 Gone\r\ncontent-length: 1000\r\n\r\nover".to_vec();
        for conduct in [Conduct::Say(head.clone()), Conduct::SayAndHang(head)] {
            let server = Hostile::start(conduct).await;
            let webhook = webhook_at(&api, &server.url).await;
            make_event(&api).await;
            let gone = delivery_in(&api, &webhook, "gone").await;
            assert_eq!((&gone["last_status"], &gone["last_error"]), (&json!(410), &json!("The receiver answered 410.")));
            let shown = api.get(&format!("/api/webhooks/{}", webhook["id"].as_str().unwrap())).await.expect(200).json;
            assert_eq!(shown["disabled_reason"], "The receiver answered 410 Gone.");
        }
        kitchen.stop().await;
    }

    async fn an_endless_answer_is_cut_off_early(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, server) = (kitchen.workspace("main").await, Hostile::start(Conduct::EndlessBody).await);
        let webhook = webhook_at(&api, &server.url).await;
        make_event(&api).await;
        let delivery = delivery_in(&api, &webhook, "delivered").await;
        let attempt = &shown(&api, &delivery).await["attempts"][0];
        assert_eq!(attempt["response_body"].as_str().unwrap().len(), 16 * 1024, "what is kept is capped");
        let written = eventually("the connection is closed", Duration::from_secs(5), || async {
            let before = server.written();
            tokio::time::sleep(Duration::from_millis(100)).await;
            (server.written() == before).then_some(before)
        })
        .await;
        assert!(written < 16 * 1024 * 1024, "{written} bytes were taken from a body that never ends");
        kitchen.stop().await;
    }

    async fn an_attempt_shows_the_headers_that_went_and_came(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let webhook = subscribe(&api, &receiver).await;
        let mut headers = vec![("x-note", "first".to_owned()), ("x-markup", "<script>alert(1)</script>".to_owned())];
        headers.extend([("x-long", "y".repeat(9000)), ("x-last", "out".to_owned())]);
        receiver.answer_next([Instruction { headers, body: "ok".into(), ..Instruction::status(200) }]);
        make_event(&api).await;
        let received = receiver.wait_for(1).await.remove(0);
        let delivery = delivery_in(&api, &webhook, "delivered").await;
        let attempt = shown(&api, &delivery).await["attempts"][0].clone();
        let mut sent: HashMap<String, String> = serde_json::from_value(attempt["request_headers"].clone())
            .map(|pairs: Vec<(String, String)>| pairs.into_iter().collect())
            .unwrap();
        sent.insert("content-length".into(), received.body.len().to_string());
        for (name, value) in &received.headers {
            assert_eq!(sent.remove(name.as_str()).as_deref(), value.to_str().ok(), "{name} is on record as it came");
        }
        assert!(sent.is_empty(), "on record, and never sent: {sent:?}");
        let came: Vec<(String, String)> = serde_json::from_value(attempt["response_headers"].clone()).unwrap();
        assert!(came.contains(&("x-markup".into(), "<script>alert(1)</script>".into())));
        let bytes: usize = came.iter().map(|(name, value)| name.len() + value.len()).sum();
        assert!((8000..=8192).contains(&bytes), "{bytes} bytes of headers are kept");
        // No secret is among them.
        let secret = webhook["secret"].as_str().unwrap();
        assert!(!attempt.to_string().contains(secret.trim_start_matches("whsec_")));
        kitchen.stop().await;
    }

    async fn answers_are_kept_as_they_came_and_as_text(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        let answer = |head: &str, body: &[u8]| {
            let mut bytes = format!("HTTP/1.1 200 OK\r\n{head}content-length: {}\r\n\r\n", body.len()).into_bytes();
            bytes.extend_from_slice(body);
            Conduct::Say(bytes)
        };
        // "bomb" compressed by gzip: ten bytes of head, a deflated block, checksum and length.
        let gzip = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03K\xca\xcfM\x02\x00\xc2\x8a\x8d\x2a\x04\x00\x00\x00";
        let mut cases = Vec::new();
        for (what, conduct, kept) in [
            ("nothing", answer("", b""), Value::Null),
            ("text", answer("", "grüß Gott <script>".as_bytes()), json!("grüß Gott <script>")),
            ("NUL", answer("", b"a\0b"), json!("a\u{FFFD}b")),
            ("invalid UTF-8", answer("", b"a\xff\xfeb"), json!("a\u{FFFD}\u{FFFD}b")),
            ("gzip", answer("content-encoding: gzip\r\n", gzip), json!(String::from_utf8_lossy(gzip).replace('\0', "\u{FFFD}"))),
        ] {
            let server = Hostile::start(conduct).await;
            cases.push((what, webhook_at(&api, &server.url).await, kept, server));
        }
        make_event(&api).await;
        for (what, webhook, kept, _server) in cases {
            let delivery = delivery_in(&api, &webhook, "delivered").await;
            let attempt = &shown(&api, &delivery).await["attempts"][0];
            assert_eq!(attempt["response_body"], kept, "{what}");
            assert_eq!((&attempt["number"], &attempt["is_manual"], &attempt["error"]), (&json!(1), &json!(false), &Value::Null));
        }
        kitchen.stop().await;
    }

    async fn a_retry_asked_for_is_an_extra_attempt_beside_the_schedule(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let webhook = subscribe(&api, &receiver).await;
        receiver.answer_always(Instruction::status(500));
        make_event(&api).await;
        let waiting = delivery_in(&api, &webhook, "waiting").await;
        retry(&api, &waiting).await.expect(200);
        let second = after_attempts(&api, &webhook, 2).await;
        assert_eq!((&second["state"], &second["next_attempt_at"]), (&json!("waiting"), &waiting["next_attempt_at"]), "the schedule stays");
        // The schedule's second attempt comes at its time, and the third after the pause that follows a second.
        kitchen.clock.advance(Duration::from_secs(12));
        let third = after_attempts(&api, &webhook, 3).await;
        let pause = seconds_between(third["updated_at"].as_str().unwrap(), third["next_attempt_at"].as_str().unwrap());
        assert!((89..=100).contains(&pause), "{pause} s after the second scheduled attempt");
        receiver.answer_always(Instruction::status(204));
        retry(&api, &third).await.expect(200);
        let delivered = delivery_in(&api, &webhook, "delivered").await;
        assert_eq!((&delivered["next_attempt_at"], &delivered["last_status"]), (&Value::Null, &json!(204)));
        // Also once it is delivered, and a failure then takes nothing back.
        receiver.answer_always(Instruction::status(500));
        retry(&api, &delivered).await.expect(200);
        let again = after_attempts(&api, &webhook, 5).await;
        assert_eq!((&again["state"], &again["next_attempt_at"]), (&json!("delivered"), &Value::Null));
        let attempts = shown(&api, &again).await["attempts"].clone();
        let manual: Vec<&Value> = attempts.as_array().unwrap().iter().map(|attempt| &attempt["is_manual"]).collect();
        assert_eq!(manual, [false, true, false, true, true]);
        let ids: HashSet<String> = receiver.received().iter().map(|one| one.header("webhook-id").to_owned()).collect();
        assert_eq!((ids.len(), receiver.received().len()), (1, 5), "one event keeps its id");
        kitchen.stop().await;
    }

    async fn a_retry_is_refused_while_it_could_not_be_made(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver, stranger) = (kitchen.workspace("main").await, Receiver::start().await, kitchen.workspace("other").await);
        let webhook = subscribe(&api, &receiver).await;
        receiver.answer_next([Instruction { delay: Duration::from_millis(1500), ..Instruction::status(200) }]);
        make_event(&api).await;
        receiver.wait_for(1).await;
        let under_way = deliveries(&api, &webhook).await.remove(0);
        assert_eq!(under_way["is_leased"], true);
        let refused = retry(&api, &under_way).await.expect(409);
        assert!(refused.json["message"].as_str().unwrap().contains("under way"), "{}", refused.text);
        let delivered = delivery_in(&api, &webhook, "delivered").await;
        api.put(&format!("/api/webhooks/{}", webhook["id"].as_str().unwrap()), &[("enabled", "false")]).await.expect(200);
        let refused = retry(&api, &delivered).await.expect(409);
        assert!(refused.json["message"].as_str().unwrap().contains("disabled"), "{}", refused.text);
        retry(&stranger, &delivered).await.expect(404);
        retry(&api, &json!({"id": "dlv_000000000000000000000000"})).await.expect(404);
        stranger.get(&format!("/api/deliveries/{}", delivered["id"].as_str().unwrap())).await.expect(404);
        assert_eq!(receiver.received().len(), 1);
        kitchen.stop().await;
    }

    async fn the_whole_schedule_ends_exhausted_after_eleven_attempts_in_three_days(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let webhook = subscribe(&api, &receiver).await;
        receiver.answer_always(Instruction::status(503));
        make_event(&api).await;
        let begun = kitchen.clock.now();
        let mut pauses = Vec::new();
        for attempt in 1..=11 {
            let delivery = after_attempts(&api, &webhook, attempt).await;
            if attempt < 11 {
                assert_eq!(delivery["state"], "waiting");
                let pause = seconds_between(delivery["updated_at"].as_str().unwrap(), delivery["next_attempt_at"].as_str().unwrap());
                pauses.push(pause);
                kitchen.clock.advance(Duration::from_secs(pause + 1));
                // Rings so that the test need not wait for the next sweep.
                kitchen.store.ring(&[]);
            }
        }
        for (pause, least) in pauses.iter().zip([10, 90, 300, 900, 3600, 10_800, 21_600, 43_200, 86_400, 86_400]) {
            assert!((least - 1..=least + least / 10 + 1).contains(pause), "{pauses:?}");
        }
        let exhausted = after_attempts(&api, &webhook, 11).await;
        assert_eq!((&exhausted["state"], &exhausted["next_attempt_at"]), (&json!("exhausted"), &Value::Null));
        let days = kitchen.clock.now().since(begun).as_secs() / 86_400;
        assert!((2..=3).contains(&days), "{days} days");
        kitchen.clock.advance(Duration::from_hours(24 * 30));
        tokio::time::sleep(Duration::from_millis(1200)).await;
        assert_eq!(receiver.received().len(), 11, "an exhausted delivery is left alone");
        receiver.answer_always(Instruction::status(200));
        retry(&api, &exhausted).await.expect(200);
        delivery_in(&api, &webhook, "delivered").await;
        kitchen.stop().await;
    }

    async fn events_from_before_a_webhook_are_not_for_it(engine: Engine) {
        let kitchen = Kitchen::start_with(engine, Setup { has_worker: false, ..Setup::default() }).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        // Nobody dispatches yet: both events still wait when the second webhook is made.
        let first = webhook_at(&api, &receiver.at("/first")).await;
        make_event(&api).await;
        kitchen.clock.advance(Duration::from_secs(10));
        let second = webhook_at(&api, &receiver.at("/second")).await;
        make_event(&api).await;
        let (stop, working) = start_worker(&kitchen);
        receiver.wait_for(3).await;
        assert_eq!((deliveries(&api, &first).await.len(), deliveries(&api, &second).await.len()), (2, 1));
        stop.cancel();
        working.await.unwrap();
        kitchen.stop().await;
    }

    async fn one_event_reaches_ten_webhooks_once_each(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let mut secrets = HashMap::new();
        for number in 0..10 {
            let path = format!("/hook/{number}");
            let webhook = webhook_at(&api, &receiver.at(&path)).await;
            secrets.insert(path, webhook["secret"].as_str().unwrap().to_owned());
        }
        make_event(&api).await;
        let received = receiver.wait_for(10).await;
        for one in &received {
            verify(one, &secrets.remove(&one.path).expect("each webhook once"));
        }
        let ids: HashSet<&str> = received.iter().map(|one| one.header("webhook-id")).collect();
        let own: HashSet<&str> = received.iter().map(|one| one.header("kitchen-delivery")).collect();
        assert_eq!((ids.len(), own.len()), (1, 10), "one event, ten deliveries");
        kitchen.stop().await;
    }

    async fn an_event_whose_ring_was_lost_is_found_by_the_sweep(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let webhook = subscribe(&api, &receiver).await;
        let silent = silent_store(&kitchen, kitchen.clock.clone()).await;
        make_clients(&silent, &api.key().workspace_id, 3).await;
        receiver.wait_within(3, Duration::from_secs(5)).await;
        delivery_in(&api, &webhook, "delivered").await;
        silent.close().await;
        kitchen.stop().await;
    }

    async fn what_a_dead_worker_held_is_taken_over_and_its_late_outcome_changes_nothing(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let webhook = subscribe(&api, &receiver).await;
        // On SQLite a worker that starts takes back every lease; this one must have done so before the lease is given.
        make_event(&api).await;
        delivery_in(&api, &webhook, "delivered").await;
        // A worker that claims and then is never heard of again, until its outcome arrives far too late. The event lies in the
        // future, where no sweep looks, so that this worker is the first.
        let ahead = Clock::system();
        ahead.advance(Duration::from_mins(5));
        let silent = silent_store(&kitchen, ahead).await;
        make_clients(&silent, &api.key().workspace_id, 1).await;
        let dead = Lessee { name: "w_dead".into(), lease: Duration::from_secs(30) };
        let before = kitchen.clock.now().plus(Duration::from_hours(1));
        let claimed = dispatch::dispatch(&kitchen.store, Which::Forgotten { before, limit: 10 }, &dead, Room::of(10), |_| Some(10)).await.unwrap().claimed;
        let claimed = claimed.into_iter().next().expect("the dead worker was first");
        kitchen.clock.advance(Duration::from_secs(28));
        tokio::time::sleep(Duration::from_millis(1200)).await;
        assert_eq!(receiver.received().len(), 1, "a lease is respected until it ends");
        kitchen.clock.advance(Duration::from_secs(3));
        receiver.wait_within(2, Duration::from_secs(5)).await;
        let delivered = eventually("both are delivered", Duration::from_secs(5), || async {
            let all = deliveries(&api, &webhook).await;
            all.into_iter().find(|one| one["id"] == claimed.id.as_str() && one["state"] == "delivered")
        })
        .await;
        let retries = Retries { delays: USUAL_DELAYS, asked: None, ends_at: kitchen.clock.now(), jitter: 0.0 };
        let late = |fence| AttemptRecord {
            delivery: claimed.id.clone(),
            fence,
            webhook: claimed.target.webhook.id.clone(),
            workspace: claimed.event.workspace_id.clone(),
            url: claimed.target.webhook.url.clone(),
            number: 1,
            is_manual: false,
            started_at: kitchen.clock.now(),
            duration_ms: 1,
            status: Some(410),
            outcome: Outcome::Gone,
            error: Some("late".into()),
            request_headers: None,
            response_headers: None,
            response_body: None,
            asked_until: None,
            progress: claimed.progress.after(
                Happening::Attempt { outcome: Outcome::Gone, is_manual: false, retries: &retries },
                kitchen.clock.now(),
            ),
            is_waited_for: false,
        };
        // Under its own number, and under the one that was recorded already.
        for fence in [claimed.fence, claimed.fence + 1] {
            assert_eq!(store::outcomes::record(&kitchen.store, &[late(fence)], None).await.unwrap().count, 0);
        }
        let after = shown(&api, &delivered).await;
        assert_eq!((&after["state"], after["attempts"].as_array().unwrap().len()), (&json!("delivered"), 1));
        let webhook = api.get(&format!("/api/webhooks/{}", webhook["id"].as_str().unwrap())).await.expect(200).json;
        assert_eq!((&webhook["enabled"], &webhook["attempts_count"]), (&json!(true), &json!(2)));
        silent.close().await;
        kitchen.stop().await;
    }

    async fn a_hanging_receiver_does_not_hold_up_a_healthy_one(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, healthy, hanging) = (kitchen.workspace("main").await, Receiver::start().await, Hostile::start(Conduct::Hang).await);
        webhook_at(&api, &hanging.url).await;
        webhook_at(&api, &healthy.url).await;
        // More than may be under way, or held, for the hanging one alone.
        make_clients(&kitchen.store, &api.key().workspace_id, 300).await;
        healthy.wait_for(300).await;
        // Now every place of the hanging one is taken, and a fresh event still passes at once.
        let begun = Instant::now();
        make_event(&api).await;
        let last = healthy.wait_for(301).await.pop().unwrap();
        assert!(last.at.duration_since(begun) < Duration::from_secs(1), "{:?}", last.at.duration_since(begun));
        assert!(hanging.connections() >= 32);
        kitchen.stop().await;
    }

    async fn the_backlog_of_a_disabled_webhook_does_not_hold_up_others(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let (broken, _) = (webhook_at(&api, &receiver.at("/broken")).await, webhook_at(&api, &receiver.at("/healthy")).await);
        api.put(&format!("/api/webhooks/{}", broken["id"].as_str().unwrap()), &[("enabled", "false")]).await.expect(200);
        crate::flow::backlog(&kitchen, &broken, 1000).await;
        make_clients(&kitchen.store, &api.key().workspace_id, 300).await;
        receiver.wait_within(300, Duration::from_secs(4)).await;
        eventually("all that waited is paused", Duration::from_secs(5), || async {
            let paused = format!("/api/webhooks/{}/deliveries?state=paused&per_page=1", broken["id"].as_str().unwrap());
            (api.get(&paused).await.json["meta"]["total"] == 1000).then_some(())
        })
        .await;
        assert!(receiver.received().iter().all(|one| one.path == "/healthy"));
        kitchen.stop().await;
    }
}

fn endless_headers() -> Vec<u8> {
    let mut bytes = b"HTTP/1.1 200 OK\r\n".to_vec();
    for number in 0..5000 {
        bytes.extend_from_slice(format!("x-{number}: {}\r\n", "h".repeat(200)).as_bytes());
    }
    bytes
}

/// Whole seconds between two times as Kitchen's API prints them.
pub(crate) fn seconds_between(from: &str, to: &str) -> u64 {
    let seconds = |text: &str| {
        let number = |range: std::ops::Range<usize>| text[range].parse::<i64>().unwrap();
        let (year, month, day) = (number(0..4), number(5..7), number(8..10));
        // Days since the epoch of the civil calendar, counted in years that begin in March.
        let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
        let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day;
        days * 86_400 + number(11..13) * 3600 + number(14..16) * 60 + number(17..19)
    };
    u64::try_from(seconds(to) - seconds(from)).unwrap()
}

/// A worker beside those of the installation, which finds its work by sweeping.
pub(crate) fn start_worker(kitchen: &Kitchen) -> (CancellationToken, JoinHandle<()>) {
    let (_, heard) = queue::Bell::in_process();
    start_worker_on(kitchen, heard.backend())
}

/// The same, on a doorbell of the test's choice.
pub(crate) fn start_worker_on(kitchen: &Kitchen, rings: queue::RingBackend) -> (CancellationToken, JoinHandle<()>) {
    let egress = EgressPolicy { allowed: parse_opened("127.0.0.0/8").unwrap(), is_http_allowed: false };
    let settings = worker::Settings { egress, grace: Duration::from_secs(1), ..worker::Settings::default() };
    let (store, stop) = (kitchen.store.clone(), CancellationToken::new());
    let stopping = stop.clone();
    (stop, tokio::spawn(async move { worker::run(store, settings, rings, stopping).await.unwrap() }))
}

//! From a request to a signed delivery at a stranger's server, and what becomes of it there.

use harness::receiver::Instruction;
use harness::{Api, Kitchen, Received, Receiver, eventually, on_both_engines};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use std::time::Duration;

async fn subscribe(api: &Api, receiver: &Receiver) -> Value {
    api.post("/api/webhooks", &[("url", &receiver.at("/hook"))]).await.expect(201).json
}

async fn deliveries(api: &Api, webhook: &Value) -> Vec<Value> {
    api.get(&format!("/api/webhooks/{}/deliveries", webhook["id"].as_str().unwrap())).await.expect(200).rows()
}

/// The webhook's only delivery, once it has reached this state.
async fn delivery_in(api: &Api, webhook: &Value, state: &str) -> Value {
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
        kitchen.clock.advance(Duration::from_secs(9));
        tokio::time::sleep(Duration::from_millis(1200)).await;
        assert_eq!(receiver.received().len(), 1, "nothing is sent before its time");
        kitchen.clock.advance(Duration::from_secs(2));
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

//! Rotating a webhook's secret: requests are signed with both for a while, and then with the new one alone.

use crate::deliveries::delivery_in;
use domain::ids::WebhookId;
use harness::{Api, Kitchen, Received, Receiver, database, on_both_engines};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use std::time::Duration;

const URL: &str = "http://127.0.0.1:9/hook";

fn rotation(webhook: &Value) -> String {
    format!("/api/webhooks/{}/rotate-secret", webhook["id"].as_str().unwrap())
}

fn secret(webhook: &Value) -> String {
    webhook["secret"].as_str().unwrap().to_owned()
}

/// Whether the official library takes a request for one of whoever holds this secret. It looks at the machine's clock and allows
/// for five minutes.
fn is_verified(received: &Received, secret: &str) -> bool {
    let mut headers = axum::http::HeaderMap::new();
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        headers.insert(name, received.header(name).parse().unwrap());
    }
    standardwebhooks::Webhook::new(secret).unwrap().verify(&received.body, &headers).is_ok()
}

/// Whether Kitchen's own header is of this secret.
fn is_kitchens(received: &Received, secret: &str) -> bool {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(&received.body);
    received.header("signature") == domain::secret::hex(&mac.finalize().into_bytes())
}

async fn next(api: &Api, receiver: &Receiver, webhook: &Value) -> Received {
    let before = receiver.received().len();
    api.post("/api/companies", &[("name", &format!("Company {before}"))]).await.expect(201);
    let one = receiver.wait_for(before + 1).await.remove(before);
    delivery_in(api, webhook, "delivered").await;
    one
}

on_both_engines! {
    async fn both_secrets_verify_until_the_overlap_is_over(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let webhook = receiver.subscribe(&api, &["company.created"]).await;
        let first = secret(&webhook);
        let one = next(&api, &receiver, &webhook).await;
        assert!(is_verified(&one, &first) && is_kitchens(&one, &first) && !one.header("webhook-signature").contains(' '));

        let rotated = api.post(&rotation(&webhook), &[("overlap", "120")]).await.expect(200).json;
        let second = secret(&rotated);
        assert!(second.starts_with("whsec_") && second.len() == 50 && second != first);
        assert_eq!(secret(&api.get(&format!("/api/webhooks/{}", webhook["id"].as_str().unwrap())).await.json), second);
        assert!(rotated["previous_secret_expires_at"].is_string());
        let both = next(&api, &receiver, &webhook).await;
        assert_eq!(both.header("webhook-signature").split(' ').count(), 2);
        assert!(is_verified(&both, &first) && is_verified(&both, &second), "a receiver with either secret takes it");
        assert!(is_kitchens(&both, &second) && !is_kitchens(&both, &first), "Kitchen's header has room for one");

        kitchen.clock.advance(Duration::from_mins(1));
        assert!(is_verified(&next(&api, &receiver, &webhook).await, &first));
        kitchen.clock.advance(Duration::from_mins(1));
        let late = next(&api, &receiver, &webhook).await;
        assert!(is_verified(&late, &second) && !is_verified(&late, &first) && !late.header("webhook-signature").contains(' '));

        // Twice in a row, which has to be meant: what was before the previous one is over. And at once.
        let third = secret(&api.post_json(&rotation(&webhook), &json!({"overlap": 3600})).await.expect(200).json);
        let refused = api.post(&rotation(&webhook), &[("overlap", "3600")]).await.expect(409).json;
        let end = api.get(&format!("/api/webhooks/{}", webhook["id"].as_str().unwrap())).await.json["previous_secret_expires_at"].clone();
        let told = refused["message"].as_str().unwrap();
        assert!(told.contains(end.as_str().unwrap()) && told.contains("force=true"), "{told} {end}");
        assert!(is_verified(&next(&api, &receiver, &webhook).await, &second), "what was refused ended nothing");
        let fourth = secret(&api.post(&rotation(&webhook), &[("overlap", "3600"), ("force", "true")]).await.expect(200).json);
        let received = next(&api, &receiver, &webhook).await;
        assert!(is_verified(&received, &fourth) && is_verified(&received, &third) && !is_verified(&received, &second));
        let at_once = api.post(&rotation(&webhook), &[("overlap", "0")]).await.expect(200).json;
        assert_eq!(at_once["previous_secret_expires_at"], Value::Null);
        let received = next(&api, &receiver, &webhook).await;
        assert!(is_verified(&received, &secret(&at_once)) && !is_verified(&received, &fourth));
        kitchen.stop().await;
    }

    async fn a_rotation_is_checked_sealed_and_of_the_own_workspace_only(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let webhook = api.post("/api/webhooks", &[("url", URL)]).await.expect(201).json;
        for overlap in ["-1", "604801", "soon"] {
            api.post(&rotation(&webhook), &[("overlap", overlap)]).await.expect_invalid(&["overlap"]);
        }
        let stranger = kitchen.workspace("other").await;
        for path in [rotation(&webhook), "/api/webhooks/wh_000000000000000000000000/rotate-secret".into()] {
            stranger.post(&path, &[]).await.expect(404);
        }
        assert_eq!(api.get(&format!("/api/webhooks/{}", webhook["id"].as_str().unwrap())).await.json, webhook, "refused is unchanged");
        // Without a word about it the old secret signs for a day.
        api.post(&rotation(&webhook), &[]).await.expect(200);
        let id = WebhookId::parse(webhook["id"].as_str().unwrap()).unwrap();
        let mut view = kitchen.store.read(&api.key().workspace_id).await.unwrap();
        let stored = store::webhooks::get(&mut view, &id).await.unwrap();
        drop(view);
        assert_eq!(stored.previous_secret_expires_at.unwrap().since(stored.updated_at), Duration::from_hours(24));
        let rotated = api.post(&rotation(&webhook), &[("overlap", "604800"), ("force", "1")]).await.expect(200).json;
        let dump = database::dump(&kitchen.database_url).await;
        for secret in [secret(&webhook), secret(&rotated)] {
            assert!(!dump.contains(secret.strip_prefix("whsec_").unwrap()), "secrets are sealed, the old one too");
        }
        let read = api.post_json("/api/api-keys", &json!({"name": "Read", "scopes": ["read"]})).await.expect(201);
        Api::new(api.base(), read.json["token"].as_str().unwrap()).post(&rotation(&webhook), &[]).await.expect(403);
        api.delete(&format!("/api/webhooks/{}", webhook["id"].as_str().unwrap())).await.expect(204);
        api.post(&rotation(&webhook), &[]).await.expect(404);
        kitchen.stop().await;
    }
}

//! Deliveries that come back to the gateway: they make no further ones.

use crate::deliveries::{delivery_in, shown};
use harness::client::send;
use harness::{Kitchen, database, on_both_engines};
use reqwest::Method;
use serde_json::json;

on_both_engines! {
    async fn a_webhook_that_calls_the_gateway_makes_no_further_delivery(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        let headers = json!({"authorization": format!("Bearer {}", api.token())});
        let webhook = api.post_json("/api/webhooks", &json!({"url": api.base(), "headers": headers})).await.expect(201).json;
        let path = format!("/api/webhooks/{}", webhook["id"].as_str().unwrap());
        let test = format!("{path}/test");
        api.put(&path, &[("url", &format!("{}{test}", api.base()))]).await.expect(200);
        let sent = api.post(&test, &[]).await.expect(202).json;
        delivery_in(&api, &webhook, "waiting").await;
        let sent = shown(&api, &sent).await;
        assert_eq!(sent["last_status"], 508, "{sent}");
        assert!(sent["attempts"][0]["response_body"].as_str().unwrap().contains("deliveries are not taken here"), "{sent}");
        assert_eq!(database::count(&kitchen.database_url, "deliveries").await, 1);
        // Wherever a key is let in, with a key or without one; and nothing was done.
        for (method, path) in [(Method::GET, "/api/me"), (Method::POST, "/api/companies"), (Method::GET, "/connect/custom/me"), (Method::POST, "/mcp")] {
            for request in [api.request(method.clone(), path), api.anonymous(method.clone(), path)] {
                let body = json!({"name": "Acme", "jsonrpc": "2.0", "id": 1, "method": "ping"});
                let refused = send(request.header("Kitchen-Delivery", "dlv_1").json(&body)).await.expect(508);
                assert_eq!(refused.json["code"], "loop_detected");
            }
        }
        assert_eq!(api.get("/api/companies").await.expect(200).json["meta"]["total"], 0);
        kitchen.stop().await;
    }
}

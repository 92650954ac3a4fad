//! Who am I: what a key opens, for people and for platforms that test a connection.

use harness::shape::{assert_id, assert_keys, assert_time};
use harness::{Kitchen, on_both_engines};
use serde_json::json;

on_both_engines! {
    async fn a_key_says_what_it_is_and_what_it_opens_but_not_itself(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        let answer = api.get("/api/me").await.expect(200);
        let me = &answer.json;
        assert_keys(me, &["id", "name", "label", "start", "scopes", "rate_limit", "expires_at", "created_at", "workspace", "owner"]);
        assert_id(&me["id"], "key");
        assert_time(&me["created_at"]);
        assert_eq!(
            (&me["name"], &me["label"], &me["rate_limit"]),
            (&json!("Test key"), &json!("Agency main (Test key)"), &json!(1_000_000))
        );
        assert_keys(&me["workspace"], &["id", "name", "slug", "created_at"]);
        assert_id(&me["workspace"]["id"], "ws");
        assert_time(&me["workspace"]["created_at"]);
        assert_eq!(me["workspace"]["slug"], "main");
        assert_keys(&me["owner"], &["id", "name", "email"]);
        assert_eq!(me["owner"]["email"], "olive@main.example");
        let start = me["start"].as_str().unwrap();
        assert!(api.token().starts_with(start) && api.token().len() > start.len() + 20, "the start of a key gives the key away");
        assert!(!answer.text.contains(api.token()));
        assert_eq!(api.get("/api/users/me").await.expect(200).json, *me);
    }

    async fn each_workspace_sees_itself(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, other) = (kitchen.workspace("main").await, kitchen.workspace("other").await);
        let (me, them) = (api.get("/api/me").await.expect(200).json, other.get("/api/me").await.expect(200).json);
        assert_eq!((&me["workspace"]["slug"], &them["workspace"]["slug"]), (&json!("main"), &json!("other")));
        assert_ne!(me["owner"]["id"], them["owner"]["id"]);
    }
}

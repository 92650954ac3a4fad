//! Pages that were opened before something happened elsewhere, and forms that say what no page of ours would.

use crate::people::{EMAIL, PASSWORD, latest_link, nobody_listens, open};
use harness::visitor::joining;
use harness::{Kitchen, Setup, Visitor, on_both_engines};
use serde_json::json;
use std::time::Duration;

on_both_engines! {
    async fn saving_what_was_opened_before_a_pause_leaves_the_pause(engine: Engine) {
        let (kitchen, api, owner) = open(engine).await;
        let hook = api.post("/api/webhooks", &[("url", "https://hooks.acme.example/in")]).await.expect(201).id();
        let form = owner.get(&format!("/settings/webhooks/{hook}/edit")).await.expect(200).text;
        assert!(form.contains("name=\"was_enabled\"") && form.contains("name=\"enabled\" value=\"1\" checked"));
        owner.post(&format!("/settings/webhooks/{hook}/pause"), &[]).await.expect(303);
        let opened_before = [("url", "https://hooks.acme.example/out"), ("events", "all"), ("enabled", "1"), ("was_enabled", "1")];
        owner.post(&format!("/settings/webhooks/{hook}/edit"), &opened_before).await.expect(303);
        let saved = api.get(&format!("/api/webhooks/{hook}")).await.json;
        assert_eq!((&saved["url"], &saved["enabled"]), (&json!("https://hooks.acme.example/out"), &json!(false)));
        // Ticked anew, it is meant.
        owner.post(&format!("/settings/webhooks/{hook}/edit"), &opened_before[..3]).await.expect(303);
        assert_eq!(api.get(&format!("/api/webhooks/{hook}")).await.json["enabled"], true);
        kitchen.stop().await;
    }

    async fn beyond_the_end_of_a_list_there_is_a_way_back(engine: Engine) {
        let (kitchen, _, owner) = open(engine).await;
        for (path, back) in [
            ("/settings/people?page=5", "href=\"/settings/people?page=1\""),
            ("/settings/account?page=5", "href=\"/settings/account?page=1\""),
        ] {
            let page = owner.get(path).await.expect(200).text;
            assert!(page.contains("There is nothing on this page") && page.contains(back), "{path}");
        }
        owner.post("/settings/people/invite", &[("name", "Tom"), ("email", "tom@main.example"), ("role", "member")]).await.expect(303);
        assert!(owner.get("/settings/mail?page=5").await.expect(200).text.contains("There are no messages on this page"));
        kitchen.stop().await;
    }

    async fn an_expiry_that_is_none_is_not_taken_for_never(engine: Engine) {
        let (kitchen, api, owner) = open(engine).await;
        for expiry in ["abc", "-5", "1.5"] {
            let again = owner.post("/settings/api/new", &[("name", "Odd"), ("scopes[]", "read"), ("expiry", expiry)]).await.expect(422);
            assert!(again.text.contains("expires_at-error"), "{expiry}");
        }
        assert_eq!(api.get("/api/api-keys").await.rows().len(), 1);
        kitchen.stop().await;
    }

    async fn what_a_second_roll_or_rotation_ends_is_said(engine: Engine) {
        let (kitchen, api, owner) = open(engine).await;
        let key = api.post("/api/api-keys", &[("name", "Rolled")]).await.expect(201);
        let path = format!("/settings/api/{}/roll", key.id());
        assert!(!owner.get(&path).await.text.contains("before the last roll"));
        owner.post(&path, &[("keep_old_for", "3600")]).await.expect(200);
        assert!(owner.get(&path).await.text.contains("before the last roll"));
        let hook = api.post("/api/webhooks", &[("url", "https://hooks.acme.example/in")]).await.expect(201).id();
        let path = format!("/settings/webhooks/{hook}/rotate");
        assert!(!owner.get(&path).await.text.contains("before the last rotation"));
        owner.post(&path, &[("overlap", "3600")]).await.expect(303);
        assert!(owner.get(&path).await.text.contains("before the last rotation"));
        kitchen.stop().await;
    }

    async fn a_mail_that_lets_nobody_in_any_more_is_not_sent_again(engine: Engine) {
        let mail = nobody_listens();
        let kitchen = Kitchen::start_with(engine, Setup { has_worker: false, mail: Some(mail), ..Setup::default() }).await;
        let api = kitchen.workspace("main").await;
        let owner = Visitor::owner(&kitchen, &api.key().workspace_id, EMAIL, PASSWORD).await;
        api.post("/api/members", &[("name", "Tom"), ("email", "tom@main.example")]).await.expect(201);
        let list = owner.get("/settings/mail").await.expect(200).text;
        let first = crate::people::between(&list, "href=\"/settings/mail/", "\"").to_owned();
        kitchen.clock.advance(Duration::from_secs(1));
        // As a mail of its own, with an id of its own.
        let again = owner.post(&format!("/settings/mail/{first}/send-again"), &[]).await.expect(303);
        let second = again.header("location").trim_start_matches("/settings/mail/").to_owned();
        assert_ne!(first, second);
        let link = latest_link(&owner).await;
        Visitor::new(&kitchen.urls[0]).post(&link, &joining("Tom", "tom@main.example", PASSWORD)).await.expect(303);
        for mail in [&first, &second] {
            let refused = owner.post(&format!("/settings/mail/{mail}/send-again"), &[]).await.expect(409);
            assert!(refused.text.contains("no longer valid"), "{}", refused.text);
        }
        // A code is asked for by whoever wants one.
        owner.post("/sign-in/code/send", &[("email", EMAIL)]).await.expect(200);
        let list = owner.get("/settings/mail").await.expect(200).text;
        let code = crate::people::between(&list, "href=\"/settings/mail/", "\"").to_owned();
        owner.post(&format!("/settings/mail/{code}/send-again"), &[]).await.expect(409);
        kitchen.stop().await;
    }
}

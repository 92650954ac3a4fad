//! Inviting members, from the page and over the API: mail, link, password, sign-in; roles, and who may give them; removal.

use domain::secret::Secret;
use harness::visitor::joining;
use harness::{Api, Kitchen, Setup, Visitor, database, on_both_engines};
use serde_json::json;
use std::time::Duration;
use worker::MailServer;

pub(crate) const EMAIL: &str = "olive@main.example";
pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) async fn open(engine: harness::Engine) -> (Kitchen, Api, Visitor) {
    let kitchen = Kitchen::start_with(engine, Setup { has_worker: false, ..Setup::default() }).await;
    let api = kitchen.workspace("main").await;
    let owner = Visitor::owner(&kitchen, &api.key().workspace_id, EMAIL, PASSWORD).await;
    (kitchen, api, owner)
}

/// A mail server at which nobody listens: what is asked for is written, and stays.
pub(crate) fn nobody_listens() -> MailServer {
    MailServer { url: Secret::new("smtp://127.0.0.1:9".into()), from: "k@main.example".into() }
}

/// A piece of a page, between two marks.
pub(crate) fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("`{before}` in {text}"));
    rest.split_once(after).unwrap_or_else(|| panic!("`{after}` after `{before}`")).0
}

/// The path of the link in the latest mail, read where the owner reads it.
pub(crate) async fn latest_link(owner: &Visitor) -> String {
    let list = owner.get("/settings/mail").await.expect(200).text;
    let mail = owner.get(&format!("/settings/mail/{}", between(&list, "href=\"/settings/mail/", "\""))).await.expect(200).text;
    format!("/invitations/{}", between(&mail, "/invitations/", "\n"))
}

on_both_engines! {
    async fn an_invited_member_joins_with_the_link_in_the_mail(engine: Engine) {
        let (kitchen, api, owner) = open(engine).await;
        assert!(owner.get("/settings/mail").await.expect(200).text.contains("There are no messages yet"));
        let form = [("name", "Lena Fischer"), ("email", "lena@main.example"), ("role", "admin")];
        owner.post("/settings/people/invite", &form).await.expect(303);
        let page = owner.get("/settings/people").await.text;
        assert!(page.contains("Invited") && page.contains("just now"), "whoever looks at a page was just seen");
        let link = latest_link(&owner).await;
        let ticket = link.rsplit('/').next().unwrap();
        assert!(!database::dump(&kitchen.database_url).await.contains(ticket), "the link lies open in the database");
        let lena = Visitor::new(&kitchen.urls[0]);
        lena.sign_in("lena@main.example", PASSWORD).await.expect(422);
        // The address of an invitation cannot be changed by whoever follows it.
        lena.post(&link, &joining("Lena F.", "mallory@main.example", PASSWORD)).await.expect(303);
        lena.get("/settings/people").await.expect(200);
        let member = api.get("/api/members?email=lena@main.example").await.rows().remove(0);
        assert_eq!((&member["name"], &member["role"]), (&json!("Lena F."), &json!("admin")));
        assert!(Visitor::new(&kitchen.urls[0]).get(&link).await.expect(410).text.contains("was used before"));
        lena.post("/sign-out", &[]).await.expect(303);
        lena.sign_in("LENA@main.example", PASSWORD).await.expect(303);
        kitchen.stop().await;
    }

    async fn members_are_invited_over_the_api(engine: Engine) {
        let (kitchen, api, owner) = open(engine).await;
        let made = api.post("/api/members", &[("name", "Tom"), ("email", "tom@main.example")]).await.expect(201);
        assert_eq!((&made.json["role"], &made.json["group"]), (&json!("member"), &json!("manager")));
        api.post("/api/members", &[("name", "Tom"), ("email", "TOM@main.example")]).await.expect_invalid(&["email"]);
        api.post("/api/members", &[("role", "king")]).await.expect_invalid(&["name", "email", "role"]);
        let tom = Visitor::new(&kitchen.urls[0]);
        tom.post(&latest_link(&owner).await, &joining("Tom", "tom@main.example", PASSWORD)).await.expect(303);
        tom.get("/settings/people").await.expect(403);
        tom.get("/settings/mail").await.expect(403);
        let path = format!("/api/members/{}", made.id());
        assert_eq!(api.put(&path, &[("role", "admin")]).await.expect(200).json["role"], "admin");
        tom.get("/settings/people").await.expect(200);
        api.delete(&path).await.expect(204);
        tom.get("/settings/account").await.expect(303);
        tom.sign_in("tom@main.example", PASSWORD).await.expect(422);
        api.get(&path).await.expect(404);
        // The address is free again.
        api.post("/api/members", &[("name", "Tom"), ("email", "tom@main.example")]).await.expect(201);
        kitchen.stop().await;
    }

    async fn nobody_gives_a_role_above_their_own(engine: Engine) {
        let (kitchen, api, owner) = open(engine).await;
        let write = api.post_json("/api/api-keys", &json!({"name": "Write", "scopes": ["read", "write"]})).await.expect(201);
        let write = Api::new(api.base(), write.json["token"].as_str().unwrap());
        let person = |role: &str| json!({"name": role, "email": format!("{role}@main.example"), "role": role});
        write.post_json("/api/members", &person("member")).await.expect(201);
        write.post_json("/api/members", &person("admin")).await.expect_invalid(&["role"]);
        let admin = api.post_json("/api/members", &person("admin")).await.expect(201).id();
        api.post_json("/api/members", &person("owner")).await.expect_invalid(&["role"]);
        // Nor touches anyone above them.
        write.delete(&format!("/api/members/{admin}")).await.expect(409);
        write.put(&format!("/api/members/{admin}"), &[("role", "member")]).await.expect(409);
        let chief = api.get(&format!("/api/members?email={EMAIL}")).await.rows()[0]["id"].as_str().unwrap().to_owned();
        api.delete(&format!("/api/members/{chief}")).await.expect(409);
        api.put(&format!("/api/members/{chief}"), &[("role", "admin")]).await.expect(409);
        let visitor = Visitor::new(&kitchen.urls[0]);
        visitor.post(&latest_link(&owner).await, &joining("Admin", "admin@main.example", PASSWORD)).await.expect(303);
        visitor.post(&format!("/settings/people/{chief}/remove"), &[]).await.expect(409);
        visitor.post(&format!("/settings/people/{chief}/role"), &[("role", "member")]).await.expect(409);
        visitor.post(&format!("/settings/people/{admin}/role"), &[("role", "owner")]).await.expect(422);
        // The last owner stays, whoever asks, and an owner who has not joined does not count.
        owner.post("/settings/people/invite", &[("name", "Heir"), ("email", "heir@main.example"), ("role", "owner")]).await.expect(303);
        let heir = api.get("/api/members?email=heir@main.example").await.rows()[0]["id"].as_str().unwrap().to_owned();
        owner.post(&format!("/settings/people/{chief}/role"), &[("role", "member")]).await.expect(409);
        owner.post(&format!("/settings/people/{chief}/remove"), &[]).await.expect(409);
        owner.post(&format!("/settings/people/{heir}/remove"), &[]).await.expect(303);
        owner.post(&format!("/settings/people/{admin}/role"), &[("role", "owner")]).await.expect(303);
        owner.post(&format!("/settings/people/{chief}/role"), &[("role", "member")]).await.expect(303);
        owner.get("/settings/people").await.expect(403);
        kitchen.stop().await;
    }

    async fn an_invitation_sent_again_or_revoked_voids_the_link(engine: Engine) {
        let (kitchen, api, owner) = open(engine).await;
        let id = api.post("/api/members", &[("name", "Priya"), ("email", "priya@main.example")]).await.expect(201).id();
        let first = latest_link(&owner).await;
        kitchen.clock.advance(Duration::from_hours(8 * 24));
        assert!(owner.get("/settings/people").await.text.contains("Invitation expired"));
        kitchen.clock.advance(Duration::from_secs(1));
        owner.post(&format!("/settings/people/{id}/invite-again"), &[]).await.expect(303);
        let second = latest_link(&owner).await;
        assert_ne!(first, second);
        let priya = Visitor::new(&kitchen.urls[0]);
        assert!(priya.get(&first).await.expect(410).text.contains("not valid"));
        priya.get(&second).await.expect(200);
        assert!(owner.get(&format!("/settings/people/{id}/remove")).await.expect(200).text.contains("Revoke the invitation of <bdi>Priya</bdi>?"));
        owner.post(&format!("/settings/people/{id}/remove"), &[]).await.expect(303);
        assert!(priya.get(&second).await.expect(410).text.contains("not valid"));
        priya.post(&second, &joining("Priya", "priya@main.example", PASSWORD)).await.expect(410);
        kitchen.stop().await;
    }
}

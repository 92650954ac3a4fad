//! Ways in that people need and others would like: a forgotten password, a link that was meant for less, codes that are guessed.

use crate::people::{EMAIL, PASSWORD, latest_link, nobody_listens, open};
use domain::audit::Actor;
use harness::visitor::{joining, owner_ticket};
use harness::{Api, Kitchen, Setup, Visitor, database, on_both_engines};
use std::time::Duration;
use store::sign_in_codes;

const NEW: &str = "a better battery horse";

/// Signs the owner in with a code, which is taken from the database: nobody reads their mail here.
async fn sign_in_with_code(kitchen: &Kitchen, api: &Api, visitor: &Visitor) {
    let mut work = kitchen.store.begin(&api.key().workspace_id, Actor::gateway());
    let code = sign_in_codes::create(&mut work, EMAIL).await.unwrap();
    work.commit().await.unwrap();
    visitor.post("/sign-in/code", &[("email", EMAIL), ("code", code.reveal())]).await.expect(303);
}

fn twice(password: &str) -> [(&'static str, &str); 2] {
    [("password", password), ("password_confirmation", password)]
}

on_both_engines! {
    async fn a_link_that_was_meant_for_less_is_void(engine: Engine) {
        let (kitchen, api, owner) = open(engine).await;
        let id = api.post("/api/members", &[("name", "Vic"), ("email", "vic@main.example")]).await.expect(201).id();
        let meant_for_a_member = latest_link(&owner).await;
        kitchen.clock.advance(Duration::from_secs(1));
        owner.post(&format!("/settings/people/{id}/role"), &[("role", "member")]).await.expect(303);
        let visitor = Visitor::new(&kitchen.urls[0]);
        visitor.get(&meant_for_a_member).await.expect(200);
        owner.post(&format!("/settings/people/{id}/role"), &[("role", "owner")]).await.expect(303);
        visitor.get(&meant_for_a_member).await.expect(410);
        visitor.post(&meant_for_a_member, &joining("Vic", "mallory@main.example", PASSWORD)).await.expect(410);
        // The new one went to the same address, is for owners to read, and leaves the address as it is.
        kitchen.clock.advance(Duration::from_secs(1));
        let new = latest_link(&owner).await;
        assert!(!visitor.get(&new).await.expect(200).text.contains("Choose a new password"));
        visitor.post(&new, &joining("Vic", "mallory@main.example", PASSWORD)).await.expect(303);
        assert_eq!(api.get("/api/members?email=vic@main.example").await.rows()[0]["role"], "owner");
        assert!(api.get("/api/members?email=mallory@main.example").await.rows().is_empty());
        let log = owner.get("/settings/audit").await.text;
        assert!(log.contains("Made an owner of"), "{log}");
        kitchen.stop().await;
    }

    async fn a_forgotten_password_is_chosen_anew_after_a_code(engine: Engine) {
        let (kitchen, api, before) = open(engine).await;
        let visitor = Visitor::new(&kitchen.urls[0]);
        sign_in_with_code(&kitchen, &api, &visitor).await;
        assert!(!visitor.get("/settings/account").await.expect(200).text.contains("id=\"current\""));
        visitor.post("/settings/account/password", &twice("short")).await.expect(422);
        visitor.post("/settings/account/password", &twice(NEW)).await.expect(303);
        visitor.sign_in(EMAIL, PASSWORD).await.expect(422);
        Visitor::new(&kitchen.urls[0]).sign_in(EMAIL, NEW).await.expect(303);
        before.get("/settings/account").await.expect(303);
        // A quarter of an hour later, and after signing in with a password at any time, the one before is asked for.
        kitchen.clock.advance(Duration::from_mins(15));
        assert!(visitor.get("/settings/account").await.expect(200).text.contains("id=\"current\""));
        visitor.post("/settings/account/password", &twice(PASSWORD)).await.expect(422);
        kitchen.stop().await;
    }

    async fn a_forgotten_password_is_chosen_anew_with_a_link(engine: Engine) {
        let (kitchen, api, before) = open(engine).await;
        let link = format!("/invitations/{}", owner_ticket(&kitchen, &api.key().workspace_id).await);
        let visitor = Visitor::new(&kitchen.urls[0]);
        assert!(visitor.get(&link).await.expect(200).text.contains("Choose a new password"));
        visitor.post(&link, &twice("short")).await.expect(422);
        visitor.post(&link, &joining("Mallory", "mallory@main.example", NEW)).await.expect(303);
        let owners = api.get("/api/members").await.rows();
        assert_eq!((owners.len(), &owners[0]["name"], &owners[0]["email"]), (1, &"Olive Owner".into(), &EMAIL.into()));
        visitor.get("/settings/api").await.expect(200);
        before.get("/settings/api").await.expect(303);
        visitor.get(&link).await.expect(410);
        Visitor::new(&kitchen.urls[0]).sign_in(EMAIL, NEW).await.expect(303);
        kitchen.stop().await;
    }

    async fn whatever_else_is_typed_an_account_has_one_count(engine: Engine) {
        let (kitchen, _, _) = open(engine).await;
        let visitor = Visitor::new(&kitchen.urls[0]);
        let mut statuses = Vec::new();
        for guess in 0..8 {
            let form = [("email", EMAIL), ("password", "guess"), ("workspace", &*format!("w{guess}"))];
            statuses.push(visitor.post("/sign-in", &form).await.status);
        }
        assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
        kitchen.stop().await;
    }

    async fn a_new_code_brings_no_new_tries(engine: Engine) {
        let (kitchen, api, _) = open(engine).await;
        let workspace = api.key().workspace_id.clone();
        let begin = || kitchen.store.begin(&workspace, Actor::gateway());
        let send = async || {
            let mut work = begin();
            let code = sign_in_codes::create(&mut work, EMAIL).await.unwrap();
            work.commit().await.unwrap();
            code
        };
        let is_right = async |typed: &str| {
            let mut work = begin();
            let is_right = sign_in_codes::take(&mut work, EMAIL, typed).await.unwrap();
            work.commit().await.unwrap();
            is_right
        };
        for _ in 0..5 {
            send().await;
            for _ in 0..2 {
                assert!(!is_right("12").await);
            }
        }
        assert!(!is_right(send().await.reveal()).await, "ten tries were all there are in an hour");
        kitchen.clock.advance(Duration::from_hours(1));
        // Nor does clearing away what has expired bring them back.
        store::retention::clear_expired(&kitchen.store, kitchen.clock.now().minus(Duration::from_mins(20))).await.unwrap();
        assert!(is_right(send().await.reveal()).await);
        kitchen.stop().await;
    }

    async fn what_can_be_nobodys_address_is_not_kept(engine: Engine) {
        let mail = nobody_listens();
        let setup = Setup { has_worker: false, mail: Some(mail), ..Setup::default() };
        let kitchen = Kitchen::start_with(engine, setup).await;
        kitchen.workspace("main").await;
        let visitor = Visitor::new(&kitchen.urls[0]);
        for email in [format!("{}@main.example", "a".repeat(900_000)), "nonsense".into(), String::new()] {
            visitor.post("/sign-in/code/send", &[("email", &email)]).await.expect(200);
            visitor.post("/sign-in/code", &[("email", &email), ("code", "123456")]).await.expect(422);
        }
        let dump = database::dump(&kitchen.database_url).await;
        assert!(!dump.contains("sign_in_codes: ") && !dump.contains(&"a".repeat(300)), "{}", dump.len());
        kitchen.stop().await;
    }
}

//! Clients with a password or an invitation: over the API, from Zapier and from the page; and that nothing of it ever lets a client
//! into the settings.

use crate::people::{PASSWORD, latest_link, open};
use harness::{Api, Kitchen, Visitor, database, on_both_engines};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const CHOSEN: [(&str, &str); 2] = [("password", PASSWORD), ("password_confirmation", PASSWORD)];

fn ada(more: &Value) -> Value {
    let mut ada = json!({"name": "Ada Lovelace", "email": "ada@client.example"});
    ada.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    ada
}

/// How the list under People calls the state of the one client there is.
async fn status(owner: &Visitor) -> String {
    let page = owner.get("/settings/people/clients").await.expect(200).text;
    crate::people::between(&page, "data-label=\"Status\"><span class=\"tag", "</span>").split('>').next_back().unwrap().to_owned()
}

async fn count_of_sessions(kitchen: &Kitchen) -> usize {
    database::dump(&kitchen.database_url).await.matches("ses_").count()
}

/// Nothing this visitor may try gets them into the settings.
async fn is_kept_out(kitchen: &Kitchen, api: &Api, visitor: &Visitor, password: &str) {
    assert_eq!(visitor.cookie(), None);
    for path in ["/settings", "/settings/api", "/settings/people", "/settings/account", "/settings/mail"] {
        assert!(visitor.get(path).await.expect(303).header("location").starts_with("/sign-in"), "{path}");
    }
    let nobody = visitor.sign_in("nobody@client.example", password).await.expect(422);
    let client = visitor.sign_in("ADA@client.example", password).await.expect(422);
    assert_eq!(client.text.replace("ADA@", "nobody@"), nobody.text, "a client is as unknown here as anybody");
    assert_eq!(visitor.cookie(), None);
    // Not even with a ticket of a session that somebody made for them behind the gateway's back.
    let id = domain::ids::UserId::parse(api.get("/api/clients").await.rows()[0]["id"].as_str().unwrap()).unwrap();
    let mut work = kitchen.store.begin(&api.key().workspace_id, domain::audit::Actor::command_line());
    let ticket = store::sessions::create(&mut work, &id, "127.0.0.1", "", store::sessions::Way::Password);
    work.commit().await.unwrap();
    let thief = Visitor::new(&kitchen.urls[0]);
    thief.hold(Some(format!("kitchen_session={}", ticket.reveal())));
    thief.get("/settings/account").await.expect(303);
    thief.get("/settings/api").await.expect(303);
}

on_both_engines! {
    async fn an_invited_client_chooses_a_password_and_gets_no_further(engine: Engine) {
        let (kitchen, api, owner) = open(engine).await;
        let made = api.post_json("/api/clients", &ada(&json!({"notification": true}))).await.expect(201);
        assert_eq!(status(&owner).await, "Invited");
        let list = owner.get("/settings/mail").await.text;
        assert!(list.contains("Invitation to Agency main") && list.contains("ada@client.example"));
        let link = latest_link(&owner).await;
        let before = count_of_sessions(&kitchen).await;
        let visitor = Visitor::new(&kitchen.urls[0]);
        assert!(visitor.get(&link).await.expect(200).text.contains("Hello Ada Lovelace"));
        for bad in [[("password", "short"), ("password_confirmation", "short")], [("password", PASSWORD), ("password_confirmation", "another")]] {
            let again = visitor.post(&link, &bad).await.expect(422).text;
            assert!(again.contains("class=\"error\"") && again.contains("Hello Ada Lovelace"));
        }
        // What a member may choose is not theirs to choose, and what nobody may choose even less.
        let more = [("name", "Mallory"), ("email", "olive@main.example"), ("role", "owner"), ("group", "manager"), ("next", "/settings/api")];
        let joined = visitor.post(&link, &[&CHOSEN[..], &more].concat()).await.expect(200);
        assert!(joined.text.contains("Your password is set") && !joined.text.contains("/settings"));
        assert_eq!(joined.header("set-cookie"), "");
        assert_eq!(count_of_sessions(&kitchen).await, before, "no session was made");
        assert_eq!(api.get(&format!("/api/clients/{}", made.id())).await.expect(200).json, made.json);
        assert_eq!(status(&owner).await, "Joined");
        owner.post(&format!("/settings/people/clients/{}/invite-again", made.id()), &[]).await.expect(409);
        let used = visitor.get(&link).await.expect(410).text;
        assert!(used.contains("was used before") && used.contains("your password is set") && !used.contains("/sign-in"));
        visitor.post(&link, &CHOSEN).await.expect(410);
        is_kept_out(&kitchen, &api, &visitor, PASSWORD).await;
        kitchen.stop().await;
    }

    async fn a_password_given_over_the_api_is_kept_as_a_hash_alone(engine: Engine) {
        let (kitchen, api, owner) = open(engine).await;
        let secret = "a pass phrase of the client's own";
        for bad in [json!("short"), json!("x".repeat(300)), json!(1_234_567_890), json!(["a password in a list"]), json!(true)] {
            let refused = api.post_json("/api/clients", &ada(&json!({ "password": bad }))).await.expect_invalid(&["password"]);
            assert!(!refused.text.contains("in a list") && !refused.text.contains("1234567890"));
        }
        let made = api.post_json("/api/clients", &ada(&json!({ "password": secret }))).await.expect(201);
        assert!(made.json.get("password").is_none() && made.json.get("password_hash").is_none() && !made.text.contains(secret));
        assert_eq!(status(&owner).await, "Password set");
        assert!(owner.get("/settings/mail").await.text.contains("There are no messages yet"), "nobody asked for an invitation");
        // It is for create alone.
        api.put(&format!("/api/clients/{}", made.id()), &[("password", "something else entirely")]).await.expect(200);
        let dump = database::dump(&kitchen.database_url).await;
        assert!(dump.contains("$argon2id$") && !dump.contains(secret) && !dump.contains("something else entirely"));
        for path in ["/api/clients", "/connect/zapier/triggers/client.created", "/connect/zapier/searches/find-client?name=ada"] {
            assert!(!api.get(path).await.expect(200).text.contains("argon2"), "{path}");
        }
        is_kept_out(&kitchen, &api, &Visitor::new(&kitchen.urls[0]), secret).await;
        kitchen.stop().await;
    }

    async fn whether_a_client_is_told_is_the_callers_choice(engine: Engine) {
        let (kitchen, api, owner) = open(engine).await;
        let mut mails = 0;
        for (notification, is_sent) in [
            (json!(false), false), (json!("0"), false), (json!(null), false), (json!(""), false),
            (json!(1), true), (json!("true"), true), (json!("Welcome!\nWe begin on Monday."), true),
        ] {
            let body = ada(&json!({"notification": notification, "password": PASSWORD}));
            // From Zapier as from anywhere.
            let path = if mails % 2 == 0 { "/api/clients" } else { "/connect/zapier/actions/create-client" };
            let id = api.post_json(path, &body).await.expect(201).id();
            mails += usize::from(is_sent);
            let shown = owner.get("/settings/mail").await.text.matches("data-label=\"To\"").count();
            assert_eq!(shown, mails, "{notification}");
            api.delete(&format!("/api/clients/{id}")).await.expect(204);
        }
        let list = owner.get("/settings/mail").await.text;
        let mail = owner.get(&format!("/settings/mail/{}", crate::people::between(&list, "href=\"/settings/mail/", "\""))).await.text;
        assert!(mail.contains("Welcome!\nWe begin on Monday.") && mail.contains("Agency main has invited you to its client portal."));
        for bad in [json!(7), json!([]), json!({}), json!("x".repeat(2001))] {
            api.post_json("/api/clients", &ada(&json!({ "notification": bad }))).await.expect_invalid(&["notification"]);
        }
        kitchen.stop().await;
    }

    async fn links_of_clients_expire_are_replaced_and_revoked(engine: Engine) {
        let (kitchen, api, owner) = open(engine).await;
        let form = [("name", "Ada Lovelace"), ("email", "ada@client.example")];
        assert!(owner.get("/settings/people/clients").await.expect(200).text.contains("There are no clients yet"));
        owner.post("/settings/people/clients/invite", &[("name", ""), ("email", "nonsense")]).await.expect(422);
        owner.post("/settings/people/clients/invite", &form).await.expect(303);
        assert!(owner.post("/settings/people/clients/invite", &form).await.expect(422).text.contains("already been taken"));
        let id = api.get("/api/clients").await.rows()[0]["id"].as_str().unwrap().to_owned();
        let (visitor, expired) = (Visitor::new(&kitchen.urls[0]), latest_link(&owner).await);
        kitchen.clock.advance(Duration::from_hours(7 * 24));
        assert!(visitor.get(&expired).await.expect(410).text.contains("has expired"));
        assert_eq!(status(&owner).await, "Invitation expired");
        let again = format!("/settings/people/clients/{id}/invite-again");
        owner.post(&again, &[]).await.expect(303);
        let second = latest_link(&owner).await;
        visitor.get(&second).await.expect(200);
        assert!(owner.get(&format!("/settings/people/clients/{id}/revoke")).await.expect(200).text.contains("Revoke the invitation of <bdi>Ada Lovelace</bdi>?"));
        owner.post(&format!("/settings/people/clients/{id}/revoke"), &[]).await.expect(303);
        assert_eq!(status(&owner).await, "Not invited");
        assert!(visitor.get(&second).await.expect(410).text.contains("not valid"));
        visitor.post(&second, &CHOSEN).await.expect(410);
        // Whoever reads the mail to a wrong address is no longer who is meant once it is put right.
        kitchen.clock.advance(Duration::from_secs(1));
        owner.post(&again, &[]).await.expect(303);
        let wrong = latest_link(&owner).await;
        api.put(&format!("/api/clients/{id}"), &[("phone", "1"), ("email", "ADA@client.example")]).await.expect(200);
        visitor.get(&wrong).await.expect(200);
        api.put(&format!("/api/clients/{id}"), &[("email", "right@client.example")]).await.expect(200);
        visitor.post(&wrong, &CHOSEN).await.expect(410);
        // Deleted, they are not invited.
        kitchen.clock.advance(Duration::from_secs(1));
        owner.post(&again, &[]).await.expect(303);
        let last = latest_link(&owner).await;
        api.delete(&format!("/api/clients/{id}")).await.expect(204);
        assert!(visitor.get(&last).await.expect(410).text.contains("not valid"));
        owner.post(&again, &[]).await.expect(404);
        kitchen.stop().await;
    }

    async fn clients_are_found_by_name_and_address_page_by_page(engine: Engine) {
        let (kitchen, api, owner) = open(engine).await;
        let acme = api.post("/api/companies", &[("name", "Acme & Sons")]).await.expect(201).id();
        for number in 0..55 {
            let (name, email) = (format!("Person {number:02}"), format!("p{number:02}@client.example"));
            api.post("/api/clients", &[("name", &name), ("email", &email), ("company", &acme)]).await.expect(201);
        }
        api.post("/api/clients", &[("name", "Émile_100%"), ("email", "emile@other.example")]).await.expect(201);
        let page = async |query: &str| owner.get(&format!("/settings/people/clients?{query}")).await.expect(200).text;
        let rows = |page: &str| page.matches("<th scope=\"row\"").count();
        assert_eq!(rows(&page("").await), 50);
        assert!(page("page=2").await.contains("Clients 51 to 56 of 56"));
        for (search, count) in [("PERSON+0", 10), ("p07@", 1), ("other.example", 1), ("%C3%A9mile_100%25", 1), ("_", 1), ("%25", 1), ("nobody", 0), ("%00p07@%0a", 1)] {
            let found = page(&format!("search={search}")).await;
            assert_eq!(rows(&found), count, "{search}");
        }
        let second = page("search=client.example&page=2").await;
        assert!(second.contains("Clients 51 to 55 of 55") && second.contains("search=client.example&#38;page=1"), "{second}");
        assert!(second.contains("Acme &#38; Sons"));
        assert!(page("search=nobody").await.contains("No client matches “nobody”"));
        assert!(!page("search=%3Cscript%3Ealert(1)").await.contains("<script>alert"));
        page("page=4000000000").await;
        kitchen.stop().await;
    }

    async fn only_owners_and_admins_of_the_workspace_get_at_its_clients(engine: Engine) {
        let (kitchen, api, owner) = open(engine).await;
        let id = api.post_json("/api/clients", &ada(&json!({}))).await.expect(201).id();
        let other = kitchen.workspace("other").await;
        let foreign = other.post_json("/api/clients", &ada(&json!({}))).await.expect(201).id();
        let member = api.get("/api/members").await.rows()[0]["id"].as_str().unwrap().to_owned();
        let routes = |id: &str| [
            (Method::GET, "/settings/people/clients".to_owned()),
            (Method::GET, "/settings/people/clients/invite".to_owned()),
            (Method::POST, "/settings/people/clients/invite".to_owned()),
            (Method::POST, format!("/settings/people/clients/{id}/invite-again")),
            (Method::GET, format!("/settings/people/clients/{id}/revoke")),
            (Method::POST, format!("/settings/people/clients/{id}/revoke")),
        ];
        let visit = async |method: &Method, path: &str| match *method {
            Method::GET => owner.get(path).await,
            _ => owner.post(path, &[("name", "Eve"), ("email", "eve@client.example")]).await,
        };
        // Neither another workspace's client nor a member of this one is a client of this one.
        for strange in [foreign.as_str(), member.as_str(), "u_ffffffffffffffffffffffff", "nonsense"] {
            for (method, path) in routes(strange).into_iter().filter(|(_, path)| path.contains(strange)) {
                visit(&method, &path).await.expect(404);
            }
        }
        database::execute(&kitchen.database_url, "UPDATE users SET role = 'member' WHERE role = 'owner'").await;
        for (method, path) in routes(&id) {
            let refused = visit(&method, &path).await.expect(403);
            assert!(!refused.text.contains("Ada"), "{path}");
        }
        assert_eq!(api.get("/api/clients").await.json["meta"]["total"], 1, "nothing was changed");
        let stranger = Visitor::new(&kitchen.urls[0]);
        for (_, path) in routes(&id).into_iter().filter(|(method, _)| *method == Method::GET) {
            stranger.get(&path).await.expect(303);
        }
        kitchen.stop().await;
    }
}

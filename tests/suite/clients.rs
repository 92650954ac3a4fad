//! Clients: made, shown, changed in part, deleted, filtered; their events; and what happens when many do it at once.

use harness::shape::{assert_id, assert_keys, assert_time, column};
use harness::{Api, Kitchen, Receiver, Reply, on_both_engines};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const KEYS: &[&str] = &[
    "id",
    "group",
    "name",
    "email",
    "username",
    "role",
    "title",
    "phone",
    "language",
    "timezone",
    "color",
    "company",
    "created_at",
    "updated_at",
];

async fn make(api: &Api, name: &str, email: &str) -> Value {
    api.post("/api/clients", &[("name", name), ("email", email)]).await.expect(201).json
}

fn path(client: &Value) -> String {
    format!("/api/clients/{}", client["id"].as_str().unwrap())
}

/// The object with some of its members replaced.
fn with(mut object: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        object[name] = value.clone();
    }
    object
}

/// All requests at once; their answers in the order in which they were given.
async fn at_once<F: Future<Output = Reply> + Send + 'static>(requests: impl IntoIterator<Item = F>) -> Vec<Reply> {
    let tasks: Vec<_> = requests.into_iter().map(tokio::spawn).collect();
    let mut replies = Vec::new();
    for task in tasks {
        replies.push(task.await.unwrap());
    }
    replies
}

on_both_engines! {
    async fn a_new_client_has_every_member_and_null_where_nothing_was_said(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        let client = make(&api, "Ada Lovelace", "Ada@Example.com").await;
        assert_keys(&client, KEYS);
        assert_id(&client["id"], "u");
        assert_time(&client["created_at"]);
        assert_eq!(client["updated_at"], client["created_at"]);
        let said = json!({
            "group": "client", "name": "Ada Lovelace", "email": "Ada@Example.com", "username": "Ada", "role": "client", "title": null,
            "phone": null, "language": null, "timezone": null, "color": null, "company": null,
        });
        assert_eq!(with(client.clone(), &said), client);
        assert_eq!(api.get(&path(&client)).await.expect(200).json, client, "it is shown as it was answered");
        assert_eq!(api.get("/api/clients").await.expect(200).rows(), [client]);
    }

    async fn a_form_and_json_make_the_same_client(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        let company = api.post("/api/companies", &[("name", "Acme")]).await.expect(201).id();
        let fields = [
            ("name", " Zoë & Söhne=100% "),
            ("email", "zoe@example.com"),
            ("username", "zoe"),
            ("title", "Head of +\"Ops\""),
            ("phone", "+49 30 1234"),
            ("language", "de"),
            ("timezone", "Europe/Berlin"),
            ("color", "#ff8800"),
            ("company", &company),
        ];
        let by_form = api.post("/api/clients", &fields).await.expect(201).json;
        api.delete(&path(&by_form)).await.expect(204);
        let body: Value = fields.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
        let by_json = api.post_json("/api/clients", &body).await.expect(201).json;
        for (name, value) in fields {
            assert_eq!(by_form[name], value.trim(), "{name}");
        }
        let unlike = json!({"id": null, "created_at": null, "updated_at": null});
        assert_eq!(with(by_form, &unlike), with(by_json, &unlike));
    }

    async fn name_and_email_are_required_and_checked(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        api.post("/api/clients", &[]).await.expect_invalid(&["email", "name"]);
        api.post("/api/clients", &[("name", "  "), ("email", "")]).await.expect_invalid(&["email", "name"]);
        api.post_json("/api/clients", &json!({"name": null, "email": "ada@example.com"})).await.expect_invalid(&["name"]);
        for email in [
            "ada",
            "ada@",
            "@example.com",
            "ada@localhost",
            "a da@example.com",
            "ada@exa mple.com",
            "a@b@example.com",
            "<ada@example.com>",
        ] {
            api.post("/api/clients", &[("name", "Ada"), ("email", email)]).await.expect_invalid(&["email"]);
        }
        api.post("/api/clients", &[("name", "Ada"), ("email", "a@b.example"), ("company", "co_nonsense")])
            .await
            .expect_invalid(&["company"]);
        assert_eq!(api.get("/api/clients").await.expect(200).json["meta"]["total"], 0, "nothing was made");
    }

    async fn what_others_rely_on_the_form_of_is_checked(engine: Engine) {
        let (_kitchen, api) = Kitchen::quiet(engine).await;
        let client = make(&api, "Ada", "ada@example.com").await;
        for (field, good, bad) in [
            ("color", &["#ff8800", "#FF8800"][..], &["red", "#f80", "ff8800", "#ff88zz", "#ff8800; background: url(x)"][..]),
            ("timezone", &["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires"], &["Berlin", "Europe/Atlantis", "+02:00", "../etc/passwd"]),
            ("language", &["de", "pt-BR", "zh-Hant-TW", "de_DE"], &["d", "german language", "de-", "-", "../de"]),
        ] {
            for value in good {
                assert_eq!(api.put(&path(&client), &[(field, value)]).await.expect(200).json[field], *value);
            }
            for value in bad {
                api.put(&path(&client), &[(field, value)]).await.expect_invalid(&[field]);
                api.post("/api/clients", &[("name", "Bob"), ("email", "bob@example.com"), (field, value)]).await.expect_invalid(&[field]);
            }
        }
        let spelt = api.put(&path(&client), &[("timezone", "europe/berlin")]).await.expect(200);
        assert_eq!(spelt.json["timezone"], "Europe/Berlin", "as the database of time zones spells it");
    }

    async fn a_put_changes_what_it_names_and_the_event_tells_the_old_values(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let before = make(&api, "Ada", "ada@example.com").await;
        receiver.subscribe(&api, &["client.updated"]).await;
        kitchen.clock.advance(Duration::from_secs(10));
        let after = api.put(&path(&before), &[("title", "Countess"), ("phone", "123")]).await.expect(200).json;
        assert!(after["updated_at"].as_str() > before["updated_at"].as_str());
        let changed = json!({"title": "Countess", "phone": "123", "updated_at": after["updated_at"]});
        assert_eq!(with(before.clone(), &changed), after);
        assert_eq!(api.get(&path(&before)).await.expect(200).json, after);
        let event = receiver.events(1).await.remove(0);
        assert_eq!((&event["type"], &event["data"]), (&json!("client.updated"), &after));
        assert_eq!(event["previous_attributes"], json!({"title": null, "phone": null, "updated_at": before["updated_at"]}));
        kitchen.stop().await;
    }

    async fn what_may_be_empty_is_cleared_by_an_empty_text_or_null_and_the_rest_is_not(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        let company = api.post("/api/companies", &[("name", "Acme")]).await.expect(201).id();
        let full = [
            ("title", "T"),
            ("phone", "1"),
            ("language", "en"),
            ("timezone", "UTC"),
            ("color", "#ff0000"),
            ("company", company.as_str()),
        ];
        let client = make(&api, "Ada", "ada@example.com").await;
        for (name, value) in full {
            api.put(&path(&client), &full).await.expect(200);
            let by_form = api.put(&path(&client), &[(name, "")]).await.expect(200).json;
            assert_eq!(by_form[name], Value::Null, "{name}");
            let by_json = api.put_json(&path(&client), &json!({name: value})).await.expect(200).json;
            assert_eq!(by_json[name], value);
            let by_json = api.put_json(&path(&client), &json!({name: null})).await.expect(200).json;
            assert_eq!(by_json[name], Value::Null, "{name}");
            for (other, value) in full.iter().filter(|(other, _)| *other != name) {
                assert_eq!(by_json[*other], *value, "{other} is not touched by clearing {name}");
            }
        }
        for name in ["name", "email", "username"] {
            api.put(&path(&client), &[(name, "")]).await.expect_invalid(&[name]);
            api.put_json(&path(&client), &json!({name: null})).await.expect_invalid(&[name]);
        }
        assert_eq!(api.get(&path(&client)).await.json["name"], "Ada");
    }

    async fn an_update_that_changes_nothing_leaves_no_trace(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let client = make(&api, "Ada", "ada@example.com").await;
        receiver.subscribe(&api, &["client.updated", "client.deleted"]).await;
        kitchen.clock.advance(Duration::from_secs(10));
        for form in [&[][..], &[("name", "Ada"), ("title", "")], &[("unknown", "x")]] {
            assert_eq!(api.put(&path(&client), form).await.expect(200).json, client, "{form:?}");
        }
        assert_eq!(api.get(&path(&client)).await.json, client);
        api.delete(&path(&client)).await.expect(204);
        assert_eq!(receiver.events(1).await[0]["type"], "client.deleted", "the only event is that of the only change");
        kitchen.stop().await;
    }

    async fn a_deleted_client_is_gone_at_once(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let client = make(&api, "Ada", "ada@example.com").await;
        receiver.subscribe(&api, &["client.deleted"]).await;
        assert_eq!(api.delete(&path(&client)).await.expect(204).text, "");
        api.get(&path(&client)).await.expect(404);
        api.put(&path(&client), &[("name", "Ghost")]).await.expect(404);
        api.delete(&path(&client)).await.expect(404);
        assert_eq!(api.get("/api/clients?name=ada").await.expect(200).rows(), Vec::<Value>::new());
        let event = receiver.events(1).await.remove(0);
        assert_eq!((&event["type"], &event["data"]), (&json!("client.deleted"), &client), "the event shows what was deleted");
        kitchen.stop().await;
    }

    async fn an_address_belongs_to_one_person_of_a_workspace_whatever_its_case(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, other) = (kitchen.workspace("main").await, kitchen.workspace("other").await);
        let (ada, bob) = (make(&api, "Ada", "ada@example.com").await, make(&api, "Bob", "bob@example.com").await);
        api.post("/api/clients", &[("name", "Twin"), ("email", "ADA@Example.COM")]).await.expect_invalid(&["email"]);
        api.put(&path(&bob), &[("email", "aDa@example.com")]).await.expect_invalid(&["email"]);
        assert_eq!(api.get(&path(&bob)).await.json["email"], "bob@example.com");
        api.post("/api/clients", &[("name", "Olive"), ("email", "OLIVE@main.example")]).await.expect_invalid(&["email"]);
        let recased = api.put(&path(&ada), &[("email", "Ada@Example.com")]).await.expect(200).json;
        assert_eq!(recased["email"], "Ada@Example.com", "one's own address may change its case");
        make(&other, "Ada elsewhere", "ada@example.com").await;
        api.delete(&path(&ada)).await.expect(204);
        api.put(&path(&bob), &[("email", "ada@example.com")]).await.expect(200);
        make(&api, "Bob again", "bob@example.com").await;
    }

    async fn clients_are_found_by_part_of_the_name_and_by_the_whole_address(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        for (name, email) in
            [("Ada Łovelace", "ada@example.com"), ("Bob", "bob@example.com"), ("100% Bob_by\\", "b.b@example.com")]
        {
            make(&api, name, email).await;
        }
        for (query, names) in [
            ("name=ŁOVE", vec!["Ada Łovelace"]),
            ("name=bob", vec!["100% Bob_by\\", "Bob"]),
            ("name=%25", vec!["100% Bob_by\\"]),
            ("name=b_b", vec!["100% Bob_by\\"]),
            ("name=%5C", vec!["100% Bob_by\\"]),
            ("name=b%25b", vec![]),
            ("email=BOB@example.COM", vec!["Bob"]),
            ("email=bob", vec![]),
            ("email=bob@example.com&name=ada", vec![]),
            ("name=&email=", vec!["100% Bob_by\\", "Bob", "Ada Łovelace"]),
            ("unknown=1", vec!["100% Bob_by\\", "Bob", "Ada Łovelace"]),
        ] {
            let found = api.get(&format!("/api/clients?{query}")).await.expect(200);
            assert_eq!(column(&found.rows(), "name"), names, "{query}");
            assert_eq!(found.json["meta"]["total"], names.len(), "{query}");
        }
    }

    async fn clients_belong_to_companies_of_the_workspace(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        let company = api.post("/api/companies", &[("name", "Acme")]).await.expect(201).id();
        let client = api
            .post("/api/clients", &[("name", "Ada"), ("email", "a@example.com"), ("company", &company)])
            .await
            .expect(201)
            .json;
        assert_eq!(client["company"], company);
        let unknown = format!("{}{}", &company[..company.len() - 4], "0000");
        for wrong in [unknown.as_str(), "co_", "x", client["id"].as_str().unwrap()] {
            let refused = api.put(&path(&client), &[("company", wrong)]).await.expect_invalid(&["company"]);
            assert_eq!(refused.json["message"], "The selected company is invalid.");
        }
        assert_eq!(api.get(&path(&client)).await.json["company"], company);
    }

    async fn nothing_to_expand_and_only_as_an_array(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        let client = make(&api, "Ada", "ada@example.com").await;
        for path in ["/api/clients".to_owned(), path(&client)] {
            api.get(&format!("{path}?expand=company")).await.expect_invalid(&["expand"]);
            api.get(&format!("{path}?expand[]=nonsense")).await.expect_invalid(&["expand.0"]);
        }
    }

    async fn updates_of_different_fields_at_once_lose_nothing(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        let fields = ["name", "username", "title", "phone", "language", "timezone", "color"];
        let new = |field: &str| match field {
            "language" => "de".to_owned(),
            "timezone" => "Europe/Berlin".to_owned(),
            "color" => "#ff8800".to_owned(),
            field => format!("new {field}"),
        };
        for round in 0..3 {
            let client = make(&api, "Ada", &format!("ada{round}@example.com")).await;
            let replies = at_once((0..20).map(|number| {
                let (api, path, field) = (api.clone(), path(&client), fields[number % fields.len()]);
                async move { api.put(&path, &[(field, &new(field))]).await }
            }))
            .await;
            for reply in replies {
                reply.expect(200);
            }
            let after = api.get(&path(&client)).await.expect(200).json;
            for field in fields {
                assert_eq!(after[field], new(field), "a later update undid an earlier one: {after}");
            }
        }
        // Every change has told the old value of its own field exactly once.
        let events = events(&kitchen, &api, "client.updated").await;
        assert_eq!(events.len(), 3 * fields.len());
    }

    async fn twenty_creates_with_one_address_make_one_client(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        let replies = at_once((0..20).map(|number| {
            let api = api.clone();
            let email = if number % 2 == 0 { "ada@example.com" } else { "ADA@example.com" };
            async move { api.post("/api/clients", &[("name", "Ada"), ("email", email)]).await }
        }))
        .await;
        let (made, refused): (Vec<_>, Vec<_>) = replies.into_iter().partition(|reply| reply.status == 201);
        assert_eq!((made.len(), refused.len()), (1, 19));
        for reply in refused {
            reply.expect_invalid(&["email"]);
        }
        assert_eq!(api.get("/api/clients").await.json["meta"]["total"], 1);
    }

    async fn what_is_refused_at_the_same_time_costs_nobody_else_an_answer(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, other) = (kitchen.workspace("main").await, kitchen.workspace("other").await);
        let replies = at_once((0..60).map(|number| {
            let (api, email) = match number % 3 {
                0 => (api.clone(), "ada@example.com".to_owned()),
                1 => (api.clone(), format!("{number}@example.com")),
                _ => (other.clone(), format!("{number}@example.com")),
            };
            async move { api.post("/api/clients", &[("name", "Ada"), ("email", &email)]).await }
        }))
        .await;
        let made = |rest: usize| replies.iter().skip(rest).step_by(3).filter(|reply| reply.status == 201).count();
        assert_eq!([0, 1, 2].map(made), [1, 20, 20]);
        for (api, count) in [(&api, 21), (&other, 20)] {
            assert_eq!(api.get("/api/clients").await.json["meta"]["total"], count);
            assert_eq!(events(&kitchen, api, "client.created").await.len(), count);
        }
    }

    async fn unlike_methods_are_refused_by_name(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        let client = make(&api, "Ada", "ada@example.com").await;
        let refused = harness::client::send(api.request(Method::PATCH, &path(&client))).await.expect(405);
        let mut allowed: Vec<_> = refused.header("allow").split(',').map(str::trim).collect();
        allowed.sort_unstable();
        assert_eq!(allowed, ["DELETE", "GET", "HEAD", "PUT"]);
    }
}

/// The events of this type of a workspace.
async fn events(kitchen: &Kitchen, api: &Api, event_type: &str) -> Vec<domain::event::Event> {
    let mut view = kitchen.store.read(&api.key().workspace_id).await.unwrap();
    store::feeds::latest(&mut view, event_type, &store::feeds::Place::default(), 1000).await.unwrap().events
}

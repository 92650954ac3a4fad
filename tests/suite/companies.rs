//! Companies, and the people in them.

use harness::shape::{assert_id, assert_keys, assert_time, column};
use harness::{Api, Kitchen, Receiver, on_both_engines};
use serde_json::{Value, json};
use std::time::Duration;

const KEYS: &[&str] = &["id", "name", "initials", "website", "email", "phone_number", "address", "created_at", "updated_at"];

async fn make(api: &Api, name: &str) -> Value {
    api.post("/api/companies", &[("name", name)]).await.expect(201).json
}

fn path(company: &Value) -> String {
    format!("/api/companies/{}", company["id"].as_str().unwrap())
}

on_both_engines! {
    async fn a_website_is_an_address_on_the_web(engine: Engine) {
        let (_kitchen, api) = Kitchen::quiet(engine).await;
        let company = make(&api, "Acme").await;
        for good in ["https://acme.example", "http://acme.example/a?b=c#d", "HTTPS://Acme.example:8443/", "acme.example", "www.acme.example:8080/a"] {
            assert_eq!(api.put(&path(&company), &[("website", good)]).await.expect(200).json["website"], good);
        }
        for bad in ["javascript:alert(1)", "JavaScript:alert(1)//https://", "data:text/html,x", "ftp://acme.example", "acme", "\\\\acme.example", "https://", "//acme.example"] {
            api.put(&path(&company), &[("website", bad)]).await.expect_invalid(&["website"]);
            api.post("/api/companies", &[("name", "Bolt"), ("website", bad)]).await.expect_invalid(&["website"]);
        }
    }

    async fn a_company_is_made_shown_changed_and_deleted(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        receiver.subscribe(&api, &[]).await;
        let company = make(&api, "Acme").await;
        assert_keys(&company, KEYS);
        assert_id(&company["id"], "co");
        assert_time(&company["created_at"]);
        assert_time(&company["updated_at"]);
        for empty in ["initials", "website", "email", "phone_number", "address"] {
            assert_eq!(company[empty], Value::Null);
        }
        assert_eq!(api.get(&path(&company)).await.expect(200).json, company);
        kitchen.clock.advance(Duration::from_secs(5));
        let changes = json!({
            "initials": "AC", "website": "https://acme.example", "email": "hello@acme.example", "phone_number": "+1 2",
            "address": "1 Road\nTown",
        });
        let full = api.put_json(&path(&company), &changes).await.expect(200).json;
        for (name, value) in changes.as_object().unwrap() {
            assert_eq!(&full[name], value);
        }
        assert_eq!(full["name"], "Acme", "what is not named stays");
        let cleared = api.put(&path(&company), &[("website", ""), ("address", "  ")]).await.expect(200).json;
        assert_eq!((&cleared["website"], &cleared["address"], &cleared["initials"]), (&Value::Null, &Value::Null, &json!("AC")));
        assert_eq!(api.put(&path(&company), &[("initials", "AC")]).await.expect(200).json, cleared, "nothing changed");
        api.put(&path(&company), &[("name", "")]).await.expect_invalid(&["name"]);
        api.delete(&path(&company)).await.expect(204);
        api.get(&path(&company)).await.expect(404);
        api.delete(&path(&company)).await.expect(404);

        let events = receiver.events(4).await;
        assert_eq!(column(&events, "type"), ["company.created", "company.updated", "company.updated", "company.deleted"]);
        assert_eq!((&events[0]["data"], &events[1]["data"], &events[2]["data"]), (&company, &full, &cleared));
        let previous = json!({
            "initials": null, "website": null, "email": null, "phone_number": null, "address": null, "updated_at": company["updated_at"],
        });
        assert_eq!(events[1]["previous_attributes"], previous);
        assert_eq!(events[3]["data"], cleared);
        assert!(events[0].get("previous_attributes").is_none() && events[3].get("previous_attributes").is_none());
        kitchen.stop().await;
    }

    async fn a_name_is_taken_once_whatever_its_case_until_it_is_deleted(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, other) = (kitchen.workspace("main").await, kitchen.workspace("other").await);
        let (acme, bolt) = (make(&api, "Acme").await, make(&api, "Bolt").await);
        api.post("/api/companies", &[("name", "ACME")]).await.expect_invalid(&["name"]);
        api.put(&path(&bolt), &[("name", "acme")]).await.expect_invalid(&["name"]);
        api.put(&path(&acme), &[("name", "ACME")]).await.expect(200);
        make(&other, "Acme").await;
        api.delete(&path(&acme)).await.expect(204);
        api.put(&path(&bolt), &[("name", "acme")]).await.expect(200);
    }

    async fn companies_are_filtered_by_name_under_either_of_its_names(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        for name in ["Acme One", "Bolt", "acme two"] {
            make(&api, name).await;
        }
        for query in ["name=ACME", "title=acme", "name=acme&title=acme"] {
            let found = api.get(&format!("/api/companies?{query}")).await.expect(200).rows();
            assert_eq!(column(&found, "name"), ["acme two", "Acme One"], "{query}");
        }
    }

    async fn the_people_of_a_company_are_shown_when_asked_for(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        let (acme, bolt) = (make(&api, "Acme").await, make(&api, "Bolt").await);
        let join = async |email: &str, company: &Value| {
            let form = [("name", "P"), ("email", email), ("company", company["id"].as_str().unwrap())];
            api.post("/api/clients", &form).await.expect(201).json
        };
        let first = join("1@example.com", &acme).await;
        let second = join("2@example.com", &acme).await;
        let gone = join("3@example.com", &acme).await;
        join("4@example.com", &bolt).await;
        api.delete(&format!("/api/clients/{}", gone["id"].as_str().unwrap())).await.expect(204);
        assert!(api.get(&path(&acme)).await.expect(200).json.get("users").is_none());
        let expanded = api.get(&format!("{}?expand[]=users", path(&acme))).await.expect(200).json;
        assert_eq!(expanded["users"], json!([second, first]));
        let indexed = api.get(&format!("{}?expand[0]=users", path(&acme))).await.expect(200).json;
        assert_eq!(indexed, expanded);
        api.get(&format!("{}?expand=users", path(&acme))).await.expect_invalid(&["expand"]);
        api.get(&format!("{}?expand[]=users&expand[]=owner", path(&acme))).await.expect_invalid(&["expand.1"]);
        // An empty text is an absent value, in a list as elsewhere.
        assert!(api.get(&format!("{}?expand[]=", path(&acme))).await.expect(200).json.get("users").is_none());
    }

    async fn the_people_of_a_deleted_company_stay_and_each_change_is_an_event(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let acme = make(&api, "Acme").await;
        let mut clients = Vec::new();
        for email in ["1@example.com", "2@example.com"] {
            let form = [("name", "P"), ("email", email), ("company", acme["id"].as_str().unwrap())];
            clients.push(api.post("/api/clients", &form).await.expect(201).json);
        }
        receiver.subscribe(&api, &["client.updated", "company.deleted"]).await;
        kitchen.clock.advance(Duration::from_secs(5));
        api.delete(&path(&acme)).await.expect(204);
        let events = receiver.events(3).await;
        assert_eq!(column(&events, "type"), ["client.updated", "client.updated", "company.deleted"]);
        for client in clients {
            let now = api.get(&format!("/api/clients/{}", client["id"].as_str().unwrap())).await.expect(200).json;
            assert_eq!(now["company"], Value::Null);
            let event = events.iter().find(|event| event["data"]["id"] == client["id"]).unwrap();
            assert_eq!(event["data"], now);
            assert_eq!(event["previous_attributes"], json!({"company": acme["id"], "updated_at": client["updated_at"]}));
        }
        kitchen.stop().await;
    }

    async fn joining_a_company_while_it_is_deleted_ends_in_one_order_or_the_other(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        for round in 0..8 {
            let company = make(&api, &format!("Acme {round}")).await;
            let id = company["id"].as_str().unwrap().to_owned();
            let mut clients = Vec::new();
            for number in 0..3 {
                let form = [("name", "P"), ("email", &format!("{number}@{round}.example")), ("company", &id)];
                clients.push(api.post("/api/clients", &form).await.expect(201).id());
            }
            let joins = clients.iter().map(|client| {
                let (api, path, id) = (api.clone(), format!("/api/clients/{client}"), id.clone());
                tokio::spawn(async move { api.put(&path, &[("company", &id), ("title", "T")]).await })
            });
            let joins: Vec<_> = joins.collect();
            let deleted = api.delete(&path(&company)).await;
            assert_eq!(deleted.status, 204, "{}", deleted.text);
            for join in joins {
                let reply = join.await.unwrap();
                assert!(matches!(reply.status, 200 | 422), "{}", reply.text);
            }
            for client in clients {
                let client = api.get(&format!("/api/clients/{client}")).await.expect(200).json;
                assert_eq!(client["company"], Value::Null, "nobody is left in a company that is gone");
            }
        }
    }
}

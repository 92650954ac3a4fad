//! The list of event types: complete, and each sample like what is really delivered.

use crate::tasks;
use crate::zapier::{live_as_a_task, operate};
use domain::event::EventType;
use harness::receiver::Instruction;
use harness::shape::column;
use harness::{Api, Kitchen, Receiver, on_both_engines};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// Creates a thing, gives it another name, and deletes it.
async fn live(kitchen: &Kitchen, api: &Api, list: &str, path: &str, form: &[(&str, &str)]) -> String {
    let id = api.post(list, form).await.expect(201).id();
    kitchen.clock.advance(Duration::from_secs(2));
    let name = form[0].0;
    api.put(&format!("{path}/{id}"), &[(name, "Another name")]).await.expect(200);
    id
}

/// Every key there is, at any depth, with the type of its value; of null any type may be.
fn shape(value: &Value, at: &str, found: &mut BTreeMap<String, Option<&'static str>>) {
    let kind = match value {
        Value::Null => None,
        Value::Bool(_) => Some("boolean"),
        Value::Number(_) => Some("number"),
        Value::String(_) => Some("text"),
        Value::Array(_) => Some("list"),
        Value::Object(fields) => {
            for (key, value) in fields {
                shape(value, &format!("{at}.{key}"), found);
            }
            Some("object")
        }
    };
    found.insert(at.to_owned(), kind);
}

fn shape_of(value: &Value) -> BTreeMap<String, Option<&'static str>> {
    let mut found = BTreeMap::new();
    shape(value, "", &mut found);
    found
}

on_both_engines! {
    async fn every_type_is_listed_with_a_sample_like_the_real_thing(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let home = tasks::board(&api, "Elsewhere").await;
        let (first, second) = (tasks::list(&api, &home, "First").await, tasks::list(&api, &home, "Second").await);
        tasks::task(&api, &home, &second, "There already").await;
        tasks::forget_events(&kitchen).await;
        receiver.subscribe(&api, &["*"]).await;
        // Whose webhook is disabled at the only event it hears of.
        let gone = Receiver::start().await;
        gone.answer_always(Instruction::status(410));
        gone.subscribe(&api, &["list.deleted"]).await;
        let shared = ("visibility", "shared");
        let client = live(&kitchen, &api, "/api/clients", "/api/clients", &[("name", "Ada"), ("email", "ada@example.com")]).await;
        let company = live(&kitchen, &api, "/api/companies", "/api/companies", &[("name", "Acme")]).await;
        let folder = live(&kitchen, &api, "/api/folders", "/api/folders", &[("name", "F"), shared]).await;
        let board = live(&kitchen, &api, "/api/boards", "/api/boards", &[("title", "B"), shared]).await;
        let list = live(&kitchen, &api, &format!("/api/boards/{board}/lists"), "/api/lists", &[("title", "L")]).await;
        let task = tasks::task(&api, &home, &first, "T").await;
        live_as_a_task(&kitchen, &api, &task, &second).await;
        for gone in [format!("clients/{client}"), format!("companies/{company}"), format!("lists/{list}"), format!("boards/{board}"), format!("folders/{folder}")] {
            api.delete(&format!("/api/{gone}")).await.expect(204);
        }
        receiver.events(EventType::ALL.len() - 3).await;
        operate(&api).await;
        let all = receiver.events(EventType::ALL.len()).await;
        let delivered: BTreeMap<&str, &Value> = all.iter().map(|body| (body["type"].as_str().unwrap(), body)).collect();

        let reply = api.get("/api/event-types").await.expect(200);
        let rows = reply.rows();
        let expected: Vec<&str> = EventType::ALL.iter().map(|event| event.as_str()).collect();
        assert_eq!(column(&rows, "name"), expected);
        assert_eq!((&reply.json["meta"]["total"], &reply.json["meta"]["last_page"]), (&Value::from(rows.len()), &Value::from(1)));
        for row in &rows {
            let name = row["name"].as_str().unwrap();
            assert_eq!(row["group"], name.split_once('.').unwrap().0);
            assert!(row["description"].as_str().is_some_and(|text| text.starts_with('A') && text.ends_with('.')), "{row}");
            let (sample, real) = (shape_of(&row["sample"]), shape_of(delivered[name]));
            assert!(sample.keys().eq(real.keys()), "{name}: {:?} in the sample, {:?} in reality", sample.keys(), real.keys());
            for (key, kind) in &sample {
                let (Some(kind), Some(real)) = (kind, real[key]) else { continue };
                assert_eq!(*kind, real, "{name}{key}");
            }
            assert_eq!(row["sample"]["type"], name);
        }
        // Any key may look, and nobody without one.
        let narrow = api.post("/api/api-keys", &[("name", "Narrow"), ("scopes[]", "clients:read")]).await.expect(201);
        let narrow = Api::new(api.base(), narrow.json["token"].as_str().unwrap());
        assert_eq!(narrow.get("/api/event-types").await.expect(200).rows(), rows);
        Api::new(api.base(), "nonsense").get("/api/event-types").await.expect(401);
        kitchen.stop().await;
    }
}

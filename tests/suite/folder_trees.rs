//! Folders with all they hold, copied and deleted as operations: that the copy is whole, that a stopped one leaves nothing, that each
//! thing is an event once, and that the death of a worker makes none twice and leaves none out.

use crate::client_imports::count;
use crate::deliveries::start_worker;
use crate::replay::ended;
use crate::tasks::{label, path, task};
use harness::{Api, Kitchen, Program, Receiver, Site, eventually, figures, on_both_engines, services};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use store::steps;

const LEASE: Duration = Duration::from_secs(30);

async fn folder(api: &Api, name: &str, parent: &str) -> String {
    api.post("/api/folders", &[("name", name), ("visibility", "shared"), ("folder", parent)]).await.expect(201).id()
}

async fn board(api: &Api, title: &str, folder: &str) -> String {
    api.post("/api/boards", &[("title", title), ("visibility", "internal"), ("folder", folder)]).await.expect(201).id()
}

async fn list(api: &Api, title: &str, board: &str) -> String {
    api.post(&format!("/api/boards/{board}/lists"), &[("title", title)]).await.expect(201).id()
}

/// A folder of folders with so many boards in all, each with a list and a task, and how many things that is.
async fn tree(api: &Api, boards: u64) -> (String, u64) {
    let root = folder(api, "Plans", "").await;
    let inner = [root.clone(), folder(api, "Old plans", &root).await, folder(api, "New plans", &root).await];
    for (number, folder) in (0..boards).zip(inner.iter().cycle()) {
        let board = board(api, &format!("Board {number}"), folder).await;
        let list = list(api, "To do", &board).await;
        task(api, &board, &list, "Plan").await;
    }
    (root, 3 + 3 * boards)
}

async fn duplicate(api: &Api, id: &str, fields: Value) -> Value {
    api.post_json(&format!("/api/folders/{id}/duplicate"), &fields).await.expect(202).json
}

async fn now(api: &Api, operation: &Value) -> Value {
    api.get(&format!("/api/operations/{}", operation["id"].as_str().unwrap())).await.expect(200).json
}

/// What lies in a folder: everything but ids and times, by the names on the way there.
async fn content(api: &Api, id: &str) -> BTreeMap<String, Value> {
    let (mut found, mut open) = (BTreeMap::new(), vec![(String::new(), id.to_owned())]);
    while let Some((way, id)) = open.pop() {
        let mut page = 1;
        loop {
            let children =
                api.get(&format!("/api/folders/{id}/children?state=all&per_page=100&page={page}")).await.expect(200).rows();
            for mut child in children.clone() {
                let own = child["id"].as_str().unwrap().to_owned();
                let name = child["name"].as_str().or_else(|| child["title"].as_str()).unwrap().to_owned();
                let way = format!("{way}/{name}");
                child["archived_at"] = json!(child["archived_at"].is_string());
                for field in ["id", "folder", "created_at", "updated_at"] {
                    child.as_object_mut().unwrap().remove(field);
                }
                if child["object"] == "folder" {
                    open.push((way.clone(), own));
                } else {
                    let lists = api.get(&format!("/api/boards/{own}/lists?per_page=100")).await.expect(200).rows();
                    child["lists"] = lists.iter().map(|list| list["title"].clone()).collect();
                    child["tasks"] = tasks(api, &own).await;
                }
                assert!(found.insert(way.clone(), child).is_none(), "{way} is there twice");
            }
            if children.len() < 100 {
                break;
            }
            page += 1;
        }
    }
    found
}

/// The tasks of a board, with names in place of the ids of what is the board's own.
async fn tasks(api: &Api, board: &str) -> Value {
    let rows = async |path: &str| api.get(&format!("{path}?per_page=100")).await.expect(200).rows();
    let mut tasks = rows(&format!("/api/boards/{board}/tasks")).await;
    let mut names = BTreeMap::new();
    for of in ["lists", "labels", "custom-fields", "tasks"] {
        for row in rows(&format!("/api/boards/{board}/{of}")).await {
            let name = if of == "custom-fields" { &row["name"] } else { &row["title"] };
            names.insert(row["id"].as_str().unwrap().to_owned(), name.clone());
        }
    }
    let name = |id: &Value| if id.is_null() { Value::Null } else { names[id.as_str().unwrap()].clone() };
    for task in &mut tasks {
        for field in ["list", "parent"] {
            task[field] = name(&task[field]);
        }
        task["labels"] = task["labels"].as_array().unwrap().iter().map(name).collect();
        for value in task["custom_fields"].as_array_mut().unwrap() {
            value["custom_field"] = name(&value["custom_field"]);
        }
        for field in ["id", "board", "created_at", "updated_at"] {
            task.as_object_mut().unwrap().remove(field);
        }
    }
    json!(tasks)
}

/// How many things of this condition are there.
async fn things(url: &str, condition: &str) -> u64 {
    let mut things = 0;
    for table in ["folders", "boards", "lists", "tasks"] {
        things += count(url, table, condition).await;
    }
    things
}

async fn events(url: &str, verb: &str) -> u64 {
    let kinds = ["folder", "board", "list", "task"].map(|kind| format!("'{kind}.{verb}'")).join(", ");
    count(url, "events", &format!("event_type IN ({kinds})")).await
}

on_both_engines! {
    async fn a_copy_is_like_what_it_was_made_from(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, other, receiver) = (kitchen.workspace("main").await, kitchen.workspace("other").await, Receiver::start().await);
        let (home, root) = (folder(&api, "Home", "").await, folder(&api, "Plans", "").await);
        let (inner, plan) = (folder(&api, "Inner", &root).await, board(&api, "Plan", &root).await);
        let old = board(&api, "Old", &inner).await;
        let mut lists = Vec::new();
        for title in ["One", "Two", "Three"] {
            lists.push(list(&api, title, &plan).await);
        }
        let (red, blue) = (label(&api, &plan, "Red").await, label(&api, &plan, "Blue").await);
        let ada = api.post("/api/clients", &[("name", "Ada"), ("email", "ada@example.com")]).await.expect(201).id();
        let field = json!({"name": "Rank", "type": "list", "options": ["Low", "High"]});
        let field = api.post_json(&format!("/api/boards/{plan}/custom-fields"), &field).await.expect(201).id();
        let whole = task(&api, &plan, &lists[1], "Whole").await;
        let full = json!({
            "title": "Part", "list": lists[1], "labels": [red, blue], "assignee": ada, "members": [ada], "due_at": 1_773_325_117, "due_reminder": 5,
            "description": "<b>All</b>", "remaining_minutes_estimate": 3,
        });
        let part = api.post_json(&format!("/api/boards/{plan}/tasks"), &full).await.expect(201).id();
        api.post_json(&format!("{}/custom-fields", path(&part)), &json!({"custom_field": field, "value": "High"})).await.expect(201);
        api.post(&format!("{}/comments", path(&part)), &[("content", "Not copied"), ("format", "text")]).await.expect(201);
        // The older one a part of the younger: what it is a part of is copied when both are.
        api.put_json(&path(&whole), &json!({"parent": part, "completed": true})).await.expect(200);
        let gone_task = task(&api, &plan, &lists[1], "Gone").await;
        api.delete(&path(&gone_task)).await.expect(204);
        api.put(&format!("/api/folders/{inner}"), &[("description", "Deep\ndown"), ("role", "folder_viewer")]).await.expect(200);
        api.post(&format!("/api/boards/{old}/archive"), &[]).await.expect(200);
        let gone = board(&api, "Gone", &root).await;
        api.delete(&format!("/api/boards/{gone}")).await.expect(204);
        kitchen.clock.advance(Duration::from_secs(10));
        receiver.subscribe(&api, &["folder.*", "board.*", "list.*", "task.*", "task_comment.*"]).await;
        let begun = duplicate(&api, &root, json!({})).await;
        assert_eq!((&begun["kind"], &begun["total_count"], &begun["params"]["name"]), (&json!("folder.duplicate"), &json!(9), &json!("Copy of Plans")));
        let end = ended(&api, &begun).await;
        assert_eq!((&end["state"], &end["done_count"], &end["ends_as"]), (&json!("succeeded"), &json!(9), &json!(null)), "{end}");
        let copy = end["result"]["folder"].as_str().unwrap().to_owned();
        assert_eq!(end["result"], json!({"folder": copy, "folders_count": 2, "boards_count": 2, "lists_count": 3, "tasks_count": 2, "removed_count": 0}));
        let shown = api.get(&format!("/api/folders/{copy}")).await.expect(200).json;
        assert_eq!((&shown["name"], &shown["folder"], &shown["visibility"]), (&json!("Copy of Plans"), &json!(null), &json!("shared")));
        let (of_source, of_copy) = (content(&api, &root).await, content(&api, &copy).await);
        assert_eq!(of_copy, of_source);
        assert_eq!((of_copy["/Plan"]["lists"].clone(), of_copy["/Inner/Old"]["archived_at"].clone()), (json!(["Three", "Two", "One"]), json!(true)));
        assert_eq!((&of_copy["/Plan"]["tasks"][0]["labels"], &of_copy["/Plan"]["tasks"][1]["parent"]), (&json!(["Red", "Blue"]), &json!("Part")));
        let types: Vec<Value> = receiver.events(10).await.iter().map(|event| event["type"].clone()).collect();
        assert_eq!(types, [
            "folder.created", "board.created", "list.created", "list.created", "task.created", "task.created", "list.created", "task.updated",
            "folder.created", "board.created",
        ]);
        // Elsewhere, under another name.
        let placed = ended(&api, &duplicate(&api, &root, json!({"name": "Plans", "parent": home})).await).await;
        let placed = api.get(&format!("/api/folders/{}", placed["result"]["folder"].as_str().unwrap())).await.expect(200).json;
        assert_eq!((&placed["name"], &placed["folder"]), (&json!("Plans"), &json!(home)));
        // What cannot be.
        let path = format!("/api/folders/{root}/duplicate");
        api.post_json(&path, &json!({"parent": inner})).await.expect_invalid(&["parent"]);
        api.post_json(&path, &json!({"folder": root})).await.expect_invalid(&["folder"]);
        api.post_json(&path, &json!({"name": "a".repeat(256), "parent": 5, "callback_url": "nonsense"})).await.expect_invalid(&["callback_url", "name", "parent"]);
        other.post_json(&path, &json!({})).await.expect(404);
        other.delete(&format!("/api/folders/{root}?background=true")).await.expect(404);
        api.delete(&format!("/api/folders/{root}?background=perhaps")).await.expect_invalid(&["background"]);
        api.delete(&format!("/api/folders/{root}?callback_url=https%3A%2F%2Fexample.com")).await.expect_invalid(&["callback_url"]);
        let made = api.post_json("/api/api-keys", &json!({"name": "Narrow", "scopes": ["folders:write"]})).await.expect(201).json;
        Api::new(&kitchen.urls[0], made["token"].as_str().unwrap()).post_json(&path, &json!({})).await.expect(403);
        kitchen.stop().await;
    }

    async fn a_copy_that_is_cancelled_is_removed_and_can_be_made_again(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let (root, count) = tree(&api, figures::size(2000, 133)).await;
        let url = &kitchen.database_url;
        let begun = duplicate(&api, &root, json!({})).await;
        let cancel = format!("/api/operations/{}/cancel", begun["id"].as_str().unwrap());
        let (mut taken, mut seen) = (0, 0);
        while seen < count / 3 {
            let claimed = steps::claim_due(&kitchen.store, "w_one", LEASE).await.unwrap().expect("it is due");
            steps::take(&kitchen.store, &claimed).await.unwrap();
            let done = now(&api, &begun).await["done_count"].as_u64().unwrap();
            assert!(done > seen && done <= seen + 100, "a step is small: {done} after {seen}");
            (taken, seen) = (taken + 1, done);
        }
        assert_eq!(things(url, "deleted_at IS NULL").await, count + seen, "progress is what is there");
        let copy = now(&api, &begun).await["result"]["folder"].as_str().unwrap().to_owned();
        // The step that is under way while somebody cancels is not written.
        let late = steps::claim_due(&kitchen.store, "w_one", LEASE).await.unwrap().expect("it is due");
        let cancelled = api.post(&cancel, &[]).await.expect(200).json;
        assert_eq!((&cancelled["state"], &cancelled["ends_as"], &cancelled["ended_at"]), (&json!("running"), &json!("cancelled"), &json!(null)));
        steps::take(&kitchen.store, &late).await.unwrap();
        assert_eq!(api.post(&cancel, &[]).await.expect(200).json, cancelled, "twice is no error, and nothing was written late");
        assert!(api.post_json(&format!("/api/folders/{root}/duplicate"), &json!({})).await.expect(409).text.contains("under way"));
        let (stop, working) = start_worker(&kitchen);
        let end = ended(&api, &begun).await;
        assert_eq!((&end["state"], &end["ends_as"], &end["result"]["folder"]), (&json!("cancelled"), &json!(null), &json!(null)), "{end}");
        assert_eq!((end["result"]["removed_count"].as_u64(), end["done_count"].as_u64()), (Some(seen), Some(seen)));
        api.get(&format!("/api/folders/{copy}")).await.expect(404);
        assert_eq!(things(url, "deleted_at IS NULL").await, count);
        assert_eq!((events(url, "created").await, events(url, "deleted").await), (count + seen, seen), "each once");
        assert_eq!(self::count(url, "events", "event_type = 'operation.cancelled'").await, 1);
        // Once more, to its end, which a deletion undoes.
        let again = ended(&api, &duplicate(&api, &root, json!({})).await).await;
        assert_eq!((&again["state"], again["done_count"].as_u64()), (&json!("succeeded"), Some(count)));
        let copy = again["result"]["folder"].as_str().unwrap();
        assert_eq!(content(&api, copy).await, content(&api, &root).await);
        let deletion = api.delete(&format!("/api/folders/{copy}?background=1")).await.expect(202);
        assert_eq!(deletion.header("location"), format!("/api/operations/{}", deletion.json["id"].as_str().unwrap()));
        let gone = ended(&api, &deletion.json).await;
        assert_eq!((&gone["state"], gone["done_count"].as_u64(), gone["total_count"].as_u64()), (&json!("succeeded"), Some(count), Some(count)));
        assert_eq!((things(url, "deleted_at IS NULL").await, events(url, "deleted").await), (count, count + seen));
        let figure = format!("{taken} steps to {seen}, all removed and told; then {count} of {count}");
        figures::report(&format!("{count} things of a folder copied, cancelled midway, copied anew"), url, &figure);
        stop.cancel();
        working.await.unwrap();
        kitchen.stop().await;
    }

    async fn what_happens_to_the_folders_meanwhile_is_told(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let (root, count) = tree(&api, 40).await;
        let url = &kitchen.database_url;
        let step = async || {
            let claimed = steps::claim_due(&kitchen.store, "w_one", LEASE).await.unwrap().expect("it is due");
            steps::take(&kitchen.store, &claimed).await.unwrap();
        };
        // The copy is deleted while it grows.
        let begun = duplicate(&api, &root, json!({})).await;
        step().await;
        let copy = now(&api, &begun).await["result"]["folder"].as_str().unwrap().to_owned();
        api.delete(&format!("/api/folders/{copy}")).await.expect(204);
        step().await;
        step().await;
        let end = now(&api, &begun).await;
        assert_eq!((&end["state"], &end["error"]), (&json!("failed"), &json!("The copy was deleted meanwhile.")));
        // The copy is moved into what it is made from.
        let begun = duplicate(&api, &root, json!({})).await;
        step().await;
        let copy = now(&api, &begun).await["result"]["folder"].as_str().unwrap().to_owned();
        api.post(&format!("/api/folders/{copy}/move"), &[("parent", &root)]).await.expect(200);
        step().await;
        assert_eq!(now(&api, &begun).await["state"], "succeeded", "a copy is no part of itself");
        assert_eq!(things(url, "deleted_at IS NULL").await, 2 * count);
        // What it is made from is deleted: no half of it is left.
        let begun = duplicate(&api, &root, json!({})).await;
        step().await;
        api.delete(&format!("/api/folders/{root}")).await.expect(204);
        step().await;
        let removing = now(&api, &begun).await;
        assert_eq!((&removing["state"], &removing["ends_as"]), (&json!("running"), &json!("failed")));
        step().await;
        let end = now(&api, &begun).await;
        assert_eq!((&end["state"], &end["error"]), (&json!("failed"), &json!("The folder was deleted meanwhile.")));
        assert_eq!(things(url, "deleted_at IS NULL").await, 0);
        // A deletion that is cancelled leaves the rest.
        let (root, count) = tree(&api, 40).await;
        let begun = api.delete(&format!("/api/folders/{root}?background=true")).await.expect(202).json;
        api.delete(&format!("/api/folders/{root}?background=true")).await.expect(409);
        step().await;
        let cancelled = api.post(&format!("/api/operations/{}/cancel", begun["id"].as_str().unwrap()), &[]).await.expect(200).json;
        assert_eq!((&cancelled["state"], cancelled["done_count"].as_u64()), (&json!("cancelled"), Some(100)));
        assert_eq!(things(url, "deleted_at IS NULL").await, count - 100);
        kitchen.stop().await;
    }
}

/// Waits until some is done, and lets the worker die.
async fn kill(site: &Site, gateway: &Api, worker: &mut Program, operation: &Value, done: u64) -> bool {
    let seen = eventually("some is done", Duration::from_mins(2), || async {
        let now = now(gateway, operation).await;
        (now["done_count"].as_u64().unwrap() >= done).then_some(now)
    })
    .await;
    worker.kill_9().await;
    worker.start_again();
    if site.database_url().starts_with("sqlite:") {
        worker.wait_ready().await;
    }
    seen["ended_at"].is_null()
}

async fn end(api: &Api, operation: &Value) -> Value {
    eventually("it has ended", Duration::from_mins(2), || async {
        let now = now(api, operation).await;
        (!now["ended_at"].is_null()).then_some(now)
    })
    .await
}

/// A copy and a deletion whose worker is killed on the way.
async fn survive_kills(site: &Site, gateway: &Api, worker: &mut Program) {
    let (root, count) = tree(gateway, figures::size(2000, 133)).await;
    let (url, started) = (site.database_url(), Instant::now());
    let begun = duplicate(gateway, &root, json!({})).await;
    let mut midway = 0;
    for part in [1, 2, 3] {
        midway += usize::from(kill(site, gateway, worker, &begun, count * part / 4).await);
    }
    let copied = end(gateway, &begun).await;
    assert_eq!((&copied["state"], copied["done_count"].as_u64()), (&json!("succeeded"), Some(count)));
    assert_eq!(events(&url, "created").await, 2 * count);
    let copy = copied["result"]["folder"].as_str().unwrap();
    assert_eq!(content(gateway, copy).await, content(gateway, &root).await);
    let begun = gateway.delete(&format!("/api/folders/{copy}?background=true")).await.expect(202).json;
    for part in [1, 2] {
        midway += usize::from(kill(site, gateway, worker, &begun, count * part / 3).await);
    }
    let deleted = end(gateway, &begun).await;
    assert_eq!((&deleted["state"], deleted["done_count"].as_u64()), (&json!("succeeded"), Some(count)));
    assert_eq!((events(&url, "deleted").await, things(&url, "deleted_at IS NULL").await), (count, count));
    assert!(midway > 1, "it was killed before it had ended");
    let figure = format!("each copied once and deleted once, in {:.0} s", started.elapsed().as_secs_f64());
    figures::report(&format!("{count} things of a folder copied and deleted, five kill -9"), &url, &figure);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_survives_the_death_of_the_only_process() {
    let site = Site::embedded();
    let mut everything = site.start(&["serve"]).await;
    let api = everything.api(&site.new_key(1_000_000).await);
    survive_kills(&site, &api, &mut everything).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_survives_the_death_of_its_worker() {
    let site = Site::on_servers(&services::new_postgres().await, &services::new_redis());
    let gateway = site.start(&["gateway"]).await;
    let mut worker = site.start_worker().await;
    let api = gateway.api(&site.new_key(1_000_000).await);
    survive_kills(&site, &api, &mut worker).await;
}

//! Tasks: made, changed, completed, moved and deleted, in an order of their own on each list; what they name must be there.

use harness::client::send;
use harness::shape::{assert_id, assert_keys, assert_time, column};
use harness::{Api, Kitchen, Receiver, database, eventually, on_both_engines};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) async fn board(api: &Api, title: &str) -> String {
    api.post("/api/boards", &[("title", title), ("visibility", "internal")]).await.expect(201).id()
}

pub(crate) async fn list(api: &Api, board: &str, title: &str) -> String {
    api.post(&format!("/api/boards/{board}/lists"), &[("title", title)]).await.expect(201).id()
}

pub(crate) async fn task(api: &Api, board: &str, list: &str, title: &str) -> String {
    api.post(&format!("/api/boards/{board}/tasks"), &[("list", list), ("title", title)]).await.expect(201).id()
}

pub(crate) async fn board_of(api: &Api, list: &str) -> String {
    api.get(&format!("/api/lists/{list}")).await.expect(200).json["board"].as_str().unwrap().to_owned()
}

pub(crate) async fn label(api: &Api, board: &str, title: &str) -> String {
    let form = [("title", title), ("hex_color", "#ff8800")];
    api.post(&format!("/api/boards/{board}/labels"), &form).await.expect(201).id()
}

async fn client(api: &Api, name: &str) -> String {
    api.post("/api/clients", &[("name", name), ("email", &format!("{name}@example.com"))]).await.expect(201).id()
}

async fn owner(api: &Api) -> String {
    api.get("/api/me").await.expect(200).json["owner"]["id"].as_str().unwrap().to_owned()
}

/// Lets what happened so far be no news to anybody, whoever asks.
pub(crate) async fn forget_events(kitchen: &Kitchen) {
    eventually("every event is dispatched", Duration::from_secs(15), || async {
        (database::count(&kitchen.database_url, "events WHERE dispatched_at IS NULL").await == 0).then_some(())
    })
    .await;
    database::execute(&kitchen.database_url, "DELETE FROM events").await;
}

pub(crate) fn path(task: &str) -> String {
    format!("/api/tasks/{task}")
}

/// The titles of a board's tasks that a query leaves, newest first.
async fn titles(api: &Api, board: &str, query: &str) -> Vec<String> {
    column(&api.get(&format!("/api/boards/{board}/tasks{query}")).await.expect(200).rows(), "title")
}

/// The titles on a list, from top to bottom.
async fn on_list(api: &Api, board: &str, list: &str) -> Vec<String> {
    let mut rows = api.get(&format!("/api/boards/{board}/tasks?per_page=100&lists[]={list}")).await.expect(200).rows();
    rows.sort_by_key(|row| row["position"].as_i64().unwrap());
    let places: Vec<i64> = rows.iter().map(|row| row["position"].as_i64().unwrap()).collect();
    assert!(places.iter().all(|place| *place > 0) && places.windows(2).all(|two| two[0] < two[1]), "{places:?}");
    column(&rows, "title")
}

on_both_engines! {
    async fn a_task_is_made_shown_changed_completed_and_deleted(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let (owner, ada) = (owner(&api).await, client(&api, "ada").await);
        let board = board(&api, "Site").await;
        let (todo, red) = (list(&api, &board, "To do").await, label(&api, &board, "Rush").await);
        receiver.subscribe(&api, &["task.*"]).await;
        let bare = api.post(&format!("/api/boards/{board}/tasks"), &[("list", &todo), ("title", "Bare")]).await.expect(201).json;
        assert_keys(&bare, &[
            "id", "title", "description", "board", "list", "position", "parent", "assignee", "author", "members", "labels", "custom_fields",
            "completed", "completed_at", "completer", "start_at", "due_at", "due_reminder", "due_reminder_sent_at",
            "remaining_minutes_estimate", "milestone", "repeating", "created_at", "updated_at",
        ]);
        assert_id(&bare["id"], "tsk");
        assert_time(&bare["created_at"]);
        assert_eq!((&bare["board"], &bare["list"], &bare["position"]), (&json!(board), &json!(todo), &json!(1)));
        assert_eq!((&bare["author"], &bare["completed"], &bare["members"]), (&json!(owner), &json!(0), &json!([])));
        for empty in ["description", "parent", "assignee", "completed_at", "completer", "start_at", "due_at", "due_reminder", "milestone", "repeating"] {
            assert_eq!(bare[empty], Value::Null, "{empty}");
        }
        let made = api.post_json(&format!("/api/boards/{board}/tasks"), &json!({
            "list": todo, "title": "Full", "description": "<b>All</b> of it", "assignee": ada, "members": [owner, ada, owner], "labels": [red],
            "starts_at": 1_773_325_117, "due_at": "2026-03-13T14:18:37.500+02:00", "due_reminder": "30", "remaining_minutes_estimate": 90,
            "parent": bare["id"], "milestone": null, "repeating": false, "author": ada, "completed": 1, "position": 7,
        })).await.expect(201).json;
        let mut members = [owner.clone(), ada.clone()];
        members.sort();
        assert_eq!((&made["members"], &made["labels"], &made["assignee"]), (&json!(members), &json!([red]), &json!(ada)));
        assert_eq!((&made["start_at"], &made["due_at"]), (&json!("2026-03-12T14:18:37+00:00"), &json!("2026-03-13T12:18:37+00:00")));
        assert_eq!((&made["due_reminder"], &made["remaining_minutes_estimate"], &made["parent"]), (&json!(30), &json!(90), &bare["id"]));
        assert_eq!((&made["description"], &made["author"]), (&json!("<b>All</b> of it"), &json!(owner)));
        assert_eq!((&made["position"], &made["completed"]), (&json!(2), &json!(0)), "a new task is open, and the last on its list");
        let path = path(made["id"].as_str().unwrap());
        assert_eq!(api.get(&path).await.expect(200).json, made);
        kitchen.clock.advance(Duration::from_secs(5));
        assert_eq!(api.put_json(&path, &json!({"title": "Full", "members": made["members"], "completed": "0"})).await.expect(200).json, made, "nothing changed");
        let changed = api.put_json(&path, &json!({"title": "Fuller", "due_at": null, "members": [ada], "labels": [], "parent": ""})).await.expect(200).json;
        assert_eq!((&changed["due_at"], &changed["due_reminder"]), (&Value::Null, &Value::Null), "a reminder goes with the time it counts from");
        assert_eq!((&changed["members"], &changed["labels"], &changed["parent"], &changed["assignee"]), (&json!([ada]), &json!([]), &Value::Null, &json!(ada)));

        let complete = format!("{path}/complete");
        let done = api.post(&complete, &[]).await.expect(200).json;
        assert_eq!((&done["completed"], &done["completer"]), (&json!(1), &json!(owner)));
        assert_time(&done["completed_at"]);
        kitchen.clock.advance(Duration::from_secs(5));
        assert_eq!(api.post(&complete, &[("completed", "true")]).await.expect(200).json, done, "it is done already");
        let open = api.post_json(&complete, &json!({"completed": 0})).await.expect(200).json;
        assert_eq!((&open["completed"], &open["completed_at"], &open["completer"]), (&json!(0), &Value::Null, &Value::Null));
        let both = api.put(&path, &[("completed", "1"), ("title", "Fullest")]).await.expect(200).json;
        assert_eq!((&both["completed"], &both["title"]), (&json!(1), &json!("Fullest")));
        api.post(&complete, &[("completed", "perhaps")]).await.expect_invalid(&["completed"]);
        // As Kitchen's documents have it.
        assert_eq!(send(api.request(Method::HEAD, &format!("{path}/completed?completed=0"))).await.status, 405);
        assert_eq!(api.get(&path).await.expect(200).json, both, "asking for headers changes nothing");
        let reopened = api.get(&format!("{path}/completed?completed=false")).await.expect(200);
        assert_eq!((&reopened.json["completed"], reopened.header("deprecation")), (&json!(0), "@1767225600"));
        let narrow = api.post("/api/api-keys", &[("name", "Reads"), ("scopes[]", "read")]).await.expect(201).json;
        let narrow = Api::new(api.base(), narrow["token"].as_str().unwrap());
        narrow.get(&path).await.expect(200);
        narrow.get(&format!("{path}/completed?completed=true")).await.expect(403);

        api.delete(&path).await.expect(204);
        for gone in [api.get(&path).await, api.delete(&path).await, api.put(&path, &[("title", "T")]).await, api.post(&complete, &[]).await] {
            gone.expect(404);
        }
        let events = receiver.events(9).await;
        assert_eq!(column(&events, "type"), [
            "task.created", "task.created", "task.updated", "task.completed", "task.reopened", "task.updated", "task.completed",
            "task.reopened", "task.deleted",
        ]);
        assert_eq!(events[1]["data"], made);
        let mut before: Vec<&str> = events[2]["previous_attributes"].as_object().unwrap().keys().map(String::as_str).collect();
        before.sort_unstable();
        assert_eq!(before, ["due_at", "due_reminder", "labels", "members", "parent", "title", "updated_at"]);
        assert_eq!(events[3]["previous_attributes"], json!({"completed": 0, "completed_at": null, "completer": null, "updated_at": changed["updated_at"]}));
        assert_eq!((&events[5]["data"]["title"], &events[5]["data"]["completed"]), (&json!("Fullest"), &json!(0)), "one event of the title, and one of the end");
        assert_eq!(events[8]["data"], reopened.json);
        kitchen.stop().await;
    }

    async fn a_task_keeps_its_place_on_its_list(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let (here, there) = (board(&api, "Here").await, board(&api, "There").await);
        let (todo, done, far) = (list(&api, &here, "To do").await, list(&api, &here, "Done").await, list(&api, &there, "Far").await);
        let mut ids = Vec::new();
        for title in ["A", "B", "C", "D"] {
            ids.push(task(&api, &here, &todo, title).await);
        }
        let [a, b, c, d] = [0, 1, 2, 3].map(|place| ids[place].clone());
        receiver.subscribe(&api, &["task.moved", "task.updated"]).await;
        let go = async |task: &str, form: &[(&str, &str)]| api.post(&format!("{}/move", path(task)), form).await.expect(200).json;
        let order = async |list: &str, wanted: &str| {
            let board = if list == far { &there } else { &here };
            assert_eq!(on_list(&api, board, list).await.concat(), wanted);
        };
        order(&todo, "ABCD").await;
        for (task, position, wanted) in [
            (&d, "top", "DABC"), (&d, "bottom", "ABCD"), (&c, "2", "ACBD"), (&a, "3", "CBAD"), (&d, "1", "DCBA"), (&d, "99", "CBAD"), (&c, "top", "CBAD"),
        ] {
            let moved = go(task, &[("position", position)]).await;
            assert_eq!(moved["list"], json!(todo));
            if let Ok(place) = position.parse::<i64>() {
                assert_eq!(moved["position"], place.min(4), "the place that was asked for, or the last");
            }
            order(&todo, wanted).await;
        }
        // To another list, with and without its board.
        let moved = go(&b, &[("list", &done)]).await;
        assert_eq!((&moved["list"], &moved["position"], &moved["board"]), (&json!(done), &json!(1), &json!(here)));
        go(&c, &[("board", &here), ("list", &done), ("position", "top")]).await;
        go(&a, &[("list", &done), ("position", "2")]).await;
        order(&done, "CAB").await;
        order(&todo, "D").await;
        // To another board: what belongs to this one stays behind.
        let red = label(&api, &here, "Red").await;
        api.put_json(&path(&a), &json!({"labels": [red], "parent": c})).await.expect(200);
        api.put_json(&path(&b), &json!({"parent": a})).await.expect(200);
        kitchen.clock.advance(Duration::from_secs(1));
        let moved = go(&a, &[("board", &there), ("list", &far)]).await;
        assert_eq!((&moved["board"], &moved["labels"], &moved["parent"]), (&json!(there), &json!([]), &Value::Null));
        assert_eq!(api.get(&path(&b)).await.expect(200).json["parent"], Value::Null);
        order(&far, "A").await;
        order(&done, "CB").await;
        let before = api.get(&path(&a)).await.expect(200).json;
        assert_eq!(go(&a, &[("list", &far), ("position", "bottom")]).await, before, "it is there already");
        for (form, field) in [
            (json!({}), "list"),
            (json!({"board": there}), "list"),
            (json!({"board": here, "list": far}), "list"),
            (json!({"board": "tskb_000000000000000000000000", "list": far}), "board"),
            (json!({"list": "tskl_000000000000000000000000"}), "list"),
            (json!({"list": far, "position": "middle"}), "position"),
            (json!({"list": far, "position": 0}), "position"),
            (json!({"list": far, "position": 1_000_000_001}), "position"),
        ] {
            api.post_json(&format!("{}/move", path(&a)), &form).await.expect_invalid(&[field]);
        }
        let told = receiver.events(13).await;
        let moves: Vec<&Value> = told.iter().filter(|event| event["type"] == "task.moved").collect();
        assert_eq!(moves.len(), 4, "another place on the same list is an update");
        assert_eq!(moves[0]["previous_attributes"]["list"], json!(todo));
        assert_eq!((&moves[3]["previous_attributes"]["board"], &moves[3]["previous_attributes"]["labels"]), (&json!(here), &json!([red])));
        kitchen.stop().await;
    }

    async fn two_who_move_and_make_at_once_get_places_of_their_own(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let board = board(&api, "Board").await;
        let (one, two) = (list(&api, &board, "One").await, list(&api, &board, "Two").await);
        let mut all = Vec::new();
        for number in 0..8 {
            all.push(task(&api, &board, if number % 2 == 0 { &one } else { &two }, &number.to_string()).await);
        }
        let mut running = tokio::task::JoinSet::new();
        for (number, id) in all.into_iter().enumerate() {
            let (api, board, lists) = (api.clone(), board.clone(), [one.clone(), two.clone()]);
            running.spawn(async move {
                for turn in 0..4 {
                    let form = [("list", lists[(number + turn) % 2].as_str()), ("position", ["top", "2", "bottom"][turn % 3])];
                    api.post(&format!("{}/move", path(&id)), &form).await.expect(200);
                    task(&api, &board, &lists[turn % 2], "New").await;
                    api.put(&path(&id), &[("description", &turn.to_string())]).await.expect(200);
                }
            });
        }
        while let Some(done) = running.join_next().await {
            done.unwrap();
        }
        assert_eq!(on_list(&api, &board, &one).await.len() + on_list(&api, &board, &two).await.len(), 40);
        kitchen.stop().await;
    }

    async fn what_a_task_names_must_be_there(engine: Engine) {
        let (_kitchen, api) = Kitchen::quiet(engine).await;
        let (here, there) = (board(&api, "Here").await, board(&api, "There").await);
        let (todo, far) = (list(&api, &here, "To do").await, list(&api, &there, "Far").await);
        let (a, b) = (task(&api, &here, &todo, "A").await, task(&api, &here, &todo, "B").await);
        let (away, foreign) = (task(&api, &there, &far, "Away").await, label(&api, &there, "Foreign").await);
        let tasks = format!("/api/boards/{here}/tasks");
        api.post_json(&tasks, &json!({})).await.expect_invalid(&["list", "title"]);
        api.post_json("/api/boards/tskb_000000000000000000000000/tasks", &json!({"list": todo, "title": "T"})).await.expect(404);
        for (field, value) in [
            ("list", json!(far)),
            ("list", json!("tskl_000000000000000000000000")),
            ("parent", json!(away)),
            ("parent", json!("tsk_000000000000000000000000")),
            ("assignee", json!("u_000000000000000000000000")),
            ("labels.0", json!([foreign])),
            ("members.1", json!([owner(&api).await, "u_000000000000000000000000"])),
            ("members", json!(vec!["u_000000000000000000000000"; 51])),
            ("due_reminder", json!(5)),
            ("due_at", json!("tomorrow")),
            ("remaining_minutes_estimate", json!(-1)),
            ("milestone", json!("mst_000000000000000000000000")),
            ("repeating", json!(true)),
        ] {
            let mut body = json!({"list": todo, "title": "T"});
            body[field.split('.').next().unwrap()] = value.clone();
            api.post_json(&tasks, &body).await.expect_invalid(&[field]);
            if field != "list" {
                api.put_json(&path(&a), &json!({field.split('.').next().unwrap(): value})).await.expect_invalid(&[field]);
            }
        }
        api.post_json(&tasks, &json!({"list": todo, "title": "T", "start_at": 1, "starts_at": 2})).await.expect_invalid(&["starts_at"]);
        // No task is a part of itself, at any depth.
        let c = task(&api, &here, &todo, "C").await;
        api.put_json(&path(&b), &json!({"parent": a})).await.expect(200);
        api.put_json(&path(&c), &json!({"parent": b})).await.expect(200);
        for (task, parent) in [(&a, &a), (&a, &b), (&a, &c), (&b, &c)] {
            api.put_json(&path(task), &json!({"parent": parent})).await.expect_invalid(&["parent"]);
        }
        assert_eq!(api.get(&tasks).await.expect(200).json["meta"]["total"], 3, "nothing was made");
    }

    async fn tasks_are_filtered_and_expanded(engine: Engine) {
        let (_kitchen, api) = Kitchen::quiet(engine).await;
        let (owner, ada, bob) = (owner(&api).await, client(&api, "ada").await, client(&api, "bob").await);
        let (here, there) = (board(&api, "Here").await, board(&api, "There").await);
        let (todo, done, far) = (list(&api, &here, "To do").await, list(&api, &here, "Done").await, list(&api, &there, "Far").await);
        let (red, blue) = (label(&api, &here, "Red").await, label(&api, &here, "Blue").await);
        let tasks = format!("/api/boards/{here}/tasks");
        for task in [
            json!({"list": todo, "title": "One", "members": [ada], "labels": [red], "due_at": 1000, "start_at": 500, "assignee": bob}),
            json!({"list": todo, "title": "Two", "members": [ada, bob], "labels": [red, blue], "due_at": 2000}),
            json!({"list": done, "title": "Three", "labels": [blue], "due_at": "1970-01-01T00:50:00.900Z"}),
            json!({"list": done, "title": "Thirteen"}),
        ] {
            api.post_json(&tasks, &task).await.expect(201);
        }
        task(&api, &there, &far, "One elsewhere").await;
        let three = api.get(&format!("{tasks}?title=three")).await.expect(200).rows()[0]["id"].as_str().unwrap().to_owned();
        api.post(&format!("{}/complete", path(&three)), &[]).await.expect(200);
        let all = "Thirteen Three Two One";
        for (query, wanted) in [
            ("", all),
            ("?title=th", "Thirteen Three"),
            ("?status=open", "Thirteen Two One"),
            ("?status=completed", "Three"),
            ("?completed=1", "Three"),
            ("?completed=false&status=open", "Thirteen Two One"),
            ("?repeating=0", all),
            ("?repeating=1", ""),
            (&format!("?members[]={ada}"), "Two One"),
            (&format!("?members[]={bob}&members[]={owner}"), "Two"),
            (&format!("?lists[]={done}"), "Thirteen Three"),
            (&format!("?lists[]={done}&lists[]={todo}"), all),
            (&format!("?lists[]={far}"), ""),
            (&format!("?labels[]={blue}"), "Three Two"),
            (&format!("?labels[]={red}&labels[]={blue}&status=open"), "Two One"),
            ("?due_at=2000", "Two"),
            ("?due_at=>=2000", "Three Two"),
            ("?due_at=<=2000", "Two One"),
            ("?due_at=%3E%3D1970-01-01T00:50:00%2B00:00", "Three"),
            ("?due_at=3000", "Three"),
            ("?due_at[]=>=1001&due_at[]=<=2999", "Two"),
            ("?starts_at=>=1", "One"),
            ("?start_at=501", ""),
            ("?sort=title", "One Thirteen Three Two"),
        ] {
            assert_eq!(titles(&api, &here, query).await.join(" "), wanted, "{query}");
        }
        for (query, field) in [
            ("status=gone", "status"), ("status=open&completed=1", "completed"), ("due_at=>5", "due_at"), ("due_at=soon", "due_at"),
            ("members=x", "members"), ("members[]=x", "members.0"), ("lists[]=tskb_000000000000000000000000", "lists.0"),
            ("expand=list", "expand"), ("expand[]=parent", "expand.0"), ("start_at=1&starts_at=2", "starts_at"), ("repeating=x", "repeating"),
        ] {
            api.get(&format!("{tasks}?{query}")).await.expect_invalid(&[field]);
        }
        let page = api.get(&format!("{tasks}?per_page=1&page=4&expand[]=assignee&expand[]=author&expand[]=board&expand[]=list&expand[]=completer&expand[]=milestone")).await.expect(200);
        let one = &page.rows()[0];
        assert_eq!((&page.json["meta"]["total"], &one["title"]), (&json!(4), &json!("One")));
        assert_eq!(one["assignee"], api.get(&format!("/api/clients/{bob}")).await.expect(200).json);
        assert_eq!(one["author"], api.get(&format!("/api/members/{owner}")).await.expect(200).json);
        assert_eq!(one["board"], api.get(&format!("/api/boards/{here}")).await.expect(200).json);
        assert_eq!(one["list"], api.get(&format!("/api/lists/{todo}")).await.expect(200).json);
        assert_eq!((&one["completer"], &one["milestone"]), (&Value::Null, &Value::Null));
        let shown = api.get(&format!("{}?expand[]=completer", path(&three))).await.expect(200).json;
        assert_eq!(shown["completer"]["id"], json!(owner));
        // People are expanded for those alone who may look at them.
        let made = api.post("/api/api-keys", &[("name", "Boards"), ("scopes[]", "boards:read")]).await.expect(201).json;
        let narrow = Api::new(api.base(), made["token"].as_str().unwrap());
        narrow.get(&format!("{tasks}?expand[]=list&expand[]=board")).await.expect(200);
        narrow.get(&format!("{tasks}?expand[]=author")).await.expect(403);
        narrow.get(&format!("{}/members", path(&three))).await.expect(403);
    }

    async fn labels_and_members_are_put_on_tasks_and_taken_off(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let (here, there, ada) = (board(&api, "Here").await, board(&api, "There").await, client(&api, "ada").await);
        let todo = list(&api, &here, "To do").await;
        let labels = format!("/api/boards/{here}/labels");
        let red = api.post(&labels, &[("title", "Red"), ("hex_color", "#ff0000")]).await.expect(201).json;
        assert_keys(&red, &["id", "board", "title", "hex_color", "created_at", "updated_at"]);
        assert_id(&red["id"], "lbl");
        let plain = api.post(&labels, &[("hex_color", "#00ff00")]).await.expect(201).json;
        assert_eq!((&plain["title"], &plain["board"]), (&Value::Null, &json!(here)));
        api.post(&labels, &[("title", "x".repeat(256).as_str())]).await.expect_invalid(&["hex_color", "title"]);
        api.post(&labels, &[("hex_color", "red")]).await.expect_invalid(&["hex_color"]);
        assert_eq!(api.get(&labels).await.expect(200).rows(), [plain.clone(), red.clone()]);
        assert_eq!(api.get(&format!("{labels}?title=RE")).await.expect(200).rows(), std::slice::from_ref(&red));
        let (red, plain) = (red["id"].as_str().unwrap().to_owned(), plain["id"].as_str().unwrap().to_owned());
        let one = format!("{labels}/{red}");
        kitchen.clock.advance(Duration::from_secs(2));
        let renamed = api.put(&one, &[("title", "Rush")]).await.expect(200).json;
        assert_eq!((&renamed["title"], &renamed["hex_color"]), (&json!("Rush"), &json!("#ff0000")));
        let alone = format!("/api/labels/{red}");
        for path in [&one, &alone] {
            assert_eq!(api.get(path).await.expect(200).json, renamed);
            assert_eq!(api.put(path, &[("title", "Rush")]).await.expect(200).json, renamed, "nothing changed");
            api.put(path, &[("hex_color", "")]).await.expect_invalid(&["hex_color"]);
        }
        let wrong_board = format!("/api/boards/{there}/labels/{red}");
        for reply in [api.get(&wrong_board).await, api.put(&wrong_board, &[]).await, api.delete(&wrong_board).await] {
            reply.expect(404);
        }

        let (a, b) = (task(&api, &here, &todo, "A").await, task(&api, &here, &todo, "B").await);
        receiver.subscribe(&api, &["task.updated"]).await;
        let (on_a, members) = (format!("{}/labels", path(&a)), format!("{}/members", path(&a)));
        assert_eq!(api.post(&on_a, &[("label", &red)]).await.expect(201).json, renamed);
        assert_eq!(api.post(&on_a, &[("label", &red)]).await.expect(200).json, renamed, "twice is once");
        api.post(&on_a, &[("label", &plain)]).await.expect(201);
        assert_eq!(column(&api.get(&on_a).await.expect(200).rows(), "id"), [plain.clone(), red.clone()]);
        let elsewhere = label(&api, &there, "Elsewhere").await;
        for wrong in [&elsewhere, "lbl_000000000000000000000000", ""] {
            api.post(&on_a, &[("label", wrong)]).await.expect_invalid(&["label"]);
        }
        api.delete(&format!("{on_a}/{plain}")).await.expect(204);
        api.delete(&format!("{on_a}/{plain}")).await.expect(404);
        let shown = api.get(&format!("/api/clients/{ada}")).await.expect(200).json;
        assert_eq!(api.post(&members, &[("user", &ada)]).await.expect(201).json, shown);
        assert_eq!(api.post_json(&members, &json!({"user": ada})).await.expect(200).json, shown);
        api.post(&members, &[("user", &owner(&api).await)]).await.expect(201);
        api.post(&members, &[("user", "u_000000000000000000000000")]).await.expect_invalid(&["user"]);
        assert_eq!(api.get(&members).await.expect(200).rows().len(), 2);
        assert_eq!(api.get(&format!("{members}?name=ada")).await.expect(200).rows(), [shown]);
        api.delete(&format!("{members}/{}", owner(&api).await)).await.expect(204);
        api.delete(&format!("{members}/{}", owner(&api).await)).await.expect(404);
        let task = api.get(&path(&a)).await.expect(200).json;
        assert_eq!((&task["labels"], &task["members"]), (&json!([red]), &json!([ada])));
        // A label that goes is taken off, and so is a person.
        api.put_json(&path(&b), &json!({"labels": [red, plain], "assignee": ada, "members": [ada]})).await.expect(200);
        api.delete(&alone).await.expect(204);
        for gone in [api.get(&one).await, api.get(&alone).await, api.delete(&one).await] {
            gone.expect(404);
        }
        api.delete(&format!("/api/clients/{ada}")).await.expect(204);
        let (a, b) = (api.get(&path(&a)).await.expect(200).json, api.get(&path(&b)).await.expect(200).json);
        assert_eq!((&a["labels"], &a["members"]), (&json!([]), &json!([])));
        assert_eq!((&b["labels"], &b["members"], &b["assignee"]), (&json!([plain]), &json!([]), &Value::Null));
        let told = receiver.events(11).await;
        assert_eq!(told[1]["previous_attributes"]["labels"], json!([red]));
        assert_eq!((&told[10]["data"]["id"], &told[10]["data"]["assignee"]), (&b["id"], &Value::Null));
        assert_eq!((&told[10]["previous_attributes"]["assignee"], &told[10]["previous_attributes"]["members"]), (&json!(ada), &json!([ada])));
        kitchen.stop().await;
    }

    async fn tasks_go_with_their_list_and_their_board(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let folder = api.post("/api/folders", &[("name", "F"), ("visibility", "shared")]).await.expect(201).id();
        let form = [("title", "B"), ("visibility", "shared"), ("folder", folder.as_str())];
        let (board, other) = (api.post("/api/boards", &form).await.expect(201).id(), board(&api, "Other").await);
        let (one, two, away) = (list(&api, &board, "One").await, list(&api, &board, "Two").await, list(&api, &other, "Away").await);
        let (a, b, c) = (task(&api, &board, &one, "A").await, task(&api, &board, &two, "B").await, task(&api, &board, &two, "C").await);
        let d = task(&api, &other, &away, "D").await;
        api.put_json(&path(&b), &json!({"parent": a})).await.expect(200);
        api.put_json(&path(&c), &json!({"parent": b})).await.expect(200);
        forget_events(&kitchen).await;
        // Webhooks that listen at a board, and at a folder, hear of its tasks alone.
        receiver.subscribe(&api, &["list.deleted"]).await;
        for (place, id) in [("boards", &board), ("folders", &folder)] {
            let body = json!({"url": receiver.at("/part"), "events_types": ["task.*"], place: [id]});
            api.post_json("/api/webhooks", &body).await.expect(201);
        }
        api.put(&path(&d), &[("title", "Dee")]).await.expect(200);
        api.delete(&path(&b)).await.expect(204);
        assert_eq!(api.get(&path(&c)).await.expect(200).json["parent"], Value::Null, "the parts of a deleted task stay");
        api.put_json(&path(&c), &json!({"parent": a})).await.expect(200);
        api.delete(&format!("/api/lists/{one}")).await.expect(204);
        api.get(&path(&a)).await.expect(404);
        assert_eq!(api.get(&path(&c)).await.expect(200).json["parent"], Value::Null);
        api.delete(&format!("/api/boards/{board}")).await.expect(204);
        for gone in [api.get(&path(&c)).await, api.get(&format!("/api/boards/{board}/tasks")).await, api.post(&format!("{}/complete", path(&c)), &[]).await] {
            gone.expect(404);
        }
        assert_eq!(api.get(&path(&d)).await.expect(200).json["title"], "Dee");
        let received = receiver.wait_for(14).await;
        let told = |of: &str| {
            let of = received.iter().filter(|one| one.path == of).map(harness::Received::json);
            of.map(|event| format!("{} {}", event["type"].as_str().unwrap(), event["data"]["title"].as_str().unwrap())).collect::<Vec<_>>()
        };
        let mut part = told("/part");
        part.sort();
        let each = ["task.deleted A", "task.deleted B", "task.deleted C", "task.updated C", "task.updated C", "task.updated C"];
        assert_eq!(part, each.iter().flat_map(|event| [*event; 2]).collect::<Vec<_>>(), "each of both webhooks, and nothing of D");
        kitchen.stop().await;
    }
}

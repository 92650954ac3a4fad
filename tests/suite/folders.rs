//! Folders: a tree that is made, moved, archived, restored, listed one level at a time, and deleted with all that is in it.

use harness::shape::{assert_id, assert_keys, assert_time, column};
use harness::{Api, Kitchen, Receiver, on_both_engines};
use serde_json::{Value, json};
use std::time::Duration;

const KEYS: &[&str] = &["id", "name", "description", "visibility", "role", "folder", "archived_at", "created_at", "updated_at"];

/// A private folder in another, or at the root for an empty `parent`.
async fn make(api: &Api, name: &str, parent: &str) -> String {
    api.post("/api/folders", &[("name", name), ("visibility", "private"), ("folder", parent)]).await.expect(201).id()
}

async fn make_board(api: &Api, title: &str, folder: &str) -> String {
    api.post("/api/boards", &[("title", title), ("visibility", "private"), ("folder", folder)]).await.expect(201).id()
}

async fn show(api: &Api, id: &str) -> Value {
    api.get(&format!("/api/folders/{id}")).await.expect(200).json
}

on_both_engines! {
    async fn a_folder_is_made_shown_and_changed(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        receiver.subscribe(&api, &[]).await;
        let made = api.post("/api/folders", &[("name", "Plans"), ("visibility", "internal")]).await.expect(201).json;
        assert_keys(&made, KEYS);
        assert_id(&made["id"], "fo");
        assert_time(&made["created_at"]);
        for empty in ["description", "role", "folder", "archived_at"] {
            assert_eq!(made[empty], Value::Null, "{empty}");
        }
        let path = format!("/api/folders/{}", made["id"].as_str().unwrap());
        assert_eq!(api.get(&path).await.expect(200).json, made);
        kitchen.clock.advance(Duration::from_secs(5));
        let changes = json!({"description": "Line one\nline two", "role": "folder_viewer", "visibility": "shared"});
        let changed = api.put_json(&path, &changes).await.expect(200).json;
        assert_eq!((&changed["description"], &changed["visibility"]), (&changes["description"], &json!("shared")));
        assert_eq!(changed["name"], "Plans");
        assert_eq!(api.put(&path, &[("visibility", "shared")]).await.expect(200).json, changed, "nothing changed");
        let cleared = api.put(&path, &[("description", ""), ("role", "")]).await.expect(200).json;
        assert_eq!((&cleared["description"], &cleared["role"]), (&Value::Null, &Value::Null));
        let ignored = api
            .put(&path, &[("folder", "fo_nonsense"), ("parent", "fo_nonsense"), ("archived_at", "2020-01-01T00:00:00Z")])
            .await;
        assert_eq!(ignored.expect(200).json, cleared, "a folder is moved and archived by requests of their own");
        let events = receiver.events(3).await;
        assert_eq!(column(&events, "type"), ["folder.created", "folder.updated", "folder.updated"]);
        let previous = json!({"description": null, "role": null, "visibility": "internal", "updated_at": made["updated_at"]});
        assert_eq!(events[1]["previous_attributes"], previous);
        assert_eq!(events[2]["data"], cleared);
        kitchen.stop().await;
    }

    async fn what_a_folder_needs_is_asked_for(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        let folder = make(&api, "Plans", "").await;
        api.post("/api/folders", &[]).await.expect_invalid(&["name", "visibility"]);
        for (field, wrong) in [
            ("visibility", "public"),
            ("visibility", "Private"),
            ("role", "board_admin"),
            ("role", "x"),
            ("folder", "fo_x"),
            ("folder", "fo_000000000000000000000000"),
            ("template", "tpl_000000000000000000000000"),
        ] {
            let form: Vec<_> = [("name", "N"), ("visibility", "private")]
                .into_iter()
                .filter(|(name, _)| *name != field)
                .chain([(field, wrong)])
                .collect();
            api.post("/api/folders", &form).await.expect_invalid(&[field]);
        }
        for field in ["name", "visibility"] {
            api.put(&format!("/api/folders/{folder}"), &[(field, "")]).await.expect_invalid(&[field]);
        }
        let nested = [
            ("name", "Inner"),
            ("visibility", "private"),
            ("folder", &folder),
            ("clone[boards]", "1"),
            ("memberships[0][user]", "u_x"),
        ];
        assert_eq!(api.post("/api/folders", &nested).await.expect(201).json["folder"], folder, "unknown fields do no harm");
    }

    async fn a_list_shows_active_folders_unless_asked_otherwise(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        let (_, old, _) = (make(&api, "Open one", "").await, make(&api, "Old one", "").await, make(&api, "Open two", "").await);
        let archived = api.post(&format!("/api/folders/{old}/archive"), &[]).await.expect(200).json;
        assert_time(&archived["archived_at"]);
        for (query, names) in [
            ("", vec!["Open two", "Open one"]),
            ("?state=active", vec!["Open two", "Open one"]),
            ("?state=archived", vec!["Old one"]),
            ("?state=all", vec!["Open two", "Old one", "Open one"]),
            ("?state=all&name=ONE", vec!["Old one", "Open one"]),
            ("?state=", vec!["Open two", "Open one"]),
        ] {
            let list = api.get(&format!("/api/folders{query}")).await.expect(200);
            assert_eq!(
                (column(&list.rows(), "name"), &list.json["meta"]["total"]),
                (names.iter().map(ToString::to_string).collect(), &json!(names.len())),
                "{query}"
            );
        }
        for query in ["state=Archived", "state=open", "state[]=all"] {
            api.get(&format!("/api/folders?{query}")).await.expect_invalid(&["state"]);
        }
    }

    async fn archiving_and_restoring_are_events_once(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let folder = make(&api, "Plans", "").await;
        receiver.subscribe(&api, &["folder.updated"]).await;
        assert_eq!(api.post(&format!("/api/folders/{folder}/restore"), &[]).await.expect(200).json["archived_at"], Value::Null);
        kitchen.clock.advance(Duration::from_secs(5));
        let archived = api.post(&format!("/api/folders/{folder}/archive"), &[]).await.expect(200).json;
        kitchen.clock.advance(Duration::from_secs(5));
        let again = api.post(&format!("/api/folders/{folder}/archive"), &[]).await.expect(200).json;
        assert_eq!(archived, again, "the time it was archived stays");
        api.put(&format!("/api/folders/{folder}"), &[("name", "Old plans")]).await.expect(200);
        let restored = api.post_json(&format!("/api/folders/{folder}/restore"), &json!({})).await.expect(200).json;
        assert_eq!((&restored["archived_at"], &restored["name"]), (&Value::Null, &json!("Old plans")));
        let events = receiver.events(3).await;
        assert_eq!(events[0]["previous_attributes"]["archived_at"], Value::Null);
        assert!(events[1]["previous_attributes"].get("archived_at").is_none());
        assert_eq!(events[2]["previous_attributes"]["archived_at"], archived["archived_at"]);
        kitchen.stop().await;
    }

    async fn a_folder_moves_into_another_and_back_to_the_root(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let (one, two) = (make(&api, "One", "").await, make(&api, "Two", "").await);
        receiver.subscribe(&api, &["folder.updated"]).await;
        let path = format!("/api/folders/{one}/move");
        assert_eq!(api.post(&path, &[("parent", &two)]).await.expect(200).json["folder"], two);
        assert_eq!(api.post(&path, &[("parent", &two)]).await.expect(200).json["folder"], two);
        assert_eq!(api.post(&path, &[("parent", "")]).await.expect(200).json["folder"], Value::Null);
        assert_eq!(
            api.post_json(&path, &json!({"folder": two})).await.expect(200).json["folder"],
            two,
            "`folder` is understood too"
        );
        assert_eq!(api.post_json(&path, &json!({"parent": null})).await.expect(200).json["folder"], Value::Null);
        assert_eq!(show(&api, &one).await["folder"], Value::Null);
        let events = receiver.events(4).await;
        let previous: Vec<_> = events.iter().map(|event| event["previous_attributes"]["folder"].clone()).collect();
        assert_eq!(previous, [Value::Null, json!(two), Value::Null, json!(two)]);
        kitchen.stop().await;
    }

    async fn a_folder_moves_only_where_it_can_lie(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        let top = make(&api, "Top", "").await;
        let middle = make(&api, "Middle", &top).await;
        let bottom = make(&api, "Bottom", &middle).await;
        let (old, gone) = (make(&api, "Old", "").await, make(&api, "Gone", "").await);
        api.post(&format!("/api/folders/{old}/archive"), &[]).await.expect(200);
        api.delete(&format!("/api/folders/{gone}")).await.expect(204);
        let board = make_board(&api, "Board", "").await;
        for field in ["parent", "folder"] {
            for target in [&top, &middle, &bottom, &old, &gone, &board, "fo_", "fo_000000000000000000000000"] {
                let refused = api.post(&format!("/api/folders/{top}/move"), &[(field, target)]).await;
                assert_eq!(refused.status, 422, "to {target}: {}", refused.text);
                refused.expect_invalid(&[field]);
            }
        }
        api.post(&format!("/api/folders/{top}/move"), &[]).await.expect_invalid(&["parent"]);
        api.post_json(&format!("/api/folders/{top}/move"), &json!({"parent": 7})).await.expect_invalid(&["parent"]);
        api.post(&format!("/api/folders/{gone}/move"), &[("parent", &top)]).await.expect(404);
        assert_eq!(show(&api, &top).await["folder"], Value::Null, "nothing moved");
        // Nothing is made in an archived folder either.
        api.post("/api/folders", &[("name", "N"), ("visibility", "private"), ("folder", &old)]).await.expect_invalid(&["folder"]);
        api.post("/api/boards", &[("title", "N"), ("visibility", "private"), ("folder", &old)]).await.expect_invalid(&["folder"]);
    }

    async fn moves_that_cross_never_tie_a_knot(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        for round in 0..8 {
            let mut ends = Vec::new();
            for name in ["A", "B", "C"] {
                let top = make(&api, &format!("{name}{round}"), "").await;
                let inner = make(&api, "inner", &top).await;
                ends.push((top, inner));
            }
            // Each top into the inner folder of the next: all three together would be a ring.
            let moves: Vec<_> = (0..3)
                .map(|at| {
                    let (api, top, target) = (api.clone(), ends[at].0.clone(), ends[(at + 1) % 3].1.clone());
                    tokio::spawn(async move { api.post(&format!("/api/folders/{top}/move"), &[("parent", &target)]).await })
                })
                .collect();
            let mut statuses = Vec::new();
            for reply in moves {
                let reply = reply.await.unwrap();
                assert!(matches!(reply.status, 200 | 422), "{}", reply.text);
                statuses.push(reply.status);
            }
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 200, 422], "exactly the move that closes the ring is refused");
        }
    }

    async fn children_are_listed_one_level_deep_and_say_what_they_are(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        let top = make(&api, "Top", "").await;
        make(&api, "Elsewhere", "").await;
        let b_folder = make(&api, "b folder", &top).await;
        let a_board = make_board(&api, "A board", &top).await;
        let old = make_board(&api, "Old board", &top).await;
        let gone = make_board(&api, "Gone board", &top).await;
        make_board(&api, "Too deep", &b_folder).await;
        api.post(&format!("/api/boards/{old}/archive"), &[]).await.expect(200);
        api.delete(&format!("/api/boards/{gone}")).await.expect(204);
        let children = async |query: &str| {
            let list = api.get(&format!("/api/folders/{top}/children{query}")).await.expect(200);
            let ids = column(&list.rows(), "id");
            assert_eq!(list.json["meta"]["total"], ids.len(), "{query}");
            ids
        };
        assert_eq!(children("").await, [a_board.as_str(), &b_folder]);
        assert_eq!(children("?state=all").await, [old.as_str(), &a_board, &b_folder]);
        assert_eq!(children("?state=archived").await, [old.as_str()]);
        assert_eq!(children("?object[]=folder").await, [b_folder.as_str()]);
        assert_eq!(children("?object[]=folder&object[]=folder").await, [b_folder.as_str()]);
        assert_eq!(children("?object[]=board&state=all").await, [old.as_str(), &a_board]);
        assert_eq!(children("?object[]=board&object[]=folder").await, [a_board.as_str(), &b_folder]);
        assert_eq!(children("?sort=name").await, [a_board.as_str(), &b_folder]);
        assert_eq!(children("?sort=-name").await, [b_folder.as_str(), &a_board]);
        let rows = api.get(&format!("/api/folders/{top}/children")).await.expect(200).rows();
        let mut board = api.get(&format!("/api/boards/{a_board}")).await.expect(200).json;
        board["object"] = json!("board");
        let mut folder = show(&api, &b_folder).await;
        folder["object"] = json!("folder");
        assert_eq!(rows, [board, folder], "a child is the resource itself and says which");
        api.get(&format!("/api/folders/{top}/children?object=folder")).await.expect_invalid(&["object"]);
        api.get(&format!("/api/folders/{top}/children?object[]=folder&object[]=task")).await.expect_invalid(&["object.1"]);
        api.get("/api/folders/fo_000000000000000000000000/children").await.expect(404);
    }

    async fn a_deleted_folder_takes_all_that_is_in_it_innermost_first(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let top = make(&api, "Top", "").await;
        let inner = make(&api, "Inner", &top).await;
        let innermost = make(&api, "Innermost", &inner).await;
        let beside = make(&api, "Beside", "").await;
        let (board, other_board) = (make_board(&api, "Board", &inner).await, make_board(&api, "Other", &beside).await);
        let list = api.post(&format!("/api/boards/{board}/lists"), &[("title", "To do")]).await.expect(201).id();
        api.post(&format!("/api/folders/{inner}/archive"), &[]).await.expect(200);
        let top_before = show(&api, &top).await;
        receiver.subscribe(&api, &["folder.deleted", "board.deleted", "list.deleted"]).await;
        api.delete(&format!("/api/folders/{top}")).await.expect(204);
        for path in [
            format!("folders/{top}"),
            format!("folders/{inner}"),
            format!("folders/{innermost}"),
            format!("boards/{board}"),
            format!("boards/{board}/lists"),
            format!("lists/{list}"),
        ] {
            api.get(&format!("/api/{path}")).await.expect(404);
        }
        show(&api, &beside).await;
        api.get(&format!("/api/boards/{other_board}")).await.expect(200);
        let events = receiver.events(5).await;
        assert_eq!(
            column(&events, "type"),
            ["folder.deleted", "list.deleted", "board.deleted", "folder.deleted", "folder.deleted"]
        );
        let deleted: Vec<_> = events.iter().map(|event| event["data"]["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(deleted, [innermost.as_str(), &list, &board, &inner, &top]);
        assert_eq!(events[4]["data"], top_before);
        kitchen.stop().await;
    }

    async fn nothing_is_left_behind_in_a_folder_that_is_deleted_meanwhile(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        for round in 0..6 {
            let top = make(&api, &format!("Top {round}"), "").await;
            let inner = make(&api, "Inner", &top).await;
            let loose = make_board(&api, "Loose", "").await;
            let mut tasks = Vec::new();
            for number in 0..6 {
                let (api, inner, loose) = (api.clone(), inner.clone(), loose.clone());
                tasks.push(tokio::spawn(async move {
                    let form = [
                        ("name", "N"),
                        ("title", "N"),
                        ("visibility", "private"),
                        ("folder", inner.as_str()),
                        ("parent", &inner),
                    ];
                    match number {
                        0 | 3 => api.post("/api/folders", &form).await,
                        1 | 4 => api.post("/api/boards", &form).await,
                        _ => api.post(&format!("/api/boards/{loose}/move"), &form[4..]).await,
                    }
                }));
            }
            let deleted = api.delete(&format!("/api/folders/{top}")).await;
            assert_eq!(deleted.status, 204, "{}", deleted.text);
            for task in tasks {
                let reply = task.await.unwrap();
                assert!(matches!(reply.status, 200 | 201 | 404 | 422), "{}", reply.text);
            }
            for kind in ["folders", "boards"] {
                for row in api.get(&format!("/api/{kind}?per_page=100")).await.expect(200).rows() {
                    assert_ne!(row["folder"], json!(inner), "{kind}: something lies in a folder that is gone");
                }
            }
        }
    }
}

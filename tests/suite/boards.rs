//! Boards and the lists on them.

use harness::shape::{assert_id, assert_keys, assert_time, column};
use harness::{Api, Kitchen, Receiver, on_both_engines};
use serde_json::{Value, json};
use std::time::Duration;

async fn make(api: &Api, title: &str) -> Value {
    api.post("/api/boards", &[("title", title), ("visibility", "internal")]).await.expect(201).json
}

fn path(board: &Value) -> String {
    format!("/api/boards/{}", board["id"].as_str().unwrap())
}

on_both_engines! {
    async fn a_board_is_made_shown_changed_archived_moved_and_deleted(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let folder = api.post_json("/api/folders", &json!({"name": "F", "visibility": "shared"})).await.expect(201).id();
        receiver.subscribe(&api, &["board.created", "board.updated", "board.deleted"]).await;
        let board = make(&api, "Sprint").await;
        assert_keys(
            &board,
            &["id", "title", "description", "visibility", "role", "folder", "archived_at", "created_at", "updated_at"],
        );
        assert_id(&board["id"], "tskb");
        assert_time(&board["created_at"]);
        for empty in ["description", "role", "folder", "archived_at"] {
            assert_eq!(board[empty], Value::Null, "{empty}");
        }
        assert_eq!(api.get(&path(&board)).await.expect(200).json, board);
        kitchen.clock.advance(Duration::from_secs(5));
        let changed = api.put(&path(&board), &[("role", "board_viewer"), ("description", "Why")]).await.expect(200).json;
        assert_eq!(
            (&changed["role"], &changed["description"], &changed["title"]),
            (&json!("board_viewer"), &json!("Why"), &json!("Sprint"))
        );
        assert_eq!(api.put(&path(&board), &[("description", "Why")]).await.expect(200).json, changed, "nothing changed");
        let cleared = api.put_json(&path(&board), &json!({"role": null, "description": ""})).await.expect(200).json;
        assert_eq!((&cleared["role"], &cleared["description"]), (&Value::Null, &Value::Null));
        let archived = api.post(&format!("{}/archive", path(&board)), &[]).await.expect(200).json;
        assert_time(&archived["archived_at"]);
        assert_eq!(api.post(&format!("{}/archive", path(&board)), &[]).await.expect(200).json, archived);
        assert_eq!(api.post(&format!("{}/restore", path(&board)), &[]).await.expect(200).json["archived_at"], Value::Null);
        let moved = api.post(&format!("{}/move", path(&board)), &[("parent", &folder)]).await.expect(200).json;
        assert_eq!(moved["folder"], folder);
        api.delete(&path(&board)).await.expect(204);
        api.get(&path(&board)).await.expect(404);
        api.post(&format!("{}/restore", path(&board)), &[]).await.expect(404);
        let events = receiver.events(7).await;
        let updated = ["board.updated"; 5];
        assert_eq!(column(&events, "type"), [&["board.created"][..], &updated, &["board.deleted"]].concat());
        assert_eq!(
            events[1]["previous_attributes"],
            json!({"role": null, "description": null, "updated_at": board["updated_at"]})
        );
        assert_eq!(events[6]["data"], moved);
        kitchen.stop().await;
    }

    async fn what_a_board_needs_is_asked_for(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        let board = make(&api, "Sprint").await;
        api.post_json("/api/boards", &json!({})).await.expect_invalid(&["title", "visibility"]);
        api.post("/api/boards", &[("title", "T"), ("visibility", "all"), ("role", "folder_admin"), ("folder", "x")])
            .await
            .expect_invalid(&["folder", "role", "visibility"]);
        api.put(&path(&board), &[("title", " "), ("visibility", "")]).await.expect_invalid(&["title", "visibility"]);
        api.post(&format!("{}/move", path(&board)), &[]).await.expect_invalid(&["parent"]);
        api.post(&format!("{}/move", path(&board)), &[("parent", board["id"].as_str().unwrap())])
            .await
            .expect_invalid(&["parent"]);
        api.post(&format!("{}/move", path(&board)), &[("folder", "fo_000000000000000000000000")])
            .await
            .expect_invalid(&["folder"]);
    }

    async fn boards_are_filtered_by_state_and_title(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        let (_, old) = (make(&api, "Sprint one").await, make(&api, "Sprint two").await);
        make(&api, "Other").await;
        api.post(&format!("{}/archive", path(&old)), &[]).await.expect(200);
        for (query, titles) in [
            ("", vec!["Other", "Sprint one"]),
            ("?title=SPRINT", vec!["Sprint one"]),
            ("?title=sprint&state=all", vec!["Sprint two", "Sprint one"]),
            ("?state=archived", vec!["Sprint two"]),
        ] {
            assert_eq!(column(&api.get(&format!("/api/boards{query}")).await.expect(200).rows(), "title"), titles, "{query}");
        }
        api.get("/api/boards?state=gone").await.expect_invalid(&["state"]);
    }

    async fn lists_are_made_on_a_board_and_go_with_it(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let (board, other) = (make(&api, "Sprint").await, make(&api, "Other").await);
        api.post(
            "/api/webhooks",
            &[
                ("url", &receiver.at("/")),
                ("events_types[]", "list.created"),
                ("events_types[]", "list.updated"),
                ("events_types[]", "list.deleted"),
            ],
        )
        .await
        .expect(201);
        let lists = format!("{}/lists", path(&board));
        let todo = api.post(&lists, &[("title", "To do")]).await.expect(201).json;
        assert_keys(&todo, &["id", "title", "board", "created_at", "updated_at"]);
        assert_id(&todo["id"], "tskl");
        assert_eq!(todo["board"], board["id"]);
        let done = api.post_json(&lists, &json!({"title": "Done", "board": other["id"]})).await.expect(201).json;
        assert_eq!(done["board"], board["id"], "the path says which board");
        let elsewhere = api.post(&format!("{}/lists", path(&other)), &[("title", "To do")]).await.expect(201).json;
        assert_eq!(api.get(&lists).await.expect(200).rows(), [done.clone(), todo.clone()]);
        assert_eq!(column(&api.get(&format!("{lists}?title=TO")).await.expect(200).rows(), "title"), ["To do"]);
        api.post(&lists, &[]).await.expect_invalid(&["title"]);
        let list = format!("/api/lists/{}", todo["id"].as_str().unwrap());
        assert_eq!(api.get(&list).await.expect(200).json, todo);
        assert_eq!(api.put(&list, &[("title", "To do")]).await.expect(200).json, todo, "nothing changed");
        kitchen.clock.advance(Duration::from_secs(5));
        let renamed = api.put(&list, &[("title", "Doing")]).await.expect(200).json;
        assert_eq!(renamed["title"], "Doing");
        api.put(&list, &[("title", "")]).await.expect_invalid(&["title"]);
        let done_path = format!("/api/lists/{}", done["id"].as_str().unwrap());
        api.delete(&done_path).await.expect(204);
        api.get(&done_path).await.expect(404);
        api.delete(&path(&board)).await.expect(204);
        api.get(&list).await.expect(404);
        api.get(&lists).await.expect(404);
        api.post(&lists, &[("title", "Late")]).await.expect(404);
        assert_eq!(api.get(&format!("/api/lists/{}", elsewhere["id"].as_str().unwrap())).await.expect(200).json, elsewhere);
        let events = receiver.events(6).await;
        assert_eq!(
            column(&events, "type"),
            ["list.created", "list.created", "list.created", "list.updated", "list.deleted", "list.deleted"]
        );
        assert_eq!(events[3]["previous_attributes"], json!({"title": "To do", "updated_at": todo["updated_at"]}));
        assert_eq!((&events[4]["data"], &events[5]["data"]), (&done, &renamed));
        kitchen.stop().await;
    }
}

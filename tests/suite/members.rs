//! Members: the team, to be read.

use harness::shape::{assert_id, assert_keys, assert_time, column};
use harness::{Kitchen, on_both_engines};
use serde_json::{Value, json};

on_both_engines! {
    async fn the_owner_is_a_member_and_clients_are_not(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        let client = api.post("/api/clients", &[("name", "Ada"), ("email", "ada@example.com")]).await.expect(201).id();
        let rows = api.get("/api/members").await.expect(200).rows();
        assert_eq!(column(&rows, "email"), ["olive@main.example"]);
        let owner = &rows[0];
        assert_keys(
            owner,
            &[
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
            ],
        );
        assert_id(&owner["id"], "u");
        assert_time(&owner["created_at"]);
        assert_eq!((&owner["group"], &owner["role"], &owner["title"]), (&json!("manager"), &json!("owner"), &Value::Null));
        let path = format!("/api/members/{}", owner["id"].as_str().unwrap());
        assert_eq!(&api.get(&path).await.expect(200).json, owner);
        api.get(&format!("/api/members/{client}")).await.expect(404);
    }

    async fn a_member_is_not_reached_as_a_client(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        let owner = api.get("/api/members").await.expect(200).rows()[0]["id"].as_str().unwrap().to_owned();
        let path = format!("/api/clients/{owner}");
        api.get(&path).await.expect(404);
        api.put(&path, &[("name", "Mallory")]).await.expect(404);
        api.delete(&path).await.expect(404);
        assert_eq!(api.get(&format!("/api/members/{owner}")).await.expect(200).json["name"], "Olive Owner");
    }

    async fn members_are_filtered_like_clients(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        for (query, count) in [("name=OLIVE", 1), ("name=ada", 0), ("email=Olive@Main.example", 1), ("email=olive", 0)] {
            assert_eq!(api.get(&format!("/api/members?{query}")).await.expect(200).json["meta"]["total"], count, "{query}");
        }
    }
}

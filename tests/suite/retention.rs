//! What is old is removed, kind by kind and each at its age; what still waits to be done is not, and nor is anything a day too early.

use crate::people::{nobody_listens, open};
use domain::clock::Timestamp;
use domain::retention::Aged;
use harness::receiver::{Instruction, Receiver};
use harness::{Api, Kitchen, Setup, database, eventually, on_both_engines};
use std::time::Duration;
use store::retention;

const DAY: Duration = Duration::from_hours(24);

async fn rows(kitchen: &Kitchen, table: &str) -> usize {
    let start = format!("{table}: ");
    database::dump(&kitchen.database_url).await.lines().filter(|line| line.starts_with(&start)).count()
}

/// Clears all there is of a kind, batch by batch.
async fn clear(kitchen: &Kitchen, what: Aged, before: Timestamp) -> u64 {
    let (mut count, mut place) = (0, None);
    loop {
        let batch = retention::clear(&kitchen.store, what, before, place.as_deref()).await.unwrap();
        count += batch.count;
        match batch.next {
            Some(next) => place = Some(next),
            None => return count,
        }
    }
}

async fn attempts(api: &Api, delivery: &str) -> Vec<serde_json::Value> {
    let delivery = api.get(&format!("/api/deliveries/{delivery}")).await.expect(200).json;
    delivery["attempts"].as_array().unwrap().clone()
}

on_both_engines! {
    async fn a_worker_removes_what_is_old(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        let receiver = Receiver::start().await;
        let hook = receiver.subscribe(&api, &[]).await["id"].as_str().unwrap().to_owned();
        api.post("/api/clients", &[("name", "Ada"), ("email", "ada@acme.example")]).await.expect(201);
        let delivery = eventually("the delivery", Duration::from_secs(10), || async {
            let found = api.get(&format!("/api/webhooks/{hook}/deliveries")).await.expect(200).rows();
            found.first().filter(|row| row["state"] == "delivered").map(|row| row["id"].as_str().unwrap().to_owned())
        })
        .await;
        eventually("the routines planned", Duration::from_secs(10), || async {
            (store::routines::list(&kitchen.store, 0).await.unwrap().len() == 3).then_some(())
        })
        .await;
        // What was answered is kept for two weeks, and that it was delivered for sixty days.
        assert!(!attempts(&api, &delivery).await[0]["request_headers"].is_null());
        kitchen.clock.advance(13 * DAY);
        eventually("a run that left them", Duration::from_secs(10), || async {
            let found = store::routines::list(&kitchen.store, 1).await.unwrap();
            let run = found.into_iter().find(|routine| routine.name == "clear-old")?.runs.pop()?;
            run.ended_at?;
            (!run.summary?.contains("attempts")).then_some(())
        })
        .await;
        assert!(!attempts(&api, &delivery).await[0]["request_headers"].is_null());
        kitchen.clock.advance(2 * DAY);
        eventually("contents removed", Duration::from_secs(10), || async {
            attempts(&api, &delivery).await[0]["request_headers"].is_null().then_some(())
        })
        .await;
        kitchen.clock.advance(46 * DAY);
        eventually("the delivery removed", Duration::from_secs(10), || async {
            (api.get(&format!("/api/deliveries/{delivery}")).await.status == 404).then_some(())
        })
        .await;
        eventually("its event removed", Duration::from_secs(10), || async { (rows(&kitchen, "events").await == 0).then_some(()) }).await;
        assert_eq!(rows(&kitchen, "attempts").await, 0);
        // The history says what was done, as soon as the run has ended.
        eventually("a run that removed them", Duration::from_secs(10), || async {
            let told = store::routines::list(&kitchen.store, 10).await.unwrap();
            let told = told.into_iter().find(|routine| routine.name == "clear-old").unwrap().runs;
            assert!(told.iter().all(|run| !run.is_failed), "{told:?}");
            told.iter().any(|run| run.summary.as_ref().is_some_and(|told| told.contains("1 deliveries, 1 events"))).then_some(())
        })
        .await;
        kitchen.stop().await;
    }

    async fn what_waits_is_kept_at_any_age(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        let receiver = Receiver::start().await;
        receiver.answer_always(Instruction::status(500));
        receiver.subscribe(&api, &[]).await;
        api.post("/api/clients", &[("name", "Ada"), ("email", "ada@acme.example")]).await.expect(201);
        receiver.wait_for(1).await;
        let later = kitchen.clock.now().plus(400 * DAY);
        for what in [Aged::Deliveries, Aged::Events, Aged::Mails, Aged::Operations] {
            assert_eq!(clear(&kitchen, what, later).await, 0, "{what:?}");
        }
        kitchen.stop().await;
        // An event that nobody has looked at yet, and a mail that is still to be sent.
        let mail = nobody_listens();
        let kitchen = Kitchen::start_with(engine, Setup { has_worker: false, mail: Some(mail), ..Setup::default() }).await;
        let api = kitchen.workspace("main").await;
        api.post("/api/members", &[("name", "Tom"), ("email", "tom@main.example")]).await.expect(201);
        api.post("/api/clients", &[("name", "Ada"), ("email", "ada@acme.example")]).await.expect(201);
        for what in Aged::ALL.into_iter().filter(|what| !matches!(what, Aged::AuditEntries | Aged::Counts)) {
            assert_eq!(clear(&kitchen, what, later).await, 0, "{what:?}");
        }
        assert_eq!((rows(&kitchen, "events").await, rows(&kitchen, "mails").await, rows(&kitchen, "invitations").await), (1, 1, 1));
        kitchen.stop().await;
    }

    async fn each_kind_goes_at_its_age_and_no_earlier(engine: Engine) {
        let (kitchen, api, owner) = open(engine).await;
        let other = kitchen.workspace("other").await;
        // More than fits one batch, in two workspaces.
        let begun = kitchen.clock.now();
        for (api, count) in [(&api, 600), (&other, 5)] {
            let workspace = &api.key().workspace_id;
            let statement = format!(
                "INSERT INTO audit_entries (workspace_id, id, created_at, actor_kind, actor_name, actor_key, action, subject) \
                 WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) \
                 SELECT '{workspace}', 'aud_' || i, {} + i, 'key', 'Key', 'key', 'webhook.tested', 'webhooks' FROM n",
                begun.minus(DAY).millis()
            );
            database::execute(&kitchen.database_url, &statement).await;
        }
        let before = rows(&kitchen, "audit_entries").await;
        assert_eq!(clear(&kitchen, Aged::AuditEntries, begun.minus(DAY)).await, 0);
        assert_eq!(clear(&kitchen, Aged::AuditEntries, begun.minus(DAY / 2)).await, 605);
        assert_eq!(rows(&kitchen, "audit_entries").await, before - 605);
        // An invitation that was followed, and a mail that was written.
        let id = api.post("/api/members", &[("name", "Tom"), ("email", "tom@main.example")]).await.expect(201).id();
        owner.post(&format!("/settings/people/{id}/remove"), &[]).await.expect(303);
        database::execute(&kitchen.database_url, "UPDATE mails SET due_at = NULL, state = 'sent'").await;
        for (what, table) in [(Aged::Mails, "mails"), (Aged::Invitations, "invitations")] {
            let before = rows(&kitchen, table).await as u64;
            assert_eq!(clear(&kitchen, what, begun.minus(DAY)).await, 0, "{what:?}");
            assert_eq!(clear(&kitchen, what, begun.plus(DAY)).await, before, "{what:?}");
        }
        kitchen.stop().await;
    }

    async fn what_was_deleted_is_removed_for_good(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let made = async |path: &str, fields: &[(&str, &str)]| api.post(path, fields).await.expect(201).id();
        let mut kept = Vec::new();
        for is_deleted in [true, false] {
            let name = if is_deleted { "Old" } else { "New" };
            let company = made("/api/companies", &[("name", name)]).await;
            let email = format!("{name}@acme.example");
            let client = made("/api/clients", &[("name", name), ("email", &email), ("company", &company)]).await;
            let hook = made("/api/webhooks", &[("url", "http://127.0.0.1:9/")]).await;
            let folder = made("/api/folders", &[("name", name), ("visibility", "internal")]).await;
            let inner = made("/api/folders", &[("name", name), ("visibility", "internal"), ("folder", &folder)]).await;
            let board = made("/api/boards", &[("title", name), ("visibility", "internal"), ("folder", &inner)]).await;
            let list = made(&format!("/api/boards/{board}/lists"), &[("title", name)]).await;
            let label = made(&format!("/api/boards/{board}/labels"), &[("hex_color", "#ff8800")]).await;
            let field = made(&format!("/api/boards/{board}/custom-fields"), &[("name", name), ("type", "text")]).await;
            let task = made(&format!("/api/boards/{board}/tasks"), &[("title", name), ("list", &list)]).await;
            let value = [("custom_field", field.as_str()), ("value", "so")];
            api.post(&format!("/api/tasks/{task}/custom-fields"), &value).await.expect(201);
            api.post(&format!("/api/tasks/{task}/labels"), &[("label", &label)]).await.expect(201);
            api.post(&format!("/api/tasks/{task}/members"), &[("user", &client)]).await.expect(201);
            made(&format!("/api/tasks/{task}/comments"), &[("content", name), ("format", "text")]).await;
            let paths = [
                format!("/api/companies/{company}"),
                format!("/api/clients/{client}"),
                format!("/api/webhooks/{hook}"),
                format!("/api/folders/{folder}"),
            ];
            for path in paths {
                if is_deleted {
                    api.delete(&path).await.expect(204);
                } else {
                    kept.extend([path, format!("/api/tasks/{task}"), format!("/api/boards/{board}")]);
                }
            }
        }
        let tables = [
            "companies", "folders", "boards", "lists", "tasks", "labels", "custom_fields", "task_comments", "task_labels",
            "task_members", "task_custom_fields", "webhooks",
        ];
        let count = async || {
            let mut counts = Vec::new();
            for table in tables {
                counts.push((table, rows(&kitchen, table).await));
            }
            counts
        };
        let before = count().await;
        let now = kitchen.clock.now();
        assert_eq!(clear(&kitchen, Aged::Deleted, now.minus(DAY)).await, 0);
        assert_eq!(count().await, before);
        clear(&kitchen, Aged::Deleted, now.plus(DAY)).await;
        // Half of each; whoever is deleted leaves their tasks at once.
        let left: Vec<_> = before.iter().map(|(table, count)| (*table, if *table == "task_members" { 1 } else { count / 2 })).collect();
        assert_eq!(count().await, left);
        let dump = database::dump(&kitchen.database_url).await;
        assert!(!dump.lines().any(|line| line.starts_with("users: ") && line.contains("Old@")), "nothing tells who it was");
        assert_eq!(clear(&kitchen, Aged::Deleted, now.plus(DAY)).await, 0, "once");
        for path in kept {
            api.get(&path).await.expect(200);
        }
        kitchen.stop().await;
    }

    async fn what_told_the_end_of_an_operation_goes_with_the_last_that_knows_of_it(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, receiver) = (kitchen.workspace("main").await, Receiver::start().await);
        let later = kitchen.clock.now().plus(400 * DAY);
        for first in [Aged::Operations, Aged::Deliveries] {
            let folder = api.post("/api/folders", &[("name", "Site"), ("visibility", "internal")]).await.expect(201).id();
            let callback = receiver.at("/done");
            let query = format!("/api/folders/{folder}/duplicate");
            let begun = api.post(&query, &[("callback_url", &callback)]).await.expect(202).id();
            eventually("its end is told", Duration::from_secs(10), || async {
                let shown = api.get(&format!("/api/operations/{begun}")).await.json;
                let told = api.get(&format!("/api/deliveries/{}", shown["callback_delivery"].as_str()?)).await.json;
                (told["state"] == "delivered").then_some(())
            })
            .await;
            // More than one batch, which goes before its operation.
            let failures = format!(
                "INSERT INTO operation_failures (operation_id, line, field, reason) \
                 WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200) SELECT '{begun}', i, 'name', 'So' FROM n"
            );
            database::execute(&kitchen.database_url, &failures).await;
            let left = async || [rows(&kitchen, "operations").await, rows(&kitchen, "operation_failures").await, rows(&kitchen, "webhooks").await];
            let second = if first == Aged::Operations { Aged::Deliveries } else { Aged::Operations };
            if first == Aged::Operations {
                for failures in [700, 200] {
                    let batch = retention::clear(&kitchen.store, first, later, None).await.unwrap();
                    assert_eq!((batch.count, left().await), (0, [1, failures, 1]));
                }
            }
            clear(&kitchen, first, later).await;
            assert_eq!(clear(&kitchen, Aged::Callbacks, later).await, 0, "{first:?}: one still knows of it");
            clear(&kitchen, second, later).await;
            assert_eq!(clear(&kitchen, Aged::Callbacks, later.minus(800 * DAY)).await, 0, "too young");
            assert_eq!(clear(&kitchen, Aged::Callbacks, later).await, 1);
            assert_eq!(left().await, [0, 0, 0]);
        }
        kitchen.stop().await;
    }

    async fn what_has_expired_is_removed(engine: Engine) {
        let (kitchen, api, _) = open(engine).await;
        let key = api.post("/api/api-keys", &[("name", "Rolled")]).await.expect(201).id();
        api.post(&format!("/api/api-keys/{key}/roll"), &[("keep_old_for", "3600")]).await.expect(200);
        let hook = api.post("/api/webhooks", &[("url", "http://127.0.0.1:9/")]).await.expect(201).id();
        api.post(&format!("/api/webhooks/{hook}/rotate-secret"), &[("overlap", "3600")]).await.expect(200);
        let now = kitchen.clock.now();
        assert_eq!(retention::clear_expired(&kitchen.store, now).await.unwrap(), 0);
        assert_eq!(retention::clear_expired(&kitchen.store, now.plus(Duration::from_hours(2))).await.unwrap(), 2);
        assert_eq!(api.get(&format!("/api/api-keys/{key}")).await.json["previous"], serde_json::Value::Null);
        // The owner's session lives for weeks.
        assert_eq!(retention::clear_expired(&kitchen.store, now.plus(400 * DAY)).await.unwrap(), 1);
        assert_eq!(rows(&kitchen, "sessions").await, 0);
        kitchen.stop().await;
    }
}

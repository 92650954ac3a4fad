//! A row that cannot be read, as of a newer version during an upgrade, holds up nobody else, and is taken up when it can be.

use crate::deliveries::start_worker;
use crate::flow::{backlog, path};
use harness::{Kitchen, Receiver, database, eventually, on_both_engines};
use serde_json::{Value, json};
use std::time::Duration;

/// Names of the companies that came, in the order of the alphabet.
fn names(receiver: &Receiver) -> Vec<Value> {
    let mut names: Vec<Value> = receiver.received().iter().map(|one| one.json()["data"]["name"].clone()).collect();
    names.sort_by_key(Value::to_string);
    names
}

on_both_engines! {
    async fn one_that_cannot_be_read_holds_up_no_other(engine: Engine) {
        let (kitchen, api) = Kitchen::quiet(engine).await;
        let other = kitchen.workspace("other").await;
        let [plain, future, elsewhere, waiting] =
            [Receiver::start().await, Receiver::start().await, Receiver::start().await, Receiver::start().await];
        plain.subscribe(&api, &["company.created"]).await;
        let unknown = future.subscribe(&api, &["company.created"]).await;
        elsewhere.subscribe(&other, &["company.created"]).await;
        // What was dispatched before, of an event that can no longer be read.
        let behind = waiting.subscribe(&api, &["board.created"]).await;
        backlog(&kitchen, &behind, 4).await;
        for (api, names) in [(&api, ["A", "B", "C"]), (&other, ["D", "E", "F"])] {
            for name in names {
                api.post("/api/companies", &[("name", name)]).await.expect(201);
            }
        }
        let write = async |statement: String| database::execute(&kitchen.database_url, &statement).await;
        let id = unknown["id"].as_str().unwrap();
        assert_eq!(write(format!("UPDATE webhooks SET platform = 'later' WHERE id = '{id}'")).await, 1);
        let damaged = "id = 'evt_000000000000000000000002' OR data LIKE '%\"name\":\"B\"%'";
        assert_eq!(write(format!("UPDATE events SET previous = data, data = '{{' WHERE {damaged}")).await, 2);
        let (stop, working) = start_worker(&kitchen);
        let all = |names: &[&str]| names.iter().map(|name| json!(name)).collect::<Vec<_>>();
        eventually("the others are delivered", Duration::from_secs(10), || async {
            let are = names(&plain) == all(&["A", "C"]) && names(&elsewhere) == all(&["D", "E", "F"]) && waiting.received().len() == 3;
            are.then_some(())
        })
        .await;
        tokio::time::sleep(Duration::from_millis(1200)).await;
        assert_eq!((future.received().len(), plain.received().len(), waiting.received().len()), (0, 2, 3));

        write("UPDATE events SET data = previous, previous = NULL WHERE data = '{'".into()).await;
        write(format!("UPDATE webhooks SET platform = 'kitchen' WHERE id = '{id}'")).await;
        kitchen.clock.advance(Duration::from_secs(40));
        eventually("all are delivered", Duration::from_secs(10), || async {
            let abc = all(&["A", "B", "C"]);
            (names(&plain) == abc && names(&future) == abc && waiting.received().len() == 4).then_some(())
        })
        .await;
        assert_eq!(api.get(&path(&unknown)).await.expect(200).json["failed_attempts_count"], 0);
        stop.cancel();
        working.await.unwrap();
        kitchen.stop().await;
    }
}

//! Replays whose worker is killed on the way, as processes: nothing is left out, and nothing is set going twice.

use crate::replay::{all_delivered, begin, done, operation, times};
use harness::{Api, Program, Receiver, Site, eventually, services};
use serde_json::json;
use std::time::Duration;

/// A replay whose worker is killed again and again: every delivery is set going once and none is left out, so each event arrives once
/// more; again only if its worker died between sending and recording.
async fn survive_kills(site: Site, gateway: &Api, worker: &mut Program) {
    const COUNT: usize = 60;
    let receiver = Receiver::start().await;
    let webhook = receiver.subscribe(gateway, &["company.created"]).await;
    for number in 0..COUNT {
        gateway.post("/api/companies", &[("name", &format!("Company {number}"))]).await.expect(201);
    }
    all_delivered(gateway, &webhook, COUNT).await;
    let begun = begin(gateway, &webhook, "all", 12).await;
    for seen in [10, 30] {
        done(gateway, &begun, seen).await;
        worker.kill_9().await;
        worker.start_again();
        if site.database_url().starts_with("sqlite:") {
            worker.wait_ready().await;
        }
    }
    let end = eventually("the operation has ended", Duration::from_secs(90), || async {
        let now = operation(gateway, &begun).await;
        (!now["ended_at"].is_null()).then_some(now)
    })
    .await;
    assert_eq!((&end["state"], &end["done_count"]), (&json!("succeeded"), &json!(COUNT)));
    let set_going = ["retried_count", "under_way_count"].map(|name| end["result"][name].as_u64().unwrap());
    assert_eq!(set_going.iter().sum::<u64>(), COUNT as u64, "{end}");
    eventually("each has come once more", Duration::from_mins(1), || async {
        let times = times(&receiver);
        (times.len() == COUNT && times.values().all(|count| *count >= 2)).then_some(())
    })
    .await;
    let doubled: usize = times(&receiver).values().map(|count| count - 2).sum();
    assert!(doubled <= 2 * 12, "{doubled} came more often than workers that died can explain");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replay_survives_the_death_of_the_only_process() {
    let site = Site::embedded();
    let mut everything = site.start(&["serve"]).await;
    let api = everything.api(&site.new_key(1_000_000).await);
    survive_kills(site, &api, &mut everything).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replay_survives_the_death_of_its_worker() {
    let site = Site::on_servers(&services::new_postgres().await, &services::new_redis());
    let gateway = site.start(&["gateway"]).await;
    let mut worker = site.start_worker().await;
    let api = gateway.api(&site.new_key(1_000_000).await);
    survive_kills(site, &api, &mut worker).await;
}

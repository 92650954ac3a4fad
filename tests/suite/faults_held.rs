//! `kill -9` exactly between two steps of a delivery: what was claimed, what was sent, what was about to be recorded.
//!
//! A worker stands still at the place that `KITCHEN_TEST_HOLD_AT` names, which debug builds alone know, and is killed there. Only
//! what was sent and not recorded may come twice.

use crate::faults::{Case, ONE_AT_A_TIME, on_shared_servers};
use harness::{Load, Site};

async fn killed_at(place: &str, name: &'static str, site: Site) {
    let is_embedded = site.database_url().starts_with("sqlite");
    let case = Case::prepare(name, site).await;
    let held = case.site.clone().set("KITCHEN_TEST_HOLD_AT", place);
    let (gateway, mut worker) = if is_embedded {
        (None, held.start(&["serve"]).await)
    } else {
        (Some(case.site.start(&["gateway"]).await), held.start_worker().await)
    };
    let entrance = gateway.as_ref().unwrap_or(&worker);
    case.subscribe(entrance).await;
    let load = Load::start(&[case.api(entrance)], 4);
    load.accept(60).await;
    worker.wait_for_log(&format!("standing still at {place}")).await;
    worker.kill_9().await;
    let arrived_before = case.tally.arrived_count();
    worker.set("KITCHEN_TEST_HOLD_AT", "");
    worker.start_again();
    if is_embedded {
        worker.wait_ready().await;
    }
    load.accept(60).await;
    let figures = case.conclude(load).await;
    assert_eq!(arrived_before > 0, place != "after-claim", "{name}: {arrived_before} had arrived");
    assert_eq!(figures.doubled > 0, place != "after-claim", "{name}: {figures:?}");
    assert!(figures.doubled <= arrived_before, "{name}: {figures:?}, where {arrived_before} were sent before the end");
}

/// Each place has an installation of its own; they wait side by side for their leases to end.
async fn killed_at_every_place(sites: [Site; 3]) {
    let _turn = ONE_AT_A_TIME.lock().await;
    let [claimed, sent, unrecorded] = sites;
    tokio::join!(
        Box::pin(killed_at("after-claim", "kill -9 of a worker after the claim", claimed)),
        Box::pin(killed_at("after-send", "kill -9 of a worker after sending", sent)),
        Box::pin(killed_at("before-record", "kill -9 of a worker before recording", unrecorded)),
    );
}

#[tokio::test]
async fn the_only_process_is_killed_at_every_place() {
    killed_at_every_place([Site::embedded(), Site::embedded(), Site::embedded()]).await;
}

#[tokio::test]
async fn a_worker_is_killed_at_every_place() {
    killed_at_every_place([on_shared_servers().await, on_shared_servers().await, on_shared_servers().await]).await;
}

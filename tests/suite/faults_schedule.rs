//! Worker processes and a schedule that is due each second: each time one of them runs it once, and after all of them have been away one
//! run makes up for what was missed. Who ran is read in their logs, as the database could not keep the same time twice.

use crate::faults::ONE_AT_A_TIME;
use harness::figures::{self, is_full_size};
use harness::{Program, Site, database, eventually, services};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_mins(4);
const SECOND: i64 = 1000;

/// The times a process says it has run the schedule for.
fn ran(worker: &Program) -> Vec<i64> {
    let log = worker.log();
    let said = log.lines().filter_map(|line| line.split_once("each-second is run for ")?.1.split_once('.')?.0.parse().ok());
    said.collect()
}

async fn number(site: &Site, what: &str) -> i64 {
    database::number(&site.database_url(), &format!("SELECT {what} WHERE routine = 'each-second'")).await
}

/// Waits until the schedule has been run so often, and no run is under way.
async fn wait_for_runs(site: &Site, count: i64) {
    eventually("runs", PATIENCE, || async {
        let ended = number(site, "COUNT(ended_at) FROM routine_runs").await;
        (ended >= count && ended == number(site, "COUNT(*) FROM routine_runs").await).then_some(())
    })
    .await;
}

async fn watch(site: Site, mut workers: Vec<Program>) {
    let (count, outage) = if is_full_size() { (120, 20) } else { (5, 4) };
    let begun = Instant::now();
    wait_for_runs(&site, count).await;
    let took = begun.elapsed();
    futures_util::future::join_all(workers.iter_mut().map(Program::kill_9)).await;
    let before = number(&site, "COUNT(*) FROM routine_runs").await;
    // The length of the fault itself.
    tokio::time::sleep(Duration::from_secs(outage)).await;
    workers.iter_mut().for_each(Program::start_again);
    wait_for_runs(&site, before + 3).await;
    for worker in &mut workers {
        worker.terminate().await;
    }
    let by_worker: Vec<Vec<i64>> = workers.iter().map(ran).collect();
    let mut times = by_worker.concat();
    times.sort_unstable();
    assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "one of them runs it each time: {by_worker:?}");
    let runs = number(&site, "COUNT(*) FROM routine_runs").await;
    assert_eq!(i64::try_from(times.len()), Ok(runs), "each run is on record");
    // What is due next is what comes after the run before had begun: nothing is left out while somebody is there, and what was missed
    // while nobody was is made up for by the one that was due first.
    let (mut late, mut skipped) = (0, 0);
    for pair in times.windows(2) {
        let started = number(&site, &format!("MAX(CASE due_at WHEN {} THEN started_at END) FROM routine_runs", pair[0])).await;
        assert_eq!(pair[1], started / SECOND * SECOND + SECOND, "after the run of {}, which began at {started}", pair[0]);
        if started - pair[0] >= SECOND {
            (late, skipped) = (late + 1, skipped + (started - pair[0]) / SECOND);
        }
    }
    assert!(late >= 1 && skipped >= i64::try_from(outage).unwrap() - 1, "{late} runs made up for {skipped} that were missed");
    let shares: Vec<usize> = by_worker.iter().map(Vec::len).collect();
    let figure =
        format!("{count} runs in {:.1} s; by process {shares:?}; none twice; {late} made up for {skipped}", took.as_secs_f64());
    figures::report("a schedule due each second, all workers killed and back", &site.database_url(), &figure);
}

#[tokio::test]
async fn three_workers_share_a_schedule() {
    let _turn = ONE_AT_A_TIME.lock().await;
    let site = Site::on_servers(&services::new_postgres().await, &services::new_redis()).set("KITCHEN_TEST_EACH_SECOND", "1");
    let workers = vec![site.start_worker().await, site.start_worker().await, site.start_worker().await];
    watch(site, workers).await;
}

#[tokio::test]
async fn the_only_process_keeps_a_schedule() {
    let _turn = ONE_AT_A_TIME.lock().await;
    let site = Site::embedded().set("KITCHEN_TEST_EACH_SECOND", "1");
    let everything = site.start(&["serve"]).await;
    watch(site, vec![everything]).await;
}

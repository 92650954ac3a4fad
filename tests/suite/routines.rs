//! Routines: each time one is due, one worker runs it once, however many there are; what was missed is made up for once.

use domain::clock::Timestamp;
use harness::{Engine, Kitchen, Setup, on_both_engines};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::Store;
use store::routines::Ended;
use worker::routines::{Routine, Routines};

type Ran = Arc<Mutex<Vec<(usize, Timestamp)>>>;

/// A worker's routine that is due each second, and keeps who ran it and for when.
fn each_second(store: &Store, worker: usize, ran: &Ran, is_failing: bool) -> Routines {
    let ran = Arc::clone(ran);
    let routine = Routine::new("each-second", "* * * * * *", move |run| {
        ran.lock().unwrap().push((worker, run.due_at));
        let step = run.checkpoint.and_then(|text| text.parse::<u64>().ok()).unwrap_or(0) + 1;
        Box::pin(async move {
            if is_failing {
                return Err(store::StoreError::Conflict("not today".into()));
            }
            Ok(Ended { summary: format!("Step {step}."), is_failed: false, checkpoint: Some(step.to_string()) })
        })
    });
    Routines::new(store.clone(), vec![routine.unwrap()])
}

/// Moves the clock to when the routine is due next.
async fn wait_until_due(kitchen: &Kitchen) {
    let due_at = store::routines::list(&kitchen.store, 0).await.unwrap().remove(0).due_at;
    kitchen.clock.advance(due_at.since(kitchen.clock.now()));
}

async fn look(workers: &[Routines]) {
    let [a, b, c] = workers else { panic!("three workers") };
    let (a, b, c) = tokio::join!(a.run_due(), b.run_due(), c.run_due());
    a.and(b).and(c).unwrap();
}

async fn quiet(engine: Engine) -> Kitchen {
    Kitchen::start_with(engine, Setup { has_worker: false, ..Setup::default() }).await
}

on_both_engines! {
    async fn each_time_it_is_due_it_is_run_once(engine: Engine) {
        let (kitchen, ran) = (quiet(engine).await, Ran::default());
        let workers: Vec<_> = (0..3).map(|worker| each_second(&kitchen.store, worker, &ran, false)).collect();
        look(&workers).await;
        assert!(ran.lock().unwrap().is_empty(), "a new routine is not due at once");
        for _ in 0..120 {
            wait_until_due(&kitchen).await;
            look(&workers).await;
        }
        let times: Vec<i64> = ran.lock().unwrap().iter().map(|(_, due_at)| due_at.millis()).collect();
        assert_eq!(times.len(), 120);
        assert!(times.windows(2).all(|pair| pair[1] - pair[0] == 1000), "{times:?}");

        // After an hour in which no worker was there, one run makes up for all that was missed.
        kitchen.clock.advance(Duration::from_hours(1));
        look(&workers).await;
        look(&workers).await;
        let late = ran.lock().unwrap().split_off(120);
        assert!(late.len() <= 2 && late[0].1.millis() == times[119] + 1000, "{late:?}");
        assert!(late.get(1).is_none_or(|(_, due_at)| due_at.millis() - late[0].1.millis() >= 3_600_000), "{late:?}");
        // Each run went on from where the one before had come to, and is in the history.
        let routine = store::routines::list(&kitchen.store, 1000).await.unwrap().remove(0);
        assert_eq!(routine.runs.len(), 120 + late.len());
        assert!(routine.runs.iter().all(|run| run.ended_at.is_some() && !run.is_failed));
        assert_eq!(routine.runs[0].summary, Some(format!("Step {}.", routine.runs.len())));
        kitchen.stop().await;
    }

    async fn a_run_that_failed_or_died_does_not_stop_the_next(engine: Engine) {
        let (kitchen, ran) = (quiet(engine).await, Ran::default());
        let failing = each_second(&kitchen.store, 0, &ran, true);
        failing.run_due().await.unwrap();
        for count in 1..=2 {
            wait_until_due(&kitchen).await;
            failing.run_due().await.unwrap();
            assert_eq!(ran.lock().unwrap().len(), count);
        }
        let history = store::routines::list(&kitchen.store, 10).await.unwrap().remove(0).runs;
        assert!(history.iter().all(|run| run.is_failed && run.summary.as_deref() == Some("not today")), "{history:?}");

        // A worker that died in the middle of a run is waited for, and then no longer.
        wait_until_due(&kitchen).await;
        let next = |after: Timestamp| Some(after.plus(Duration::from_secs(1)));
        let patience = Duration::from_mins(15);
        let claim = || store::routines::claim(&kitchen.store, "each-second", "* * * * * *", next, patience);
        let dead = claim().await.unwrap().expect("it is due");
        kitchen.clock.advance(Duration::from_mins(14));
        assert!(claim().await.unwrap().is_none());
        kitchen.clock.advance(Duration::from_mins(2));
        assert!(claim().await.unwrap().is_some());
        // It was not dead after all. What it says of its run is kept, and the run of now goes on.
        let ended = Ended { summary: "Late.".into(), is_failed: false, checkpoint: Some("9".into()) };
        store::routines::end(&kitchen.store, &dead, &ended).await.unwrap();
        kitchen.clock.advance(Duration::from_secs(5));
        assert!(claim().await.unwrap().is_none(), "a run is under way");
        kitchen.stop().await;
    }
}

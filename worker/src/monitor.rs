//! All apalis wiring: which jobs run, how they end, and what happens if one of apalis' workers dies.

use crate::engine::Engine;
use crate::jobs::carry_out_operations::carry_out_operations;
use crate::jobs::dispatch_events::dispatch_events;
use crate::jobs::run_routines::run_routines;
use crate::jobs::send_mails::send_mails;
use crate::jobs::sweep::sweep;
use crate::mailer::Mailer;
use crate::operator::Operator;
use crate::routines::Routines;
use apalis::layers::WorkerBuilderExt as _;
use apalis::prelude::{Monitor, MonitorError, ParallelizeExt as _, WorkerBuilder};
use apalis_cron::{CronScheduler, Schedule, Tick};
use queue::RingBackend;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use tower::limit::ConcurrencyLimitLayer;

/// Dispatches at once. Few, so that rings gather into large batches under load.
const DISPATCHES: usize = 2;
/// Seconds, minutes, hours, day of month, month, day of week.
const EVERY_SECOND: &str = "* * * * * *";
/// How long jobs may go on after the stop; what they have not committed by then never happened.
const JOB_GRACE: Duration = Duration::from_secs(5);

/// Runs the jobs until `stop` is cancelled. Whatever ends apalis before that, it is started again.
pub(crate) async fn run(
    engine: Engine,
    mailer: Option<Arc<Mailer>>,
    operator: Arc<Operator>,
    routines: Arc<Routines>,
    rings: RingBackend,
    stop: CancellationToken,
) {
    let claiming = tokio::spawn({
        let (engine, stop) = (engine.clone(), stop.clone());
        async move { engine.keep_claiming(stop).await }
    });
    let mut pause = Duration::from_millis(100);
    while !stop.is_cancelled() {
        let begun = Instant::now();
        // A task of its own, so that a panic inside apalis is an error here too.
        let (operator, routines) = (Arc::clone(&operator), Arc::clone(&routines));
        let ended = tokio::spawn(run_once(engine.clone(), mailer.clone(), operator, routines, rings.clone(), stop.clone())).await;
        if stop.is_cancelled() {
            break;
        }
        if begun.elapsed() > Duration::from_mins(1) {
            pause = Duration::from_millis(100);
        }
        tracing::error!(?ended, "the job runner ended by itself; starting it again");
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => {}
        }
        pause = (pause * 2).min(Duration::from_secs(30));
    }
    if claiming.await.is_err() {
        tracing::error!("the claiming task had died");
    }
}

/// A job that looks each second for what there is to do. A macro, because the type of a built worker cannot be named.
macro_rules! every_second {
    ($name:literal, $schedule:expr, $data:expr, $job:ident) => {{
        let (schedule, data) = ($schedule.clone(), $data.clone());
        move |restarts| {
            WorkerBuilder::new(format!("{}-{restarts}", $name))
                .backend(CronScheduler::new(schedule.clone()))
                .data(data.clone())
                .parallelize(tokio::spawn)
                .catch_panic()
                .build($job)
        }
    }};
}

async fn run_once(
    engine: Engine,
    mailer: Option<Arc<Mailer>>,
    operator: Arc<Operator>,
    routines: Arc<Routines>,
    rings: RingBackend,
    stop: CancellationToken,
) -> Result<(), MonitorError> {
    let schedule = CronSchedule::parse(EVERY_SECOND)?;
    let rung = engine.clone();
    let mut monitor = Monitor::new()
        .register(move |restarts| {
            // The first layer is the outermost. The limit comes first, so that a ring is fetched only when a place is free;
            // catch_panic comes last, inside the spawned task, so that a panic is an error of that task alone.
            WorkerBuilder::new(format!("dispatch-events-{restarts}"))
                .backend(rings.clone())
                .data(rung.clone())
                .layer(ConcurrencyLimitLayer::new(DISPATCHES))
                .parallelize(tokio::spawn)
                .catch_panic()
                .build(dispatch_events)
        })
        // Without this a worker that failed stays dead while the others go on.
        .should_restart(|worker, error| {
            tracing::error!(worker = worker.name(), %error, "a job worker ended by itself; starting it again");
            true
        });
    monitor = monitor.register(every_second!("sweep", schedule, engine, sweep));
    monitor = monitor.register(every_second!("carry-out-operations", schedule, operator, carry_out_operations));
    monitor = monitor.register(every_second!("run-routines", schedule, routines, run_routines));
    if let Some(mailer) = mailer {
        monitor = monitor.register(every_second!("send-mails", schedule, mailer, send_mails));
    }
    let context = monitor.context();
    // Not run_with_signal, which goes on waiting for its signal when every worker has ended.
    let running = monitor.run();
    tokio::pin!(running);
    tokio::select! {
        ended = &mut running => return ended,
        () = stop.cancelled() => drop(context.shutdown()),
    }
    tokio::time::timeout(JOB_GRACE, running).await.unwrap_or(Ok(()))
}

/// The cron crate's schedule for apalis-cron; its own feature for that would bring the whole time zone database.
#[derive(Clone)]
struct CronSchedule(cron::Schedule);

impl CronSchedule {
    fn parse(text: &str) -> Result<Self, MonitorError> {
        cron::Schedule::from_str(text).map(Self).map_err(|error| MonitorError::ShutdownSignal(std::io::Error::other(error)))
    }
}

impl<Zone> Schedule<Zone> for CronSchedule {
    fn next_tick(&mut self, _: &Zone) -> Option<Tick<Zone>> {
        let next = self.0.upcoming(chrono::Utc).next()?;
        u64::try_from(next.timestamp()).ok().map(Tick::new)
    }
}

//! `kitchen routines`: what is done by the clock, and how it went.

use crate::database::{self, Database};
use crate::settings::Settings;
use crate::table::Table;
use anyhow::{Result, bail};
use clap::Args;
use store::routines::Run;

/// The flags of `routines`.
#[derive(Args)]
pub struct Routines {
    /// How many runs of each to show, newest first
    #[arg(long, default_value = "1", value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=1000))]
    runs: u32,
}

/// Prints a line a run.
pub async fn run(arguments: &Routines, settings: &Settings) -> Result<()> {
    if let Database::Sqlite(path) = Database::of(settings)?
        && !database::is_begun(&path)
    {
        bail!("There is no database at {}. Name the folder it is in with --data-dir.", path.display());
    }
    let store = database::open_quietly(settings).await?;
    let routines = store::routines::list(&store, arguments.runs).await?;
    store.close().await;
    if routines.is_empty() {
        println!("No routine was planned yet; the first worker that starts plans them.");
        return Ok(());
    }
    let mut table = Table::new(["ROUTINE", "SCHEDULE (UTC)", "NEXT", "LAST DUE", "TOOK", "WHAT CAME OF IT"]);
    for routine in routines {
        let next = routine.due_at.to_string();
        if routine.runs.is_empty() {
            table.row([routine.name.clone(), routine.schedule.clone(), next.clone(), "never".into(), "-".into(), "-".into()]);
        }
        for run in &routine.runs {
            let (took, what) = told(run);
            table.row([routine.name.clone(), routine.schedule.clone(), next.clone(), run.due_at.to_string(), took, what]);
        }
    }
    table.print();
    Ok(())
}

/// How long a run took, and what came of it.
fn told(run: &Run) -> (String, String) {
    let summary = run.summary.clone().unwrap_or_default();
    match run.ended_at {
        None => ("-".into(), format!("begun at {}, not ended", run.started_at)),
        Some(end) if run.is_failed => (took(run, end), format!("failed: {summary}")),
        Some(end) => (took(run, end), summary),
    }
}

fn took(run: &Run, end: domain::clock::Timestamp) -> String {
    format!("{:.1} s", end.since(run.started_at).as_secs_f64())
}

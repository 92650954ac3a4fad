//! `kitchen`: the one binary of Kitchen Gateway. Reads the command line and hands over to one file per subcommand.
//!
//! Owns what concerns the whole process: settings, logging, the TLS provider, the runtime, exit codes. Refuses anything
//! a library crate could do.

#![allow(clippy::print_stdout, reason = "printing is what most subcommands are for")]

/// `kitchen connectors`.
mod connectors;
/// Opening the database as the settings say.
mod database;
/// `kitchen demo`.
mod demo;
/// `kitchen doctor`.
mod doctor;
/// `kitchen env-example`.
mod env_example;
/// `kitchen gateway`.
mod gateway;
/// Which settings the help of a command shows.
mod help;
/// As much HTTP as the demo and the readiness check need.
mod http;
/// `kitchen keys`.
mod keys;
/// The log.
mod logging;
/// `kitchen migrate`.
mod migrate;
/// The limit on open files.
mod open_files;
/// `kitchen openapi`.
mod openapi;
/// Signals, and the life of a long-running process.
mod process;
/// `kitchen ready`.
mod ready;
/// `kitchen routines`.
mod routines;
/// `kitchen serve`.
mod serve;
/// Every setting.
mod settings;
/// Tables on a terminal.
mod table;
/// How the parts of a process are put together.
mod wiring;
/// How errors are told.
mod words;
/// `kitchen worker`.
mod worker;
/// `kitchen workspaces`.
mod workspaces;

use anyhow::Result;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use settings::Settings;
use std::process::ExitCode;
use std::time::Duration;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const EXAMPLES: &str = "\
Examples:
  kitchen                                start on SQLite in ./data, at http://127.0.0.1:8080
  kitchen demo                           see a webhook delivered, from API key to verified signature
  kitchen keys create --name zapier      make an API key and print its token
  kitchen doctor                         find out what is wrong

On several machines, with DATABASE_URL=postgres://… and REDIS_URL=redis://… set:
  kitchen migrate                        once per release
  kitchen gateway --listen 0.0.0.0:8080  as many as you like
  kitchen worker                         as many as you like";

/// Kitchen Gateway: a self-hosted integration gateway with a REST API, webhooks and endpoints for automation platforms
#[derive(Parser)]
#[command(name = "kitchen", version, after_help = EXAMPLES, disable_help_subcommand = true)]
struct CommandLine {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Run everything in one process; what `kitchen` alone does
    Serve,
    /// Run the HTTP side alone; needs Postgres and Redis
    Gateway,
    /// Run deliveries alone; needs Postgres and Redis
    Worker,
    /// Bring the tables of the database up to date
    Migrate,
    /// Make and list workspaces
    #[command(subcommand)]
    Workspaces(workspaces::Command),
    /// Make, list and delete API keys
    #[command(subcommand)]
    Keys(keys::Command),
    /// Write the apps that automation platforms run on their side
    #[command(subcommand)]
    Connectors(connectors::Command),
    /// Show what is done by the clock: when each routine is due, and how its last runs ended
    Routines(routines::Routines),
    /// Find out what is wrong: configuration, directory, database, migrations, Redis, mail, certificate, proxy, clock, port
    Doctor(doctor::Doctor),
    /// Show a webhook delivered, from API key to verified signature, on a temporary database
    Demo(demo::Demo),
    /// Succeed if the gateway on the listening address is ready; for health checks
    Ready,
    /// Print openapi.json, the description of the API for programs
    Openapi,
    /// Print .env.example
    #[command(hide = true)]
    EnvExample,
}

impl Command {
    /// The log level when none was chosen: a command that ends by itself speaks for itself.
    fn log_level(&self) -> &'static str {
        match self {
            Self::Serve | Self::Gateway | Self::Worker => "info",
            _ => "warn",
        }
    }
}

fn main() -> ExitCode {
    // Before anything may open a connection: two libraries in the tree could each bring a provider of their own.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let matches = help::of_what_is_read(settings::ignore_empty_variables(CommandLine::command())).get_matches();
    let CommandLine { settings, command } = CommandLine::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match start(&settings, command.unwrap_or(Command::Serve)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kitchen: {}", words::of(&error));
            ExitCode::FAILURE
        }
    }
}

fn start(settings: &Settings, command: Command) -> Result<()> {
    logging::start(settings, command.log_level())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(run(settings, command));
    // A name being resolved cannot be interrupted; it must not hold up the exit.
    runtime.shutdown_timeout(Duration::from_secs(1));
    outcome
}

async fn run(settings: &Settings, command: Command) -> Result<()> {
    match command {
        Command::Serve => serve::run(settings).await,
        Command::Gateway => gateway::run(settings).await,
        Command::Worker => worker::run(settings).await,
        Command::Migrate => migrate::run(settings).await,
        Command::Workspaces(command) => workspaces::run(command, settings).await,
        Command::Keys(command) => keys::run(command, settings).await,
        Command::Connectors(command) => connectors::run(command),
        Command::Routines(arguments) => routines::run(&arguments, settings).await,
        Command::Doctor(arguments) => doctor::run(&arguments, settings).await,
        Command::Demo(arguments) => demo::run(&arguments, settings).await,
        Command::Ready => ready::run(settings).await,
        Command::Openapi => {
            openapi::run();
            Ok(())
        }
        Command::EnvExample => {
            env_example::run();
            Ok(())
        }
    }
}

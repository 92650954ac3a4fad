//! `kitchen keys`: makes, lists, changes, rolls and deletes API keys. A new token goes to standard output alone, so that a script can
//! take it; everything said about it goes to standard error.

use crate::settings::Settings;
use crate::table::Table;
use crate::{database, words, workspaces};
use anyhow::{Result, anyhow};
use clap::{Args, Subcommand};
use domain::api_key::{ApiKey, ApiKeyPatch, DEFAULT_RATE_LIMIT, MAX_RATE_LIMIT, NewApiKey};
use domain::audit::Actor;
use domain::ids::ApiKeyId;
use domain::input::Invalid;
use domain::page::{MAX_PER_PAGE, PageRequest};
use domain::scope::Scope;
use domain::workspace::Workspace;
use serde_json::json;
use std::time::Duration;
use store::{Store, StoreError};

/// The subcommands.
#[derive(Subcommand)]
pub enum Command {
    /// Make an API key and print its token, which is shown this once
    #[command(after_help = "Example:\n  TOKEN=$(kitchen keys create --name zapier)\n  \
                            curl -H \"Authorization: Bearer $TOKEN\" http://127.0.0.1:8080/api/me")]
    Create(Create),
    /// List API keys, without their tokens
    List(List),
    /// Change an API key's name, limit or addresses; its token stays as it is
    Update(Update),
    /// Give an API key a new token and print it, which is shown this once
    Roll(Roll),
    /// Delete an API key; no request with it succeeds from then on
    Delete(Delete),
}

/// The flags of `create`.
#[derive(Args)]
pub struct Create {
    /// What you call it, for example the integration that will use it
    #[arg(long)]
    name: String,
    /// Slug of the workspace it opens; needed if there are several
    #[arg(long, value_name = "SLUG")]
    workspace: Option<String>,
    /// Requests a minute it may make
    #[arg(long, value_name = "PER_MINUTE", default_value_t = DEFAULT_RATE_LIMIT,
          value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_RATE_LIMIT)))]
    rate_limit: u32,
    /// What it may do, once for each: read, write, webhooks, keys, or one family such as clients:read. Without any: read, write
    /// and webhooks
    #[arg(long, value_name = "SCOPE")]
    scope: Vec<String>,
    /// An address or network it may be used from, once for each. Without any: from anywhere
    #[arg(long, value_name = "NETWORK")]
    allow_ip: Vec<String>,
    /// Days until it ceases to work. Without it: never
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3650))]
    expires_in_days: Option<u32>,
}

/// The flags of `list`.
#[derive(Args)]
pub struct List {
    /// Only those of the workspace with this slug
    #[arg(long, value_name = "SLUG")]
    workspace: Option<String>,
}

/// The arguments of `update`.
#[derive(Args)]
#[command(group = clap::ArgGroup::new("change").required(true).multiple(true))]
pub struct Update {
    /// The key's id, as `kitchen keys list` shows it
    id: String,
    /// What you call it from now on
    #[arg(long, group = "change")]
    name: Option<String>,
    /// Requests a minute it may make
    #[arg(long, value_name = "PER_MINUTE", group = "change",
          value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_RATE_LIMIT)))]
    rate_limit: Option<u32>,
    /// An address or network it may be used from, once for each, in place of those before; `any` for everywhere
    #[arg(long, value_name = "NETWORK", group = "change")]
    allow_ip: Vec<String>,
}

/// The arguments of `roll`.
#[derive(Args)]
pub struct Roll {
    /// The key's id, as `kitchen keys list` shows it
    id: String,
    /// Hours the old token lives on, at most 168. Without it: it stops at once
    #[arg(long, value_name = "HOURS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=168))]
    keep_old_for_hours: u32,
}

/// The arguments of `delete`.
#[derive(Args)]
pub struct Delete {
    /// The key's id, as `kitchen keys list` shows it
    id: String,
}

/// Runs a subcommand.
pub async fn run(command: Command, settings: &Settings) -> Result<()> {
    let store = database::open_quietly(settings).await?;
    let outcome = match command {
        Command::Create(arguments) => create(&store, settings, arguments).await,
        Command::List(arguments) => list(&store, settings, arguments).await,
        Command::Update(arguments) => update(&store, arguments).await,
        Command::Roll(arguments) => roll(&store, arguments).await,
        Command::Delete(arguments) => delete(&store, &arguments.id).await,
    };
    store.close().await;
    outcome
}

fn typed(invalid: &Invalid) -> anyhow::Error {
    anyhow!(words::of_invalid(
        invalid,
        &[("name", "--name"), ("scopes", "--scope"), ("allowed_ips", "--allow-ip"), ("rate_limit", "--rate-limit")]
    ))
}

async fn create(store: &Store, settings: &Settings, arguments: Create) -> Result<()> {
    let mut fields = json!({"name": arguments.name, "rate_limit": arguments.rate_limit, "allowed_ips": arguments.allow_ip});
    if !arguments.scope.is_empty() {
        fields["scopes"] = json!(arguments.scope);
    }
    let now = store.clock().now();
    let mut new = NewApiKey::read(&fields, now).map_err(|invalid| typed(&invalid))?;
    new.expires_at = arguments.expires_in_days.map(|days| now.plus(Duration::from_hours(u64::from(days) * 24)));
    let workspace = workspaces::choose(store, settings, arguments.workspace.as_deref()).await?;
    let mut work = store.begin(&workspace.id, Actor::command_line());
    let (key, token) = store::api_keys::create(&mut work, new);
    work.commit().await?;
    eprintln!(
        "Made key {} in workspace {}, {} requests a minute. This is the only time its token is shown:",
        key.id, workspace.slug, key.rate_limit
    );
    println!("{}", token.reveal());
    Ok(())
}

async fn list(store: &Store, settings: &Settings, arguments: List) -> Result<()> {
    let workspaces = match arguments.workspace {
        Some(slug) => vec![workspaces::choose(store, settings, Some(&slug)).await?],
        None => store::workspaces::list(store).await?,
    };
    let mut table = Table::new(["ID", "NAME", "TOKEN BEGINS", "SCOPES", "PER MINUTE", "LAST USED", "WORKSPACE", "CREATED"]);
    for workspace in workspaces {
        for key in of(store, &workspace).await? {
            table.row([
                key.id.to_string(),
                key.name,
                key.start,
                key.scopes.iter().map(Scope::to_string).collect::<Vec<_>>().join(","),
                key.rate_limit.to_string(),
                key.last_used_at.map_or_else(|| "never".to_owned(), |at| at.to_string()),
                workspace.slug.clone(),
                key.created_at.to_string(),
            ]);
        }
    }
    table.print();
    Ok(())
}

async fn update(store: &Store, arguments: Update) -> Result<()> {
    let mut fields = json!({});
    if let Some(name) = arguments.name {
        fields["name"] = json!(name);
    }
    if let Some(rate_limit) = arguments.rate_limit {
        fields["rate_limit"] = json!(rate_limit);
    }
    match arguments.allow_ip.as_slice() {
        [] => {}
        [any] if any == "any" => fields["allowed_ips"] = json!([]),
        networks => fields["allowed_ips"] = json!(networks),
    }
    let patch = ApiKeyPatch::read(&fields).map_err(|invalid| typed(&invalid))?;
    let key = find(store, &arguments.id).await?;
    let mut work = store.begin(&key.workspace_id, Actor::command_line());
    let key = store::api_keys::update(&mut work, &key.id, patch).await?;
    work.commit().await?;
    println!("Changed key {} ({}), {} requests a minute.", key.id, key.name, key.rate_limit);
    Ok(())
}

async fn roll(store: &Store, arguments: Roll) -> Result<()> {
    let key = find(store, &arguments.id).await?;
    let overlap = Duration::from_hours(u64::from(arguments.keep_old_for_hours));
    let mut work = store.begin(&key.workspace_id, Actor::command_line());
    let (key, token) = store::api_keys::roll(&mut work, &key.id, overlap).await?;
    work.commit().await?;
    let old = match &key.previous {
        Some(previous) => format!("The old token works until {}.", previous.expires_at),
        None => "The old token has stopped working.".to_owned(),
    };
    eprintln!("Rolled key {} ({}). {old} This is the only time the new token is shown:", key.id, key.name);
    println!("{}", token.reveal());
    Ok(())
}

async fn delete(store: &Store, id: &str) -> Result<()> {
    let key = find(store, id).await?;
    let mut work = store.begin(&key.workspace_id, Actor::command_line());
    let is_deleted = store::api_keys::delete(&mut work, &key.id).await?;
    work.commit().await?;
    if !is_deleted {
        return Err(missing(id));
    }
    println!("Deleted key {id} ({}).", key.name);
    Ok(())
}

/// The key of this id, in whichever workspace. That there is none is an error: whoever mistyped the id of a key to be deleted must
/// not believe that it is closed.
async fn find(store: &Store, id: &str) -> Result<ApiKey> {
    if let Ok(id) = ApiKeyId::parse(id) {
        for workspace in store::workspaces::list(store).await? {
            match store::api_keys::get(&mut store.read(&workspace.id).await?, &id).await {
                Err(StoreError::NotFound) => {}
                found => return Ok(found?),
            }
        }
    }
    Err(missing(id))
}

fn missing(id: &str) -> anyhow::Error {
    anyhow!("There is no key `{id}`; it may be deleted already. `kitchen keys list` shows those there are.")
}

/// All keys of a workspace, oldest first.
async fn of(store: &Store, workspace: &Workspace) -> Result<Vec<ApiKey>> {
    let mut view = store.read(&workspace.id).await?;
    let mut request = PageRequest { per_page: MAX_PER_PAGE, is_descending: false, ..PageRequest::default() };
    let mut keys = Vec::new();
    loop {
        let page = store::api_keys::list(&mut view, request).await?;
        let is_last = page.rows.is_empty();
        keys.extend(page.rows);
        if is_last {
            return Ok(keys);
        }
        request.page += 1;
    }
}

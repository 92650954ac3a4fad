//! `kitchen workspaces`: makes and lists workspaces. Also the rule for the first one, which nobody has to make.

use crate::settings::Settings;
use crate::table::Table;
use crate::{database, words};
use anyhow::{Context as _, Result, anyhow, bail};
use clap::{Args, Subcommand};
use domain::audit::{Action, Actor};
use domain::input::Invalid;
use domain::workspace::{NewWorkspace, Workspace};
use store::{Store, StoreError};

/// The subcommands.
#[derive(Subcommand)]
pub enum Command {
    /// Make a workspace, with its owner
    Create(Create),
    /// List all workspaces
    List,
    /// Print a link with which the first owner chooses a password: to join, or anew because it is forgotten
    OwnerLink(OwnerLink),
}

/// The flags of `owner-link`.
#[derive(Args)]
pub struct OwnerLink {
    /// Slug of the workspace; needed if there are several
    #[arg(long, value_name = "SLUG")]
    workspace: Option<String>,
}

/// The flags of `create`.
#[derive(Args)]
pub struct Create {
    /// What people call it
    #[arg(long)]
    name: String,
    /// What commands call it: lower-case letters, digits and hyphens
    #[arg(long)]
    slug: String,
    /// Name of its owner
    #[arg(long, default_value = "Owner")]
    owner_name: String,
}

/// Runs a subcommand.
pub async fn run(command: Command, settings: &Settings) -> Result<()> {
    let store = database::open_quietly(settings).await?;
    match command {
        Command::Create(create) => {
            let new = read(&create.name, &create.slug, &create.owner_name, &settings.owner_email)?;
            let workspace = store::workspaces::create(&store, new).await.map_err(in_words)?;
            println!("Made workspace {} ({}).", workspace.slug, workspace.id);
            println!(
                "`kitchen workspaces owner-link --workspace {}` prints the link with which its owner joins.",
                workspace.slug
            );
        }
        Command::OwnerLink(arguments) => {
            let workspace = choose(&store, settings, arguments.workspace.as_deref()).await?;
            let Some(link) = owner_link(&store, &workspace, &base(settings), WhoseLink::Anybodys).await? else {
                bail!("{} has no owner.", workspace.slug);
            };
            println!("{link}");
        }
        Command::List => {
            let mut table = Table::new(["SLUG", "NAME", "ID", "CREATED"]);
            for workspace in store::workspaces::list(&store).await? {
                table.row([workspace.slug, workspace.name, workspace.id.to_string(), workspace.created_at.to_string()]);
            }
            table.print();
        }
    }
    store.close().await;
    Ok(())
}

/// Where the settings are reached, as far as a command can tell.
fn base(settings: &Settings) -> String {
    settings.public_url.as_ref().map_or_else(
        || format!("http://{}", crate::serve::reachable(settings.listen)),
        |url| url.as_str().trim_end_matches('/').to_owned(),
    )
}

/// Which first owner gets a link.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum WhoseLink {
    /// One who has not joined.
    Newcomers,
    /// Also one who has: for them it is a new password.
    Anybodys,
}

/// The link with which the first owner chooses a password; earlier ones are void from then on.
pub async fn owner_link(store: &Store, workspace: &Workspace, base: &str, whose: WhoseLink) -> Result<Option<String>> {
    let mut work = store.begin(&workspace.id, Actor::command_line());
    let Some((owner, has_joined)) = store::invitations::find_first_owner(&mut work).await? else { return Ok(None) };
    if has_joined && whose == WhoseLink::Newcomers {
        return Ok(None);
    }
    let ticket = store::invitations::create(&mut work, &owner).await?;
    work.note(Action::OWNER_LINK_PRINTED, None, None);
    work.commit().await?;
    Ok(Some(format!("{base}/invitations/{}", ticket.reveal())))
}

/// All workspaces; makes the first if there is none yet.
pub async fn list_or_make_first(store: &Store, settings: &Settings) -> Result<Vec<Workspace>> {
    let found = store::workspaces::list(store).await?;
    if !found.is_empty() {
        return Ok(found);
    }
    let new = read("My workspace", "main", "Owner", &settings.owner_email)?;
    match store::workspaces::create(store, new).await {
        Ok(workspace) => {
            tracing::info!(slug = workspace.slug, "made the first workspace");
            Ok(vec![workspace])
        }
        // Another process made it in the same moment.
        Err(StoreError::Invalid(_)) => Ok(store::workspaces::list(store).await?),
        Err(error) => Err(error).context("cannot make the first workspace"),
    }
}

/// The workspace of a slug, or the only one there is.
pub async fn choose(store: &Store, settings: &Settings, slug: Option<&str>) -> Result<Workspace> {
    let mut workspaces = list_or_make_first(store, settings).await?;
    let slugs = workspaces.iter().map(|workspace| workspace.slug.as_str()).collect::<Vec<_>>().join(", ");
    let position = match slug {
        Some(slug) => workspaces.iter().position(|workspace| workspace.slug == slug),
        None if workspaces.len() > 1 => bail!("There are several workspaces; name one with --workspace: {slugs}."),
        None => Some(0),
    };
    match (position, slug) {
        (Some(position), _) => Ok(workspaces.swap_remove(position)),
        (None, slug) => bail!("There is no workspace `{}`; there are: {slugs}.", slug.unwrap_or_default()),
    }
}

fn read(name: &str, slug: &str, owner_name: &str, owner_email: &str) -> Result<NewWorkspace> {
    NewWorkspace::read(name, slug, owner_name, owner_email).map_err(|invalid| typed(&invalid))
}

fn typed(invalid: &Invalid) -> anyhow::Error {
    let flags = [("name", "--name"), ("slug", "--slug"), ("owner_name", "--owner-name"), ("owner_email", "KITCHEN_OWNER_EMAIL")];
    anyhow!(words::of_invalid(invalid, &flags))
}

fn in_words(error: StoreError) -> anyhow::Error {
    match error {
        StoreError::Invalid(invalid) => typed(&invalid),
        error => anyhow!(error).context("cannot make the workspace"),
    }
}

//! `/api/members`: the team. Inviting somebody is a create; they join with the link they are sent.

use crate::answer::{Answer, Here, created, deleted, ok, page};
use crate::app::Gateway;
use crate::auth::Caller;
use crate::body::{Body, List, Path, Unexpanded};
use crate::error::ApiError;
use crate::invite::{Host, invite, require_over, set_role};
use axum::extract::State;
use domain::ids::UserId;
use domain::member::{NewMember, read_role};
use domain::scope::{Access, Family};
use domain::user::{Group, Role, UserFilter};
use store::{members, users};

/// A key may do to people what whoever holds it could do with it: one that may make keys counts as an admin, others as members.
fn most(caller: &Caller) -> Role {
    if caller.key.may(Family::Keys, Access::Write) { Role::Admin } else { Role::Member }
}

pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
    here: Here,
    List(request, filter): List<UserFilter>,
) -> Answer {
    let mut view = gateway.store().read(caller.workspace()).await?;
    page(&here, &users::list(&mut view, Group::Manager, filter, request).await?)
}

pub(crate) async fn show(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, _: Unexpanded) -> Answer {
    let mut view = gateway.store().read(caller.workspace()).await?;
    ok(&users::get(&mut view, Group::Manager, &UserId::parse(&id)?).await?)
}

pub(crate) async fn create(State(gateway): State<Gateway>, caller: Caller, here: Here, Body(body): Body) -> Answer {
    let most = most(&caller);
    let new = NewMember::read(&body, most)?;
    let workspace = workspace_name(&gateway, &caller).await?;
    let (base, name) = (here.link(""), host_name(&caller));
    let host = Host { name: &name, workspace: &workspace, most, base: &base };
    created(&invite(&gateway, caller.begin(&gateway), &host, new).await?)
}

/// What the workspace is called in an invitation.
async fn workspace_name(gateway: &Gateway, caller: &Caller) -> Result<String, ApiError> {
    let (workspace, _) = store::workspaces::show(&mut gateway.store().read(caller.workspace()).await?).await?;
    Ok(workspace.name)
}

/// Who invites, in an invitation.
fn host_name(caller: &Caller) -> String {
    format!("The API key {}", caller.key.name)
}

pub(crate) async fn update(
    State(gateway): State<Gateway>,
    caller: Caller,
    here: Here,
    Path(id): Path,
    Body(body): Body,
) -> Answer {
    let (most, id) = (most(&caller), UserId::parse(&id)?);
    let role = read_role(&body, most)?;
    let mut work = caller.begin(&gateway);
    let member = users::get(&mut work, Group::Manager, &id).await?;
    require_over(most, &member)?;
    let Some(role) = role else { return ok(&member) };
    let workspace = workspace_name(&gateway, &caller).await?;
    let (base, name) = (here.link(""), host_name(&caller));
    ok(&set_role(&gateway, work, &Host { name: &name, workspace: &workspace, most, base: &base }, &id, role).await?)
}

pub(crate) async fn delete(State(gateway): State<Gateway>, caller: Caller, Path(id): Path) -> Answer {
    let id = UserId::parse(&id)?;
    let mut work = caller.begin(&gateway);
    let member = members::remove(&mut work, &id).await?;
    require_over(most(&caller), &member)?;
    work.commit().await?;
    deleted()
}

//! `/api/api-keys`, for keys that may manage keys. A token is in the answers to create and roll, and nowhere else.

use crate::answer::{Answer, Here, created, deleted, ok, page};
use crate::app::Gateway;
use crate::auth::Caller;
use crate::body::{Body, List, Path, Unexpanded};
use crate::error::ApiError;
use axum::extract::State;
use domain::api_key::{ApiKey, ApiKeyPatch, NewApiKey, Token, read_roll};
use domain::dialect::canonical;
use domain::ids::ApiKeyId;
use domain::input::Fields;
use domain::page::Filter;
use serde_json::Value;
use store::{Work, api_keys};

/// Lists of keys have no filters.
#[derive(Debug)]
pub(crate) struct NoFilter;

impl Filter for NoFilter {
    const NAMES: &'static [&'static str] = &["name"];

    fn read(_: &mut Fields<'_>) -> Self {
        Self
    }
}

pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
    here: Here,
    List(request, NoFilter): List<NoFilter>,
) -> Answer {
    let mut view = gateway.store().read(caller.workspace()).await?;
    page(&here, &api_keys::list(&mut view, request).await?)
}

pub(crate) async fn show(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, _: Unexpanded) -> Answer {
    let mut view = gateway.store().read(caller.workspace()).await?;
    ok(&api_keys::get(&mut view, &ApiKeyId::parse(&id)?).await?)
}

pub(crate) async fn create(State(gateway): State<Gateway>, caller: Caller, Body(body): Body) -> Answer {
    let new = NewApiKey::read(&body, gateway.store().clock().now())?.within(&caller.key)?;
    let mut work = caller.begin(&gateway);
    let (key, token) = api_keys::create(&mut work, new);
    work.commit().await?;
    created(&with_token(&key, &token))
}

pub(crate) async fn update(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, Body(body): Body) -> Answer {
    let (patch, id) = (ApiKeyPatch::read(&body)?, ApiKeyId::parse(&id)?);
    let mut work = caller.begin(&gateway);
    if patch.limits() {
        refuse_a_mightier(&mut work, &id, &caller, "change its limits").await?;
    }
    let key = api_keys::update(&mut work, &id, patch).await?;
    work.commit().await?;
    ok(&key)
}

pub(crate) async fn roll(State(gateway): State<Gateway>, caller: Caller, Path(id): Path, Body(body): Body) -> Answer {
    let (overlap, id) = (read_roll(&body)?, ApiKeyId::parse(&id)?);
    let mut work = caller.begin(&gateway);
    refuse_a_mightier(&mut work, &id, &caller, "roll it").await?;
    let (key, token) = api_keys::roll(&mut work, &id, overlap).await?;
    work.commit().await?;
    ok(&with_token(&key, &token))
}

/// A key that could widen or take over one that may do more than itself would be as mighty.
async fn refuse_a_mightier(work: &mut Work, id: &ApiKeyId, caller: &Caller, what: &str) -> Result<(), ApiError> {
    if api_keys::get(work, id).await?.exceeds(&caller.key) {
        let message = format!("This key may do more than yours; only a key that may do as much can {what}.");
        return Err(ApiError::Conflict(message));
    }
    Ok(())
}

pub(crate) async fn delete(State(gateway): State<Gateway>, caller: Caller, Path(id): Path) -> Answer {
    let id = ApiKeyId::parse(&id)?;
    let mut work = caller.begin(&gateway);
    if !api_keys::delete(&mut work, &id).await? {
        return Err(ApiError::NotFound);
    }
    work.commit().await?;
    deleted()
}

fn with_token(key: &ApiKey, token: &Token) -> Value {
    let mut fields = canonical(key);
    fields["token"] = Value::from(token.reveal());
    fields
}

//! API keys. A deleted key's row is gone, and nothing caches rows: from the moment a delete is committed no look-up on
//! any node can find the key.

use crate::engine::{Conn, Promise};
use crate::insert::Insert;
use crate::paging::{Select, convert, json_array, sort_key};
use crate::work::{View, damaged};
use crate::{Result, Store, StoreError, Work};
use domain::api_key::{ApiKey, ApiKeyPatch, NewApiKey, PreviousToken, Token, TokenHash, network_text};
use domain::audit::Action;
use domain::clock::Timestamp;
use domain::ids::{ApiKeyId, WorkspaceId};
use domain::page::{Page, PageRequest};
use domain::scope::Scope;
use ipnet::IpNet;
use std::net::IpAddr;
use std::time::Duration;

#[derive(Clone, sqlx::FromRow)]
struct Row {
    id: String,
    workspace_id: String,
    name: String,
    token_start: String,
    scopes: String,
    rate_limit: i64,
    allowed_ips: String,
    expires_at: Option<i64>,
    last_used_at: Option<i64>,
    last_used_from: Option<String>,
    created_by: Option<String>,
    created_at: i64,
    previous_token_start: Option<String>,
    previous_expires_at: Option<i64>,
    previous_last_used_at: Option<i64>,
}

/// A key as it is found by the public part of a token.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct Found {
    #[sqlx(flatten)]
    row: Row,
    public_part: String,
    previous_public_part: Option<String>,
    token_hash: String,
    previous_token_hash: Option<String>,
}

impl TryFrom<Row> for ApiKey {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let scopes: Vec<String> = serde_json::from_str(&row.scopes)?;
        let networks: Vec<String> = serde_json::from_str(&row.allowed_ips)?;
        let previous = row.previous_token_start.zip(row.previous_expires_at).map(|(start, expires_at)| PreviousToken {
            start,
            expires_at: Timestamp::from_millis(expires_at),
            last_used_at: row.previous_last_used_at.map(Timestamp::from_millis),
        });
        Ok(Self {
            id: ApiKeyId::from_stored(row.id),
            workspace_id: WorkspaceId::from_stored(row.workspace_id),
            name: row.name,
            start: row.token_start,
            scopes: scopes.iter().map(|text| Scope::parse(text).ok_or_else(|| damaged("scope", text))).collect::<Result<_>>()?,
            rate_limit: u32::try_from(row.rate_limit).unwrap_or(u32::MAX),
            allowed_ips: networks.iter().map(|text| read_network(text)).collect::<Result<_>>()?,
            expires_at: row.expires_at.map(Timestamp::from_millis),
            last_used_at: row.last_used_at.map(Timestamp::from_millis),
            last_used_from: row.last_used_from,
            previous,
            created_by: row.created_by,
            created_at: Timestamp::from_millis(row.created_at),
        })
    }
}

fn read_network(text: &str) -> Result<IpNet> {
    let parsed = text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
    parsed.ok_or_else(|| damaged("network", text))
}

fn texts<T>(values: &[T], text: impl Fn(&T) -> String) -> String {
    let texts: Vec<String> = values.iter().map(text).collect();
    json_array(texts.iter().map(String::as_str))
}

const COLUMNS: &str = "id, workspace_id, name, token_start, scopes, rate_limit, allowed_ips, expires_at, last_used_at, \
     last_used_from, created_by, created_at, previous_token_start, previous_expires_at, previous_last_used_at";

/// Makes a key. The token is in the answer and nowhere else. `created_by` says in words who made it.
pub fn create(work: &mut Work, new: NewApiKey) -> (ApiKey, Token) {
    let (now, workspace) = (work.now(), work.workspace().clone());
    let token = Token::generate();
    let key = ApiKey {
        id: ApiKeyId::new(now),
        workspace_id: workspace.clone(),
        name: new.name,
        start: token.start(),
        scopes: new.scopes,
        rate_limit: new.rate_limit,
        allowed_ips: new.allowed_ips,
        expires_at: new.expires_at,
        last_used_at: None,
        last_used_from: None,
        previous: None,
        created_by: Some(work.actor().in_words()),
        created_at: now,
    };
    work.insert(
        Insert::into("api_keys")
            .set("id", key.id.as_str())
            .set("workspace_id", workspace.as_str())
            .set("name", &key.name)
            .set("name_key", sort_key(&key.name))
            .set("public_part", token.public())
            .set("token_hash", token.hash().as_str())
            .set("token_start", &key.start)
            .set("scopes", texts(&key.scopes, Scope::to_string))
            .set("rate_limit", i64::from(key.rate_limit))
            .set("allowed_ips", texts(&key.allowed_ips, network_text))
            .set("expires_at", key.expires_at.map(Timestamp::millis))
            .set("created_by", &key.created_by)
            .set("created_at", now.millis()),
    );
    work.note(Action::API_KEY_CREATED, Some(key.id.as_str()), Some(&key.name));
    (key, token)
}

/// A key that a token opened.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The key.
    pub key: ApiKey,
    /// Whether it was opened by the token before the last roll.
    pub is_previous: bool,
}

/// The key a token opens, if it exists and the token is the whole of it. Whether it has expired, and may be used from where the
/// request came from, is left to the caller, who answers these differently.
pub async fn authenticate(store: &Store, token: &Token, hash: &TokenHash) -> Result<Option<Opened>> {
    let public = token.public().to_owned();
    let (looking, alone) = (store.clone(), vec![public.clone()]);
    let together = move |publics| find(looking.clone(), publics);
    let alone = async || Ok(find(store.clone(), alone).await?.pop().flatten());
    let row = store.inner().keys.call(public, together, alone).await?;
    let Some(Found { row, token_hash, previous_token_hash, .. }) = row else { return Ok(None) };
    let is_current = hash.matches(&token_hash);
    let is_previous = previous_token_hash.is_some_and(|stored| hash.matches(&stored));
    let key = ApiKey::try_from(row)?;
    let now = store.clock().now();
    let is_alive = is_current || (is_previous && key.previous.as_ref().is_some_and(|previous| previous.expires_at > now));
    Ok(is_alive.then_some(Opened { key, is_previous: !is_current }))
}

/// The keys of these public parts of tokens, current or previous, in their order.
async fn find(store: Store, publics: Vec<String>) -> Result<Vec<Option<Found>>> {
    let mut view = store.read_system().await?;
    let text = |any: &str| {
        sqlx::AssertSqlSafe(format!(
            "SELECT {COLUMNS}, public_part, token_hash, previous_public_part, previous_token_hash FROM api_keys \
             WHERE public_part {any} OR previous_public_part {any}"
        ))
    };
    let found: Vec<Found> = match view.conn().await? {
        Conn::Sqlite(conn) => {
            let publics = json_array(publics.iter().map(String::as_str));
            sqlx::query_as(text("IN (SELECT value FROM json_each($1))")).bind(publics).fetch_all(conn).await?
        }
        Conn::Postgres(conn) => sqlx::query_as(text("= ANY($1)")).bind(&publics).fetch_all(conn).await?,
    };
    let of = |public: &String| {
        found.iter().find(|key| key.public_part == *public || key.previous_public_part.as_ref() == Some(public)).cloned()
    };
    Ok(publics.iter().map(of).collect())
}

/// Keeps that a request was made with a key; not worth waiting for, and nothing is lost with it but the time shown.
pub async fn touch(store: &Store, opened: &Opened, from: IpAddr) -> Result<()> {
    let now = store.clock().now().millis();
    let statement = if opened.is_previous {
        "UPDATE api_keys SET previous_last_used_at = $2, last_used_from = $3 WHERE id = $1"
    } else {
        "UPDATE api_keys SET last_used_at = $2, last_used_from = $3 WHERE id = $1"
    };
    let mut tx = store.begin_tx(Promise::Repeatable).await?;
    in_tx!(tx, conn => sqlx::query(statement)
        .bind(opened.key.id.as_str())
        .bind(now)
        .bind(from.to_string())
        .execute(conn)
        .await
        .map(drop))?;
    tx.commit().await
}

/// A page of the workspace's keys.
pub async fn list(view: &mut impl View, page: PageRequest) -> Result<Page<ApiKey>> {
    convert(Select::from(view, "api_keys", COLUMNS).page::<Row>(view, page).await?)
}

/// One key.
pub async fn get(view: &mut impl View, id: &ApiKeyId) -> Result<ApiKey> {
    let row: Row = Select::from(view, "api_keys", COLUMNS).and("id = ?", id.as_str()).one(view).await?;
    row.try_into()
}

/// Changes what may be changed of a key; its token is not among it.
pub async fn update(work: &mut Work, id: &ApiKeyId, patch: ApiKeyPatch) -> Result<ApiKey> {
    let before = get(work, id).await?;
    let key = ApiKey {
        name: patch.name.unwrap_or(before.name),
        rate_limit: patch.rate_limit.unwrap_or(before.rate_limit),
        allowed_ips: patch.allowed_ips.unwrap_or(before.allowed_ips),
        ..before
    };
    on!(work, conn => sqlx::query("UPDATE api_keys SET name = $2, name_key = $3, rate_limit = $4, allowed_ips = $5 WHERE id = $1")
        .bind(id.as_str())
        .bind(&key.name)
        .bind(sort_key(&key.name))
        .bind(i64::from(key.rate_limit))
        .bind(texts(&key.allowed_ips, network_text))
        .execute(conn)
        .await
        .map(drop))?;
    work.note(Action::API_KEY_UPDATED, Some(id.as_str()), Some(&key.name));
    Ok(key)
}

/// Gives a key a new token. The old one lives on for `overlap`, though never longer than the key; one that an earlier roll left
/// behind ends now. A key that has expired is refused: its new token would open nothing.
pub async fn roll(work: &mut Work, id: &ApiKeyId, overlap: Duration) -> Result<(ApiKey, Token)> {
    let before = get(work, id).await?;
    if before.is_expired(work.now()) {
        return Err(StoreError::Conflict("This key has expired, and so would its new token. Create a new key instead.".into()));
    }
    let token = Token::generate();
    let ends_at = work.now().plus(overlap);
    let ends_at = before.expires_at.map_or(ends_at, |end| end.min(ends_at));
    let is_kept = !overlap.is_zero();
    let kept = if is_kept { "public_part, previous_token_hash = token_hash" } else { "NULL, previous_token_hash = NULL" };
    on!(work, conn => sqlx::query(sqlx::AssertSqlSafe(format!(
        "UPDATE api_keys SET previous_public_part = {kept}, previous_token_start = $2, previous_expires_at = $3, \
         previous_last_used_at = $4, public_part = $5, token_hash = $6, token_start = $7, last_used_at = CASE WHEN $2 IS NULL THEN last_used_at END WHERE id = $1",
    )))
    .bind(id.as_str())
    .bind(is_kept.then_some(&before.start))
    .bind(is_kept.then_some(ends_at.millis()))
    .bind(before.last_used_at.filter(|_| is_kept).map(Timestamp::millis))
    .bind(token.public())
    .bind(token.hash().as_str())
    .bind(token.start())
    .execute(conn)
    .await
    .map(drop))?;
    work.note(Action::API_KEY_ROLLED, Some(id.as_str()), Some(&before.name));
    Ok((get(work, id).await?, token))
}

/// Deletes a key at once and for good. Says whether there was one.
pub async fn delete(work: &mut Work, id: &ApiKeyId) -> Result<bool> {
    let workspace = work.workspace().clone();
    let deleted: Option<String> = on!(work, conn => sqlx::query_scalar(
        "DELETE FROM api_keys WHERE workspace_id = $1 AND id = $2 RETURNING name",
    )
    .bind(workspace.as_str())
    .bind(id.as_str())
    .fetch_optional(conn)
    .await)?;
    if let Some(name) = &deleted {
        work.note(Action::API_KEY_DELETED, Some(id.as_str()), Some(name));
    }
    Ok(deleted.is_some())
}

//! API keys. A deleted key's row is gone, and nothing caches rows: from the moment a delete is committed no look-up on
//! any node can find the key.

use crate::insert::Insert;
use crate::paging::Select;
use crate::work::View;
use crate::{Result, Store, Work};
use domain::api_key::{ApiKey, Token, TokenHash};
use domain::clock::Timestamp;
use domain::ids::{ApiKeyId, WorkspaceId};

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    workspace_id: String,
    name: String,
    token_start: String,
    rate_limit: i64,
    created_at: i64,
}

#[derive(sqlx::FromRow)]
struct RowWithHash {
    #[sqlx(flatten)]
    row: Row,
    token_hash: String,
}

impl From<Row> for ApiKey {
    fn from(row: Row) -> Self {
        Self {
            id: ApiKeyId::from_stored(row.id),
            workspace_id: WorkspaceId::from_stored(row.workspace_id),
            name: row.name,
            start: row.token_start,
            rate_limit: u32::try_from(row.rate_limit).unwrap_or(u32::MAX),
            created_at: Timestamp::from_millis(row.created_at),
        }
    }
}

const COLUMNS: &str = "id, workspace_id, name, token_start, rate_limit, created_at";

/// Makes a key. The token is in the answer and nowhere else.
pub fn create(work: &mut Work, name: &str, rate_limit: u32) -> Result<(ApiKey, Token)> {
    let (now, workspace) = (work.now(), work.workspace().clone());
    let token = Token::generate();
    let key = ApiKey {
        id: ApiKeyId::new(now),
        workspace_id: workspace.clone(),
        name: name.to_owned(),
        start: token.start(),
        rate_limit,
        created_at: now,
    };
    work.insert(
        Insert::into("api_keys")
            .set("id", key.id.as_str())
            .set("workspace_id", workspace.as_str())
            .set("name", &key.name)
            .set("public_part", token.public())
            .set("token_hash", token.hash().as_str())
            .set("token_start", &key.start)
            .set("rate_limit", i64::from(rate_limit))
            .set("created_at", now.millis()),
    );
    Ok((key, token))
}

/// The key a token opens, if it exists and the token is the whole of it.
pub async fn authenticate(store: &Store, token: &Token, hash: &TokenHash) -> Result<Option<ApiKey>> {
    let mut view = store.read_system().await?;
    let row: Option<RowWithHash> = on!(&mut view, conn => sqlx::query_as(
        "SELECT id, workspace_id, name, token_start, rate_limit, created_at, token_hash FROM api_keys WHERE public_part = $1",
    )
    .bind(token.public())
    .fetch_optional(conn)
    .await)?;
    Ok(row.filter(|row| hash.matches(&row.token_hash)).map(|row| row.row.into()))
}

/// All keys of the workspace, oldest first.
pub async fn list(view: &mut impl View) -> Result<Vec<ApiKey>> {
    let rows: Vec<Row> = Select::from(view, "api_keys", COLUMNS).first(view, "created_at, id", u32::MAX).await?;
    Ok(rows.into_iter().map(ApiKey::from).collect())
}

/// Deletes a key at once and for good. Says whether there was one.
pub async fn delete(work: &mut Work, id: &ApiKeyId) -> Result<bool> {
    let workspace = work.workspace().clone();
    let deleted = on!(work, conn => sqlx::query("DELETE FROM api_keys WHERE workspace_id = $1 AND id = $2")
        .bind(workspace.as_str())
        .bind(id.as_str())
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(deleted > 0)
}

//! Files that were sent, kept in pieces of one size until nobody needs them any more. Refuses to know what is in them.

use crate::engine::Promise;
use crate::work::View;
use crate::{Result, Store, Work};
use domain::ids::{UploadId, WorkspaceId};
use std::time::Duration;

/// Bytes of every piece but the last.
pub const PIECE: usize = 256 * 1024;
/// How long a file is kept that nothing is done with.
const KEPT_FOR: Duration = Duration::from_hours(24);
/// Pieces that are deleted at a time.
const SWEPT: i64 = 64;

/// What broke off on its way here, and what nothing is done with any more.
const FORGOTTEN: &str = "DELETE FROM upload_pieces WHERE (upload_id, number) IN (SELECT upload_id, number FROM upload_pieces \
     WHERE created_at < $1 AND NOT EXISTS (SELECT 1 FROM operations WHERE subject_id = upload_id AND ended_at IS NULL) \
     ORDER BY created_at LIMIT $2)";

/// Writes the next piece. Nothing is promised before the operation is asked for that reads it.
pub async fn write(store: &Store, workspace: &WorkspaceId, id: &UploadId, number: u64, data: Vec<u8>) -> Result<()> {
    let now = store.clock().now().millis();
    let mut tx = store.begin_tx(Promise::Repeatable).await?;
    in_tx!(tx, conn => sqlx::query(
        "INSERT INTO upload_pieces (upload_id, number, workspace_id, data, created_at) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(id.as_str())
    .bind(i64::try_from(number).unwrap_or(i64::MAX))
    .bind(workspace.as_str())
    .bind(data)
    .bind(now)
    .execute(conn)
    .await
    .map(drop))?;
    tx.commit().await
}

/// Bytes from a place on, at least as many as `pieces - 1` hold unless the file ends before.
pub(crate) async fn read(view: &mut impl View, id: &UploadId, at: u64, pieces: u32) -> Result<Vec<u8>> {
    let (workspace, first) = (view.workspace().to_string(), at / PIECE as u64);
    let found: Vec<Vec<u8>> = on!(view, conn => sqlx::query_scalar(
        "SELECT data FROM upload_pieces WHERE upload_id = $1 AND workspace_id = $2 AND number >= $3 ORDER BY number LIMIT $4",
    )
    .bind(id.as_str())
    .bind(&workspace)
    .bind(i64::try_from(first).unwrap_or(i64::MAX))
    .bind(i64::from(pieces))
    .fetch_all(conn)
    .await)?;
    let mut bytes = found.concat();
    let skipped = usize::try_from(at % PIECE as u64).unwrap_or(0).min(bytes.len());
    bytes.drain(..skipped);
    Ok(bytes)
}

/// Whether all of a file of this size is still there.
pub async fn is_whole(view: &mut impl View, id: &UploadId, size: u64) -> Result<bool> {
    let workspace = view.workspace().to_string();
    let pieces: i64 = on!(view, conn => sqlx::query_scalar(
        "SELECT COUNT(*) FROM upload_pieces WHERE upload_id = $1 AND workspace_id = $2",
    )
    .bind(id.as_str())
    .bind(&workspace)
    .fetch_one(conn)
    .await)?;
    Ok(u64::try_from(pieces).is_ok_and(|pieces| pieces == size.div_ceil(PIECE as u64)))
}

/// Deletes the pieces in front of a place; all of them without one.
pub(crate) async fn delete_before(work: &mut Work, id: &UploadId, at: Option<u64>) -> Result<()> {
    let end = at.map_or(i64::MAX, |at| i64::try_from(at / PIECE as u64).unwrap_or(i64::MAX));
    Ok(on!(work, conn => sqlx::query("DELETE FROM upload_pieces WHERE upload_id = $1 AND number < $2")
        .bind(id.as_str())
        .bind(end)
        .execute(conn)
        .await
        .map(drop))?)
}

/// Deletes what broke off on its way here, and what nothing was done with, a bounded number of pieces at a time; says whether there may be
/// more.
pub async fn delete_forgotten(store: &Store) -> Result<bool> {
    let before = store.clock().now().minus(KEPT_FOR).millis();
    let mut view = store.read_system().await?;
    let oldest: Option<i64> = on!(&mut view, conn => sqlx::query_scalar(
        "SELECT created_at FROM upload_pieces WHERE created_at < $1 LIMIT 1",
    )
    .bind(before)
    .fetch_optional(conn)
    .await)?;
    drop(view);
    if oldest.is_none() {
        return Ok(false);
    }
    let mut tx = store.begin_tx(Promise::Repeatable).await?;
    let count = in_tx!(tx, conn => sqlx::query(FORGOTTEN)
        .bind(before)
        .bind(SWEPT)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    tx.commit().await?;
    Ok(count >= SWEPT.unsigned_abs())
}

//! One-time codes: at most one for each address of a workspace, whether or not the address belongs to anyone, so that asking for one
//! does the same work either way.

use crate::paging::fold;
use crate::work::View;
use crate::{Result, Work};
use domain::secret::Secret;
use domain::sign_in_code::{COUNTED_FOR, LIFETIME, MOST_TRIES, generate, matches};

/// A new code for this address; the one before is void. Tries go on being counted: otherwise asking for another code would be a way
/// to go on guessing.
pub async fn create(work: &mut Work, email: &str) -> Result<Secret> {
    let (workspace, now) = (work.workspace().clone(), work.now());
    let code = generate();
    let sealed = work.store().inner().master_key.seal(&code)?;
    on!(work, conn => sqlx::query(
        "INSERT INTO sign_in_codes (workspace_id, email_key, sealed_code, expires_at, counted_since) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (workspace_id, email_key) DO UPDATE SET sealed_code = excluded.sealed_code, expires_at = excluded.expires_at, \
         tries_count = CASE WHEN sign_in_codes.counted_since <= $6 THEN 0 ELSE sign_in_codes.tries_count END, \
         counted_since = CASE WHEN sign_in_codes.counted_since <= $6 THEN $5 ELSE sign_in_codes.counted_since END",
    )
    .bind(workspace.as_str())
    .bind(fold(email))
    .bind(sealed)
    .bind(now.plus(LIFETIME).millis())
    .bind(now.millis())
    .bind(now.minus(COUNTED_FOR).millis())
    .execute(conn)
    .await
    .map(drop))?;
    Ok(code)
}

/// Whether this is the code of this address. Each question counts, also if the work is not what the caller hoped for: commit it
/// either way. A code that was right is used up.
pub async fn take(work: &mut Work, email: &str, typed: &str) -> Result<bool> {
    let (workspace, email, now) = (work.workspace().clone(), fold(email), work.now().millis());
    // One statement counts and reads, so that many guesses at once are all counted.
    let sealed: Option<String> = on!(work, conn => sqlx::query_scalar(
        "UPDATE sign_in_codes SET tries_count = tries_count + 1 \
         WHERE workspace_id = $1 AND email_key = $2 AND expires_at > $3 AND tries_count < $4 RETURNING sealed_code",
    )
    .bind(workspace.as_str())
    .bind(&email)
    .bind(now)
    .bind(i64::from(MOST_TRIES))
    .fetch_optional(conn)
    .await)?;
    let Some(sealed) = sealed else { return Ok(false) };
    let is_right = matches(&work.store().inner().master_key.open(&sealed)?, typed);
    if is_right {
        on!(work, conn => sqlx::query("DELETE FROM sign_in_codes WHERE workspace_id = $1 AND email_key = $2")
            .bind(workspace.as_str())
            .bind(&email)
            .execute(conn)
            .await
            .map(drop))?;
    }
    Ok(is_right)
}

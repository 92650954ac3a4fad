//! Hashing and verifying passwords off the threads that serve requests, because it takes a while on purpose; and only so many at
//! once, because each takes memory too (19 MiB).

use crate::error::ApiError;
use domain::password;
use domain::secret::Secret;
use tokio::sync::Semaphore;

/// Hashes under way at once; others wait their turn.
static TURNS: Semaphore = Semaphore::const_new(16);

/// Whether a password is right. Without a stored hash the answer is no, and takes as long.
pub(crate) async fn verify(presented: Secret, stored: Option<String>) -> bool {
    let _turn = TURNS.acquire().await;
    let verified = tokio::task::spawn_blocking(move || password::verify(&presented, stored.as_deref()));
    verified.await.unwrap_or(false)
}

/// The hash of a password.
pub(crate) async fn hash(chosen: Secret) -> Result<String, ApiError> {
    let _turn = TURNS.acquire().await;
    tokio::task::spawn_blocking(move || password::hash(&chosen)).await.map_err(|_| ApiError::Internal)
}

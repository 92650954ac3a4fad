//! Carrying out operations: one small step after the other, each operation in its turn. What a step is, and that it happens once,
//! is the store's.

use std::time::{Duration, Instant};
use store::Store;
use store::steps::{self, ClaimedOperation};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

/// Far longer than a step takes: if it ends, the worker is dead.
const LEASE: Duration = Duration::from_secs(30);

/// The half of the worker that carries out operations.
pub(crate) struct Operator {
    store: Store,
    name: String,
    stop: CancellationToken,
    working: Mutex<()>,
}

impl Operator {
    /// Under this worker's name, until `stop`.
    pub(crate) fn new(store: Store, stop: CancellationToken) -> Self {
        let name = format!("w_{}", domain::secret::random_base62(16));
        Self { store, name, stop, working: Mutex::default() }
    }

    /// Takes back what a process that died on this machine held.
    pub(crate) async fn revoke_leases(&self) {
        if let Err(error) = steps::revoke_leases(&self.store).await {
            tracing::warn!(%error, "cannot take back old leases of operations; they end by themselves");
        }
    }

    /// Takes steps as long as any is due, unless that is under way.
    pub(crate) async fn work(&self) -> store::Result<()> {
        let Ok(_working) = self.working.try_lock() else { return Ok(()) };
        while !self.stop.is_cancelled() {
            let begun = Instant::now();
            let Some(claimed) = steps::claim_due(&self.store, &self.name, LEASE).await? else { break };
            self.step(&claimed).await?;
            // As long as it worked: deliveries and requests have the database to themselves at least half of the time.
            tokio::time::sleep(begun.elapsed()).await;
        }
        Ok(())
    }

    async fn step(&self, claimed: &ClaimedOperation) -> store::Result<()> {
        let Err(error) = steps::take(&self.store, claimed).await else { return Ok(()) };
        if steps::give_back(&self.store, claimed, &error).await? {
            tracing::error!(operation = %claimed.id, %error, "an operation cannot go on");
            return Ok(());
        }
        tracing::warn!(operation = %claimed.id, %error, "a step of an operation cannot be taken; trying again in a second");
        Ok(())
    }
}

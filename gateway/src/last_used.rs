//! When keys were last used. Written at most once a minute for each key, beside the request and not before its answer.

use domain::ids::ApiKeyId;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use store::Store;
use store::api_keys::Opened;

/// How exact the time is that is shown.
const EVERY: Duration = Duration::from_mins(1);

/// What this process wrote, by key and by which of its tokens.
#[derive(Clone, Default)]
pub(crate) struct LastUsed {
    written: Arc<Mutex<HashMap<(ApiKeyId, bool), Instant>>>,
}

impl LastUsed {
    /// A request was made with a key.
    pub(crate) fn note(&self, store: &Store, opened: &Opened, from: IpAddr) {
        let name = (opened.key.id.clone(), opened.is_previous);
        {
            let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
            // What is older is written again anyhow.
            if written.len() > 10_000 {
                written.retain(|_, at| at.elapsed() < EVERY);
            }
            let now = Instant::now();
            if written.get(&name).is_some_and(|at| now.duration_since(*at) < EVERY) {
                return;
            }
            written.insert(name, now);
        }
        let (store, opened) = (store.clone(), opened.clone());
        tokio::spawn(async move {
            if let Err(error) = store::api_keys::touch(&store, &opened, from).await {
                tracing::debug!(%error, "cannot keep when a key was last used");
            }
        });
    }
}

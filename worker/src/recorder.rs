//! Writing outcomes, many at once: while one transaction is written, the next batch gathers.
//!
//! An outcome is written even if the database is away for a while; should that take longer than the leases, the deliveries are
//! attempted again, and the late outcome finds its fence taken and changes nothing.

use crate::hold::{self, Place};
use domain::circuit::Circuit;
use domain::ids::WebhookId;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::Store;
use store::outcomes::{self, AttemptRecord};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;

/// The most outcomes one transaction writes.
const BATCH: usize = 256;
/// Outcomes that may wait; beyond that, attempts wait for the database before the next is sent. Receivers wait no longer for a database
/// that is slow for a moment, and the last of them is written before its lease ends also where each batch takes most of a second.
const CAPACITY: usize = 8 * BATCH;

/// Circuits as they stand after a batch.
pub(crate) type News = Vec<(WebhookId, Circuit)>;

#[derive(Clone)]
pub(crate) struct Recorder {
    sender: Arc<Mutex<Option<mpsc::Sender<AttemptRecord>>>>,
    writing: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl Recorder {
    /// `disable_after` is how long nothing but failures may come; what becomes of circuits is told through `news`, and `look` is rung
    /// when something was recorded that others wait for.
    pub(crate) fn start(store: Store, disable_after: Option<Duration>, news: mpsc::Sender<News>, look: Arc<Notify>) -> Self {
        let (sender, receiver) = mpsc::channel(CAPACITY);
        let writing = tokio::spawn(write(store, receiver, disable_after, news, look));
        Self { sender: Arc::new(Mutex::new(Some(sender))), writing: Arc::new(Mutex::new(Some(writing))) }
    }

    /// Hands over an outcome; waits only if very many are waiting already.
    pub(crate) async fn record(&self, record: AttemptRecord) {
        let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(sender) = sender {
            // An error means the writer has ended, at the end of the process; the lease brings the delivery back.
            let _ = sender.send(record).await;
        }
    }

    /// Writes what was handed over, for at most `grace`.
    pub(crate) async fn finish(&self, grace: Duration) {
        drop(self.sender.lock().unwrap_or_else(PoisonError::into_inner).take());
        let writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writing) = writing
            && tokio::time::timeout(grace, writing).await.is_err()
        {
            tracing::warn!("outcomes could not be written before the end; their deliveries are attempted again");
        }
    }
}

async fn write(
    store: Store,
    mut receiver: mpsc::Receiver<AttemptRecord>,
    disable_after: Option<Duration>,
    news: mpsc::Sender<News>,
    look: Arc<Notify>,
) {
    let mut batch = Vec::with_capacity(BATCH);
    while receiver.recv_many(&mut batch, BATCH).await > 0 {
        hold::at(Place::BeforeRecord).await;
        let mut pause = Duration::from_millis(50);
        loop {
            match outcomes::record(&store, &batch, disable_after).await {
                Ok(recorded) => {
                    if recorded.count < batch.len() {
                        tracing::info!(late = batch.len() - recorded.count, "outcomes came after their leases had ended");
                    }
                    if batch.iter().any(|record| record.is_waited_for) {
                        look.notify_one();
                    }
                    if !recorded.circuits.is_empty() {
                        // News spare attempts, and are no more than that: whoever looks at the lanes next goes by what is stored.
                        let _ = news.try_send(recorded.circuits);
                    }
                    break;
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot write outcomes; trying again");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_secs(2));
                }
            }
        }
        batch.clear();
    }
}

//! Counting what was accepted against what arrived: clients that go on through faults, and a receiver that only counts.

use crate::client::{self, Api};
use crate::{eventually, figures};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// What was accepted, by the id of what was made.
type Accepted = Arc<Mutex<Vec<String>>>;

/// Clients that make companies until they are told to end. Whatever is not answered with success counts as never asked, and
/// is asked anew under another name.
pub struct Load {
    accepted: Accepted,
    refused: Arc<AtomicUsize>,
    stop: CancellationToken,
    clients: JoinSet<()>,
}

impl Load {
    /// So many clients, spread over the gateways.
    pub fn start(gateways: &[Api], clients_count: usize) -> Self {
        static NEXT_NAME: AtomicU32 = AtomicU32::new(1);
        let (accepted, refused, stop) = (Accepted::default(), Arc::<AtomicUsize>::default(), CancellationToken::new());
        let mut clients = JoinSet::new();
        for number in 0..clients_count {
            let (api, accepted, refused, stop) =
                (gateways[number % gateways.len()].clone(), Arc::clone(&accepted), Arc::clone(&refused), stop.clone());
            clients.spawn(async move {
                while !stop.is_cancelled() {
                    let name = format!("Company {}", NEXT_NAME.fetch_add(1, Ordering::Relaxed));
                    let request =
                        api.request(Method::POST, "/api/companies").json(&json!({"name": name})).timeout(Duration::from_secs(20));
                    match client::try_send(request).await {
                        Ok(reply) if reply.status == 201 => accepted.lock().unwrap().push(reply.id()),
                        _ => {
                            refused.fetch_add(1, Ordering::Relaxed);
                            tokio::time::sleep(Duration::from_millis(20)).await;
                        }
                    }
                    // Faults are to fall between many requests, not to be outrun.
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            });
        }
        Self { accepted, refused, stop, clients }
    }

    /// How many were accepted so far.
    pub fn accepted_count(&self) -> usize {
        self.accepted.lock().unwrap().len()
    }

    /// How many requests failed so far, with or without an answer.
    pub fn refused_count(&self) -> usize {
        self.refused.load(Ordering::Relaxed)
    }

    /// Waits until so many more were accepted.
    pub async fn accept(&self, more: usize) {
        let goal = self.accepted_count() + more;
        eventually(&format!("{more} more requests accepted"), Duration::from_mins(1), || async {
            (self.accepted_count() >= goal).then_some(())
        })
        .await;
    }

    /// Lets requests under way end, and gives the ids of all that was accepted.
    pub async fn end(mut self) -> Vec<String> {
        self.stop.cancel();
        while let Some(ended) = self.clients.join_next().await {
            ended.expect("a client ends without a panic");
        }
        std::mem::take(&mut self.accepted.lock().unwrap())
    }
}

/// For each thing made, the `webhook-id` of every delivery about it. Below `/hook` each path counts alone: `co_1/7` is what arrived
/// about `co_1` at `/hook/7`.
type Arrivals = HashMap<String, Vec<String>>;

/// How a receiver answers.
#[derive(Clone, Copy, Debug)]
pub enum Manner {
    /// With 200, after a while.
    Well(Duration),
    /// Not at all.
    Hang,
    /// With half an answer.
    BreakOff,
    /// With 200, and a body that never ends.
    Endless,
}

#[derive(Clone)]
struct Shared {
    arrivals: Arc<Mutex<Arrivals>>,
    refused: Arc<AtomicUsize>,
    manner: Arc<Mutex<Manner>>,
}

/// A receiver that keeps only what is needed to count. What it gives no whole answer to has not arrived.
pub struct Tally {
    /// `http://127.0.0.1:…`.
    pub url: String,
    shared: Shared,
    task: tokio::task::JoinHandle<()>,
}

/// What a run came to.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// Requests that were answered with success.
    pub accepted: usize,
    /// Of those, the ones whose event arrived.
    pub received: usize,
    /// Of those, the ones whose event never arrived.
    pub lost: usize,
    /// Deliveries beyond the first of each event.
    pub doubled: usize,
}

impl Figures {
    /// Keeps the figures as a line of the table of faults.
    pub fn report(&self, fault: &str, database_url: &str) {
        let Self { accepted, received, lost, doubled } = self;
        let engine = figures::engine(database_url);
        figures::keep(&format!("| {fault:<46} | {engine:<15} | {accepted:>8} | {received:>8} | {lost:>4} | {doubled:>7} |"));
    }
}

impl Tally {
    /// A receiver that thinks for a while before each answer.
    pub async fn start(delay: Duration) -> Self {
        Self::start_in(Manner::Well(delay)).await
    }

    /// A receiver that answers like this.
    pub async fn start_in(manner: Manner) -> Self {
        let shared = Shared { arrivals: Arc::default(), refused: Arc::default(), manner: Arc::new(Mutex::new(manner)) };
        let app = Router::new().fallback(count).with_state(shared.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let task = tokio::spawn(async move { axum::serve(listener, app).await.expect("the receiver serves") });
        Self { url, shared, task }
    }

    fn arrivals(&self) -> MutexGuard<'_, Arrivals> {
        self.shared.arrivals.lock().unwrap()
    }

    /// Answers like this from now on.
    pub fn answer(&self, manner: Manner) {
        *self.shared.manner.lock().unwrap() = manner;
    }

    /// How many requests got no whole answer.
    pub fn refused_count(&self) -> usize {
        self.shared.refused.load(Ordering::Relaxed)
    }

    /// Whether the event about this has arrived.
    pub fn has(&self, id: &str) -> bool {
        self.arrivals().contains_key(id)
    }

    /// For how many things a delivery has arrived.
    pub fn arrived_count(&self) -> usize {
        self.arrivals().len()
    }

    /// Waits until all of these have arrived, or for so long.
    pub async fn wait_for_all(&self, accepted: &[String], within: Duration) {
        let begun = std::time::Instant::now();
        while !accepted.iter().all(|id| self.has(id)) && begun.elapsed() < within {
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// Counts. Fails if an event came under two names.
    pub fn figures(&self, accepted: &[String]) -> Figures {
        let arrivals = self.arrivals();
        for (id, webhook_ids) in arrivals.iter() {
            assert!(webhook_ids.windows(2).all(|pair| pair[0] == pair[1]), "the event about {id} came as {webhook_ids:?}");
        }
        let received = accepted.iter().filter(|id| arrivals.contains_key(*id)).count();
        let doubled = arrivals.values().map(|webhook_ids| webhook_ids.len() - 1).sum();
        Figures { accepted: accepted.len(), received, lost: accepted.len() - received, doubled }
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn count(State(shared): State<Shared>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let manner = *shared.manner.lock().unwrap();
    if matches!(manner, Manner::Hang | Manner::BreakOff) {
        shared.refused.fetch_add(1, Ordering::Relaxed);
    } else {
        let envelope: Value = serde_json::from_slice(&body).expect("the body is an event");
        let id = envelope["data"]["id"].as_str().expect("an event is about something");
        let thing = format!("{id}{}", uri.path().trim_start_matches("/hook"));
        let webhook_id = headers["webhook-id"].to_str().expect("an id").to_owned();
        shared.arrivals.lock().unwrap().entry(thing).or_default().push(webhook_id);
    }
    let chunk = Bytes::from_static(&[b'e'; 4096]);
    match manner {
        Manner::Well(delay) => {
            tokio::time::sleep(delay).await;
            Response::default()
        }
        Manner::Hang => std::future::pending().await,
        Manner::BreakOff => {
            let half = [Ok(chunk), Err(std::io::Error::other("no more"))];
            Response::new(Body::from_stream(futures_util::stream::iter(half)))
        }
        Manner::Endless => {
            let endless = std::iter::repeat(chunk).map(Ok::<_, std::io::Error>);
            Response::new(Body::from_stream(futures_util::stream::iter(endless)))
        }
    }
}

//! A stranger's server: an HTTP receiver that knows nothing of the gateway's code, records what it receives, and answers as told.

use crate::tls::TlsListener;
use crate::{Api, eventually};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use axum::serve::Listener;
use serde_json::Value;
use std::collections::VecDeque;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// One request that came in.
#[derive(Clone, Debug)]
pub struct Received {
    /// Path and query.
    pub path: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The raw body, as it was signed.
    pub body: Bytes,
    /// When it came.
    pub at: Instant,
    /// What it was answered with.
    pub answered: u16,
}

impl Received {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }

    /// A header's text; empty if it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// How to answer a request.
#[derive(Clone, Debug)]
pub struct Instruction {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: String,
    /// Headers to add.
    pub headers: Vec<(&'static str, String)>,
    /// How long to wait before answering.
    pub delay: Duration,
}

impl Instruction {
    /// Just a status.
    pub fn status(status: u16) -> Self {
        Self { status, body: String::new(), headers: Vec::new(), delay: Duration::ZERO }
    }
}

#[derive(Clone)]
struct Shared {
    received: Arc<Mutex<Vec<Received>>>,
    /// Used up one by one; after that `usual`.
    script: Arc<Mutex<VecDeque<Instruction>>>,
    usual: Arc<Mutex<Instruction>>,
}

/// A running receiver; it ends with the test.
pub struct Receiver {
    /// `http://127.0.0.1:…`.
    pub url: String,
    shared: Shared,
    task: tokio::task::JoinHandle<()>,
}

impl Receiver {
    /// On a free port, answering 200.
    pub async fn start() -> Self {
        Self::start_at("127.0.0.1:0").await
    }

    /// At this address, answering 200.
    pub async fn start_at(address: &str) -> Self {
        let listener = tokio::net::TcpListener::bind(address).await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        Self::start_on(listener, url)
    }

    /// With TLS, answering 200 to whom it lets in.
    pub fn start_with_tls(listener: TlsListener) -> Self {
        let url = format!("https://localhost:{}", listener.local_addr().expect("an address").port());
        Self::start_on(listener, url)
    }

    fn start_on<L: Listener<Addr: Debug>>(listener: L, url: String) -> Self {
        let shared =
            Shared { received: Arc::default(), script: Arc::default(), usual: Arc::new(Mutex::new(Instruction::status(200))) };
        let app = Router::new().fallback(receive).with_state(shared.clone());
        let task = tokio::spawn(async move { axum::serve(listener, app).await.expect("the receiver serves") });
        Self { url, shared, task }
    }

    /// A URL of this receiver.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// Subscribes to these events, or to all if none is named. Name them where earlier ones may still be on their way.
    pub async fn subscribe(&self, api: &Api, events_types: &[&str]) -> Value {
        let body = serde_json::json!({"url": self.at("/hook"), "events_types": events_types});
        api.post_json("/api/webhooks", &body).await.expect(201).json
    }

    /// Answers the next requests like this, one each.
    pub fn answer_next(&self, instructions: impl IntoIterator<Item = Instruction>) {
        self.shared.script.lock().unwrap().extend(instructions);
    }

    /// Answers every request like this once the script is used up.
    pub fn answer_always(&self, instruction: Instruction) {
        *self.shared.usual.lock().unwrap() = instruction;
    }

    /// Everything that came so far, in the order it came.
    pub fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    /// Waits until at least so many requests came, and gives them all.
    pub async fn wait_for(&self, count: usize) -> Vec<Received> {
        self.wait_within(count, Duration::from_secs(20)).await
    }

    /// Waits until so many different events came, and gives their envelopes in the order in which they happened. Fails if
    /// there are more.
    pub async fn events(&self, count: usize) -> Vec<Value> {
        eventually(&format!("{count} events"), Duration::from_secs(20), || async {
            let mut envelopes: Vec<Value> = self.received().iter().map(Received::json).collect();
            // Ids rise in the order of events; deliveries overtake each other.
            envelopes.sort_by_key(|envelope| envelope["id"].as_str().expect("an event has an id").to_owned());
            envelopes.dedup_by_key(|envelope| envelope["id"].clone());
            let types: Vec<_> = envelopes.iter().map(|envelope| envelope["type"].clone()).collect();
            assert!(envelopes.len() <= count, "more than {count} events: {types:?}");
            (envelopes.len() == count).then_some(envelopes)
        })
        .await
    }

    /// Waits, for at most `within`, until at least so many requests came.
    pub async fn wait_within(&self, count: usize, within: Duration) -> Vec<Received> {
        eventually(&format!("{count} deliveries (have {})", self.received().len()), within, || async {
            let received = self.received();
            (received.len() >= count).then_some(received)
        })
        .await
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn receive(State(shared): State<Shared>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let at = Instant::now();
    let scripted = shared.script.lock().unwrap().pop_front();
    let instruction = scripted.unwrap_or_else(|| shared.usual.lock().unwrap().clone());
    shared.received.lock().unwrap().push(Received { path: uri.to_string(), headers, body, at, answered: instruction.status });
    tokio::time::sleep(instruction.delay).await;
    let mut response = Response::new(Body::from(instruction.body));
    *response.status_mut() = StatusCode::from_u16(instruction.status).expect("a status");
    for (name, value) in instruction.headers {
        response.headers_mut().insert(name, value.parse().expect("a header value"));
    }
    response
}

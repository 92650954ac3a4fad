//! What the demo's integration does, step by step, over HTTP alone. It trusts nothing it was not told in an answer.

use crate::http::{self, Message};
use anyhow::{Context as _, Result, bail};
use domain::api_key::Token;
use domain::clock::Timestamp;
use domain::secret::Secret;
use domain::signature;
use serde_json::Value;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Receiver as Inbox;

/// How long a delivery, or its record, is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(20);

/// A stranger's program that uses the gateway.
pub struct Integration {
    /// Where the gateway listens.
    pub gateway: SocketAddr,
    /// Where it wants to be called.
    pub receiver: SocketAddr,
    /// What was received there.
    pub inbox: Inbox<Message>,
    /// Its API key.
    pub token: Token,
}

/// The webhook it made.
struct Webhook {
    id: String,
    secret: Secret,
}

impl Integration {
    /// All steps, in order, up to the first that fails.
    pub async fn act(&mut self) -> Result<()> {
        step("the gateway is alive", self.health().await)?;
        step("it knows the API key", self.me().await)?;
        step("it refuses a wrong one", self.wrong_key().await)?;
        let webhook = step("a webhook for client.created, form-encoded", self.subscribe().await)?;
        let begun = Instant::now();
        let client_id = step("a client, form-encoded", self.create_client().await)?;
        let delivery = step("the delivery arrives", self.receive(&client_id, begun).await)?;
        step("both signatures are right", verify(&webhook.secret, &delivery).map(|text| ((), text)))?;
        let event_id = text(&delivery.json(), "/id");
        step("the polling feed for Zapier shows it first", self.poll(&client_id, &event_id).await)?;
        step("the delivery is on record", self.delivered(&webhook.id).await)
    }

    async fn get(&self, path: &str) -> Result<Message> {
        http::send(self.gateway, "GET", path, Some(self.token.reveal()), None).await
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Result<Message> {
        http::send(self.gateway, "POST", path, Some(self.token.reveal()), Some(form)).await
    }

    async fn health(&self) -> Result<((), String)> {
        let answer = http::send(self.gateway, "GET", "/healthz", None, None).await?;
        expect(&answer, 200)?;
        Ok(((), "GET /healthz: 200".into()))
    }

    async fn me(&self) -> Result<((), String)> {
        let answer = self.get("/api/me").await?;
        expect(&answer, 200)?;
        Ok(((), format!("GET /api/me: 200, key {}…", self.token.start())))
    }

    async fn wrong_key(&self) -> Result<((), String)> {
        let wrong = Token::generate();
        let answer = http::send(self.gateway, "GET", "/api/me", Some(wrong.reveal()), None).await?;
        expect(&answer, 401)?;
        let challenge = answer.header("www-authenticate").context("a 401 without WWW-Authenticate")?;
        Ok(((), format!("GET /api/me: 401, {challenge}")))
    }

    async fn subscribe(&self) -> Result<(Webhook, String)> {
        let url = format!("http://{}/hooks/kitchen", self.receiver);
        let answer = self.post("/api/webhooks", &[("url", &url), ("events_types[]", "client.created")]).await?;
        expect(&answer, 201)?;
        let webhook = answer.json();
        let (id, secret) = (text(&webhook, "/id"), text(&webhook, "/secret"));
        if !secret.starts_with(signature::SECRET_PREFIX) {
            bail!("the answer holds no signing secret: {webhook}");
        }
        let note = format!("POST /api/webhooks: 201, {id}");
        Ok((Webhook { id, secret: Secret::new(secret) }, note))
    }

    async fn create_client(&self) -> Result<(String, String)> {
        let form = [("name", "Ada Lovelace"), ("email", "ada@example.com"), ("title", "Poet & mathematician [+ engines]")];
        let answer = self.post("/api/clients", &form).await?;
        expect(&answer, 201)?;
        let client = answer.json();
        for (field, sent) in form {
            if client.pointer(&format!("/{field}")).and_then(Value::as_str) != Some(sent) {
                bail!("`{field}` was sent as `{sent}` and came back as {}", client.get(field).unwrap_or(&Value::Null));
            }
        }
        let id = text(&client, "/id");
        let note = format!("POST /api/clients: 201, {id}, request {}", answer.header("request-id").unwrap_or("without an id"));
        Ok((id, note))
    }

    async fn receive(&mut self, client_id: &str, begun: Instant) -> Result<(Message, String)> {
        let received = tokio::time::timeout(PATIENCE, self.inbox.recv()).await.ok().flatten();
        let delivery = received.with_context(|| format!("nothing came within {} s", PATIENCE.as_secs()))?;
        let event = delivery.json();
        if text(&event, "/type") != "client.created" || text(&event, "/data/id") != client_id {
            bail!("something else came: {event}");
        }
        let waited = begun.elapsed().as_millis();
        let note = format!("{} {} for {client_id}, {waited} ms after the request", text(&event, "/type"), text(&event, "/id"));
        Ok((delivery, note))
    }

    async fn poll(&self, client_id: &str, event_id: &str) -> Result<((), String)> {
        let path = "/connect/zapier/triggers/client.created";
        let answer = self.get(path).await?;
        expect(&answer, 200)?;
        let feed = answer.json();
        if text(&feed, "/0/id") != event_id || text(&feed, "/0/client_id") != client_id {
            bail!("the newest item is not the event {event_id} of {client_id}: {feed}");
        }
        Ok(((), format!("GET {path}: a bare array, newest {event_id}")))
    }

    async fn delivered(&self, webhook_id: &str) -> Result<((), String)> {
        let path = format!("/api/webhooks/{webhook_id}/deliveries");
        let begun = Instant::now();
        // Outcomes are recorded in batches, a moment after the receiver has answered.
        let delivery = loop {
            let answer = self.get(&path).await?;
            expect(&answer, 200)?;
            let delivery = answer.json().pointer("/data/0").cloned().unwrap_or_default();
            if text(&delivery, "/state") == "delivered" {
                break delivery;
            }
            if begun.elapsed() > PATIENCE {
                bail!("it is not recorded as delivered: {delivery}");
            }
            tokio::time::sleep(PAUSE).await;
        };
        Ok(((), format!("GET /api/webhooks/{{id}}/deliveries: {}, delivered", text(&delivery, "/id"))))
    }
}

/// Checks both signatures as a receiver does: from the raw body, the headers and the secret it was given.
fn verify(secret: &Secret, delivery: &Message) -> Result<String> {
    let header = |name| delivery.header(name).with_context(|| format!("the header {name} is missing"));
    let seconds: i64 = header("webhook-timestamp")?.parse().context("webhook-timestamp is no number")?;
    let at = Timestamp::from_millis(seconds.saturating_mul(1000));
    let expected = signature::sign(secret, None, header("webhook-id")?, at, &delivery.body);
    if header("signature")? != expected.kitchen {
        bail!("the header Signature does not match the body");
    }
    if !header("webhook-signature")?.split(' ').any(|given| given == expected.standard) {
        bail!("the header webhook-signature does not match id, timestamp and body");
    }
    Ok("Kitchen's Signature and Standard Webhooks, over the raw body".into())
}

fn expect(answer: &Message, status: u16) -> Result<()> {
    if answer.status() == status {
        return Ok(());
    }
    bail!("answered {} instead of {status}: {}", answer.first_line, String::from_utf8_lossy(&answer.body))
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Prints how a step went.
fn step<T>(name: &str, outcome: Result<(T, String)>) -> Result<T> {
    match outcome {
        Ok((value, note)) => {
            println!("✓ {name}\n    {note}");
            Ok(value)
        }
        Err(error) => {
            println!("✗ {name}");
            Err(error.context(format!("the step \"{name}\" failed")))
        }
    }
}

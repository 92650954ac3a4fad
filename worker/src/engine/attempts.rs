//! What becomes of a claim: it is sent, and what came of that is handed over to be recorded. Refuses to choose what is claimed.

use super::Engine;
use crate::client::{Answer, Request};
use crate::held::Shipment;
use crate::hold::{self, Place};
use domain::clock::Timestamp;
use domain::delivery::{Happening, Outcome};
use domain::ids::WebhookId;
use domain::retries::{self, Retries};
use domain::signature::sign;
use std::time::Duration;
use store::claims::Claimed;
use store::outcomes::AttemptRecord;
use store::targets::Opened;

/// What must be left of a lease beyond the attempt when it begins.
const RECORD_MARGIN: Duration = Duration::from_secs(8);

/// Why a delivery is not sent when its webhook's secret or a header's value cannot be read.
const SEALED: &str = "Not sent. The webhook's secrets cannot be read with the master key that is set; the operator sets the one they \
     were written with.";

impl Engine {
    /// Runs one lane's place: this shipment, and then whatever waits behind it.
    pub(super) fn begin(&self, shipment: Shipment) {
        let engine = self.clone();
        self.inner.attempts.spawn(async move {
            let webhook = shipment.claimed.target.webhook.id.clone();
            let mut next = Some(shipment);
            while let Some(shipment) = next {
                tokio::select! {
                    () = engine.inner.abandon.cancelled() => return,
                    () = engine.attempt(shipment) => {}
                }
                next = engine.next_in(&webhook);
            }
        });
    }

    /// Ends one shipment of a lane and takes the next, or closes the place: also when the webhook may have fewer than it had.
    fn next_in(&self, webhook: &WebhookId) -> Option<Shipment> {
        let mut held = self.held();
        let is_closing = held.is_closing;
        let lane = held.by_webhook.get_mut(webhook)?;
        let is_closed = is_closing || lane.in_flight > lane.most_in_flight;
        let next = if is_closed { None } else { lane.waiting.pop_front() };
        if next.is_none() {
            lane.in_flight = lane.in_flight.saturating_sub(1);
        }
        let held_here = lane.held();
        let is_low = held_here == 0 || held_here == lane.low_water;
        if held_here == 0 {
            held.by_webhook.remove(webhook);
        }
        if is_low && (held.is_crowded || held.behind.contains(webhook)) {
            self.inner.look.notify_one();
        }
        next
    }

    async fn attempt(&self, shipment: Shipment) {
        let Shipment { claimed, body } = shipment;
        let inner = &self.inner;
        let started_at = inner.store.clock().now();
        if started_at.plus(inner.settings.attempt_timeout + RECORD_MARGIN) > claimed.leased_until {
            // It waited too long: another worker may take it over while we send.
            return;
        }
        hold::at(Place::AfterClaim).await;
        let webhook = &claimed.target.webhook;
        let answer = match &claimed.target.opened {
            None => Answer::unsent(SEALED),
            Some(Opened { secret, headers }) => {
                let previous = claimed.target.previous_secret(started_at);
                let signatures = sign(secret, previous, claimed.event.id.as_str(), started_at, &body);
                let request = Request {
                    url: &webhook.url,
                    body,
                    event_id: claimed.event.id.as_str(),
                    delivery_id: claimed.id.as_str(),
                    timestamp: started_at.seconds(),
                    signatures,
                    headers,
                };
                inner.client.post(request).await
            }
        };
        hold::at(Place::AfterSend).await;
        let (now, max_age) = (inner.store.clock().now(), inner.settings.max_delivery_age);
        let asked = answer.status.zip(answer.retry_after.as_deref()).and_then(|(status, text)| retries::asked(status, text, now));
        let retries = Retries { delays: webhook.delays(), asked, ends_at: claimed.begun_at.plus(max_age), jitter: jitter() };
        inner.recorder.record(outcome(&claimed, started_at, answer, now, &retries)).await;
    }
}

fn outcome(claimed: &Claimed, started_at: Timestamp, answer: Answer, now: Timestamp, retries: &Retries<'_>) -> AttemptRecord {
    let outcome = match (answer.status.map(Outcome::of_status), &answer.error) {
        // What a 410 says is said before its body, of which the end may never come.
        (Some(Outcome::Gone), _) => Outcome::Gone,
        (Some(outcome), None) => outcome,
        _ => Outcome::Failure,
    };
    let error = match (outcome, answer.error, answer.status) {
        (Outcome::Success, _, _) => None,
        (Outcome::Failure, Some(error), _) => Some(error),
        (_, _, Some(status @ 300..=399)) => Some(format!("The receiver answered {status}; redirects are not followed.")),
        (_, _, Some(status)) => Some(format!("The receiver answered {status}.")),
        (_, _, None) => Some("No answer.".into()),
    };
    AttemptRecord {
        delivery: claimed.id.clone(),
        fence: claimed.fence,
        webhook: claimed.target.webhook.id.clone(),
        workspace: claimed.event.workspace_id.clone(),
        url: claimed.target.webhook.url.clone(),
        number: claimed.attempts_count + 1,
        is_manual: claimed.is_manual,
        started_at,
        duration_ms: u32::try_from(answer.duration.as_millis()).unwrap_or(u32::MAX),
        status: answer.status,
        outcome,
        error,
        request_headers: answer.request_headers,
        response_headers: answer.response_headers,
        response_body: answer.body,
        asked_until: retries.asked.map(|wanted| now.plus(wanted)),
        progress: claimed.progress.after(Happening::Attempt { outcome, is_manual: claimed.is_manual, retries }, now),
        is_waited_for: claimed.target.webhook.flow.ordered,
    }
}

/// Evenly from 0 to 1.
fn jitter() -> f64 {
    f64::from(u32::from_le_bytes(domain::secret::random_bytes())) / f64::from(u32::MAX)
}

//! How receivers have been doing, and what follows from that: a circuit opens or closes, a webhook is disabled. What follows is
//! decided in `domain`; here it is stored, in the transaction of the outcomes it follows from.

use crate::engine::Conn;
use crate::work::{Tx, View as _};
use crate::{Result, Store, StoreError, Work, webhooks};
use domain::audit::Actor;
use domain::circuit::{Circuit, Seen};
use domain::clock::Timestamp;
use domain::ids::{EventId, WebhookId, WorkspaceId};
use domain::webhook::Platform;
use std::time::Duration;

/// Why a webhook is disabled after a 410.
const GONE: &str = "The receiver answered 410 Gone.";

#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(clippy::struct_field_names, reason = "they are called like their columns")]
pub(crate) struct Row {
    failures_in_row: i64,
    failing_since: Option<i64>,
    probe_at: Option<i64>,
    asked_until: Option<i64>,
}

/// Where it is stored, in a webhook's row.
pub(crate) const COLUMNS: &str = "failures_in_row, failing_since, probe_at, asked_until";

impl From<Row> for Circuit {
    fn from(row: Row) -> Self {
        Self {
            failures_in_row: u32::try_from(row.failures_in_row).unwrap_or(u32::MAX),
            failing_since: row.failing_since.map(Timestamp::from_millis),
            probe_at: row.probe_at.map(Timestamp::from_millis),
            asked_until: row.asked_until.map(Timestamp::from_millis),
        }
    }
}

/// A webhook that failed just now, or had failed before.
#[derive(Debug)]
pub(crate) struct Troubled {
    pub(crate) webhook: WebhookId,
    pub(crate) workspace: WorkspaceId,
    /// As it stands. The row is locked by the transaction.
    pub(crate) circuit: Circuit,
    pub(crate) seen: Seen,
    /// Until when the receiver asked to be left alone.
    pub(crate) asked_until: Option<Timestamp>,
    /// Whether the receiver answered 410.
    pub(crate) is_gone: bool,
}

/// What came of the troubled.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    pub(crate) circuits: Vec<(WebhookId, Circuit)>,
    /// To ring for after the commit.
    pub(crate) events: Vec<EventId>,
}

/// Moves the circuits of these webhooks on, and ends what is to be ended: after a 410, whatever state the delivery is in (a retry asked
/// for by a person leaves it), a webhook made by hand is disabled with the reason, so that its owner sees why; a platform's subscription
/// is deleted, so that the platform, which looks before it subscribes, makes a new one. A webhook is disabled too once nothing but
/// failures has come for `disable_after`.
pub(crate) async fn settle(
    store: &Store,
    mut tx: Tx,
    troubled: Vec<Troubled>,
    disable_after: Option<Duration>,
) -> Result<(Tx, Settled)> {
    let now = store.clock().now();
    let mut settled = Settled::default();
    for one in troubled {
        let circuit = one.circuit.after(one.seen, one.asked_until, now);
        if circuit != one.circuit {
            write(tx.conn(), &one.webhook, circuit).await?;
        }
        let long = disable_after.filter(|long| circuit.has_failed_for(*long, now));
        if one.is_gone || long.is_some() {
            let mut work = Work::within(tx, store, &one.workspace, Actor::gateway());
            let reason = long.filter(|_| !one.is_gone).map_or_else(|| GONE.to_owned(), given_up);
            match webhooks::get(&mut work, &one.webhook).await {
                Ok(webhook) if one.is_gone && webhook.platform != Platform::Kitchen => {
                    webhooks::end_subscription(&mut work, &webhook).await?;
                }
                Ok(_) => webhooks::disable(&mut work, &one.webhook, &reason).await?,
                Err(StoreError::NotFound) => {}
                // Outcomes of others are recorded with it.
                Err(error @ StoreError::Damaged(_)) => {
                    tracing::warn!(webhook = one.webhook.as_str(), %error, "cannot disable a webhook that cannot be read");
                }
                Err(error) => return Err(error),
            }
            let (back, events) = work.into_tx().await?;
            tx = back;
            settled.events.extend(events);
        }
        settled.circuits.push((one.webhook, circuit));
    }
    Ok((tx, settled))
}

fn given_up(long: Duration) -> String {
    match long.as_secs() / 86_400 {
        1 => "Nothing but failures for a day.".into(),
        days => format!("Nothing but failures for {days} days."),
    }
}

async fn write(conn: Conn<'_>, webhook: &WebhookId, circuit: Circuit) -> Result<()> {
    const SET: &str =
        "UPDATE webhooks SET failures_in_row = $2, failing_since = $3, probe_at = $4, asked_until = $5 WHERE id = $1";
    Ok(on_conn!(conn, conn => sqlx::query(SET)
        .bind(webhook.as_str())
        .bind(i64::from(circuit.failures_in_row))
        .bind(circuit.failing_since.map(Timestamp::millis))
        .bind(circuit.probe_at.map(Timestamp::millis))
        .bind(circuit.asked_until.map(Timestamp::millis))
        .execute(conn)
        .await
        .map(drop))?)
}

/// Forgets failures, as if there had been none.
pub(crate) async fn close(work: &mut Work, webhook: &WebhookId) -> Result<()> {
    write(work.conn().await?, webhook, Circuit::default()).await
}

/// Somebody asked for an attempt: if the circuit is open, the next probe may be made at once.
pub(crate) async fn probe_now(work: &mut Work, webhook: &WebhookId) -> Result<()> {
    let now = work.now().millis();
    Ok(on!(work, conn => sqlx::query("UPDATE webhooks SET probe_at = $2 WHERE id = $1 AND probe_at > $2")
        .bind(webhook.as_str())
        .bind(now)
        .execute(conn)
        .await
        .map(drop))?)
}

//! Changing webhooks, on record: made, changed, disabled, deleted; what that means for their deliveries happens in the same
//! transaction. Reading them is the module above.

use super::{Row, alive, find, get, get_with_secret};
use crate::backlog::{self, Towards};
use crate::engine::Conn;
use crate::insert::Insert;
use crate::locations::{self, Kind};
use crate::paging::json_array;
use crate::webhook_headers::{self, Sealed};
use crate::work::View as _;
use crate::{Result, StoreError, Work, circuits};
use domain::audit::Action;
use domain::circuit::Circuit;
use domain::clock::Timestamp;
use domain::event::EventType;
use domain::ids::{BoardId, FolderId, WebhookId};
use domain::input::{Patch, unknown_id};
use domain::secret::Secret;
use domain::webhook::{Disabled, NewWebhook, Platform, Rotation, Webhook, WebhookPatch};

/// A list as it is stored.
fn written<T: serde::Serialize>(list: Option<&T>) -> Result<Option<String>> {
    Ok(list.map(serde_json::to_string).transpose()?)
}

/// Folders or boards to listen at, each once. Those that were not listened at before must exist.
async fn judged<T: AsRef<str> + Ord + Clone>(
    work: &mut Work,
    (kind, field): (Kind, &str),
    mut ids: Vec<T>,
    before: &[T],
) -> Result<Vec<T>> {
    let new: Vec<&str> = ids.iter().filter(|id| !before.contains(id)).map(AsRef::as_ref).collect();
    let alive = locations::alive(work, kind, &new).await?;
    if let Some(place) = ids.iter().position(|id| !before.contains(id) && !alive.contains(id.as_ref())) {
        return Err(unknown_id(&format!("{field}.{place}")).into());
    }
    ids.sort();
    ids.dedup();
    Ok(ids)
}

const FOLDERS: (Kind, &str) = (Kind::Folder, "folders");
const BOARDS: (Kind, &str) = (Kind::Board, "boards");

/// The secret for a person who asks to see it, which is put on record.
pub async fn reveal_secret(work: &mut Work, id: &WebhookId) -> Result<Secret> {
    let store = work.store().clone();
    let (webhook, secret) = get_with_secret(&store, work, id).await?;
    work.note(Action::WEBHOOK_SECRET_REVEALED, Some(id.as_str()), Some(&webhook.url));
    Ok(secret)
}

/// Makes a webhook.
pub async fn create(work: &mut Work, mut new: NewWebhook) -> Result<Webhook> {
    new.folders = judged(work, FOLDERS, new.folders, &[]).await?;
    new.boards = judged(work, BOARDS, new.boards, &[]).await?;
    let webhook = insert(work, new)?;
    work.note(Action::WEBHOOK_CREATED, Some(webhook.id.as_str()), Some(&webhook.url));
    Ok(webhook)
}

/// Writes a webhook. Making the hidden one of an operation is on record as asking for the operation.
pub(crate) fn insert(work: &mut Work, new: NewWebhook) -> Result<Webhook> {
    let (now, workspace) = (work.now(), work.workspace().clone());
    let master_key = &work.store().inner().master_key;
    let (sealed, headers) = (master_key.seal(&new.secret)?, webhook_headers::seal(master_key, new.headers, Sealed::new())?);
    let webhook = Webhook {
        id: WebhookId::new(now),
        url: new.url,
        events_types: new.events_types,
        folders: new.folders,
        boards: new.boards,
        enabled: new.enabled,
        disabled_reason: None,
        flow: new.flow,
        circuit: Circuit::default(),
        retry_delays: new.retry_delays,
        header_names: headers.keys().cloned().collect(),
        platform: new.platform,
        attempts_count: 0,
        failed_attempts_count: 0,
        last_failure: None,
        last_failed_at: None,
        previous_secret_expires_at: None,
        created_by: Some(work.actor().in_words()),
        created_at: now,
        updated_at: now,
    };
    let is_callback = webhook.platform == Platform::Callback;
    work.insert(
        Insert::into("webhooks")
            .set("id", webhook.id.as_str())
            .set("workspace_id", workspace.as_str())
            .set("url", &webhook.url)
            .set("events_types", serde_json::Value::from(webhook.events_types.clone()).to_string())
            .set("folders", json_array(webhook.folders.iter().map(FolderId::as_str)))
            .set("boards", json_array(webhook.boards.iter().map(BoardId::as_str)))
            .set("enabled", webhook.enabled)
            .set("max_in_flight", webhook.flow.max_in_flight.map(i64::from))
            .set("rate_limit", webhook.flow.rate_limit.map(i64::from))
            .set("ordered", webhook.flow.ordered)
            .set("retry_delays", written(webhook.retry_delays.as_ref())?)
            .set("headers", serde_json::to_string(&headers)?)
            .set("platform", if is_callback { Platform::Kitchen } else { webhook.platform }.as_str())
            .set("is_callback", is_callback)
            .set("sealed_secret", &sealed)
            .set("created_by", &webhook.created_by)
            .set("created_at", now.millis())
            .set("updated_at", now.millis()),
    );
    Ok(webhook)
}

/// Makes a platform's subscription, or finds the one that exists: the same URL and event in the same place are one subscription. One that
/// was disabled is enabled again: whoever subscribes wants to hear. Says whether it was made.
pub async fn subscribe(work: &mut Work, new: NewWebhook) -> Result<(Webhook, bool)> {
    let workspace = work.workspace().to_string();
    // Of two that arrive together the second must see the first's row; SQLite takes turns by itself.
    if let Conn::Postgres(conn) = work.conn().await? {
        sqlx::query("SELECT id FROM workspaces WHERE id = $1 FOR NO KEY UPDATE").bind(&workspace).execute(conn).await?;
    }
    let existing: Vec<Row> = alive(work)
        .and("platform = ?", new.platform.as_str())
        .and("url = ?", new.url.as_str())
        .and("events_types = ?", serde_json::Value::from(new.events_types.clone()).to_string())
        .and("folders = ?", json_array(new.folders.iter().map(FolderId::as_str)))
        .and("boards = ?", json_array(new.boards.iter().map(BoardId::as_str)))
        .locked(work, 1)
        .await?;
    let Some(row) = existing.into_iter().next() else { return Ok((create(work, new).await?, true)) };
    let known = Webhook::try_from(row)?;
    let enabling = WebhookPatch { enabled: Some(true), ..WebhookPatch::default() };
    Ok((update(work, &known.id, enabling).await?, false))
}

/// Changes a webhook. Disabling it holds back what is under way; enabling it sends that on.
pub async fn update(work: &mut Work, id: &WebhookId, patch: WebhookPatch) -> Result<Webhook> {
    let row = find(work, id).await?;
    let sealed_before = row.headers()?;
    let before = Webhook::try_from(row)?;
    let master_key = &work.store().inner().master_key;
    let sealed = match patch.headers {
        Patch::Keep => sealed_before.clone(),
        Patch::Clear => Sealed::new(),
        Patch::Set(wanted) => webhook_headers::seal(master_key, wanted, sealed_before.clone())?,
    };
    let folders = match patch.folders {
        Patch::Keep => before.folders.clone(),
        wanted => judged(work, FOLDERS, wanted.apply(None).unwrap_or_default(), &before.folders).await?,
    };
    let boards = match patch.boards {
        Patch::Keep => before.boards.clone(),
        wanted => judged(work, BOARDS, wanted.apply(None).unwrap_or_default(), &before.boards).await?,
    };
    let enabled = patch.enabled.unwrap_or(before.enabled);
    let is_new_receiver = enabled && !before.enabled || patch.url.as_ref().is_some_and(|url| *url != before.url);
    let webhook = Webhook {
        url: patch.url.unwrap_or_else(|| before.url.clone()),
        events_types: patch.events_types.unwrap_or_else(|| before.events_types.clone()),
        folders,
        boards,
        enabled,
        disabled_reason: if enabled { None } else { before.disabled_reason.clone() },
        flow: patch.flow.apply(before.flow),
        // Another receiver, or one that somebody vouches for, begins anew.
        circuit: match before.circuit {
            _ if is_new_receiver => Circuit::default(),
            circuit if enabled => circuit,
            circuit => circuit.without_probe(),
        },
        retry_delays: patch.retry_delays.apply(before.retry_delays.clone()),
        header_names: sealed.keys().cloned().collect(),
        updated_at: work.now(),
        ..before.clone()
    };
    if (Webhook { updated_at: before.updated_at, ..webhook.clone() }) == before && sealed == sealed_before {
        return Ok(before);
    }
    let (retry_delays, headers) = (written(webhook.retry_delays.as_ref())?, serde_json::to_string(&sealed)?);
    on!(work, conn => sqlx::query(
        "UPDATE webhooks SET url = $2, events_types = $3, enabled = $4, disabled_reason = $5, retry_delays = $6, headers = $7, folders = $8, \
         boards = $9, updated_at = $10, max_in_flight = $11, rate_limit = $12, ordered = $13 \
         WHERE id = $1",
    )
    .bind(webhook.id.as_str())
    .bind(&webhook.url)
    .bind(serde_json::Value::from(webhook.events_types.clone()).to_string())
    .bind(webhook.enabled)
    .bind(&webhook.disabled_reason)
    .bind(&retry_delays)
    .bind(&headers)
    .bind(json_array(webhook.folders.iter().map(FolderId::as_str)))
    .bind(json_array(webhook.boards.iter().map(BoardId::as_str)))
    .bind(webhook.updated_at.millis())
    .bind(webhook.flow.max_in_flight.map(i64::from))
    .bind(webhook.flow.rate_limit.map(i64::from))
    .bind(webhook.flow.ordered)
    .execute(conn)
    .await
    .map(drop))?;
    if is_new_receiver {
        circuits::close(work, id).await?;
    }
    if enabled && !before.enabled {
        backlog::begin(work, id, Towards::Due, webhook.flow.ordered).await?;
    }
    let action = match (before.enabled, enabled) {
        (true, false) => Action::WEBHOOK_PAUSED,
        (false, true) => Action::WEBHOOK_RESUMED,
        _ => Action::WEBHOOK_UPDATED,
    };
    work.note(action, Some(id.as_str()), Some(&webhook.url));
    Ok(webhook)
}

/// Disables a webhook on the gateway's own account, which its workspace's other webhooks are told.
pub(crate) async fn disable(work: &mut Work, id: &WebhookId, reason: &str) -> Result<()> {
    let before = get(work, id).await?;
    if !before.enabled {
        return Ok(());
    }
    let now = work.now();
    on!(work, conn => sqlx::query("UPDATE webhooks SET enabled = FALSE, disabled_reason = $2, updated_at = $3 WHERE id = $1")
        .bind(id.as_str())
        .bind(reason)
        .bind(now.millis())
        .execute(conn)
        .await
        .map(drop))?;
    let disabled = Disabled {
        id: before.id,
        url: before.url,
        enabled: false,
        disabled_reason: reason.to_owned(),
        created_at: before.created_at,
        updated_at: now,
    };
    work.record(EventType::WEBHOOK_DISABLED, None, &disabled)
}

/// Ends the subscription of a platform whose receiver is gone. Its open deliveries are cancelled when they are due.
pub(crate) async fn end_subscription(work: &mut Work, webhook: &Webhook) -> Result<()> {
    let now = work.now().millis();
    on!(work, conn => sqlx::query("UPDATE webhooks SET deleted_at = $2 WHERE id = $1")
        .bind(webhook.id.as_str())
        .bind(now)
        .execute(conn)
        .await
        .map(drop))?;
    work.note(Action::WEBHOOK_DELETED, Some(webhook.id.as_str()), Some(&webhook.url));
    Ok(())
}

/// Gives a webhook a new secret. The old one signs too for as long as the overlap. There is room for one: while another is left from an
/// earlier rotation, whose receivers may know nothing newer, it is refused, unless that is to end too.
pub async fn rotate_secret(work: &mut Work, id: &WebhookId, rotation: Rotation) -> Result<(Webhook, Secret)> {
    let Rotation { overlap, is_forced } = rotation;
    let now = work.now();
    let row = find(work, id).await?;
    let left = row.previous_secret_expires_at.map(Timestamp::from_millis).filter(|end| *end > now);
    if let Some(end) = left.filter(|_| !is_forced && !overlap.is_zero()) {
        let end = end.written("%Y-%m-%dT%H:%M:%S+00:00");
        return Err(StoreError::Conflict(format!(
            "The secret before the last rotation still signs, until {end}, and a new rotation would end that at once. Rotate after that \
             time, or send force=true."
        )));
    }
    let secret = domain::signature::generate_secret();
    let sealed = work.store().inner().master_key.seal(&secret)?;
    let ends_at = (!overlap.is_zero()).then(|| now.plus(overlap));
    let previous = ends_at.map(|_| row.sealed_secret.clone());
    on!(work, conn => sqlx::query(
        "UPDATE webhooks SET sealed_secret = $2, previous_sealed_secret = $3, previous_secret_expires_at = $4, updated_at = $5 \
         WHERE id = $1",
    )
    .bind(id.as_str())
    .bind(&sealed)
    .bind(&previous)
    .bind(ends_at.map(Timestamp::millis))
    .bind(now.millis())
    .execute(conn)
    .await
    .map(drop))?;
    let webhook = Webhook { previous_secret_expires_at: ends_at, updated_at: now, ..row.try_into()? };
    work.note(Action::WEBHOOK_SECRET_ROTATED, Some(id.as_str()), Some(&webhook.url));
    Ok((webhook, secret))
}

/// Deletes a webhook and gives up its open deliveries.
pub async fn delete(work: &mut Work, id: &WebhookId) -> Result<()> {
    let webhook = get(work, id).await?;
    work.note(Action::WEBHOOK_DELETED, Some(id.as_str()), Some(&webhook.url));
    let now = work.now().millis();
    on!(work, conn => sqlx::query("UPDATE webhooks SET deleted_at = $2 WHERE id = $1")
        .bind(id.as_str())
        .bind(now)
        .execute(conn)
        .await
        .map(drop))?;
    backlog::begin(work, id, Towards::Cancelled, webhook.flow.ordered).await
}

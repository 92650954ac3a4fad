//! The audit log: written by units of work, read page by page, newest first. Nothing changes or deletes an entry.

use crate::insert::Insert;
use crate::paging::{Select, fold};
use crate::work::{View, damaged};
use crate::{Result, StoreError};
use domain::audit::{Action, Actor, ActorKind, AuditEntry, Subject};
use domain::clock::Timestamp;
use domain::ids::{ApiKeyId, AuditEntryId, UserId, WorkspaceId};

/// The row of one entry.
pub(crate) fn entry(
    workspace: &WorkspaceId,
    actor: &Actor,
    now: Timestamp,
    action: Action,
    subject_id: Option<&str>,
    subject_name: Option<&str>,
) -> Insert {
    Insert::into("audit_entries")
        .set("workspace_id", workspace.as_str())
        .set("id", AuditEntryId::new(now).as_str())
        .set("created_at", now.millis())
        .set("actor_kind", actor.kind.as_str())
        .set("actor_id", actor.id.as_deref())
        .set("actor_name", &actor.name)
        .set("actor_key", fold(&actor.name))
        .set("action", action.as_str())
        .set("subject", action.subject().as_str())
        .set("subject_id", subject_id)
        .set("subject_name", subject_name)
        .set("address", actor.address.map(|address| address.to_string()))
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    created_at: i64,
    actor_kind: String,
    actor_id: Option<String>,
    actor_name: String,
    action: String,
    subject_id: Option<String>,
    subject_name: Option<String>,
    address: Option<String>,
}

impl TryFrom<Row> for AuditEntry {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: AuditEntryId::from_stored(row.id),
            created_at: Timestamp::from_millis(row.created_at),
            actor: Actor {
                kind: ActorKind::parse(&row.actor_kind).ok_or_else(|| damaged("kind of actor", &row.actor_kind))?,
                id: row.actor_id,
                name: row.actor_name,
                address: row.address.and_then(|address| address.parse().ok()),
            },
            action: row.action,
            subject_id: row.subject_id,
            subject_name: row.subject_name,
        })
    }
}

/// Which entries are shown.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Only those of this actor: the id of a key or a person, or the name of any actor, whatever its case.
    pub actor: Option<String>,
    /// Only those about this.
    pub subject: Option<Subject>,
    /// Not those before this moment.
    pub since: Option<Timestamp>,
    /// Not those from this moment on.
    pub until: Option<Timestamp>,
    /// Only those before this moment, and of that moment those before this entry: where the page before ended.
    pub before: Option<(Timestamp, AuditEntryId)>,
}

/// The newest entries, at most `limit` of them.
pub async fn list(view: &mut impl View, filter: AuditFilter, limit: u32) -> Result<Vec<AuditEntry>> {
    const COLUMNS: &str = "id, created_at, actor_kind, actor_id, actor_name, action, subject_id, subject_name, address";
    let actor = filter.actor.map(|actor| {
        if ApiKeyId::parse(&actor).is_ok() || UserId::parse(&actor).is_ok() {
            ("actor_id = ?", actor)
        } else {
            ("actor_key = ?", fold(&actor))
        }
    });
    let (condition, actor) = actor.map_or(("", None), |(condition, actor)| (condition, Some(actor)));
    let select = Select::from(view, "audit_entries", COLUMNS)
        .and_if(condition, actor)
        .and_if("subject = ?", filter.subject.map(Subject::as_str))
        .and_if("created_at >= ?", filter.since.map(Timestamp::millis))
        .and_if("created_at < ?", filter.until.map(Timestamp::millis));
    let select = match filter.before {
        Some((at, id)) => select.before(at, id.as_str()),
        None => select,
    };
    let rows: Vec<Row> = select.first(view, "created_at DESC, id DESC", limit).await?;
    rows.into_iter().map(AuditEntry::try_from).collect()
}

//! Realistic resources to show before any real one exists. Built from the resources' own types, so that a sample always has
//! exactly the keys of the real thing.

use domain::board::{Board, List};
use domain::client_import::ClientImport;
use domain::clock::Timestamp;
use domain::company::Company;
use domain::event::{Event, EventType};
use domain::folder::Folder;
use domain::ids::{
    BoardId, CompanyId, CustomFieldId, EventId, FolderId, LabelId, ListId, OperationId, TaskCommentId, TaskId, UserId, WebhookId,
    WorkspaceId,
};
use domain::label::Label;
use domain::node::Visibility;
use domain::operation::{Operation, OperationKind, OperationState};
use domain::task::{Absent, Completion, FieldValue, Task};
use domain::task_comment::{Format, TaskComment};
use domain::user::{Group, Role, User};
use domain::webhook::Disabled;
use serde_json::{Value, json};
use std::time::Duration;

// 12 March 2026, 14:18:37.123 UTC.
const AT: Timestamp = Timestamp::from_millis(1_773_325_117_123);

/// An event of this type about this resource, as it would be stored.
pub(crate) fn event(event: EventType, mut data: Value) -> Event {
    // How an operation ended is said by its event.
    let ended = match event {
        EventType::OPERATION_FAILED => Some((OperationState::Failed, Some("The webhook was deleted meanwhile."))),
        EventType::OPERATION_CANCELLED => Some((OperationState::Cancelled, None)),
        _ => None,
    };
    if let Some((state, error)) = ended {
        data["state"] = json!(state);
        data["error"] = json!(error);
        data["done_count"] = json!(82);
        data["result"]["retried_count"] = json!(82);
    }
    if event == EventType::TASK_COMPLETED {
        data["completed"] = json!(1);
        data["completed_at"] = json!(AT);
        data["completer"] = data["author"].clone();
    }
    Event {
        id: EventId::from_stored("evt_19ce2f8f6a3c41d09b7e5f28".into()),
        workspace_id: WorkspaceId::from_stored("ws_19ce2f8f6a3000000000aaaa".into()),
        event_type: event.as_str().to_owned(),
        occurred_at: AT,
        previous: previous(event, &data),
        data,
    }
}

/// What a resource was like before somebody gave it another name, completed, reopened or moved it.
fn previous(event: EventType, data: &Value) -> Option<Value> {
    let before = AT.minus(Duration::from_hours(26));
    Some(match event.verb() {
        "updated" => {
            let field = if data.get("name").is_some() { "name" } else { "title" };
            json!({field: "Its name before", "updated_at": before})
        }
        "completed" => json!({"completed": 0, "completed_at": null, "completer": null, "updated_at": before}),
        "reopened" => json!({"completed": 1, "completed_at": before, "completer": data["author"], "updated_at": before}),
        "moved" => json!({"list": "tskl_19ce2f8f6a3f5a6b9c0d1e00", "position": 7, "updated_at": before}),
        _ => return None,
    })
}

/// A made-up one.
pub(crate) fn member() -> User {
    let (id, title) = (UserId::from_stored("u_19ce2f8f6a3c0e7f41a2b3c4".into()), Some("Account Manager".into()));
    let member = User::member("Grace Hopper".into(), "grace@agency.example".into(), Role::Member, AT);
    User { id, title, ..member }
}

/// A made-up one.
pub(crate) fn client() -> User {
    User {
        id: UserId::from_stored("u_19ce2f8f6a3c1b5520d7e9a1".into()),
        group: Group::Client,
        name: "Ada Lovelace".into(),
        email: "ada@example.com".into(),
        username: "ada".into(),
        role: "client".into(),
        title: Some("Head of Engines".into()),
        phone: Some("+44 20 7946 0958".into()),
        language: Some("en".into()),
        timezone: Some("Europe/London".into()),
        color: None,
        company: Some(company().id),
        created_at: AT,
        updated_at: AT,
    }
}

/// A made-up one.
pub(crate) fn company() -> Company {
    Company {
        id: CompanyId::from_stored("co_19ce2f8f6a3b77c1402f6d33".into()),
        name: "Analytical Engines Ltd".into(),
        initials: Some("AE".into()),
        website: Some("https://example.com".into()),
        email: Some("office@example.com".into()),
        phone_number: Some("+44 20 7946 0000".into()),
        address: Some("12 St James's Square, London".into()),
        created_at: AT,
        updated_at: AT,
    }
}

/// A made-up one.
pub(crate) fn folder() -> Folder {
    Folder {
        id: FolderId::from_stored("fo_19ce2f8f6a3d90e2716b4c05".into()),
        name: "Website relaunch".into(),
        description: Some("Everything about the new site.".into()),
        visibility: Visibility::Shared,
        role: None,
        folder: None,
        archived_at: None,
        created_at: AT,
        updated_at: AT,
    }
}

/// A made-up one.
pub(crate) fn board() -> Board {
    Board {
        id: BoardId::from_stored("tskb_19ce2f8f6a3e2d4f8813a7b6".into()),
        title: "Design".into(),
        description: None,
        visibility: Visibility::Internal,
        role: Some("board_editor".into()),
        folder: Some(folder().id),
        archived_at: None,
        created_at: AT,
        updated_at: AT,
    }
}

/// A made-up one.
pub(crate) fn webhook() -> Disabled {
    Disabled {
        id: WebhookId::from_stored("wh_19ce2f8f6a405d7b1e93c2a4".into()),
        url: "https://example.com/hooks/kitchen".into(),
        enabled: false,
        disabled_reason: "The receiver answered 410 Gone.".into(),
        created_at: AT,
        updated_at: AT,
    }
}

/// A made-up one.
pub(crate) fn list() -> List {
    List {
        id: ListId::from_stored("tskl_19ce2f8f6a3f5a6b9c0d1e2f".into()),
        title: "In review".into(),
        board: board().id,
        created_at: AT,
        updated_at: AT,
    }
}

/// A made-up one.
pub(crate) fn label() -> Label {
    Label {
        id: LabelId::from_stored("lbl_19ce2f8f6a43f7e6d5c4b3a2".into()),
        board: board().id,
        title: Some("Urgent".into()),
        hex_color: "#ff8800".into(),
        created_at: AT,
        updated_at: AT,
    }
}

/// A made-up one.
pub(crate) fn task() -> Task {
    let author = UserId::from_stored("u_19ce2f8f6a3c0e7f41a2b3c4".into());
    Task {
        id: TaskId::from_stored("tsk_19ce2f8f6a41b3c5d7e9f024".into()),
        title: "Draw the front page".into(),
        description: Some("<p>With the new logo.</p>".into()),
        board: board().id,
        list: list().id,
        position: 3,
        parent: None,
        assignee: Some(author.clone()),
        author: Some(author),
        members: vec![client().id],
        labels: vec![LabelId::from_stored("lbl_19ce2f8f6a43f7e6d5c4b3a2".into())],
        custom_fields: vec![FieldValue {
            custom_field: CustomFieldId::from_stored("cf_19ce2f8f6a4419283746abcd".into()),
            value: json!("Rush"),
        }],
        completion: Completion::default(),
        start_at: Some(AT),
        due_at: Some(AT.plus(Duration::from_hours(72))),
        due_reminder: Some(60),
        remaining_minutes_estimate: Some(240),
        absent: Absent::default(),
        created_at: AT.minus(Duration::from_hours(26)),
        updated_at: AT,
    }
}

/// A made-up one.
pub(crate) fn task_comment() -> TaskComment {
    TaskComment {
        id: TaskCommentId::from_stored("tcm_19ce2f8f6a45c0b1a29384f5".into()),
        task: TaskId::from_stored("tsk_19ce2f8f6a41b3c5d7e9f024".into()),
        board: board().id,
        author: Some(UserId::from_stored("u_19ce2f8f6a3c0e7f41a2b3c4".into())),
        content: "<p>Looks <b>good</b> to me.</p>".into(),
        format: Format::Html,
        attachments: [],
        created_at: AT,
        updated_at: AT,
    }
}

/// A made-up one: of those that stand for themselves, a replay.
pub(crate) fn operation() -> Operation {
    operation_of(OperationKind::WebhookReplay)
}

fn an_import() -> ClientImport {
    ClientImport {
        upload: "up_19ce2f8f6a4d3c6e8f90a1b2".into(),
        size: 9876,
        dry_run: false,
        delimiter: ',',
        columns: vec![Some("name".into()), Some("email".into())],
        ignored_columns: Vec::new(),
        begins_at: (11, 1),
    }
}

/// A made-up one of this kind, as it ended.
pub(crate) fn operation_of(kind: OperationKind) -> Operation {
    let folder = folder();
    let counted = json!({"folders_count": 3, "boards_count": 5, "lists_count": 20, "tasks_count": 100});
    let (subject, subject_name, params, done_count, result) = match kind {
        OperationKind::WebhookReplay => (
            WebhookId::from_stored("wh_19ce2f8f6a4b6e8d1f2a3c4b".into()).to_string(),
            "https://example.com/hooks/kitchen".into(),
            json!({"since": AT, "until": AT, "events_types": ["client.created"], "state": "failed", "rate": 50}),
            128,
            json!({"retried_count": 128, "created_count": 0, "under_way_count": 0}),
        ),
        OperationKind::ClientsImport => (
            WorkspaceId::from_stored("ws_19ce2f8f6a3000000000aaaa".into()).to_string(),
            "clients.csv".into(),
            json!(an_import()),
            128,
            json!({"created_count": 120, "updated_count": 8, "unchanged_count": 0, "rejected_count": 0, "rejected": []}),
        ),
        OperationKind::FolderDuplicate => {
            let mut result = counted;
            result["folder"] = json!(FolderId::from_stored("fo_19ce2f8f6a4c2b7d90e1f3a5".into()));
            result["removed_count"] = json!(0);
            let params = json!({"name": "Website relaunch 2", "parent": null, "as_of": AT});
            (folder.id.to_string(), folder.name, params, 128, result)
        }
        OperationKind::FolderDelete => (folder.id.to_string(), folder.name, json!({}), 128, counted),
    };
    Operation {
        id: OperationId::from_stored("op_19ce2f8f6a4a1c7d3e5b9f02".into()),
        kind,
        state: OperationState::Succeeded,
        subject,
        subject_name,
        params,
        done_count,
        total_count: Some(done_count),
        failures_count: 0,
        result: Some(result),
        error: None,
        created_by: "Ada Lovelace".into(),
        created_at: AT,
        started_at: Some(AT),
        ended_at: Some(AT),
        callback_url: None,
        callback_delivery: None,
        ends_as: None,
    }
}

//! What the API gives, by name: the resources of the catalogue, and those that only the API shows.

use crate::api::events;
use connectors::catalogue::Noun;
use connectors::{schema, shape};
use domain::api_key::{ApiKey, PreviousToken};
use domain::circuit::Circuit;
use domain::clock::Timestamp;
use domain::custom_field::{CustomField, FieldOption, FieldType};
use domain::delivery::{Attempt, Delivery, DeliveryState, WaitsFor};
use domain::dialect::{canonical, kitchen};
use domain::event::Event;
use domain::event_filter::EventState;
use domain::flow::Flow;
use domain::ids::{ApiKeyId, AttemptId, BoardId, CustomFieldId, DeliveryId, EventId, FolderId, OptionId, WebhookId, WorkspaceId};
use domain::scope::Scope;
use domain::task::FieldValue;
use domain::webhook::{Platform, Webhook};
use domain::workspace::Workspace;
use serde::Serialize;
use serde_json::{Map, Value, json};

// 12 March 2026, 14:18:37 UTC, as in the samples of the catalogue.
const AT: Timestamp = Timestamp::from_millis(1_773_325_117_123);

/// Something the API gives.
#[derive(Clone, Debug)]
pub(super) struct Thing {
    /// Its name in the description: `Client`.
    pub(super) name: String,
    pub(super) schema: Value,
    /// One of it, made up, as the API writes it.
    pub(super) example: Value,
}

impl Thing {
    fn of(name: &str, example: &impl Serialize) -> Self {
        Self { name: name.into(), schema: shape::of(example), example: kitchen(canonical(example)) }
    }

    /// The same with one field more, which is always there.
    fn with(mut self, name: &str, field: &str, schema: Value, example: Value) -> Self {
        name.clone_into(&mut self.name);
        if let Some(required) = self.schema["required"].as_array_mut() {
            required.push(json!(field));
        }
        self.schema["properties"][field] = schema;
        self.example[field] = example;
        self
    }

    /// The same with one field more, which is there if it was asked for.
    fn with_optional(mut self, name: &str, field: &str, schema: Value) -> Self {
        name.clone_into(&mut self.name);
        self.schema["properties"][field] = schema;
        self
    }
}

/// A resource of the catalogue.
pub(super) fn resource(noun: &str) -> Thing {
    // A table that names a noun the catalogue does not have is caught by the test that compares answers with this.
    Noun::of(noun).map_or_else(
        || Thing { name: noun.into(), schema: json!({}), example: Value::Null },
        |noun| Thing { name: noun.label.replace(' ', ""), schema: (noun.shape)(), example: kitchen((noun.sample)()) },
    )
}

/// A task; where ids can be replaced by what they stand for, either may be there.
pub(super) fn task(expanded: &[&str]) -> Thing {
    let mut task = resource("task");
    // The value of a custom field is of the field's type.
    task.schema["properties"]["custom_fields"]["items"]["properties"]["value"] = json!({});
    for name in expanded {
        let id = task.schema["properties"][name].take();
        task.schema["properties"][name] = json!({"anyOf": [id, {"type": ["object", "null"]}]});
    }
    if !expanded.is_empty() {
        task.name = "TaskExpanded".into();
    }
    task
}

pub(super) fn custom_field() -> Thing {
    let field = CustomField {
        id: CustomFieldId::from_stored("cf_19ce2f8f6a4419283746abcd".into()),
        board: BoardId::from_stored("tskb_19ce2f8f6a3e2d4f8813a7b6".into()),
        name: "Speed".into(),
        field_type: FieldType::List,
        color: Some("#ff8800".into()),
        show_icon: true,
        visible_to_clients: true,
        options: vec![FieldOption {
            id: OptionId::from_stored("cfo_19ce2f8f6a4419283746abce".into()),
            name: "Rush".into(),
            color: Some("#ff8800".into()),
        }],
        created_at: AT,
        updated_at: AT,
    };
    Thing::of("CustomField", &field)
}

/// What a task says in a custom field.
pub(super) fn field_value() -> Thing {
    let custom_field = CustomFieldId::from_stored("cf_19ce2f8f6a4419283746abcd".into());
    let mut thing = Thing::of("CustomFieldValue", &FieldValue { custom_field, value: json!("Rush") });
    // It is of the field's type.
    thing.schema["properties"]["value"] = json!({});
    thing
}

/// A company, with its people if they are asked for.
pub(super) fn company() -> Thing {
    let users = json!({"type": "array", "items": {"$ref": "#/components/schemas/Client"}});
    resource("company").with_optional("CompanyExpanded", "users", users)
}

/// An operation; what it is carried out on differs from kind to kind.
pub(super) fn operation() -> Thing {
    let mut operation = resource("operation");
    operation.schema["properties"]["subject"] = json!({"type": "string"});
    operation
}

/// An operation as it was just asked for.
pub(super) fn begun() -> Thing {
    let secret =
        json!({"type": "string", "description": "What the callback is signed with; this once, and only with `callback_url`."});
    operation().with_optional("OperationBegun", "callback_secret", secret)
}

/// A folder or a board, as something in a folder.
pub(super) fn child() -> Thing {
    let one = |noun: &str| {
        let object = json!({"type": "string", "enum": [noun]});
        resource(noun).with("Child", "object", object, json!(noun))
    };
    let (folder, board) = (one("folder"), one("board"));
    Thing { schema: json!({"oneOf": [folder.schema, board.schema]}), ..folder }
}

pub(super) fn api_key() -> Thing {
    Thing::of(
        "ApiKey",
        &ApiKey {
            id: ApiKeyId::from_stored("key_19ce2f8f6a3c41d09b7e5f28".into()),
            workspace_id: WorkspaceId::from_stored("ws_19ce2f8f6a3000000000aaaa".into()),
            name: "Website".into(),
            start: "kitchen_3fQ9".into(),
            scopes: Scope::DEFAULT.to_vec(),
            rate_limit: 200,
            allowed_ips: "203.0.113.0/24".parse().into_iter().collect(),
            expires_at: Some(AT),
            last_used_at: Some(AT),
            last_used_from: Some("203.0.113.7".into()),
            previous: Some(PreviousToken { start: "kitchen_x7Lm".into(), expires_at: AT, last_used_at: Some(AT) }),
            created_by: Some("Ada Lovelace".into()),
            created_at: AT,
        },
    )
}

/// A key with its token, which is shown once.
pub(super) fn new_api_key() -> Thing {
    let token = json!({"type": "string", "description": "Shown once, here."});
    api_key().with("ApiKeyWithToken", "token", token, json!("kitchen_3fQ9…"))
}

pub(super) fn webhook() -> Thing {
    let webhook = Thing::of(
        "Webhook",
        &Webhook {
            id: webhook_id(),
            url: "https://example.com/hooks/kitchen".into(),
            events_types: vec!["client.*".into()],
            folders: vec![FolderId::from_stored("fo_19ce2f8f6a3d90e2716b4c05".into())],
            boards: vec![BoardId::from_stored("tskb_19ce2f8f6a3e2d4f8813a7b6".into())],
            enabled: true,
            disabled_reason: None,
            flow: Flow { max_in_flight: Some(32), rate_limit: Some(30), ordered: false },
            circuit: Circuit { failures_in_row: 0, failing_since: Some(AT), probe_at: Some(AT), asked_until: Some(AT) },
            retry_delays: Some(vec![10, 90, 300]),
            header_names: vec!["x-api-key".into()],
            platform: Platform::Kitchen,
            attempts_count: 128,
            failed_attempts_count: 2,
            last_failure: Some("The receiver answered 503 Service Unavailable.".into()),
            last_failed_at: Some(AT),
            previous_secret_expires_at: None,
            created_by: Some("Ada Lovelace".into()),
            created_at: AT,
            updated_at: AT,
        },
    );
    let secret = json!({"type": "string", "description": "What deliveries are signed with; masked in lists."});
    webhook.with("Webhook", "secret", secret, json!("whsec_…"))
}

fn webhook_id() -> WebhookId {
    WebhookId::from_stored("wh_19ce2f8f6a405d7b1e93c2a4".into())
}

pub(super) fn delivery() -> Thing {
    Thing::of(
        "Delivery",
        &Delivery {
            id: DeliveryId::from_stored("dlv_19ce2f8f6a4c1f2e3d4c5b6a".into()),
            event: EventId::from_stored("evt_19ce2f8f6a3c41d09b7e5f28".into()),
            event_type: "client.created".into(),
            webhook: webhook_id(),
            state: DeliveryState::Waiting,
            is_leased: false,
            attempts_count: 1,
            next_attempt_at: Some(AT),
            waits_for: Some(WaitsFor::Circuit),
            last_status: Some(503),
            last_error: Some("The receiver answered 503 Service Unavailable.".into()),
            created_at: AT,
            updated_at: AT,
        },
    )
}

/// A delivery with its attempts.
pub(super) fn delivery_in_full() -> Thing {
    let headers = || Some(vec![("content-type".to_owned(), "application/json".to_owned())]);
    let attempt = Attempt {
        id: AttemptId::from_stored("att_19ce2f8f6a4d0a1b2c3d4e5f".into()),
        number: 1,
        is_manual: false,
        started_at: AT,
        duration_ms: 87,
        status: Some(503),
        error: Some("The receiver answered 503 Service Unavailable.".into()),
        request_headers: headers(),
        response_headers: headers(),
        response_body: Some("Try again later.".into()),
    };
    let name = "DeliveryWithAttempts";
    let schema = json!({"type": "array", "items": shape::of(&attempt)});
    let body = json!({
        "type": ["string", "null"],
        "description": "What is sent, to the byte that is signed; null once the event is no longer kept.",
    });
    let thing = delivery().with(name, "attempts", schema, json!([kitchen(canonical(&attempt))]));
    thing.with(name, "body", body, json!(sample_event().envelope().to_string()))
}

fn sample_event() -> Event {
    Event {
        id: EventId::from_stored("evt_19ce2f8f6a3c41d09b7e5f28".into()),
        workspace_id: WorkspaceId::from_stored("ws_19ce2f8f6a3000000000aaaa".into()),
        event_type: "list.updated".into(),
        occurred_at: AT,
        data: Noun::of("list").map_or(Value::Null, |noun| (noun.sample)()),
        previous: Some(json!({"title": "To do"})),
    }
}

/// An event as webhooks receive it, with what became of it.
pub(super) fn event() -> Thing {
    let text = || json!({"type": "string"});
    let states = EventState::ALL.map(EventState::as_str);
    let properties = json!({
        "id": text(),
        "type": text(),
        "created": {"type": "integer", "description": "Unix seconds."},
        "data": {"type": "object", "description": "The resource after the change; before it, if it was deleted."},
        "previous_attributes": {"type": "object", "description": "Of a change: the old values of what changed."},
        "state": {"type": "string", "enum": states},
    });
    let required = ["id", "type", "created", "data", "state"];
    Thing {
        name: "Event".into(),
        schema: json!({"type": "object", "required": required, "properties": properties}),
        example: events::shown(&sample_event(), EventState::Matched),
    }
}

/// The same with its deliveries.
pub(super) fn event_in_full() -> Thing {
    let delivery = delivery();
    let fields = ["id", "webhook", "state"];
    let properties: Map<String, Value> =
        fields.iter().map(|name| ((*name).to_owned(), delivery.schema["properties"][name].clone())).collect();
    let schema = json!({"type": "array", "items": {"type": "object", "required": fields, "properties": properties}});
    let example: Map<String, Value> = fields.iter().map(|name| ((*name).to_owned(), delivery.example[name].clone())).collect();
    event().with("EventWithDeliveries", "deliveries", schema, json!([example]))
}

/// What a webhook can listen to.
pub(super) fn event_type() -> Thing {
    let text = || json!({"type": "string"});
    let properties = json!({"name": text(), "group": text(), "description": text(), "sample": {"type": "object"}});
    Thing {
        name: "EventType".into(),
        schema: json!({"type": "object", "required": ["name", "group", "description", "sample"], "properties": properties}),
        example: json!({"name": "client.created", "group": "client", "description": "A client is created.", "sample": {}}),
    }
}

/// How much a replay would send.
pub(super) fn extent() -> Thing {
    Thing::of("ReplayExtent", &store::replays::Extent { count: 128, is_exact: true })
}

/// Which key this is.
pub(super) fn me() -> Thing {
    let (key, workspace) = (api_key(), workspace());
    let field = |name: &str| key.schema["properties"][name].clone();
    let text = || json!({"type": "string"});
    let mut owner = json!({"type": "object", "required": ["id", "name", "email"]});
    owner["properties"] = json!({"id": text(), "name": text(), "email": text()});
    let properties = json!({
        "id": field("id"),
        "name": text(),
        "label": text(),
        "start": text(),
        "scopes": field("scopes"),
        "rate_limit": field("rate_limit"),
        "expires_at": field("expires_at"),
        "created_at": field("created_at"),
        "workspace": workspace.schema,
        "owner": schema::or_null(owner),
    });
    let required: Vec<&String> = properties.as_object().into_iter().flat_map(|fields| fields.keys()).collect();
    let mut example = key.example.clone();
    if let Some(fields) = example.as_object_mut() {
        fields.retain(|name, _| properties.get(name).is_some());
        fields.insert("label".into(), json!("Analytical Agency (Website)"));
        fields.insert("workspace".into(), workspace.example);
        fields.insert(
            "owner".into(),
            json!({"id": "u_19ce2f8f6a3c0e7f41a2b3c4", "name": "Grace Hopper", "email": "grace@agency.example"}),
        );
    }
    Thing { name: "Me".into(), schema: json!({"type": "object", "required": required, "properties": properties}), example }
}

fn workspace() -> Thing {
    let id = WorkspaceId::from_stored("ws_19ce2f8f6a3000000000aaaa".into());
    Thing::of("Workspace", &Workspace { id, name: "Analytical Agency".into(), slug: "analytical".into(), created_at: AT })
}

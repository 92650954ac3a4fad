//! The form that makes or changes a webhook. What platforms made is not edited here: their automations hold on to the address and
//! the event they asked for.

use crate::app::Gateway;
use crate::body::{Body, Path};
use crate::error::ApiError;
use crate::target;
use crate::web::form::Form;
use crate::web::session::Manager;
use crate::web::shell::{Shell, render};
use crate::web::webhooks::platform_name;
use crate::web::words::{capitalized, plural};
use crate::web::{Page, WebError};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect};
use domain::event::EventType;
use domain::flow::{MOST_A_SECOND, MOST_IN_FLIGHT};
use domain::headers::MASK;
use domain::ids::WebhookId;
use domain::input::Invalid;
use domain::retries::{MAX_DELAY, MAX_DELAYS};
use domain::webhook::{NewWebhook, Webhook, WebhookPatch};
use serde_json::{Value, json};
use store::locations::{self, Kind};
use store::{StoreError, View, webhooks};

#[derive(Template)]
#[template(path = "webhook_form.html")]
struct FormPage {
    shell: Shell,
    /// The webhook that is changed; `None` for a new one.
    changed: Option<Changed>,
    form: Form,
    is_all: bool,
    is_enabled: bool,
    /// What stood there when the form was opened: somebody may have paused it since.
    was_enabled: bool,
    groups: Vec<Group>,
    retries: Retries,
    folders: Choices,
    boards: Choices,
}

/// Folders or boards to choose.
struct Choices {
    rows: Vec<Choice>,
    is_more: bool,
}

/// Folders or boards the form shows at most. There is a way for the others: the API.
const SHOWN: u32 = 200;

impl Choices {
    async fn load(view: &mut impl View, kind: Kind, chosen: &[&str]) -> Result<Self, WebError> {
        let mut found = locations::choices(view, kind, chosen, SHOWN + 1).await?;
        let is_more = found.len() > SHOWN as usize;
        found.truncate(SHOWN as usize);
        let row = |found: locations::Choice| Choice {
            is_ticked: chosen.contains(&found.id.as_str()),
            label: if found.is_deleted { format!("{} (deleted)", found.name) } else { found.name },
            value: found.id,
        };
        Ok(Self { rows: found.into_iter().map(row).collect(), is_more })
    }

    fn is_any_ticked(&self) -> bool {
        self.rows.iter().any(|row| row.is_ticked)
    }
}

/// What the form says of failed deliveries.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Retries {
    /// Nothing: the usual schedule.
    Usual,
    /// They are not tried again.
    None,
    /// These pauses.
    Own,
}

impl Retries {
    fn of(form: &Value) -> Self {
        match form.get("retries").and_then(Value::as_str) {
            Some("none") => Self::None,
            Some("own") => Self::Own,
            _ => Self::Usual,
        }
    }
}

impl FormPage {
    fn retry(&self, retries: &str) -> bool {
        self.retries == Retries::of(&json!({"retries": retries}))
    }

    /// Whether anything but the usual is to be seen behind the fold.
    fn is_advanced(&self) -> bool {
        self.retries != Retries::Usual
            || ["headers", "max_in_flight", "rate_limit", "ordered"].iter().any(|field| !self.form.value(field).is_empty())
            || self.folders.is_any_ticked()
            || self.boards.is_any_ticked()
            || ["retry_delays", "headers", "max_in_flight", "rate_limit", "folders", "boards"]
                .iter()
                .any(|field| self.form.error(field).is_some())
    }
}

struct Changed {
    id: String,
    url: String,
}

/// The events of one resource, and all of them at once.
struct Group {
    label: String,
    all: Choice,
    events: Vec<Choice>,
}

struct Choice {
    value: String,
    label: String,
    is_ticked: bool,
}

/// What stands in the fields of the form at first: that of a webhook, or of one that is yet to be made.
fn values(webhook: Option<&Webhook>) -> Value {
    let Some(webhook) = webhook else { return json!({"events": "all", "enabled": "1", "was_enabled": "1"}) };
    let pauses = |delays: &[u32]| delays.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
    let mut values = json!({
        "url": webhook.url,
        "events": if webhook.receives_all() { "all" } else { "some" },
        "folders": webhook.folders,
        "boards": webhook.boards,
        "types": webhook.events_types,
        "retries": match webhook.retry_delays.as_deref() {
            None => "usual",
            Some([]) => "none",
            Some(_) => "own",
        },
        "retry_delays": pauses(webhook.retry_delays.as_deref().unwrap_or_default()),
        "max_in_flight": number(webhook.flow.max_in_flight),
        "rate_limit": number(webhook.flow.rate_limit),
        "headers": webhook.header_names.iter().map(|name| format!("{name}: {MASK}")).collect::<Vec<_>>().join("\n"),
    });
    if webhook.flow.ordered {
        values["ordered"] = json!("1");
    }
    if webhook.enabled {
        values["enabled"] = json!("1");
        values["was_enabled"] = json!("1");
    }
    values
}

fn ticked<'a>(form: &'a Value, name: &str) -> Vec<&'a str> {
    form.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

fn text<'a>(form: &'a Value, name: &str) -> &'a str {
    form.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn is_all(form: &Value) -> bool {
    form.get("events").and_then(Value::as_str) != Some("some")
}

/// Headers written as lines, as an object; of a line that is none, what is wrong with it.
fn headers(text: &str) -> Result<Value, String> {
    let mut headers = serde_json::Map::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (name, value) =
            line.split_once(':').ok_or("Write each header as a line of its own: the name, a colon, the value.")?;
        let name = name.trim();
        if headers.insert(name.to_owned(), json!(value)).is_some() {
            return Err(format!("The header {name} is there twice."));
        }
    }
    Ok(Value::Object(headers))
}

/// The fields of the API, from those of the form.
fn fields(form: &Value) -> Value {
    let types = if is_all(form) { Vec::new() } else { ticked(form, "types") };
    let is_enabled = form.get("enabled").is_some();
    let mut fields = json!({
        "url": form.get("url"),
        "events_types": types,
        "retry_delays": match Retries::of(form) {
            Retries::Usual => Value::Null,
            Retries::None => json!([]),
            Retries::Own => text(form, "retry_delays").split([',', ' ', '\n']).filter(|part| !part.trim().is_empty()).collect(),
        },
        "max_in_flight": text(form, "max_in_flight"),
        "rate_limit": text(form, "rate_limit"),
        "folders": ticked(form, "folders"),
        "boards": ticked(form, "boards"),
        "headers": headers(text(form, "headers")).unwrap_or_default(),
    });
    fields["ordered"] = json!(form.get("ordered").is_some());
    if is_enabled != form.get("was_enabled").is_some() {
        fields["enabled"] = json!(is_enabled);
    }
    fields
}

/// What is wrong, as whoever sees the form calls its fields.
fn in_words(invalid: Invalid) -> Invalid {
    let mut told = Invalid::default();
    for (name, messages) in invalid.errors {
        if name == "retry_delays" || name.starts_with("retry_delays.") {
            told.errors.insert(
                "retry_delays".into(),
                vec![format!("Write one to {MAX_DELAYS} pauses in whole seconds from 1 to {MAX_DELAY}, separated by commas.")],
            );
        } else if let Some(most) =
            [("max_in_flight", MOST_IN_FLIGHT), ("rate_limit", MOST_A_SECOND)].iter().find(|(field, _)| *field == name)
        {
            told.errors.insert(name, vec![format!("Write a whole number from 1 to {}, or nothing.", most.1)]);
        } else if let Some((field @ ("folders" | "boards"), _)) = name.split_once('.') {
            let one = field.trim_end_matches('s');
            told.errors
                .insert(field.into(), vec![format!("One {one} that was ticked is no longer there. Look through them again.")]);
        } else {
            let called = format!("The {name} field");
            let told_as = name.strip_prefix("headers.").map_or(called.clone(), |header| format!("The header {header}"));
            told.errors.insert(name, messages.iter().map(|message| message.replace(&called, &told_as)).collect());
        }
    }
    told
}

/// What only the store can find wrong, in the same words.
fn told(error: StoreError) -> WebError {
    match error {
        StoreError::Invalid(invalid) => ApiError::Invalid(in_words(invalid)).into(),
        error => error.into(),
    }
}

/// Reads the form as the API reads its body; only that here an empty choice is a mistake, and there it means something.
fn read<T>(form: &Value, read: impl FnOnce(&Value) -> Result<T, Invalid>) -> Result<T, Invalid> {
    let fields = fields(form);
    let (read, mut invalid) = match read(&fields) {
        Ok(read) => (Some(read), Invalid::default()),
        Err(invalid) => (None, in_words(invalid)),
    };
    if !is_all(form) && ticked(form, "types").is_empty() {
        invalid.add("events_types", "Choose at least one event, or all of them.");
    }
    if let Err(message) = headers(text(form, "headers")) {
        invalid.add("headers", message);
    }
    if Retries::of(form) == Retries::Own && fields["retry_delays"] == json!([]) {
        invalid.add("retry_delays", "Write at least one pause, or choose that nothing is sent again.");
    }
    read.filter(|_| invalid.errors.is_empty()).ok_or(invalid)
}

async fn judged<T>(gateway: &Gateway, read: Result<T, Invalid>, url: impl Fn(&T) -> Option<&str>) -> Result<T, WebError> {
    let read = read?;
    if let Some(url) = url(&read) {
        target::judge(&gateway.settings().egress, "url", url).await?;
    }
    Ok(read)
}

async fn form_page(
    gateway: &Gateway,
    manager: &Manager,
    status: StatusCode,
    changed: Option<&Webhook>,
    values: Value,
    invalid: Invalid,
) -> Page {
    let mut view = gateway.store().read(&manager.0.signed_in.workspace_id).await?;
    let page = FormPage {
        shell: Shell::of(&manager.0, "webhooks"),
        changed: changed.map(|webhook| Changed { id: webhook.id.to_string(), url: webhook.url.clone() }),
        is_all: is_all(&values),
        is_enabled: values.get("enabled").is_some(),
        was_enabled: values.get("was_enabled").is_some(),
        retries: Retries::of(&values),
        groups: groups(&ticked(&values, "types")),
        folders: Choices::load(&mut view, Kind::Folder, &ticked(&values, "folders")).await?,
        boards: Choices::load(&mut view, Kind::Board, &ticked(&values, "boards")).await?,
        form: Form::refused(values, invalid),
    };
    Ok(render(status, &page))
}

fn groups(ticked: &[&str]) -> Vec<Group> {
    let choice = |value: &str, label: String| Choice { is_ticked: ticked.contains(&value), value: value.to_owned(), label };
    let mut groups: Vec<Group> = Vec::new();
    for event in EventType::ALL {
        let label = plural(event.noun());
        let one = choice(event.as_str(), capitalized(event.verb()));
        if let Some(group) = groups.iter_mut().find(|group| group.label == label) {
            group.events.push(one);
        } else {
            let all = choice(&format!("{}.*", event.noun()), "All, also future ones".into());
            groups.push(Group { label, all, events: vec![one] });
        }
    }
    groups
}

/// The form once more with everything that was typed, if it was that; any other error stays one.
async fn again(gateway: &Gateway, manager: &Manager, changed: Option<&Webhook>, form: Value, error: WebError) -> Page {
    match error {
        WebError::Api(ApiError::Invalid(invalid)) => {
            form_page(gateway, manager, StatusCode::UNPROCESSABLE_ENTITY, changed, form, invalid).await
        }
        error => Err(error),
    }
}

pub(crate) async fn new(State(gateway): State<Gateway>, manager: Manager) -> Page {
    form_page(&gateway, &manager, StatusCode::OK, None, values(None), Invalid::default()).await
}

pub(crate) async fn create(State(gateway): State<Gateway>, manager: Manager, Body(form): Body) -> Page {
    match make(&gateway, &manager, &form).await {
        Ok(webhook) => Ok(Redirect::to(&format!("/settings/webhooks/{}?done=created", webhook.id)).into_response()),
        Err(error) => again(&gateway, &manager, None, form, error).await,
    }
}

async fn make(gateway: &Gateway, manager: &Manager, form: &Value) -> Result<Webhook, WebError> {
    let new = read(form, |fields| NewWebhook::read(fields, &gateway.settings().egress));
    let new = judged(gateway, new, |new| Some(&new.url)).await?;
    let mut work = manager.0.begin(gateway);
    let webhook = webhooks::create(&mut work, new).await.map_err(told)?;
    work.commit().await?;
    Ok(webhook)
}

/// One webhook that may be edited here.
async fn editable(gateway: &Gateway, manager: &Manager, id: &str) -> Result<Webhook, WebError> {
    let mut view = gateway.store().read(&manager.0.signed_in.workspace_id).await?;
    let webhook = webhooks::get(&mut view, &WebhookId::parse(id)?).await?;
    match platform_name(&webhook) {
        None => Ok(webhook),
        Some(platform) => Err(ApiError::Conflict(format!(
            "This webhook was made by {platform}, which relies on its address and event. Change it there; here it can be paused and \
             deleted."
        ))
        .into()),
    }
}

pub(crate) async fn edit(State(gateway): State<Gateway>, manager: Manager, Path(id): Path) -> Page {
    let webhook = editable(&gateway, &manager, &id).await?;
    form_page(&gateway, &manager, StatusCode::OK, Some(&webhook), values(Some(&webhook)), Invalid::default()).await
}

pub(crate) async fn update(State(gateway): State<Gateway>, manager: Manager, Path(id): Path, Body(form): Body) -> Page {
    let webhook = editable(&gateway, &manager, &id).await?;
    match change(&gateway, &manager, &webhook, &form).await {
        Ok(()) => Ok(Redirect::to(&format!("/settings/webhooks/{}?done=saved", webhook.id)).into_response()),
        Err(error) => again(&gateway, &manager, Some(&webhook), form, error).await,
    }
}

async fn change(gateway: &Gateway, manager: &Manager, webhook: &Webhook, form: &Value) -> Result<(), WebError> {
    let patch = read(form, |fields| WebhookPatch::read(fields, &gateway.settings().egress));
    let patch = judged(gateway, patch, |patch| patch.url.as_deref()).await?;
    let mut work = manager.0.begin(gateway);
    webhooks::update(&mut work, &webhook.id, patch).await.map_err(told)?;
    work.commit().await?;
    // Deliveries that were held back may be due now.
    gateway.store().ring(&[]);
    Ok(())
}

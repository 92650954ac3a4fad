//! The API page: the list of keys, and the dialogs over it. Each dialog has an address of its own at which the whole page is
//! rendered with the dialog open. A token is in the answer to a create or a roll, and nowhere else.

use crate::app::Gateway;
use crate::body::{Body, Path, Query};
use crate::web::Page;
use crate::web::form::Form;
use crate::web::pager::{Pager, page_of};
use crate::web::session::Manager;
use crate::web::shell::{Shell, render};
use crate::web::words::{Moment, capitalized};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect};
use domain::api_key::{ApiKey, ApiKeyPatch, NewApiKey, Token, network_text, read_roll};
use domain::clock::Timestamp;
use domain::ids::ApiKeyId;
use domain::input::Invalid;
use domain::page::{PageRequest, SortKey};
use domain::scope::Scope;
use serde_json::{Value, json};
use std::time::Duration;
use store::api_keys;

/// What a key's life can be, as the form offers it.
const EXPIRIES: [(&str, &str); 4] = [("", "Never"), ("30", "After 30 days"), ("90", "After 90 days"), ("365", "After 1 year")];
/// Kinds of record, as people and as scopes call them.
const FAMILIES: [(&str, &str); 5] =
    [("Clients", "clients"), ("Companies", "companies"), ("Members", "members"), ("Folders", "folders"), ("Boards", "boards")];

#[derive(Template)]
#[template(path = "api_keys.html")]
struct ApiKeysPage {
    shell: Shell,
    list: List,
    pager: Pager,
    keys: Vec<Key>,
    dialog: Dialog,
}

/// What is open over the list.
enum Dialog {
    None,
    New(Form),
    Token(Shown),
    Edit(Box<Edited>),
    Delete(Box<Key>),
    Roll(Box<Key>),
}

/// A token, this once.
struct Shown {
    name: String,
    token: Token,
    old_token: Option<String>,
}

struct Edited {
    key: Key,
    form: Form,
}

/// A key as the page shows it.
struct Key {
    id: String,
    name: String,
    note: Option<&'static str>,
    start: String,
    scopes: String,
    rate_limit: u32,
    created_by: String,
    created: Moment,
    last_used: Option<Moment>,
    last_used_from: Option<String>,
    expires: Option<Moment>,
    previous: Option<Previous>,
}

struct Previous {
    start: String,
    end: Moment,
    last_used: Option<Moment>,
}

impl Key {
    fn of(key: ApiKey, now: Timestamp) -> Self {
        let moment = |at| Moment::of(at, now);
        Self {
            id: key.id.to_string(),
            note: key.is_expired(now).then_some("Expired"),
            name: key.name,
            start: key.start,
            scopes: in_words(&key.scopes),
            rate_limit: key.rate_limit,
            created_by: key.created_by.unwrap_or_else(|| "Unknown".into()),
            created: moment(key.created_at),
            last_used: key.last_used_at.or(key.previous.as_ref().and_then(|previous| previous.last_used_at)).map(moment),
            last_used_from: key.last_used_from,
            expires: key.expires_at.map(moment),
            previous: key.previous.filter(|previous| previous.expires_at > now).map(|previous| Previous {
                start: previous.start,
                end: moment(previous.expires_at),
                last_used: previous.last_used_at.map(moment),
            }),
        }
    }
}

/// `Read, write, clients: read`.
fn in_words(scopes: &[Scope]) -> String {
    capitalized(&scopes.iter().map(|scope| scope.to_string().replace(':', ": ")).collect::<Vec<_>>().join(", "))
}

/// Where in the list we are, and how to get elsewhere.
struct List {
    columns: [Column; 2],
    /// What follows an address to come back to this place: empty, or `?…`.
    query: String,
    home: String,
}

struct Column {
    name: &'static str,
    label: &'static str,
    href: String,
    order: Option<&'static str>,
}

/// Order and page, as they stand in the address. What makes no sense there counts as not being there.
#[derive(Clone, Copy)]
struct Place {
    request: PageRequest,
}

impl Place {
    fn read(query: &Value) -> Self {
        let text = |name: &str| query.get(name).and_then(Value::as_str).unwrap_or_default();
        let (field, is_descending) = text("sort").strip_prefix('-').map_or((text("sort"), false), |field| (field, true));
        let (sort, is_descending) = match field {
            "name" => (SortKey::Name, is_descending),
            "created_at" => (SortKey::CreatedAt, is_descending),
            _ => (SortKey::CreatedAt, false),
        };
        Self { request: PageRequest { sort, ..page_of(query, is_descending) } }
    }

    /// What follows the page's address: nothing for the first page in the usual order.
    fn query(sort: SortKey, is_descending: bool, page: u32) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        match (sort, is_descending) {
            (SortKey::CreatedAt, false) | (SortKey::Relevance, _) => {}
            (SortKey::CreatedAt, true) => drop(query.append_pair("sort", "-created_at")),
            (SortKey::Name, false) => drop(query.append_pair("sort", "name")),
            (SortKey::Name, true) => drop(query.append_pair("sort", "-name")),
        }
        if page > 1 {
            query.append_pair("page", &page.to_string());
        }
        let query = query.finish();
        if query.is_empty() { query } else { format!("?{query}") }
    }

    fn own(self) -> String {
        Self::query(self.request.sort, self.request.is_descending, self.request.page)
    }

    fn column(self, name: &'static str, label: &'static str, sort: SortKey) -> Column {
        let is_sorted = self.request.sort == sort;
        let is_descending = is_sorted && !self.request.is_descending;
        let order = if self.request.is_descending { "descending" } else { "ascending" };
        Column {
            name,
            label,
            href: format!("/settings/api{}", Self::query(sort, is_descending, 1)),
            order: is_sorted.then_some(order),
        }
    }

    fn list(self) -> List {
        List {
            columns: [self.column("name", "Name", SortKey::Name), self.column("created", "Created", SortKey::CreatedAt)],
            query: self.own(),
            home: format!("/settings/api{}", self.own()),
        }
    }

    fn pager(self, shown: u64, total: u64) -> Pager {
        let PageRequest { sort, is_descending, .. } = self.request;
        Pager::with("Keys", self.request, shown, total, |page| format!("/settings/api{}", Self::query(sort, is_descending, page)))
    }
}

/// The list at this place with a dialog over it.
async fn page(gateway: &Gateway, manager: &Manager, query: &Value, status: StatusCode, dialog: Dialog) -> Page {
    let now = gateway.store().clock().now();
    let place = Place::read(query);
    let flash = match query.get("done").and_then(Value::as_str) {
        Some("saved") => Some("The key is saved."),
        Some("deleted") => Some("The key is deleted. Requests with it fail from now on."),
        _ => None,
    };
    let mut view = gateway.store().read(&manager.0.signed_in.workspace_id).await?;
    let found = api_keys::list(&mut view, place.request).await?;
    let (list, pager) = (place.list(), place.pager(found.rows.len() as u64, found.total));
    let keys = found.rows.into_iter().map(|key| Key::of(key, now)).collect();
    Ok(render(status, &ApiKeysPage { shell: Shell::of(&manager.0, "api").saying(flash), list, pager, keys, dialog }))
}

async fn find(gateway: &Gateway, manager: &Manager, id: &str) -> Result<ApiKey, crate::web::WebError> {
    let mut view = gateway.store().read(&manager.0.signed_in.workspace_id).await?;
    Ok(api_keys::get(&mut view, &ApiKeyId::parse(id)?).await?)
}

/// Back to the list, which says what happened.
fn done(query: &Value, what: &str) -> axum::response::Response {
    let own = Place::read(query).own();
    let joint = if own.is_empty() { '?' } else { '&' };
    Redirect::to(&format!("/settings/api{own}{joint}done={what}")).into_response()
}

pub(crate) async fn list(State(gateway): State<Gateway>, manager: Manager, Query(query): Query) -> Page {
    page(&gateway, &manager, &query, StatusCode::OK, Dialog::None).await
}

/// What the key is for may stand in the address already: its `name`, and its `scopes` if they are not the usual ones.
pub(crate) async fn new(State(gateway): State<Gateway>, manager: Manager, Query(query): Query) -> Page {
    let given = ["name", "scopes"].into_iter().filter_map(|field| Some((field.to_owned(), query.get(field)?.clone())));
    let form = Form::of(Value::Object(given.collect()));
    page(&gateway, &manager, &query, StatusCode::OK, Dialog::New(form)).await
}

/// The fields of the API, from those of the form: addresses come one a line, and no scope ticked is none chosen.
fn fields(form: &Value, now: Timestamp) -> Value {
    let text = |name: &str| form.get(name).and_then(Value::as_str).unwrap_or_default().trim();
    // What is no number of days is refused, and not taken for never.
    let expiry = match text("expiry") {
        "" => None,
        days => Some(
            days.parse::<u32>()
                .map_or_else(|_| days.to_owned(), |days| now.plus(Duration::from_hours(24 * u64::from(days))).to_string()),
        ),
    };
    json!({
        "name": text("name"),
        "scopes": form.get("scopes").cloned().unwrap_or_else(|| json!([])),
        "rate_limit": text("rate_limit"),
        "allowed_ips": text("addresses").lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>(),
        "expires_at": expiry,
    })
}

pub(crate) async fn create(State(gateway): State<Gateway>, manager: Manager, Query(query): Query, Body(mut form): Body) -> Page {
    let now = gateway.store().clock().now();
    let new = match NewApiKey::read(&fields(&form, now), now) {
        Ok(new) => new,
        Err(invalid) => {
            if form.get("scopes").is_none() {
                form["scopes"] = json!([]);
            }
            let dialog = Dialog::New(Form::refused(form, invalid));
            return page(&gateway, &manager, &query, StatusCode::UNPROCESSABLE_ENTITY, dialog).await;
        }
    };
    let mut work = manager.0.begin(&gateway);
    let (key, token) = api_keys::create(&mut work, new);
    work.commit().await?;
    let dialog = Dialog::Token(Shown { name: key.name, token, old_token: None });
    page(&gateway, &manager, &query, StatusCode::OK, dialog).await
}

pub(crate) async fn edit(State(gateway): State<Gateway>, manager: Manager, Path(id): Path, Query(query): Query) -> Page {
    let key = find(&gateway, &manager, &id).await?;
    let form = Form::of(json!({
        "name": key.name,
        "rate_limit": key.rate_limit.to_string(),
        "addresses": key.allowed_ips.iter().map(network_text).collect::<Vec<_>>().join("\n"),
    }));
    let key = Key::of(key, gateway.store().clock().now());
    page(&gateway, &manager, &query, StatusCode::OK, Dialog::Edit(Box::new(Edited { key, form }))).await
}

pub(crate) async fn update(
    State(gateway): State<Gateway>,
    manager: Manager,
    Path(id): Path,
    Query(query): Query,
    Body(form): Body,
) -> Page {
    let now = gateway.store().clock().now();
    let before = find(&gateway, &manager, &id).await?;
    let patch: Result<ApiKeyPatch, Invalid> = ApiKeyPatch::read(&fields(&form, now));
    let patch = match patch {
        Ok(patch) => patch,
        Err(invalid) => {
            let edited = Edited { key: Key::of(before, now), form: Form::refused(form, invalid) };
            return page(&gateway, &manager, &query, StatusCode::UNPROCESSABLE_ENTITY, Dialog::Edit(Box::new(edited))).await;
        }
    };
    let mut work = manager.0.begin(&gateway);
    api_keys::update(&mut work, &before.id, patch).await?;
    work.commit().await?;
    Ok(done(&query, "saved"))
}

pub(crate) async fn ask_delete(State(gateway): State<Gateway>, manager: Manager, Path(id): Path, Query(query): Query) -> Page {
    let key = Key::of(find(&gateway, &manager, &id).await?, gateway.store().clock().now());
    page(&gateway, &manager, &query, StatusCode::OK, Dialog::Delete(Box::new(key))).await
}

/// A key that is gone already is what was asked for.
pub(crate) async fn delete(State(gateway): State<Gateway>, manager: Manager, Path(id): Path, Query(query): Query) -> Page {
    let mut work = manager.0.begin(&gateway);
    api_keys::delete(&mut work, &ApiKeyId::parse(&id)?).await?;
    work.commit().await?;
    Ok(done(&query, "deleted"))
}

pub(crate) async fn ask_roll(State(gateway): State<Gateway>, manager: Manager, Path(id): Path, Query(query): Query) -> Page {
    let key = Key::of(find(&gateway, &manager, &id).await?, gateway.store().clock().now());
    page(&gateway, &manager, &query, StatusCode::OK, Dialog::Roll(Box::new(key))).await
}

pub(crate) async fn roll(
    State(gateway): State<Gateway>,
    manager: Manager,
    Path(id): Path,
    Query(query): Query,
    Body(form): Body,
) -> Page {
    let overlap = read_roll(&form)?;
    let mut work = manager.0.begin(&gateway);
    let (key, token) = api_keys::roll(&mut work, &ApiKeyId::parse(&id)?, overlap).await?;
    work.commit().await?;
    let now = gateway.store().clock().now();
    let old_token = match &key.previous {
        Some(previous) => format!("The old token works until {}.", Moment::of(previous.expires_at, now).minute),
        None => "The old token has stopped working.".to_owned(),
    };
    let dialog = Dialog::Token(Shown { name: key.name, token, old_token: Some(old_token) });
    page(&gateway, &manager, &query, StatusCode::OK, dialog).await
}

//! One route of the API: what it reads and what it gives, in a line or two of the table, and written out as OpenAPI wants it.

use super::answers;
use super::thing::Thing;
use crate::scope::{Need, needed};
use axum::http::Method;
use connectors::catalogue::{Field, Noun};
use connectors::schema;
use domain::input::{Described, Fields, Form, Presence, describe};
use domain::page::{Filter, PageRequest};
use domain::scope::Scope;
use serde_json::{Map, Value, json};

/// A route.
pub(super) struct Route {
    pub(super) method: Method,
    pub(super) path: &'static str,
    summary: &'static str,
    words: &'static str,
    /// The query of a `GET` or `DELETE`, the body otherwise.
    reads: Vec<Field>,
    gives: Gives,
    /// What else it may answer, and how.
    or: Option<(&'static str, Thing)>,
    /// Whether its body is a file, and what it reads beside that in the query.
    takes_file: bool,
}

/// What a route answers when all goes well.
pub(super) enum Gives {
    /// 200 with one.
    One(Thing),
    /// 201 with the one that was made.
    Created(Thing),
    /// 202 with what goes on.
    Accepted(Thing),
    /// 200 with a page of a list.
    Page(Thing),
    /// 200 with rows of a list that goes on behind a cursor.
    CursorPage(Thing),
    /// 204.
    Nothing,
    /// 200 with a file of one of these types.
    File(&'static [&'static str]),
}

fn route(method: Method, path: &'static str, summary: &'static str) -> Route {
    Route { method, path, summary, words: "", reads: Vec::new(), gives: Gives::Nothing, or: None, takes_file: false }
}

pub(super) fn get(path: &'static str, summary: &'static str) -> Route {
    route(Method::GET, path, summary)
}

pub(super) fn post(path: &'static str, summary: &'static str) -> Route {
    route(Method::POST, path, summary)
}

pub(super) fn put(path: &'static str, summary: &'static str) -> Route {
    route(Method::PUT, path, summary)
}

pub(super) fn delete(path: &'static str, summary: &'static str) -> Route {
    route(Method::DELETE, path, summary)
}

impl Route {
    /// The same, with what else is worth knowing.
    pub(super) fn words(self, words: &'static str) -> Self {
        Self { words, ..self }
    }

    /// The same, reading what this reader reads.
    pub(super) fn reads<R>(mut self, read: impl FnOnce(&Value) -> R) -> Self {
        self.reads.extend(describe(read).into_iter().map(Field::of));
        self
    }

    /// The same, answering one of these.
    pub(super) fn gives(self, thing: Thing) -> Self {
        Self { gives: Gives::One(thing), ..self }
    }

    /// The same, answering the one that was made.
    pub(super) fn creates(self, thing: Thing) -> Self {
        Self { gives: Gives::Created(thing), ..self }
    }

    /// The same, answering what goes on.
    pub(super) fn begins(self, thing: Thing) -> Self {
        Self { gives: Gives::Accepted(thing), ..self }
    }

    /// The same, or at once with this.
    pub(super) fn or(self, thing: Thing) -> Self {
        Self { or: Some(("200", thing)), ..self }
    }

    /// The same, answering a page of these, filtered by what the filter reads.
    pub(super) fn pages<F: Filter>(mut self, thing: Thing) -> Self {
        let mut page = describe(|query| PageRequest::read(&mut Fields::of(query), F::NAMES));
        for field in &mut page {
            if field.name == "sort" {
                field.form = Form::OneOf(sorts(F::NAMES));
            }
        }
        self.reads.extend(page.into_iter().map(Field::of));
        self.reads.extend(describe(|query| F::read(&mut Fields::of(query))).into_iter().map(Field::of_filter));
        self.gives = Gives::Page(thing);
        self
    }

    /// The same, answering all of these on one page.
    pub(super) fn gives_all(self, thing: Thing) -> Self {
        Self { gives: Gives::Page(thing), ..self }
    }

    /// The same, answering these from a cursor on.
    pub(super) fn gives_from_cursor(self, thing: Thing) -> Self {
        Self { gives: Gives::CursorPage(thing), ..self }
    }

    /// The same, answering nothing at once or what goes on.
    pub(super) fn or_begins(self, thing: Thing) -> Self {
        Self { or: Some(("202", thing)), ..self }
    }

    /// The same, with ids that can be replaced by what they stand for.
    pub(super) fn expands(mut self, names: &'static [&'static str]) -> Self {
        let form = Form::List(Box::new(Form::OneOf(names.to_vec())));
        self.reads.push(Field::of(Described { name: "expand".into(), presence: Presence::Optional, form }));
        self
    }

    /// The same, with a file as its body and the rest in the query.
    pub(super) fn takes_file(self) -> Self {
        Self { takes_file: true, ..self }
    }

    /// The same, answering a file.
    pub(super) fn sends(self, kinds: &'static [&'static str]) -> Self {
        Self { gives: Gives::File(kinds), ..self }
    }

    /// What it gives.
    pub(super) fn things(&self) -> impl Iterator<Item = &Thing> {
        let given = match &self.gives {
            Gives::One(thing)
            | Gives::Created(thing)
            | Gives::Accepted(thing)
            | Gives::Page(thing)
            | Gives::CursorPage(thing) => Some(thing),
            Gives::Nothing | Gives::File(_) => None,
        };
        given.into_iter().chain(self.or.iter().map(|(_, thing)| thing))
    }

    /// The resource it is about: what its path begins with.
    pub(super) fn tag(&self) -> &'static str {
        self.path.split('/').nth(2).unwrap_or_default()
    }

    /// `clients_list`, `folders_archive`.
    pub(super) fn id(&self) -> String {
        let words: Vec<&str> = self.path.split('/').skip(2).filter(|word| !word.starts_with('{')).collect();
        let verb = match (&self.gives, self.path.ends_with('}')) {
            (Gives::Page(_) | Gives::CursorPage(_), _) => Some("list"),
            (Gives::Created(_), _) => Some("create"),
            (_, true) if self.method == Method::GET => Some("show"),
            (_, true) if self.method == Method::PUT => Some("update"),
            (_, true) if self.method == Method::DELETE => Some("delete"),
            _ => None,
        };
        words.into_iter().chain(verb).collect::<Vec<_>>().join("_").replace('-', "_")
    }

    /// The operation, as OpenAPI writes it.
    pub(super) fn operation(&self) -> Value {
        let mut operation = json!({"operationId": self.id(), "tags": [self.tag()], "summary": self.summary});
        if !self.words.is_empty() {
            operation["description"] = json!(self.words);
        }
        let mut parameters: Vec<Value> = self.path_parameters().collect();
        let has_body = self.method == Method::POST || self.method == Method::PUT;
        if self.takes_file {
            operation["requestBody"] = file();
        }
        if !has_body || self.takes_file {
            parameters.extend(self.reads.iter().map(query_parameter));
        } else if !self.reads.is_empty() {
            operation["requestBody"] = body(&self.reads);
        }
        if !parameters.is_empty() {
            operation["parameters"] = json!(parameters);
        }
        operation["responses"] = self.responses(has_body);
        operation["security"] = security(&self.method, self.path);
        operation
    }

    fn path_parameters(&self) -> impl Iterator<Item = Value> {
        let words: Vec<&'static str> = self.path.split('/').collect();
        let named = move |pair: &[&'static str]| {
            let name = pair[1].strip_prefix('{')?.strip_suffix('}')?;
            let noun = Noun::of(pair[0].trim_end_matches('s')).or_else(|| Noun::of(&pair[0].replace("ies", "y")));
            let schema = noun.map_or_else(|| json!({"type": "string"}), |noun| schema::of_form(&Form::Id(noun.prefix)));
            Some(json!({"name": name, "in": "path", "required": true, "schema": schema}))
        };
        words.windows(2).filter_map(named).collect::<Vec<_>>().into_iter()
    }

    fn responses(&self, has_body: bool) -> Value {
        let mut responses = Map::new();
        let (status, answer) = match &self.gives {
            Gives::One(thing) => ("200", answers::one(thing)),
            Gives::Created(thing) => ("201", answers::one(thing)),
            Gives::Accepted(thing) => ("202", answers::accepted(thing)),
            Gives::Page(thing) => ("200", answers::page(thing, ["PageLinks", "PageMeta"])),
            Gives::CursorPage(thing) => ("200", answers::page(thing, ["CursorLinks", "CursorMeta"])),
            Gives::Nothing => ("204", answers::nothing()),
            Gives::File(kinds) => ("200", answers::file(kinds)),
        };
        if let Some((status, thing)) = &self.or {
            responses.insert((*status).into(), answers::one(thing));
        }
        responses.insert(status.into(), answer);
        let changes = self.method != Method::GET;
        responses.extend(answers::errors(has_body, changes, self.path.contains('{')));
        Value::Object(responses)
    }
}

fn sorts(names: &'static [&'static str]) -> Vec<&'static str> {
    let by_name = names.iter().flat_map(|name| match *name {
        "title" => ["title", "-title"],
        _ => ["name", "-name"],
    });
    let relevance = (!names.is_empty()).then_some("relevance");
    ["created_at", "-created_at"].into_iter().chain(by_name).chain(relevance).collect()
}

/// What a key must be granted, for each way in which it can be sent.
pub(super) fn security(method: &Method, path: &str) -> Value {
    let scopes: Vec<String> = match needed(method, path, path) {
        Need::Of(family, access) => {
            let all = Scope::all();
            let mut narrow = all.iter().filter(|scope| scope.grants(family, access));
            // The narrowest that is enough: `clients:read` rather than `read`.
            narrow.next_back().map(Scope::to_string).into_iter().collect()
        }
        Need::Key | Need::Unknown => Vec::new(),
    };
    ["bearer", "basic", "header"].map(|way| json!({way: scopes})).into_iter().collect()
}

/// What a field is called in a form or a query: lists are written `name[]`.
fn name_in_form(field: &Field) -> String {
    if field.is_list() { format!("{}[]", field.key) } else { field.key.clone() }
}

/// A parameter of a query.
pub(super) fn query_parameter(field: &Field) -> Value {
    let mut parameter = json!({"name": name_in_form(field), "in": "query", "schema": schema::of_form(&field.form)});
    if field.is_required {
        parameter["required"] = json!(true);
    }
    // `custom_fields[cf_…]=…`.
    if field.form == Form::Object {
        parameter["style"] = json!("deepObject");
    }
    if !field.help.is_empty() {
        parameter["description"] = json!(field.help);
    }
    parameter
}

/// A file as a body, as it is or in a form.
fn file() -> Value {
    let text = json!({"type": "string"});
    let form = json!({"type": "object", "required": ["file"], "properties": {"file": text}});
    json!({"required": true, "content": {"text/csv": {"schema": text}, "multipart/form-data": {"schema": form}}})
}

/// A body, as JSON or as a form.
pub(super) fn body(fields: &[Field]) -> Value {
    let open = |fields: &[Field]| {
        let mut schema = schema::of_fields(fields);
        // What is not known is passed over.
        if let Some(schema) = schema.as_object_mut() {
            schema.remove("additionalProperties");
        }
        schema
    };
    let in_form: Vec<Field> =
        fields.iter().map(|field| Field { key: name_in_form(field), is_clearable: false, ..field.clone() }).collect();
    let is_required = fields.iter().any(|field| field.is_required);
    json!({
        "required": is_required,
        "content": {
            "application/json": {"schema": open(fields)},
            "application/x-www-form-urlencoded": {"schema": open(&in_form)},
        },
    })
}

//! The platforms' endpoints, as far as they follow from the catalogue: what is added there appears here.

use super::answers;
use super::route::{body, query_parameter, security};
use axum::http::Method;
use connectors::catalogue::{Action, Field, Lookup, Search, Trigger, Yield};
use connectors::{Catalogue, platforms, schema};
use domain::input::{Described, Form, Presence};
use serde_json::{Map, Value, json};

/// Where all of it lies.
const BASE: &str = "/connect/{platform}";
const TAG: &str = "connect";

/// The paths with what can be done at each.
pub(super) fn paths(catalogue: &Catalogue) -> Map<String, Value> {
    let mut paths = Map::new();
    let mut add = |path: &str, operations: Value| drop(paths.insert(format!("{BASE}{path}"), at(path, operations)));
    add("/me", json!({"get": looking("connect_me", "Test a connection", &[])}));
    hooks(catalogue, &mut add);
    for (kind, one, keys) in [
        ("triggers", "event", catalogue.triggers.iter().map(|trigger| trigger.event.as_str().to_owned()).collect::<Vec<_>>()),
        ("actions", "action", catalogue.actions.iter().map(|action| action.key.to_owned()).collect()),
        ("searches", "search", catalogue.searches.iter().map(|search| search.key.to_owned()).collect()),
    ] {
        add(&format!("/{kind}"), json!({"get": looking(&format!("connect_{kind}_list"), &format!("List {kind}"), &[])}));
        let key = json!({"name": one, "in": "path", "required": true, "schema": {"type": "string", "enum": keys}});
        let mut fields = looking(&format!("connect_{kind}_fields"), &format!("The fields of one of the {kind}"), &[]);
        fields["parameters"] = json!([key]);
        add(&format!("/{kind}/{{{one}}}/fields"), json!({"get": fields}));
        if kind == "triggers" {
            let mut sample = looking("connect_triggers_sample", "A feed with one made-up item", &[]);
            sample["parameters"] = json!([key]);
            add("/triggers/{event}/sample", json!({"get": sample}));
        }
    }
    catalogue.triggers.iter().for_each(|trigger| add(&format!("/triggers/{}", trigger.event.as_str()), feed(trigger)));
    catalogue.actions.iter().for_each(|one| add(&format!("/actions/{}", one.key), action(one)));
    catalogue.searches.iter().for_each(|one| add(&format!("/searches/{}", one.key), search(one)));
    let mut operation = looking("connect_operations_show", "How an action that goes on stands", &[]);
    operation["parameters"] = json!([{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}]);
    add("/operations/{id}", json!({"get": operation}));
    add("/lookups", json!({"get": looking("connect_lookups_list", "List look-ups", &[])}));
    catalogue.lookups.iter().for_each(|one| add(&format!("/lookups/{}", one.key), lookup(one)));
    paths
}

/// Operations at a path, with the platform it is for and what a key needs.
fn at(path: &str, mut operations: Value) -> Value {
    let path = format!("{BASE}{path}");
    for (method, operation) in operations.as_object_mut().into_iter().flatten() {
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap_or_default();
        operation["security"] = security(&method, &path);
    }
    operations["parameters"] = json!([{"$ref": "#/components/parameters/platform"}]);
    operations
}

/// The platforms, as a parameter of each path.
pub(super) fn platform() -> Value {
    let names: Vec<&str> = platforms::ALL.iter().map(|connector| connector.platform().as_str()).collect();
    json!({
        "name": "platform",
        "in": "path",
        "required": true,
        "description": "Whose shapes answers have; `custom` is for code of one's own.",
        "schema": {"type": "string", "enum": names},
    })
}

fn plain(name: &str, form: Form, presence: Presence) -> Field {
    Field::of(Described { name: name.into(), presence, form })
}

fn looking(id: &str, summary: &str, query: &[Field]) -> Value {
    let mut responses = Map::from_iter([("200".to_owned(), answers::shaped("In the platform's shape."))]);
    responses.extend(answers::errors(false, false, true));
    let parameters: Vec<Value> = query.iter().map(query_parameter).collect();
    json!({"operationId": id, "tags": [TAG], "summary": summary, "parameters": parameters, "responses": responses})
}

fn doing(id: &str, summary: &str, fields: &[Field], statuses: &[&str]) -> Value {
    let mut responses: Map<String, Value> =
        statuses.iter().map(|status| ((*status).to_owned(), answers::shaped("In the platform's shape."))).collect();
    responses.extend(answers::errors(true, true, true));
    let mut operation = json!({"operationId": id, "tags": [TAG], "summary": summary, "responses": responses});
    if !fields.is_empty() {
        // What is empty counts as absent here: null clears nothing.
        let fields: Vec<Field> = fields.iter().map(|field| Field { is_clearable: false, ..field.clone() }).collect();
        operation["requestBody"] = body(&fields);
    }
    operation
}

fn hooks(catalogue: &Catalogue, add: &mut impl FnMut(&str, Value)) {
    let url = |name, presence| plain(name, Form::Text { max: domain::egress::MAX_URL_LENGTH, is_line: true }, presence);
    let events = Form::OneOf(catalogue.triggers.iter().map(|trigger| trigger.event.as_str()).collect());
    let places = catalogue.triggers.iter().map(|trigger| &trigger.fields).find(|fields| !fields.is_empty());
    let mut fields = vec![url("target_url", Presence::Required), plain("event", events, Presence::Required)];
    fields.extend(places.into_iter().flatten().cloned());
    add(
        "/hooks",
        json!({
            "get": looking("connect_hooks_list", "List subscriptions", &[url("target_url", Presence::Optional)]),
            "post": doing("connect_hooks_subscribe", "Subscribe to an event", &fields, &["200", "201"]),
        }),
    );
    let id = json!([{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}]);
    let mut show = looking("connect_hooks_show", "Show a subscription", &[]);
    let mut end = looking("connect_hooks_unsubscribe", "End a subscription", &[]);
    end["description"] = json!("Also answers 200 for one that is gone already.");
    show["parameters"] = id.clone();
    end["parameters"] = id;
    add("/hooks/{id}", json!({"get": show, "delete": end}));
}

fn id_of(kind: &str, key: &str) -> String {
    format!("connect_{kind}_{}", key.replace(['-', '.'], "_"))
}

fn feed(trigger: &Trigger) -> Value {
    let mut query = vec![
        plain("limit", Form::Integer { min: 1, max: crate::connect::triggers::FEED_LIMIT }, Presence::Optional),
        plain("since", Form::Text { max: 64, is_line: true }, Presence::Optional),
    ];
    query.extend(trigger.fields.iter().cloned());
    let mut feed = looking(&id_of("triggers", trigger.event.as_str()), &trigger.label, &query);
    feed["description"] = json!(trigger.description);
    json!({"get": feed})
}

fn action(action: &Action) -> Value {
    let statuses: &[&str] = match action.yields {
        Yield::Deletion => &["200"],
        Yield::Operation(_) => &["202"],
        // What is made is 201, what is done to something that is there 200.
        Yield::Resource => &["200", "201"],
    };
    let mut run = doing(&id_of("actions", action.key), &action.label, &action.fields, statuses);
    run["description"] = json!(action.description);
    if action.more_fields.is_some() {
        for content in run["requestBody"]["content"].as_object_mut().into_iter().flat_map(|kinds| kinds.values_mut()) {
            content["schema"]["patternProperties"] = schema::of_custom_fields();
        }
    }
    let show =
        looking(&format!("{}_show", id_of("actions", action.key)), &format!("What “{}” takes and gives", action.label), &[]);
    json!({"get": show, "post": run})
}

fn search(search: &Search) -> Value {
    let mut run = looking(&id_of("searches", search.key), &search.label, &search.fields);
    run["description"] = json!(search.description);
    if let (Some(_), Some(parameters)) = (search.more_fields, run["parameters"].as_array_mut()) {
        // As a form writes an object, its keys are parameters of their own.
        parameters.push(json!({
            "name": "custom_fields",
            "in": "query",
            "description": "Values by the ids of custom fields: `cf_…=…`.",
            "style": "form",
            "explode": true,
            "schema": {"type": "object", "patternProperties": schema::of_custom_fields(), "additionalProperties": false},
        }));
    }
    json!({"get": run})
}

fn lookup(lookup: &Lookup) -> Value {
    let mut query: Vec<Field> = lookup.narrowed_by().collect();
    query.push(plain("page", Form::Integer { min: 0, max: i64::from(u32::MAX) }, Presence::Optional));
    query.push(plain("search", Form::Text { max: 255, is_line: true }, Presence::Optional));
    json!({"get": looking(&id_of("lookups", lookup.key), &format!("Pick from {}", lookup.key), &query)})
}

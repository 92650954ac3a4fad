//! The set-up sheet for Pabbly Connect, where an app is entered into a form, without code: what goes into each field, as a page to copy from
//! and as JSON. The JSON is held to `connectors/templates/pabbly/schema.json`.

use super::sample::{GATEWAY, outputs};
use super::{App, File};
use crate::catalogue::{Action, Call, Catalogue, Field, Lookup, Search, Trigger, label_of};
use crate::platforms::{Connector as _, Pabbly};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

const APP: App = App::Pabbly;

/// The files of the sheet.
pub(super) fn files(catalogue: &Catalogue) -> Vec<File> {
    let app = app(catalogue);
    let page = include_str!("../../templates/pabbly/README.md").replace("{{sheet}}", sheet(&app).trim_end());
    vec![
        File::text("README.md", page),
        File::text("app.json", format!("{app:#}\n")),
        File::bytes("icon.png", include_bytes!("../../templates/icon.png")),
    ]
}

/// Everything that is entered.
fn app(catalogue: &Catalogue) -> Value {
    json!({
        "name": "Kitchen",
        "description": "Clients, companies, folders, boards and tasks of a Kitchen client portal.",
        "gateway": GATEWAY,
        "connection": {
            "authentication": "Bearer Token",
            "field": {"key": "api_key", "label": "API Key", "type": "password", "required": true, "help": "A key of the page Settings > API of the gateway. It is shown there once, when it is created."},
            "test": request("GET", "/me"),
            "label": "{label}",
        },
        "triggers": catalogue.triggers.iter().map(|it| trigger(catalogue, it)).collect::<Value>(),
        "actions": catalogue.actions.iter().map(|it| action(catalogue, it)).collect::<Value>(),
        "searches": catalogue.searches.iter().map(|it| search(catalogue, it)).collect::<Value>(),
        "dropdowns": catalogue.lookups.iter().map(dropdown).collect::<Value>(),
    })
}

fn request(method: &str, path: &str) -> Value {
    json!({"method": method, "url": format!("{GATEWAY}/connect/{}{path}", Pabbly.platform().as_str())})
}

/// A request with these values, each from the field of its name; lists as forms write them.
fn with(mut request: Value, place: &str, fields: &[Field]) -> Value {
    let name = |field: &Field| if field.is_list() { format!("{}[]", field.key) } else { field.key.clone() };
    let pairs: Map<String, Value> = fields.iter().map(|field| (name(field), json!(format!("{{{}}}", field.key)))).collect();
    if !pairs.is_empty() {
        request[place] = Value::Object(pairs);
    }
    request
}

fn fields(catalogue: &Catalogue, fields: &[Field]) -> Value {
    let field = |field: &Field| {
        let plain = Pabbly.field(field);
        let mut entered = json!({"key": field.key, "label": field.label, "type": plain["type"], "required": field.is_required});
        if field.is_list() {
            entered["list"] = json!(true);
        }
        for (name, value) in [("help", &plain["help"]), ("choices", &plain["choices"])] {
            if !value.is_null() && value != "" {
                entered[name] = value.clone();
            }
        }
        if let Some(lookup) = field.lookup.and_then(|key| catalogue.lookup(key)) {
            entered["dropdown"] = json!(label_of(lookup.key));
        }
        entered
    };
    catalogue.inputs(fields).iter().map(field).collect()
}

fn trigger(catalogue: &Catalogue, trigger: &Trigger) -> Value {
    let event = trigger.event.as_str();
    let mut subscribe = with(request("POST", "/hooks"), "body", &trigger.fields);
    let mut body = Map::from_iter([("target_url".into(), json!("{webhook_url}")), ("event".into(), json!(event))]);
    body.extend(subscribe["body"].as_object().cloned().unwrap_or_default());
    subscribe["body"] = Value::Object(body);
    json!({
        "name": trigger.label,
        "description": trigger.description,
        "fields": fields(catalogue, &trigger.fields),
        "subscribe": subscribe,
        "unsubscribe": request("DELETE", "/hooks/{id}"),
        "test": request("GET", &format!("/triggers/{event}/sample")),
        "poll": with(request("GET", &format!("/triggers/{event}")), "query", &trigger.fields),
        "sample": APP.sample_of_trigger(trigger),
    })
}

fn action(catalogue: &Catalogue, action: &Action) -> Value {
    let mut entered = json!({
        "name": action.label,
        "description": action.description,
        "request": with(request("POST", &format!("/actions/{}", action.key)), "body", &action.fields),
        "fields": fields(catalogue, &action.fields),
    });
    add_more_fields(&mut entered, &format!("/actions/{}/fields", action.key), action.more_fields);
    entered["sample"] = APP.sample_of_action(action);
    entered
}

/// Where fields are found that depend on what was picked.
fn add_more_fields(entered: &mut Value, path: &str, call: Option<Call>) {
    if let Some(call) = call {
        let picked: Vec<Field> = call.parameters().map(|name| Field::id(name, "")).collect();
        entered["more_fields"] = with(request("GET", path), "query", &picked);
    }
}

fn search(catalogue: &Catalogue, search: &Search) -> Value {
    let mut entered = json!({
        "name": search.label,
        "description": search.description,
        "request": with(request("GET", &format!("/searches/{}", search.key)), "query", &search.fields),
        "fields": fields(catalogue, &search.fields),
    });
    add_more_fields(&mut entered, &format!("/searches/{}/fields", search.key), search.more_fields);
    entered["sample"] = APP.sample_of_search(search);
    entered
}

fn dropdown(lookup: &Lookup) -> Value {
    let before: Vec<Field> = lookup.narrowed_by().collect();
    let list = with(request("GET", &format!("/lookups/{}", lookup.key)), "query", &before);
    json!({"name": label_of(lookup.key), "request": list, "value": "id", "label": "name"})
}

/// The page: the same, to be copied field by field.
fn sheet(app: &Value) -> String {
    let mut page = String::new();
    let connection = &app["connection"];
    let _ = write!(
        page,
        "## Connection\n\n| field of the form | value |\n| --- | --- |\n| Authentication | {} |\n",
        text(&connection["authentication"])
    );
    let _ = writeln!(page, "| Field | {}: {} |", text(&connection["field"]["label"]), text(&connection["field"]["help"]));
    rows_of_request(&mut page, "Test", &connection["test"]);
    let _ = writeln!(page, "| Name of the connection | `{}` |", text(&connection["label"]));
    page.push_str("\n## Dropdowns\n\nEntered first, as hidden actions, because the others refer to them.\n");
    for dropdown in rows(&app["dropdowns"]) {
        heading(&mut page, dropdown, "");
        rows_of_request(&mut page, "", &dropdown["request"]);
        let _ = writeln!(page, "| Value, label | `{}`, `{}` |", text(&dropdown["value"]), text(&dropdown["label"]));
    }
    page.push_str("\n## Triggers\n");
    for trigger in rows(&app["triggers"]) {
        heading(&mut page, trigger, text(&trigger["description"]));
        page.push_str("| Type | Webhook (instant) |\n");
        rows_of_request(&mut page, "Subscribe", &trigger["subscribe"]);
        rows_of_request(&mut page, "Unsubscribe", &trigger["unsubscribe"]);
        rows_of_request(&mut page, "Sample", &trigger["test"]);
        rows_of_request(&mut page, "If polled instead", &trigger["poll"]);
        page.push_str("| Tells repeats by | `id` |\n");
        fields_and_answer(&mut page, trigger);
    }
    for (title, kind) in [("Actions", "actions"), ("Searches", "searches")] {
        let _ = write!(page, "\n## {title}\n");
        for action in rows(&app[kind]) {
            heading(&mut page, action, text(&action["description"]));
            rows_of_request(&mut page, "", &action["request"]);
            rows_of_request(&mut page, "Further fields", &action["more_fields"]);
            fields_and_answer(&mut page, action);
        }
    }
    page
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn rows(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn heading(page: &mut String, of: &Value, description: &str) {
    let _ = write!(page, "\n### {}\n\n", text(&of["name"]));
    if !description.is_empty() {
        let _ = write!(page, "{description}\n\n");
    }
    page.push_str("| field of the form | value |\n| --- | --- |\n");
}

/// A request as rows of a table: what it is for, its method and address, and what goes along.
fn rows_of_request(page: &mut String, purpose: &str, request: &Value) {
    if request.is_null() {
        return;
    }
    let named = |name: &str| if purpose.is_empty() { name.to_owned() } else { format!("{purpose}: {}", name.to_lowercase()) };
    let _ = writeln!(page, "| {} | `{} {}` |", named("Request"), text(&request["method"]), text(&request["url"]));
    for (place, name) in [("query", "Query"), ("body", "Body, form")] {
        let pairs: Vec<String> =
            request[place].as_object().into_iter().flatten().map(|(key, value)| format!("`{key}` = `{}`", text(value))).collect();
        if !pairs.is_empty() {
            let _ = writeln!(page, "| {} | {} |", named(name), pairs.join(", "));
        }
    }
}

/// What a person fills in, and what comes back.
fn fields_and_answer(page: &mut String, of: &Value) {
    if rows(&of["fields"]).next().is_some() {
        page.push_str("\n| key | label | type | required | choices | help |\n| --- | --- | --- | --- | --- | --- |\n");
    }
    for field in rows(&of["fields"]) {
        let list = if field["list"] == true { ", several" } else { "" };
        let required = if field["required"] == true { "yes" } else { "" };
        let words: Vec<&str> = rows(&field["choices"]).map(text).collect();
        let choices = match field["dropdown"].as_str() {
            Some(dropdown) => format!("dropdown *{dropdown}*"),
            None => words.join(", "),
        };
        let _ = writeln!(
            page,
            "| `{}` | {} | {}{list} | {required} | {choices} | {} |",
            text(&field["key"]),
            text(&field["label"]),
            text(&field["type"]),
            text(&field["help"])
        );
    }
    let answer: Vec<String> = outputs(&of["sample"]).into_iter().map(|output| format!("`{}`", output.key)).collect();
    let _ = write!(page, "\nAnswers with {}.\n", answer.join(", "));
}

//! The description of the API, for programs (`/openapi.json`, OpenAPI 3.1) and for people (`/docs`): the table of routes written out, with
//! fields read off the code that reads them, answers off the code that writes them, and the platforms' endpoints off the catalogue.

mod answers;
mod connectors;
mod page;
mod route;
mod routes;
mod thing;

use crate::app::Gateway;
use ::connectors::Catalogue;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};
use std::sync::OnceLock;

pub(crate) use page::show as page;

const DESCRIPTION: &str = "Clients, companies, folders, boards and webhooks of a client portal. Send an API key with each request, made in \
    Settings > API. Bodies are JSON or forms; answers are JSON in which every key is always present.";

/// The whole description.
pub fn document(catalogue: &Catalogue) -> Value {
    let routes = routes::all();
    let mut paths: Map<String, Value> = Map::new();
    for route in &routes {
        let place = paths.entry(route.path).or_insert_with(|| json!({}));
        place[route.method.as_str().to_lowercase()] = route.operation();
    }
    paths.extend(connectors::paths(catalogue));
    paths.extend(gateway_paths());
    let mut schemas = answers::schemas();
    for thing in routes.iter().flat_map(route::Route::things) {
        let mut schema = thing.schema.clone();
        schema["examples"] = json!([thing.example]);
        schemas.insert(thing.name.clone(), schema);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Kitchen Gateway",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": answers::responses(),
            "headers": answers::header_components(),
            "parameters": {"platform": connectors::platform()},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "The key, as `Authorization: Bearer <key>`."},
                "basic": {"type": "http", "scheme": "basic", "description": "The key as user name or as password."},
                "header": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
            },
        },
    })
}

/// What concerns no resource: health, this description, and the door for agents.
fn gateway_paths() -> Map<String, Value> {
    let open = |id: &str, summary: &str, statuses: &[(&str, &str)]| {
        let responses: Map<String, Value> =
            statuses.iter().map(|(status, words)| ((*status).to_owned(), answers::shaped(words))).collect();
        json!({"get": {"operationId": id, "tags": ["gateway"], "summary": summary, "security": [], "responses": responses}})
    };
    let message = json!({"type": "object", "required": ["jsonrpc", "method"], "properties": {"jsonrpc": {"const": "2.0"}, "method": {"type": "string"}}});
    let mut mcp = json!({
        "operationId": "mcp",
        "tags": ["gateway"],
        "summary": "Talk to the gateway as an agent",
        "description": "The Model Context Protocol over HTTP: one JSON-RPC message, one answer.",
        "security": route::security(&axum::http::Method::POST, "/api/me"),
        "requestBody": {"required": true, "content": {"application/json": {"schema": message}}},
    });
    let mut responses = Map::from_iter([
        ("200".to_owned(), answers::shaped("The answer to a request.")),
        ("202".to_owned(), json!({"description": "A notification was taken."})),
        ("406".to_owned(), answers::shaped("The client does not take JSON and event streams.")),
    ]);
    responses.extend(answers::errors(true, false, false));
    mcp["responses"] = responses.into();
    Map::from_iter([
        ("/healthz".to_owned(), open("health", "Whether the process answers", &[("200", "It does.")])),
        (
            "/readyz".to_owned(),
            open("ready", "Whether requests can be served", &[("200", "They can."), ("503", "Not at the moment.")]),
        ),
        ("/openapi.json".to_owned(), open("openapi", "This description", &[("200", "OpenAPI 3.1.")])),
        ("/mcp".to_owned(), json!({"post": mcp})),
    ])
}

/// The description as it is sent. It is written once, for whoever asks first: that takes longer than most requests do, and anybody may ask,
/// without a key and as often as they like.
#[derive(Default)]
pub(crate) struct Written {
    json: OnceLock<Bytes>,
    page: OnceLock<Option<Bytes>>,
}

/// `GET /openapi.json`.
pub(crate) async fn show(State(gateway): State<Gateway>) -> Response {
    let json = gateway.description().json.get_or_init(|| document(gateway.catalogue()).to_string().into());
    ([(header::CONTENT_TYPE, "application/json")], json.clone()).into_response()
}

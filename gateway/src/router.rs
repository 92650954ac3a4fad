//! The whole route table.

use crate::app::Gateway;
use crate::{answer, api, auth, connect, health, loops, mcp, openapi, request_id, web};
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{delete, get, post, put};
use axum::{Extension, Router};
use tower_http::catch_panic::CatchPanicLayer;

/// Everything the gateway answers.
pub fn router(gateway: Gateway) -> Router {
    let api = Router::new().nest("/api", api_routes()).route_layer(from_fn_with_state(gateway.clone(), auth::scope_layer));
    let within = connect::Api(api.clone().with_state(gateway.clone()));
    let connect = Router::new()
        .nest("/connect/{platform}", connect_routes())
        .route_layer(from_fn_with_state(gateway.clone(), auth::scope_layer))
        .layer(Extension(within.clone()));
    let mcp = Router::new().route("/mcp", post(mcp::answer)).layer(Extension(mcp::service(&gateway))).layer(Extension(within));
    let keyed = api
        .layer(from_fn(answer::layer))
        .merge(connect)
        .merge(mcp)
        .route_layer(from_fn_with_state(gateway.clone(), auth::layer))
        .route_layer(from_fn(loops::layer));
    Router::new()
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/openapi.json", get(openapi::show))
        .merge(keyed)
        .merge(web::routes(&gateway))
        .layer(CatchPanicLayer::new())
        .layer(from_fn(request_id::layer))
        .with_state(gateway)
}

fn api_routes() -> Router<Gateway> {
    use api::{
        api_keys, boards, client_imports, clients, companies, custom_fields, deliveries, event_types, events, folders, labels,
        lists, me, members, operations, task_comments, task_custom_fields, task_labels, task_members, tasks, webhooks,
    };
    Router::new()
        .route("/me", get(me::show))
        .route("/users/me", get(me::show))
        .route("/api-keys", get(api_keys::list).post(api_keys::create))
        .route("/api-keys/{id}", get(api_keys::show).put(api_keys::update).delete(api_keys::delete))
        .route("/api-keys/{id}/roll", post(api_keys::roll))
        .route("/clients", get(clients::list).post(clients::create))
        .route("/clients/export", get(clients::export))
        .route("/clients/import", post(client_imports::create).layer(DefaultBodyLimit::disable()))
        .route("/clients/{id}", get(clients::show).put(clients::update).delete(clients::delete))
        .route("/companies", get(companies::list).post(companies::create))
        .route("/companies/{id}", get(companies::show).put(companies::update).delete(companies::delete))
        .route("/members", get(members::list).post(members::create))
        .route("/members/{id}", get(members::show).put(members::update).delete(members::delete))
        .route("/folders", get(folders::list).post(folders::create))
        .route("/folders/{id}", get(folders::show).put(folders::update).delete(folders::delete))
        .route("/folders/{id}/archive", post(folders::archive))
        .route("/folders/{id}/restore", post(folders::restore))
        .route("/folders/{id}/move", post(folders::move_to))
        .route("/folders/{id}/children", get(folders::list_children))
        .route("/folders/{id}/duplicate", post(folders::duplicate))
        .route("/boards", get(boards::list).post(boards::create))
        .route("/boards/{id}", get(boards::show).put(boards::update).delete(boards::delete))
        .route("/boards/{id}/archive", post(boards::archive))
        .route("/boards/{id}/restore", post(boards::restore))
        .route("/boards/{id}/move", post(boards::move_to))
        .route("/boards/{id}/lists", get(lists::list).post(lists::create))
        .route("/lists/{id}", get(lists::show).put(lists::update).delete(lists::delete))
        .route("/boards/{id}/labels", get(labels::list).post(labels::create))
        .route("/boards/{id}/labels/{label}", get(labels::show).put(labels::update).delete(labels::delete))
        .route("/labels/{id}", get(labels::show).put(labels::update).delete(labels::delete))
        .route("/boards/{id}/custom-fields", get(custom_fields::list).post(custom_fields::create))
        .route(
            "/boards/{id}/custom-fields/{field}",
            get(custom_fields::show).put(custom_fields::update).delete(custom_fields::delete),
        )
        .route("/custom-fields/{id}", get(custom_fields::show).put(custom_fields::update).delete(custom_fields::delete))
        .route("/boards/{id}/tasks", get(tasks::list).post(tasks::create))
        .route("/tasks/{id}", get(tasks::show).put(tasks::update).delete(tasks::delete))
        .route("/tasks/{id}/move", post(tasks::move_to))
        .route("/tasks/{id}/complete", post(tasks::complete))
        .route("/tasks/{id}/completed", get(tasks::set_completed))
        .route("/tasks/{id}/labels", get(task_labels::list).post(task_labels::add))
        .route("/tasks/{id}/labels/{label}", delete(task_labels::remove))
        .route("/tasks/{id}/members", get(task_members::list).post(task_members::add))
        .route("/tasks/{id}/members/{user}", delete(task_members::remove))
        .route("/tasks/{id}/custom-fields", get(task_custom_fields::list).post(task_custom_fields::add))
        .route("/tasks/{id}/custom-fields/{field}", put(task_custom_fields::update).delete(task_custom_fields::remove))
        .route("/tasks/{id}/comments", get(task_comments::list).post(task_comments::create))
        .route(
            "/tasks/{id}/comments/{comment}",
            get(task_comments::show).put(task_comments::update).delete(task_comments::delete),
        )
        .route("/comments/{id}", get(task_comments::show).put(task_comments::update).delete(task_comments::delete))
        .route("/event-types", get(event_types::list))
        .route("/events", get(events::list))
        .route("/events/{id}", get(events::show))
        .route("/webhooks", get(webhooks::list).post(webhooks::create))
        .route("/webhooks/{id}", get(webhooks::show).put(webhooks::update).delete(webhooks::delete))
        .route("/webhooks/{id}/rotate-secret", post(webhooks::rotate_secret))
        .route("/webhooks/{id}/test", post(webhooks::test))
        .route("/webhooks/{id}/replay", post(webhooks::replay))
        .route("/webhooks/{id}/deliveries", get(deliveries::list))
        .route("/deliveries/{id}", get(deliveries::show))
        .route("/deliveries/{id}/retry", post(deliveries::retry))
        .route("/deliveries/{id}/skip", post(deliveries::skip))
        .route("/operations", get(operations::list))
        .route("/operations/{id}", get(operations::show))
        .route("/operations/{id}/cancel", post(operations::cancel))
        .route("/operations/{id}/failures", get(operations::failures))
}

fn connect_routes() -> Router<Gateway> {
    use connect::{actions, hooks, lookups, me, operations, searches, triggers};
    Router::new()
        .route("/me", get(me::show))
        .route("/hooks", get(hooks::list).post(hooks::subscribe))
        .route("/hooks/{key}", get(hooks::show).delete(hooks::unsubscribe))
        .route("/triggers", get(triggers::list))
        .route("/triggers/{key}", get(triggers::feed))
        .route("/triggers/{key}/sample", get(triggers::sample))
        .route("/triggers/{key}/fields", get(triggers::fields))
        .route("/actions", get(actions::list))
        .route("/actions/{key}", get(actions::show).post(actions::run))
        .route("/actions/{key}/fields", get(actions::fields))
        .route("/searches", get(searches::list))
        .route("/searches/{key}", get(searches::run))
        .route("/searches/{key}/fields", get(searches::fields))
        .route("/lookups", get(lookups::list))
        .route("/lookups/{key}", get(lookups::show))
        .route("/operations/{key}", get(operations::show))
}

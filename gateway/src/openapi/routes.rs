//! The table of the API's routes: what each reads, which is read off the code that reads it, and what it gives. A route that is added to
//! the router and not here fails a test.

use super::route::{Route, delete, get, post, put};
use super::thing::{
    Thing, api_key, begun, child, company, custom_field, delivery, delivery_in_full, event, event_in_full, event_type, extent,
    field_value, me, new_api_key, operation, resource, task, webhook,
};
use crate::client_export::Format;
use domain::api_key::{ApiKeyPatch, NewApiKey, read_roll};
use domain::board::{BoardFilter, BoardPatch, ListFilter, ListPatch, NewBoard, NewList};
use domain::client_import::ImportOptions;
use domain::clock::Timestamp;
use domain::company::{CompanyFilter, CompanyPatch, NewCompany};
use domain::custom_field::{CustomFieldFilter, CustomFieldPatch, NewCustomField};
use domain::egress::EgressPolicy;
use domain::event_filter::EventFilter;
use domain::field_value::{NewValue, read_value};
use domain::folder::{ChildFilter, FolderFilter, FolderPatch, NewCopy, NewFolder};
use domain::input::{Fields, boolean};
use domain::label::{LabelFilter, LabelPatch, NewLabel, read_label};
use domain::member::{NewMember, read_role};
use domain::node::Move;
use domain::operation::{Callback, OperationFilter};
use domain::page::Unfiltered;
use domain::replay::NewReplay;
use domain::task::{NewTask, TaskMove, TaskPatch, read_completed, read_user};
use domain::task_comment::{NewTaskComment, TaskCommentPatch};
use domain::task_filter::TaskFilter;
use domain::user::{ClientPatch, NewClient, Role, UserFilter};
use domain::webhook::{NewWebhook, Rotation, WebhookFilter, WebhookPatch};
use serde_json::Value;
use store::deliveries::DeliveryFilter;

/// Readers take it; which fields there are does not depend on it.
const NOW: Timestamp = Timestamp::from_millis(0);

/// Likewise.
fn policy() -> EgressPolicy {
    EgressPolicy { allowed: Vec::new(), is_http_allowed: false }
}

fn callback(body: &Value) {
    drop(Callback::read(body, &policy()));
}

/// Every route.
pub(super) fn all() -> Vec<Route> {
    [keys(), clients(), companies(), members(), folders(), boards(), tasks(), webhooks(), operations()]
        .into_iter()
        .flatten()
        .collect()
}

fn keys() -> Vec<Route> {
    vec![
        get("/api/me", "Which key this is")
            .gives(me())
            .words("The key, its workspace and that workspace's owner: the test of a connection."),
        get("/api/users/me", "Which key this is").gives(me()).words("The same as `/api/me`."),
        get("/api/api-keys", "List API keys").pages::<Unfiltered>(api_key()),
        post("/api/api-keys", "Create an API key").reads(|body| NewApiKey::read(body, NOW)).creates(new_api_key()),
        get("/api/api-keys/{id}", "Show an API key").gives(api_key()),
        put("/api/api-keys/{id}", "Change an API key").reads(ApiKeyPatch::read).gives(api_key()),
        delete("/api/api-keys/{id}", "Delete an API key").words("The next request with it is refused, on every gateway."),
        post("/api/api-keys/{id}/roll", "Give an API key a new token").reads(read_roll).gives(new_api_key()),
    ]
}

fn clients() -> Vec<Route> {
    let client = || resource("client");
    vec![
        get("/api/clients", "List clients").pages::<UserFilter>(client()),
        post("/api/clients", "Create a client").reads(NewClient::read).creates(client()),
        get("/api/clients/export", "Export all clients").reads(Format::read).sends(&["text/csv", "application/x-ndjson"]),
        post("/api/clients/import", "Import clients from a file")
            .words("A CSV file as the body, or as the field `file` of a form. The operation imports it.")
            .reads(ImportOptions::read)
            .reads(callback)
            .takes_file()
            .begins(begun()),
        get("/api/clients/{id}", "Show a client").gives(client()),
        put("/api/clients/{id}", "Change a client").reads(ClientPatch::read).gives(client()),
        delete("/api/clients/{id}", "Delete a client"),
    ]
}

fn companies() -> Vec<Route> {
    let one = || resource("company");
    vec![
        get("/api/companies", "List companies").pages::<CompanyFilter>(one()),
        post("/api/companies", "Create a company").reads(NewCompany::read).creates(one()),
        get("/api/companies/{id}", "Show a company").expands(&["users"]).gives(company()),
        put("/api/companies/{id}", "Change a company").reads(CompanyPatch::read).gives(one()),
        delete("/api/companies/{id}", "Delete a company").words("Its clients stay."),
    ]
}

fn members() -> Vec<Route> {
    let member = || resource("member");
    vec![
        get("/api/members", "List the members of the team").pages::<UserFilter>(member()),
        post("/api/members", "Invite a member").reads(|body| NewMember::read(body, Role::Admin)).creates(member()),
        get("/api/members/{id}", "Show a member").gives(member()),
        put("/api/members/{id}", "Change a member's role").reads(|body| read_role(body, Role::Admin)).gives(member()),
        delete("/api/members/{id}", "Remove a member"),
    ]
}

fn folders() -> Vec<Route> {
    let folder = || resource("folder");
    vec![
        get("/api/folders", "List folders").pages::<FolderFilter>(folder()),
        post("/api/folders", "Create a folder").reads(NewFolder::read).creates(folder()),
        get("/api/folders/{id}", "Show a folder").gives(folder()),
        put("/api/folders/{id}", "Change a folder").reads(FolderPatch::read).gives(folder()),
        delete("/api/folders/{id}", "Delete a folder with all that lies in it")
            .words("At once, or as an operation with `background=true`.")
            .reads(|query| {
                let mut fields = Fields::of(query);
                fields.optional("background", boolean());
                callback(query);
            })
            .or_begins(begun()),
        post("/api/folders/{id}/archive", "Archive a folder").gives(folder()),
        post("/api/folders/{id}/restore", "Take a folder out of the archive").gives(folder()),
        post("/api/folders/{id}/move", "Move a folder").reads(Move::read).gives(folder()),
        get("/api/folders/{id}/children", "List what lies in a folder").pages::<ChildFilter>(child()),
        post("/api/folders/{id}/duplicate", "Copy a folder with all that lies in it")
            .reads(NewCopy::read)
            .reads(|body| drop(Move::read(body)))
            .reads(callback)
            .begins(begun()),
    ]
}

fn boards() -> Vec<Route> {
    let (board, list) = (|| resource("board"), || resource("list"));
    vec![
        get("/api/boards", "List boards").pages::<BoardFilter>(board()),
        post("/api/boards", "Create a board").reads(NewBoard::read).creates(board()),
        get("/api/boards/{id}", "Show a board").gives(board()),
        put("/api/boards/{id}", "Change a board").reads(BoardPatch::read).gives(board()),
        delete("/api/boards/{id}", "Delete a board with all that is on it"),
        post("/api/boards/{id}/archive", "Archive a board").gives(board()),
        post("/api/boards/{id}/restore", "Take a board out of the archive").gives(board()),
        post("/api/boards/{id}/move", "Move a board").reads(Move::read).gives(board()),
        get("/api/boards/{id}/lists", "List the lists of a board").pages::<ListFilter>(list()),
        post("/api/boards/{id}/lists", "Create a list").reads(NewList::read).creates(list()),
        get("/api/lists/{id}", "Show a list").gives(list()),
        put("/api/lists/{id}", "Change a list").reads(ListPatch::read).gives(list()),
        delete("/api/lists/{id}", "Delete a list with what is in it"),
    ]
}

fn tasks() -> Vec<Route> {
    const EXPANDED: &[&str] = &["assignee", "author", "board", "completer", "list", "milestone"];
    let person = || resource("client");
    vec![
        get("/api/boards/{id}/labels", "List the labels of a board").pages::<LabelFilter>(label()),
        post("/api/boards/{id}/labels", "Create a label").reads(NewLabel::read).creates(label()),
        get("/api/boards/{id}/labels/{label}", "Show a label").gives(label()),
        put("/api/boards/{id}/labels/{label}", "Change a label").reads(LabelPatch::read).gives(label()),
        delete("/api/boards/{id}/labels/{label}", "Delete a label"),
        get("/api/labels/{id}", "Show a label").gives(label()),
        put("/api/labels/{id}", "Change a label").reads(LabelPatch::read).gives(label()),
        delete("/api/labels/{id}", "Delete a label"),
        get("/api/boards/{id}/custom-fields", "List the custom fields of a board").pages::<CustomFieldFilter>(custom_field()),
        post("/api/boards/{id}/custom-fields", "Create a custom field").reads(NewCustomField::read).creates(custom_field()),
        get("/api/boards/{id}/custom-fields/{field}", "Show a custom field").gives(custom_field()),
        put("/api/boards/{id}/custom-fields/{field}", "Change a custom field")
            .reads(CustomFieldPatch::read)
            .gives(custom_field()),
        delete("/api/boards/{id}/custom-fields/{field}", "Delete a custom field with its values"),
        get("/api/custom-fields/{id}", "Show a custom field").gives(custom_field()),
        put("/api/custom-fields/{id}", "Change a custom field").reads(CustomFieldPatch::read).gives(custom_field()),
        delete("/api/custom-fields/{id}", "Delete a custom field with its values"),
        get("/api/boards/{id}/tasks", "List the tasks of a board").expands(EXPANDED).pages::<TaskFilter>(task(EXPANDED)),
        post("/api/boards/{id}/tasks", "Create a task").reads(NewTask::read).creates(task(&[])),
        get("/api/tasks/{id}", "Show a task").expands(EXPANDED).gives(task(EXPANDED)),
        put("/api/tasks/{id}", "Change a task").reads(TaskPatch::read).gives(task(&[])),
        delete("/api/tasks/{id}", "Delete a task"),
        post("/api/tasks/{id}/move", "Move a task").reads(TaskMove::read).gives(task(&[])),
        post("/api/tasks/{id}/complete", "Complete a task, or reopen it").reads(read_completed).gives(task(&[])),
        get("/api/tasks/{id}/completed", "Complete a task, or reopen it")
            .words("Deprecated: a change by GET. Use `POST /api/tasks/{id}/complete`.")
            .reads(read_completed)
            .gives(task(&[])),
        get("/api/tasks/{id}/labels", "List the labels of a task").pages::<LabelFilter>(label()),
        post("/api/tasks/{id}/labels", "Label a task").reads(read_label).creates(label()).or(label()),
        delete("/api/tasks/{id}/labels/{label}", "Take a label off a task"),
        get("/api/tasks/{id}/members", "List the members of a task").pages::<UserFilter>(person()),
        post("/api/tasks/{id}/members", "Add a member to a task").reads(read_user).creates(person()).or(person()),
        delete("/api/tasks/{id}/members/{user}", "Remove a member from a task"),
        get("/api/tasks/{id}/custom-fields", "List the values of a task").pages::<Unfiltered>(field_value()),
        post("/api/tasks/{id}/custom-fields", "Set a value of a task")
            .reads(NewValue::read)
            .creates(field_value())
            .or(field_value()),
        put("/api/tasks/{id}/custom-fields/{field}", "Change a value of a task").reads(read_value).gives(field_value()),
        delete("/api/tasks/{id}/custom-fields/{field}", "Remove a value from a task"),
        get("/api/tasks/{id}/comments", "List the comments on a task").pages::<Unfiltered>(comment()),
        post("/api/tasks/{id}/comments", "Comment on a task").reads(NewTaskComment::read).creates(comment()),
        get("/api/tasks/{id}/comments/{comment}", "Show a comment").gives(comment()),
        put("/api/tasks/{id}/comments/{comment}", "Change a comment").reads(TaskCommentPatch::read).gives(comment()),
        delete("/api/tasks/{id}/comments/{comment}", "Delete a comment"),
        get("/api/comments/{id}", "Show a comment").gives(comment()),
        put("/api/comments/{id}", "Change a comment").reads(TaskCommentPatch::read).gives(comment()),
        delete("/api/comments/{id}", "Delete a comment"),
    ]
}

fn comment() -> Thing {
    resource("task_comment")
}

fn label() -> Thing {
    resource("label")
}

fn webhooks() -> Vec<Route> {
    vec![
        get("/api/event-types", "List what a webhook can listen to").gives_all(event_type()),
        get("/api/events", "List events with what became of them")
            .words("Newest first, by `cursor`. With `state` a page may be short, or empty, and still go on: see `links.next`.")
            .reads(EventFilter::read)
            .gives_from_cursor(event()),
        get("/api/events/{id}", "Show an event with its deliveries").gives(event_in_full()),
        get("/api/webhooks", "List webhooks").pages::<WebhookFilter>(webhook()),
        post("/api/webhooks", "Create a webhook").reads(|body| NewWebhook::read(body, &policy())).creates(webhook()),
        get("/api/webhooks/{id}", "Show a webhook").gives(webhook()),
        put("/api/webhooks/{id}", "Change a webhook").reads(|body| WebhookPatch::read(body, &policy())).gives(webhook()),
        delete("/api/webhooks/{id}", "Delete a webhook"),
        post("/api/webhooks/{id}/rotate-secret", "Give a webhook a new secret").reads(Rotation::read).gives(webhook()),
        post("/api/webhooks/{id}/test", "Send a test to a webhook").begins(delivery()),
        post("/api/webhooks/{id}/replay", "Send past events once more")
            .reads(|body| NewReplay::read(body, NOW))
            .reads(callback)
            .begins(begun())
            .or(extent()),
        get("/api/webhooks/{id}/deliveries", "List a webhook's deliveries").pages::<DeliveryFilter>(delivery()),
        get("/api/deliveries/{id}", "Show a delivery with its attempts").gives(delivery_in_full()),
        post("/api/deliveries/{id}/retry", "Attempt a delivery now").gives(delivery()),
        post("/api/deliveries/{id}/skip", "Give a delivery up").gives(delivery()),
    ]
}

fn operations() -> Vec<Route> {
    vec![
        get("/api/operations", "List operations").pages::<OperationFilter>(operation()),
        get("/api/operations/{id}", "Show an operation").gives(operation()),
        post("/api/operations/{id}/cancel", "Cancel an operation").gives(operation()),
        get("/api/operations/{id}/failures", "What an operation could not do").sends(&["text/csv"]),
    ]
}

//! The pages under Settings: what a person sees. A handler reads a form into a validated `domain` type, does one unit of work
//! through the same store functions as the API, and renders a template. Pages work without JavaScript; with it, htmx swaps them in
//! place.

/// The signed-in person's own page.
mod account;
/// The API page: keys.
mod api_keys;
/// Stylesheet, script and icons, compiled in.
mod assets;
/// The audit log.
mod audit;
/// Charts, drawn into the page.
mod chart;
/// Importing clients from a file.
mod client_import;
/// The tab Clients of the page People.
mod clients;
/// A webhook's deliveries, and the page of one.
mod deliveries;
/// Devices in words.
mod device;
/// Errors as pages.
mod error;
/// Forms as they were sent, and what is wrong with them.
mod form;
/// Headers that every page carries, and who may send forms.
mod guard;
/// Guides: from a key to the first run.
mod guides;
/// The page of one integration.
mod integration;
/// The page Integrations.
mod integrations;
/// The page behind an invitation's link.
mod invitations;
/// The page Mail.
mod mail;
/// The page of an operation.
mod operation;
/// The page Operations.
mod operations;
/// The overview: events, deliveries, failures and latency over time.
mod overview;
/// Where in a list a page is.
mod pager;
/// The page People.
mod people;
/// The dialog with which a replay is begun.
mod replay;
/// Who is signed in.
mod session;
/// The frame around a page.
mod shell;
/// Signing in and out.
mod sign_in;
/// Signing in with a code that comes by mail.
mod sign_in_code;
/// A webhook's last day as a small chart.
mod spark;
/// The page of one webhook.
mod webhook;
/// The form that makes or changes a webhook.
mod webhook_form;
/// The page Webhooks.
mod webhooks;
/// Times and names as people read them.
mod words;

pub(crate) use error::WebError;
pub(crate) use shell::{html, written};

use crate::app::Gateway;
use crate::error::ApiError;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::response::Redirect;
use axum::routing::{any, get, post};

/// What page handlers give back.
pub(crate) type Page = Result<axum::response::Response, WebError>;

/// Every page. None of them is for API keys.
pub(crate) fn routes(gateway: &Gateway) -> Router<Gateway> {
    // The file that is sent is stored as it comes, and bounded there.
    let import = get(client_import::ask).post(client_import::preview).layer(DefaultBodyLimit::disable());
    let pages = Router::new()
        .route("/", get(async || Redirect::to("/settings")))
        .route("/settings", get(session::home))
        .route("/settings/overview", get(overview::show))
        .route("/settings/api", get(api_keys::list))
        .route("/settings/api/new", get(api_keys::new).post(api_keys::create))
        .route("/settings/api/{id}", get(api_keys::edit).post(api_keys::update))
        .route("/settings/api/{id}/delete", get(api_keys::ask_delete).post(api_keys::delete))
        .route("/settings/api/{id}/roll", get(api_keys::ask_roll).post(api_keys::roll))
        .route("/settings/webhooks", get(webhooks::list))
        .route("/settings/webhooks/new", get(webhook_form::new).post(webhook_form::create))
        .route("/settings/webhooks/{id}", get(webhook::show))
        .route("/settings/webhooks/{id}/edit", get(webhook_form::edit).post(webhook_form::update))
        .route("/settings/webhooks/{id}/pause", post(webhook::pause))
        .route("/settings/webhooks/{id}/resume", post(webhook::resume))
        .route("/settings/webhooks/{id}/test", post(webhook::test))
        .route("/settings/webhooks/{id}/secret", get(webhook::hide_secret).post(webhook::reveal_secret))
        .route("/settings/webhooks/{id}/rotate", get(webhook::ask_rotate).post(webhook::rotate))
        .route("/settings/webhooks/{id}/replay", get(replay::ask).post(replay::begin))
        .route("/settings/webhooks/{id}/delete", get(webhook::ask_delete).post(webhook::delete))
        .route("/settings/integrations", get(integrations::list))
        .route("/settings/integrations/{name}", get(integration::show))
        .route("/settings/deliveries/{id}", get(deliveries::show))
        .route("/settings/deliveries/{id}/retry", post(deliveries::retry))
        .route("/settings/deliveries/{id}/skip", post(deliveries::skip))
        .route("/settings/operations", get(operations::list))
        .route("/settings/operations/{id}", get(operation::show))
        .route("/settings/operations/{id}/cancel", post(operation::cancel))
        .route("/settings/operations/{id}/failures", get(operation::failures))
        .route("/settings/people", get(people::list))
        .route("/settings/people/invite", get(people::ask_invite).post(people::invite))
        .route("/settings/people/clients", get(clients::list))
        .route("/settings/people/clients/export", get(clients::export))
        .route("/settings/people/clients/import", import)
        .route("/settings/people/clients/import/{id}", post(client_import::begin))
        .route("/settings/people/clients/invite", get(clients::ask_invite).post(clients::invite))
        .route("/settings/people/clients/{id}/invite-again", post(clients::invite_again))
        .route("/settings/people/clients/{id}/revoke", get(clients::ask_revoke).post(clients::revoke))
        .route("/settings/people/{id}/invite-again", post(people::invite_again))
        .route("/settings/people/{id}/role", get(people::ask_role).post(people::set_role))
        .route("/settings/people/{id}/remove", get(people::ask_remove).post(people::remove))
        .route("/settings/mail", get(mail::list))
        .route("/settings/mail/{id}", get(mail::show))
        .route("/settings/mail/{id}/send-again", post(mail::send_again))
        .route("/settings/audit", get(audit::list))
        .route("/settings/account", get(account::show).post(account::update))
        .route("/settings/account/sessions/{id}/sign-out", post(account::sign_out_one))
        .route("/settings/account/password", post(account::change_password))
        .route("/settings/account/sign-out-others", post(account::sign_out_others))
        // Whoever mistypes an address here is a person, and gets a page.
        .route("/settings/", any(async || WebError::Api(ApiError::NotFound)))
        .route("/settings/{*rest}", any(async || WebError::Api(ApiError::NotFound)))
        .route("/docs", get(crate::openapi::page))
        .route("/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/sign-in/code/send", post(sign_in_code::send))
        .route("/sign-in/code", post(sign_in_code::sign_in))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/invitations/{ticket}", get(invitations::show).post(invitations::accept));
    guard::around(pages, gateway).merge(assets::routes())
}

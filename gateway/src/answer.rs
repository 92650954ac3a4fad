//! How answers look: bare objects in Kitchen's dialect, and pages as `{data, links, meta}` with the same members and the
//! same window of page links that Kitchen's lists have. Handlers say what they answer; `layer` writes it.

use crate::app::Gateway;
use crate::error::ApiError;
use axum::Extension;
use axum::extract::{FromRequestParts, OriginalUri, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use domain::dialect::{canonical, kitchen};
use domain::page::{Cursor, Page};
use serde::Serialize;
use serde_json::{Value, json};

/// What handlers give back.
pub(crate) type Answer = Result<Response, ApiError>;

/// What an answer says, with millisecond times. `layer` writes it in Kitchen's dialect; whoever calls the API from within takes it
/// as it is.
#[derive(Clone)]
pub(crate) struct Said(pub(crate) Value);

/// Writes the bodies of the API's answers.
pub(crate) async fn layer(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if let Some(Said(value)) = response.extensions_mut().remove::<Said>() {
        *response.body_mut() = kitchen(value).to_string().into();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    response
}

fn say(status: StatusCode, value: Value) -> Response {
    (status, Extension(Said(value))).into_response()
}

/// 200 with a resource.
pub(crate) fn ok(resource: &impl Serialize) -> Answer {
    Ok(say(StatusCode::OK, canonical(resource)))
}

/// 201 with a resource.
pub(crate) fn created(resource: &impl Serialize) -> Answer {
    Ok(say(StatusCode::CREATED, canonical(resource)))
}

/// 201 with what was not there before, 200 with what was: asking twice is no error.
pub(crate) fn made_or_there(resource: &impl Serialize, is_new: bool) -> Answer {
    if is_new { created(resource) } else { ok(resource) }
}

/// 202 with a resource that something is still to be done about.
pub(crate) fn accepted(resource: &impl Serialize) -> Answer {
    Ok(say(StatusCode::ACCEPTED, canonical(resource)))
}

/// 204.
pub(crate) fn deleted() -> Answer {
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Where the request came in, for absolute links.
pub(crate) struct Here {
    base: String,
    uri: Uri,
}

impl FromRequestParts<Gateway> for Here {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, ApiError> {
        let uri = parts.extensions.get::<OriginalUri>().map_or_else(|| parts.uri.clone(), |original| original.0.clone());
        Ok(Self { base: base(gateway, &parts.headers), uri })
    }
}

fn base(gateway: &Gateway, headers: &HeaderMap) -> String {
    if let Some(url) = &gateway.settings().public_url {
        return url.as_str().trim_end_matches('/').to_owned();
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    format!("http://{host}")
}

impl Here {
    /// An absolute link to a path of this gateway.
    pub(crate) fn link(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// This list, with the same filters, at another page.
    fn page(&self, page: u64) -> String {
        self.with("page", &page.to_string())
    }

    /// This list, with the same filters, and one of them said anew.
    fn with(&self, anew: &str, said: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in form_urlencoded::parse(self.uri.query().unwrap_or_default().as_bytes()) {
            if name != anew {
                query.append_pair(&name, &value);
            }
        }
        query.append_pair(anew, said);
        format!("{}?{}", self.link(self.uri.path()), query.finish())
    }
}

/// 200 with one page of a list.
pub(crate) fn page<T: Serialize>(here: &Here, page: &Page<T>) -> Answer {
    let rows: Vec<Value> = page.rows.iter().map(canonical).collect();
    Ok(say(StatusCode::OK, page_of(here, &rows, page.total, page.request.page, page.request.per_page)))
}

/// 200 with rows of a list that is not numbered, and where it goes on; as Laravel's lists by cursor have it.
pub(crate) fn cursor_page(here: &Here, rows: &[Value], next: Option<&Cursor>, per_page: u32) -> Answer {
    let next = next.map(Cursor::to_string);
    let link = next.as_deref().map(|cursor| here.with("cursor", cursor));
    Ok(say(
        StatusCode::OK,
        json!({
            "data": rows,
            "links": {"first": null, "last": null, "prev": null, "next": link},
            "meta": {"path": here.link(here.uri.path()), "per_page": per_page, "next_cursor": next, "prev_cursor": null},
        }),
    ))
}

fn page_of(here: &Here, rows: &[Value], total: u64, current: u32, per_page: u32) -> Value {
    let (current, per_page) = (u64::from(current), u64::from(per_page));
    let last = total.div_ceil(per_page).max(1);
    let before = (current - 1).saturating_mul(per_page);
    let count = rows.len() as u64;
    let previous = (current > 1).then(|| here.page(current - 1));
    let next = (current < last).then(|| here.page(current + 1));
    json!({
        "data": rows,
        "links": {"first": here.page(1), "last": here.page(last), "prev": previous, "next": next},
        "meta": {
            "current_page": current,
            "from": (count > 0).then_some(before + 1),
            "last_page": last,
            "links": page_links(here, current, last, previous.as_deref(), next.as_deref()),
            "path": here.link(here.uri.path()),
            "per_page": per_page,
            "to": (count > 0).then_some(before + count),
            "total": total,
        },
    })
}

fn page_links(here: &Here, current: u64, last: u64, previous: Option<&str>, next: Option<&str>) -> Vec<Value> {
    let link = |url: Option<&str>, label: &str, is_active: bool| json!({"url": url, "label": label, "active": is_active});
    let mut links = vec![link(previous, "&laquo; Previous", false)];
    for page in window(current, last) {
        links.push(match page {
            Some(page) => link(Some(&here.page(page)), &page.to_string(), page == current),
            None => link(None, "...", false),
        });
    }
    links.push(link(next, "Next &raquo;", false));
    links
}

/// The pages that get a link, `None` for a gap: all of a short list; of a long one both ends and three on each side.
fn window(current: u64, last: u64) -> Vec<Option<u64>> {
    const EACH_SIDE: u64 = 3;
    const NEAR_END: u64 = EACH_SIDE + 4;
    let range = |from: u64, to: u64| (from..=to).map(Some);
    if last < EACH_SIDE * 2 + 8 {
        range(1, last).collect()
    } else if current <= NEAR_END {
        range(1, NEAR_END + EACH_SIDE).chain([None]).chain(range(last - 1, last)).collect()
    } else if current > last - NEAR_END {
        range(1, 2).chain([None]).chain(range(last - (NEAR_END + EACH_SIDE - 1), last)).collect()
    } else {
        range(1, 2)
            .chain([None])
            .chain(range(current - EACH_SIDE, current + EACH_SIDE))
            .chain([None])
            .chain(range(last - 1, last))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::window;

    fn shown(current: u64, last: u64) -> String {
        window(current, last)
            .into_iter()
            .map(|page| page.map_or("…".to_owned(), |page| page.to_string()))
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn long_lists_show_both_ends_and_the_neighbours() {
        assert_eq!(shown(1, 3), "1 2 3");
        assert_eq!(shown(1, 20), "1 2 3 4 5 6 7 8 9 10 … 19 20");
        assert_eq!(shown(10, 20), "1 2 … 7 8 9 10 11 12 13 … 19 20");
        assert_eq!(shown(20, 20), "1 2 … 11 12 13 14 15 16 17 18 19 20");
    }
}

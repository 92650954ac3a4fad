//! Answers that are longer than memory should hold: written row by row, page by page, as fast as they are read. One that breaks off
//! ends its connection without an end, so that nobody takes it for whole.

use crate::answer::Answer;
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use domain::client_import::guarded;
use futures_util::stream::try_unfold;
use store::StoreError;

/// A line of CSV (RFC 4180): quoted where it must be, and guarded against spreadsheets that would take text for a formula.
pub(crate) fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells = cells.into_iter().map(|cell| {
        let cell = guarded(cell);
        if cell.contains(['"', ',', '\n', '\r', ';', '\t']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
    });
    cells.collect::<Vec<_>>().join(",") + "\r\n"
}

/// 200 with a file that people save under this name. `next` gives the part behind a place, and the place behind that part; `None`
/// where nothing is left.
pub(crate) fn file<P, F>(kind: &'static str, name: &str, head: String, first: P, next: impl Fn(P) -> F + Send + 'static) -> Answer
where
    P: Send + 'static,
    F: Future<Output = Result<Option<(String, P)>, StoreError>> + Send + 'static,
{
    let parts = try_unfold((Some(head), first, next), |(head, place, next)| async move {
        if let Some(head) = head.filter(|head| !head.is_empty()) {
            return Ok::<_, StoreError>(Some((Bytes::from(head), (None, place, next))));
        }
        Ok(next(place).await?.map(|(part, place)| (Bytes::from(part), (None, place, next))))
    });
    let mut answer = Response::new(Body::from_stream(parts));
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(answer)
}

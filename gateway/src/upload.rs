//! Files that are sent: taken in as they come, judged on the way, and stored in pieces, so that none is ever held in memory. A file is
//! text in UTF-8; it comes as the body itself, or as the field `file` of a form.

use crate::app::Gateway;
use crate::error::ApiError;
use crate::form;
use axum::body::{Body, Bytes};
use axum::extract::multipart::Field;
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::header;
use domain::client_import::MAX_BYTES;
use domain::ids::{UploadId, WorkspaceId};
use domain::input::Invalid;
use domain::spreadsheet::{Opening, Outline};
use http_body_util::BodyExt as _;
use serde_json::Value;
use std::time::Duration;
use store::uploads::{self, PIECE};

/// How long the next part of a file may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest text in a field of a form beside the file.
const MAX_FIELD: usize = 4096;

/// A file that was stored, and what was asked with it.
pub(crate) struct Upload {
    pub(crate) id: UploadId,
    /// What it is called, if that was said.
    pub(crate) name: Option<String>,
    pub(crate) size: u64,
    /// Its first piece.
    pub(crate) beginning: Vec<u8>,
    /// What stands in front of its header.
    pub(crate) opening: Opening,
    /// Its rows, the header included.
    pub(crate) rows_count: u64,
    /// The fields of the query, and of the form around it.
    pub(crate) fields: Value,
}

/// Where the bytes come from.
enum Source<'a> {
    Body(Body),
    Field(Box<Field<'a>>),
}

impl Source<'_> {
    async fn next(&mut self) -> Result<Option<Bytes>, ApiError> {
        let broken = || ApiError::Malformed("The file ended early.".into());
        let read = async {
            match self {
                Self::Field(field) => field.chunk().await.map_err(|_| broken()),
                Self::Body(body) => match body.frame().await {
                    Some(Ok(frame)) => Ok(Some(frame.into_data().unwrap_or_default())),
                    Some(Err(_)) => Err(broken()),
                    None => Ok(None),
                },
            }
        };
        tokio::time::timeout(PATIENCE, read).await.map_err(|_| ApiError::Timeout)?
    }
}

/// Takes a file in.
pub(crate) async fn receive(gateway: &Gateway, workspace: &WorkspaceId, request: Request) -> Result<Upload, ApiError> {
    let headers = request.headers();
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    // A form is a little longer than the file in it.
    if declared.is_some_and(|length| length > MAX_BYTES + 64 * 1024) {
        return Err(too_large());
    }
    if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(ApiError::UnsupportedMediaType("Compressed request bodies are not read here; send the body as it is."));
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let mut fields = form::parse(request.uri().query().unwrap_or_default().as_bytes()).map_err(ApiError::Malformed)?;
    match kind.as_str() {
        "text/csv" => store(gateway, workspace, &mut Source::Body(request.into_body()), None, fields).await,
        "multipart/form-data" => {
            let unreadable = || ApiError::Malformed("The form cannot be read.".into());
            let mut form = Multipart::from_request(request, gateway).await.map_err(|_| unreadable())?;
            let mut upload = None;
            while let Some(field) = form.next_field().await.map_err(|_| unreadable())? {
                let name = field.name().unwrap_or_default().to_owned();
                if name == "file" && upload.is_none() {
                    let called = field.file_name().map(str::to_owned);
                    upload = Some(store(gateway, workspace, &mut Source::Field(Box::new(field)), called, Value::Null).await?);
                } else {
                    fields[name] = Value::from(text(&mut Source::Field(Box::new(field))).await?);
                }
            }
            let upload = upload.ok_or_else(|| Invalid::field("file", "The file field is required."))?;
            Ok(Upload { fields, ..upload })
        }
        _ => Err(ApiError::UnsupportedMediaType("Send the file as text/csv, or as the field `file` of multipart/form-data.")),
    }
}

fn too_large() -> ApiError {
    ApiError::TooLarge(usize::try_from(MAX_BYTES).unwrap_or(usize::MAX))
}

/// A field of a form beside the file.
async fn text(source: &mut Source<'_>) -> Result<String, ApiError> {
    let mut bytes = Vec::new();
    while let Some(part) = source.next().await? {
        if bytes.len() + part.len() > MAX_FIELD {
            return Err(ApiError::Malformed(format!("A field beside the file must not be longer than {MAX_FIELD} bytes.")));
        }
        bytes.extend_from_slice(&part);
    }
    String::from_utf8(bytes).map_err(|_| ApiError::Malformed("The form is not in UTF-8.".into()))
}

async fn store(
    gateway: &Gateway,
    workspace: &WorkspaceId,
    source: &mut Source<'_>,
    name: Option<String>,
    fields: Value,
) -> Result<Upload, ApiError> {
    let id = UploadId::new(gateway.store().clock().now());
    let (mut piece, mut number, mut size) = (Vec::with_capacity(PIECE), 0, 0);
    let (mut beginning, mut outlined) = (Vec::new(), None::<(Opening, Outline)>);
    let mut judge = Utf8::default();
    loop {
        let part = source.next().await?;
        let is_end = part.is_none();
        let mut rest: &[u8] = part.as_deref().unwrap_or_default();
        size += rest.len() as u64;
        if size > MAX_BYTES {
            return Err(too_large());
        }
        loop {
            let (now, later) = rest.split_at(rest.len().min(PIECE - piece.len()));
            piece.extend_from_slice(now);
            rest = later;
            if piece.len() < PIECE && (piece.is_empty() || !is_end) {
                break;
            }
            judge.take(&piece)?;
            if let Some((_, outline)) = &mut outlined {
                outline.take(&piece);
            } else {
                beginning.clone_from(&piece);
                let opening = Opening::of(&piece);
                let mut outline = Outline::new(&opening);
                outline.take(&piece[opening.bytes..]);
                outlined = Some((opening, outline));
            }
            let full = std::mem::replace(&mut piece, Vec::with_capacity(PIECE));
            uploads::write(gateway.store(), workspace, &id, number, full).await?;
            number += 1;
        }
        if is_end {
            break;
        }
    }
    judge.finish()?;
    let (opening, rows_count) = match outlined {
        Some((opening, outline)) => (opening, outline.finish().map_err(unclosed)?),
        None => (Opening::of(&[]), 0),
    };
    Ok(Upload { id, name, size, beginning, opening, rows_count, fields })
}

fn unclosed(line: u64) -> ApiError {
    let text = format!(
        "The quote that opens in line {line} is never closed: all that follows would be one cell. Close it, or write a quote that \
         belongs to the text twice inside a quoted cell, and send the file again."
    );
    Invalid::field("file", text).into()
}

/// Judges whether what passes by is text in UTF-8; a character may lie in two pieces. NUL is none that text has: it is what UTF-16 has
/// beside each plain letter, and Postgres keeps none.
#[derive(Default)]
struct Utf8 {
    /// The beginning of a character whose rest is in the next piece.
    open: Vec<u8>,
    lines: u64,
}

impl Utf8 {
    fn take(&mut self, piece: &[u8]) -> Result<(), ApiError> {
        let bytes = [self.open.as_slice(), piece].concat();
        let (valid, is_broken) = match std::str::from_utf8(&bytes) {
            Ok(_) => (bytes.len(), false),
            Err(error) => (error.valid_up_to(), error.error_len().is_some()),
        };
        let nul = bytes[..valid].iter().position(|byte| *byte == 0);
        self.lines += bytes[..nul.unwrap_or(valid)].iter().filter(|byte| **byte == b'\n').count() as u64;
        if nul.is_some() || is_broken {
            return Err(self.refusal());
        }
        self.open = bytes[valid..].to_vec();
        Ok(())
    }

    fn finish(&self) -> Result<(), ApiError> {
        if self.open.is_empty() { Ok(()) } else { Err(self.refusal()) }
    }

    fn refusal(&self) -> ApiError {
        let line = self.lines + 1;
        let text = format!("The file must be text in UTF-8; line {line} is not. Save it as “CSV UTF-8”, and send it again.");
        Invalid::field("file", text).into()
    }
}

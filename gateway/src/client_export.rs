//! All clients of a workspace as a file, for programs and for the page: read page by page, so that it takes no memory.

use crate::answer::Answer;
use crate::app::Gateway;
use crate::csv;
use domain::dialect::{canonical, kitchen};
use domain::ids::{UserId, WorkspaceId};
use domain::input::{Fields, Invalid, one_of};
use serde_json::Value;
use store::clients::{self, Client};

/// Clients that are read at a time.
const PART: u32 = 500;

/// How the file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// For spreadsheets, and to be imported again.
    Csv,
    /// One client as JSON on each line.
    Ndjson,
}

impl Format {
    /// Reads `format` of a query.
    pub(crate) fn read(query: &Value) -> Result<Self, Invalid> {
        let mut fields = Fields::of(query);
        let named = |name: &str| match name {
            "csv" => Some(Self::Csv),
            "ndjson" => Some(Self::Ndjson),
            _ => None,
        };
        let format = fields.optional("format", one_of(vec!["csv", "ndjson"], named));
        fields.finish(|| Some(format.unwrap_or(Self::Csv)))
    }
}

const COLUMNS: [&str; 13] = [
    "id",
    "name",
    "email",
    "username",
    "title",
    "phone",
    "language",
    "timezone",
    "color",
    "company",
    "company_id",
    "created_at",
    "updated_at",
];

fn line(client: &Client) -> String {
    let user = &client.user;
    let fields = kitchen(canonical(user));
    let cell = |name: &str| match name {
        "company" => client.company_name.as_deref().unwrap_or_default(),
        "company_id" => fields["company"].as_str().unwrap_or_default(),
        name => fields[name].as_str().unwrap_or_default(),
    };
    csv::line(COLUMNS.map(cell))
}

/// The file.
pub(crate) fn answer(gateway: Gateway, workspace: WorkspaceId, format: Format) -> Answer {
    let (kind, name, head) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "clients.csv", csv::line(COLUMNS)),
        Format::Ndjson => ("application/x-ndjson", "clients.ndjson", String::new()),
    };
    csv::file(kind, name, head, None::<(i64, UserId)>, move |behind| {
        let (store, workspace) = (gateway.store().clone(), workspace.clone());
        async move {
            let mut view = store.read(&workspace).await?;
            let found = clients::behind(&mut view, behind.as_ref(), PART).await?;
            drop(view);
            let text = found.iter().map(|client| match format {
                Format::Csv => line(client),
                Format::Ndjson => kitchen(canonical(&client.user)).to_string() + "\n",
            });
            Ok(found.last().map(|last| (text.collect(), Some((last.user.created_at.millis(), last.user.id.clone())))))
        }
    })
}

//! Importing clients from CSV: which of the file's columns is which field, and what a row says. Pure: how the file is read is
//! `spreadsheet`'s, who is on record already is `store`'s.

use crate::ids::UploadId;
use crate::input::{Fields, Invalid, boolean};
use crate::spreadsheet::Row;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The largest file.
pub const MAX_BYTES: u64 = 64 * 1024 * 1024;
/// A field, and what else its column may be called. Compared without regard to case and to what is neither letter nor digit.
const FIELDS: [(&str, &[&str]); 9] = [
    ("name", &["fullname", "client", "clientname"]),
    ("email", &["mail", "emailaddress", "mailaddress"]),
    ("username", &["user"]),
    ("title", &["jobtitle", "position"]),
    ("phone", &["phonenumber", "telephone", "mobile"]),
    ("language", &["locale"]),
    ("timezone", &["tz"]),
    ("color", &["colour"]),
    ("company", &["companyname", "organization", "organisation"]),
];

/// What an import is asked with, beside the file.
#[derive(Clone, Debug)]
pub struct ImportOptions {
    /// Whether nothing is to be written.
    pub is_dry_run: bool,
}

impl ImportOptions {
    /// Reads the query, or the fields of a form.
    pub fn read(fields: &Value) -> Result<Self, Invalid> {
        let mut fields = Fields::of(fields);
        let is_dry_run = fields.optional("dry_run", boolean()).unwrap_or(false);
        fields.finish(|| Some(Self { is_dry_run }))
    }
}

/// An import as it is kept with its operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientImport {
    /// The file.
    pub upload: String,
    /// How many bytes it has.
    pub size: u64,
    /// Whether nothing is to be written.
    pub dry_run: bool,
    /// What stands between two cells.
    pub delimiter: char,
    /// The field of each column; `None` for one that is left out.
    pub columns: Vec<Option<String>>,
    /// What the columns are called that are left out.
    pub ignored_columns: Vec<String>,
    /// Where the rows begin: bytes and lines before them.
    pub begins_at: (u64, u64),
}

/// Finds the field of each column by its name; what has none is left out.
pub fn columns_of(header: &[String]) -> Result<(Vec<Option<String>>, Vec<String>), Invalid> {
    let mut columns: Vec<Option<String>> = Vec::with_capacity(header.len());
    let mut ignored = Vec::new();
    for name in header {
        let key: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        let field =
            FIELDS.iter().find(|(field, others)| *field == key || others.contains(&key.as_str())).map(|(field, _)| *field);
        match field {
            Some(field) if columns.iter().flatten().any(|one| one == field) => {
                return Err(Invalid::field(
                    "file",
                    format!("The file has more than one column for {field}; leave one of them out."),
                ));
            }
            Some(field) => columns.push(Some(field.to_owned())),
            None => {
                columns.push(None);
                ignored.push(quoted(name));
            }
        }
    }
    if columns.iter().flatten().any(|field| field == "email") {
        return Ok((columns, ignored));
    }
    let found = header.iter().take(20).map(|name| format!("`{}`", name.chars().take(40).collect::<String>()));
    let found = found.collect::<Vec<_>>().join(", ");
    Err(Invalid::field("file", format!("The first line of the file must name the columns, one of them email. It names {found}.")))
}

impl ClientImport {
    /// What a row says, field by field; an empty cell says nothing. `None` for a row without any text.
    pub fn fields(&self, row: &Row) -> Option<Value> {
        let mut fields = Map::new();
        for (cell, column) in row.cells.iter().zip(&self.columns) {
            let text = unguarded(cell.trim());
            if let Some(field) = column
                && !text.is_empty()
            {
                fields.insert(field.clone(), Value::from(text));
            }
        }
        row.cells.iter().any(|cell| !cell.trim().is_empty()).then_some(Value::Object(fields))
    }

    /// What is wrong with the row's shape, if anything: a cell that belongs to no column.
    pub fn surplus(&self, row: &Row) -> Option<String> {
        let has_surplus = row.cells.iter().skip(self.columns.len()).any(|cell| !cell.trim().is_empty());
        has_surplus.then(|| format!("The row has {} cells and the header {}.", row.cells.len(), self.columns.len()))
    }
}

/// What a spreadsheet would take for the beginning of a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Whether what follows any apostrophes looks like a formula. One that has an apostrophe already gets another, so that the one which is
/// taken off is always ours.
fn is_guarded_against(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(FORMULA)
}

/// A cell that no spreadsheet takes for a formula: an apostrophe goes in front of what looks like one.
pub fn guarded(text: &str) -> String {
    if is_guarded_against(text) { format!("'{text}") } else { text.to_owned() }
}

/// The same cell without that apostrophe.
fn unguarded(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| is_guarded_against(rest)).unwrap_or(text)
}

/// The most of a cell that a message repeats, in characters.
const QUOTED: usize = 80;

/// A cell as messages repeat it: what is told of rows is kept with the import, and must not grow with what somebody wrote into them.
pub fn quoted(cell: &str) -> String {
    cell.char_indices().nth(QUOTED).map_or_else(|| cell.to_owned(), |(end, _)| format!("{}…", &cell[..end]))
}

/// An upload's id from the text it is kept as.
pub fn upload_id(import: &ClientImport) -> UploadId {
    UploadId::from_stored(import.upload.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_known_by_many_names_and_each_field_once() -> Result<(), Invalid> {
        let header = |names: &[&str]| columns_of(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        let (columns, ignored) = header(&["E-Mail", "Full name", "Shoe size"])?;
        assert_eq!(columns, [Some("email".to_owned()), Some("name".to_owned()), None]);
        assert_eq!(ignored, ["Shoe size"]);
        assert!(header(&["name"]).is_err() && header(&["email", "E-mail address"]).is_err());
        Ok(())
    }

    #[test]
    fn what_looks_like_a_formula_comes_back_as_it_was() {
        for text in ["=1+1", "+44 20", "-1", "@x", "plain", "'quoted", "'=q", "''@x", ""] {
            assert_eq!(unguarded(&guarded(text)), text);
            assert!(!guarded(text).starts_with(FORMULA));
        }
    }
}

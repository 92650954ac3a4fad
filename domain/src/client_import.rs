//! Importing clients from CSV: how the file is read in parts, which of its columns is which field, and what a row says. Pure: where
//! the parts come from, and who is on record already, is `store`'s.

use crate::ids::UploadId;
use crate::input::{Fields, Invalid, boolean};
use csv_core::ReadRecordResult;
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

/// A row of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The line it begins in, from 1.
    pub line: u64,
    /// Its cells.
    pub cells: Vec<String>,
}

/// Rows that were read from a part of the file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// The rows.
    pub rows: Vec<Row>,
    /// Bytes of the part they take up.
    pub used: usize,
    /// Lines that end in these.
    pub lines: u64,
}

/// Line breaks, of which `\r\n` is one.
fn breaks(text: &[u8]) -> u64 {
    let ends =
        |(at, byte): (usize, &u8)| *byte == b'\n' || (*byte == b'\r' && text.get(at + 1).is_some_and(|next| *next != b'\n'));
    text.iter().enumerate().filter(|one| ends(*one)).count() as u64
}

/// Reads at most `most` rows from the beginning of a part. A row at its end counts only if the part is the last one: otherwise the
/// rest of it may be missing. `before` are the lines in front of the part.
pub fn read_rows(part: &[u8], delimiter: char, is_last: bool, before: u64, most: usize) -> Rows {
    let delimiter = u8::try_from(delimiter).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(part);
    let (mut read, mut record, mut counted, mut line) = (Rows::default(), csv::ByteRecord::new(), 0, before + 1);
    while read.rows.len() < most {
        let begun = read.used;
        // A slice never fails to be read, and rows may have any number of cells.
        if !reader.read_byte_record(&mut record).unwrap_or(false) {
            if is_last {
                read.used = part.len();
            }
            break;
        }
        let end = usize::try_from(reader.position().byte()).unwrap_or(part.len());
        if end >= part.len() && !is_last {
            break;
        }
        // Empty lines in front of a row are no rows.
        let start = begun + part[begun..end].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        line += breaks(&part[counted..start]);
        counted = start;
        let cells = record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
        read.rows.push(Row { line, cells });
        read.used = end;
    }
    read.lines = breaks(&part[..read.used]);
    read
}

/// Counts the rows of a file that passes by, without keeping any of it.
pub struct RowCounter {
    reader: csv_core::Reader,
    count: u64,
}

impl RowCounter {
    /// For a file with this between its cells.
    pub fn new(delimiter: char) -> Self {
        let delimiter = u8::try_from(delimiter).unwrap_or(b',');
        Self { reader: csv_core::ReaderBuilder::new().delimiter(delimiter).build(), count: 0 }
    }

    /// Takes the next part.
    pub fn take(&mut self, mut part: &[u8]) {
        let (mut cells, mut ends) = ([0; 4096], [0; 256]);
        while !part.is_empty() {
            let (result, used, _, _) = self.reader.read_record(part, &mut cells, &mut ends);
            part = part.get(used..).unwrap_or_default();
            self.count += u64::from(matches!(result, ReadRecordResult::Record));
        }
    }

    /// How many rows there were, the header included.
    pub fn finish(mut self) -> u64 {
        let (mut cells, mut ends) = ([0; 4096], [0; 256]);
        loop {
            match self.reader.read_record(&[], &mut cells, &mut ends).0 {
                ReadRecordResult::Record => self.count += 1,
                ReadRecordResult::End => return self.count,
                _ => {}
            }
        }
    }
}

/// What stands between the cells of a header: whichever of comma, semicolon and tab there is most of outside quotes.
pub fn delimiter_of(beginning: &str) -> char {
    let (mut counts, mut is_quoted) = ([0_usize; 3], false);
    for c in beginning.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            '\n' | '\r' if !is_quoted => break,
            c if !is_quoted => {
                if let Some(place) = [',', ';', '\t'].iter().position(|one| *one == c) {
                    counts[place] += 1;
                }
            }
            _ => {}
        }
    }
    match counts {
        [comma, semicolon, tab] if semicolon > comma && semicolon >= tab => ';',
        [comma, _, tab] if tab > comma => '\t',
        _ => ',',
    }
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
                ignored.push(name.clone());
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

/// An upload's id from the text it is kept as.
pub fn upload_id(import: &ClientImport) -> UploadId {
    UploadId::from_stored(import.upload.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str =
        "name,email\r\n\"Lovelace, Ada\",ada@example.com\r\n\r\n\"Two\r\nlines\",b@example.com\r\nC \"x\",c@example.com";

    #[test]
    fn a_file_read_in_parts_of_any_size_has_the_same_rows_and_lines() {
        let whole = read_rows(FILE.as_bytes(), ',', true, 0, 100);
        let lines: Vec<u64> = whole.rows.iter().map(|row| row.line).collect();
        assert_eq!(lines, [1, 2, 4, 6]);
        assert_eq!(whole.rows[1].cells, ["Lovelace, Ada", "ada@example.com"]);
        assert_eq!(whole.rows[2].cells, ["Two\r\nlines", "b@example.com"]);
        for size in 40..FILE.len() {
            for most in [1, 2, 100] {
                let (mut at, mut before, mut rows) = (0, 0, Vec::new());
                while at < FILE.len() {
                    let end = (at + size).min(FILE.len());
                    let read = read_rows(&FILE.as_bytes()[at..end], ',', end == FILE.len(), before, most);
                    assert!(read.used > 0, "no way on at {at} with {size}");
                    (at, before) = (at + read.used, before + read.lines);
                    rows.extend(read.rows);
                }
                assert_eq!(rows, whole.rows, "parts of {size}, {most} at a time");
            }
        }
        for size in 1..FILE.len() {
            let mut counter = RowCounter::new(',');
            FILE.as_bytes().chunks(size).for_each(|part| counter.take(part));
            assert_eq!(counter.finish(), 4, "parts of {size}");
        }
    }

    #[test]
    fn columns_are_known_by_many_names_and_each_field_once() -> Result<(), Invalid> {
        let header = |names: &[&str]| columns_of(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        let (columns, ignored) = header(&["E-Mail", "Full name", "Shoe size"])?;
        assert_eq!(columns, [Some("email".to_owned()), Some("name".to_owned()), None]);
        assert_eq!(ignored, ["Shoe size"]);
        assert!(header(&["name"]).is_err() && header(&["email", "E-mail address"]).is_err());
        for (line, expected) in [("a,b", ','), ("a;b;\"c,d,e\"\n,,,,", ';'), ("a\tb", '\t'), ("email", ',')] {
            assert_eq!(delimiter_of(line), expected, "{line}");
        }
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

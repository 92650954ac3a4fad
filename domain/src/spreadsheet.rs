//! A CSV file as spreadsheets write it: how it begins, how it is read in parts, and whether it is whole. Pure: where the parts come
//! from is the caller's.

/// What a spreadsheet may put in front of text in UTF-8.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// What stands in front of the line that names the columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// What stands between two cells.
    pub delimiter: char,
    /// Bytes in front of that line.
    pub bytes: usize,
    /// Lines in front of it.
    pub lines: u64,
}

impl Opening {
    /// From the first bytes of a file. What stands between cells is said by a line such as `sep=;`, which Excel writes and reads,
    /// or else is whichever of comma, semicolon and tab there is most of.
    pub fn of(beginning: &[u8]) -> Self {
        let mark = if beginning.starts_with(MARK) { MARK.len() } else { 0 };
        let text = String::from_utf8_lossy(&beginning[mark..]);
        let line = text.split(['\r', '\n']).next().unwrap_or_default();
        let Some(delimiter) = told(line) else { return Self { delimiter: delimiter_of(&text), bytes: mark, lines: 0 } };
        let end = match text[line.len()..].as_bytes() {
            [b'\r', b'\n', ..] => 2,
            [] => 0,
            _ => 1,
        };
        Self { delimiter, bytes: mark + line.len() + end, lines: 1 }
    }
}

/// The delimiter that `sep=;` names.
fn told(line: &str) -> Option<char> {
    let (name, delimiter) = line.trim_matches('"').split_at_checked(4)?;
    let delimiter = delimiter.parse().ok().filter(|one: &char| one.is_ascii() && !one.is_ascii_alphanumeric() && *one != '"')?;
    name.eq_ignore_ascii_case("sep=").then_some(delimiter)
}

/// What stands between the cells of a header: whichever of comma, semicolon and tab there is most of outside quotes.
fn delimiter_of(beginning: &str) -> char {
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

/// A row of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The line it begins in, from 1.
    pub line: u64,
    /// The line it ends in: another one if a quoted cell goes over several.
    pub last_line: u64,
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
        let last_line = line + breaks(part[start..end].trim_ascii_end());
        let cells = record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
        read.rows.push(Row { line, last_line, cells });
        read.used = end;
    }
    read.lines = breaks(&part[..read.used]);
    read
}

/// Where a byte of the file stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Row,
    Cell,
    Plain,
    Quoted,
    /// Behind a quote in a quoted cell, which ends it unless another follows.
    Unquoted,
}

/// Counts the rows of a file that passes by, and sees whether its last quote is closed, without keeping any of it.
pub struct Outline {
    delimiter: u8,
    place: Place,
    rows_count: u64,
    line: u64,
    is_behind_return: bool,
    /// The line in which a quote was opened last.
    quote: u64,
}

impl Outline {
    /// For what follows the opening of a file.
    pub fn new(opening: &Opening) -> Self {
        let delimiter = u8::try_from(opening.delimiter).unwrap_or(b',');
        Self { delimiter, place: Place::Row, rows_count: 0, line: opening.lines + 1, is_behind_return: false, quote: 0 }
    }

    /// Takes the next part.
    pub fn take(&mut self, part: &[u8]) {
        for byte in part {
            // `\r\n` is one line break.
            self.line += u64::from(*byte == b'\n' || self.is_behind_return);
            self.is_behind_return = *byte == b'\r';
            let is_new = self.place == Place::Row;
            self.place = match (self.place, *byte) {
                (Place::Quoted, b'"') => Place::Unquoted,
                (Place::Quoted, _) | (Place::Unquoted, b'"') => Place::Quoted,
                (_, b'\r' | b'\n') => Place::Row,
                (_, byte) if byte == self.delimiter => Place::Cell,
                (Place::Row | Place::Cell, b'"') => {
                    self.quote = self.line;
                    Place::Quoted
                }
                _ => Place::Plain,
            };
            self.rows_count += u64::from(is_new && self.place != Place::Row);
        }
    }

    /// How many rows there were, the header included; or the line with the quote that is never closed.
    pub fn finish(self) -> Result<u64, u64> {
        if self.place == Place::Quoted { Err(self.quote) } else { Ok(self.rows_count) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str =
        "name,email\r\n\"Lovelace, Ada\",ada@example.com\r\n\r\n\"Two\r\nlines\",b@example.com\r\nC \"x\",c@example.com";

    #[test]
    fn a_file_read_in_parts_of_any_size_has_the_same_rows_and_lines() {
        let whole = read_rows(FILE.as_bytes(), ',', true, 0, 100);
        let lines: Vec<_> = whole.rows.iter().map(|row| (row.line, row.last_line)).collect();
        assert_eq!(lines, [(1, 1), (2, 2), (4, 5), (6, 6)]);
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
            let mut outline = Outline::new(&Opening::of(FILE.as_bytes()));
            FILE.as_bytes().chunks(size).for_each(|part| outline.take(part));
            assert_eq!(outline.finish(), Ok(4), "parts of {size}");
        }
    }

    #[test]
    fn what_stands_between_cells_is_told_or_counted() {
        for (line, expected) in [("a,b", ','), ("a;b;\"c,d,e\"\n,,,,", ';'), ("a\tb", '\t'), ("email", ',')] {
            assert_eq!(Opening::of(line.as_bytes()), Opening { delimiter: expected, bytes: 0, lines: 0 }, "{line}");
        }
        for (text, delimiter, bytes) in [
            ("sep=;\r\nemail,a;b", ';', 7),
            ("\u{FEFF}SEP=|\nemail", '|', 9),
            ("\"sep=,\"\remail;a", ',', 8),
            ("sep=\t", '\t', 5),
        ] {
            assert_eq!(Opening::of(text.as_bytes()), Opening { delimiter, bytes, lines: 1 }, "{text}");
        }
        for text in ["sep=", "sep=a\n", "sep=;;\n", "separator=;\n", "sep"] {
            assert_eq!(Opening::of(text.as_bytes()).lines, 0, "{text}");
        }
    }

    #[test]
    fn a_quote_that_is_not_closed_is_found_where_it_was_opened() {
        for (text, outcome) in [
            ("a\r\n\"b\"\r\n\"c,d\r\ne\r\n", Err(3)),
            ("a\rb\r\r\"c", Err(4)),
            ("\"a\"\"", Err(1)),
            ("\"a\"\"\"\n\"b\"", Ok(2)),
            // A quote inside a cell that does not begin with one is text.
            ("a\"b\nc \"d\n", Ok(2)),
            ("", Ok(0)),
        ] {
            let mut outline = Outline::new(&Opening::of(text.as_bytes()));
            outline.take(text.as_bytes());
            assert_eq!(outline.finish(), outcome, "{text}");
        }
    }
}

//! Plain tables for lists on a terminal: columns as wide as their widest cell, two spaces between them.

use std::io::Write as _;

/// Rows under a heading.
pub struct Table<const N: usize> {
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    /// A table with nothing below its heading.
    pub fn new(heading: [&str; N]) -> Self {
        Self { rows: vec![heading.map(str::to_owned)] }
    }

    /// Adds a row at the end.
    pub fn row(&mut self, cells: [String; N]) {
        self.rows.push(cells);
    }

    /// Prints it all.
    pub fn print(&self) {
        let mut out = std::io::stdout().lock();
        let widths: [usize; N] =
            std::array::from_fn(|column| self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0));
        for row in &self.rows {
            let cells: Vec<_> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
            // A reader that has seen enough (`| head`) is no fault.
            let _ = writeln!(out, "{}", cells.join("  ").trim_end());
        }
    }
}

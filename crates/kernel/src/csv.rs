//! Comma-separated values (RFC 4180): quoted fields may hold separators, quotes and line breaks. Spreadsheets of many countries
//! separate by semicolons.

use crate::error::RuleViolation;

const TOO_MANY_CELLS: RuleViolation = RuleViolation::new(
    "too_many_cells",
    "The row has more cells than the first row names columns; a comma in a cell needs quotes around the cell",
);
const OPEN_QUOTE: RuleViolation = RuleViolation::new(
    "quote_open",
    "A quote that begins in this row is not closed, so the rest of the file belongs to it",
);

/// A row of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The line of the text at which it begins, from 1.
    pub line: usize,
    /// Its number as spreadsheets count, from 1: empty rows count, line breaks within quotes do not.
    pub number: usize,
    /// Its cells.
    pub cells: Vec<String>,
    /// Whether a quote in it is not closed. Then it holds the rest of the text.
    pub is_open: bool,
}

/// The rows of a text. A byte order mark and empty lines are skipped; a quote that is not closed ends with the text. A first
/// line with semicolons and no comma says that semicolons separate.
pub fn rows(text: &str) -> Vec<Row> {
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().next().unwrap_or_default();
    let by_semicolons = first.contains(';') && !first.contains(',');
    let separator = if by_semicolons { ';' } else { ',' };
    let (mut rows, mut row, mut field) = (Vec::new(), Row::begin(1, 1), String::new());
    let (mut line, mut is_quoted) = (1, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\n' {
            line += 1;
        }
        match c {
            '"' if is_quoted && chars.peek() == Some(&'"') => field.extend(chars.next()),
            '"' if is_quoted || field.is_empty() => is_quoted = !is_quoted,
            c if c == separator && !is_quoted => row.cells.push(std::mem::take(&mut field)),
            '\r' if !is_quoted => {}
            '\n' if !is_quoted => {
                let next = Row::begin(line, row.number + 1);
                end(&mut rows, std::mem::replace(&mut row, next), &mut field);
            }
            c => field.push(c),
        }
    }
    row.is_open = is_quoted;
    end(&mut rows, row, &mut field);
    rows
}

impl Row {
    const fn begin(line: usize, number: usize) -> Self {
        Self {
            line,
            number,
            cells: Vec::new(),
            is_open: false,
        }
    }

    /// Whether the cells can be those of the columns that the first row names. Fewer cells are, since a spreadsheet may leave
    /// out the last ones.
    pub fn check(&self, columns: usize) -> Result<(), RuleViolation> {
        if self.is_open {
            Err(OPEN_QUOTE)
        } else if self.cells.len() > columns {
            Err(TOO_MANY_CELLS)
        } else {
            Ok(())
        }
    }
}

fn end(rows: &mut Vec<Row>, mut row: Row, field: &mut String) {
    if !row.cells.is_empty() || !field.is_empty() || row.is_open {
        row.cells.push(std::mem::take(field));
        rows.push(row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(usize, usize, Vec<String>)> {
        let rows = rows(text).into_iter();
        rows.map(|row| (row.line, row.number, row.cells)).collect()
    }

    fn cells<const N: usize>(cells: [&str; N]) -> Vec<String> {
        cells.map(str::to_owned).to_vec()
    }

    #[test]
    fn quoted_fields_hold_commas_quotes_and_line_breaks() {
        let text = "\u{feff}a,b\r\n\"x, \"\"y\"\"\nz\",\n\n,last";
        let expected = [
            (1, 1, cells(["a", "b"])),
            (2, 2, cells(["x, \"y\"\nz", ""])),
            (5, 4, cells(["", "last"])),
        ];
        assert_eq!(read(text), expected);
        assert!(rows("").is_empty());
    }

    #[test]
    fn a_first_line_with_semicolons_alone_chooses_them() {
        let expected = [(1, 1, cells(["a", "b"])), (2, 2, cells(["x, y", "z"]))];
        assert_eq!(read("a;b\r\nx, y;z"), expected);
        assert_eq!(read("a,b;c\n"), [(1, 1, cells(["a", "b;c"]))]);
    }

    #[test]
    fn a_quote_that_is_not_closed_shows_in_its_row() {
        let is_open = |text| rows(text).iter().map(|row| row.is_open).collect::<Vec<_>>();
        assert_eq!(is_open("a,b\nx,\"y\nz,w\n"), [false, true]);
        assert_eq!(is_open("a,\"b\"\n"), [false]);
    }
}

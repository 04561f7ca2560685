//! Comma-separated values (RFC 4180): quoted fields may hold separators, quotes and line breaks. Spreadsheets of many countries
//! separate by semicolons.

/// A row, and the line of the text at which it begins, from 1.
pub(super) type Row = (usize, Vec<String>);

/// The rows of a text. A byte order mark and empty lines are skipped; a quote that is not closed ends with the text. A first
/// line with semicolons and no comma says that semicolons separate.
pub(super) fn rows(text: &str) -> Vec<Row> {
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().next().unwrap_or_default();
    let by_semicolons = first.contains(';') && !first.contains(',');
    let separator = if by_semicolons { ';' } else { ',' };
    let (mut rows, mut row, mut field) = (Vec::new(), Vec::new(), String::new());
    let (mut line, mut begins_at, mut is_quoted) = (1, 1, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\n' {
            line += 1;
        }
        match c {
            '"' if is_quoted && chars.peek() == Some(&'"') => field.extend(chars.next()),
            '"' if is_quoted || field.is_empty() => is_quoted = !is_quoted,
            c if c == separator && !is_quoted => row.push(std::mem::take(&mut field)),
            '\r' if !is_quoted => {}
            '\n' if !is_quoted => {
                end(&mut rows, begins_at, &mut row, &mut field);
                begins_at = line;
            }
            c => field.push(c),
        }
    }
    end(&mut rows, begins_at, &mut row, &mut field);
    rows
}

fn end(rows: &mut Vec<Row>, line: usize, row: &mut Vec<String>, field: &mut String) {
    if !row.is_empty() || !field.is_empty() {
        row.push(std::mem::take(field));
        rows.push((line, std::mem::take(row)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_fields_hold_commas_quotes_and_line_breaks() {
        let text = "a,b\r\n\"x, \"\"y\"\"\nz\",\n\n,last";
        let expected = [
            (1, vec!["a", "b"]),
            (2, vec!["x, \"y\"\nz", ""]),
            (5, vec!["", "last"]),
        ];
        let found = rows(text);
        let found: Vec<(usize, Vec<&str>)> = found
            .iter()
            .map(|(line, row)| (*line, row.iter().map(String::as_str).collect()))
            .collect();
        assert_eq!(found, expected);
        assert!(rows("").is_empty());
    }

    #[test]
    fn a_first_line_with_semicolons_alone_chooses_them() {
        let one = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        let expected = [(1, one(["a", "b"])), (2, one(["x, y", "z"]))];
        assert_eq!(rows("a;b\r\nx, y;z"), expected);
        assert_eq!(rows("a,b;c\n"), [(1, one(["a", "b;c"]))]);
    }
}

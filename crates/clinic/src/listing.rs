//! The part of a list that a caller asks for: by cursor, or by offset for older clients (E2, PAT-4).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{clock::Timestamp, error::RuleViolation, page::DEFAULT_LIMIT};
use web::ValidationErrors;

/// The largest `offset`.
pub const MAX_OFFSET: u32 = 10_000;
/// A list counts exactly up to this number of rows.
pub const EXACT_UP_TO: u64 = 10_000;
/// The longest cursor that the service issues is shorter.
const MAX_CURSOR: usize = 512;

pub(crate) const OFFSET_TOO_LARGE: RuleViolation = RuleViolation::new(
    "offset_too_large",
    "Must be at most 10000; use cursor to go further",
);
const CURSOR_INVALID: RuleViolation =
    RuleViolation::new("cursor_invalid", "Must be the next_cursor of another page");
const RANGE_EMPTY: RuleViolation = RuleViolation::new("interval_empty", "Must be later than from");
const ONE_OF: RuleViolation = RuleViolation::new("one_of", "Either offset or cursor");

/// The part of a list that the caller asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Rows of the page.
    pub limit: u32,
    /// Rows to skip before it.
    pub offset: u32,
    /// The list key of the last row of the page before; `None` for the first page, and with an offset.
    pub after: Option<String>,
}

impl Listing {
    /// Reads the parameters `offset` and `cursor`; `limit` was read already, or is absent.
    pub fn read(
        errors: &mut ValidationErrors,
        limit: Option<u32>,
        offset: Option<u32>,
        cursor: Option<&str>,
    ) -> Option<Self> {
        let cursor = cursor.filter(|cursor| !cursor.is_empty());
        let after = cursor
            .map(|cursor| key_of(cursor).ok_or(CURSOR_INVALID))
            .transpose();
        let after = errors.take(after.map_err(|violation| violation.at("cursor")));
        let offset = offset.unwrap_or_default();
        if offset > MAX_OFFSET {
            errors.add(OFFSET_TOO_LARGE.at("offset"));
        } else if offset > 0 && cursor.is_some() {
            errors.add(ONE_OF.at("offset"));
        }
        Some(Self {
            limit: limit.unwrap_or(DEFAULT_LIMIT),
            offset,
            after: after?,
        })
    }

    /// The number of rows to read: one more than the page has, to know whether there are more.
    pub const fn wanted(&self) -> i64 {
        self.limit as i64 + 1
    }
}

/// Refuses a range of time that ends before it begins.
pub fn check_range(errors: &mut ValidationErrors, from: Option<Timestamp>, to: Option<Timestamp>) {
    if from.zip(to).is_some_and(|(from, to)| to <= from) {
        errors.add(RANGE_EMPTY.at("to"));
    }
}

fn key_of(cursor: &str) -> Option<String> {
    if cursor.len() > MAX_CURSOR {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let key = String::from_utf8(bytes).ok()?;
    // Every list key begins with a clinic; the query bounds it to the caller's own list.
    key.starts_with("CLN").then_some(key)
}

/// Where a page stands in its list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The page.
    pub listing: Listing,
    /// The rows of the whole list, counted up to one more than [`EXACT_UP_TO`].
    pub total: u64,
    /// The list key of the page's last row, if there are more rows.
    pub next: Option<String>,
}

//! Pages of the clinic's lists: by cursor, or by offset for older clients (E2, PAT-4, PAT-5).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{
    error::RuleViolation,
    page::{DEFAULT_LIMIT, MAX_LIMIT},
};
use poem_openapi::{Object, registry::MetaSchema};
use web::text::texts;

use crate::listing::{EXACT_UP_TO, Listing, Place};

/// The rows of a page, 1 to 100: the parameter `limit` of every list.
pub enum PageRows {}

/// The rows of a search, 1 to 50.
pub enum SearchRows {}

/// The rows of a search if the caller does not say.
pub const SEARCH_LIMIT: u32 = 10;
const MAX_SEARCH_LIMIT: u32 = 50;

const PAGE_INVALID: RuleViolation =
    RuleViolation::new("limit_invalid", "Must be a number from 1 to 100");
const SEARCH_INVALID: RuleViolation =
    RuleViolation::new("limit_invalid", "Must be a number from 1 to 50");

texts! {
    PageRows => u32, rows(MAX_LIMIT, DEFAULT_LIMIT), |typed| number(typed, MAX_LIMIT, PAGE_INVALID);
    SearchRows => u32, rows(MAX_SEARCH_LIMIT, SEARCH_LIMIT),
        |typed| number(typed, MAX_SEARCH_LIMIT, SEARCH_INVALID);
}

fn rows(most: u32, default: u32) -> MetaSchema {
    MetaSchema {
        minimum: Some(1.0),
        maximum: Some(most.into()),
        default: Some(default.into()),
        ..MetaSchema::new_with_format("integer", "uint32")
    }
}

fn number(typed: &str, most: u32, violation: RuleViolation) -> Result<u32, RuleViolation> {
    let number = typed.parse().ok();
    number
        .filter(|number| (1..=most).contains(number))
        .ok_or(violation)
}

/// Where a page stands in its list.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
pub struct Pagination {
    /// Rows of a page
    pub limit: u32,
    /// Rows before the page, if the caller asked by offset
    pub offset: u32,
    /// Rows of the whole list; with `total_is_estimate`, at least that number
    pub total: u64,
    /// Counting stopped at 10,000
    pub total_is_estimate: bool,
    /// Whether there is a next page
    pub has_more: bool,
    /// The number of the page, from 1, if the caller asked by offset
    pub current_page: u64,
    /// Pages of the whole list
    pub total_pages: u64,
    /// The `cursor` of the next page; null on the last one
    #[oai(nullable)]
    pub next_cursor: Option<String>,
}

impl Pagination {
    /// The place of the page `listing` in a list of `total` rows, counted up to one more than [`EXACT_UP_TO`]. `next` is
    /// the list key of the page's last row, if there are more rows.
    pub fn new(listing: &Listing, total: u64, next: Option<&str>) -> Self {
        let limit = u64::from(listing.limit.max(1));
        let total_is_estimate = total > EXACT_UP_TO;
        let total = total.min(EXACT_UP_TO);
        Self {
            limit: listing.limit,
            offset: listing.offset,
            total,
            total_is_estimate,
            has_more: next.is_some(),
            current_page: u64::from(listing.offset) / limit + 1,
            total_pages: total.div_ceil(limit),
            next_cursor: next.map(|key| URL_SAFE_NO_PAD.encode(key)),
        }
    }
}

impl From<Place> for Pagination {
    fn from(place: Place) -> Self {
        Self::new(&place.listing, place.total, place.next.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use web::ValidationErrors;

    use super::*;
    use crate::listing::OFFSET_TOO_LARGE;

    fn read(limit: u32, offset: Option<u32>, cursor: Option<&str>) -> Result<Listing, Vec<String>> {
        let mut errors = ValidationErrors::new();
        let listing = Listing::read(&mut errors, Some(limit), offset, cursor);
        errors.finish(listing).map_err(|error| {
            let fields = error.fields.iter();
            fields
                .map(|it| format!("{} {}", it.field, it.kind))
                .collect()
        })
    }

    // PAT-4
    #[test]
    fn an_offset_beyond_10000_points_to_the_cursor() {
        assert_eq!(read(20, Some(10_000), None).unwrap().offset, 10_000);
        assert_eq!(
            read(20, Some(10_001), None).unwrap_err(),
            ["offset offset_too_large"]
        );
        assert!(OFFSET_TOO_LARGE.message.contains("cursor"));
    }

    #[test]
    fn a_cursor_leads_to_the_row_that_it_came_from() {
        let listing = read(2, None, None).unwrap();
        let page = Pagination::new(&listing, 3, Some("CLN1/DOC1/000000000000001/PAT1"));
        let next = read(2, None, page.next_cursor.as_deref()).unwrap();
        assert_eq!(
            next.after.as_deref(),
            Some("CLN1/DOC1/000000000000001/PAT1")
        );
        assert!(page.has_more && page.total_pages == 2);
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        for cursor in ["!", "e30", &"x".repeat(600)] {
            assert_eq!(
                read(1, None, Some(cursor)).unwrap_err(),
                ["cursor cursor_invalid"]
            );
        }
        let cursor = URL_SAFE_NO_PAD.encode("CLN1/x");
        assert_eq!(
            read(1, Some(3), Some(&cursor)).unwrap_err(),
            ["offset one_of"]
        );
    }

    #[test]
    fn a_limit_is_a_number_in_its_range() {
        use web::text::FromText;
        assert_eq!(PageRows::read("1"), Ok(1));
        assert_eq!(PageRows::read("100"), Ok(100));
        assert_eq!(SearchRows::read("50"), Ok(50));
        for typed in ["0", "101", "-1", "x", "1.5"] {
            assert_eq!(PageRows::read(typed), Err(PAGE_INVALID), "{typed}");
        }
        assert_eq!(SearchRows::read("51"), Err(SEARCH_INVALID));
    }

    // PAT-5
    #[test]
    fn a_total_is_exact_up_to_10000() {
        let listing = read(100, None, None).unwrap();
        let of = |total| {
            let page = Pagination::new(&listing, total, None);
            (page.total, page.total_is_estimate)
        };
        assert_eq!(of(10_000), (10_000, false));
        assert_eq!(of(10_001), (10_000, true));
    }
}

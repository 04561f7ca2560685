//! Pages of a list, newest first. A page ends at a key, so rows that are inserted or deleted shift nothing (ADM-4).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::DateTime;

use crate::{clock::Timestamp, error::RuleViolation};

/// How many rows a page has if the caller does not say.
pub const DEFAULT_LIMIT: u32 = 20;
/// The largest number of skipped rows, in a list that is paged without a cursor.
pub const MAX_SKIP: u32 = 10_000;
/// The largest number of rows of a page.
pub const MAX_LIMIT: u32 = 100;
/// The largest number of characters of a cursor; those of the service are shorter.
pub const MAX_CURSOR: usize = 512;

const CURSOR_INVALID: RuleViolation =
    RuleViolation::new("cursor_invalid", "Must be the next_cursor of another page");
const SKIP_WITH_CURSOR: RuleViolation = RuleViolation::new("one_of", "Either skip or cursor");
const LIMIT_INVALID: RuleViolation =
    RuleViolation::new("limit_invalid", "Must be a number from 1 to 100");

/// The position of a row in a list: the time by which it is sorted, and the id that decides between equal times.
///
/// The order is the reverse of the list's: newer keys are greater, and keys without a time are the smallest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// `None` for a document of the older service whose time is missing or is a text.
    pub at: Option<Timestamp>,
    /// Different in every row.
    pub id: String,
}

impl Key {
    /// The cursor for the caller: opaque, and safe in a query string.
    pub fn to_cursor(&self) -> String {
        let at = self.at.map(|at| at.timestamp_millis().to_string());
        URL_SAFE_NO_PAD.encode(format!("{}/{}", at.unwrap_or_default(), self.id))
    }

    /// Reads a cursor back.
    ///
    /// # Errors
    /// `cursor_invalid` if the service did not issue it.
    pub fn parse(cursor: &str) -> Result<Self, RuleViolation> {
        let read = || {
            let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
            let text = String::from_utf8(bytes).ok()?;
            let (at, id) = text.split_once('/')?;
            let at = match at {
                "" => None,
                millis => Some(DateTime::from_timestamp_millis(millis.parse().ok()?)?),
            };
            (!id.is_empty()).then(|| Self {
                at,
                id: id.to_owned(),
            })
        };
        (cursor.len() <= MAX_CURSOR)
            .then(read)
            .flatten()
            .ok_or(CURSOR_INVALID)
    }
}

/// The requested part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    limit: u32,
    /// The number of rows to skip; 0 in lists that are only paged by `after`.
    pub skip: u32,
    /// The last row of the previous page; `None` for the first page.
    pub after: Option<Key>,
}

impl Page {
    /// The page of `limit` rows after `after`.
    ///
    /// # Errors
    /// `limit_invalid` if it is not from 1 to 100.
    pub fn new(limit: u32, after: Option<Key>) -> Result<Self, RuleViolation> {
        if (1..=MAX_LIMIT).contains(&limit) {
            Ok(Self {
                limit,
                skip: 0,
                after,
            })
        } else {
            Err(LIMIT_INVALID)
        }
    }

    /// The same page with `skip` rows skipped before it, as older clients ask for it.
    ///
    /// # Errors
    /// `one_of` if it has a cursor already.
    pub fn skipping(self, skip: Option<u32>) -> Result<Self, RuleViolation> {
        match (skip, &self.after) {
            (None, _) => Ok(self),
            (Some(_), Some(_)) => Err(SKIP_WITH_CURSOR),
            (Some(skip), None) => Ok(Self { skip, ..self }),
        }
    }

    /// The page of the same size after `after`.
    #[must_use]
    pub const fn continued(&self, after: Key) -> Self {
        Self {
            limit: self.limit,
            skip: 0,
            after: Some(after),
        }
    }

    /// The number of rows to read: one more than the page has, to know whether there are more.
    pub const fn wanted(&self) -> usize {
        self.limit as usize + 1
    }

    /// Makes the page out of at most [`Page::wanted`] rows in the order of the list.
    pub fn cut<T>(&self, mut rows: Vec<(Key, T)>) -> Listed<T> {
        let limit = self.limit as usize;
        let next = (rows.len() > limit).then(|| rows[limit - 1].0.clone());
        rows.truncate(limit);
        Listed {
            rows: rows.into_iter().map(|(_, row)| row).collect(),
            next,
        }
    }
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// The rows, newest first.
    pub rows: Vec<T>,
    /// The key after which the next page begins; `None` if there are no more rows.
    pub next: Option<Key>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(millis: Option<i64>, id: &str) -> Key {
        Key {
            at: millis.and_then(DateTime::from_timestamp_millis),
            id: id.to_owned(),
        }
    }

    #[test]
    fn a_cursor_that_was_not_issued_is_refused() {
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        for bad in [
            String::new(),
            "!".to_owned(),
            "e30=".to_owned(),
            encode("12"),
            encode("12/"),
            encode("x/PAT1"),
            encode("99999999999999999999/PAT1"),
            encode("9223372036854775807/PAT1"),
            URL_SAFE_NO_PAD.encode([b'1', b'/', 0xff]),
            encode(&format!("1/{}", "x".repeat(500))),
        ] {
            assert_eq!(Key::parse(&bad), Err(CURSOR_INVALID), "{bad:?}");
        }
    }

    #[test]
    fn a_page_has_its_limit_and_says_where_the_next_begins() {
        let rows = |n: i64| (0..n).map(|i| (key(Some(-i), "x"), i)).collect();
        let page = Page::new(2, None).unwrap();
        assert_eq!(page.cut(rows(3)).rows, [0, 1]);
        assert_eq!(page.cut(rows(3)).next, Some(key(Some(-1), "x")));
        assert_eq!(page.cut(rows(2)).next, None);
    }

    #[test]
    fn a_page_is_found_by_skip_or_by_cursor() {
        let page = || Page::new(2, None).unwrap();
        assert_eq!(page().skipping(Some(7)).unwrap().skip, 7);
        assert_eq!(page().skipping(None), Ok(page()));
        let later = page().continued(key(Some(1), "x"));
        assert_eq!(later.clone().skipping(None), Ok(later.clone()));
        assert_eq!(later.skipping(Some(0)), Err(SKIP_WITH_CURSOR));
    }

    #[test]
    fn a_limit_is_from_1_to_100() {
        assert_eq!(Page::new(0, None), Err(LIMIT_INVALID));
        assert_eq!(Page::new(101, None), Err(LIMIT_INVALID));
        assert!(Page::new(1, None).is_ok() && Page::new(100, None).is_ok());
    }

    #[test]
    fn rows_without_a_time_come_last() {
        assert!(key(Some(-1), "A") > key(None, "Z"));
        assert!(key(Some(2), "A") > key(Some(1), "Z"));
        assert!(key(Some(1), "B") > key(Some(1), "A"));
    }

    proptest! {
        #[test]
        fn a_cursor_is_read_back(millis in proptest::option::of(-8_000_000_000_000_i64..8_000_000_000_000), id in "[A-Z0-9:/-]{1,60}") {
            let key = key(millis, &id);
            prop_assert_eq!(Key::parse(&key.to_cursor()), Ok(key));
        }

        #[test]
        fn reading_anything_never_panics(text in any::<String>()) {
            let _ = Key::parse(&text);
        }
    }
}

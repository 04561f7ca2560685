//! Pages of a list, newest first: where one ends is a key, so that rows that come and go shift nothing (ADM-4).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::DateTime;

use crate::{clock::Timestamp, error::RuleViolation};

/// Rows of a page, unless the caller says otherwise.
pub const DEFAULT_LIMIT: u32 = 20;
/// Rows that are passed over at most where a list is not paged by cursor.
pub const MAX_SKIP: u32 = 10_000;
/// Rows of a page at most.
pub const MAX_LIMIT: u32 = 100;
/// Characters of a cursor at most; ours are shorter.
pub const MAX_CURSOR: usize = 512;

const CURSOR_INVALID: RuleViolation =
    RuleViolation::new("cursor_invalid", "Must be the next_cursor of another page");
const SKIP_WITH_CURSOR: RuleViolation = RuleViolation::new("one_of", "Either skip or cursor");
const LIMIT_INVALID: RuleViolation =
    RuleViolation::new("limit_invalid", "Must be a number from 1 to 100");

/// The place of a row in a list: the time that it is sorted by, and the id that settles ties.
///
/// The order is that of the list turned round: what is newer is greater, what has no time is smaller than all that has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// None: a document of the older service whose time is missing or is a text.
    pub at: Option<Timestamp>,
    /// Different for every row.
    pub id: String,
}

impl Key {
    /// As the caller gets it: opaque, and safe in a query.
    #[must_use]
    pub fn to_cursor(&self) -> String {
        let at = self.at.map(|at| at.timestamp_millis().to_string());
        URL_SAFE_NO_PAD.encode(format!("{}/{}", at.unwrap_or_default(), self.id))
    }

    /// Reads a cursor back.
    ///
    /// # Errors
    /// `cursor_invalid`: it is none that was given out.
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

/// Which part of a list is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    limit: u32,
    /// Rows to pass over; of lists that know no other way than `after`, none.
    pub skip: u32,
    /// The last row of the page before; none: from the newest.
    pub after: Option<Key>,
}

impl Page {
    /// The page of `limit` rows after `after`.
    ///
    /// # Errors
    /// `limit_invalid`: not from 1 to 100.
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

    /// The same page without its first `skip` rows, as older clients ask for it.
    ///
    /// # Errors
    /// `one_of`: it has a cursor already.
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

    /// Rows to read: one more than the page has, to know whether there are more.
    #[must_use]
    pub const fn wanted(&self) -> usize {
        self.limit as usize + 1
    }

    /// The page out of up to [`Page::wanted`] rows in the order of the list.
    #[must_use]
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
    /// Where the next page begins; none: there are no more.
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
    fn a_cursor_of_anybody_elses_making_is_refused() {
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
    fn what_has_no_time_comes_after_all_that_has() {
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

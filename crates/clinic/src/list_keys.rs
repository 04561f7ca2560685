//! Composed keys of lists: one string field per list, for its range and its order (E5).

use std::ops::Range;

use bson::{Document, doc};
use chrono::DateTime;
use kernel::clock::Timestamp;

/// A list's key of one row: `CLN…/DOC…/<15-digit ms>/<id>`. `scope` are the list's ids, the clinic's first (TEN-2).
/// Times before 1970 count as 1970, because their digits would break the order.
pub fn list_key(scope: &[&str], at: Timestamp, id: &str) -> String {
    format!("{}/{id}", moment_key(scope, at))
}

/// The keys of the rows of `[from, to)`: greater than or equal to `start`, less than `end`.
pub fn key_range(scope: &[&str], from: Option<Timestamp>, to: Option<Timestamp>) -> Range<String> {
    let scoped = scope.join("/");
    let start = from.map_or_else(|| format!("{scoped}/"), |from| moment_key(scope, from));
    // '0' is the character after '/'.
    let end = to.map_or_else(|| format!("{scoped}0"), |to| moment_key(scope, to));
    start..end
}

/// The time in a row's key; `None` for a text that is no key.
pub fn time_of(key: &str) -> Option<Timestamp> {
    let millis = key.rsplit('/').nth(1)?;
    DateTime::from_timestamp_millis(millis.parse().ok()?)
}

/// The filter of a list that is read newest first: the rows of `range`, those before the key `after` if there is one.
pub fn newest_first(field: &str, range: &Range<String>, after: Option<&str>) -> Document {
    let end = after.map_or(range.end.as_str(), |after| range.end.as_str().min(after));
    doc! { field: { "$gte": &range.start, "$lt": end } }
}

fn moment_key(scope: &[&str], at: Timestamp) -> String {
    let millis = at.timestamp_millis().clamp(0, 999_999_999_999_999);
    format!("{}/{millis:015}", scope.join("/"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SCOPE: [&str; 2] = ["CLN00000001", "DOC00000001"];

    fn at(millis: i64) -> Timestamp {
        DateTime::from_timestamp_millis(millis).unwrap()
    }

    #[test]
    fn a_key_has_its_scope_fifteen_digits_and_the_id() {
        let key = list_key(&SCOPE, at(1_767_225_600_000), "APT1");
        assert_eq!(key, "CLN00000001/DOC00000001/001767225600000/APT1");
    }

    #[test]
    fn the_time_of_a_key_is_read_back() {
        let at = at(1_767_225_600_000);
        assert_eq!(time_of(&list_key(&SCOPE, at, "APT1")), Some(at));
        assert_eq!(time_of("APT1"), None);
    }

    // PAT-4
    #[test]
    fn a_cursor_of_another_list_shows_no_foreign_row() {
        let range = key_range(&SCOPE, None, None);
        let foreign = list_key(&["CLN00000001", "DOC00000002"], at(5), "APT1");
        let all = doc! { "by_doctor": { "$gte": &range.start, "$lt": &range.end } };
        assert_eq!(newest_first("by_doctor", &range, Some(&foreign)), all);
        let own = list_key(&SCOPE, at(5), "APT1");
        let part = doc! { "by_doctor": { "$gte": &range.start, "$lt": &own } };
        assert_eq!(newest_first("by_doctor", &range, Some(&own)), part);
    }

    #[test]
    fn a_time_before_1970_counts_as_1970() {
        let early = list_key(&SCOPE, at(-1), "APT1");
        assert_eq!(early, list_key(&SCOPE, at(0), "APT1"));
    }

    #[test]
    fn a_range_without_ends_has_all_rows_of_its_scope_only() {
        let all = key_range(&SCOPE, None, None);
        for time in [Timestamp::MIN_UTC, at(0), Timestamp::MAX_UTC] {
            assert!(all.contains(&list_key(&SCOPE, time, "APT1")), "{time}");
        }
        for other in [
            ["CLN00000001", "DOC00000002"],
            ["CLN00000002", "DOC00000001"],
        ] {
            assert!(!all.contains(&list_key(&other, at(0), "APT1")));
        }
        for longer in ["DOC000000010", "DOC00000001-1"] {
            let key = list_key(&["CLN00000001", longer], at(0), "APT1");
            assert!(!all.contains(&key), "{key}");
        }
    }

    proptest! {
        // E5
        #[test]
        fn keys_sort_and_range_as_their_times(a in 0..9_999_999_999_999_i64, b in 0..9_999_999_999_999_i64, c in 0..9_999_999_999_999_i64) {
            let key = |millis| list_key(&SCOPE, at(millis), "APT1");
            prop_assert_eq!(key(a).cmp(&key(b)), a.cmp(&b));
            let range = key_range(&SCOPE, Some(at(a)), Some(at(b)));
            for time in [a, b, c] {
                prop_assert_eq!(range.contains(&key(time)), (a..b).contains(&time));
            }
        }
    }
}

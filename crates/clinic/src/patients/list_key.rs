//! Composed keys of lists: one string field that a list is read and sorted by (E5).

use kernel::{clock::Timestamp, ids::UserId};

use crate::access::CLINIC;

/// The part of a list's key that all rows of the list share, such as `CLN…/DOC…/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListKey(String);

impl ListKey {
    /// The list of the clinic: `CLN…/`.
    pub fn by_clinic() -> Self {
        Self(format!("{CLINIC}/"))
    }

    /// The list of one doctor or one patient: `CLN…/DOC…/`.
    pub fn by_person(person: &UserId) -> Self {
        Self(format!("{CLINIC}/{person}/"))
    }

    /// The rows of this list in one state, such as `CLN…/DOC…/signed/`. It is another list, with a field of its own.
    #[must_use]
    pub fn in_state(&self, state: &str) -> Self {
        Self(format!("{}{state}/", self.0))
    }

    /// The key of a row: `CLN…/DOC…/<15-digit ms>/<id>`. The time is when the row was created, so that the order never
    /// changes (E4); a time before 1970 counts as 1970.
    pub fn row(&self, created_at: Timestamp, id: &str) -> String {
        format!(
            "{}{:015}/{id}",
            self.0,
            created_at.timestamp_millis().max(0)
        )
    }

    /// The bounds of the list: every row's key is greater than the first and less than the second.
    pub fn range(&self) -> (String, String) {
        let body = self.0.trim_end_matches('/');
        // The character after the slash.
        (self.0.clone(), format!("{body}0"))
    }

    /// The id of a row of this list; `None` if `key` is not one.
    pub fn id_of<'a>(&self, key: &'a str) -> Option<&'a str> {
        let (_, id) = key.strip_prefix(&self.0)?.split_once('/')?;
        Some(id)
    }
}

#[cfg(test)]
mod tests {
    use chrono::Duration;
    use proptest::prelude::*;

    use super::*;

    fn doctor(id: &str) -> ListKey {
        ListKey::by_person(&UserId::from_stored(id))
    }

    // E5
    #[test]
    fn a_key_names_clinic_doctor_time_and_row() {
        let at = Timestamp::UNIX_EPOCH + Duration::milliseconds(1_764_000_000_000);
        let list = doctor("DOC00000001");
        let key = list.row(at, "PAT00000002");
        assert_eq!(key, "CLN00000001/DOC00000001/001764000000000/PAT00000002");
        assert_eq!(list.id_of(&key), Some("PAT00000002"));
        assert_eq!(doctor("DOC00000002").id_of(&key), None);
        let signed = list.in_state("signed");
        let key = signed.row(at, "REP1");
        assert_eq!(key, "CLN00000001/DOC00000001/signed/001764000000000/REP1");
        assert_eq!(signed.id_of(&key), Some("REP1"));
        assert_eq!(
            ListKey::by_clinic().row(at, "PAT1"),
            "CLN00000001/001764000000000/PAT1"
        );
    }

    proptest! {
        #[test]
        fn keys_sort_by_time_and_stay_within_their_list(a in 0_i64..9_999_999_999_999, b in 0_i64..9_999_999_999_999) {
            let list = doctor("DOC1");
            let at = |ms| Timestamp::UNIX_EPOCH + Duration::milliseconds(ms);
            let (first, second) = (list.row(at(a), "x"), list.row(at(b), "x"));
            prop_assert_eq!(first.cmp(&second), a.cmp(&b));
            let (from, to) = list.range();
            prop_assert!(from < first && first < to);
            let other = doctor("DOC11").row(at(a), "x");
            prop_assert!(other <= from || to <= other);
        }
    }
}

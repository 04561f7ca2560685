//! A local list of breached passwords, as prefixes of their SHA-1 (PW-5); optional.

use std::collections::BTreeMap;

use aws_lc_rs::digest;

use crate::password::rules::Password;

/// The smallest number of hex digits of a prefix; shorter ones would refuse many passwords that are not breached.
const MIN_DIGITS: usize = 10;
/// The number of hex digits of a SHA-1.
const SHA1_DIGITS: usize = 40;
/// How many digits of each prefix are kept; 64 bits are enough to distinguish millions of passwords.
const KEPT_DIGITS: usize = 16;

/// Prefixes of the SHA-1 of breached passwords.
#[derive(Debug, Clone, Default)]
pub struct BreachList {
    /// The sorted prefixes, by the number of digits that are kept.
    prefixes: BTreeMap<usize, Vec<u64>>,
}

/// A line of the list is not a prefix of a SHA-1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is not 10 to 40 hex digits of a SHA-1")]
pub struct BreachListError {
    /// The number of the line, from 1.
    pub line: usize,
}

impl BreachList {
    /// Reads the text of a list: one prefix of 10 to 40 hex digits a line. A colon and what follows it (the count in
    /// public lists), empty lines and lines that begin with `#` are skipped.
    pub fn load(text: &str) -> Result<Self, BreachListError> {
        let mut prefixes = BTreeMap::<usize, Vec<u64>>::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let hex = line.split(':').next().unwrap_or_default();
            let (digits, prefix) = read_prefix(hex).ok_or(BreachListError { line: index + 1 })?;
            prefixes.entry(digits).or_default().push(prefix);
        }
        for list in prefixes.values_mut() {
            list.sort_unstable();
            list.dedup();
        }
        Ok(Self { prefixes })
    }

    /// Whether the password's SHA-1 begins with a listed prefix.
    pub(crate) fn contains(&self, password: &Password) -> bool {
        if self.prefixes.is_empty() {
            return false;
        }
        let sha1 = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes());
        let first = sha1
            .as_ref()
            .iter()
            .take(KEPT_DIGITS / 2)
            .fold(0, |bits, byte| bits << 8 | u64::from(*byte));
        self.prefixes.iter().any(|(digits, list)| {
            list.binary_search(&(first >> (4 * (KEPT_DIGITS - digits))))
                .is_ok()
        })
    }
}

/// The number of digits that are kept, and these digits as a number.
fn read_prefix(hex: &str) -> Option<(usize, u64)> {
    let well_formed = (MIN_DIGITS..=SHA1_DIGITS).contains(&hex.len())
        && hex.bytes().all(|b| b.is_ascii_hexdigit());
    if !well_formed {
        return None;
    }
    let digits = hex.len().min(KEPT_DIGITS);
    Some((digits, u64::from_str_radix(&hex[..digits], 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The SHA-1 of `hunter2hunter2`.
    const SHA1: &str = "fc8c5eb194806e31a213f073131e73b0012a0fb5";

    fn lists(text: &str, password: &str) -> bool {
        let password = Password::parse_login(password).unwrap();
        BreachList::load(text).unwrap().contains(&password)
    }

    #[test]
    fn a_password_is_found_by_any_prefix_of_its_digest() {
        for digits in MIN_DIGITS..=SHA1_DIGITS {
            let list = format!("0000000000\n{}\nffffffffffffffff", &SHA1[..digits]);
            assert!(lists(&list, "hunter2hunter2"), "{digits} digits");
            assert!(!lists(&list, "hunter2hunter3"), "{digits} digits");
        }
    }

    #[test]
    fn upper_case_is_read_and_counts_and_comments_are_skipped() {
        let list = format!("# breached\r\n\r\n{}:42\r\n", SHA1.to_uppercase());
        assert!(lists(&list, "hunter2hunter2"));
    }

    #[test]
    fn an_empty_list_refuses_nothing() {
        assert!(!lists("", "password"));
    }

    #[test]
    fn an_invalid_line_is_reported_by_its_number() {
        for bad in [
            "123456789",
            "nothexnothex",
            "hunter2hunter2",
            &"a".repeat(41),
            "ééééé",
        ] {
            let text = format!("0123456789\n{bad}");
            assert_eq!(
                BreachList::load(&text).unwrap_err(),
                BreachListError { line: 2 },
                "{bad}"
            );
        }
    }
}

//! The list of common passwords (PW-5), compiled in.

use std::{collections::HashSet, sync::LazyLock};

/// One password a line, in lower case; the lines that begin with `#` name the source.
const LIST: &str = include_str!("../common_passwords.txt");

static COMMON: LazyLock<HashSet<&'static str>> = LazyLock::new(|| entries().collect());

/// Whether the password, in lower case, is on the list.
pub(crate) fn is_common(folded: &str) -> bool {
    COMMON.contains(folded)
}

fn entries() -> impl Iterator<Item = &'static str> {
    LIST.lines().filter(|line| !line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_ten_thousand_passwords_of_allowed_length() {
        assert!(
            COMMON
                .iter()
                .filter(|entry| entry.chars().count() >= 8)
                .count()
                >= 10_000
        );
    }

    #[test]
    fn the_list_is_sorted_without_repetition_and_in_lower_case() {
        let all: Vec<_> = entries().collect();
        assert!(all.is_sorted_by(|a, b| a < b));
        assert!(
            all.iter()
                .all(|entry| *entry == entry.to_lowercase() && *entry == entry.trim())
        );
    }

    #[test]
    fn the_list_has_well_known_passwords_and_not_the_example_ones() {
        for word in [
            "password123",
            "qwertyuiop",
            "password",
            "12345678",
            "iloveyou1",
        ] {
            assert!(is_common(word), "{word}");
        }
        for word in [
            "securepass123",
            "doctorpass123",
            "correct horse battery staple",
        ] {
            assert!(!is_common(word), "{word}");
        }
    }
}

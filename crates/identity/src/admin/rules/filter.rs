//! The filters of lists; every value is a typed scalar or a literal text (INJ-3).

use crate::accounts::documents::Status;
use kernel::{
    error::RuleViolation,
    role::Role,
    text::{parse_line_up_to, text_type},
};

/// The largest number of code points of a search text.
pub const MAX_SEARCH: usize = 254;

const TOO_LONG: RuleViolation = RuleViolation::new("too_long", "Must have at most 254 characters");

text_type! {
    /// A search text: taken literally, compared without case.
    SearchText
}

impl SearchText {
    /// Reads a text without white space around it. `None` for a blank text, which does not filter.
    ///
    /// # Errors
    /// `too_long` or `forbidden_character`.
    pub fn parse(typed: &str) -> Result<Option<Self>, RuleViolation> {
        match parse_line_up_to(MAX_SEARCH, TOO_LONG, typed) {
            Ok(line) => Ok(Some(Self(line))),
            Err(violation) if violation.kind == "empty" => Ok(None),
            Err(violation) => Err(violation),
        }
    }
}

/// The filter of accounts.
#[derive(Debug, Clone, Default)]
pub struct UserFilter {
    /// Beginnings of words of the address, the username, the user id and the names.
    pub words: Option<SearchText>,
    /// Whether telephone numbers are searched as well, because the caller may see them (ADM-5).
    pub with_numbers: bool,
    /// The role.
    pub role: Option<Role>,
    /// The status.
    pub status: Option<Status>,
}

/// The filter of registrations.
#[derive(Debug, Clone, Default)]
pub struct PendingFilter {
    /// A part of the address.
    pub email: Option<SearchText>,
    /// The role.
    pub role: Option<Role>,
    /// Whether registrations that have expired and are not deleted yet are included.
    pub include_expired: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_text_may_be_blank_and_has_at_most_254_characters() {
        assert_eq!(SearchText::parse("   "), Ok(None));
        assert!(SearchText::parse(&"ä".repeat(254)).unwrap().is_some());
        assert_eq!(
            SearchText::parse(&"a".repeat(255)).unwrap_err().kind,
            "too_long"
        );
        assert_eq!(
            SearchText::parse("a\0b").unwrap_err().kind,
            "forbidden_character"
        );
    }
}

//! What a list can be narrowed by; every value is a typed scalar or a literal text (INJ-3).

use super::{
    audit::Action,
    role::Role,
    text::{parse_line_up_to, text_type},
    user::Status,
};
use crate::{clock::Timestamp, error::RuleViolation};

/// Code points that a text to look for has at most.
pub const MAX_SEARCH: usize = 254;

const TOO_LONG: RuleViolation = RuleViolation::new("too_long", "Must have at most 254 characters");

text_type! {
    /// A text to look for: literal, compared without regard to case.
    SearchText
}

impl SearchText {
    /// Reads a text; white space around it is dropped, a blank one looks for nothing.
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

/// Which accounts.
#[derive(Debug, Clone, Default)]
pub struct UserFilter {
    /// Beginnings of words: of the address, the username, the user id and the names.
    pub words: Option<SearchText>,
    /// Telephone numbers are searched as well, since the caller may see them (ADM-5).
    pub with_numbers: bool,
    /// Of this role.
    pub role: Option<Role>,
    /// In this state.
    pub status: Option<Status>,
}

/// Which registrations.
#[derive(Debug, Clone, Default)]
pub struct PendingFilter {
    /// Anywhere in the address.
    pub email: Option<SearchText>,
    /// Of this role.
    pub role: Option<Role>,
    /// Those too that have expired and are not collected yet.
    pub include_expired: bool,
}

/// Which records of the audit trail.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Done by this user.
    pub actor: Option<String>,
    /// Done to this user.
    pub subject: Option<String>,
    /// Of this kind.
    pub action: Option<Action>,
    /// At or after this.
    pub from: Option<Timestamp>,
    /// At or before this.
    pub to: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_to_look_for_has_up_to_254_characters_and_may_be_blank() {
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

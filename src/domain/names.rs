//! What people and their devices are called (ID-4).

use crate::error::Fault;

use super::text::{is_forbidden, parse_line, text_type};

text_type! {
    /// A first or last name: a line of 1 to 100 code points.
    PersonName
}

text_type! {
    /// A last name, which somebody who signed up with one word does not have: 0 to 100 code points.
    LastName
}

text_type! {
    /// What a session's device calls itself: a line of 1 to 100 code points.
    DeviceName
}

impl PersonName {
    /// Reads a name; white space around it is dropped.
    ///
    /// # Errors
    /// Those of [`parse_line`].
    pub fn parse(typed: &str) -> Result<Self, Fault> {
        parse_line(typed).map(Self)
    }
}

impl LastName {
    /// The last name of somebody who has none.
    #[must_use]
    pub const fn none() -> Self {
        Self(String::new())
    }
}

impl From<PersonName> for LastName {
    fn from(name: PersonName) -> Self {
        Self(name.0)
    }
}

impl DeviceName {
    /// Reads a device's name; a blank one is none.
    ///
    /// # Errors
    /// `too_long` or `forbidden_character`.
    pub fn parse(typed: &str) -> Result<Option<Self>, Fault> {
        match parse_line(typed) {
            Ok(name) => Ok(Some(Self(name))),
            Err(fault) if fault.kind == "empty" => Ok(None),
            Err(fault) => Err(fault),
        }
    }
}

/// The first word is the first name, the rest the last name, which may be empty.
///
/// # Errors
/// Those of [`parse_line`], for either part.
pub fn split_full_name(typed: &str) -> Result<(PersonName, LastName), Fault> {
    // A line break is a fault, not a gap.
    let gap = |c: char| c.is_whitespace() && !is_forbidden(c);
    let typed = typed.trim_matches(gap);
    match typed.split_once(gap) {
        Some((first, rest)) => Ok((PersonName::parse(first)?, PersonName::parse(rest)?.into())),
        None => Ok((PersonName::parse(typed)?, LastName::none())),
    }
}

/// The whole name, as [`split_full_name`] takes it apart.
#[must_use]
pub fn full_name(first: &PersonName, last: &LastName) -> String {
    format!("{first} {last}").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(typed: &str) -> Option<(String, String)> {
        let (first, last) = split_full_name(typed).ok()?;
        Some((first.into(), last.into()))
    }

    #[test]
    fn the_first_word_is_the_first_name_and_the_rest_the_last() {
        let expected = Some(("Anna".to_owned(), "Maria  van Dyck".to_owned()));
        assert_eq!(split("  Anna   Maria  van Dyck "), expected);
    }

    #[test]
    fn one_word_leaves_the_last_name_empty() {
        assert_eq!(
            split("Madonna"),
            Some(("Madonna".to_owned(), String::new()))
        );
    }

    #[test]
    fn a_full_name_obeys_the_rule_of_names() {
        assert_eq!(split("   "), None);
        assert_eq!(split("Anna\nMeier"), None);
        assert_eq!(split("Anna\u{2028} Meier"), None);
        assert_eq!(split(&format!("{} Meier", "a".repeat(101))), None);
        assert_eq!(split(&format!("Anna {}", "b".repeat(101))), None);
    }

    #[test]
    fn a_blank_device_name_is_none_and_a_long_one_a_fault() {
        assert_eq!(DeviceName::parse("  "), Ok(None));
        assert_eq!(
            DeviceName::parse(" Ward 3 ").unwrap().unwrap().as_str(),
            "Ward 3"
        );
        assert_eq!(
            DeviceName::parse(&"x".repeat(101)).unwrap_err().kind,
            "too_long"
        );
    }

    #[test]
    fn a_name_is_a_plain_string_in_a_document() {
        let name = PersonName::parse("Zoë").unwrap();
        assert_eq!(serde_json::to_string(&name).unwrap(), "\"Zoë\"");
    }

    proptest! {
        #[test]
        fn taking_apart_and_joining_a_name_keeps_it(typed in any::<String>()) {
            if let Ok((first, last)) = split_full_name(&typed) {
                prop_assert_eq!(split_full_name(&full_name(&first, &last)), Ok((first, last)));
            }
        }
    }
}

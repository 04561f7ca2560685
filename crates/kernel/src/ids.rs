//! The ids that the service makes, of users (UID-1) and of sessions (SES-2).

use uuid::{Uuid, Variant, Version};

use crate::random::SharedRng;

use super::{role::Role, text::text_type};

text_type! {
    /// A user's id: three letters for the role at its creation, and eight digits.
    UserId
}

text_type! {
    /// A session's id: a version 4 UUID with hyphens, in lower case.
    SessionId
}

impl UserId {
    /// A new id with eight random digits, all equally likely. Reserving it shows whether it is free (UID-1).
    pub fn generate(role: Role, rng: &SharedRng) -> Self {
        Self(format!("{}{:08}", role.id_prefix(), rng.below(100_000_000)))
    }

    /// An id from a document, a token or a path; nothing is checked.
    pub fn from_stored(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The role that the id's letters name. A staff member may have become an administrator later. So the role only
    /// says which collection to search first, and never decides what a caller may do.
    pub fn role_hint(&self) -> Option<Role> {
        Role::ALL
            .into_iter()
            .find(|role| self.0.starts_with(role.id_prefix()))
    }
}

impl SessionId {
    /// A new id.
    pub fn generate(rng: &SharedRng) -> Self {
        Self::from_uuid(rng.uuid())
    }

    /// The id with this UUID.
    pub fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid.hyphenated().to_string())
    }

    /// Reads an id in the one spelling that the service issues; `None` for every other text.
    pub fn parse(typed: &str) -> Option<Self> {
        let uuid = Uuid::try_parse(typed).ok()?;
        let issued = uuid.get_version() == Some(Version::Random)
            && uuid.get_variant() == Variant::RFC4122
            && uuid.hyphenated().to_string() == typed;
        issued.then(|| Self(typed.to_owned()))
    }
}

/// Whether `text` has the form of a user id: `^(PAT|DOC|STF|ADM)[0-9]+$` in any case (ID-2, ID-3).
pub fn is_id_shaped(text: &str) -> bool {
    text.split_at_checked(3).is_some_and(|(prefix, digits)| {
        Role::ALL
            .iter()
            .any(|role| role.id_prefix().eq_ignore_ascii_case(prefix))
            && !digits.is_empty()
            && digits.bytes().all(|b| b.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_user_id_is_the_roles_letters_and_eight_digits() {
        let rng = SharedRng::seeded(1);
        for role in Role::ALL {
            let id = UserId::generate(role, &rng);
            assert_eq!(id.as_str().len(), 11);
            assert!(is_id_shaped(id.as_str()));
            assert_eq!(id.role_hint(), Some(role));
        }
    }

    #[test]
    fn leading_zeros_are_kept() {
        let rng = SharedRng::seeded(2);
        let zeros = (0..1000)
            .filter(|_| {
                UserId::generate(Role::Doctor, &rng)
                    .as_str()
                    .starts_with("DOC0")
            })
            .count();
        assert!((60..140).contains(&zeros), "{zeros} of 1000 begin with 0");
    }

    #[test]
    fn an_id_with_unknown_letters_shows_no_role() {
        assert_eq!(UserId::from_stored("USR00000001").role_hint(), None);
    }

    #[test]
    fn a_session_id_is_read_only_in_its_issued_spelling() {
        let id = SessionId::generate(&SharedRng::seeded(3));
        assert_eq!(SessionId::parse(id.as_str()), Some(id.clone()));
        assert_eq!(SessionId::parse(&id.as_str().to_uppercase()), None);
        assert_eq!(SessionId::parse(&id.as_str().replace('-', "")), None);
        assert_eq!(SessionId::parse(&format!("{{{id}}}")), None);
    }

    #[test]
    fn only_random_uuids_are_session_ids() {
        assert_eq!(
            SessionId::parse("00000000-0000-0000-0000-000000000000"),
            None
        );
        assert_eq!(
            SessionId::parse("c232ab00-9414-11ec-b3c8-9f68deced846"),
            None
        );
    }

    #[test]
    fn only_the_four_prefixes_with_digits_have_the_form_of_an_id() {
        for shaped in [
            "PAT1",
            "pat00000001",
            "Doc12345678",
            "STF0",
            "aDm99999999999",
        ] {
            assert!(is_id_shaped(shaped), "{shaped}");
        }
        for other in ["", "PAT", "PAT-1", "PAT1a", "USR1", "PAT１", "éé1", " PAT1"] {
            assert!(!is_id_shaped(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn reading_anything_never_panics(text in any::<String>()) {
            let _ = is_id_shaped(&text);
            prop_assert_eq!(SessionId::parse(&text), None);
        }
    }
}

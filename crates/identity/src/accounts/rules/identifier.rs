//! The text that a person types to log in, and the keys under which accounts are found (ID-3, REG-2).

use std::fmt;

use aws_lc_rs::digest;

use crate::accounts::documents::User;
use kernel::{
    contact::EmailAddress,
    helpers::hex,
    ids::is_id_shaped,
    text::{fold, trim_invisible},
};

/// A longer text cannot name an account, and is kept as a digest.
const MAX_CODE_POINTS: usize = 320;

/// The text typed into a login, in the namespace that its form decides.
///
/// `Debug` shows only the namespace, because people type passwords into the wrong field.
#[derive(Clone, PartialEq, Eq)]
pub enum Identifier {
    /// It has the form of a user id.
    UserId(String),
    /// It has an `@`.
    Email(String),
    /// Everything else.
    Username(String),
    /// It is longer than any name; this is its digest.
    Oversized(String),
}

impl Identifier {
    /// Decides the namespace (ID-3) of a typed text, without blanks at its ends. Every text is an identifier, also if
    /// no account has it.
    #[must_use]
    pub fn parse(typed: &str) -> Self {
        let typed = trim_invisible(typed);
        if typed.chars().count() > MAX_CODE_POINTS {
            Self::Oversized(hex(
                digest::digest(&digest::SHA256, typed.as_bytes()).as_ref()
            ))
        } else if typed.contains('@') {
            Self::Email(typed.to_owned())
        } else if is_id_shaped(typed) {
            Self::UserId(typed.to_owned())
        } else {
            Self::Username(typed.to_owned())
        }
    }

    /// The keys to look up in `identifiers`; the first one that exists counts. The first is the key of the namespace,
    /// the second that of a username, because usernames of the older service could look like an address or an id.
    #[must_use]
    pub fn candidates(&self) -> Vec<String> {
        match self {
            Self::UserId(id) => vec![user_id_key(id), username_key(id)],
            Self::Email(address) => vec![email_key(address), username_key(address)],
            Self::Username(name) => vec![username_key(name)],
            Self::Oversized(_) => Vec::new(),
        }
    }

    /// The key under which failures are counted while no account is found; the same for all spellings (LCK-2, ENUM-5).
    #[must_use]
    pub fn lockout_key(&self) -> String {
        match self {
            Self::UserId(id) => user_id_key(id),
            Self::Email(address) => email_key(address),
            Self::Username(name) => username_key(name),
            Self::Oversized(digest) => format!("oversized:{digest}"),
        }
    }
}

impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UserId(_) => "UserId(…)",
            Self::Email(_) => "Email(…)",
            Self::Username(_) => "Username(…)",
            Self::Oversized(_) => "Oversized(…)",
        })
    }
}

/// The `_id`s of the names of an account, the user id first.
#[must_use]
pub fn keys_of(user: &User) -> Vec<String> {
    let username = user.person.names.username.as_ref();
    let mut keys = vec![user_id_key(user.user_id.as_str()), email_key(user.email())];
    keys.extend(username.map(|name| username_key(name.as_str())));
    keys
}

/// The `_id` that reserves an address; the same for all spellings.
#[must_use]
pub fn email_key(address: &str) -> String {
    format!("email:{}", EmailAddress::canonical_of(address))
}

/// The `_id` that reserves a username; the same for all spellings.
#[must_use]
pub fn username_key(name: &str) -> String {
    format!("username:{}", fold(name))
}

/// The `_id` that reserves a user id; the same for all spellings.
#[must_use]
pub fn user_id_key(id: &str) -> String {
    format!("user_id:{}", trim_invisible(id).to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn candidates(typed: &str) -> Vec<String> {
        Identifier::parse(typed).candidates()
    }

    #[test]
    fn an_id_is_looked_up_in_upper_case_then_as_an_old_username() {
        assert_eq!(
            candidates(" pat00000001 "),
            ["user_id:PAT00000001", "username:pat00000001"]
        );
    }

    #[test]
    fn an_address_is_looked_up_canonically_then_as_an_old_username() {
        assert_eq!(
            candidates("Anna@MÜNCHEN.de"),
            ["email:anna@xn--mnchen-3ya.de", "username:anna@münchen.de"]
        );
    }

    #[test]
    fn everything_else_is_a_username() {
        assert_eq!(candidates("Anna.Meier"), ["username:anna.meier"]);
        assert_eq!(candidates(""), ["username:"]);
        assert_eq!(candidates("PAT1a"), ["username:pat1a"]);
    }

    #[test]
    fn an_invalid_address_still_has_keys() {
        assert_eq!(candidates("@"), ["email:@", "username:@"]);
        assert_eq!(
            candidates("Root@Localhost"),
            ["email:root@localhost", "username:root@localhost"]
        );
    }

    #[test]
    fn all_spellings_of_one_name_share_a_lockout_key() {
        let key = |typed: &str| Identifier::parse(typed).lockout_key();
        assert_eq!(key("ANNA@Example.org"), key(" anna@example.ORG"));
        assert_eq!(key("doc12345678"), key("DOC12345678"));
        assert_eq!(key("Anna"), key("anna "));
        for around in [
            "\u{200b}", "\u{a0}", "\u{feff}", "\u{200f}", "\u{ad}", "\r\n",
        ] {
            for name in ["anna", "anna@example.org", "PAT00000001"] {
                assert_eq!(key(&format!("{around}{name}{around}")), key(name));
            }
        }
        assert_ne!(key("anna"), key("anne"));
    }

    #[test]
    fn an_oversized_text_has_no_account_and_a_short_lockout_key() {
        let long = Identifier::parse(&"a".repeat(321));
        assert!(long.candidates().is_empty());
        assert_eq!(long.lockout_key().len(), "oversized:".len() + 64);
        assert_ne!(
            long.lockout_key(),
            Identifier::parse(&"b".repeat(321)).lockout_key()
        );
    }

    #[test]
    fn debug_shows_only_the_namespace() {
        assert_eq!(
            format!("{:?}", Identifier::parse("hunter2@secret")),
            "Email(…)"
        );
    }

    proptest! {
        #[test]
        fn every_text_has_a_bounded_lockout_key(text in any::<String>()) {
            prop_assert!(Identifier::parse(&text).lockout_key().chars().count() <= 3 * MAX_CODE_POINTS + 16);
        }

        #[test]
        fn keys_do_not_depend_on_case_or_space_around(name in "[A-Za-z0-9._-]{3,32}") {
            prop_assert_eq!(candidates(&name.to_uppercase()), candidates(&name.to_lowercase()));
            prop_assert_eq!(candidates(&format!(" {name} ")), candidates(&name));
        }
    }
}

//! How a person is reached: e-mail addresses (ID-1) and telephone numbers (ID-4).

mod mobile;

use std::fmt;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use serde::{Deserialize, Serialize};

pub use self::mobile::digit;
pub use self::mobile::{Mobile, digits, split_country};
use super::text::{fold, trim_invisible};
use crate::error::RuleViolation;

/// The largest number of characters of an address (RFC 5321 §4.5.3.1.3, without the brackets of a path).
pub const MAX_EMAIL: usize = 254;
/// The largest number of characters before the `@` (RFC 5321 §4.5.3.1.1).
const MAX_LOCAL: usize = 64;

const EMAIL_INVALID: RuleViolation =
    RuleViolation::new("email_invalid", "Must be an e-mail address");
const EMAIL_TOO_LONG: RuleViolation = RuleViolation::new(
    "email_too_long",
    "Must have at most 254 characters, 64 of them before the @",
);

/// An e-mail address: the typed form, and the canonical form by which addresses are compared.
///
/// `Debug` shows the masked form, so an address never gets into a log (LOG-2).
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "StoredAddress")]
pub struct EmailAddress {
    #[serde(rename = "email")]
    canonical: String,
    #[serde(rename = "email_display")]
    display: String,
}

/// The fields of a document. The older service wrote one, with the address as typed.
#[derive(Deserialize)]
struct StoredAddress {
    email: String,
    #[serde(default)]
    email_display: Option<String>,
}

impl From<StoredAddress> for EmailAddress {
    fn from(stored: StoredAddress) -> Self {
        let StoredAddress {
            email,
            email_display,
        } = stored;
        Self {
            display: email_display.unwrap_or_else(|| email.clone()),
            canonical: email,
        }
    }
}

impl EmailAddress {
    /// Reads an address, after invisible characters at its ends are dropped: an ASCII dot-atom, `@`, and a domain name
    /// of at least two labels, which may be international (UTS 46). Only upper and lower case count as equal (ID-1).
    ///
    /// # Errors
    /// `email_invalid` or `email_too_long`.
    pub fn parse(typed: &str) -> Result<Self, RuleViolation> {
        let typed = trim_invisible(typed);
        if typed.chars().count() > MAX_EMAIL {
            return Err(EMAIL_TOO_LONG);
        }
        let (local, domain) = typed.split_once('@').ok_or(EMAIL_INVALID)?;
        if !is_dot_atom(local) {
            return Err(EMAIL_INVALID);
        }
        let domain = ascii_domain(domain).ok_or(EMAIL_INVALID)?;
        let canonical = format!("{}@{domain}", local.to_ascii_lowercase());
        if local.len() > MAX_LOCAL || canonical.len() > MAX_EMAIL {
            return Err(EMAIL_TOO_LONG);
        }
        Ok(Self {
            canonical,
            display: typed.to_owned(),
        })
    }

    /// Reads an address that may belong to an account. It also accepts addresses that [`EmailAddress::parse`] refuses
    /// and the older service accepted: any text with something on both sides of one `@`.
    ///
    /// # Errors
    /// `email_invalid` or `email_too_long`.
    pub fn of_account(typed: &str) -> Result<Self, RuleViolation> {
        let violation = match Self::parse(typed) {
            Err(violation) if violation == EMAIL_INVALID => violation,
            parsed => return parsed,
        };
        let typed = trim_invisible(typed);
        let (local, domain) = typed.split_once('@').ok_or(violation)?;
        let has_both = !local.is_empty() && !domain.is_empty() && !domain.contains('@');
        if !has_both || typed.chars().any(char::is_control) {
            return Err(violation);
        }
        Ok(Self {
            canonical: Self::canonical_of(typed),
            display: typed.to_owned(),
        })
    }

    /// The canonical form of any text: that of the address or, if it is not an address (the older service checked
    /// little), the text in lower case without blanks at its ends.
    #[must_use]
    pub fn canonical_of(text: &str) -> String {
        Self::parse(text).map_or_else(|_| fold(text), |address| address.canonical)
    }

    /// The form that is compared, reserved and mailed to: lower case, the domain in A-labels.
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// The typed form; only to be shown, never to be compared or mailed to.
    #[must_use]
    pub fn display(&self) -> &str {
        &self.display
    }

    /// The part of the canonical form before the `@`.
    #[must_use]
    pub fn local_part(&self) -> &str {
        self.canonical.split('@').next().unwrap_or_default()
    }

    /// A form in which a log reader recognizes an address, but cannot write to it: `a***@e***.org`.
    #[must_use]
    pub fn masked(&self) -> String {
        let (local, domain) = self.canonical.split_once('@').unwrap_or_default();
        let top = domain.rsplit('.').next().unwrap_or_default();
        let first = |part: &str| part.chars().next().unwrap_or('*');
        format!("{}***@{}***.{top}", first(local), first(domain))
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmailAddress({})", self.masked())
    }
}

/// RFC 5322 §3.2.3 `dot-atom-text`: no quotes, comments, spaces, or dots at the ends or in a row.
fn is_dot_atom(local: &str) -> bool {
    local.split('.').all(|atom| {
        !atom.is_empty()
            && atom
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
    })
}

/// The domain in lower-case A-labels, if mail can be sent to it.
fn ascii_domain(domain: &str) -> Option<String> {
    if domain.chars().any(is_dropped_by_mapping) {
        return None;
    }
    let ascii = to_ascii(domain)?;
    let (_, top) = ascii.rsplit_once('.')?;
    // Four numbers are an IP address, not a name (RFC 3696 §2), with or without brackets.
    (!top.bytes().all(|b| b.is_ascii_digit())).then_some(ascii)
}

/// UTS 46 `ToASCII`, labels of letters, digits and inner hyphens, 1 to 63 of them.
fn to_ascii(domain: &str) -> Option<String> {
    Uts46::new()
        .to_ascii(
            domain.as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::CheckFirstLast,
            DnsLength::Verify,
        )
        .ok()
        .map(std::borrow::Cow::into_owned)
}

/// UTS 46 drops soft hyphens, zero-width spaces and the like silently. Then the typed form could look different from
/// the address that it means, or look like another one.
fn is_dropped_by_mapping(c: char) -> bool {
    !c.is_ascii() && to_ascii(&format!("a{c}a")).is_some_and(|mapped| mapped == "aa")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn canonical(typed: &str) -> Option<String> {
        EmailAddress::parse(typed)
            .ok()
            .map(|address| address.canonical)
    }

    fn kind(typed: &str) -> Option<&'static str> {
        EmailAddress::parse(typed)
            .err()
            .map(|violation| violation.kind)
    }

    #[test]
    fn an_address_is_lower_cased_and_its_typed_form_kept() {
        let address = EmailAddress::parse("Anna.Meier+Clinic@Example.ORG").unwrap();
        assert_eq!(address.canonical(), "anna.meier+clinic@example.org");
        assert_eq!(address.display(), "Anna.Meier+Clinic@Example.ORG");
        assert_eq!(address.local_part(), "anna.meier+clinic");
    }

    #[test]
    fn an_international_domain_becomes_a_labels() {
        let expected = Some("info@xn--mnchen-3ya.de".to_owned());
        for typed in [
            "info@münchen.de",
            "info@MÜNCHEN.de",
            "info@mu\u{308}nchen。de",
            "info@XN--MNCHEN-3YA.DE",
        ] {
            assert_eq!(canonical(typed), expected, "{typed}");
        }
    }

    #[test]
    fn dots_and_plus_are_not_folded() {
        assert_ne!(canonical("a.b@example.org"), canonical("ab@example.org"));
        assert_ne!(canonical("a+b@example.org"), canonical("a@example.org"));
    }

    #[test]
    fn a_text_without_a_valid_address_is_refused() {
        let parts = "|@|anna|anna@|@example.org|anna@localhost|a@b@example.org|anna@127.0.0.1\
            |.anna@example.org|anna.@example.org|an..na@example.org|anna@[127.0.0.1]|anna@[IPv6:::1]\
            |\"anna\"@example.org|anna(x)@example.org|Anna <anna@example.org>|anna,eve@example.org";
        let domains = "anna@example.org.|anna@example..org|anna@.org|anna@-a.org|anna@a-.org\
            |anna@exam_ple.org|anna@exam ple.org|anna@example.org:25|anna@example.org/x\
            |anna@xn--example-.org|anna@xn--a.org";
        let spaces = "an na@example.org|anna\t@example.org|anna @example.org|anna@ example.org\
            |anna\0@example.org|anna@example.org\0|anna@example.org\r\nBcc: eve@example.org";
        let unicode = "аnna@example.org|änna@example.org|\u{212A}ate@example.org|anna＠example.org\
            |anna@exam\u{ad}ple.org|anna@example\u{200b}.org|anna@\u{202e}example.org";
        for bad in [parts, domains, spaces, unicode]
            .iter()
            .flat_map(|list| list.split('|'))
        {
            assert_eq!(kind(bad), Some("email_invalid"), "{bad:?}");
        }
    }

    #[test]
    fn invisible_characters_around_an_address_are_dropped() {
        let address = EmailAddress::parse("\u{202a}\u{feff} Anna@example.org\u{200b}\u{a0}\r\n");
        let address = address.unwrap();
        assert_eq!(address.canonical(), "anna@example.org");
        assert_eq!(address.display(), "Anna@example.org");
        assert_eq!(
            EmailAddress::canonical_of("\u{200f}Root@Localhost\u{ad}"),
            "root@localhost"
        );
    }

    #[test]
    fn an_address_has_at_most_254_characters_and_64_before_the_at() {
        let label = "d".repeat(63);
        let at = |local: usize, last: usize| {
            format!(
                "{}@{label}.{label}.{}.org",
                "l".repeat(local),
                "d".repeat(last)
            )
        };
        assert_eq!(at(64, 57).len(), 254);
        assert_eq!(kind(&at(64, 57)), None);
        assert_eq!(kind(&at(64, 58)), Some("email_too_long"));
        assert_eq!(
            kind(&format!("{}@example.org", "l".repeat(65))),
            Some("email_too_long")
        );
        assert_eq!(
            kind(&format!("a@{}.org", "d".repeat(64))),
            Some("email_invalid")
        );
        assert_eq!(kind(&"a".repeat(1_000_000)), Some("email_too_long"));
    }

    #[test]
    fn the_limit_counts_the_canonical_form() {
        let typed = format!(
            "{}@{}ü.{}ü.{}ü.org",
            "l".repeat(64),
            "d".repeat(55),
            "d".repeat(55),
            "d".repeat(55)
        );
        assert!(typed.chars().count() < MAX_EMAIL);
        assert_eq!(kind(&typed), Some("email_too_long"));
    }

    #[test]
    fn mask_and_debug_reveal_little_of_an_address() {
        let address = EmailAddress::parse("anna.meier@mail.example.org").unwrap();
        assert_eq!(address.masked(), "a***@m***.org");
        assert_eq!(format!("{address:?}"), "EmailAddress(a***@m***.org)");
    }

    #[test]
    fn addresses_of_the_older_service_have_a_canonical_form() {
        assert_eq!(
            EmailAddress::canonical_of(" Anna@Example.ORG "),
            "anna@example.org"
        );
        assert_eq!(
            EmailAddress::canonical_of("Root@Localhost"),
            "root@localhost"
        );
        assert_ne!(
            EmailAddress::canonical_of("\u{212A}ate@example.org"),
            "kate@example.org"
        );
    }

    #[test]
    fn an_account_is_found_by_an_address_that_is_refused_today() {
        for old in [
            "müller@example.org",
            "\"a b\"@Example.org",
            "a..b@example.org",
            "a@example.org.",
            "Root@Localhost",
        ] {
            let address = EmailAddress::of_account(old).unwrap();
            assert_eq!(address.canonical(), EmailAddress::canonical_of(old));
        }
        for bad in [
            "",
            "anna",
            "@",
            "anna@",
            " @example.org",
            "a\0b@example.org",
        ] {
            assert_eq!(EmailAddress::of_account(bad), Err(EMAIL_INVALID), "{bad:?}");
        }
        let long = format!("{}@example.org", "ü".repeat(300));
        assert_eq!(EmailAddress::of_account(&long), Err(EMAIL_TOO_LONG));
    }

    proptest! {
        #[test]
        fn reading_anything_never_panics(typed in any::<String>()) {
            let _ = EmailAddress::parse(&typed);
        }

        #[test]
        fn a_canonical_address_is_its_own_canonical_form(typed in "[A-Za-z0-9.+_-]{1,10}@[A-Za-zäÖßéα中-]{1,12}[.。][a-zA-Z]{2,5}") {
            if let Ok(address) = EmailAddress::parse(&typed) {
                prop_assert!(address.canonical().is_ascii());
                prop_assert_eq!(canonical(address.canonical()), Some(address.canonical().to_owned()));
            }
        }

        #[test]
        fn canonical_of_is_idempotent(text in "\\PC{0,8}@?\\PC{0,8}\\.?[a-z]{0,3}") {
            let once = EmailAddress::canonical_of(&text);
            prop_assert_eq!(EmailAddress::canonical_of(&once), once);
        }

        #[test]
        fn an_ordinary_address_is_accepted_in_any_case(typed in "[A-Za-z0-9]{1,20}@[A-Za-z0-9]{1,20}\\.[A-Za-z]{2,6}") {
            prop_assert_eq!(canonical(&typed), Some(typed.to_ascii_lowercase()));
        }
    }
}

//! Who may be entered a second time (PAT-11).

use super::{
    birth::Birth,
    search::{Findable, Lookup},
};

/// Why a record may be of the same person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DuplicateReason {
    /// The telephone number is the same.
    Phone,
    /// The e-mail address is the same.
    Email,
    /// The birth is the same, and the name is the same or sounds alike.
    BirthAndName,
}

/// Where to look for records of the same person. Each lookup stands for itself; [`possible_duplicate`] decides about the
/// records that they find.
pub fn duplicate_lookups(new: &Findable) -> Vec<Lookup> {
    let contact = new.contact_terms().into_iter().map(|term| vec![term]);
    let born = new.born_term().map(|term| vec![term]);
    // A record with an estimated year has no date to look up.
    let named = Some(new.name_terms()).filter(|lookup| !lookup.is_empty());
    contact.chain(born).chain(named).collect()
}

/// Whether `other` may be the same person as the new one: the same telephone number or e-mail address, or the same date
/// of birth and a name that is the same or sounds alike. Where one of them has only an estimated year of birth, the years
/// may differ by one, and the name must be the same.
pub fn possible_duplicate(new: &Findable, other: &Findable) -> Option<DuplicateReason> {
    if new.has_same_phone(other) {
        return Some(DuplicateReason::Phone);
    }
    if new.has_same_email(other) {
        return Some(DuplicateReason::Email);
    }
    let is_same = match (new.birth(), other.birth()) {
        (Birth::Date(one), Birth::Date(another)) => one == another && new.name_sounds_like(other),
        (one, another) => {
            let years = one.year().zip(another.year());
            let near = years.is_some_and(|(one, another)| one.abs_diff(another) <= 1);
            near && new.has_same_name(other)
        }
    };
    is_same.then_some(DuplicateReason::BirthAndName)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use kernel::{
        clock::Timestamp,
        contact::{EmailAddress, Mobile},
        ids::UserId,
    };

    use super::*;
    use crate::patients::{
        search::PhoneRules,
        values::Sex,
        who::{PatientNames, Who},
    };

    /// A person; `born` is a date or an age in 2026.
    fn person(name: &str, born: &str, phone: &str, email: &str) -> Findable {
        let now = Timestamp::UNIX_EPOCH + chrono::Duration::days(20_468);
        let age = born.parse().ok();
        let day = Some(born).filter(|_| age.is_none());
        let who = Who {
            names: PatientNames::parse(Some(name), None, None).unwrap(),
            birth: Birth::parse(day, age, now, date(2026, 1, 15)).unwrap(),
            sex: Sex::Unknown,
            phone: Mobile::parse(phone).ok(),
            email: EmailAddress::parse(email).ok(),
            address: None,
            referred_by: None,
            emergency_contact: None,
            language: None,
        };
        let rules = PhoneRules::new(Some("41"), "0");
        Findable::of(&UserId::from_stored("PAT1"), &who, &rules)
    }

    /// The reason, if the index finds the candidate and the rule confirms it.
    fn reason(new: &Findable, other: &Findable) -> Option<DuplicateReason> {
        let stored = other.terms();
        let mut lookups = duplicate_lookups(new).into_iter();
        let is_found = lookups.any(|lookup| lookup.iter().all(|term| stored.contains(term)));
        possible_duplicate(new, other).filter(|_| is_found)
    }

    fn named(one: &str, other: &str) -> bool {
        let [one, other] = [one, other].map(|name| person(name, "1990-05-17", "", ""));
        let both = [reason(&one, &other), reason(&other, &one)];
        assert_eq!(both[0], both[1], "the rule has no direction");
        both[0] == Some(DuplicateReason::BirthAndName)
    }

    // PAT-11
    #[test]
    fn the_same_birth_and_a_similar_name_is_a_duplicate() {
        for (one, other) in [
            ("Anna Müller", "Anna Mueller"),
            ("Anna Müller", "MULLER, Anna"),
            ("Anna Meier", "Ana Maier"),
            ("Anna Maria Meier", "Anna Meier"),
            ("Anna-Maria Meier", "Anna Maria Meier"),
            ("Sinéad O’Connor", "Sinead OConnor"),
            ("明 李", "李明"),
            ("Фёдор Иванов", "Иванов Федор"),
        ] {
            assert!(named(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("Anna Müller", "Anna Schmidt"),
            ("Anna Müller", "Peter Müller"),
            ("Sean O'Connor", "Sean O'Brien"),
            ("明 李", "明 王"),
            ("Фёдор Иванов", "Пётр Иванов"),
        ] {
            assert!(!named(one, other), "{one} {other}");
        }
    }

    #[test]
    fn a_similar_name_with_another_birth_is_no_duplicate() {
        let anna = person("Anna Meier", "1990-05-17", "", "");
        let other = person("Anna Meier", "1990-05-18", "", "");
        assert_eq!(reason(&anna, &other), None);
    }

    // PAT-11
    #[test]
    fn the_same_number_or_address_is_a_duplicate() {
        let anna = person(
            "Anna Meier",
            "1990-05-17",
            "+41 79 000 00 00",
            "a@example.org",
        );
        let phone = person("Peter Schmidt", "2001-01-01", "079 000 00 00", "");
        let email = person("Peter Schmidt", "2001-01-01", "", "A@Example.ORG");
        let neither = person(
            "Peter Schmidt",
            "2001-01-01",
            "+43 79 000 00 00",
            "b@example.org",
        );
        assert_eq!(reason(&anna, &phone), Some(DuplicateReason::Phone));
        assert_eq!(reason(&anna, &email), Some(DuplicateReason::Email));
        assert_eq!(reason(&anna, &neither), None);
        let nothing = person("Peter Schmidt", "2001-01-01", "", "");
        assert_eq!(
            reason(&person("Eva Li", "1990-05-17", "", ""), &nothing),
            None
        );
    }

    #[test]
    fn an_estimated_year_fits_one_year_around_and_the_same_name() {
        let of = |one: &str, other: &str, age: &str| {
            let estimated = person(other, age, "", "");
            let known = person(one, "1990-05-17", "", "");
            let both = [reason(&known, &estimated), reason(&estimated, &known)];
            assert_eq!(both[0], both[1], "the rule has no direction");
            both[0].is_some()
        };
        assert!(of("Anna Müller", "Müller Anna", "36"));
        assert!(of("Anna Müller", "Anna Mueller", "35"));
        assert!(of("Anna Müller", "Anna Müller", "37"));
        assert!(!of("Anna Müller", "Anna Müller", "38"));
        assert!(!of("Anna Müller", "Anna Miller", "36"));
    }
}

//! Telephone numbers that are written in different ways and mean the same (PAT-8).

use kernel::contact::{Mobile, digit, digits, split_country};

/// From this number of digits on, a number that begins with the clinic's calling code contains it.
const WITH_COUNTRY: usize = 11;
/// The shortest number.
const SHORTEST: usize = 4;

/// How numbers without a country are read: the settings `clinic.default_calling_code` and `clinic.trunk_prefix`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PhoneRules {
    calling_code: Option<String>,
    trunk_prefix: String,
}

impl PhoneRules {
    /// The rules of a clinic: `41` or `+41`, and `0`. Without a calling code, numbers are compared inside their country.
    pub fn new(calling_code: Option<&str>, trunk_prefix: &str) -> Self {
        let only_digits = |text: &str| text.chars().filter_map(digit).collect::<String>();
        Self {
            calling_code: calling_code
                .map(only_digits)
                .filter(|code| !code.is_empty()),
            trunk_prefix: only_digits(trunk_prefix),
        }
    }
}

/// A telephone number: its country, if it is known, and the number inside that country.
#[derive(Clone, PartialEq, Eq)]
pub struct Phone {
    country: Option<String>,
    national: String,
}

impl Phone {
    /// Reads a number. `None` if it has fewer than 4 digits that count.
    pub fn of(number: &Mobile, rules: &PhoneRules) -> Option<Self> {
        let typed = number.as_str();
        let raw: String = typed.chars().filter_map(digit).collect();
        let is_international = typed.contains(['+', '＋']) || raw.starts_with("00");
        let plain = digits(typed);
        let phone = if is_international {
            let (country, national) = split_country(plain.trim_start_matches('0'));
            Self {
                country: Some(country.to_owned()),
                national: national.to_owned(),
            }
        } else {
            Self::inside(&plain, rules)
        };
        (phone.key().len() >= SHORTEST).then_some(phone)
    }

    fn inside(plain: &str, rules: &PhoneRules) -> Self {
        let code = rules.calling_code.as_deref();
        let trunk = rules.trunk_prefix.as_str();
        let after = |prefix: &str| plain.strip_prefix(prefix).filter(|it| it.len() >= SHORTEST);
        let has_trunk = !trunk.is_empty() && plain.starts_with(trunk);
        let with_code = code.filter(|_| plain.len() >= WITH_COUNTRY && !has_trunk);
        let national = with_code.and_then(after);
        let national = national.or_else(|| after(trunk)).unwrap_or(plain);
        Self {
            country: code.map(ToOwned::to_owned),
            national: national.to_owned(),
        }
    }

    /// The number inside its country without leading zeros, by which numbers are looked up: a zero that is dialled first
    /// may be missing or be written after the country.
    pub fn key(&self) -> &str {
        self.national.trim_start_matches('0')
    }

    /// All digits with the country, as E.164 writes them without `+`; `None` if the country is not known.
    pub fn e164(&self) -> Option<String> {
        let country = self.country.as_ref()?;
        Some(format!("{country}{}", self.national))
    }

    /// Whether both are one number. A number without a country equals those of every country.
    pub fn is_same(&self, other: &Self) -> bool {
        let one_country = match (&self.country, &other.country) {
            (Some(own), Some(others)) => own == others,
            _ => true,
        };
        one_country && self.key() == other.key()
    }

    /// The last 4, 5 and 6 digits; a shorter number has fewer of these ends.
    pub fn ends(&self) -> impl Iterator<Item = &str> {
        let number = self.national.as_str();
        (SHORTEST..=6).filter_map(|length| number.get(number.len().checked_sub(length)?..))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn phone(typed: &str, code: Option<&str>, trunk: &str) -> Phone {
        Phone::of(
            &Mobile::parse(typed).unwrap(),
            &PhoneRules::new(code, trunk),
        )
        .unwrap()
    }

    /// Calling code, trunk prefix, E.164 as `PyPI` `phonenumbers` 9 writes it, and spellings of the number.
    const TEN_COUNTRIES: [(&str, &str, &str, &str); 10] = [
        (
            "41",
            "0",
            "41790000000",
            "079 000 00 00|+41 79 000 00 00|0041790000000|(079) 000-00-00|+41 (0)79 000 00 00|41790000000",
        ),
        (
            "49",
            "0",
            "4915123456789",
            "0151 23456789|+49 151 23456789|0049 151/23456789|(0151) 234-567-89|+49 (0)151 23456789",
        ),
        (
            "43",
            "0",
            "436641234567",
            "0664 1234567|+43 664 1234567|0043 664 1234567|(0664) 123 45 67",
        ),
        (
            "33",
            "0",
            "33612345678",
            "06 12 34 56 78|+33 6 12 34 56 78|0033612345678|06.12.34.56.78|+33 (0)6 12 34 56 78",
        ),
        (
            "39",
            "",
            "390612345678",
            "06 1234 5678|+39 06 1234 5678|0039 06 12345678|06/12345678",
        ),
        (
            "44",
            "0",
            "447400123456",
            "07400 123456|+44 7400 123456|0044 7400 123456|(07400) 123-456|+44 (0)7400 123456",
        ),
        (
            "1",
            "1",
            "12015550123",
            "(201) 555-0123|1 201 555 0123|+1 201-555-0123|201.555.0123|0012015550123",
        ),
        (
            "7",
            "8",
            "79123456789",
            "8 912 345-67-89|+7 912 345-67-89|8 (912) 345 67 89|007 912 3456789|79123456789",
        ),
        (
            "91",
            "0",
            "918123456789",
            "081234 56789|+91 81234 56789|8123456789|००९१ ८१२३४ ५६७८९",
        ),
        (
            "81",
            "0",
            "819012345678",
            "090-1234-5678|+81 90-1234-5678|（０９０）１２３４−５６７８|+81 (0)90 1234 5678",
        ),
    ];

    // PAT-8
    #[test]
    fn the_spellings_of_ten_countries_have_the_digits_of_e164() {
        for (code, trunk, e164, spellings) in TEN_COUNTRIES {
            for typed in spellings.split('|') {
                let read = phone(typed, Some(code), trunk).e164();
                assert_eq!(read.as_deref(), Some(e164), "{typed}");
            }
        }
    }

    // PAT-8
    #[test]
    fn without_a_code_numbers_are_equal_inside_their_country() {
        for (_, trunk, e164, spellings) in TEN_COUNTRIES {
            let number = phone(&format!("+{e164}"), None, trunk);
            // Without a plus and the setting, nothing tells the country.
            for typed in spellings.split('|').filter(|typed| *typed != e164) {
                assert!(phone(typed, None, trunk).is_same(&number), "{typed}");
            }
        }
    }

    #[test]
    fn equal_digits_in_two_countries_are_two_numbers() {
        let swiss = phone("+41 79 000 00 00", None, "0");
        let austrian = phone("+43 79 000 00 00", None, "0");
        assert_eq!(swiss.key(), austrian.key());
        assert!(!swiss.is_same(&austrian));
        assert!(swiss.is_same(&phone("+41 079 000 00 00", None, "0")));
    }

    #[test]
    fn the_ends_have_four_to_six_digits() {
        let ends = |typed| phone(typed, None, "0").ends().collect::<Vec<_>>().join(" ");
        assert_eq!(ends("079 000 12 34"), "1234 01234 001234");
        assert_eq!(ends("1120"), "1120");
    }

    #[test]
    fn a_number_that_is_all_zeros_is_none() {
        let zeros = Mobile::parse("0000 0000").unwrap();
        assert!(Phone::of(&zeros, &PhoneRules::default()).is_none());
    }

    proptest! {
        #[test]
        fn reading_any_number_never_panics(typed in "[+(]?[0-9 ()-]{4,20}", code in "[0-9]{0,3}", trunk in "[0-9]{0,2}") {
            if let Ok(number) = Mobile::parse(&typed) {
                let read = Phone::of(&number, &PhoneRules::new(Some(&code), &trunk));
                prop_assert!(read.is_none_or(|phone| phone.is_same(&phone.clone())));
            }
        }
    }
}

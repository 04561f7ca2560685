//! The one-time code that a person types (OTP-10).

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
use zeroize::Zeroizing;

use kernel::text::is_invisible;

/// A typed code, normalized. It is compared by its bytes in constant time, and never shown.
#[derive(Clone)]
pub struct OtpCode(Zeroizing<String>);

impl OtpCode {
    /// Reads a code of `length` digits as people paste it. Blanks, invisible characters and dashes are dropped
    /// everywhere, and full-width digits count as digits. `None` for everything else: digits of other scripts, letters,
    /// another length.
    pub fn parse(typed: &str, length: u32) -> Option<Self> {
        let length = usize::try_from(length).ok()?;
        // Allocated once for all digits, so that no copy is left in memory unwiped.
        let mut code = Zeroizing::new(String::with_capacity(length.min(typed.len())));
        for c in typed.chars() {
            if let Some(digit) = ascii_digit(c) {
                if code.len() == length {
                    return None;
                }
                code.push(digit);
            } else if !is_invisible(c) && !is_dash(c) {
                return None;
            }
        }
        (!code.is_empty() && code.len() == length).then_some(Self(code))
    }

    /// The digits.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// A decimal digit whose compatibility form (NFKC) is an ASCII one, such as a full-width digit.
fn ascii_digit(c: char) -> Option<char> {
    let is_decimal = c.general_category() == GeneralCategory::DecimalNumber;
    let form = c.nfkc().next().filter(char::is_ascii_digit);
    form.filter(|_| is_decimal)
}

/// Dashes (Unicode `Pd`), the minus signs, and characters that look like one.
pub(crate) fn is_dash(c: char) -> bool {
    c.general_category() == GeneralCategory::DashPunctuation
        || matches!(
            c,
            '\u{02D7}'
                | '\u{06D4}'
                | '\u{2043}'
                | '\u{207B}'
                | '\u{208B}'
                | '\u{2212}'
                | '\u{23AF}'
                | '\u{2500}'
                | '\u{2501}'
                | '\u{2796}'
                | '\u{30FC}'
                | '\u{FF70}'
        )
}

impl fmt::Debug for OtpCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OtpCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(typed: &str) -> Option<Vec<u8>> {
        OtpCode::parse(typed, 6).map(|code| code.as_bytes().to_vec())
    }

    #[test]
    fn blanks_and_dashes_are_dropped_and_leading_zeros_kept() {
        for typed in [
            "012345",
            " 0 1 2 - 3 4 5 ",
            "0-1-2-3-4-5",
            "012\n345\r\n",
            "\u{feff}012\u{a0}345",
            "\u{200e}012\u{200b}\u{200d}345\u{200f}",
            "\u{2066}012\u{202f}345\u{2069}",
            "012\u{ad}345\u{3000}",
            "012\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2015}345",
            "012\u{2212}\u{ff0d}\u{fe63}\u{58a}\u{30fc}345",
            "0\u{fe0f}12345",
        ] {
            assert_eq!(read(typed).as_deref(), Some(&b"012345"[..]), "{typed:?}");
        }
        assert!(read(&format!("{}012345", "- ".repeat(30_000))).is_some());
    }

    #[test]
    fn full_width_digits_count_as_digits() {
        for typed in [
            "０１２３４５",
            "012３４５",
            "𝟎𝟏𝟐𝟛𝟜𝟝",
            "𝟢𝟣𝟤𝟯𝟰𝟱",
            "𝟶𝟷𝟸𝟹𝟺𝟻",
            "\u{1FBF0}12345",
        ] {
            assert_eq!(read(typed).as_deref(), Some(&b"012345"[..]), "{typed:?}");
        }
    }

    #[test]
    fn codes_of_other_lengths_or_characters_are_refused() {
        for bad in [
            "",
            "-",
            "12345",
            "1234567",
            "12345a",
            "١٢٣٤٥٦",
            "१२३४५६",
            "12345\u{06f6}",
            "12345²",
            "12345⑥",
            "+12345",
            "123.456",
            "123_456",
            "12345\u{0}6",
            "1e5000",
            "Ⅻ3456",
        ] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn the_length_is_configurable_and_never_zero() {
        assert!(OtpCode::parse("12345678", 8).is_some());
        assert!(OtpCode::parse("-", 0).is_none());
    }

    #[test]
    fn debug_does_not_show_the_code() {
        assert_eq!(
            format!("{:?}", OtpCode::parse("123456", 6)),
            "Some(OtpCode(…))"
        );
    }

    proptest! {
        #[test]
        fn an_accepted_code_is_six_digits(typed in "[ 0-9٣０-]{0,12}") {
            if let Some(code) = read(&typed) {
                prop_assert!(code.len() == 6 && code.iter().all(u8::is_ascii_digit));
            }
        }

        #[test]
        fn reading_anything_never_panics(typed in any::<String>(), length in any::<u32>()) {
            let _ = OtpCode::parse(&typed, length);
        }
    }
}

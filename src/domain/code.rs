//! The one-time code that somebody types in (OTP-10).

use std::fmt;

use zeroize::Zeroizing;

/// Characters above which nothing is read.
const MAX_TYPED: usize = 64;

/// A code as typed, normalised. To be compared in constant time, by its bytes; never shown.
#[derive(Clone)]
pub struct OtpCode(Zeroizing<String>);

impl OtpCode {
    /// Reads a code of `length` ASCII digits; spaces and one dash are dropped, as in `123-456`.
    /// Anything else is nobody's code.
    #[must_use]
    pub fn parse(typed: &str, length: u32) -> Option<Self> {
        if typed.len() > MAX_TYPED {
            return None;
        }
        // Room for all from the start, so that no copy is left behind unwiped.
        let mut code = Zeroizing::new(String::with_capacity(typed.len()));
        let mut dashes = 0;
        for c in typed.chars() {
            match c {
                ' ' => {}
                '-' => dashes += 1,
                digit if digit.is_ascii_digit() => code.push(digit),
                _ => return None,
            }
        }
        let length = usize::try_from(length).ok()?;
        (dashes <= 1 && !code.is_empty() && code.len() == length).then_some(Self(code))
    }

    /// The digits.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
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
    fn spaces_and_one_dash_are_dropped_and_zeros_kept() {
        for typed in ["012345", "012 345", "012-345", " 0 1 2 - 3 4 5 "] {
            assert_eq!(read(typed).as_deref(), Some(&b"012345"[..]), "{typed:?}");
        }
    }

    #[test]
    fn other_lengths_digits_and_signs_are_refused() {
        for bad in [
            "",
            "12345",
            "1234567",
            "12-34-56",
            "12345a",
            "١٢٣٤٥٦",
            "１２３４５６",
            "+12345",
            "123.456",
            "12345\n6",
            "1e5000",
        ] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
        assert_eq!(read(&format!("123456{}", " ".repeat(100_000))), None);
    }

    #[test]
    fn the_length_is_a_setting_and_never_none() {
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
        fn what_is_read_is_six_digits(typed in "[ 0-9٣-]{0,12}") {
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

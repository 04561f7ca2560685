//! Recovery codes: 24 characters of Crockford's base32, which are 120 random bits (MFA-14).

use std::fmt;

use crypto::{MasterKeys, Purpose};
use kernel::{ids::UserId, random::SharedRng, secret_hash::Digest, text::is_invisible};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// Crockford's digits: without I, L, O and U.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 24;
const GROUP: usize = 4;

/// A recovery code, normalized. Only its digest is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(Zeroizing<String>);

impl RecoveryCode {
    /// A new code.
    pub fn generate(rng: &SharedRng) -> Self {
        let bits: Zeroizing<[u8; 16]> = Zeroizing::new(rng.bytes());
        let mut rest = u128::from_be_bytes(*bits);
        let mut code = Zeroizing::new(String::with_capacity(LENGTH));
        for _ in 0..LENGTH {
            let digit = DIGITS.get(usize::from((rest & 31) as u8));
            code.push(char::from(digit.copied().unwrap_or_default()));
            rest >>= 5;
        }
        Self(code)
    }

    /// Reads a code as people type it: in any case, with blanks and dashes anywhere, O for 0, I and L for 1. `None` if the
    /// text cannot be a code.
    pub fn parse(typed: &str) -> Option<Self> {
        let mut code = Zeroizing::new(String::with_capacity(LENGTH));
        let typed = typed.nfkc().filter(|c| !is_separator(*c));
        for c in typed.map(|c| c.to_ascii_uppercase()) {
            let digit = match c {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            if code.len() == LENGTH || !u8::try_from(digit).is_ok_and(|byte| DIGITS.contains(&byte))
            {
                return None;
            }
            code.push(digit);
        }
        (code.len() == LENGTH).then_some(Self(code))
    }

    /// The code as people read it, in groups of four.
    pub fn shown(&self) -> String {
        let mut shown = String::with_capacity(LENGTH + LENGTH / GROUP);
        for (n, c) in self.0.chars().enumerate() {
            if n > 0 && n % GROUP == 0 {
                shown.push('-');
            }
            shown.push(c);
        }
        shown
    }

    /// The digest that is stored, under the current master secret.
    pub fn digest(&self, master: &MasterKeys, owner: &UserId) -> Digest {
        let (_, mac) = master.mac(Purpose::RecoveryCodes, &self.parts(owner));
        Digest::from_sha256(mac)
    }

    /// The digests under every master secret that is set; the current one first.
    pub fn digests(&self, master: &MasterKeys, owner: &UserId) -> Vec<Digest> {
        let parts = self.parts(owner);
        let mac = |id| master.mac_with(id, Purpose::RecoveryCodes, &parts);
        master
            .ids()
            .filter_map(mac)
            .map(Digest::from_sha256)
            .collect()
    }

    fn parts<'a>(&'a self, owner: &'a UserId) -> [&'a [u8]; 2] {
        [owner.as_str().as_bytes(), self.0.as_bytes()]
    }
}

fn is_separator(c: char) -> bool {
    is_invisible(c) || c.is_whitespace() || crate::codes::rules::is_dash(c)
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // MFA-14
    #[test]
    fn case_dashes_and_similar_letters_are_forgiven() {
        let code = RecoveryCode::parse("0123-4567-89AB-CDEF-GHJK-1110").unwrap();
        for typed in [
            "0123456789abcdefghjkiLlo",
            " o1 23-4567—89ab\u{200b}CDEF GHJK-LLL0 ",
            "０１２３4567-89AB-CDEF-GHJK-IIIO",
        ] {
            assert_eq!(RecoveryCode::parse(typed).as_ref(), Some(&code), "{typed}");
        }
        for bad in [
            "",
            "0123",
            "0123-4567-89AB-CDEF-GHJK-111U",
            "0123-4567-89AB-CDEF-GHJK-11101",
            "é",
        ] {
            assert_eq!(RecoveryCode::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_new_code_reads_back_as_shown() {
        let rng = SharedRng::seeded(7);
        let codes: Vec<_> = (0..50).map(|_| RecoveryCode::generate(&rng)).collect();
        for code in &codes {
            assert_eq!(code.shown().len(), 29);
            assert_eq!(RecoveryCode::parse(&code.shown()).as_ref(), Some(code));
        }
        let all: String = codes.iter().map(RecoveryCode::shown).collect();
        assert!(DIGITS.iter().all(|digit| all.contains(char::from(*digit))));
    }
}

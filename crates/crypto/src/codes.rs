//! One-time codes and links. They are derived from stored values and never stored themselves (OTP-2, RST-1).
//!
//! A challenge stores only a random id and the id of the master secret. Its code and its link are MACs over that id. So
//! the database alone reveals neither, and a repeated mail has the same code and link.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::master::{MasterKeys, Purpose};
use kernel::{random::SharedRng, sealed::KeyId, secret::Secret};

/// The values that a challenge stores instead of its code.
pub type OtpId = [u8; 16];

const MAC: usize = 32;
/// The largest length of the user id in a link.
const MAX_SUBJECT: usize = 64;

/// A new challenge's id.
pub fn new_otp_id(rng: &SharedRng) -> OtpId {
    rng.bytes()
}

/// The code of a challenge: `length` decimal digits, leading zeros included (OTP-1). It is only valid for its purpose
/// and subject (OTP-8).
///
/// `None` if the master secret `key_id` is no longer set, or if `length` is above 38.
pub fn otp_code(
    master: &MasterKeys,
    key_id: &KeyId,
    purpose: &str,
    otp_id: &OtpId,
    subject: &str,
    length: u32,
) -> Option<Secret> {
    let parts: [&[u8]; 3] = [purpose.as_bytes(), otp_id, subject.as_bytes()];
    let mac = Zeroizing::new(master.mac_with(key_id, Purpose::Codes, &parts)?);
    // 128 bits are reduced to 10^6 values, so no code is more likely than another by more than 2^-108. That is as
    // uniform as rejection sampling, without a loop.
    let wide = u128::from_be_bytes(*mac.first_chunk()?);
    let code = wide % 10_u128.checked_pow(length)?;
    let width = usize::try_from(length).ok()?;
    Some(Secret::new(format!("{code:0width$}")))
}

/// The token of a challenge's link: base64url of the user id (letters and digits) and a 256-bit MAC (RST-1).
///
/// `None` if the master secret `key_id` is no longer set.
pub fn reset_link_token(
    master: &MasterKeys,
    key_id: &KeyId,
    otp_id: &OtpId,
    user_id: &str,
) -> Option<Secret> {
    let mac = reset_link_mac(master, key_id, otp_id, user_id)?;
    Some(link_token(user_id, &mac))
}

fn link_token(user_id: &str, mac: &[u8; MAC]) -> Secret {
    let bytes = Zeroizing::new([user_id.as_bytes(), mac.as_slice()].concat());
    Secret::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()))
}

/// The MAC in the link of this challenge; compare it with [`super::verify_equal`].
///
/// `None` if the master secret `key_id` is no longer set.
pub fn reset_link_mac(
    master: &MasterKeys,
    key_id: &KeyId,
    otp_id: &OtpId,
    user_id: &str,
) -> Option<[u8; MAC]> {
    master.mac_with(key_id, Purpose::ResetLinks, &[otp_id, user_id.as_bytes()])
}

/// The token of a link that changes the account of its owner, in the same form. It is only valid for its `purpose`.
///
/// `None` if the master secret `key_id` is no longer set.
pub fn account_link_token(
    master: &MasterKeys,
    key_id: &KeyId,
    purpose: &str,
    id: &OtpId,
    user_id: &str,
) -> Option<Secret> {
    let mac = account_link_mac(master, key_id, purpose, id, user_id)?;
    Some(link_token(user_id, &mac))
}

/// The MAC in that link; compare it with [`super::verify_equal`].
///
/// `None` if the master secret `key_id` is no longer set.
pub fn account_link_mac(
    master: &MasterKeys,
    key_id: &KeyId,
    purpose: &str,
    id: &OtpId,
    user_id: &str,
) -> Option<[u8; MAC]> {
    let parts: [&[u8]; 3] = [purpose.as_bytes(), id, user_id.as_bytes()];
    master.mac_with(key_id, Purpose::AccountLinks, &parts)
}

/// Splits a link's token into the user id, which finds what it is for, and the MAC, which the caller compares with
/// [`reset_link_mac`] or [`account_link_mac`] of that. Nothing is proven yet.
pub fn parse_link_token(text: &str) -> Option<(String, [u8; MAC])> {
    if text.len() > (MAX_SUBJECT + MAC) * 4 / 3 {
        return None;
    }
    let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).ok()?);
    let (user_id, mac) = bytes.split_last_chunk::<MAC>()?;
    let plain = !user_id.is_empty() && user_id.iter().all(u8::is_ascii_alphanumeric);
    plain.then_some((String::from_utf8(user_id.to_vec()).ok()?, *mac))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::master::keys, *};

    fn code(master: &MasterKeys, purpose: &str, otp_id: OtpId, subject: &str) -> String {
        let code = otp_code(master, master.current_id(), purpose, &otp_id, subject, 6);
        code.unwrap().expose().to_owned()
    }

    #[test]
    fn a_code_belongs_to_its_challenge_purpose_and_subject() {
        let master = keys("one", None);
        let own = code(&master, "verification", [1; 16], "PAT1");
        assert_eq!(own, code(&master, "verification", [1; 16], "PAT1"));
        assert_ne!(own, code(&master, "password_reset", [1; 16], "PAT1"));
        assert_ne!(own, code(&master, "verification", [2; 16], "PAT1"));
        assert_ne!(own, code(&master, "verification", [1; 16], "PAT2"));
        assert_ne!(
            own,
            code(&keys("two", None), "verification", [1; 16], "PAT1")
        );
    }

    #[test]
    fn codes_are_uniform_digits_with_leading_zeros() {
        let (master, rng) = (keys("one", None), SharedRng::seeded(1));
        let mut counts = [[0_i64; 10]; 6];
        for _ in 0..3000 {
            let code = code(&master, "verification", new_otp_id(&rng), "PAT1");
            assert_eq!(code.len(), 6);
            for (index, digit) in code.bytes().enumerate() {
                counts[index][usize::from(digit - b'0')] += 1;
            }
        }
        for digits in counts {
            // This is the chi-square, times 300. With 9 degrees of freedom, random digits exceed 33.7 once in 10,000
            // runs.
            let chi_square: i64 = digits.iter().map(|count| (count - 300).pow(2)).sum();
            assert!(chi_square * 10 < 337 * 300, "{digits:?}");
        }
    }

    #[test]
    fn a_code_has_the_configured_length_or_does_not_exist() {
        let master = keys("one", None);
        let length = |digits| {
            otp_code(&master, master.current_id(), "p", &[1; 16], "s", digits)
                .map(|code| code.expose().len())
        };
        assert_eq!([4, 8, 38].map(length), [Some(4), Some(8), Some(38)]);
        assert_eq!(length(39), None);
    }

    #[test]
    fn codes_and_links_outlive_one_change_of_the_secret() {
        let (old, new) = (keys("old", None), keys("new", Some("old")));
        let made = |master: &MasterKeys| {
            let id = old.current_id();
            let code = otp_code(master, id, "p", &[1; 16], "s", 6)?;
            Some((code, reset_link_token(master, id, &[1; 16], "PAT1")?))
        };
        assert_eq!(made(&old), made(&new));
        assert!(made(&keys("new", None)).is_none());
    }

    #[test]
    fn a_link_carries_its_user_and_a_mac_of_its_challenge() {
        let master = keys("one", None);
        let id = master.current_id();
        let token = reset_link_token(&master, id, &[1; 16], "PAT12345678").unwrap();
        let (user_id, mac) = parse_link_token(token.expose()).unwrap();
        assert_eq!(user_id, "PAT12345678");
        assert_eq!(Some(mac), reset_link_mac(&master, id, &[1; 16], &user_id));
        assert_ne!(Some(mac), reset_link_mac(&master, id, &[2; 16], &user_id));
        assert_ne!(
            Some(mac),
            reset_link_mac(&master, id, &[1; 16], "PAT12345679")
        );
    }

    // SELF-1, SELF-3, SELF-5
    #[test]
    fn a_link_for_one_purpose_is_not_valid_for_another() {
        let master = keys("one", None);
        let id = master.current_id();
        let mac = |purpose: &str| account_link_mac(&master, id, purpose, &[1; 16], "PAT1").unwrap();
        assert_ne!(mac("undo"), mac("delete"));
        let token = account_link_token(&master, id, "undo", &[1; 16], "PAT1").unwrap();
        assert_eq!(
            parse_link_token(token.expose()),
            Some(("PAT1".to_owned(), mac("undo")))
        );
        assert_ne!(
            Some(mac("undo")),
            reset_link_mac(&master, id, &[1; 16], "PAT1")
        );
    }

    #[test]
    fn an_invalid_link_token_is_refused() {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let no_user = encode(&[7; MAC]);
        let strange_user = encode(&[b"PAT$ne".as_slice(), &[7; MAC]].concat());
        let long = encode(&[b'A'; 4096]);
        for text in ["", "123456", &no_user, &strange_user, &long] {
            assert_eq!(parse_link_token(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn parsing_any_text_never_panics(text in ".*") {
            if let Some((user_id, mac)) = parse_link_token(&text) {
                prop_assert_eq!(URL_SAFE_NO_PAD.encode([user_id.as_bytes(), &mac].concat()), text);
            }
        }
    }
}

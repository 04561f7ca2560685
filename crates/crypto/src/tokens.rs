//! Opaque tokens: the token for the client, and the digest that is stored.

use aws_lc_rs::{constant_time, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::master::{MasterKeys, Purpose};
use kernel::{random::SharedRng, sealed::KeyId, secret::Secret, secret_hash::Digest};

const SESSION: usize = 16;
const RANDOM: usize = 32;
const TAG: usize = 16;
/// The parts of a refresh token: session id, random bits (of a successor, a MAC), tag.
const REFRESH: usize = SESSION + RANDOM + TAG;

/// Whether two byte strings are equal; the time depends only on their lengths.
#[must_use]
pub fn verify_equal(a: &[u8], b: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(a, b).is_ok()
}

/// SHA-256 (FIPS 180-4).
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut sum = [0; 32];
    sum.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    sum
}

/// A refresh token (RT-1): base64url of the session's id, 256 bits, and a tag under the master secret. The bits of a
/// session's first token are random. Those of each successor are a MAC over the token before it, so every request with
/// that token gets the same successor (D6).
///
/// The id finds the session, and one of its stored digests must match the token. The tag prevents made-up tokens:
/// without it, an attacker who knows a session's id could send one, reuse detection would treat it as a replay, and the
/// session would end.
#[derive(Debug, Clone)]
pub struct RefreshToken {
    session_id: Uuid,
    text: Secret,
    digest: Digest,
}

impl RefreshToken {
    /// The first token of a session.
    pub fn issue(session_id: Uuid, rng: &SharedRng, master: &MasterKeys) -> Self {
        let body = body(session_id, &Zeroizing::new(rng.bytes()));
        let (_, mac) = master.mac(Purpose::RefreshTokens, &[body.as_slice()]);
        Self::tagged(session_id, &body, &mac)
    }

    /// The token that replaces this one and is the `generation`th of its session, under the master secret `key`; always
    /// the same bytes. `None` if that secret is not set.
    pub fn successor(&self, generation: i64, key: &KeyId, master: &MasterKeys) -> Option<Self> {
        let parts: [&[u8]; 3] = [
            self.session_id.as_bytes(),
            &generation.to_le_bytes(),
            self.text.expose().as_bytes(),
        ];
        let derived = Zeroizing::new(master.mac_with(key, Purpose::RefreshSuccessors, &parts)?);
        let body = body(self.session_id, &derived);
        let mac = master.mac_with(key, Purpose::RefreshTokens, &[body.as_slice()])?;
        Some(Self::tagged(self.session_id, &body, &mac))
    }

    fn tagged(session_id: Uuid, body: &[u8; SESSION + RANDOM], mac: &[u8; 32]) -> Self {
        let bytes = Zeroizing::new([body.as_slice(), &mac[..TAG]].concat());
        Self {
            session_id,
            text: Secret::new(URL_SAFE_NO_PAD.encode(bytes.as_slice())),
            digest: Digest::from_sha256(sha256(&bytes)),
        }
    }

    /// Reads a refresh token from a client; `None` if this service did not issue it. Tokens of the previous master
    /// secret count while that secret is set.
    pub fn parse(text: &str, master: &MasterKeys) -> Option<Self> {
        let bytes = decode::<REFRESH>(text)?;
        let (body, tag) = bytes.split_at(SESSION + RANDOM);
        let ours = master.ids().any(|id| {
            master
                .mac_with(id, Purpose::RefreshTokens, &[body])
                .is_some_and(|mac| verify_equal(&mac[..TAG], tag))
        });
        ours.then_some(Self {
            session_id: Uuid::from_slice(&body[..SESSION]).ok()?,
            text: Secret::new(text),
            digest: Digest::from_sha256(sha256(bytes.as_slice())),
        })
    }

    /// The session of the token.
    pub const fn session_id(&self) -> Uuid {
        self.session_id
    }

    /// The token, for the answer.
    pub fn expose(&self) -> &str {
        self.text.expose()
    }

    /// The digest that is stored.
    pub const fn digest(&self) -> &Digest {
        &self.digest
    }
}

/// The part of a refresh token that the tag covers.
fn body(session_id: Uuid, bits: &[u8; RANDOM]) -> Zeroizing<[u8; SESSION + RANDOM]> {
    let mut body = Zeroizing::new([0; SESSION + RANDOM]);
    body[..SESSION].copy_from_slice(session_id.as_bytes());
    body[SESSION..].copy_from_slice(bits);
    body
}

/// A token of 256 random bits, in base64url, of which only the digest is stored: the token of a registration (D2), of a login
/// that waits for its second step, and of a remembered device.
#[derive(Debug, Clone)]
pub struct OpaqueToken {
    text: Secret,
    digest: Digest,
}

impl OpaqueToken {
    /// A new token.
    pub fn issue(rng: &SharedRng) -> Self {
        Self::from_bytes(&Zeroizing::new(rng.bytes()))
    }

    /// Reads a token from a client; `None` if the text cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        decode(text).map(|bytes| Self::from_bytes(&bytes))
    }

    fn from_bytes(bytes: &[u8; RANDOM]) -> Self {
        Self {
            text: Secret::new(URL_SAFE_NO_PAD.encode(bytes)),
            digest: Digest::from_sha256(sha256(bytes)),
        }
    }

    /// The token, for the answer.
    pub fn expose(&self) -> &str {
        self.text.expose()
    }

    /// The digest that is stored.
    pub const fn digest(&self) -> &Digest {
        &self.digest
    }
}

/// Decodes exactly `N` bytes of base64url. Each value has only one text, because the decoder refuses padding and
/// left-over bits.
fn decode<const N: usize>(text: &str) -> Option<Zeroizing<[u8; N]>> {
    let mut bytes = Zeroizing::new([0; N]);
    let length = URL_SAFE_NO_PAD
        .decode_slice(text, bytes.as_mut_slice())
        .ok()?;
    (length == N).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::master::keys, *};

    fn issued() -> (Uuid, RefreshToken, MasterKeys) {
        let (rng, master) = (SharedRng::seeded(1), keys("one", None));
        let session_id = rng.uuid();
        let token = RefreshToken::issue(session_id, &rng, &master);
        (session_id, token, master)
    }

    #[test]
    fn a_refresh_token_names_its_session_and_its_stored_digest() {
        let (session_id, token, master) = issued();
        let parsed = RefreshToken::parse(token.expose(), &master).unwrap();
        assert_eq!(parsed.session_id(), session_id);
        assert_eq!(parsed.digest(), token.digest());
        assert_eq!(parsed.expose(), token.expose());
        assert_eq!(token.expose().len(), 86);
    }

    #[test]
    fn a_made_up_token_of_a_known_session_is_refused() {
        let (session_id, _, master) = issued();
        let forged = [session_id.as_bytes().as_slice(), &[7; RANDOM + TAG]].concat();
        assert!(RefreshToken::parse(&URL_SAFE_NO_PAD.encode(forged), &master).is_none());
    }

    #[test]
    fn a_changed_character_is_always_refused() {
        let (_, token, master) = issued();
        for at in 0..token.expose().len() {
            let mut text = token.expose().to_owned();
            let other = if &text[at..=at] == "A" { "B" } else { "A" };
            text.replace_range(at..=at, other);
            assert!(RefreshToken::parse(&text, &master).is_none(), "at {at}");
        }
    }

    #[test]
    fn refresh_tokens_stay_valid_after_one_secret_change() {
        let (_, token, _) = issued();
        assert!(RefreshToken::parse(token.expose(), &keys("two", Some("one"))).is_some());
        assert!(RefreshToken::parse(token.expose(), &keys("two", None)).is_none());
    }

    #[test]
    fn two_tokens_of_one_session_differ() {
        let (rng, master) = (SharedRng::seeded(1), keys("one", None));
        let issue = || {
            RefreshToken::issue(Uuid::nil(), &rng, &master)
                .digest()
                .clone()
        };
        assert_ne!(issue(), issue());
    }

    #[test]
    fn a_successor_is_the_same_each_time_and_valid() {
        let (session_id, token, master) = issued();
        let key = master.current_id();
        let next = token.successor(1, key, &master).unwrap();
        let shown = RefreshToken::parse(token.expose(), &master).unwrap();
        let again = shown.successor(1, key, &master).unwrap();
        assert_eq!(next.expose(), again.expose());
        assert_eq!(next.digest(), again.digest());
        let parsed = RefreshToken::parse(next.expose(), &master).unwrap();
        assert_eq!(parsed.session_id(), session_id);
        assert_ne!(next.expose(), token.expose());
    }

    #[test]
    fn a_successor_depends_on_token_generation_and_secret() {
        let (session_id, token, master) = issued();
        let other = RefreshToken::issue(session_id, &SharedRng::seeded(2), &master);
        let changed = keys("two", Some("one"));
        let of = |token: &RefreshToken, generation, master: &MasterKeys| {
            let next = token.successor(generation, master.current_id(), master);
            next.unwrap().expose().to_owned()
        };
        let all = [
            of(&token, 1, &master),
            of(&token, 2, &master),
            of(&other, 1, &master),
            of(&token, 1, &changed),
        ];
        let different: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(different.len(), all.len());
    }

    #[test]
    fn a_successor_outlives_one_change_of_the_secret_and_not_two() {
        let (_, token, master) = issued();
        let key = master.current_id();
        let next = token.successor(1, key, &master).unwrap();
        let changed = keys("two", Some("one"));
        let again = token.successor(1, key, &changed).unwrap();
        assert_eq!(next.expose(), again.expose());
        assert!(
            token
                .successor(1, key, &keys("three", Some("two")))
                .is_none()
        );
    }

    #[test]
    fn debug_shows_no_token() {
        let (_, token, _) = issued();
        let registration = OpaqueToken::issue(&SharedRng::seeded(1));
        let shown = format!("{token:?} {registration:?}");
        assert!(!shown.contains(token.expose()) && !shown.contains(token.digest().as_str()));
        assert!(!shown.contains(registration.expose()));
    }

    #[test]
    fn a_registration_token_is_found_again_by_its_digest() {
        let token = OpaqueToken::issue(&SharedRng::seeded(1));
        let presented = OpaqueToken::parse(token.expose()).unwrap();
        assert_eq!(presented.digest(), token.digest());
        let (_, refresh, _) = issued();
        for text in [
            "",
            "short",
            refresh.expose(),
            &format!("{}=", token.expose()),
        ] {
            assert!(OpaqueToken::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn the_digest_is_the_sha256_of_the_bytes() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(
            Digest::from_sha256(sha256(b"abc")).as_str(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn equality_needs_the_same_length_and_the_same_bytes() {
        assert!(verify_equal(b"123456", b"123456"));
        assert!(!verify_equal(b"123456", b"123457"));
        assert!(!verify_equal(b"12345", b"123456"));
    }

    proptest! {
        #[test]
        fn any_text_is_valid_or_refused(text in ".*") {
            let master = keys("one", None);
            prop_assert!(RefreshToken::parse(&text, &master).is_none());
            if let Some(token) = OpaqueToken::parse(&text) {
                prop_assert_eq!(token.expose(), text);
            }
        }
    }
}

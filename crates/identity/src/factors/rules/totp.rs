//! Codes of authenticator apps (RFC 6238): six digits, every 30 seconds, by HMAC-SHA-1, as every app knows them.

use std::fmt::{self, Write};

use crypto::{CryptoError, MasterKeys, OpenError, Purpose};
use qrcodegen::{QrCode, QrCodeEcc};
use totp_rs::{Builder, Totp};
use zeroize::Zeroizing;

use crate::codes::rules::OtpCode;
use kernel::{clock::Timestamp, ids::UserId, random::SharedRng, sealed::Sealed, secret::Secret};

/// The digits of a code.
pub const DIGITS: u32 = 6;

const SEED: usize = 20;
/// The blank modules that a reader needs around a QR code.
const QUIET: i32 = 4;

/// What an authenticator app and this service share: 160 random bits (MFA-13).
#[derive(Clone)]
pub struct Seed(Zeroizing<[u8; SEED]>);

impl Seed {
    /// A new seed.
    pub fn generate(rng: &SharedRng) -> Self {
        Self(Zeroizing::new(rng.bytes()))
    }

    /// Seals it for the row of its owner. Moved to another account's row, it does not open.
    pub fn seal(
        &self,
        master: &MasterKeys,
        owner: &UserId,
        rng: &SharedRng,
    ) -> Result<Sealed, CryptoError> {
        master.seal(Purpose::TotpSeeds, &place(owner), self.0.as_slice(), rng)
    }

    /// Opens what [`Seed::seal`] made for the same owner.
    pub fn open(sealed: &Sealed, master: &MasterKeys, owner: &UserId) -> Result<Self, OpenError> {
        let bytes = master.open(Purpose::TotpSeeds, &place(owner), sealed)?;
        let seed = <[u8; SEED]>::try_from(bytes.as_slice());
        seed.map(|seed| Self(Zeroizing::new(seed)))
            .map_err(|_| OpenError::Tampered)
    }

    /// The step of 30 seconds to which `code` belongs, if it is at most `window` steps from `now`.
    pub fn matched_step(&self, code: &OtpCode, window: u32, now: Timestamp) -> Option<i64> {
        let code = std::str::from_utf8(code.as_bytes()).ok()?;
        let now = u64::try_from(now.timestamp()).ok()?;
        let totp = self.totp(window, "", None)?;
        i64::try_from(totp.check(code, now)?).ok()
    }

    /// The seed as people type it: base32.
    pub fn shown(&self) -> Option<Secret> {
        let totp = self.totp(0, "", None)?;
        Some(Secret::new(totp.secret().to_base32()))
    }

    /// What the QR code says: the seed of `account` at `issuer`.
    pub fn uri(&self, issuer: &str, account: &str) -> Option<Secret> {
        // A colon would end the issuer.
        let named = |text: &str| text.replace(':', " ");
        let totp = self.totp(0, &named(account), Some(&named(issuer)))?;
        totp.to_url().ok().map(Secret::new)
    }

    fn totp(&self, window: u32, account: &str, issuer: Option<&str>) -> Option<Totp> {
        let built = Builder::new()
            .with_secret(*self.0)
            .with_skew(u16::try_from(window).ok()?)
            .with_account_name(account)
            .with_issuer(issuer)
            .build();
        built.ok()
    }
}

/// Names the row of the owner, for the associated data.
fn place(owner: &UserId) -> Vec<u8> {
    format!("totp:{owner}").into_bytes()
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(…)")
    }
}

/// A QR code as one path of an SVG.
#[derive(Clone)]
pub struct QrPath {
    /// The attribute `d`; each dark module is a square of one unit.
    pub path: Secret,
    /// The width and height of the picture, with its quiet zone.
    pub size: i32,
}

impl fmt::Debug for QrPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("QrPath(…)")
    }
}

/// The QR code of a text. `None` if it is too long.
#[must_use]
pub fn qr_path(text: &str) -> Option<QrPath> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            write!(path, "M{},{}h1v1h-1z", x + QUIET, y + QUIET).ok()?;
        }
    }
    Some(QrPath {
        path: Secret::new(path),
        size: code.size() + 2 * QUIET,
    })
}

#[cfg(test)]
mod tests {
    use crypto::settings::MasterSecret;

    use super::*;

    fn master(current: &str, previous: Option<&str>) -> MasterKeys {
        MasterKeys::new(&MasterSecret {
            current: Secret::new(current),
            previous: previous.map(Secret::new),
        })
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(seconds, 0).unwrap()
    }

    fn code(digits: &str) -> OtpCode {
        OtpCode::parse(digits, DIGITS).unwrap()
    }

    /// The seed of RFC 6238, appendix B, and the last six digits of its codes.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let seed = Seed(Zeroizing::new(*b"12345678901234567890"));
        for (seconds, digits) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ] {
            let matched = seed.matched_step(&code(digits), 0, at(seconds));
            assert_eq!(matched, Some(seconds / 30));
        }
    }

    // MFA-25
    #[test]
    fn a_code_counts_one_step_before_and_after_its_own() {
        let seed = Seed(Zeroizing::new(*b"12345678901234567890"));
        for (seconds, matched) in [
            (0, None),
            (30, Some(2)),
            (60, Some(2)),
            (119, Some(2)),
            (120, None),
        ] {
            // The code of step 2 of RFC 4226, appendix D.
            assert_eq!(
                seed.matched_step(&code("359152"), 1, at(seconds)),
                matched,
                "{seconds}"
            );
        }
    }

    // MFA-13
    #[test]
    fn a_sealed_seed_opens_only_for_its_owner_and_one_secret_later() {
        let rng = SharedRng::seeded(1);
        let (anna, ben) = (UserId::from_stored("PAT1"), UserId::from_stored("PAT2"));
        let seed = Seed::generate(&rng);
        let sealed = seed.seal(&master("one", None), &anna, &rng).unwrap();
        let opened = Seed::open(&sealed, &master("two", Some("one")), &anna).unwrap();
        assert_eq!(*opened.0, *seed.0);
        let moved = Seed::open(&sealed, &master("one", None), &ben);
        assert_eq!(moved.unwrap_err(), OpenError::Tampered);
        assert!(Seed::open(&sealed, &master("two", None), &anna).is_err());
    }

    #[test]
    fn the_uri_names_issuer_account_and_seed() {
        let seed = Seed(Zeroizing::new(*b"12345678901234567890"));
        let uri = seed.uri("clinic: x.org", "ana@example.org").unwrap();
        let uri = uri.expose();
        assert!(uri.starts_with("otpauth://totp/clinic%20%20x"), "{uri}");
        assert!(
            uri.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"),
            "{uri}"
        );
        assert!(uri.contains("issuer=") && !format!("{seed:?}").contains("GEZ"));
        let qr = qr_path(uri).unwrap();
        assert!(qr.size > 40 && qr.path.expose().starts_with("M4,4h1v1h-1z"));
    }
}

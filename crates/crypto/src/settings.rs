//! The settings and secrets of cryptography.

use kernel::{secret::Secret, settings::section};
use serde::{Deserialize, Serialize};

/// The least number of code points of a password. The configuration cannot set a lower one (PW-2).
pub const MIN_PASSWORD: usize = 8;

/// The algorithm that signs access tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum JwtAlgorithm {
    /// ECDSA on P-256.
    ES256,
    /// Ed25519.
    #[serde(alias = "EDDSA")]
    EdDSA,
    /// RSA, 2048 bits.
    RS256,
    /// HMAC with `JWT_SECRET`'s bytes.
    HS256,
}

section! {
    /// `jwt`: access tokens and their keys.
    Jwt {
        /// What signs.
        algorithm: JwtAlgorithm = JwtAlgorithm::ES256,
        /// Lifetime of an access token.
        expire_minutes: i64 = 30,
        /// `iss`.
        issuer: String = "clinic-auth".to_owned(),
        /// `aud`.
        audience: String = "clinic-apps".to_owned(),
        /// Leeway for `exp` (0 to 5); `nbf` and `iat` have 60.
        leeway_seconds: i64 = 5,
        /// A signing key is replaced after this.
        rotation_days: i64 = 90,
        /// A key is published this long before it signs.
        publish_hours: i64 = 24,
        /// `typ: JWT`, no `aud`, `user_id` beside `sub`; HS256 only.
        legacy_claims: bool = false,
    }
}

section! {
    /// `password.argon2`: the cost of a hash (RFC 9106).
    Argon2 {
        /// Memory.
        memory_kib: u32 = 19456,
        /// Passes.
        iterations: u32 = 2,
        /// Lanes.
        parallelism: u32 = 1,
    }
}

impl Argon2 {
    /// Whether the cost is at least one of OWASP ASVS 5.0's table (appendix C), where more passes allow less memory.
    pub const fn is_strong_enough(&self) -> bool {
        match self.iterations {
            0 => false,
            1 => self.memory_kib >= 47_104,
            2 => self.memory_kib >= 19_456,
            _ => self.memory_kib >= 12_288,
        }
    }
}

section! {
    /// `password`: password rules and hashing.
    Password {
        /// Code points at least.
        min_length: usize = MIN_PASSWORD,
        /// Code points at least for staff and administrators.
        min_length_privileged: usize = 15,
        /// Also asks for an upper-case letter and a digit (not recommended).
        require_upper_and_digit: bool = false,
        /// A file of SHA-1 prefixes of breached passwords, one in hex a line; none by default.
        breach_list: Option<String> = None,
        /// The cost of a hash.
        argon2: Argon2 = Argon2::default(),
        /// Hashes at a time; null: as many as there are cores.
        hash_threads: Option<usize> = None,
        /// Milliseconds that a request waits for a hashing thread before 503.
        hash_queue_ms: u64 = 2000,
    }
}

/// The master secret. HS256 signs with it, and every other key is derived from it by HKDF.
#[derive(Debug, Clone)]
pub struct MasterSecret {
    /// `JWT_SECRET`, or the generated one.
    pub current: Secret,
    /// `JWT_SECRET_PREVIOUS`, which is still accepted while it is set.
    pub previous: Option<Secret>,
}

/// The secret that wraps the keys of sealed records. It is never derived from the master secret, so that the loss of that
/// one loses no record (ENC-3).
#[derive(Debug, Clone)]
pub struct FieldSecret {
    /// `FIELD_ENCRYPTION_KEY`, or the generated one; at least 32 bytes.
    pub current: Secret,
    /// `FIELD_ENCRYPTION_KEY_PREVIOUS`, which still opens while it is set.
    pub previous: Option<Secret>,
}

/// The peppers of the password hashes. They are kept apart from the database, so that the hashes alone are worthless
/// (HASH-4, NIST SP 800-63B-4 section 3.1.1.2).
#[derive(Debug, Clone, Default)]
pub struct Peppers {
    /// `PASSWORD_PEPPER`: part of every new hash; without it, new hashes have no pepper.
    pub current: Option<Secret>,
    /// `PASSWORD_PEPPER_PREVIOUS`: hashes made with it are still verified, and are replaced at the next login.
    pub previous: Option<Secret>,
}

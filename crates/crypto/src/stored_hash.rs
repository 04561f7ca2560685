//! Password hashes in the database: their kind, and whether a password fits.

use argon2::{
    Algorithm, Argon2, Block, Params, PasswordHash as Phc, Version,
    password_hash::phc::{Output, ParamsString, Salt},
};
use zeroize::Zeroizing;

use super::{hash_pool::Memory, tokens::verify_equal};
use kernel::random::SharedRng;

/// The number of bytes of a new salt and of a new tag (HASH-1).
pub(super) const SALT: usize = 16;
pub(super) const TAG: usize = 32;

/// Limits of a stored hash. A more expensive one is not verified, because one row of the database must not stop the
/// service.
const MAX_MEMORY_KIB: u32 = 1 << 20;
const MAX_ITERATIONS: u32 = 64;
const MAX_LANES: u32 = 64;
const MAX_BCRYPT_COST: u8 = 16;

/// A parsed stored hash.
pub(super) enum Stored<'a> {
    Argon2(Argon2Hash),
    /// A hash of the older service.
    Bcrypt(&'a str),
    /// No hash, or one that is unreadable or too expensive.
    Nothing,
}

impl<'a> Stored<'a> {
    pub(super) fn read(text: &'a str) -> Self {
        let mut of_bcrypt = ["$2a$", "$2b$", "$2y$"].iter();
        if !of_bcrypt.any(|kind| text.starts_with(kind)) {
            return Argon2Hash::read(text).map_or(Self::Nothing, Self::Argon2);
        }
        match text.get(4..6).and_then(|cost| cost.parse().ok()) {
            Some(0..=MAX_BCRYPT_COST) => Self::Bcrypt(text),
            _ => Self::Nothing,
        }
    }
}

/// Whether a password can fit a stored hash, that is, whether it is a hash that is verified.
pub fn may_verify(text: &str) -> bool {
    /// `$2b$`, two digits, `$`, 22 characters of salt, 31 of hash.
    const BCRYPT: usize = 60;
    match Stored::read(text) {
        Stored::Argon2(_) => true,
        Stored::Bcrypt(text) => {
            let part = |byte: u8| byte.is_ascii_alphanumeric() || b"./$".contains(&byte);
            text.len() == BCRYPT && text.bytes().all(part)
        }
        Stored::Nothing => false,
    }
}

/// An argon2 hash of any kind whose cost is acceptable.
pub(super) struct Argon2Hash {
    algorithm: Algorithm,
    version: Version,
    params: Params,
    salt: Vec<u8>,
    tag: Vec<u8>,
}

impl Argon2Hash {
    fn read(text: &str) -> Option<Self> {
        let hash = Phc::new(text).ok()?;
        // Hashes from before argon2 1.3 have no version.
        let version = hash.version.unwrap_or(Version::V0x10.into());
        Some(Self {
            algorithm: Algorithm::try_from(hash.algorithm.as_str()).ok()?,
            version: Version::try_from(version).ok()?,
            params: Params::try_from(&hash).ok().filter(is_affordable)?,
            salt: hash.salt?.to_vec(),
            tag: hash.hash?.as_bytes().to_vec(),
        })
    }

    /// A hash that no password fits, because its tag is random. Making it needs no argon2 run.
    pub(super) fn unmatchable(params: &Params, rng: &SharedRng) -> Self {
        Self {
            algorithm: Algorithm::Argon2id,
            version: Version::V0x13,
            params: params.clone(),
            salt: rng.bytes::<SALT>().to_vec(),
            tag: rng.bytes::<TAG>().to_vec(),
        }
    }

    /// Whether a new hash with `params` would have the same kind, cost and lengths.
    pub(super) fn is_current(&self, params: &Params) -> bool {
        self.algorithm == Algorithm::Argon2id
            && self.version == Version::V0x13
            && self.params == *params
            && self.salt.len() == SALT
    }

    /// The id of its pepper; empty without a pepper.
    pub(super) fn pepper_id(&self) -> &[u8] {
        self.params.keyid()
    }

    /// Runs argon2 once; `None` if there is not enough memory.
    pub(super) fn matches(&self, password: &[u8], memory: &mut Memory) -> Option<bool> {
        let mut tag = Zeroizing::new(vec![0; self.tag.len()]);
        let memory = reserve_blocks(memory, &self.params)?;
        Argon2::new(self.algorithm, self.version, self.params.clone())
            .hash_password_into_with_memory(password, &self.salt, &mut tag, memory)
            .ok()?;
        Some(verify_equal(&tag, &self.tag))
    }
}

/// A new hash in the PHC format (HASH-1); `None` if there is not enough memory.
pub(super) fn make(
    password: &[u8],
    params: &Params,
    salt: &[u8; SALT],
    memory: &mut Memory,
) -> Option<String> {
    let mut tag = Zeroizing::new([0; TAG]);
    Argon2::from(params)
        .hash_password_into_with_memory(password, salt, &mut *tag, reserve_blocks(memory, params)?)
        .ok()?;
    let hash = Phc {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(params).ok()?,
        salt: Some(Salt::new(salt).ok()?),
        hash: Some(Output::new(&*tag).ok()?),
    };
    Some(hash.to_string())
}

/// The memory blocks for such a hash. If the system has no memory left, this returns `None` instead of ending the
/// process.
fn reserve_blocks<'a>(memory: &'a mut Memory, params: &Params) -> Option<&'a mut [Block]> {
    let needed = params.block_count();
    let more = needed.saturating_sub(memory.len());
    memory.try_reserve_exact(more).ok()?;
    if memory.len() < needed {
        memory.resize(needed, Block::default());
    }
    memory.get_mut(..needed)
}

/// Whether the cost of a hash is acceptable for verifying.
pub(super) fn is_affordable(params: &Params) -> bool {
    params.m_cost() <= MAX_MEMORY_KIB
        && params.t_cost() <= MAX_ITERATIONS
        && params.p_cost() <= MAX_LANES
}

/// bcrypt reads only 72 bytes. Users of the older service with a longer password can still log in, and the rest of it
/// is not read (HASH-2), until the new hash ends that (PW-3).
pub(super) fn bcrypt_matches(password: &[u8], hash: &str) -> bool {
    // bcrypt repeats the password with a NUL after it, so `a` and `a NUL a` would be the same. No password with a NUL
    // was ever hashed with bcrypt.
    !password.contains(&0) && bcrypt::verify(password, hash).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW: &str = "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    fn is_current(text: &str) -> Option<bool> {
        let params = Params::new(8, 1, 1, Some(TAG)).unwrap();
        Some(Argon2Hash::read(text)?.is_current(&params))
    }

    #[test]
    fn a_hash_is_outdated_when_anything_but_salt_and_tag_differs() {
        assert_eq!(is_current(NEW), Some(true));
        for (from, to) in [
            ("argon2id", "argon2i"),
            ("v=19", "v=16"),
            ("$v=19", ""),
            ("m=8", "m=16"),
            ("t=1", "t=2"),
            ("m=8,t=1,p=1", "m=16,t=1,p=2"),
            ("$AAAAAAAAAAAAAAAAAAAAAA$", "$AAAAAAAAAAAAAA$"),
            (
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "AAAAAAAAAAAAAAAAAAAAAA",
            ),
        ] {
            assert_eq!(
                is_current(&NEW.replacen(from, to, 1)),
                Some(false),
                "{from} {to}"
            );
        }
    }

    #[test]
    fn an_invalid_or_too_expensive_hash_is_not_read() {
        for (from, to) in [
            ("argon2id", "scrypt"),
            ("v=19", "v=18"),
            ("m=8", "m=1048577"),
            ("t=1", "t=65"),
            ("t=1", "t=0"),
            ("p=1", "p=-1"),
            ("m=8,t=1,p=1", "m=1024,t=1,p=65"),
            ("$AAAAAAAAAAAAAAAAAAAAAA$", "$$"),
        ] {
            assert_eq!(is_current(&NEW.replacen(from, to, 1)), None, "{from} {to}");
        }
        for text in ["", "$", "plain", "$2x$04$", "$2b$17$", "$2b$é"] {
            assert!(matches!(Stored::read(text), Stored::Nothing), "{text}");
        }
    }
}

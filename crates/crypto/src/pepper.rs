//! Peppers: keys from outside the database that go into the password hashes in it (HASH-4).

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use crate::settings::{self};
use kernel::secret::Secret;

/// The number of bytes of a pepper's id: the most that the `keyid` of a PHC string holds.
const ID: usize = 8;

/// The pepper of new hashes and the previous one; either may be absent.
pub(super) struct Peppers {
    current: Option<Pepper>,
    previous: Option<Pepper>,
}

struct Pepper {
    id: [u8; ID],
    key: hmac::Key,
}

impl Peppers {
    pub(super) fn new(peppers: &settings::Peppers) -> Self {
        Self {
            current: peppers.current.as_ref().map(Pepper::new),
            previous: peppers.previous.as_ref().map(Pepper::new),
        }
    }

    /// The id that is stored with a new hash; empty without a pepper.
    pub(super) fn current_id(&self) -> &[u8] {
        self.current.as_ref().map_or(&[], |pepper| &pepper.id)
    }

    /// The input of argon2: the password's HMAC-SHA-256 with the pepper, or the password itself without a pepper.
    pub(super) fn apply(&self, password: &[u8]) -> Zeroizing<Vec<u8>> {
        apply(self.current.as_ref(), password)
    }

    /// The input for a stored hash with this id. `None` if that pepper is not set.
    pub(super) fn apply_of(&self, id: &[u8], password: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        if id.is_empty() {
            return Some(apply(None, password));
        }
        let known = [&self.current, &self.previous].into_iter().flatten();
        let pepper = known.into_iter().find(|pepper| pepper.id == id)?;
        Some(apply(Some(pepper), password))
    }
}

fn apply(pepper: Option<&Pepper>, password: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(match pepper {
        None => password.to_vec(),
        Some(pepper) => hmac::sign(&pepper.key, password).as_ref().to_vec(),
    })
}

impl Pepper {
    fn new(secret: &Secret) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
        // A one-way function: the ids of two peppers differ, and reveal neither.
        let name = hmac::sign(&key, b"clinic-auth id of a pepper");
        let mut id = [0; ID];
        id.copy_from_slice(&name.as_ref()[..ID]);
        Self { id, key }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peppers(current: Option<&str>, previous: Option<&str>) -> Peppers {
        Peppers::new(&settings::Peppers {
            current: current.map(Secret::new),
            previous: previous.map(Secret::new),
        })
    }

    #[test]
    fn each_pepper_has_its_own_id_and_its_own_result() {
        let both = peppers(Some("new"), Some("old"));
        let old = peppers(Some("old"), None);
        let (new_id, old_id) = (both.current_id(), old.current_id());
        assert_ne!(new_id, old_id);
        let typed = b"correct horse";
        assert_ne!(both.apply(typed), old.apply(typed));
        assert_eq!(both.apply_of(new_id, typed), Some(both.apply(typed)));
        assert_eq!(both.apply_of(old_id, typed), Some(old.apply(typed)));
        assert_eq!(old.apply_of(new_id, typed), None);
    }

    #[test]
    fn without_a_pepper_the_password_is_unchanged() {
        let typed = b"correct horse";
        assert_eq!(peppers(None, None).apply(typed).as_slice(), typed);
        let some = peppers(Some("new"), None);
        assert_eq!(some.apply_of(&[], typed).unwrap().as_slice(), typed);
    }
}

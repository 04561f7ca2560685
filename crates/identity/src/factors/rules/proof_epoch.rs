//! What a proof was made on: a login that waits for its second step, and a remembered device, end when it changes (MFA-9,
//! MFA-20).

use crypto::sha256;
use kernel::secret_hash::{Digest, PasswordHash};

use crate::accounts::documents::User;

/// The digest of the account's password hash, status, role and factors.
#[must_use]
pub fn proof_epoch(user: &User) -> String {
    let hash = user.password_hash.as_ref().map_or("", PasswordHash::expose);
    let epoch = user.factors.epoch.as_ref();
    let epoch = epoch.map_or_else(String::new, ToString::to_string);
    let parts = [
        hash,
        user.status.name(),
        user.user_type.name(),
        epoch.as_str(),
    ];
    // No part contains the separator, except for an epoch of another shape, which comes last.
    Digest::from_sha256(sha256(parts.join("\n").as_bytes()))
        .as_str()
        .to_owned()
}

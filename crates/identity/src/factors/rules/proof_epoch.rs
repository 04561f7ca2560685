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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use bson::doc;
    use kernel::{clock::Timestamp, ids::UserId, role::Role};

    use super::*;
    use crate::accounts::{documents::Status, whole_person::whole};

    // MFA-9, MFA-20
    #[test]
    fn each_change_of_the_account_gives_another_epoch() {
        let person = bson::deserialize_from_document(whole()).unwrap();
        let id = UserId::from_stored("STF01234567");
        let user = User::new(id, Role::Staff, person, Timestamp::UNIX_EPOCH);
        let mut changed = vec![user.clone(); 5];
        changed[1].user_type = Role::Admin;
        changed[2].status = Status::Disabled;
        changed[3].password_hash = bson::deserialize_from_bson("$2b$".into()).ok();
        changed[4].factors = bson::deserialize_from_document(doc! { "factors_epoch": 1 }).unwrap();
        let all: BTreeSet<_> = changed.iter().map(proof_epoch).collect();
        assert_eq!(all.len(), changed.len());
        assert_eq!(proof_epoch(&user), proof_epoch(&changed[0]));
    }
}

//! What a login writes to its account: that it happened, and what a document of the older service lacks.

use bson::{Bson, doc};
use serde::Serialize;

use crate::{
    accounts::{
        documents::{Status, User},
        store::accounts::{Accounts, read},
    },
    legacy::account::completion,
    login::rules::{login_address::LoginAddress, login_device::LoginDevice},
};
use kernel::{clock::Timestamp, role::Role, secret_hash::PasswordHash, stored::date};
use store::{Result, StoreError};

impl Accounts<'_> {
    /// Notes on the account that its owner logged in from the pseudonymized `address` and `device`: the failures are
    /// forgotten, both are among its last (RL-7), and one session more is counted. A document that lacks something is completed,
    /// once. An account whose sessions were not counted yet has more than `cap` from here on. The account as it is then;
    /// `None` if password hash, status, role or factors are not those of `user`, as its password was proven.
    ///
    /// # Errors
    /// The document is not an account.
    pub async fn note_login(
        &self,
        user: &User,
        (address, device): (&str, &str),
        cap: u32,
        now: Timestamp,
    ) -> Result<Option<User>> {
        let hash = user.password_hash.as_ref();
        // Not after what an administrator has done since `user` was read.
        let mut proven = doc! {
            "password_hash": hash.map(PasswordHash::expose),
            "status": { "$ne": Status::Disabled.name() },
            "factors_epoch": user.factors.unchanged(),
        };
        match user.user_type {
            Role::Patient | Role::Doctor => None,
            Role::Staff => proven.insert("user_type", doc! { "$ne": Role::Admin.name() }),
            Role::Admin => proven.insert("user_type", Role::Admin.name()),
        };
        let sessions = user.sessions_at_most.map_or(i64::from(cap) + 1, |_| 1);
        let addresses = LoginAddress::after_login(&user.login_addresses, address, now);
        let devices = LoginDevice::after_login(&user.login_devices, device, now);
        let noted = doc! {
            "$set": {
                "last_login_at": date(now),
                "login_addresses": written(&addresses)?,
                "login_devices": written(&devices)?,
            },
            "$unset": { "lockout": "", "second_step": "" },
            "$inc": { "sessions_at_most": sessions },
        };
        let to_noted = || self.change_row(&user.user_id, proven.clone(), noted.clone());
        let changed = match to_noted().await {
            Err(StoreError::Corrupt(_)) => {
                // A count that is no number cannot be increased. This login begins anew, above the cap (DB-7).
                let uncounted = doc! { "$unset": { "sessions_at_most": "" } };
                self.change_row(&user.user_id, doc! {}, uncounted).await?;
                to_noted().await?
            }
            changed => changed?,
        };
        let Some((row, home)) = changed else {
            return Ok(None);
        };
        let current = read(row.clone(), home)?;
        if (current.status, current.user_type) != (user.status, user.user_type) {
            return Ok(None);
        }
        let lacking = completion(&row, home, now);
        if !lacking.is_empty() {
            // If a field has changed since it was read, the next login looks again.
            self.write_with_terms(&row, &current, home, lacking).await?;
        }
        Ok(Some(current))
    }
}

fn written<T: Serialize>(list: &[T]) -> Result<Bson> {
    bson::serialize_to_bson(list)
        .map_err(|_| StoreError::Corrupt("addresses cannot be written".into()))
}

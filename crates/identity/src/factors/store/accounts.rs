//! The factors that an account's document lists: each change is one conditional update by their epoch.

use bson::{Document, doc};

use crate::{
    accounts::{
        documents::{Status, User},
        store::accounts::Accounts,
    },
    factors::rules::account_factors::{AccountFactors, Factor},
    store::Store,
};
use kernel::{ids::UserId, secret_hash::PasswordHash};
use store::Result;

impl Store {
    /// Deletes the passkeys of an account.
    pub async fn delete_passkeys(&self, user_id: &UserId) -> Result<()> {
        let rows = self.rows::<Document>(&self.names.collections.passkeys);
        let delete = rows.delete_many(doc! { "user_id": user_id.as_str() });
        self.run(delete).await.map(drop)
    }
}

impl Accounts<'_> {
    /// Puts `factors` and the batch of recovery codes in the place of those of `user`. The account after it; `None` if its
    /// factors, its password, its role or its status are not those of `user` any more.
    pub async fn change_factors(
        &self,
        user: &User,
        factors: &[Factor],
        recovery_batch: Option<&str>,
    ) -> Result<Option<User>> {
        let hash = user.password_hash.as_ref();
        let unchanged = doc! {
            "factors_epoch": user.factors.unchanged(),
            "password_hash": hash.map(PasswordHash::expose),
            "user_type": user.user_type.name(),
            "status": { "$ne": Status::Disabled.name() },
            "deleting_since": { "$exists": false },
        };
        let changed = self.change(
            &user.user_id,
            unchanged,
            of(&user.factors, factors, recovery_batch),
        );
        changed.await
    }

    /// Removes all factors and recovery codes of an account, whatever they are; the account after it. `None` if it does
    /// not exist.
    pub async fn remove_factors(&self, user: &User) -> Result<Option<User>> {
        self.change(&user.user_id, doc! {}, of(&user.factors, &[], None))
            .await
    }
}

fn of(before: &AccountFactors, factors: &[Factor], recovery_batch: Option<&str>) -> Document {
    let mut set = doc! { "factors_epoch": before.next_epoch() };
    let mut unset = doc! {};
    if factors.is_empty() {
        unset.insert("factors", "");
    } else {
        let names: Vec<_> = factors.iter().map(Factor::to_string).collect();
        set.insert("factors", names);
    }
    match recovery_batch {
        Some(batch) => set.insert("recovery_batch", batch),
        None => unset.insert("recovery_batch", ""),
    };
    let mut to = doc! { "$set": set };
    if !unset.is_empty() {
        to.insert("$unset", unset);
    }
    to
}

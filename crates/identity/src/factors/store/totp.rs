//! `second_factors`: the authenticator apps. A code is accepted by one conditional update, so that each step counts once
//! (MFA-11, MFA-12).

use bson::{Document, doc};
use mongodb::options::ReturnDocument;

use crate::{
    factors::documents::{PendingTotp, TotpRow, totp_id},
    store::{Rows, Store},
};
use kernel::{
    clock::Timestamp,
    ids::UserId,
    sealed::{KeyId, Sealed},
    stored::date,
};
use store::{Result, StoreError, document};

/// The collection.
pub struct Totps<'a>(Rows<'a, TotpRow>);

impl Store {
    /// The collection `second_factors`.
    #[must_use]
    pub fn totps(&self) -> Totps<'_> {
        Totps(self.rows_of(&self.names.collections.second_factors))
    }
}

fn of(user_id: &UserId) -> Document {
    doc! { "_id": totp_id(user_id) }
}

impl Totps<'_> {
    /// The authenticator app of an account, confirmed or begun.
    pub async fn find(&self, user_id: &UserId) -> Result<Option<TotpRow>> {
        self.0.store.one(self.0.rows.find_one(of(user_id))).await
    }

    /// Begins one, which replaces another that was begun. The confirmed one stays.
    pub async fn begin(&self, user_id: &UserId, pending: &PendingTotp) -> Result<()> {
        let set = doc! { "user_id": user_id.as_str(), "pending": document(pending)? };
        let update = self.0.rows.update_one(of(user_id), doc! { "$set": set });
        let begun = self.0.store.run(update.upsert(true)).await;
        match begun {
            // Two tabs began at the same moment: the other one's row is there now.
            Err(StoreError::Duplicate) => {
                let set = doc! { "pending": document(pending)? };
                self.0.change(of(user_id), doc! { "$set": set }).await
            }
            other => other.map(drop),
        }
    }

    /// Spends one of the `most` tries of what `bound_to` began, before anything is compared.
    pub async fn spend_pending(
        &self,
        user_id: &UserId,
        bound_to: &str,
        most: i32,
        now: Timestamp,
    ) -> Result<Option<PendingTotp>> {
        let mut open = of(user_id);
        open.extend(doc! {
            "pending.bound_to": bound_to, "pending.until": { "$gt": date(now) },
            "pending.attempts": { "$lt": most },
        });
        let spent = doc! { "$inc": { "pending.attempts": 1 } };
        let update = self.0.rows.find_one_and_update(open, spent);
        let update = update.return_document(ReturnDocument::After);
        Ok(self.0.store.one(update).await?.and_then(|row| row.pending))
    }

    /// Puts the begun one in the place of the confirmed one; `step` is spent. `false` if another request did, or if a newer
    /// one was begun.
    pub async fn confirm(
        &self,
        user_id: &UserId,
        begun: &PendingTotp,
        step: i64,
        now: Timestamp,
    ) -> Result<bool> {
        let mut filter = of(user_id);
        filter.insert("pending.seed.text", &begun.seed.text);
        let to = doc! {
            "$set": {
                "seed": document(&begun.seed)?, "confirmed_at": date(now), "last_step": step,
            },
            "$unset": { "pending": "", "last_used_at": "" },
        };
        let update = self.0.rows.update_one(filter, to);
        Ok(self.0.store.run(update).await?.matched_count == 1)
    }

    /// Accepts a code of `step` for the seed as it was read, and seals the seed anew if `resealed` is given. `false` if the
    /// step, or a later one, is spent.
    pub async fn accept(
        &self,
        user_id: &UserId,
        seed: &Sealed,
        step: i64,
        resealed: Option<&Sealed>,
        now: Timestamp,
    ) -> Result<bool> {
        let mut unspent = of(user_id);
        unspent.insert("seed.text", &seed.text);
        unspent.insert("last_step", doc! { "$lt": step });
        let mut set = doc! { "last_step": step, "last_used_at": date(now) };
        if let Some(resealed) = resealed {
            set.insert("seed", document(resealed)?);
        }
        let update = self.0.rows.update_one(unspent, doc! { "$set": set });
        Ok(self.0.store.run(update).await?.matched_count == 1)
    }

    /// The rows whose confirmed seed another master secret than `current` sealed; it reads all of them.
    pub async fn list_sealed_otherwise(&self, current: &KeyId) -> Result<Vec<TotpRow>> {
        let otherwise = doc! { "seed.key_id": { "$exists": true, "$ne": current.as_str() } };
        self.0.store.all(self.0.rows.find(otherwise)).await
    }

    /// Puts the same seed, sealed anew, in the place of `seed` as it was read. `false` if it is another one by now.
    pub async fn reseal(&self, user_id: &UserId, seed: &Sealed, resealed: &Sealed) -> Result<bool> {
        let mut same = of(user_id);
        same.insert("seed.text", &seed.text);
        let to = doc! { "$set": { "seed": document(resealed)? } };
        let update = self.0.rows.update_one(same, to);
        Ok(self.0.store.run(update).await?.matched_count == 1)
    }

    /// Deletes the row of an account, unless it was confirmed anew since `seed` was read.
    pub async fn delete(&self, user_id: &UserId, seed: &Sealed) -> Result<()> {
        let mut row = of(user_id);
        row.insert("seed.text", &seed.text);
        self.0
            .store
            .run(self.0.rows.delete_one(row))
            .await
            .map(drop)
    }

    /// Deletes whatever an account has.
    pub async fn delete_all(&self, user_id: &UserId) -> Result<()> {
        self.0.remove(&totp_id(user_id)).await
    }
}

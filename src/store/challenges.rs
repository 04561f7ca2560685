//! `otp_codes`: codes that were issued. A try is spent before the code is compared (OTP-3); one use wins (OTP-5).

use bson::{Document, doc};
use mongodb::{Collection, options::ReturnDocument};

use super::{Result, Store, StoreError};
use crate::{
    clock::Timestamp,
    domain::{
        ids::UserId,
        otp::{OtpChallenge, OtpPurpose, challenge_id},
        stored::date,
    },
};

/// The collection.
#[derive(Debug)]
pub struct Challenges<'a> {
    store: &'a Store,
    rows: Collection<OtpChallenge>,
}

impl Store {
    /// The collection `otp_codes`.
    #[must_use]
    pub fn challenges(&self) -> Challenges<'_> {
        Challenges {
            store: self,
            rows: self.rows(&self.names.collections.otp_codes),
        }
    }
}

impl Challenges<'_> {
    /// Issues a code in the place of the subject's older one for the same purpose (OTP-6), unless that one was issued
    /// after `not_since` (the cooldown, OTP-7). False: inside the cooldown.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn issue(&self, challenge: &OtpChallenge, not_since: Timestamp) -> Result<bool> {
        let mut to = bson::serialize_to_document(challenge)
            .map_err(|_| StoreError::Corrupt("challenge cannot be written".into()))?;
        to.remove("_id");
        let old = doc! { "_id": &challenge.id, "created_at": { "$lte": date(not_since) } };
        let issue = self
            .rows
            .update_one(old, doc! { "$set": to, "$unset": { "used_at": "" } })
            .upsert(true);
        // With a younger code in place the filter finds nothing and the insert meets its `_id`.
        StoreError::taken(self.store.run(issue).await)
    }

    /// The codes of an address that can still be tried; those that the older service left have no id to derive from.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn list_live(
        &self,
        email: &str,
        purpose: OtpPurpose,
        now: Timestamp,
    ) -> Result<Vec<OtpChallenge>> {
        let mut filter = unspent(now);
        filter.insert("email", email);
        filter.insert("type", purpose.name());
        filter.insert("otp_id", doc! { "$exists": true });
        self.store.all(self.rows.find(filter)).await
    }

    /// One challenge, whatever its state.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn find(&self, id: &str) -> Result<Option<OtpChallenge>> {
        self.store.one(self.rows.find_one(doc! { "_id": id })).await
    }

    /// Spends one try of a live code that has tries left, before anything is compared (OTP-3).
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn spend_attempt(
        &self,
        id: &str,
        max_attempts: i32,
        now: Timestamp,
    ) -> Result<Option<OtpChallenge>> {
        let mut filter = unspent(now);
        filter.insert("_id", id);
        filter.insert("code_expires_at", doc! { "$gt": date(now) });
        filter.insert("attempts", doc! { "$lt": max_attempts });
        let update = self
            .rows
            .find_one_and_update(filter, doc! { "$inc": { "attempts": 1 } })
            .return_document(ReturnDocument::After);
        self.store.one(update).await
    }

    /// Gives a try back that turned out not to be one (a right code with a refused password, RST-8).
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn return_attempt(&self, challenge: &OtpChallenge) -> Result<()> {
        let mine =
            doc! { "_id": &challenge.id, "otp_id": &challenge.otp_id, "attempts": { "$gt": 0 } };
        let to = doc! { "$inc": { "attempts": -1 } };
        self.store
            .run(self.rows.update_one(mine, to))
            .await
            .map(drop)
    }

    /// Consumes this very code or link, once (OTP-5). False: somebody else did, or a newer one replaced it.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn consume(&self, challenge: &OtpChallenge, now: Timestamp) -> Result<bool> {
        let mut filter = unspent(now);
        filter.insert("_id", &challenge.id);
        filter.insert("otp_id", &challenge.otp_id);
        let to = doc! { "$set": { "used_at": date(now) } };
        Ok(self
            .store
            .run(self.rows.update_one(filter, to))
            .await?
            .matched_count
            == 1)
    }

    /// Codes that were consumed at or before `before`, whose consequence may be missing: work for the sweeper.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn list_consumed(
        &self,
        purpose: OtpPurpose,
        before: Timestamp,
    ) -> Result<Vec<OtpChallenge>> {
        let filter = doc! { "type": purpose.name(), "used_at": { "$lte": date(before) } };
        self.store.all(self.rows.find(filter).limit(100)).await
    }

    /// Removes the code that `subject` has for `purpose`.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn delete(&self, purpose: OtpPurpose, subject: &UserId) -> Result<()> {
        let id = challenge_id(purpose, subject);
        self.store
            .run(self.rows.delete_one(doc! { "_id": id }))
            .await
            .map(drop)
    }
}

/// Not used and not expired (OTP-9).
fn unspent(now: Timestamp) -> Document {
    doc! { "used_at": { "$exists": false }, "expires_at": { "$gt": date(now) } }
}

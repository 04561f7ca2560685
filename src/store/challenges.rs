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
    /// after `not_since` (the cooldown, OTP-7), or was used for an account that is on its way (REG-5). False: it stays.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn issue(
        &self,
        challenge: &OtpChallenge,
        not_since: Option<Timestamp>,
    ) -> Result<bool> {
        let mut to = bson::serialize_to_document(challenge)
            .map_err(|_| StoreError::Corrupt("challenge cannot be written".into()))?;
        to.remove("_id");
        let mut old = doc! { "_id": &challenge.id };
        if let Some(not_since) = not_since {
            old.insert("created_at", doc! { "$lte": date(not_since) });
        }
        if challenge.purpose == OtpPurpose::Verification {
            old.insert("used_at", doc! { "$exists": false });
        }
        let fresh = doc! { "used_at": "", "tried_by": "" };
        let issue = self
            .rows
            .update_one(old, doc! { "$set": to, "$unset": fresh })
            .upsert(true);
        // With a younger code in place the filter finds nothing and the insert meets its `_id`.
        StoreError::taken(self.store.run(issue).await)
    }

    /// A code of an address for whatever registration or account, to say in the trail whose it is.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn find_of_address(
        &self,
        email: &str,
        purpose: OtpPurpose,
    ) -> Result<Option<OtpChallenge>> {
        let find = self.rows.find_one(of_address(email, purpose));
        self.store.one(find).await
    }

    /// The code of an address whose registration has this token.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn find_by_token(
        &self,
        email: &str,
        registration_digest: &str,
        now: Timestamp,
    ) -> Result<Option<OtpChallenge>> {
        let mut filter = of_address(email, OtpPurpose::Verification);
        filter.insert("registration_digest", registration_digest);
        filter.insert("expires_at", doc! { "$gt": date(now) });
        self.store.one(self.rows.find_one(filter)).await
    }

    /// One challenge, whatever its state.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn find(&self, id: &str) -> Result<Option<OtpChallenge>> {
        self.store.one(self.rows.find_one(doc! { "_id": id })).await
    }

    /// Spends one try of a code that has tries left, before anything is compared (OTP-3).
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn spend_attempt(
        &self,
        id: &str,
        purpose: OtpPurpose,
        attempt: &Spend<'_>,
    ) -> Result<Option<OtpChallenge>> {
        let mut filter = attempt.may_be_tried(purpose);
        filter.insert("_id", id);
        let update = self
            .rows
            .find_one_and_update(filter, attempt.spent())
            .return_document(ReturnDocument::After);
        self.store.one(update).await
    }

    /// Spends one try of each code of an address that has tries left: in as many round trips whether there are several or
    /// none (ENUM-8). The codes on which it was spent.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn spend_attempts_of(
        &self,
        email: &str,
        purpose: OtpPurpose,
        attempt: &Spend<'_>,
    ) -> Result<Vec<OtpChallenge>> {
        let mut filter = attempt.may_be_tried(purpose);
        filter.extend(of_address(email, purpose));
        match self
            .store
            .run(self.rows.update_many(filter, attempt.spent()))
            .await
        {
            // One of them has another shape; on those before it the try is spent (DB-7).
            Err(StoreError::Corrupt(_)) => {}
            spent => drop(spent?),
        }
        let mut mine = of_address(email, purpose);
        mine.insert("tried_by", attempt.id);
        self.store.all(self.rows.find(mine)).await
    }

    /// Gives a try back that turned out not to be one (a right code with a refused password, RST-8; the right code of what
    /// is done already, REG-5).
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn return_attempt(&self, challenge: &OtpChallenge, attempt_id: &str) -> Result<()> {
        let mine = doc! {
            "_id": &challenge.id, "otp_id": &challenge.otp_id, "tried_by": attempt_id,
            "attempts": { "$gt": 0 },
        };
        let to = doc! { "$inc": { "attempts": -1 }, "$pull": { "tried_by": attempt_id } };
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
        let to = doc! { "used_at": date(now) };
        self.use_up(challenge, to, now).await
    }

    /// [`Challenges::consume`] for a registration, `by_token` or without; until `until` the same code may come again. It
    /// has the tries of a new code then, or wrong tries before would make a repeat of the right one wrong (REG-5).
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn consume_for_account(
        &self,
        challenge: &OtpChallenge,
        by_token: bool,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool> {
        let to = doc! {
            "used_at": date(now), "by_token": by_token, "attempts": 0,
            "code_expires_at": date(until), "expires_at": date(until),
        };
        self.use_up(challenge, to, now).await
    }

    async fn use_up(&self, challenge: &OtpChallenge, to: Document, now: Timestamp) -> Result<bool> {
        let unspent = doc! {
            "_id": &challenge.id, "otp_id": &challenge.otp_id,
            "used_at": { "$exists": false }, "expires_at": { "$gt": date(now) },
        };
        let update = self.rows.update_one(unspent, doc! { "$set": to });
        Ok(self.store.run(update).await?.matched_count == 1)
    }

    /// Notes that what the code of `subject` was consumed for is done.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn note_done(&self, purpose: OtpPurpose, subject: &UserId) -> Result<()> {
        let used = doc! { "_id": challenge_id(purpose, subject), "used_at": { "$exists": true } };
        let done = doc! { "$set": { "is_done": true } };
        self.store
            .run(self.rows.update_one(used, done))
            .await
            .map(drop)
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
        let filter = doc! {
            "type": purpose.name(), "used_at": { "$lte": date(before) }, "is_done": { "$ne": true },
        };
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

fn of_address(email: &str, purpose: OtpPurpose) -> Document {
    // What the older service left has no id to derive a code from.
    doc! { "email": email, "type": purpose.name(), "otp_id": { "$exists": true } }
}

/// One try of codes.
#[derive(Debug)]
pub struct Spend<'a> {
    /// Tells it from other tries at the same moment.
    pub id: &'a str,
    /// As many as a code may have.
    pub most: i32,
    /// When it is made; time decides, the TTL index only collects (OTP-9).
    pub now: Timestamp,
}

impl Spend<'_> {
    fn may_be_tried(&self, purpose: OtpPurpose) -> Document {
        let later = doc! { "$gt": date(self.now) };
        let mut filter = doc! {
            "expires_at": later.clone(), "code_expires_at": later, "attempts": { "$lt": self.most },
            // A list of numbers is none.
            "attempts.0": { "$exists": false },
        };
        // That of a registration may come again for a while after its use.
        if purpose == OtpPurpose::PasswordReset {
            filter.insert("used_at", doc! { "$exists": false });
        }
        filter
    }

    fn spent(&self) -> Document {
        doc! { "$inc": { "attempts": 1 }, "$push": { "tried_by": self.id } }
    }
}

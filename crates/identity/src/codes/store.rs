//! `otp_codes`: the issued codes. A try is spent before the code is compared (OTP-3), and a code is consumed once
//! (OTP-5).

use bson::{Document, doc};
use mongodb::{Collection, options::ReturnDocument};

use crate::{
    codes::documents::{OtpChallenge, OtpPurpose, challenge_id},
    store::Store,
};
use kernel::{clock::Timestamp, ids::UserId, stored::date};
use store::{Result, StoreError, document};

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
    /// Issues a code that replaces the subject's older one for the same purpose (OTP-6). `false`, and the older one
    /// stays, if that one was issued after `not_since` (the cooldown, OTP-7), or was used for an account that is being
    /// made (REG-5).
    pub async fn issue(
        &self,
        challenge: &OtpChallenge,
        not_since: Option<Timestamp>,
    ) -> Result<bool> {
        let mut to = document(challenge)?;
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
        // If a newer code is there, the filter finds nothing, and the insert meets its `_id`.
        StoreError::taken(self.store.run(issue).await)
    }

    /// A code of an address, for any registration or account; the audit event names its subject.
    pub async fn find_of_address(
        &self,
        email: &str,
        purpose: OtpPurpose,
    ) -> Result<Option<OtpChallenge>> {
        let find = self.rows.find_one(of_address(email, purpose));
        self.store.one(find).await
    }

    /// The code of an address whose registration has this token.
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

    /// One challenge, in any state.
    pub async fn find(&self, id: &str) -> Result<Option<OtpChallenge>> {
        self.store.one(self.rows.find_one(doc! { "_id": id })).await
    }

    /// Spends one try of a code that has tries left, before anything is compared (OTP-3).
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

    /// Spends one try of each code of an address that has tries left, and returns these codes. The number of round
    /// trips does not depend on the number of codes (ENUM-8).
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
            // One of them cannot be read; the codes before it have spent the try (DB-7).
            Err(StoreError::Corrupt(_)) => {}
            spent => drop(spent?),
        }
        let mut tried = of_address(email, purpose);
        tried.insert("tried_by", attempt.id);
        self.store.all(self.rows.find(tried)).await
    }

    /// Gives a try back that does not count: a right code with a refused password (RST-8), or the right code of
    /// something that is done already (REG-5).
    pub async fn return_attempt(&self, challenge: &OtpChallenge, attempt_id: &str) -> Result<()> {
        let tried = doc! {
            "_id": &challenge.id, "otp_id": &challenge.otp_id, "tried_by": attempt_id,
            "attempts": { "$gt": 0 },
        };
        let to = doc! { "$inc": { "attempts": -1 }, "$pull": { "tried_by": attempt_id } };
        self.store
            .run(self.rows.update_one(tried, to))
            .await
            .map(drop)
    }

    /// Consumes the code or link, once (OTP-5). `false` if another request did, or if a newer code has replaced it.
    pub async fn consume(&self, challenge: &OtpChallenge, now: Timestamp) -> Result<bool> {
        let to = doc! { "used_at": date(now) };
        self.set_used(challenge, to, now).await
    }

    /// [`Challenges::consume`] for a registration, `by_token` or without. Until `until` the same code may come again.
    /// It then has all its tries again, because earlier wrong tries must not make a repetition of the right code fail
    /// (REG-5).
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
        self.set_used(challenge, to, now).await
    }

    async fn set_used(
        &self,
        challenge: &OtpChallenge,
        to: Document,
        now: Timestamp,
    ) -> Result<bool> {
        let unspent = doc! {
            "_id": &challenge.id, "otp_id": &challenge.otp_id,
            "used_at": { "$exists": false }, "expires_at": { "$gt": date(now) },
        };
        let update = self.rows.update_one(unspent, doc! { "$set": to });
        Ok(self.store.run(update).await?.matched_count == 1)
    }

    /// Notes that the work for which the code of `subject` was consumed is done.
    pub async fn note_done(&self, purpose: OtpPurpose, subject: &UserId) -> Result<()> {
        let used = doc! { "_id": challenge_id(purpose, subject), "used_at": { "$exists": true } };
        let done = doc! { "$set": { "is_done": true } };
        self.store
            .run(self.rows.update_one(used, done))
            .await
            .map(drop)
    }

    /// Codes that were consumed at or before `before` and whose work may be incomplete; for the sweeper.
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

    /// Deletes the code that `subject` has for `purpose`.
    pub async fn delete(&self, purpose: OtpPurpose, subject: &UserId) -> Result<()> {
        let id = challenge_id(purpose, subject);
        self.store
            .run(self.rows.delete_one(doc! { "_id": id }))
            .await
            .map(drop)
    }
}

fn of_address(email: &str, purpose: OtpPurpose) -> Document {
    // The codes of the older service have no id to derive a code from.
    doc! { "email": email, "type": purpose.name(), "otp_id": { "$exists": true } }
}

/// One try on one or more codes.
#[derive(Debug)]
pub struct Spend<'a> {
    /// The id of this try, which distinguishes it from other tries at the same moment.
    pub id: &'a str,
    /// How many tries a code has.
    pub most: i32,
    /// The time of the try. It decides whether a code has expired; the TTL index only deletes (OTP-9).
    pub now: Timestamp,
}

impl Spend<'_> {
    fn may_be_tried(&self, purpose: OtpPurpose) -> Document {
        let later = doc! { "$gt": date(self.now) };
        let mut filter = doc! {
            "expires_at": later.clone(), "code_expires_at": later, "attempts": { "$lt": self.most },
            // If `attempts` is a list of numbers, the document is not valid.
            "attempts.0": { "$exists": false },
        };
        // The code of a registration may come again for a while after its use.
        if purpose == OtpPurpose::PasswordReset {
            filter.insert("used_at", doc! { "$exists": false });
        }
        filter
    }

    fn spent(&self) -> Document {
        doc! { "$inc": { "attempts": 1 }, "$push": { "tried_by": self.id } }
    }
}

//! `login_challenges`: what waits for a factor. A try is spent before anything is compared (MFA-10), and a challenge is
//! consumed once.

use bson::{Document, doc};
use mongodb::options::ReturnDocument;

use crate::{
    factors::documents::{ChallengePurpose, LoginChallenge},
    store::{Rows, Store},
};
use kernel::{clock::Timestamp, sealed::Sealed, stored::date};
use store::Result;

/// The collection.
pub struct LoginChallenges<'a>(Rows<'a, LoginChallenge>);

impl Store {
    /// The collection `login_challenges`.
    #[must_use]
    pub fn login_challenges(&self) -> LoginChallenges<'_> {
        LoginChallenges(self.rows_of(&self.names.collections.login_challenges))
    }
}

fn live(id: &str, purpose: ChallengePurpose, now: Timestamp) -> Document {
    doc! {
        "_id": id, "purpose": purpose.name(), "used_at": { "$exists": false },
        "expires_at": { "$gt": date(now) },
    }
}

impl LoginChallenges<'_> {
    /// Writes a new challenge.
    pub async fn insert(&self, challenge: &LoginChallenge) -> Result<()> {
        let insert = self.0.rows.insert_one(challenge);
        self.0.store.run(insert).await.map(drop)
    }

    /// A live challenge, without spending a try.
    pub async fn find(
        &self,
        id: &str,
        purpose: ChallengePurpose,
        now: Timestamp,
    ) -> Result<Option<LoginChallenge>> {
        let find = self.0.rows.find_one(live(id, purpose, now));
        self.0.store.one(find).await
    }

    /// Spends one of the `most` tries of a live challenge, before anything is compared.
    pub async fn spend_attempt(
        &self,
        id: &str,
        purpose: ChallengePurpose,
        most: i32,
        now: Timestamp,
    ) -> Result<Option<LoginChallenge>> {
        let mut open = live(id, purpose, now);
        open.insert("attempts", doc! { "$lt": most });
        let spent = doc! { "$inc": { "attempts": 1 } };
        let update = self.0.rows.find_one_and_update(open, spent);
        let update = update.return_document(ReturnDocument::After);
        self.0.store.one(update).await
    }

    /// Takes the state of the passkey ceremony out of a live challenge, once, before anything is verified (PK-1). `None` if
    /// another request did, or if it is over.
    pub async fn take_state(
        &self,
        id: &str,
        purpose: ChallengePurpose,
        now: Timestamp,
    ) -> Result<Option<Sealed>> {
        let mut waiting = live(id, purpose, now);
        waiting.insert("state", doc! { "$exists": true });
        let taken = doc! { "$unset": { "state": "" } };
        let update = self.0.rows.find_one_and_update(waiting, taken);
        let before = self.0.store.one(update).await?;
        Ok(before.and_then(|challenge| challenge.state))
    }

    /// Consumes a live challenge and returns it. `None` if another request did, or if it is over.
    pub async fn consume(
        &self,
        id: &str,
        purpose: ChallengePurpose,
        now: Timestamp,
    ) -> Result<Option<LoginChallenge>> {
        let used = doc! { "$set": { "used_at": date(now) } };
        let update = self
            .0
            .rows
            .find_one_and_update(live(id, purpose, now), used);
        self.0.store.one(update).await
    }
}

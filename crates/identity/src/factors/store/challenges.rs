//! `login_challenges`: what waits for a factor. A try is spent before anything is compared (MFA-10), and a challenge is
//! consumed once.

use bson::{Document, doc};
use mongodb::options::ReturnDocument;

use crate::{
    factors::documents::{ChallengePurpose, LoginChallenge},
    store::{Rows, Store},
};
use kernel::{clock::Timestamp, stored::date};
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

    /// Consumes a live challenge for one of its `most` tries, before anything is compared: of parallel requests one has it,
    /// and the others find it used. The one that has it [reopens](Self::reopen) it after a wrong factor.
    pub async fn hold(
        &self,
        id: &str,
        purpose: ChallengePurpose,
        most: i32,
        now: Timestamp,
    ) -> Result<Option<LoginChallenge>> {
        let mut open = live(id, purpose, now);
        open.insert("attempts", doc! { "$lt": most });
        let held = doc! { "$inc": { "attempts": 1 }, "$set": { "used_at": date(now) } };
        let update = self.0.rows.find_one_and_update(open, held);
        let update = update.return_document(ReturnDocument::After);
        self.0.store.one(update).await
    }

    /// Lets the next try of a challenge begin that this request held. The ceremony of a passkey is over if it `was_shown`
    /// (PK-1).
    pub async fn reopen(&self, held: &LoginChallenge, was_shown: bool) -> Result<()> {
        let mut gone = doc! { "used_at": "" };
        if was_shown {
            gone.insert("state", "");
        }
        let same = doc! { "_id": &held.id, "attempts": held.attempts };
        self.0.change(same, doc! { "$unset": gone }).await
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

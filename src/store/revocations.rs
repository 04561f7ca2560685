//! `revocations`: what other instances must forget, read by polling with an overlap (D10).

use bson::doc;
use chrono::Duration;
use mongodb::Collection;
use serde::{Deserialize, Serialize};

use super::{Result, Store};
use crate::{
    clock::Timestamp,
    domain::{
        ids::{SessionId, UserId},
        stored::{date, time},
    },
};

/// Rows that the server sends at a time: all of them, as a rule. The embedded store knows a cursor on the connection that
/// it began on only, and what comes later may be asked for on another one.
const AT_ONCE: u32 = 100_000;

/// Something that ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// Tells the rows of an overlap apart.
    #[serde(rename = "_id")]
    pub id: String,
    /// Whose sessions; all of them without `session_id`.
    pub user_id: UserId,
    /// Which session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<SessionId>,
    /// When, by the clock of the instance that did it.
    #[serde(with = "time")]
    pub at: Timestamp,
    /// When nobody needs the row any more.
    #[serde(with = "time")]
    pub expires_at: Timestamp,
}

/// How long a row is kept: longer than any overlap and any restart of a reader, who starts with an empty cache.
const KEPT: Duration = Duration::hours(1);

/// The collection.
#[derive(Debug)]
pub struct Revocations<'a> {
    store: &'a Store,
    rows: Collection<Revocation>,
}

impl Store {
    /// The collection `revocations`.
    #[must_use]
    pub fn revocations(&self) -> Revocations<'_> {
        Revocations {
            store: self,
            rows: self.rows(&self.names.collections.revocations),
        }
    }
}

impl Revocations<'_> {
    /// Tells every instance that a session, or all of a user's, must be read anew.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn insert(
        &self,
        id: String,
        user_id: &UserId,
        session_id: Option<&SessionId>,
        now: Timestamp,
    ) -> Result<()> {
        let row = Revocation {
            id,
            user_id: user_id.clone(),
            session_id: session_id.cloned(),
            at: now,
            expires_at: now + KEPT,
        };
        self.store.run(self.rows.insert_one(row)).await.map(drop)
    }

    /// Everything since `since`.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn list_since(&self, since: Timestamp) -> Result<Vec<Revocation>> {
        let find = self.rows.find(doc! { "at": { "$gte": date(since) } });
        self.store.all(find.batch_size(AT_ONCE)).await
    }
}

//! The feed of revocations: what every instance must read anew. It is polled with an overlap (D10).

use bson::{Document, doc};
use chrono::Duration;
use mongodb::Collection;
use serde::Serialize;

use crate::store::{Rows, Store};
use kernel::{
    clock::Timestamp,
    ids::{SessionId, UserId},
    stored::{date, time},
};
use store::Result;

/// Rows in one answer of the database, so that ten thousand sessions that end together make no giant one.
const PAGE: u32 = 1000;

/// How long a row of the feed is kept: longer than any overlap and any restart of a reader, who starts with an empty cache.
pub(crate) const KEPT: Duration = Duration::hours(1);

/// One entry of the feed: a session that has ended, or an account that has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// Tells the entries of an overlap apart.
    pub id: String,
    /// The owner of the session, or the account.
    pub user_id: UserId,
    /// The session that has ended; `None` if all sessions of the account must be read anew.
    pub session_id: Option<SessionId>,
}

/// A row of `revocations`: an account that has changed.
#[derive(Debug, Serialize)]
pub struct Changed {
    #[serde(rename = "_id")]
    id: String,
    user_id: UserId,
    /// By the clock of the instance that changed it.
    #[serde(with = "time")]
    at: Timestamp,
    #[serde(with = "time")]
    expires_at: Timestamp,
}

impl Store {
    /// The feed: the collection `revocations`, and the sessions in `user_sessions` that have ended.
    pub fn revocations(&self) -> Rows<'_, Changed> {
        self.rows_of(&self.names.collections.revocations)
    }
}

impl Rows<'_, Changed> {
    /// Tells every instance that an account and its sessions must be read anew.
    pub async fn insert(&self, id: String, user_id: &UserId, now: Timestamp) -> Result<()> {
        let row = Changed {
            id,
            user_id: user_id.clone(),
            at: now,
            expires_at: now + KEPT,
        };
        self.store.run(self.rows.insert_one(row)).await.map(drop)
    }

    /// Every account that has changed since `since`, and every session that has ended since then: its own row says so, which
    /// makes ending it one write (SES-7). An entry may come twice.
    pub async fn list_since(&self, since: Timestamp) -> Result<Vec<Revocation>> {
        let names = &self.store.names.collections;
        let (changed, ended) = tokio::try_join!(
            self.rows_since(&names.revocations, "at", since),
            self.rows_since(&names.user_sessions, "ended_at", since),
        )?;
        Ok(changed.iter().chain(&ended).filter_map(entry).collect())
    }

    /// The rows of a collection from `since` on, page by page. Each page begins with the moment that ended the one before,
    /// because more rows may bear it.
    async fn rows_since(
        &self,
        collection: &str,
        at: &str,
        since: Timestamp,
    ) -> Result<Vec<Document>> {
        let rows: Collection<Document> = self.store.rows(collection);
        let (mut since, mut limit) = (since, PAGE);
        let mut all = Vec::new();
        loop {
            // A page is one batch: the embedded store knows a cursor only on the connection that it began on, and the driver
            // may ask for the next batch on another one.
            let find = rows
                .find(doc! { at: { "$gte": date(since) } })
                .sort(doc! { at: 1 })
                .projection(doc! { "user_id": 1, "session_id": 1, at: 1 })
                .limit(limit.into())
                .batch_size(limit);
            let page = self.store.all(find).await?;
            let is_last = page.len() < limit as usize;
            let end = page.last().and_then(|row| row.get_datetime(at).ok());
            let end = end.map(|end| end.to_chrono());
            all.extend(page);
            match end {
                Some(end) if !is_last && end > since => since = end,
                Some(_) if !is_last => limit *= 2, // The whole page bears one moment.
                _ => return Ok(all),
            }
        }
    }
}

/// `None` if the row has another shape: it is passed over (DB-7).
fn entry(row: &Document) -> Option<Revocation> {
    Some(Revocation {
        id: row.get_str("_id").ok()?.to_owned(),
        user_id: UserId::from_stored(row.get_str("user_id").ok()?),
        session_id: row.get_str("session_id").ok().and_then(SessionId::parse),
    })
}

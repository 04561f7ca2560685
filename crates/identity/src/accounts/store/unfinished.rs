//! Notes in `throttles` about work on an account that takes several writes. If an instance dies in between or loses the
//! database, the note stays, and the sweeper finishes the work.

use bson::doc;
use mongodb::Collection;
use serde::{Deserialize, Serialize};

use crate::store::Store;
use kernel::{
    clock::Timestamp,
    ids::UserId,
    stored::{date, time},
};
use store::Result;

/// The kind of work on an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Work {
    /// An administrator or a command creates it.
    Creation,
    /// An administrator deletes it.
    Deletion,
}

/// A note.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Note {
    #[serde(rename = "_id")]
    id: String,
    /// The kind of work.
    pub work: Work,
    /// The account.
    pub user_id: UserId,
    #[serde(with = "time")]
    since: Timestamp,
}

/// The notes.
#[derive(Debug)]
pub struct Unfinished<'a> {
    store: &'a Store,
    rows: Collection<Note>,
}

impl Store {
    /// The notes of unfinished work.
    pub fn unfinished(&self) -> Unfinished<'_> {
        Unfinished {
            store: self,
            rows: self.rows(&self.platform().names().throttles),
        }
    }
}

impl Unfinished<'_> {
    /// Stores a note of work that is about to begin. A repetition renews the note.
    pub async fn begin(&self, work: Work, user_id: &UserId, now: Timestamp) -> Result<()> {
        let note = Note {
            id: id(user_id),
            work,
            user_id: user_id.clone(),
            since: now,
        };
        let replace = self
            .rows
            .replace_one(doc! { "_id": &note.id }, &note)
            .upsert(true);
        self.store.run(replace).await.map(drop)
    }

    /// Deletes the note: the work is done, or was given up.
    pub async fn end(&self, user_id: &UserId) -> Result<()> {
        let delete = self.rows.delete_one(doc! { "_id": id(user_id) });
        self.store.run(delete).await.map(drop)
    }

    /// Notes of work that began at or before `before`.
    pub async fn list(&self, before: Timestamp) -> Result<Vec<Note>> {
        let filter = doc! {
            "_id": { "$gte": PREFIX, "$lt": AFTER_PREFIX }, "since": { "$lte": date(before) },
        };
        self.store.all(self.rows.find(filter).limit(100)).await
    }
}

const PREFIX: &str = "unfinished:";
/// The first `_id` that does not begin with [`PREFIX`]: `;` follows `:`.
const AFTER_PREFIX: &str = "unfinished;";

/// Each account has one note at most.
fn id(user_id: &UserId) -> String {
    format!("{PREFIX}{user_id}")
}

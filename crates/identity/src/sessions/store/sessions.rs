//! `user_sessions`: sessions and the state of their refresh tokens.

use bson::{Document, doc};
use mongodb::{Collection, options::ReturnDocument};

use crate::{
    sessions::documents::{EndReason, Session},
    store::Store,
};
use kernel::{
    clock::Timestamp,
    ids::{SessionId, UserId},
    methods::Methods,
    sealed::KeyId,
    stored::date,
};
use store::Result;

/// The collection.
#[derive(Debug)]
pub struct Sessions<'a> {
    store: &'a Store,
    rows: Collection<Session>,
}

impl Store {
    /// The collection `user_sessions`.
    pub fn sessions(&self) -> Sessions<'_> {
        Sessions {
            store: self,
            rows: self.rows(&self.names.collections.user_sessions),
        }
    }
}

/// A refresh: the token that was shown, the one that takes its place, and what follows for the session.
#[derive(Debug)]
pub struct Rotation<'a> {
    /// SHA-256 of the token that was shown.
    pub shown: &'a str,
    /// SHA-256 of its successor.
    pub next: &'a str,
    /// How many rotations led to it.
    pub generation: i64,
    /// The master secret that derived it.
    pub key_id: &'a KeyId,
    /// When the successor ends.
    pub refresh_expires_at: Timestamp,
    /// When the session ends, unless it is used again.
    pub expires_at: Timestamp,
    /// The moment of the refresh.
    pub now: Timestamp,
}

fn live(session_id: &SessionId, now: Timestamp) -> Document {
    doc! { "_id": session_id.as_str(), "is_active": true, "expires_at": { "$gt": date(now) } }
}

impl Sessions<'_> {
    /// Writes a new session.
    pub async fn insert(&self, session: &Session) -> Result<()> {
        self.store
            .run(self.rows.insert_one(session))
            .await
            .map(drop)
    }

    /// One session, whatever its state.
    pub async fn find(&self, session_id: &SessionId) -> Result<Option<Session>> {
        self.store
            .one(self.rows.find_one(doc! { "_id": session_id.as_str() }))
            .await
    }

    /// The live sessions of a user, newest first. Those that the older service left have no refresh state and no token
    /// of ours opens them: they are passed over.
    pub async fn list_live(&self, user_id: &UserId, now: Timestamp) -> Result<Vec<Session>> {
        let mut sessions: Vec<Session> = self.store.all(self.rows.find(ours(user_id, now))).await?;
        sessions.sort_by(|a, b| (b.login_time, b.id.as_str()).cmp(&(a.login_time, a.id.as_str())));
        Ok(sessions)
    }

    /// The ids of the live sessions of a user but `kept`, newest first.
    pub async fn list_others(
        &self,
        user_id: &UserId,
        kept: &SessionId,
        now: Timestamp,
    ) -> Result<Vec<SessionId>> {
        let mut filter = ours(user_id, now);
        filter.insert("_id", doc! { "$ne": kept.as_str() });
        let rows = self.rows.clone_with_type::<Document>();
        let find = rows.find(filter).projection(doc! { "_id": 1 });
        let newest_first = doc! { "login_time": -1, "_id": -1 };
        let others = self.store.all(find.sort(newest_first)).await?;
        let ids = others.iter().filter_map(|row| row.get_str("_id").ok());
        Ok(ids.filter_map(SessionId::parse).collect())
    }

    /// Replaces the current refresh token; none: the token shown is not the current one of a live session (RT-1).
    pub async fn rotate(
        &self,
        session_id: &SessionId,
        rotation: &Rotation<'_>,
    ) -> Result<Option<Session>> {
        let mut filter = live(session_id, rotation.now);
        filter.insert("refresh.current", rotation.shown);
        filter.insert("refresh.expires_at", doc! { "$gt": date(rotation.now) });
        let to = doc! { "$set": {
            "refresh.current": rotation.next,
            "refresh.previous": rotation.shown,
            "refresh.rotated_at": date(rotation.now),
            "refresh.generation": rotation.generation,
            "refresh.key_id": rotation.key_id.as_str(),
            "refresh.expires_at": date(rotation.refresh_expires_at),
            "last_activity": date(rotation.now),
            "expires_at": date(rotation.expires_at),
        } };
        self.after(filter, to).await
    }

    /// Puts a derived successor in the place of `drawn`, which an earlier version drew at random and nothing derives. Nothing
    /// else changes: the time in which the predecessor is answered does not grow. None: `drawn` is not the current one, or
    /// its predecessor is another.
    pub async fn derive_successor(
        &self,
        session_id: &SessionId,
        drawn: &str,
        rotation: &Rotation<'_>,
    ) -> Result<Option<Session>> {
        let mut filter = live(session_id, rotation.now);
        filter.insert("refresh.current", drawn);
        filter.insert("refresh.previous", rotation.shown);
        let to = doc! { "$set": {
            "refresh.current": rotation.next,
            "refresh.generation": rotation.generation,
            "refresh.key_id": rotation.key_id.as_str(),
        } };
        self.after(filter, to).await
    }

    /// Writes what a live session of `user_id` has proven, now in full. The session after it; `None` if it has ended.
    pub async fn raise(
        &self,
        session_id: &SessionId,
        user_id: &UserId,
        methods: Methods,
        now: Timestamp,
    ) -> Result<Option<Session>> {
        let mut filter = live(session_id, now);
        filter.insert("user_id", user_id.as_str());
        let names: Vec<_> = methods.names().collect();
        let to = doc! { "$set": {
            "amr": names, "auth_time": date(now), "fresh_at": date(now),
        } };
        self.after(filter, to).await
    }

    /// Writes the last activity down; an older one never replaces a younger one, and an end that another instance's
    /// refresh has put off meanwhile is not brought forward.
    pub async fn touch(
        &self,
        session_id: &SessionId,
        seen: Timestamp,
        expires_at: Timestamp,
    ) -> Result<()> {
        let filter = doc! {
            "_id": session_id.as_str(), "is_active": true, "last_activity": { "$lt": date(seen) },
        };
        let to = doc! {
            "$set": { "last_activity": date(seen) }, "$max": { "expires_at": date(expires_at) },
        };
        self.store
            .run(self.rows.update_one(filter, to))
            .await
            .map(drop)
    }

    /// Ends a session of `user_id`; when it would have ended by itself. None: none of that id was active. One that is
    /// over by this instance's clock ends too: by another's it may have seconds left (TIME-1).
    pub async fn revoke(
        &self,
        session_id: &SessionId,
        user_id: &UserId,
        reason: EndReason,
        now: Timestamp,
    ) -> Result<Option<Timestamp>> {
        let filter = doc! {
            "_id": session_id.as_str(), "user_id": user_id.as_str(), "is_active": true,
        };
        // Read as it is: what cannot be read as a session ends all the same (DB-7).
        let rows = self.rows.clone_with_type::<Document>();
        let update = rows.find_one_and_update(filter, ended(reason, now));
        let before = self.store.run(update).await?;
        let end = |row: Document| {
            row.get_datetime("expires_at")
                .map_or(now, |end| end.to_chrono())
        };
        Ok(before.map(end))
    }

    /// Ends every session of `user_id` but `except`, those that are over by this instance's clock too; how many were live.
    pub async fn revoke_all(
        &self,
        user_id: &UserId,
        except: Option<&SessionId>,
        reason: EndReason,
        now: Timestamp,
    ) -> Result<u64> {
        let mut active = doc! { "user_id": user_id.as_str(), "is_active": true };
        if let Some(kept) = except {
            active.insert("_id", doc! { "$ne": kept.as_str() });
        }
        let mut live = active.clone();
        live.insert("expires_at", doc! { "$gt": date(now) });
        let update = self.rows.update_many(live, ended(reason, now));
        let count = self.store.run(update).await?.matched_count;
        let rest = self.rows.update_many(active, ended(reason, now));
        self.store.run(rest).await?;
        Ok(count)
    }

    /// Every session of an account whose row is still there, in any state.
    pub async fn list_all(&self, user_id: &UserId) -> Result<Vec<Session>> {
        let find = self.rows.find(doc! { "user_id": user_id.as_str() });
        let mut sessions = self.store.all(find).await?;
        sessions.sort_by_key(|session: &Session| std::cmp::Reverse(session.login_time));
        Ok(sessions)
    }

    /// Whether a session of an account was ended before its time.
    pub async fn has_ended_one(&self, user_id: &UserId) -> Result<bool> {
        let ended = doc! { "user_id": user_id.as_str(), "is_active": false };
        let rows = self.rows.clone_with_type::<Document>();
        Ok(self.store.run(rows.find_one(ended)).await?.is_some())
    }

    async fn after(&self, filter: Document, to: Document) -> Result<Option<Session>> {
        let update = self
            .rows
            .find_one_and_update(filter, to)
            .return_document(ReturnDocument::After);
        self.store.one(update).await
    }
}

fn ours(user_id: &UserId, now: Timestamp) -> Document {
    doc! {
        "user_id": user_id.as_str(), "is_active": true, "expires_at": { "$gt": date(now) },
        "refresh.current": { "$exists": true },
    }
}

/// The one write that ends a session: `ended_at` puts its row into the feed (SES-7). The row stays until every instance has
/// read it there, however little of its time was left.
fn ended(reason: EndReason, now: Timestamp) -> Document {
    doc! {
        "$set": { "is_active": false, "ended_at": date(now), "end_reason": reason.name() },
        "$max": { "expires_at": date(now + crate::sessions::store::revocations::KEPT) },
    }
}

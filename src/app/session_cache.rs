//! Live sessions and their users in memory, and the last activity that is not written down yet (design.md 8, D10).

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono::Duration;
use moka::sync::Cache;

use crate::{
    clock::Timestamp,
    domain::{
        ids::{SessionId, UserId},
        session::Session,
        user::User,
    },
};

/// A session and its user, as they were read together.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The session.
    pub session: Arc<Session>,
    /// Its user.
    pub user: Arc<User>,
}

#[derive(Debug, Clone, Copy)]
struct Activity {
    seen: Timestamp,
    written: Timestamp,
}

#[derive(Debug, Default)]
struct Feed {
    read_at: Option<Timestamp>,
    known: HashMap<String, Timestamp>,
}

/// The cache.
#[derive(Debug)]
pub struct SessionCache {
    entries: Cache<SessionId, Entry>,
    /// Grows with each eviction: what was read before one must not be put in after it.
    generation: AtomicU64,
    activity: Mutex<HashMap<SessionId, Activity>>,
    feed: Mutex<Feed>,
}

/// An entry is read anew after this, whatever the feed says.
const TIME_TO_LIVE: std::time::Duration = std::time::Duration::from_secs(60);

/// What [`SessionCache::generation`] gave before a read.
#[derive(Debug, Clone, Copy)]
pub struct Generation(u64);

impl SessionCache {
    /// An empty cache for `capacity` sessions.
    #[must_use]
    pub fn new(capacity: u64) -> Self {
        Self {
            entries: Cache::builder()
                .max_capacity(capacity)
                .time_to_live(TIME_TO_LIVE)
                .build(),
            generation: AtomicU64::new(0),
            activity: Mutex::default(),
            feed: Mutex::default(),
        }
    }

    /// The session, if it was read before and nothing was heard of it since.
    #[must_use]
    pub fn get(&self, session_id: &SessionId) -> Option<Entry> {
        self.entries.get(session_id)
    }

    /// To be asked before a read that [`SessionCache::put`] is to keep.
    #[must_use]
    pub fn generation(&self) -> Generation {
        Generation(self.generation.load(Ordering::SeqCst))
    }

    /// Keeps what was read, unless something was evicted since `read_at`.
    pub fn put(&self, entry: Entry, read_at: Generation) {
        let id = entry.session.id.clone();
        self.entries.insert(id.clone(), entry);
        if self.generation.load(Ordering::SeqCst) != read_at.0 {
            self.entries.invalidate(&id);
        }
    }

    /// Forgets one session, or all of a user's.
    pub fn evict(&self, user_id: &UserId, session_id: Option<&SessionId>) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        if let Some(id) = session_id {
            self.entries.invalidate(id);
            return;
        }
        for (id, entry) in &self.entries {
            if entry.user.user_id == *user_id {
                self.entries.invalidate(id.as_ref());
            }
        }
    }

    /// The last request of a session that this instance knows of; `written` is what the row says.
    #[must_use]
    pub fn seen(&self, session_id: &SessionId, written: Timestamp) -> Timestamp {
        self.activity()
            .get(session_id)
            .map_or(written, |activity| activity.seen.max(written))
    }

    /// Notes a request. True: it is time to write it down, which the caller then does.
    #[must_use]
    pub fn note(&self, session: &Session, now: Timestamp, interval: Duration) -> bool {
        let mut activity = self.activity();
        let entry = activity.entry(session.id.clone()).or_insert(Activity {
            seen: session.last_activity,
            written: session.last_activity,
        });
        entry.seen = entry.seen.max(now);
        let due = now - entry.written >= interval;
        if due {
            entry.written = now;
        }
        due
    }

    /// What is noted but not written, and old enough to be; it counts as written from here on.
    #[must_use]
    pub fn take_unwritten(
        &self,
        now: Timestamp,
        interval: Duration,
    ) -> Vec<(SessionId, Timestamp)> {
        let mut activity = self.activity();
        activity.retain(|_, entry| entry.seen > entry.written || now - entry.seen < interval * 2);
        activity
            .iter_mut()
            .filter(|(_, entry)| entry.seen > entry.written && now - entry.written >= interval)
            .map(|(id, entry)| {
                entry.written = entry.seen;
                (id.clone(), entry.seen)
            })
            .collect()
    }

    /// Whether the feed was read within `allowed` before `now`, so that the cache may answer (D10). One that was read in
    /// the future was read before the clock was set back, who knows how long ago (TIME-1).
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp, allowed: Duration) -> bool {
        self.feed()
            .read_at
            .is_some_and(|read_at| (now - read_at).abs() <= allowed)
    }

    /// Notes that the feed was read at `read_at` and gave these rows; those of them that are new.
    #[must_use]
    pub fn take_new<T>(
        &self,
        rows: Vec<T>,
        id: impl Fn(&T) -> &str,
        read_at: Timestamp,
        overlap: Duration,
    ) -> Vec<T> {
        let mut feed = self.feed();
        feed.read_at = Some(read_at);
        feed.known
            .retain(|_, heard| read_at - *heard <= overlap * 2);
        rows.into_iter()
            .filter(|row| feed.known.insert(id(row).to_owned(), read_at).is_none())
            .collect()
    }

    fn activity(&self) -> MutexGuard<'_, HashMap<SessionId, Activity>> {
        self.activity.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn feed(&self) -> MutexGuard<'_, Feed> {
        self.feed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! Keeps live sessions and their users in memory, and each last activity that the database does not have yet (D10).

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono::Duration;
use moka::sync::Cache;

use crate::{accounts::documents::User, sessions::documents::Session};
use kernel::{
    clock::Timestamp,
    helpers::lock,
    ids::{SessionId, UserId},
};

/// A session and its user. One read gave both.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The session.
    pub session: Arc<Session>,
    /// Its user.
    pub user: Arc<User>,
}

#[derive(Clone, Copy)]
struct Activity {
    seen: Timestamp,
    written: Timestamp,
}

#[derive(Default)]
struct Feed {
    /// When the feed was read, by [`kernel::clock::Clock::elapsed`]. `None` if it was not read yet.
    read_at: Option<Duration>,
    /// When each row was read last, by the same clock.
    known: HashMap<String, Duration>,
}

/// An entry is valid as long as `marks` holds the same mark for its user.
#[derive(Clone)]
struct Kept {
    entry: Entry,
    mark: Arc<Mark>,
}

/// The last login of a user of which the instance learned after it read the user.
type Mark = Mutex<Option<Timestamp>>;

/// The cache.
pub struct SessionCache {
    entries: Cache<SessionId, Kept>,
    /// One mark for each user with entries. The removal of a mark makes all entries of its user invalid.
    marks: Cache<UserId, Arc<Mark>>,
    /// Each eviction of a user increments the user's generation, so that an entry read earlier is not put in
    /// afterwards.
    generations: [AtomicU64; GENERATIONS],
    activity: Mutex<HashMap<SessionId, Activity>>,
    feed: Mutex<Feed>,
}

/// After this time, an entry is read again even if the feed did not name it.
const TIME_TO_LIVE: std::time::Duration = std::time::Duration::from_secs(60);

/// Users share generations. With this many, the eviction of one user seldom refuses the entry of another.
const GENERATIONS: usize = 256;

/// The generation of a user, which the caller asks for before a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generation {
    place: usize,
    number: u64,
}

impl SessionCache {
    /// An empty cache for `capacity` sessions.
    pub fn new(capacity: u64) -> Self {
        Self {
            entries: Cache::builder()
                .max_capacity(capacity)
                .time_to_live(TIME_TO_LIVE)
                .build(),
            marks: Cache::new(capacity),
            generations: [const { AtomicU64::new(0) }; GENERATIONS],
            activity: Mutex::default(),
            feed: Mutex::default(),
        }
    }

    /// The number of sessions in memory.
    pub fn count(&self) -> u64 {
        self.entries.run_pending_tasks();
        self.entries.entry_count()
    }

    /// The session. `None` if it is not in memory, or was evicted.
    pub fn get(&self, session_id: &SessionId) -> Option<Entry> {
        let Kept { mut entry, mark } = self.entries.get(session_id)?;
        if !Arc::ptr_eq(&self.marks.get(&entry.user.user_id)?, &mark) {
            return None;
        }
        let logged_in_at = *lock(&mark);
        if logged_in_at > entry.user.last_login_at {
            Arc::make_mut(&mut entry.user).last_login_at = logged_in_at;
        }
        Some(entry)
    }

    /// Notes a login of a user whose other sessions may be in memory. They stay there, because logins are frequent: if
    /// each login evicted them, the cache would be empty most of the time.
    pub fn note_login(&self, user_id: &UserId, now: Timestamp) {
        if let Some(mark) = self.marks.get(user_id) {
            let mut logged_in_at = lock(&mark);
            *logged_in_at = logged_in_at.max(Some(now));
        }
    }

    /// The generation of the user. The caller asks for it before the read, and gives it to [`SessionCache::put`].
    /// `user_id` comes from the token.
    pub fn generation(&self, user_id: &str) -> Generation {
        let place = place(user_id);
        let number = self.generations[place].load(Ordering::SeqCst);
        Generation { place, number }
    }

    /// Keeps an entry, unless the user had an eviction since the caller asked for `read_at`.
    pub fn put(&self, entry: Entry, read_at: Generation) {
        let user_id = entry.user.user_id.clone();
        if self.generation(user_id.as_str()) != read_at {
            return;
        }
        let id = entry.session.id.clone();
        let mark = self.marks.get_with(user_id.clone(), Arc::default);
        self.entries.insert(id.clone(), Kept { entry, mark });
        // An eviction may have come between the first check and the insertion, so the check is repeated.
        if self.generation(user_id.as_str()) != read_at {
            self.entries.invalidate(&id);
        }
    }

    /// Removes one session. Removes all sessions of the user if `session_id` is `None`.
    pub fn evict(&self, user_id: &UserId, session_id: Option<&SessionId>) {
        self.generations[place(user_id.as_str())].fetch_add(1, Ordering::SeqCst);
        match session_id {
            Some(id) => self.entries.invalidate(id),
            None => self.marks.invalidate(user_id),
        }
    }

    /// The time of the last request of a session that this instance knows; `written` is the time in the row.
    pub fn seen(&self, session_id: &SessionId, written: Timestamp) -> Timestamp {
        lock(&self.activity)
            .get(session_id)
            .map_or(written, |activity| activity.seen.max(written))
    }

    /// Notes a request. Returns true if the caller must write the activity to the database now.
    #[must_use]
    pub fn note(&self, session: &Session, now: Timestamp, interval: Duration) -> bool {
        let mut activity = lock(&self.activity);
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

    /// The activities that are not in the database yet and are due.
    pub fn unwritten(&self, now: Timestamp, interval: Duration) -> Vec<(SessionId, Timestamp)> {
        let mut activity = lock(&self.activity);
        activity.retain(|_, entry| entry.seen > entry.written || now - entry.seen < interval * 2);
        activity
            .iter()
            .filter(|(_, entry)| entry.seen > entry.written && now - entry.written >= interval)
            .map(|(id, entry)| (id.clone(), entry.seen))
            .collect()
    }

    /// Notes that the database has the activity of a session up to `seen`.
    pub fn note_written(&self, session_id: &SessionId, seen: Timestamp) {
        if let Some(entry) = lock(&self.activity).get_mut(session_id) {
            entry.written = entry.written.max(seen);
        }
    }

    /// Whether the feed was read within `allowed` before `now`, so that the cache may answer (D10). `now` is
    /// [`kernel::clock::Clock::elapsed`] at this moment, so that neither a changed clock nor a slow request makes an old
    /// feed count as fresh (TIME-1, TIME-2).
    pub fn is_fresh(&self, now: Duration, allowed: Duration) -> bool {
        let read_at = lock(&self.feed).read_at;
        read_at.is_some_and(|read_at| now - read_at <= allowed)
    }

    /// Notes that a read of the feed began at `read_at`, by [`kernel::clock::Clock::elapsed`], and gave `rows`. Returns
    /// the new rows.
    #[must_use]
    pub fn take_new<T>(
        &self,
        rows: Vec<T>,
        id: impl Fn(&T) -> &str,
        read_at: Duration,
        overlap: Duration,
    ) -> Vec<T> {
        let mut feed = lock(&self.feed);
        feed.read_at = Some(read_at);
        feed.known
            .retain(|_, heard| read_at - *heard <= overlap * 2);
        rows.into_iter()
            .filter(|row| feed.known.insert(id(row).to_owned(), read_at).is_none())
            .collect()
    }
}

/// The index of the user's generation. Several users may share one.
fn place(user_id: &str) -> usize {
    let mut hasher = DefaultHasher::new();
    user_id.hash(&mut hasher);
    usize::try_from(hasher.finish() % GENERATIONS as u64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::clock::Clock;

    fn entry(user: &str, number: u8) -> Entry {
        let now = Clock::System.now().timestamp_millis();
        let at = bson::DateTime::from_millis(now);
        let id = format!("6f0f5c1e-3ad1-4d8e-9a53-6a4f0d1c7b{number:02}");
        let session = bson::doc! {
            "_id": &id, "session_id": &id, "user_id": user, "user_type": "patient", "user_agent": "",
            "ip_address": "192.0.2.1", "login_time": at, "last_activity": at, "expires_at": at,
            "absolute_expires_at": at, "is_active": true, "refresh": { "current": "", "expires_at": at },
        };
        let user = bson::doc! {
            "_id": user, "user_id": user, "email": "jane@example.org", "user_type": "patient",
            "is_verified": true, "status": "active",
        };
        Entry {
            session: Arc::new(bson::deserialize_from_document(session).unwrap()),
            user: Arc::new(bson::deserialize_from_document(user).unwrap()),
        }
    }

    fn generation_of(cache: &SessionCache, entry: &Entry) -> Generation {
        cache.generation(entry.user.user_id.as_str())
    }

    fn filled(entries: &[Entry]) -> SessionCache {
        let cache = SessionCache::new(100);
        for entry in entries {
            cache.put(entry.clone(), generation_of(&cache, entry));
        }
        cache
    }

    #[test]
    fn evicting_a_user_evicts_all_sessions_of_that_user_only() {
        let (one, two, other) = (
            entry("PAT00000001", 1),
            entry("PAT00000001", 2),
            entry("PAT00000002", 3),
        );
        let cache = filled(&[one.clone(), two.clone(), other.clone()]);
        let known = || [&one, &two, &other].map(|entry| cache.get(&entry.session.id).is_some());
        assert_eq!(known(), [true, true, true]);
        cache.evict(&one.user.user_id, None);
        assert_eq!(known(), [false, false, true]);
        // A new entry of one session does not make the other session valid again.
        cache.put(two.clone(), generation_of(&cache, &two));
        assert_eq!(known(), [false, true, true]);
        cache.evict(&two.user.user_id, Some(&two.session.id));
        assert_eq!(known(), [false, false, true]);
    }

    #[test]
    fn a_login_keeps_the_cached_sessions_and_updates_the_user() {
        let (one, other) = (entry("PAT00000001", 1), entry("PAT00000002", 2));
        let cache = filled(&[one.clone(), other.clone()]);
        let before = generation_of(&cache, &one);
        let (now, earlier) = (
            Timestamp::UNIX_EPOCH + Duration::days(1),
            Timestamp::UNIX_EPOCH,
        );
        cache.note_login(&one.user.user_id, now);
        cache.note_login(&one.user.user_id, earlier);
        let seen = |entry: &Entry| cache.get(&entry.session.id).unwrap().user.last_login_at;
        assert_eq!([seen(&one), seen(&other)], [Some(now), None]);
        assert_eq!(generation_of(&cache, &one), before);
    }

    #[test]
    fn an_entry_read_before_an_eviction_is_not_cached() {
        let (one, other) = (entry("PAT00000001", 1), entry("PAT00000002", 2));
        let cache = filled(&[]);
        let (before, others) = (generation_of(&cache, &one), generation_of(&cache, &other));
        cache.evict(&one.user.user_id, None);
        cache.put(one.clone(), before);
        assert!(cache.get(&one.session.id).is_none());
        cache.put(other.clone(), others);
        assert!(
            cache.get(&other.session.id).is_some(),
            "it is another user's"
        );
        cache.put(one.clone(), generation_of(&cache, &other));
        assert!(
            cache.get(&one.session.id).is_none(),
            "read for another user"
        );
        cache.put(one.clone(), generation_of(&cache, &one));
        assert!(cache.get(&one.session.id).is_some());
    }
}

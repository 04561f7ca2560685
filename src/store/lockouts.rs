//! The lockout buckets in `throttles`: a try is taken before the hash is checked, and given back when it was right.

use bson::{Bson, Document, doc};
use chrono::Duration;
use mongodb::Collection;

use super::{Result, Store, StoreError};
use crate::{
    clock::{Timestamp, seconds_until},
    domain::{
        lockout::{Bucket, LockoutRule},
        stored::date,
    },
};

/// What became of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Try {
    /// It may be made; it counts as a failure until [`Lockouts::clear`].
    Taken {
        /// Consecutive failures, this try included.
        failures: i32,
    },
    /// Locked for this many seconds.
    Locked(u64),
}

/// The buckets.
#[derive(Debug)]
pub struct Lockouts<'a> {
    store: &'a Store,
    rows: Collection<Bucket>,
}

impl Store {
    /// The lockout buckets.
    #[must_use]
    pub fn lockouts(&self) -> Lockouts<'_> {
        Lockouts {
            store: self,
            rows: self.rows(&self.names.collections.throttles),
        }
    }
}

/// A bucket is forgotten when nothing was tried for this long,
const KEPT: Duration = Duration::hours(24);
/// one that was locked for this long,
const KEPT_AFTER_LOCK: Duration = Duration::days(30);
/// and one at the hard limit when the password is reset (LCK-7).
const KEPT_AT_HARD_LIMIT: Duration = Duration::days(3650);

impl Lockouts<'_> {
    /// Takes a try from the bucket (LCK-1): one conditional update, so that parallel tries cannot exceed the limit.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn take(&self, id: &str, rule: &LockoutRule, now: Timestamp) -> Result<Try> {
        loop {
            // Nearly always nobody failed before: the whole try is then one round trip.
            if let Some(bucket) = self.begin(id, rule, now).await? {
                return self.taken(&bucket, rule, now).await;
            }
            let open = doc! {
                "_id": id,
                "failures": { "$lt": rule.max_failures },
                "total": { "$lt": rule.hard_limit },
                "window_ends_at": { "$gt": date(now) },
                "locked_until": Bson::Null,
                "expires_at": { "$gt": date(now) },
            };
            let spend = doc! {
                "$inc": { "failures": 1, "total": 1 },
                "$max": { "expires_at": date(now + KEPT) },
            };
            let update = self
                .rows
                .find_one_and_update(open, spend)
                .return_document(mongodb::options::ReturnDocument::After);
            let open = self.store.run(update).await;
            if let Some(Some(bucket)) = self.store.throttles().shaped(id, open).await? {
                return self.taken(&bucket, rule, now).await;
            }
            let found = self.store.run(self.rows.find_one(doc! { "_id": id })).await;
            let Some(Some(bucket)) = self.store.throttles().shaped(id, found).await? else {
                continue; // Forgotten at this moment.
            };
            if let Some(seconds) = self.settle(&bucket, rule, now).await? {
                return Ok(Try::Locked(seconds));
            }
        }
    }

    /// A try is taken with which the bucket is as it is; the last one that the rule allows locks.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn taken(&self, bucket: &Bucket, rule: &LockoutRule, now: Timestamp) -> Result<Try> {
        if bucket.failures >= rule.max_failures || bucket.total >= rule.hard_limit {
            self.lock(bucket, rule, now).await?;
        }
        Ok(Try::Taken {
            failures: bucket.total,
        })
    }

    /// A bucket with its first try, in the place of one that is over; none: there is one already.
    async fn begin(&self, id: &str, rule: &LockoutRule, now: Timestamp) -> Result<Option<Bucket>> {
        let first = fresh_bucket(id, rule, now);
        let (over, begin) = begun(&first, now);
        let made = self.rows.update_one(over, begin).upsert(true);
        Ok(StoreError::taken(self.store.run(made).await)?.then_some(first))
    }

    /// Why the bucket is not open: the seconds that it stays locked, or none when it was brought up to date.
    async fn settle(
        &self,
        bucket: &Bucket,
        rule: &LockoutRule,
        now: Timestamp,
    ) -> Result<Option<u64>> {
        if bucket.expires_at <= now {
            return Ok(None); // It begins anew.
        }
        if bucket.total >= rule.hard_limit {
            return Ok(Some(seconds_until(now + rule.max_lock, now))); // LCK-7: until a reset
        }
        match bucket.locked_until {
            Some(until) if until > now => Ok(Some(seconds_until(until, now))),
            None if bucket.failures >= rule.max_failures && bucket.window_ends_at > now => {
                // The instance that took the last try has not locked yet, or died before it could.
                self.lock(bucket, rule, now).await?;
                Ok(Some(seconds_until(now + rule.lock_for(bucket.locks), now)))
            }
            // Another try brought it up to date meanwhile; its count must stand.
            None if bucket.failures < rule.max_failures && bucket.window_ends_at > now => Ok(None),
            _ => {
                let same = doc! {
                    "_id": &bucket.id, "failures": bucket.failures, "total": bucket.total,
                    "window_ends_at": date(bucket.window_ends_at),
                };
                let to = doc! {
                    "$set": { "failures": 0, "window_ends_at": date(now + rule.window) },
                    "$unset": { "locked_until": "" },
                };
                self.store.run(self.rows.update_one(same, to)).await?;
                Ok(None)
            }
        }
    }

    async fn lock(&self, bucket: &Bucket, rule: &LockoutRule, now: Timestamp) -> Result<()> {
        let full = doc! {
            "_id": &bucket.id,
            "$or": [
                { "failures": { "$gte": rule.max_failures } }, { "total": { "$gte": rule.hard_limit } },
            ],
            "locked_until": Bson::Null,
        };
        let until = now + rule.lock_for(bucket.locks);
        let kept = if bucket.total >= rule.hard_limit {
            KEPT_AT_HARD_LIMIT
        } else {
            KEPT_AFTER_LOCK
        };
        let to = doc! {
            "$set": { "locked_until": date(until) },
            "$inc": { "locks": 1 },
            "$max": { "expires_at": date(now + kept) },
        };
        self.store
            .run(self.rows.update_one(full, to))
            .await
            .map(drop)
    }

    /// Takes a try back that could not be made, and the lock that it caused.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn give_back(&self, id: &str) -> Result<()> {
        let tried = doc! { "_id": id, "failures": { "$gt": 0 }, "total": { "$gt": 0 } };
        let mut locked = tried.clone();
        locked.insert("locked_until", doc! { "$exists": true });
        let unlock = doc! {
            "$inc": { "failures": -1, "total": -1, "locks": -1 }, "$unset": { "locked_until": "" },
        };
        let unlocked = self.store.run(self.rows.update_one(locked, unlock)).await;
        let unlocked = self.store.throttles().shaped(id, unlocked).await?;
        if unlocked.is_none_or(|unlocked| unlocked.matched_count == 1) {
            return Ok(());
        }
        let less = doc! { "$inc": { "failures": -1, "total": -1 } };
        self.store
            .run(self.rows.update_one(tried, less))
            .await
            .map(drop)
    }

    /// Forgets every failure: the password was right, or was reset (RST-4).
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn clear(&self, id: &str) -> Result<()> {
        self.store
            .run(self.rows.delete_one(doc! { "_id": id }))
            .await
            .map(drop)
    }
}

/// A bucket with its first try.
pub(super) fn fresh_bucket(id: &str, rule: &LockoutRule, now: Timestamp) -> Bucket {
    Bucket {
        id: id.to_owned(),
        failures: 1,
        total: 1,
        locks: 0,
        window_ends_at: now + rule.window,
        locked_until: None,
        expires_at: now + KEPT,
    }
}

/// A bucket with its first try as an upsert: whom it takes the place of, and what is written.
pub(super) fn begun(first: &Bucket, now: Timestamp) -> (Document, Document) {
    let Bucket {
        id,
        failures,
        total,
        locks,
        window_ends_at,
        locked_until: _,
        expires_at,
    } = first;
    let over = doc! { "_id": id, "expires_at": { "$lte": date(now) } };
    let begin = doc! {
        "$set": {
            "failures": failures, "total": total, "locks": locks,
            "window_ends_at": date(*window_ends_at), "expires_at": date(*expires_at),
        },
        "$unset": { "locked_until": "" },
    };
    (over, begin)
}

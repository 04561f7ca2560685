//! The lockout counters: a try is taken before the hash is checked, so that parallel tries cannot exceed the limit
//! (LCK-1). An account's counter is a field of its document, so the try and the look at the account are one round trip.

use bson::{Document, doc};
use chrono::Duration;
use mongodb::options::ReturnDocument;

use crate::{
    accounts::{documents::User, store::accounts::Accounts},
    login::rules::{
        lockout::{LockoutCounter, LockoutRule, LockoutSubject},
        login_address::LoginAddress,
    },
    login::store::counter_place::{PASSWORD, Place, SECOND_STEP, read_at},
    store::Store,
};
use kernel::{
    clock::{Timestamp, seconds_until},
    ids::UserId,
    role::Role,
    stored::date,
};
use store::{Result, StoreError};

/// What became of a try.
#[derive(Debug)]
pub enum Try {
    /// It may be made; it counts as a failure until it is given back or the counter is cleared.
    Taken {
        /// The account as it is with the try; `None` for a name without one.
        account: Option<Box<User>>,
        /// Consecutive failures, this try included.
        failures: i32,
    },
    /// Locked for this many seconds.
    Locked(u64),
    /// The address has to be one of the account's, and is not.
    Stranger,
    /// The account is not there.
    NoAccount,
}

/// The counters of one kind.
#[derive(Debug)]
pub struct Lockouts<'a> {
    store: &'a Store,
    /// The field of an account that holds its counter.
    field: &'static str,
}

impl Store {
    /// The lockout counters of the password.
    pub fn lockouts(&self) -> Lockouts<'_> {
        Lockouts {
            store: self,
            field: PASSWORD,
        }
    }

    /// The lockout counters of the second step (MFA-10).
    pub fn second_step_lockouts(&self) -> Lockouts<'_> {
        Lockouts {
            store: self,
            field: SECOND_STEP,
        }
    }
}

/// A counter is forgotten when nothing was tried for this long,
const KEPT: Duration = Duration::hours(24);
/// one that was locked for this long,
const KEPT_AFTER_LOCK: Duration = Duration::days(30);
/// and one at the hard limit when the password is reset (LCK-7).
const KEPT_AT_HARD_LIMIT: Duration = Duration::days(3650);

/// How a document answers a try that its counter did not take.
enum Found {
    /// It is locked for this many seconds.
    Locked(u64),
    /// A lock or a window that is over was ended: the next try finds the counter open.
    Settled,
    /// The counter is open, or there is none.
    Open,
}

impl Lockouts<'_> {
    /// Takes a try: one conditional update, unless there is a lock, or a window or a lock that is over. With `known_at`
    /// only if the account logged in from that pseudonymized address lately (RL-7). A name without an account costs the
    /// same round trips (ENUM-2).
    ///
    /// # Errors
    /// The document is not an account.
    pub async fn take(
        &self,
        subject: &LockoutSubject,
        known_at: Option<&str>,
        rule: &LockoutRule,
        now: Timestamp,
    ) -> Result<Try> {
        for place in self.places(subject) {
            match self.take_at(&place, known_at, rule, now).await? {
                Try::NoAccount => {}
                tried => return Ok(tried),
            }
        }
        Ok(Try::NoAccount)
    }

    async fn take_at(
        &self,
        place: &Place,
        known_at: Option<&str>,
        rule: &LockoutRule,
        now: Timestamp,
    ) -> Result<Try> {
        loop {
            let taken = self.spend(place, known_at, rule, now).await;
            match taken {
                Ok(Some(row)) => {
                    let Some((account, counter)) = read_at(place, row)? else {
                        self.forget(place).await?;
                        continue;
                    };
                    if counter.failures >= rule.max_failures || counter.total >= rule.hard_limit {
                        self.lock(place, &counter, rule, now).await?;
                    }
                    return Ok(Try::Taken {
                        account: account.map(Box::new),
                        failures: counter.total,
                    });
                }
                Ok(None) | Err(StoreError::Duplicate) => {}
                Err(StoreError::Corrupt(_)) => {
                    self.forget(place).await?;
                    continue;
                }
                Err(other) => return Err(other),
            }
            let found = self
                .store
                .run(place.rows.find_one(place.id.clone()))
                .await?;
            match self.look(place, found, rule, now).await? {
                None => return Ok(Try::NoAccount),
                Some(Found::Locked(seconds)) => return Ok(Try::Locked(seconds)),
                Some(Found::Open) if known_at.is_some() => return Ok(Try::Stranger),
                Some(Found::Open | Found::Settled) => {}
            }
        }
    }

    /// Counts a try in a counter that is open; the first try opens one.
    async fn spend(
        &self,
        place: &Place,
        known_at: Option<&str>,
        rule: &LockoutRule,
        now: Timestamp,
    ) -> Result<Option<Document>> {
        let mut open = place.with([
            ("failures", doc! { "$not": { "$gte": rule.max_failures } }),
            ("total", doc! { "$not": { "$gte": rule.hard_limit } }),
            ("window_ends_at", doc! { "$not": { "$lte": date(now) } }),
            ("locked_until", doc! { "$not": { "$type": "date" } }),
            ("expires_at", doc! { "$not": { "$lte": date(now) } }),
        ]);
        if let Some(address) = known_at {
            let since = date(now - LoginAddress::lifetime());
            let login = doc! { "address": address, "at": { "$gt": since } };
            open.insert("login_addresses", doc! { "$elemMatch": login });
        }
        let one_more = doc! {
            // `locks` stands in every counter, as the version before reads it.
            "$inc": { place.field("failures"): 1, place.field("total"): 1, place.field("locks"): 0 },
            "$min": { place.field("window_ends_at"): date(now + rule.window) },
            "$max": { place.field("expires_at"): date(now + KEPT) },
        };
        let update = place
            .rows
            .find_one_and_update(open, one_more)
            .upsert(place.home.is_none() && known_at.is_none())
            .return_document(ReturnDocument::After);
        self.store.run(update).await
    }

    /// Why the counter of the document did not take a try. `None` without an account.
    async fn look(
        &self,
        place: &Place,
        found: Option<Document>,
        rule: &LockoutRule,
        now: Timestamp,
    ) -> Result<Option<Found>> {
        let Some(row) = found else {
            return Ok(place.home.is_none().then_some(Found::Open));
        };
        if place.home.is_some() && !row.contains_key(place.at) {
            return Ok(Some(Found::Open));
        }
        let Some((_, counter)) = read_at(place, row)? else {
            self.forget(place).await?;
            return Ok(Some(Found::Settled));
        };
        self.settle(place, &counter, rule, now).await.map(Some)
    }

    /// Ends a lock or a window that is over, and locks where the instance that took the last try has not.
    async fn settle(
        &self,
        place: &Place,
        counter: &LockoutCounter,
        rule: &LockoutRule,
        now: Timestamp,
    ) -> Result<Found> {
        if counter.total >= rule.hard_limit {
            // LCK-7: until a reset, also if the instance that took the last try did not come to lock it.
            return Ok(Found::Locked(seconds_until(now + rule.max_lock, now)));
        }
        let unchanged = place.unchanged(counter);
        if counter.expires_at <= now {
            self.remove(place, unchanged).await?;
            return Ok(Found::Settled);
        }
        let is_running = counter.window_ends_at > now;
        match counter.locked_until {
            Some(until) if until > now => Ok(Found::Locked(seconds_until(until, now))),
            None if counter.failures >= rule.max_failures && is_running => {
                self.lock(place, counter, rule, now).await?;
                let until = now + rule.lock_for(counter.locks);
                Ok(Found::Locked(seconds_until(until, now)))
            }
            None if counter.failures < rule.max_failures && is_running => Ok(Found::Open),
            _ => {
                let window_ends_at = date(now + rule.window);
                let to = doc! {
                    "$set": {
                        place.field("failures"): 0, place.field("window_ends_at"): window_ends_at,
                    },
                    "$unset": { place.field("locked_until"): "" },
                };
                self.store.run(place.rows.update_one(unchanged, to)).await?;
                Ok(Found::Settled)
            }
        }
    }

    async fn lock(
        &self,
        place: &Place,
        counter: &LockoutCounter,
        rule: &LockoutRule,
        now: Timestamp,
    ) -> Result<()> {
        let mut full = place.unchanged(counter);
        let unlocked = doc! { "$not": { "$type": "date" } };
        full.insert(place.field("locked_until"), unlocked);
        let kept = if counter.total >= rule.hard_limit {
            KEPT_AT_HARD_LIMIT
        } else {
            KEPT_AFTER_LOCK
        };
        let until = now + rule.lock_for(counter.locks);
        let to = doc! {
            "$set": { place.field("locked_until"): date(until) },
            "$inc": { place.field("locks"): 1 },
            "$max": { place.field("expires_at"): date(now + kept) },
        };
        self.store
            .run(place.rows.update_one(full, to))
            .await
            .map(drop)
    }

    /// Takes a try back that was not made, and the lock that it caused: without a lock, as most counters are; with one; and
    /// without again, if another try was taken back between the two.
    pub async fn give_back(&self, subject: &LockoutSubject) -> Result<()> {
        for place in self.places(subject) {
            for is_locked in [false, true, false] {
                let back = self.give_back_at(&place, is_locked);
                if back.await? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    async fn give_back_at(&self, place: &Place, is_locked: bool) -> Result<bool> {
        let some = || doc! { "$gt": 0 };
        let a_lock = doc! { "$type": "date" };
        let lock = if is_locked {
            a_lock
        } else {
            doc! { "$not": a_lock }
        };
        let tried = place.with([
            ("failures", some()),
            ("total", some()),
            ("locked_until", lock),
        ]);
        let mut less = doc! { place.field("failures"): -1, place.field("total"): -1 };
        if is_locked {
            less.insert(place.field("locks"), -1);
        }
        let mut to = doc! { "$inc": less };
        if is_locked {
            to.insert("$unset", doc! { place.field("locked_until"): "" });
        }
        let back = place.rows.update_one(tried, to);
        Ok(self.store.run(back).await?.matched_count == 1)
    }

    /// Forgets every failure of an account: the password was right, or was reset (RST-4).
    pub async fn clear(&self, user_id: &UserId) -> Result<()> {
        let accounts = self.store.accounts();
        let cleared = accounts.change_row(user_id, doc! {}, Place::cleared(self.field));
        cleared.await.map(drop)
    }

    /// [`Lockouts::clear`] for the account of a patient. Another account does not change.
    pub async fn clear_of_patient(&self, user_id: &UserId) -> Result<()> {
        let others = [Role::Doctor, Role::Staff, Role::Admin].map(Role::name);
        // A document of the older service may lack its role.
        let patient = doc! { "user_id": user_id.as_str(), "user_type": { "$nin": others } };
        let rows = self.store.accounts().collection_of(Role::Patient);
        let clear = rows.update_one(patient, Place::cleared(self.field));
        self.store.run(clear).await.map(drop)
    }

    /// Forgets a counter of another shape, so that what is counted in it begins anew: otherwise it would refuse its owner
    /// for ever (DB-7).
    async fn forget(&self, place: &Place) -> Result<()> {
        tracing::warn!("a lockout counter of another shape was forgotten");
        self.remove(place, place.id.clone()).await
    }

    async fn remove(&self, place: &Place, which: Document) -> Result<()> {
        if place.home.is_none() {
            let row = place.rows.delete_one(which);
            return self.store.run(row).await.map(drop);
        }
        let field = place.rows.update_one(which, Place::cleared(place.at));
        self.store.run(field).await.map(drop)
    }

    /// Where the counter of `subject` can stand: in one place, unless the shape of the user id says nothing.
    fn places(&self, subject: &LockoutSubject) -> Vec<Place> {
        match subject {
            LockoutSubject::Account(user_id) => Accounts::collections_of(user_id)
                .into_iter()
                .map(|home| Place {
                    rows: self.store.accounts().collection_of(home),
                    id: doc! { "user_id": user_id.as_str() },
                    home: Some(home),
                    at: self.field,
                })
                .collect(),
            LockoutSubject::Name(_) => vec![Place {
                rows: self.store.rows(&self.store.platform().names().throttles),
                id: doc! { "_id": subject.key() },
                home: None,
                at: self.field,
            }],
        }
    }
}

//! A login's two counts in `throttles`: the name among those that failed from an address, and the account's lockout
//! bucket. One login takes them in one round trip, several of one moment take the names of each address and then the
//! tries; all give both back in one.

use std::{collections::HashMap, time::Duration};

use bson::{Document, doc};
use futures_util::future::try_join_all;

use super::{
    Result, Store, StoreError,
    gather::Gather,
    lockouts::{begun, fresh_bucket},
    throttles::{NameTaken, with_room},
    updates::Done,
};
use crate::{
    clock::Timestamp,
    config::sections::Limit,
    domain::{
        lockout::{Bucket, LockoutRule},
        stored::date,
    },
};

/// A name and where it counts.
#[derive(Debug, Clone, Copy)]
pub struct Name<'a> {
    /// The row of the address's names.
    pub key: &'a str,
    /// One of them.
    pub name: &'a str,
    /// How many there may be.
    pub limit: Limit,
}

/// What was taken; the rest is to be looked at by itself.
#[derive(Debug)]
pub struct Taken {
    /// The name; none: its window has not begun, is over or has no room.
    pub name: Option<NameTaken>,
    /// The bucket with its first try; none: there are earlier ones in it.
    pub first_try: Option<Bucket>,
}

/// Logins that take and give back at this moment.
#[derive(Debug, Default)]
pub(super) struct Tries {
    take: Gather<Take, Taken>,
    give_back: Gather<Back, ()>,
}

/// What one login takes.
#[derive(Debug)]
struct Take {
    names: String,
    name: String,
    limit: Limit,
    now: Timestamp,
    first: Bucket,
}

/// What one login gives back.
#[derive(Debug)]
struct Back {
    names: String,
    name: String,
    bucket: String,
}

impl Take {
    /// Its first try, if there is no bucket or one that is over.
    fn begin(&self) -> Document {
        let (over, begin) = begun(&self.first, self.now);
        doc! { "q": over, "u": begin, "upsert": true }
    }
}

impl Store {
    /// Notes a name among those that fail, and takes the first try from the lockout bucket `bucket`, after waiting up to
    /// `pause` for other logins.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn take_name_and_try(
        &self,
        Name { key, name, limit }: Name<'_>,
        (bucket, rule): (&str, &LockoutRule),
        now: Timestamp,
        pause: Duration,
    ) -> Result<Taken> {
        let take = Take {
            names: key.to_owned(),
            name: name.to_owned(),
            limit,
            now,
            first: fresh_bucket(bucket, rule, now),
        };
        let write = |takes| self.take_all(takes);
        self.gathered(&self.gathers.tries.take, take, pause, write)
            .await
    }

    async fn take_all(&self, takes: Vec<Take>) -> Vec<Result<Taken>> {
        let count = takes.len();
        let done = match <[Take; 1]>::try_from(takes) {
            Ok([one]) => self.take_one(one).await.map(|one| vec![one]),
            Err(several) => self.take_several(several).await,
        };
        match done {
            Ok(all) => all.into_iter().map(Ok).collect(),
            Err(error) => vec![error; count].into_iter().map(Err).collect(),
        }
    }

    /// Both in one round trip.
    async fn take_one(&self, take: Take) -> Result<Taken> {
        let open = with_room(&take.names, take.limit, 1, take.now);
        let add = doc! { "q": open, "u": { "$addToSet": { "names": &take.name } } };
        let done = self.update_throttles(vec![add, take.begin()]).await?;
        if !done.misshapen.is_empty() {
            self.forget_misshapen(&take.names).await?;
        }
        // It is missing if it met a bucket that is not over: its upsert ran into the `_id`.
        let is_first = done.duplicates.is_empty();
        let of_bucket = i64::from(is_first);
        let name = (done.matched > of_bucket).then(|| {
            let renewed = of_bucket - done.upserted;
            if done.modified > renewed {
                NameTaken::Now
            } else {
                NameTaken::Before
            }
        });
        Ok(Taken {
            name,
            first_try: is_first.then_some(take.first),
        })
    }

    /// The names of each address in one round trip, which tells what was there before; the tries in another.
    async fn take_several(&self, takes: Vec<Take>) -> Result<Vec<Taken>> {
        let mut of_address: HashMap<&str, Vec<&Take>> = HashMap::new();
        for take in &takes {
            of_address.entry(&take.names).or_default().push(take);
        }
        // At once, or callers from many addresses would wait for each other.
        let known = of_address.into_iter().map(async |(key, takes)| {
            let names = takes.iter().map(|take| take.name.as_str()).collect();
            let latest = takes.iter().map(|take| take.now).max();
            let (limit, now) = (takes[0].limit, latest.unwrap_or_default());
            let before = self.throttles().take_names(key, names, limit, now).await?;
            Ok::<_, StoreError>((key, before))
        });
        let known: HashMap<_, _> = try_join_all(known).await?.into_iter().collect();
        let name = |take: &Take| {
            let before = known.get(take.names.as_str())?.as_ref()?;
            Some(before.taken(&take.name))
        };
        let names: Vec<_> = takes.iter().map(name).collect();
        let begin = takes.iter().map(Take::begin).collect();
        let done = self.update_throttles(begin).await?;
        let with_names = takes.into_iter().zip(names).enumerate();
        let all = with_names.map(|(place, (take, name))| Taken {
            name,
            first_try: (!done.duplicates.contains(&place)).then_some(take.first),
        });
        Ok(all.collect())
    }

    /// Takes a name off those that failed, and forgets the failures of a bucket, after waiting up to `pause` for other
    /// logins: the password was right.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn give_name_and_tries_back(
        &self,
        key: &str,
        name: &str,
        bucket: &str,
        pause: Duration,
    ) -> Result<()> {
        let back = Back {
            names: key.to_owned(),
            name: name.to_owned(),
            bucket: bucket.to_owned(),
        };
        let write = |all| self.give_all_back(all);
        self.gathered(&self.gathers.tries.give_back, back, pause, write)
            .await
    }

    async fn give_all_back(&self, all: Vec<Back>) -> Vec<Result<()>> {
        let mut of_address: HashMap<&str, Vec<&str>> = HashMap::new();
        for back in &all {
            of_address.entry(&back.names).or_default().push(&back.name);
        }
        let names = of_address.into_iter().map(|(key, names)| {
            let less = doc! { "$pull": { "names": { "$in": names } } };
            doc! { "q": { "_id": key }, "u": less }
        });
        // A command that updates does not delete; what was over long ago, by any clock, is as good as gone.
        let over = doc! {
            "$set": {
                "failures": 0, "total": 0, "locks": 0, "expires_at": date(Timestamp::UNIX_EPOCH),
            },
            "$unset": { "locked_until": "" },
        };
        let buckets = all
            .iter()
            .map(|back| doc! { "q": { "_id": &back.bucket }, "u": over.clone() });
        let statements: Vec<Document> = names.chain(buckets).collect();
        vec![self.give_back_all(statements).await; all.len()]
    }

    async fn give_back_all(&self, statements: Vec<Document>) -> Result<()> {
        let rows: Vec<Option<String>> = statements
            .iter()
            .map(|statement| {
                Some(
                    statement
                        .get_document("q")
                        .ok()?
                        .get_str("_id")
                        .ok()?
                        .to_owned(),
                )
            })
            .collect();
        let done = self.update_throttles(statements).await?;
        for place in done.misshapen {
            if let Some(Some(row)) = rows.get(place) {
                self.forget_misshapen(row).await?;
            }
        }
        Ok(())
    }

    async fn update_throttles(&self, updates: Vec<Document>) -> Result<Done> {
        self.update_several(&self.names.collections.throttles, updates)
            .await
    }
}

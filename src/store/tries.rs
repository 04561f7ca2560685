//! A login's two counts in `throttles` with one round trip: the name among those that failed from an address, and the
//! account's lockout bucket.

use bson::{Bson, Document, doc};

use super::{
    Result, Store, StoreError,
    lockouts::{begun, fresh_bucket},
    throttles::{NameTaken, last_place},
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
    /// The name; none: its window has not begun, is over or is full.
    pub name: Option<NameTaken>,
    /// The bucket with its first try; none: there are earlier ones in it.
    pub first_try: Option<Bucket>,
}

impl Store {
    /// Notes a name among those that fail, and takes the first try from the lockout bucket `bucket`.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn take_name_and_try(
        &self,
        Name { key, name, limit }: Name<'_>,
        bucket: &str,
        rule: &LockoutRule,
        now: Timestamp,
    ) -> Result<Taken> {
        let open = doc! {
            "_id": key, "expires_at": { "$gt": date(now) }, last_place(limit): { "$exists": false },
        };
        let first = fresh_bucket(bucket, rule, now);
        let (over, begin) = begun(&first, now);
        let done = self
            .update_throttles(vec![
                doc! { "q": open, "u": { "$addToSet": { "names": name } } },
                doc! { "q": over, "u": begin, "upsert": true },
            ])
            .await?;
        // The second is missing if it met a bucket that is not over: its upsert ran into the `_id`.
        let first_try = (!done.is_duplicate).then_some(first);
        let of_second = i64::from(first_try.is_some());
        let name = (done.matched > of_second).then(|| {
            let renewed = i64::from(first_try.is_some() && !done.is_upserted);
            if done.modified > renewed {
                NameTaken::Now
            } else {
                NameTaken::Before
            }
        });
        Ok(Taken { name, first_try })
    }

    /// Takes a name off those that failed, and forgets the failures of a bucket: the password was right.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn give_name_and_tries_back(
        &self,
        key: &str,
        name: &str,
        bucket: &str,
    ) -> Result<()> {
        // A command that updates does not delete; what was over long ago, by any clock, is as good as gone.
        let over = doc! {
            "$set": {
                "failures": 0, "total": 0, "locks": 0, "expires_at": date(Timestamp::UNIX_EPOCH),
            },
            "$unset": { "locked_until": "" },
        };
        self.update_throttles(vec![
            doc! { "q": { "_id": key }, "u": { "$pull": { "names": name } } },
            doc! { "q": { "_id": bucket }, "u": over },
        ])
        .await
        .map(drop)
    }

    /// Several updates one after the other, up to the first that fails, in one command.
    async fn update_throttles(&self, updates: Vec<Document>) -> Result<Done> {
        let command = self.update_command(updates)?;
        let reply = self.run(self.database().run_command(command)).await?;
        Done::of(&reply)
    }

    fn update_command(&self, updates: Vec<Document>) -> Result<Document> {
        let mut command = doc! { "update": &self.names.collections.throttles, "updates": updates };
        // A command does not take what the address says of writes by itself (DB-3).
        if let Some(concern) = self.database().write_concern() {
            let concern = bson::serialize_to_bson(concern)
                .map_err(|_| StoreError::Driver("write concern cannot be written".into()))?;
            command.insert("writeConcern", concern);
        }
        Ok(command)
    }
}

/// What several updates came to.
#[derive(Debug, Default)]
struct Done {
    matched: i64,
    modified: i64,
    is_upserted: bool,
    is_duplicate: bool,
}

impl Done {
    /// # Errors
    /// The database could not do one of them, other than for a key that is taken.
    fn of(reply: &Document) -> Result<Self> {
        if let Ok(concern) = reply.get_document("writeConcernError") {
            let code = number(concern, "code");
            return Err(StoreError::Unavailable(format!("write concern ({code})")));
        }
        let failed = reply.get_array("writeErrors").ok();
        let failed = failed.and_then(|errors| errors.first()?.as_document());
        let is_duplicate = match failed {
            None => false,
            Some(error) => {
                let code = i32::try_from(number(error, "code")).unwrap_or_default();
                let message = error.get_str("errmsg").unwrap_or_default();
                match StoreError::of_server(code, "write error", message) {
                    StoreError::Duplicate => true,
                    other => return Err(other),
                }
            }
        };
        Ok(Self {
            matched: number(reply, "n"),
            modified: number(reply, "nModified"),
            is_upserted: reply.contains_key("upserted"),
            is_duplicate,
        })
    }
}

/// A number that servers write as one kind or another.
fn number(document: &Document, key: &str) -> i64 {
    match document.get(key) {
        Some(Bson::Int32(number)) => (*number).into(),
        Some(Bson::Int64(number)) => *number,
        #[expect(
            clippy::cast_possible_truncation,
            reason = "counts and codes are small"
        )]
        Some(Bson::Double(number)) => *number as i64,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::{Secret, sections},
        measures::Measures,
    };

    // DB-3
    #[tokio::test]
    async fn a_command_asks_for_what_the_address_asks_of_writes() {
        let command = async |options: &str| {
            let address = Secret::new(format!("mongodb://127.0.0.1:1/?{options}"));
            let names = sections::Database::default();
            let store = Store::connect(&address, &names, Measures::new().unwrap()).await;
            store.unwrap().update_command(Vec::new()).unwrap()
        };
        let strict = command("w=majority&journal=true&wtimeoutMS=900").await;
        let concern = strict.get_document("writeConcern").unwrap();
        assert_eq!(concern.get_str("w").unwrap(), "majority");
        assert!(concern.get_bool("j").unwrap());
        assert_eq!(number(concern, "wtimeout"), 900);
        assert!(!command("").await.contains_key("writeConcern"));
    }

    #[test]
    fn a_reply_tells_what_was_done() {
        let done = Done::of(&doc! {
            "ok": 1.0, "n": 2, "nModified": 1_i64, "upserted": [{ "index": 1, "_id": "lock:a" }],
        });
        let done = done.unwrap();
        assert_eq!((done.matched, done.modified), (2, 1));
        assert!(done.is_upserted && !done.is_duplicate);
    }

    #[test]
    fn a_taken_key_is_no_error_and_everything_else_is() {
        let refused = |code: i32, text: &str| {
            let error = doc! { "index": 1, "code": code, "errmsg": text };
            Done::of(&doc! { "ok": 1.0, "n": 1, "nModified": 1, "writeErrors": [error] })
        };
        assert!(refused(11000, "E11000").unwrap().is_duplicate);
        let away = |result| matches!(result, Err(StoreError::Unavailable(_)));
        assert!(away(refused(10107, "not primary")));
        assert!(away(refused(1, "database or disk is full")));
        assert!(matches!(refused(2, ""), Err(StoreError::Driver(_))));
        let unsure = doc! { "ok": 1.0, "n": 2, "writeConcernError": { "code": 64 } };
        assert!(away(Done::of(&unsure)));
    }
}

//! Several updates of one collection in one command.

use std::collections::HashSet;

use bson::{Bson, Document, doc};

use super::{Result, Store, StoreError};

impl Store {
    /// Several updates, as the `update` command takes them; one that fails keeps no other from being made.
    ///
    /// # Errors
    /// The database does not answer, or could not make one of them, other than for a key that is taken.
    pub(super) async fn update_several(
        &self,
        collection: &str,
        updates: Vec<Document>,
    ) -> Result<Done> {
        let command = self.update_command(collection, updates)?;
        let reply = self.run(self.database().run_command(command)).await?;
        Done::of(&reply, |error| self.known(error))
    }

    fn update_command(&self, collection: &str, updates: Vec<Document>) -> Result<Document> {
        let mut command = doc! { "update": collection, "updates": updates, "ordered": false };
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
#[derive(Debug)]
pub(super) struct Done {
    /// How many met a row, or made one.
    pub(super) matched: i64,
    /// How many changed one.
    pub(super) modified: i64,
    /// How many made one.
    pub(super) upserted: i64,
    /// The places of those that ran into a key that is taken.
    pub(super) duplicates: HashSet<usize>,
    /// The places of those whose row has another shape (DB-7).
    pub(super) misshapen: HashSet<usize>,
}

impl Done {
    /// What the reply says; `known` tells which unique indexes are the service's.
    fn of(reply: &Document, known: impl Fn(StoreError) -> StoreError) -> Result<Self> {
        if let Ok(concern) = reply.get_document("writeConcernError") {
            let code = number(concern, "code");
            return Err(StoreError::Unavailable(format!("write concern ({code})")));
        }
        let mut duplicates = HashSet::new();
        let mut misshapen = HashSet::new();
        for error in list(reply, "writeErrors").filter_map(Bson::as_document) {
            let code = i32::try_from(number(error, "code")).unwrap_or_default();
            let message = error.get_str("errmsg").unwrap_or_default();
            let place = usize::try_from(number(error, "index")).unwrap_or_default();
            match known(StoreError::of_server(code, "write error", message)) {
                StoreError::Duplicate => drop(duplicates.insert(place)),
                StoreError::Corrupt(_) => drop(misshapen.insert(place)),
                other => return Err(other),
            }
        }
        Ok(Self {
            matched: number(reply, "n"),
            modified: number(reply, "nModified"),
            upserted: i64::try_from(list(reply, "upserted").count()).unwrap_or(i64::MAX),
            duplicates,
            misshapen,
        })
    }
}

fn list<'a>(reply: &'a Document, key: &str) -> impl Iterator<Item = &'a Bson> {
    reply.get_array(key).into_iter().flatten()
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
        metrics::Metrics,
    };

    fn done_of(reply: &Document) -> Result<Done> {
        Done::of(reply, |error| error)
    }

    // DB-3
    #[tokio::test]
    async fn a_command_asks_for_what_the_address_asks_of_writes() {
        let command = async |options: &str| {
            let address = Secret::new(format!("mongodb://127.0.0.1:1/?{options}"));
            let names = sections::Database::default();
            let store = Store::connect(&address, &names, Metrics::new().unwrap()).await;
            store.unwrap().update_command("rows", Vec::new()).unwrap()
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
        let done = done_of(&doc! {
            "ok": 1.0, "n": 2, "nModified": 1_i64, "upserted": [{ "index": 1, "_id": "lock:a" }],
        });
        let done = done.unwrap();
        assert_eq!((done.matched, done.modified, done.upserted), (2, 1, 1));
        assert!(done.duplicates.is_empty());
    }

    #[test]
    fn every_key_that_is_taken_is_told() {
        let taken = |index: i32| doc! { "index": index, "code": 11000, "errmsg": "E11000" };
        let reply = doc! { "ok": 1.0, "n": 2, "nModified": 2, "writeErrors": [taken(1), taken(3)] };
        let done = done_of(&reply).unwrap();
        assert_eq!(done.duplicates, HashSet::from([1, 3]));
    }

    #[test]
    fn a_taken_key_is_no_error_and_everything_else_is() {
        let refused = |code: i32, text: &str| {
            let error = doc! { "index": 1, "code": code, "errmsg": text };
            done_of(&doc! { "ok": 1.0, "n": 1, "nModified": 1, "writeErrors": [error] })
        };
        assert!(refused(11000, "E11000").is_ok());
        let away = |result| matches!(result, Err(StoreError::Unavailable(_)));
        assert!(away(refused(10107, "not primary")));
        assert!(away(refused(1, "database or disk is full")));
        assert!(matches!(refused(8000, ""), Err(StoreError::Driver(_))));
        assert_eq!(refused(14, "").unwrap().misshapen, HashSet::from([1]));
        let unsure = doc! { "ok": 1.0, "n": 2, "writeConcernError": { "code": 64 } };
        assert!(away(done_of(&unsure)));
    }
}

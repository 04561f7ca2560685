//! Writes very many accounts with a session each directly into the database, as copies of one that the service created.

use bson::{DateTime, Document, doc};
use identity::store::Store;

use super::service::Person;

/// How many rows are written at once.
const BATCH: usize = 2000;

/// Adds the accounts from number `from` to `to`, with all documents that the service writes for an account.
pub(crate) async fn fill(store: &Store, model: &Person, from: usize, to: usize) {
    let names = &store.names().collections;
    let one = async |collection: &str| {
        let rows = store.raw(collection);
        let found = rows.find_one(doc! { "user_id": &model.user_id }).await;
        found.unwrap().unwrap()
    };
    let (account, session) = (one(&names.patients).await, one(&names.user_sessions).await);
    let mut next = from;
    while next < to {
        let numbers = next..(next + BATCH).min(to);
        let accounts: Vec<_> = numbers
            .clone()
            .map(|number| account_of(&account, number))
            .collect();
        let sessions: Vec<_> = numbers
            .clone()
            .map(|number| session_of(&session, number))
            .collect();
        let identifiers: Vec<_> = numbers.clone().flat_map(identifiers_of).collect();
        store
            .raw(&names.patients)
            .insert_many(accounts)
            .await
            .unwrap();
        store
            .raw(&names.user_sessions)
            .insert_many(sessions)
            .await
            .unwrap();
        store
            .raw(&names.identifiers)
            .insert_many(identifiers)
            .await
            .unwrap();
        next = numbers.end;
    }
}

/// An id of nine digits, because the service issues ids of eight.
fn user_id(number: usize) -> String {
    format!("PAT{number:09}")
}

fn with(mut row: Document, changes: Document) -> Document {
    row.extend(changes);
    row
}

fn account_of(model: &Document, number: usize) -> Document {
    let created = model.get_datetime("created_at").unwrap().timestamp_millis();
    with(
        model.clone(),
        doc! {
            "_id": user_id(number), "user_id": user_id(number), "username": format!("crowd{number}"),
            "email": format!("crowd{number}@example.org"),
            "email_display": format!("crowd{number}@example.org"),
            "first_name": format!("Jane{}", number % 5000),
            // Each account has its own time, and all are older than accounts that register later.
            "created_at": DateTime::from_millis(created - 1000 * i64::try_from(number).unwrap()),
        },
    )
}

fn session_of(model: &Document, number: usize) -> Document {
    let id = format!("{:08x}-0000-4000-8000-{number:012x}", number % 65_521);
    with(
        model.clone(),
        doc! { "_id": &id, "session_id": &id, "user_id": user_id(number) },
    )
}

fn identifiers_of(number: usize) -> [Document; 3] {
    let keys = [
        format!("email:crowd{number}@example.org"),
        format!("username:crowd{number}"),
        format!("user_id:{}", user_id(number)),
    ];
    keys.map(|key| doc! { "_id": key, "owner": user_id(number), "state": "active" })
}

//! A database of the older service: its documents, and the indexes that the service created when it started.

use bson::{Document, doc};
use identity::store::Store;
use mongodb::{IndexModel, options::IndexOptions};

use crate::harness::Direct;

/// Documents with exactly the fields that the older service wrote.
const DOCUMENTS: &str = include_str!("../fixtures/older_service_as_made.json");

/// The indexes that the older service created when it started: collection, name, keys, unique. No index is sparse,
/// although a username is optional.
fn original_indexes() -> Vec<(&'static str, &'static str, Document, bool)> {
    let (patients, doctors, sessions) = ("patients_v2", "doctor_v2", "user_sessions");
    vec![
        (
            patients,
            "patients_email_unique_idx",
            doc! { "email": 1 },
            true,
        ),
        (
            patients,
            "patients_username_unique_idx",
            doc! { "username": 1 },
            true,
        ),
        (
            patients,
            "patients_user_id_unique_idx",
            doc! { "user_id": 1 },
            true,
        ),
        (
            patients,
            "patients_user_type_idx",
            doc! { "user_type": 1 },
            false,
        ),
        (
            doctors,
            "doctors_email_unique_idx",
            doc! { "email": 1 },
            true,
        ),
        (
            doctors,
            "doctors_username_unique_idx",
            doc! { "username": 1 },
            true,
        ),
        (
            doctors,
            "doctors_user_id_unique_idx",
            doc! { "user_id": 1 },
            true,
        ),
        (
            doctors,
            "doctors_user_type_idx",
            doc! { "user_type": 1 },
            false,
        ),
        (
            doctors,
            "doctors_specialization_idx",
            doc! { "specialization": 1 },
            false,
        ),
        (
            sessions,
            "session_id_unique_idx",
            doc! { "session_id": 1 },
            true,
        ),
        (
            sessions,
            "session_user_id_idx",
            doc! { "user_id": 1 },
            false,
        ),
        (
            sessions,
            "user_active_sessions_idx",
            doc! { "user_id": 1, "is_active": 1 },
            false,
        ),
        (
            "pending_users",
            "pending_email_idx",
            doc! { "email": 1 },
            false,
        ),
        (
            "pending_users",
            "pending_username_idx",
            doc! { "username": 1 },
            false,
        ),
    ]
}

/// Indexes that an even older version created and that were never dropped: collection, name, key.
pub(super) const OBSOLETE: [(&str, &str, &str); 2] = [
    ("patients_v2", "patient_id_1", "patient_id"),
    ("doctor_v2", "doctor_id_1", "doctor_id"),
];

pub(super) async fn index(
    store: &Store,
    collection: &str,
    name: &str,
    keys: Document,
    unique: bool,
) {
    let options = IndexOptions::builder().name(name.to_owned());
    let options = options.unique(unique.then_some(true)).build();
    let model = IndexModel::builder().keys(keys).options(options).build();
    store.raw(collection).create_index(model).await.unwrap();
}

/// Writes the documents and the indexes of the older service.
pub(super) async fn fill(direct: &Direct) {
    direct.restore(DOCUMENTS).await;
    for (collection, name, keys, unique) in original_indexes() {
        index(&direct.store, collection, name, keys, unique).await;
    }
    for (collection, name) in [
        ("user_sessions", "session_expires_idx"),
        ("otp_codes", "otp_expires_idx"),
        ("pending_users", "pending_expires_idx"),
    ] {
        let options = IndexOptions::builder().name(name.to_owned());
        let options = options.expire_after(std::time::Duration::ZERO).build();
        let keys = IndexModel::builder().keys(doc! { "expires_at": 1 });
        let rows = direct.store.raw(collection);
        rows.create_index(keys.options(options).build())
            .await
            .unwrap();
    }
    for (collection, name, key) in OBSOLETE {
        index(&direct.store, collection, name, doc! { key: 1 }, true).await;
    }
}

//! What a writer changes who comes too late: nothing. Between its reading and its writing another one has written.

use bson::{Document, doc};
use chrono::DateTime;
use kernel::{clock::Timestamp, ids::UserId, metrics::Metrics, stored::date};
use store::embedded::Embedded;
use testkit::Database;

use super::*;
use crate::patients::{
    care::{Care, CareKind, CareReason},
    record::CareRelation,
};

/// The clinic's collections in an embedded store of their own.
pub(crate) struct OwnStore {
    pub(crate) store: Store,
    _embedded: Option<Embedded>,
    _database: Database,
}

impl OwnStore {
    pub(crate) async fn new() -> Self {
        let database = Database::embedded();
        let metrics = Metrics::new().unwrap();
        let (connection, embedded) = database.connect([].into(), metrics).await;
        Self {
            store: Store::new(connection, &Collections::default()),
            _embedded: embedded,
            _database: database,
        }
    }
}

fn at(minute: i64) -> Timestamp {
    DateTime::from_timestamp(minute * 60, 0).unwrap()
}

// A request saw that a hold had expired. When it removes it, the hold may have become an appointment, or have been made
// anew (APT-8).
#[tokio::test]
async fn a_hold_that_was_booked_or_made_anew_meanwhile_is_not_removed() {
    let own = OwnStore::new().await;
    let rows = own.store.appointments();
    let raw = rows.rows.clone_with_type::<Document>();
    for (status, expires_at, is_removed) in [
        ("confirmed", at(5), false),
        ("held", at(11), false),
        ("held", at(10), true),
    ] {
        let row = doc! {
            "_id": "A1", "holds": ["DOC1/2"], "status": status, "expires_at": date(expires_at),
        };
        raw.insert_one(row).await.unwrap();
        let removed = rows.remove_expired_at("DOC1/2", at(10)).await.unwrap();
        assert_eq!(removed, is_removed, "{status}");
        let left = raw.delete_many(doc! {}).await.unwrap().deleted_count;
        assert_eq!(left == 0, is_removed, "{status}");
    }
}

// ACC-2: of two changes of a relationship the second one looks again.
#[tokio::test]
async fn a_relationship_that_has_changed_meanwhile_is_not_replaced() {
    let own = OwnStore::new().await;
    let rows = own.store.relations();
    let (doctor, patient) = (UserId::from_stored("DOC1"), UserId::from_stored("PAT1"));
    let read = CareRelation {
        id: CareRelation::id_of(&doctor, &patient),
        doctor_id: doctor.clone(),
        patient_id: patient.clone(),
        kind: CareKind::Primary,
        since: at(0),
        until: None,
        reason: CareReason::created(),
        by_doctor: String::new(),
        tokens: Vec::new(),
        tokens_version: 1,
    };
    let to = |kind, since, until| Care {
        kind,
        since,
        until,
        reason: CareReason::ended(),
    };
    let late = to(CareKind::Covering, at(9), None);
    for meanwhile in [
        to(CareKind::Treating, at(0), None),
        to(CareKind::Primary, at(1), None),
        to(CareKind::Primary, at(0), Some(at(2))),
    ] {
        assert!(rows.insert(&read).await.unwrap());
        assert!(rows.replace(&read, &meanwhile).await.unwrap());
        assert!(!rows.replace(&read, &late).await.unwrap(), "{meanwhile:?}");
        let stands = rows.find(&doctor, &patient).await.unwrap().unwrap();
        assert_eq!(stands.care(), meanwhile);
        rows.rows.delete_many(doc! {}).await.unwrap();
    }
}

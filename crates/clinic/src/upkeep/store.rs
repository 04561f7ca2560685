//! The rows of the whole clinic, in the order in which they were made.

use bson::{Bson, Document, doc};
use kernel::{clock::Timestamp, ids::UserId};
use serde::{Deserialize, de::DeserializeOwned};
use store::{Result, listing::projection};

use crate::{
    idempotency,
    list_keys::key_range,
    patients::record::{CareRelation, PatientRecord},
    reports::{ReportId, documents::ReportVersion},
    sealing::{ClinicScope, WrappedKey},
    store::{Rows, Store},
};

/// Rows of a page.
const PAGE: i64 = 100;
/// More rows than a patient has in one list.
const OF_PATIENT: i64 = 10_000;

/// A record's wrapped data key.
#[derive(Debug, Deserialize)]
pub(super) struct KeyRow {
    #[serde(rename = "_id")]
    pub(super) patient_id: UserId,
    pub(super) key: WrappedKey,
    pub(super) by_clinic: String,
}

#[derive(Deserialize)]
struct KeyOnly {
    key: WrappedKey,
}

/// The rows of the clinic's list `field` after one of them.
fn after(clinic: &ClinicScope, field: &str, after: Option<&str>) -> Document {
    let range = key_range(&[clinic.as_str()], None, None);
    let begin = after.unwrap_or(&range.start);
    doc! { field: { "$gt": begin, "$lt": &range.end } }
}

impl Store {
    /// How many data keys of repeated requests each secret has wrapped; they are gone within 24 hours.
    pub(super) async fn answer_keys(&self) -> Result<Vec<WrappedKey>> {
        let rows = self.rows_of::<idempotency::Row>(&self.names().idempotency_keys);
        let rows = rows.rows.clone_with_type::<KeyOnly>();
        let find = rows.find(doc! {}).projection(projection(&["key"]));
        // One batch, because the embedded store knows a cursor only on its own connection.
        let found = self.all(find.batch_size(1_000_000)).await?;
        Ok(found.into_iter().map(|row| row.key).collect())
    }

    /// The rows of one patient in a collection.
    pub(super) async fn of_patient<T: DeserializeOwned + Send + Sync>(
        &self,
        collection: &str,
        clinic: &ClinicScope,
        patient: &UserId,
    ) -> Result<Vec<T>> {
        let range = key_range(&[clinic.as_str(), patient.as_str()], None, None);
        let filter = doc! { "by_patient": { "$gte": range.start, "$lt": range.end } };
        let rows = self.rows::<T>(collection);
        let find = rows.find(filter).limit(OF_PATIENT);
        self.all(find.batch_size(10_000)).await
    }
}

impl Rows<'_, PatientRecord> {
    /// About how many records there are, for the progress.
    pub async fn estimate(&self) -> Result<u64> {
        self.store.run(self.rows.estimated_document_count()).await
    }

    async fn next<T: DeserializeOwned + Send + Sync>(
        &self,
        clinic: &ClinicScope,
        last: Option<&str>,
        fields: &[&str],
    ) -> Result<Vec<T>> {
        let rows = self.rows.clone_with_type::<T>();
        let find = rows.find(after(clinic, "by_clinic", last));
        let find = find
            .sort(doc! { "by_clinic": 1 })
            .limit(PAGE)
            .batch_size(100);
        if fields.is_empty() {
            return self.store.all(find).await;
        }
        self.store.all(find.projection(projection(fields))).await
    }

    /// The next keys in the order in which the records were made.
    pub(super) async fn next_keys(
        &self,
        clinic: &ClinicScope,
        last: Option<&str>,
    ) -> Result<Vec<KeyRow>> {
        self.next(clinic, last, &["_id", "key", "by_clinic"]).await
    }

    /// The next records in the same order.
    pub(super) async fn next_records(
        &self,
        clinic: &ClinicScope,
        last: Option<&str>,
    ) -> Result<Vec<PatientRecord>> {
        self.next(clinic, last, &[]).await
    }

    /// When the first and the last record were made; `None` if there is none.
    pub(super) async fn span(
        &self,
        clinic: &ClinicScope,
    ) -> Result<Option<(Timestamp, Timestamp)>> {
        let mut ends = Vec::new();
        for order in [1, -1] {
            let find = self.rows.find_one(after(clinic, "by_clinic", None));
            let found = self
                .store
                .run(find.sort(doc! { "by_clinic": order }))
                .await?;
            ends.extend(found.map(|row| row.created_at));
        }
        Ok(ends.first().copied().zip(ends.last().copied()))
    }

    /// Replaces a wrapped key, if it is still the one that was read (ENC-4).
    pub(super) async fn rewrap(&self, row: &KeyRow, to: &WrappedKey) -> Result<bool> {
        let same = doc! { "_id": row.patient_id.as_str(), "key": Bson::from(&row.key) };
        self.change_one(same, doc! { "$set": { "key": Bson::from(to) } })
            .await
    }
}

impl Rows<'_, ReportVersion> {
    /// The text of a version that an amendment has replaced.
    pub(super) async fn find_signed(
        &self,
        report: &ReportId,
        version: u32,
    ) -> Result<Option<ReportVersion>> {
        let id = ReportVersion::id_of(report, version);
        self.store.run(self.rows.find_one(doc! { "_id": id })).await
    }
}

impl Rows<'_, CareRelation> {
    /// The next relationships, doctor by doctor.
    pub(super) async fn next_relations(
        &self,
        clinic: &ClinicScope,
        last: Option<&str>,
    ) -> Result<Vec<CareRelation>> {
        let find = self.rows.find(after(clinic, "by_doctor", last));
        let find = find.sort(doc! { "by_doctor": 1 }).limit(PAGE);
        self.store.all(find.batch_size(100)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::OwnStore;

    fn key(bytes: &[u8]) -> WrappedKey {
        let key = doc! { "key": Bson::Binary(bson::Binary {
            subtype: bson::spec::BinarySubtype::Generic,
            bytes: bytes.to_vec(),
        }) };
        bson::deserialize_from_document::<KeyOnly>(key).unwrap().key
    }

    // ENC-4
    #[tokio::test]
    async fn a_key_that_another_writer_has_replaced_is_not_wrapped_over() {
        let own = OwnStore::new().await;
        let rows = own.store.patients();
        let stored = doc! { "_id": "PAT1", "key": Bson::from(&key(b"newer")) };
        let raw = rows.rows.clone_with_type::<Document>();
        raw.insert_one(stored).await.unwrap();
        let read = |bytes: &[u8]| KeyRow {
            patient_id: UserId::from_stored("PAT1"),
            key: key(bytes),
            by_clinic: String::new(),
        };
        assert!(!rows.rewrap(&read(b"older"), &key(b"lost")).await.unwrap());
        assert!(rows.rewrap(&read(b"newer"), &key(b"newest")).await.unwrap());
        let row = raw.find_one(doc! {}).await.unwrap().unwrap();
        assert_eq!(row.get("key"), Some(&Bson::from(&key(b"newest"))));
    }
}

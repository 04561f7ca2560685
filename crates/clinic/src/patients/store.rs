//! `patient_records` and `care_relations`.

use bson::doc;
use kernel::{ids::UserId, stored::date};
use store::{Result, StoreError};

use super::{
    care::Care,
    record::{CareRelation, PatientRecord},
};
use crate::store::{Rows, Store};

impl Store {
    /// The collection `patient_records`.
    pub fn patients(&self) -> Rows<'_, PatientRecord> {
        self.rows_of(&self.names().patient_records)
    }

    /// The collection `care_relations`.
    pub fn relations(&self) -> Rows<'_, CareRelation> {
        self.rows_of(&self.names().care_relations)
    }
}

impl Rows<'_, PatientRecord> {
    /// Whether there is any record.
    pub async fn any(&self) -> Result<bool> {
        let found = self.store.run(self.rows.find_one(doc! {})).await?;
        Ok(found.is_some())
    }

    /// A patient's record. The caller has decided who may see it.
    pub(crate) async fn find(&self, id: &UserId) -> Result<Option<PatientRecord>> {
        self.store
            .run(self.rows.find_one(doc! { "_id": id.as_str() }))
            .await
    }

    /// Inserts a record; `false` if there is one.
    pub(crate) async fn insert(&self, record: &PatientRecord) -> Result<bool> {
        StoreError::taken(self.store.run(self.rows.insert_one(record)).await)
    }
}

impl Rows<'_, CareRelation> {
    /// The relationship of a doctor to a patient, ended or not.
    pub(crate) async fn find(
        &self,
        doctor: &UserId,
        patient: &UserId,
    ) -> Result<Option<CareRelation>> {
        let id = CareRelation::id_of(doctor, patient);
        self.store.run(self.rows.find_one(doc! { "_id": id })).await
    }

    /// Inserts a relationship; `false` if there is one.
    pub(crate) async fn insert(&self, relation: &CareRelation) -> Result<bool> {
        StoreError::taken(self.store.run(self.rows.insert_one(relation)).await)
    }

    /// Replaces a relationship, if it is still `known`.
    pub(crate) async fn replace(&self, known: &CareRelation, care: &Care) -> Result<bool> {
        let filter = doc! {
            "_id": &known.id,
            "kind": known.kind.name(),
            "since": date(known.since),
            "until": known.until.map(date),
        };
        let update = match care.until {
            Some(until) => doc! { "$set": {
                "kind": care.kind.name(), "since": date(care.since), "until": date(until),
                "reason": care.reason.as_str(),
            } },
            None => doc! {
                "$set": {
                    "kind": care.kind.name(), "since": date(care.since),
                    "reason": care.reason.as_str(),
                },
                "$unset": { "until": "" },
            },
        };
        self.change_one(filter, update).await
    }
}

//! `consultations`. One open at a time for a doctor and a patient: a unique key that only open ones have (CON-2).

use bson::{Bson, Document, doc};
use kernel::{clock::Timestamp, ids::UserId, stored::date};
use serde::Deserialize;
use store::{Result, StoreError, document};

use super::{
    ConsultationId,
    course::Course,
    documents::{Consultation, ConsultationText},
};
use crate::{
    access::PatientScope,
    list_keys::key_range,
    list_pages::{ListPage, ListQuery},
    listing::Listing,
    patients::record::PatientRecord,
    sealing::{ClinicScope, SealedGroup},
    store::{Rows, Store},
};

/// Whose consultation it is.
#[derive(Deserialize)]
struct Owner {
    patient_id: UserId,
}

impl Store {
    /// The collection `consultations`.
    pub fn consultations(&self) -> Rows<'_, Consultation> {
        self.rows_of(&self.names().consultations)
    }
}

/// The row of an id, only if it is this patient's (ACC-7).
fn of_patient(scope: &PatientScope, id: &str) -> Document {
    doc! { "_id": id, "patient_id": scope.patient_id().as_str(), "clinic_id": scope.clinic_id() }
}

impl Rows<'_, Consultation> {
    /// The patient of a consultation, for the decision who may see it.
    pub(crate) async fn patient_of(
        &self,
        clinic: &ClinicScope,
        id: &ConsultationId,
    ) -> Result<Option<UserId>> {
        let rows = self.rows.clone_with_type::<Owner>();
        let filter = doc! { "_id": id.as_str(), "clinic_id": clinic.as_str() };
        let found = rows.find_one(filter).projection(doc! { "patient_id": 1 });
        Ok(self.store.run(found).await?.map(|owner| owner.patient_id))
    }

    /// A consultation of a patient.
    pub(crate) async fn find(
        &self,
        scope: &PatientScope,
        id: &ConsultationId,
    ) -> Result<Option<Consultation>> {
        let filter = of_patient(scope, id.as_str());
        self.store.run(self.rows.find_one(filter)).await
    }

    /// A consultation of a row of a list that the caller may see.
    pub(crate) async fn find_of(
        &self,
        clinic: &ClinicScope,
        patient: &UserId,
        id: &ConsultationId,
    ) -> Result<Option<Consultation>> {
        let filter = doc! {
            "_id": id.as_str(), "patient_id": patient.as_str(), "clinic_id": clinic.as_str(),
        };
        self.store.run(self.rows.find_one(filter)).await
    }

    /// The open consultation of a doctor and a patient.
    pub(crate) async fn find_open(
        &self,
        scope: &PatientScope,
        doctor: &UserId,
    ) -> Result<Option<Consultation>> {
        let open_key = Consultation::open_key_of(scope, doctor);
        let filter = doc! { "open_key": open_key };
        self.store.run(self.rows.find_one(filter)).await
    }

    /// Inserts a consultation; `false` if another one is open, or has the id.
    pub(crate) async fn insert(&self, consultation: &Consultation) -> Result<bool> {
        StoreError::taken(self.store.run(self.rows.insert_one(consultation)).await)
    }

    /// Gives a consultation another course and other texts, if it is still `known`. One that ends is not open any more
    /// after the same update.
    pub(crate) async fn change(
        &self,
        scope: &PatientScope,
        known: &Consultation,
        course: &Course,
        text: &SealedGroup<ConsultationText>,
        now: Timestamp,
    ) -> Result<bool> {
        let mut filter = of_patient(scope, known.session_id.as_str());
        filter.insert("version", known.version);
        let mut update = doc! { "$set": {
            "course": document(course)?, "text": Bson::from(text), "version": known.version + 1,
            "updated_at": date(now),
        } };
        if !course.status.is_open() {
            update.insert("$unset", doc! { "open_key": "" });
        }
        self.change_one(filter, update).await
    }

    /// A page of a patient's consultations, newest first.
    pub(crate) async fn page(
        &self,
        scope: &PatientScope,
        listing: &Listing,
    ) -> Result<ListPage<Consultation>> {
        let list = [scope.clinic_id(), scope.patient_id().as_str()];
        let query = ListQuery {
            field: "by_patient",
            keys: key_range(&list, None, None),
            others: Vec::new(),
        };
        self.list_page(&query, listing).await
    }
}

impl Rows<'_, PatientRecord> {
    /// Notes the patient's last visit. It does not count as a change of the record, so its version stays.
    pub(crate) async fn note_visit(&self, scope: &PatientScope, at: Timestamp) -> Result<()> {
        let filter = doc! { "_id": scope.patient_id().as_str(), "clinic_id": scope.clinic_id() };
        let update = doc! { "$max": { "last_visit": date(at) } };
        self.change_one(filter, update).await.map(drop)
    }
}

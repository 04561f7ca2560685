//! `reports` and `report_versions`. Each change is one update whose filter has the version and the state that it began
//! with (REP-4, REP-5).

use bson::{Bson, Document, doc};
use futures_util::future::try_join_all;
use kernel::{
    clock::Timestamp,
    ids::UserId,
    stored::{date, time},
};
use serde::Deserialize;
use store::{Result, StoreError, document};

use super::{
    ReportId,
    documents::{Report, ReportVersion, Signature, released_version},
    status::ReportStatus,
};
use crate::{
    access::PatientScope,
    consultations::ConsultationId,
    list_pages::{ListPage, ListQuery},
    listing::Listing,
    sealing::ClinicScope,
    store::{Rows, Store},
};

/// What the decision about a report needs of it.
#[derive(Debug, Clone, Deserialize)]
pub struct ReportHead {
    /// The patient.
    pub patient_id: UserId,
    /// The author.
    pub doctor_id: UserId,
    /// The state.
    pub status: ReportStatus,
    /// The signatures.
    #[serde(default)]
    pub signatures: Vec<Signature>,
}

/// What a consultation shows of its report.
#[derive(Debug, Clone, Deserialize)]
pub struct SessionReport {
    /// The report.
    #[serde(rename = "_id")]
    pub report_id: ReportId,
    /// Whether its content has a transcription.
    #[serde(default)]
    pub has_transcription: bool,
    /// The signatures.
    #[serde(default)]
    signatures: Vec<Signature>,
    /// When it was made.
    #[serde(with = "time")]
    pub created_at: Timestamp,
}

/// The sum of numbers, and how many they are.
#[derive(Deserialize)]
struct Sum {
    sum: f64,
    count: f64,
}

impl ReportHead {
    /// Whether the patient may read it (REP-8).
    pub fn is_released(&self, release_hours: i64, now: Timestamp) -> bool {
        released_version(&self.signatures, release_hours, now).is_some()
    }
}

impl SessionReport {
    /// Whether the patient may read it (REP-8).
    pub fn is_released(&self, release_hours: i64, now: Timestamp) -> bool {
        released_version(&self.signatures, release_hours, now).is_some()
    }
}

impl Store {
    /// The collection `reports`.
    pub fn reports(&self) -> Rows<'_, Report> {
        self.rows_of(&self.names().reports)
    }

    /// The collection `report_versions`.
    pub fn report_versions(&self) -> Rows<'_, ReportVersion> {
        self.rows_of(&self.names().report_versions)
    }
}

/// The row of an id, only if it is this patient's (ACC-7).
fn of_patient(scope: &PatientScope, id: &str) -> Document {
    doc! { "_id": id, "patient_id": scope.patient_id().as_str(), "clinic_id": scope.clinic_id() }
}

impl Rows<'_, Report> {
    /// What the decision about a report needs of it.
    pub(crate) async fn head(
        &self,
        clinic: &ClinicScope,
        id: &ReportId,
    ) -> Result<Option<ReportHead>> {
        let filter = doc! { "_id": id.as_str(), "clinic_id": clinic.as_str() };
        let fields =
            doc! { "_id": 0, "patient_id": 1, "doctor_id": 1, "status": 1, "signatures": 1 };
        let rows = self.rows.clone_with_type::<ReportHead>();
        self.store
            .run(rows.find_one(filter).projection(fields))
            .await
    }

    /// A report of a patient.
    pub(crate) async fn find(&self, scope: &PatientScope, id: &ReportId) -> Result<Option<Report>> {
        let filter = of_patient(scope, id.as_str());
        self.store.run(self.rows.find_one(filter)).await
    }

    /// The reports of a consultation, up to 100.
    pub(crate) async fn of_session(
        &self,
        scope: &PatientScope,
        id: &ConsultationId,
    ) -> Result<Vec<SessionReport>> {
        let filter = doc! {
            "session_id": id.as_str(), "patient_id": scope.patient_id().as_str(),
            "clinic_id": scope.clinic_id(),
        };
        let fields = doc! { "has_transcription": 1, "signatures": 1, "created_at": 1 };
        let rows = self.rows.clone_with_type::<SessionReport>();
        let find = rows.find(filter).projection(fields).limit(100);
        self.store.all(find.batch_size(101)).await
    }

    /// Inserts a report.
    pub(crate) async fn insert(&self, report: &Report) -> Result<()> {
        let inserted = self.store.run(self.rows.insert_one(report)).await;
        inserted.map(drop)
    }

    /// Writes `to` in place of `known`, if the version and the state are still those of `known`: a change, a signature or
    /// an amendment.
    pub(crate) async fn write(
        &self,
        scope: &PatientScope,
        known: &Report,
        to: &Report,
    ) -> Result<bool> {
        let mut filter = of_patient(scope, known.report_id.as_str());
        filter.insert("version", known.version);
        filter.insert("status", known.status.name());
        filter.insert("doctor_id", known.doctor_id.as_str());
        let mut set = doc! {
            "status": to.status.name(),
            "by_doctor_status": &to.keys.by_doctor_status,
            "report_type": to.report_type.name(),
            "has_transcription": to.has_transcription,
            "text": Bson::from(&to.text),
            "version": to.version,
            "updated_at": date(to.updated_at),
        };
        let mut unset = Document::new();
        let mut optional = |field: &str, value: Option<Bson>| match value {
            Some(value) => set.insert(field, value),
            None => unset.insert(field, ""),
        };
        optional("confidence", to.confidence.map(|it| it.get().into()));
        optional("ai_model", to.ai_model.clone().map(Bson::from));
        optional(
            "first_signed_at",
            to.first_signed_at.map(|at| date(at).into()),
        );
        let signatures: Result<Vec<Bson>> = to
            .signatures
            .iter()
            .map(|it| document(it).map(Bson::from))
            .collect();
        let signatures = Some(signatures?).filter(|all| !all.is_empty());
        optional("signatures", signatures.map(Bson::from));
        let mut update = doc! { "$set": set };
        if !unset.is_empty() {
            update.insert("$unset", unset);
        }
        self.change_one(filter, update).await
    }

    /// A page of a list.
    pub(crate) async fn page(
        &self,
        query: &ListQuery,
        listing: &Listing,
    ) -> Result<ListPage<Report>> {
        self.list_page(query, listing).await
    }

    /// How many rows each of these lists has, counted side by side.
    pub(crate) async fn counts(&self, queries: &[ListQuery]) -> Result<Vec<u64>> {
        try_join_all(queries.iter().map(|query| self.count_rows(query, None))).await
    }

    /// The sum of the confidences in some lists, and how many reports have one.
    pub(crate) async fn confidences(&self, queries: &[ListQuery]) -> Result<(f64, u64)> {
        let one = async |query: &ListQuery| {
            let group =
                doc! { "_id": 0, "sum": { "$sum": "$confidence" }, "count": { "$sum": 1.0 } };
            let stages = [
                doc! { "$match": query.filter(None) },
                doc! { "$group": group },
            ];
            let sums = self.rows.aggregate(stages).with_type::<Sum>();
            let sums = self
                .store
                .all(sums.max_time(self.store.read_limit()))
                .await?;
            let sums = sums.into_iter().next();
            Ok::<_, StoreError>(sums.map_or((0.0, 0.0), |it| (it.sum, it.count)))
        };
        let all = try_join_all(queries.iter().map(one)).await?;
        let (sum, count) = all
            .into_iter()
            .fold((0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count has no fraction and no sign"
        )]
        Ok((sum, count as u64))
    }
}

impl Rows<'_, ReportVersion> {
    /// Keeps a signed text. It may be repeated, because a signed text never changes.
    pub(crate) async fn keep(&self, version: &ReportVersion) -> Result<()> {
        let kept = self.store.run(self.rows.insert_one(version)).await;
        StoreError::taken(kept).map(drop)
    }

    /// A kept text of a patient.
    pub(crate) async fn find(
        &self,
        scope: &PatientScope,
        report: &ReportId,
        version: u32,
    ) -> Result<Option<ReportVersion>> {
        let filter = of_patient(scope, &ReportVersion::id_of(report, version));
        self.store.run(self.rows.find_one(filter)).await
    }
}

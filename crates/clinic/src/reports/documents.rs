//! The documents of reports: the report, and the texts that were signed before its last amendment.

use kernel::{
    clock::Timestamp,
    ids::UserId,
    random::SharedRng,
    stored::{integer, optional_time, time},
};
use serde::{Deserialize, Serialize};

use super::{
    ReportId, ReportKeys, ReportType,
    content::{Confidence, ReportContent},
    status::{ReportFacts, ReportStatus, SignedVersion, released},
};
use crate::{
    access::PatientScope,
    consultations::{ConsultationId, SessionType, documents::Consultation},
    sealing::{self, Collection, Content, GroupKey, SealedGroup, SealingError, Text},
};

impl Content for ReportContent {
    type Group = sealing::Text;
}

/// A signature under one version of a report's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The version.
    #[serde(deserialize_with = "integer")]
    pub version: u32,
    /// When.
    #[serde(with = "time")]
    pub signed_at: Timestamp,
    /// By whom.
    pub signed_by: UserId,
}

/// A report. The struct is the document. What it says is sealed; ids, times, states and numbers stay plain.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    /// The id.
    #[serde(rename = "_id")]
    pub report_id: ReportId,
    /// The clinic (TEN-2).
    pub clinic_id: String,
    /// The consultation.
    pub session_id: ConsultationId,
    /// The patient.
    pub patient_id: UserId,
    /// The author.
    pub doctor_id: UserId,
    /// The state.
    pub status: ReportStatus,
    /// The kind.
    pub report_type: ReportType,
    /// The kind of the consultation.
    pub session_type: SessionType,
    /// How sure the program was that made the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
    /// The program that made the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ai_model: Option<String>,
    /// Whether the content has a transcription.
    #[serde(default)]
    pub has_transcription: bool,
    /// What it says.
    pub text: SealedGroup<ReportContent>,
    /// The version of the text.
    #[serde(deserialize_with = "integer")]
    pub version: u32,
    /// The signatures, the first one first; absent before the first one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<Signature>,
    /// When it was first signed, for the list of its patient (REP-8).
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "optional_time"
    )]
    pub first_signed_at: Option<Timestamp>,
    /// The keys of its lists.
    #[serde(flatten)]
    pub keys: ReportKeys,
    /// When it was made.
    #[serde(with = "time")]
    pub created_at: Timestamp,
    /// When it was last changed.
    #[serde(with = "time")]
    pub updated_at: Timestamp,
}

/// A signed text that an amendment replaced. The struct is the document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReportVersion {
    /// `REP…/n`.
    #[serde(rename = "_id")]
    pub id: String,
    /// The clinic (TEN-2).
    pub clinic_id: String,
    /// The patient.
    pub patient_id: UserId,
    /// What it says.
    pub text: SealedGroup<ReportContent>,
    /// Who signed it, and when.
    pub signature: Signature,
}

/// What a request brings for a report beside its text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReportDetails {
    /// The kind.
    pub report_type: ReportType,
    /// How sure the program was that made the text.
    pub confidence: Option<Confidence>,
    /// The program that made the text.
    pub ai_model: Option<String>,
}

impl Report {
    /// A new report of a consultation.
    pub fn new(
        consultation: &Consultation,
        status: ReportStatus,
        details: &ReportDetails,
        content: &ReportContent,
        key: &GroupKey<Text>,
        rng: &SharedRng,
        now: Timestamp,
    ) -> Result<Self, SealingError> {
        let report_id = ReportId::generate(rng);
        let (clinic, doctor) = (&consultation.clinic_id, &consultation.doctor_id);
        let patient = &consultation.patient_id;
        let place = Collection::Reports.place(report_id.as_str());
        Ok(Self {
            clinic_id: clinic.clone(),
            session_id: consultation.session_id.clone(),
            patient_id: patient.clone(),
            doctor_id: doctor.clone(),
            status,
            report_type: details.report_type,
            session_type: consultation.session_type,
            confidence: details.confidence,
            ai_model: details.ai_model.clone(),
            has_transcription: !content.transcription_text.is_empty(),
            text: key.seal(place, content, rng)?,
            version: 1,
            signatures: Vec::new(),
            first_signed_at: None,
            keys: ReportKeys::new(clinic, doctor, patient, status, now, &report_id),
            created_at: now,
            updated_at: now,
            report_id,
        })
    }

    /// What the rules of changes need.
    pub const fn facts(&self) -> ReportFacts<'_> {
        ReportFacts {
            author: &self.doctor_id,
            status: self.status,
            version: self.version,
        }
    }

    /// The kind and what else is not text.
    pub fn details(&self) -> ReportDetails {
        ReportDetails {
            report_type: self.report_type,
            confidence: self.confidence,
            ai_model: self.ai_model.clone(),
        }
    }

    /// Its keys in another state.
    pub fn keys_in(&self, status: ReportStatus) -> ReportKeys {
        let (doctor, patient) = (&self.doctor_id, &self.patient_id);
        ReportKeys::new(
            &self.clinic_id,
            doctor,
            patient,
            status,
            self.created_at,
            &self.report_id,
        )
    }

    /// The signature under the present text.
    pub fn signature(&self) -> Option<&Signature> {
        self.signature_of(self.version)
    }

    /// The signature under one version.
    pub fn signature_of(&self, version: u32) -> Option<&Signature> {
        self.signatures.iter().find(|it| it.version == version)
    }

    /// The newest version that the patient may read at `now` (REP-8).
    pub fn released_version(&self, release_hours: i64, now: Timestamp) -> Option<u32> {
        released_version(&self.signatures, release_hours, now)
    }

    /// Opens the present text.
    pub fn open_text(&self, key: &GroupKey<Text>) -> Result<ReportContent, SealingError> {
        key.open(
            Collection::Reports.place(self.report_id.as_str()),
            &self.text,
        )
    }
}

/// The newest version among `signatures` that the patient may read at `now`.
pub fn released_version(
    signatures: &[Signature],
    release_hours: i64,
    now: Timestamp,
) -> Option<u32> {
    let hours = u32::try_from(release_hours.max(0)).unwrap_or(u32::MAX);
    let versions = signatures.iter().map(|signature| SignedVersion {
        version: signature.version,
        signed_at: signature.signed_at,
    });
    released(versions, hours, now).map(|signed| signed.version)
}

impl ReportVersion {
    /// The `_id` of a version.
    pub fn id_of(report: &ReportId, version: u32) -> String {
        format!("{report}/{version}")
    }

    /// The present, signed text of a report, as it is kept beside an amendment.
    pub fn of(
        report: &Report,
        signature: &Signature,
        key: &GroupKey<Text>,
        rng: &SharedRng,
    ) -> Result<Self, SealingError> {
        let id = Self::id_of(&report.report_id, signature.version);
        let content = report.open_text(key)?;
        let place = Collection::ReportVersions.place(&id);
        Ok(Self {
            clinic_id: report.clinic_id.clone(),
            patient_id: report.patient_id.clone(),
            text: key.seal(place, &content, rng)?,
            signature: signature.clone(),
            id,
        })
    }

    /// Opens the text.
    pub fn open_text(&self, key: &GroupKey<Text>) -> Result<ReportContent, SealingError> {
        key.open(Collection::ReportVersions.place(&self.id), &self.text)
    }

    /// Whether it is a version of this patient (ACC-7).
    pub fn is_of(&self, scope: &PatientScope) -> bool {
        self.patient_id == *scope.patient_id() && self.clinic_id == scope.clinic_id()
    }
}

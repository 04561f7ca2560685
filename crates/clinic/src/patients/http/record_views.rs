//! What answers show of one record: its parts, who treats the patient, and who looked.

use poem_openapi::{Object, types::MaybeUndefined};
use web::Time;

use super::views::{LastingView, PatientRow, or_null, text};
use crate::{
    app::App,
    http::Pagination,
    patients::{
        clinical::{Informants, PrecipitatingFactor, Symptom},
        use_cases::{
            access_log::Entry,
            read::{Member, Shown},
        },
        who::EmergencyContact,
    },
};
use kernel::{clock::Timestamp, ids::UserId};

/// A person to call in an emergency.
#[derive(Debug, Object)]
pub(super) struct EmergencyContactView {
    /// The name
    name: String,
    /// How the person is related to the patient
    #[oai(nullable)]
    relation: Option<String>,
    /// Telephone
    #[oai(nullable)]
    phone: Option<String>,
}

impl From<&EmergencyContact> for EmergencyContactView {
    fn from(contact: &EmergencyContact) -> Self {
        Self {
            name: contact.name.to_string(),
            relation: text(contact.relation.as_ref()),
            phone: text(contact.phone.as_ref()),
        }
    }
}

/// Who told the history.
#[derive(Debug, Object)]
pub(super) struct InformantsView {
    /// The selected ones
    selection: Vec<String>,
    /// Others, in words
    #[oai(nullable)]
    other_details: Option<String>,
}

impl From<&Informants> for InformantsView {
    fn from(informants: &Informants) -> Self {
        Self {
            selection: informants
                .selection
                .iter()
                .map(ToString::to_string)
                .collect(),
            other_details: text(informants.other_details.as_ref()),
        }
    }
}

/// What brought the illness on.
#[derive(Debug, Object)]
pub(super) struct PrecipitatingFactorView {
    /// In words
    #[oai(nullable)]
    narrative: Option<String>,
    /// In tags
    tags: Vec<String>,
}

impl From<&PrecipitatingFactor> for PrecipitatingFactorView {
    fn from(factor: &PrecipitatingFactor) -> Self {
        Self {
            narrative: text(factor.narrative.as_ref()),
            tags: factor.tags.iter().map(ToString::to_string).collect(),
        }
    }
}

/// A symptom.
#[derive(Debug, Object)]
pub(super) struct SymptomView {
    /// Its id, unique in the record
    symptom_id: String,
    /// What it is
    symptom_name: String,
    /// `Mild`, `Moderate` or `Severe`
    #[oai(nullable)]
    severity: Option<String>,
    /// `Hourly`, `Daily`, `Weekly` or `Constant`
    #[oai(nullable)]
    frequency: Option<String>,
    /// How long it has lasted
    #[oai(nullable)]
    duration: Option<LastingView>,
    /// Notes
    #[oai(nullable)]
    notes: Option<String>,
    /// When it was recorded
    recorded_at: Time,
}

impl From<&Symptom> for SymptomView {
    fn from(symptom: &Symptom) -> Self {
        Self {
            symptom_id: symptom.symptom_id.to_string(),
            symptom_name: symptom.symptom_name.to_string(),
            severity: symptom.severity.map(|it| it.name().to_owned()),
            frequency: symptom.frequency.map(|it| it.name().to_owned()),
            duration: symptom.duration.map(LastingView::from),
            notes: text(symptom.notes.as_ref()),
            recorded_at: Time(symptom.recorded_at),
        }
    }
}

/// A doctor who treats the patient.
#[derive(Debug, Object)]
pub(super) struct CareTeamMember {
    /// The doctor
    doctor_id: String,
    /// The doctor's name; null if the account is gone
    #[oai(nullable)]
    name: Option<String>,
    /// `primary`, `treating`, `covering` or `referral`
    kind: String,
    /// Since when
    since: Time,
    /// Until when; null if there is no end yet
    #[oai(nullable)]
    until: Option<Time>,
}

impl From<&Member> for CareTeamMember {
    fn from(member: &Member) -> Self {
        let relation = &member.relation;
        Self {
            doctor_id: relation.doctor_id.to_string(),
            name: member.name.clone(),
            kind: relation.kind.name().to_owned(),
            since: Time(relation.since),
            until: relation.until.map(Time),
        }
    }
}

/// Why the caller may see the record.
#[derive(Debug, Object)]
pub(super) struct RecordAccess {
    /// `self`, `care` or `desk`
    basis: String,
    /// Until when; null if there is no end yet
    #[oai(nullable)]
    until: Option<Time>,
}

/// One record. The clinical fields are there only for those who may see them.
#[derive(Debug, Object)]
pub(super) struct PatientRecordResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    #[oai(flatten)]
    row: PatientRow,
    /// A person to call in an emergency
    #[oai(nullable)]
    emergency_contact: Option<EmergencyContactView>,
    /// The language that the patient reads
    #[oai(nullable)]
    language: Option<String>,
    /// Clinical: who told the history
    #[oai(nullable)]
    informants: MaybeUndefined<InformantsView>,
    /// Clinical: what brought the illness on
    #[oai(nullable)]
    precipitating_factor: MaybeUndefined<PrecipitatingFactorView>,
    /// Clinical: in the order in which they were recorded
    #[oai(nullable)]
    symptoms: MaybeUndefined<Vec<SymptomView>>,
    /// Who treats the patient now
    care_team: Vec<CareTeamMember>,
    /// Why the caller may see the record
    access: RecordAccess,
    /// Grows with each change; a change names the one that it has seen
    version: i64,
}

impl PatientRecordResponse {
    /// The patient.
    pub(super) fn patient_id(&self) -> UserId {
        UserId::from_stored(self.row.patient_id.clone())
    }

    pub(super) fn new(app: &App, message: &str, shown: &Shown, now: Timestamp) -> Self {
        let row = &shown.row;
        let clinical = row.clinical.as_ref();
        let undefined = || MaybeUndefined::Undefined;
        Self {
            success: true,
            message: message.to_owned(),
            emergency_contact: row.who.emergency_contact.as_ref().map(Into::into),
            language: text(row.who.language.as_ref()),
            informants: clinical.map_or_else(
                || MaybeUndefined::Undefined,
                |it| or_null(it.informants.as_ref(), InformantsView::from),
            ),
            precipitating_factor: clinical.map_or_else(
                || MaybeUndefined::Undefined,
                |it| {
                    let factor = it.precipitating_factor.as_ref();
                    or_null(factor, PrecipitatingFactorView::from)
                },
            ),
            symptoms: clinical.map_or_else(undefined, |it| {
                MaybeUndefined::Value(it.symptoms().iter().map(SymptomView::from).collect())
            }),
            care_team: shown.care_team.iter().map(CareTeamMember::from).collect(),
            access: RecordAccess {
                basis: shown.basis.name().to_owned(),
                until: shown.until.map(Time),
            },
            version: row.record.version,
            row: PatientRow::new(app, row, now),
        }
    }
}

/// The symptoms of a record.
#[derive(Debug, Object)]
pub(super) struct SymptomsResponse {
    /// Always true
    pub(super) success: bool,
    /// A sentence for people
    pub(super) message: String,
    /// In the order in which they were recorded
    pub(super) symptoms: Vec<SymptomView>,
}

/// Who treats a patient.
#[derive(Debug, Object)]
pub(super) struct CareTeamResponse {
    /// Always true
    pub(super) success: bool,
    /// A sentence for people
    pub(super) message: String,
    /// The doctors who treat the patient now
    pub(super) care_team: Vec<CareTeamMember>,
}

/// An invitation.
#[derive(Debug, Object)]
pub(super) struct PatientInvitedResponse {
    /// Always true
    pub(super) success: bool,
    /// A sentence for people
    pub(super) message: String,
    /// `invited`
    pub(super) status: String,
}

/// An access to a patient's data.
#[derive(Debug, Object)]
pub(super) struct AccessLogEntry {
    /// When
    at: Time,
    /// The person's name; null if the account is gone
    #[oai(nullable)]
    who: Option<String>,
    /// `patient`, `doctor`, `staff` or `admin`; null if the service did it
    #[oai(nullable)]
    role: Option<String>,
    /// The part of the data, such as `who`, `clinical` or `appointments`
    #[oai(nullable)]
    part: Option<String>,
    /// Why the person could see it: `self`, `care` or `desk`
    #[oai(nullable)]
    basis: Option<String>,
    /// What for: `own`, `treatment` or `administration`
    #[oai(nullable)]
    purpose: Option<String>,
}

impl From<Entry> for AccessLogEntry {
    fn from(entry: Entry) -> Self {
        Self {
            at: Time(entry.entry.at),
            who: entry.name,
            role: entry.role.map(|role| role.name().to_owned()),
            part: entry.entry.part,
            basis: entry.entry.basis,
            purpose: entry.entry.purpose,
        }
    }
}

/// Who looked at a record.
#[derive(Debug, Object)]
pub(super) struct AccessLogResponse {
    /// Always true
    pub(super) success: bool,
    /// A sentence for people
    pub(super) message: String,
    /// The last one first
    pub(super) entries: Vec<AccessLogEntry>,
    /// Where the page stands in the list
    pub(super) pagination: Pagination,
}

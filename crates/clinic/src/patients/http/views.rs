//! What answers show of a patient.

use poem_openapi::{Object, types::MaybeUndefined};
use web::Time;

use crate::{
    app::App,
    http::Pagination,
    patients::{
        clinical::{Informants, PrecipitatingFactor, Symptom},
        duplicates::DuplicateReason,
        search::MatchKind,
        use_cases::{
            access_log::Entry,
            duplicates::Candidate,
            read::{Member, Seen, Shown},
            search::Found,
        },
        values::Lasting,
        who::{EmergencyContact, Who},
    },
};
use kernel::{clock::Timestamp, ids::UserId};

/// How long something has lasted.
#[derive(Debug, Object)]
pub(super) struct LastingView {
    /// How many
    value: u16,
    /// `minutes`, `hours`, `days`, `weeks`, `months` or `years`
    unit: String,
}

impl From<Lasting> for LastingView {
    fn from(lasting: Lasting) -> Self {
        Self {
            value: lasting.value,
            unit: lasting.unit.name().to_owned(),
        }
    }
}

/// A patient as a row of a list.
#[derive(Debug, Object)]
pub(super) struct PatientRow {
    /// The patient
    patient_id: String,
    /// The same
    id: String,
    /// Both names
    name: String,
    /// Given name
    first_name: String,
    /// Family name; may be empty
    last_name: String,
    /// Full years at the clinic's local date; null if nothing is known
    #[oai(nullable)]
    age: Option<u16>,
    /// `male`, `female`, `other` or `unknown`
    sex: String,
    /// `YYYY-MM-DD`; null if only an age is known
    #[oai(nullable)]
    date_of_birth: Option<String>,
    /// Telephone
    #[oai(nullable)]
    phone: Option<String>,
    /// E-mail address
    #[oai(nullable)]
    email: Option<String>,
    /// Postal address
    #[oai(nullable)]
    address: Option<String>,
    /// Who referred the patient
    #[oai(nullable)]
    referred_by: Option<String>,
    /// How long the illness has lasted; only for those who may see the clinical part
    #[oai(nullable)]
    illness_duration: MaybeUndefined<LastingView>,
    /// The last consultation
    #[oai(nullable)]
    last_visit: Option<Time>,
    /// When the next appointment begins
    #[oai(nullable)]
    next_appointment: Option<Time>,
    /// Whether the patient has an account, or an invitation
    has_account: bool,
    /// How the calling doctor treats the patient: `primary`, `treating`, `covering` or `referral`
    #[oai(nullable)]
    relationship: Option<String>,
    /// When the record was made
    created_at: Time,
    /// When it was last changed
    updated_at: Time,
}

fn or_null<T, V>(value: Option<T>, view: impl FnOnce(T) -> V) -> MaybeUndefined<V> {
    value.map_or(MaybeUndefined::Null, |it| MaybeUndefined::Value(view(it)))
}

fn text(value: Option<&impl ToString>) -> Option<String> {
    value.map(ToString::to_string)
}

/// The age at the clinic's local date (PAT-15).
fn age(app: &App, who: &Who, now: Timestamp) -> Option<u16> {
    let today = crate::patients::birth::local_date(&app.zone, now)?;
    who.birth.age(today, app.settings.clinic.leap_birthday)
}

impl PatientRow {
    pub(super) fn new(app: &App, row: &Seen, now: Timestamp) -> Self {
        let Seen { record, who, .. } = row;
        let clinical = row.clinical.as_ref();
        Self {
            patient_id: record.patient_id.to_string(),
            id: record.patient_id.to_string(),
            name: who.names.full(),
            first_name: who.names.first_name.to_string(),
            last_name: who.names.last_name.to_string(),
            age: age(app, who, now),
            sex: who.sex.name().to_owned(),
            date_of_birth: text(who.birth.date()),
            phone: text(who.phone.as_ref()),
            email: who.email.as_ref().map(|it| it.display().to_owned()),
            address: text(who.address.as_ref()),
            referred_by: text(who.referred_by.as_ref()),
            illness_duration: clinical.map_or(MaybeUndefined::Undefined, |it| {
                or_null(it.illness_duration, LastingView::from)
            }),
            last_visit: record.last_visit.map(Time),
            next_appointment: row.next_appointment.map(Time),
            has_account: record.has_account,
            relationship: row.relationship.map(|kind| kind.name().to_owned()),
            created_at: Time(record.created_at),
            updated_at: Time(record.updated_at),
        }
    }
}

/// A page of patients.
#[derive(Debug, Object)]
pub(super) struct PatientsResponse {
    /// Always true
    pub(super) success: bool,
    /// A sentence for people
    pub(super) message: String,
    /// Newest record first
    pub(super) patients: Vec<PatientRow>,
    /// Where the page stands in the list
    pub(super) pagination: Pagination,
}

/// A patient whom a search found.
#[derive(Debug, Object)]
pub(super) struct FoundPatient {
    /// The patient
    patient_id: String,
    /// The same
    id: String,
    /// Both names
    name: String,
    /// Full years
    #[oai(nullable)]
    age: Option<u16>,
    /// `male`, `female`, `other` or `unknown`
    sex: String,
    /// Telephone
    #[oai(nullable)]
    phone: Option<String>,
    /// `YYYY-MM-DD`
    #[oai(nullable)]
    date_of_birth: Option<String>,
    /// What was found: `patient_id`, `email`, `phone`, `name`, `date_of_birth` or `sounds_like`
    #[oai(rename = "match")]
    kind: String,
}

impl FoundPatient {
    pub(super) fn new(app: &App, kind: MatchKind, found: &Found, now: Timestamp) -> Self {
        let who = &found.who;
        Self {
            patient_id: found.record.patient_id.to_string(),
            id: found.record.patient_id.to_string(),
            name: who.names.full(),
            age: age(app, who, now),
            sex: who.sex.name().to_owned(),
            phone: text(who.phone.as_ref()),
            date_of_birth: text(who.birth.date()),
            kind: kind.name().to_owned(),
        }
    }
}

/// The patients whom a search found.
#[derive(Debug, Object)]
pub(super) struct PatientSearchResponse {
    /// Always true
    pub(super) success: bool,
    /// A sentence for people
    pub(super) message: String,
    /// The best first
    pub(super) patients: Vec<FoundPatient>,
    /// How many they are
    pub(super) count: usize,
}

/// A record that may be of the same person, in `error.details.candidates`.
#[derive(Debug, Object)]
pub(super) struct DuplicateCandidate {
    /// The patient
    patient_id: String,
    /// Both names
    name: String,
    /// `YYYY-MM-DD`
    #[oai(nullable)]
    date_of_birth: Option<String>,
    /// `male`, `female`, `other` or `unknown`
    sex: String,
    /// Telephone
    #[oai(nullable)]
    phone: Option<String>,
    /// What is the same: `phone`, `email`, or `date_of_birth_and_name`
    reason: String,
}

impl From<&Candidate> for DuplicateCandidate {
    fn from(candidate: &Candidate) -> Self {
        let who = &candidate.who;
        let reason = match candidate.reason {
            DuplicateReason::Phone => "phone",
            DuplicateReason::Email => "email",
            DuplicateReason::BirthAndName => "date_of_birth_and_name",
        };
        Self {
            patient_id: candidate.record.patient_id.to_string(),
            name: who.names.full(),
            date_of_birth: text(who.birth.date()),
            sex: who.sex.name().to_owned(),
            phone: text(who.phone.as_ref()),
            reason: reason.to_owned(),
        }
    }
}

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

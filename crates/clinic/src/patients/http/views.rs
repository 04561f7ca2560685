//! What answers show of a patient.

use poem_openapi::{Object, types::MaybeUndefined};
use web::Time;

use crate::{
    app::App,
    http::Pagination,
    patients::{
        birth::local_date,
        duplicates::DuplicateReason,
        search::MatchKind,
        use_cases::{duplicates::Candidate, read::Seen, search::Found},
        values::Lasting,
        who::Who,
    },
};
use kernel::clock::Timestamp;

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
    pub(super) patient_id: String,
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

pub(super) fn or_null<T, V>(value: Option<T>, view: impl FnOnce(T) -> V) -> MaybeUndefined<V> {
    value.map_or(MaybeUndefined::Null, |it| MaybeUndefined::Value(view(it)))
}

pub(super) fn text(value: Option<&impl ToString>) -> Option<String> {
    value.map(ToString::to_string)
}

/// The age at the clinic's local date (PAT-15).
fn age(app: &App, who: &Who, now: Timestamp) -> Option<u16> {
    let today = local_date(&app.zone, now)?;
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

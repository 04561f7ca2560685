//! Who may see which part of a patient's record: one pure decision (ACC-1).
//!
//! [`decide`] answers for one patient, [`decide_list`] for a list. Only they make an [`Allowed`] and a [`ListScope`], and
//! the store asks for one of these, so that no query runs without a decision (ACC-10).

mod table;
#[cfg(test)]
mod tests;

use kernel::{clock::Timestamp, ids::UserId, role::Role};

use self::table::{Reach, reach};
use crate::patients::care::Care;

/// The id of the one clinic (E12).
pub const CLINIC: &str = "CLN00000001";

/// Who is asking.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The account.
    pub user_id: UserId,
    /// Its role, from the database.
    pub role: Role,
    /// Whether a doctor is approved now; `false` for a suspended or expired approval, and without meaning for the other
    /// roles (ACC-11).
    pub approved: bool,
}

/// What the decision knows about a patient.
#[derive(Debug, Clone)]
pub struct PatientFacts {
    /// The patient's id.
    pub patient_id: UserId,
    /// The relationship of the calling doctor to this patient, ended or not.
    pub care: Option<Care>,
}

/// A part of what is known about a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// Names, birth, contact, address.
    Who,
    /// Symptoms, history, and consultations without their notes.
    Clinical,
    /// Reports that are not signed, and the notes of consultations.
    Drafts,
    /// Signed reports. To write one is to amend it.
    SignedReports,
    /// Reports that the calling doctor signed himself. They stay readable after the care ended.
    OwnSignedReports,
    /// Appointments without the desk's notes.
    Appointments,
    /// The desk's notes on an appointment.
    AppointmentNotes,
    /// Which doctors treat the patient.
    CareTeam,
    /// Who looked at the record.
    AccessLog,
    /// Ids, times, states and counts of consultations and reports, without any text.
    Metadata,
}

/// What the caller wants to do with a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// See it.
    Read,
    /// Create, change or end it.
    Write,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 10] = [
        Self::Who,
        Self::Clinical,
        Self::Drafts,
        Self::SignedReports,
        Self::OwnSignedReports,
        Self::Appointments,
        Self::AppointmentNotes,
        Self::CareTeam,
        Self::AccessLog,
        Self::Metadata,
    ];

    /// Its name in the audit trail.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Who => "who",
            Self::Clinical => "clinical",
            Self::Drafts => "drafts",
            Self::SignedReports => "signed_reports",
            Self::OwnSignedReports => "own_signed_reports",
            Self::Appointments => "appointments",
            Self::AppointmentNotes => "appointment_notes",
            Self::CareTeam => "care_team",
            Self::AccessLog => "access_log",
            Self::Metadata => "metadata",
        }
    }
}

/// Why a caller may see a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Basis {
    /// The caller is the patient.
    Own,
    /// The caller is a doctor with a care relationship.
    Care,
    /// The caller works for the clinic as a whole: the desk or the administration.
    Desk,
}

impl Basis {
    /// Its name in answers and in the audit trail.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Own => "self",
            Self::Care => "care",
            Self::Desk => "desk",
        }
    }
}

/// Why a caller is refused. The names are those of the error codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// 404 `RECORD_NOT_FOUND`: there is no such patient for this caller. A patient who does not exist and one of another
    /// doctor are the same (ACC-3).
    NotFound,
    /// 403 `CREDENTIAL_REQUIRED`: the doctor is not approved (ACC-11).
    CredentialRequired,
    /// 403 `ACCESS_DENIED`: the caller's role never reaches this part of any patient.
    AccessDenied,
}

/// A permission to read or write one part of one patient's record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    patient_id: UserId,
    part: Part,
    action: Action,
    basis: Basis,
}

impl Allowed {
    /// The patient.
    pub const fn patient_id(&self) -> &UserId {
        &self.patient_id
    }

    /// The part.
    pub const fn part(&self) -> Part {
        self.part
    }

    /// What the caller may do with it.
    pub const fn action(&self) -> Action {
        self.action
    }

    /// Why; for the audit trail and the answer.
    pub const fn basis(&self) -> Basis {
        self.basis
    }

    /// The rows that the caller may reach, for the store.
    pub fn scope(&self) -> PatientScope {
        PatientScope {
            patient_id: self.patient_id.clone(),
        }
    }
}

/// The rows of one patient in one clinic. Only [`Allowed::scope`] makes it (ACC-10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientScope {
    patient_id: UserId,
}

impl PatientScope {
    /// The clinic.
    pub const fn clinic_id(&self) -> &'static str {
        CLINIC
    }

    /// The patient.
    pub const fn patient_id(&self) -> &UserId {
        &self.patient_id
    }
}

/// The rows of a list that a caller may see. Only [`decide_list`] makes it (ACC-10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListScope {
    whose: Whose,
}

/// Whose rows a list shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// Those of the calling patient.
    Patient(UserId),
    /// Those of the calling doctor.
    Doctor(UserId),
    /// Those of the clinic.
    Clinic,
}

impl ListScope {
    /// The clinic.
    pub const fn clinic_id(&self) -> &'static str {
        CLINIC
    }

    /// Whose rows the list shows.
    pub const fn whose(&self) -> &Whose {
        &self.whose
    }

    /// Why; for the audit trail.
    pub const fn basis(&self) -> Basis {
        match self.whose {
            Whose::Patient(_) => Basis::Own,
            Whose::Doctor(_) => Basis::Care,
            Whose::Clinic => Basis::Desk,
        }
    }
}

/// Decides whether `caller` may do `action` with `part` of a patient's record at `now`.
///
/// `patient` is `None` if there is no such patient. `keep_own_reports` is the setting `care.keep_own_reports`.
///
/// # Errors
/// The refusal. `AccessDenied` and `CredentialRequired` depend on the caller alone, so that they tell nothing about the
/// patient (ACC-3).
pub fn decide(
    caller: &Caller,
    patient: Option<&PatientFacts>,
    part: Part,
    action: Action,
    keep_own_reports: bool,
    now: Timestamp,
) -> Result<Allowed, Refusal> {
    let reach = reach_of(caller, part, action)?;
    let patient = patient.ok_or(Refusal::NotFound)?;
    let is_live = || patient.care.as_ref().is_some_and(|care| care.is_live(now));
    let basis = match reach {
        Reach::Own => (patient.patient_id == caller.user_id).then_some(Basis::Own),
        Reach::Care => is_live().then_some(Basis::Care),
        Reach::CareOnce => {
            let kept = keep_own_reports && patient.care.is_some();
            (kept || is_live()).then_some(Basis::Care)
        }
        Reach::Clinic => Some(Basis::Desk),
        Reach::Hidden | Reach::Never => None,
    };
    Ok(Allowed {
        patient_id: patient.patient_id.clone(),
        part,
        action,
        basis: basis.ok_or(Refusal::NotFound)?,
    })
}

/// Decides whose rows a list of `part` shows to `caller`. The rows of a doctor's list are those of patients with a live
/// care relationship; the store of the list checks each with [`Care::is_live`].
///
/// # Errors
/// `AccessDenied` or `CredentialRequired`.
pub fn decide_list(caller: &Caller, part: Part) -> Result<ListScope, Refusal> {
    let whose = match reach_of(caller, part, Action::Read)? {
        Reach::Own => Whose::Patient(caller.user_id.clone()),
        Reach::Care | Reach::CareOnce => Whose::Doctor(caller.user_id.clone()),
        Reach::Clinic => Whose::Clinic,
        Reach::Hidden | Reach::Never => return Err(Refusal::AccessDenied),
    };
    Ok(ListScope { whose })
}

/// What the caller alone decides: the row of the table, and the approval of a doctor.
fn reach_of(caller: &Caller, part: Part, action: Action) -> Result<Reach, Refusal> {
    let reach = reach(caller.role, part, action);
    if reach == Reach::Never {
        return Err(Refusal::AccessDenied);
    }
    if caller.role == Role::Doctor && !caller.approved {
        return Err(Refusal::CredentialRequired);
    }
    Ok(reach)
}

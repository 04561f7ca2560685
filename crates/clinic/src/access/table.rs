//! The table of roles, parts and actions: how far a role reaches at all.

use kernel::role::Role;

use super::{Action, Part};

/// How far a role reaches for a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// The caller's own record.
    Own,
    /// The patients whom the calling doctor treats.
    Care,
    /// The patients whom the calling doctor treats or treated.
    CareOnce,
    /// Every patient of the clinic.
    Clinic,
    /// No patient, and the answer must not tell that the part exists.
    Hidden,
    /// No patient; the role has no such permission.
    Never,
}

/// The row of the table.
pub(super) const fn reach(role: Role, part: Part, action: Action) -> Reach {
    match action {
        Action::Read => read(role, part),
        Action::Write => write(role, part),
    }
}

const fn read(role: Role, part: Part) -> Reach {
    match (role, part) {
        // A draft that the patient may not see yet is answered like one that does not exist (ACC-5).
        (Role::Patient, Part::Drafts) => Reach::Hidden,
        (
            Role::Patient,
            Part::Who
            | Part::Clinical
            | Part::SignedReports
            | Part::Appointments
            | Part::CareTeam
            | Part::AccessLog
            | Part::Metadata,
        ) => Reach::Own,
        (Role::Doctor, Part::OwnSignedReports) => Reach::CareOnce,
        (
            Role::Doctor,
            Part::Who
            | Part::Clinical
            | Part::Drafts
            | Part::SignedReports
            | Part::Appointments
            | Part::AppointmentNotes
            | Part::CareTeam
            | Part::Metadata,
        ) => Reach::Care,
        // ACC-4
        (
            Role::Staff,
            Part::Who | Part::Appointments | Part::AppointmentNotes | Part::CareTeam,
        )
        // ACC-6
        | (
            Role::Admin,
            Part::Who | Part::Appointments | Part::CareTeam | Part::AccessLog | Part::Metadata,
        ) => Reach::Clinic,
        _ => Reach::Never,
    }
}

const fn write(role: Role, part: Part) -> Reach {
    match (role, part) {
        // The account's names and contact are changed by its owner elsewhere (E13).
        (Role::Patient, Part::Appointments) => Reach::Own,
        (
            Role::Doctor,
            Part::Who
            | Part::Clinical
            | Part::Drafts
            | Part::SignedReports
            | Part::Appointments
            | Part::AppointmentNotes
            | Part::CareTeam,
        ) => Reach::Care,
        (Role::Staff, Part::Who | Part::Appointments | Part::AppointmentNotes | Part::CareTeam)
        | (Role::Admin, Part::Appointments | Part::CareTeam) => Reach::Clinic,
        _ => Reach::Never,
    }
}

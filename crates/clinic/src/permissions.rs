//! What operations on the clinic's records ask for, and which roles have it. Whether a caller may see one patient's
//! record is decided by `access`.

use kernel::role::{Needs, Permission};

kernel::permissions! {
    /// A patient's own record.
    PatientsSelf = "patients:self" for [Patient];
    /// A patient's own appointments.
    AppointmentsSelf = "appointments:self" for [Patient];
    /// The list of those who looked at one's own record.
    AccessLogSelf = "access-log:self" for [Patient];
    /// Read who patients are.
    PatientsRead = "patients:read" for [Doctor, Staff, Admin];
    /// Make and change patients.
    PatientsWrite = "patients:write" for [Doctor, Staff];
    /// Read the clinical parts of records.
    ClinicalRead = "clinical:read" for [Patient, Doctor];
    /// Write the clinical parts of records.
    ClinicalWrite = "clinical:write" for [Doctor];
    /// Read reports, or what is known of them without their text.
    ReportsList = "reports:list" for [Patient, Doctor, Admin];
    /// Read the numbers of reports.
    ReportsStats = "reports:stats" for [Patient, Doctor, Admin];
    /// Sign reports.
    ReportsSign = "reports:sign" for [Doctor];
    /// Read appointments.
    AppointmentsRead = "appointments:read" for [Patient, Doctor, Staff, Admin];
    /// Make and change appointments.
    AppointmentsWrite = "appointments:write" for [Patient, Doctor, Staff];
    /// Change schedules.
    SchedulesWrite = "schedules:write" for [Doctor, Staff, Admin];
    /// Change who treats whom.
    CareWrite = "care:write" for [Doctor, Staff];
}

/// Read one patient's record: a patient his own, others as `patients:read` says. `access` decides about the record.
#[derive(Debug)]
pub enum RecordRead {}

impl Needs for RecordRead {
    const PERMISSION: Permission = PatientsRead::PERMISSION;
    const OR: Option<Permission> = Some(PatientsSelf::PERMISSION);
}

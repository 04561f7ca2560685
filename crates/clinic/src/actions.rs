//! What the audit trail records of the clinic's records.

use platform::audit::record::Action;

platform::actions! {
    /// Data of patients was read.
    RECORD_READ = Action::new("record_read");
    /// Patients were searched; the detail says how, and never what for (AUDX-6).
    RECORD_SEARCH = Action::new("record_search");
    /// A record was made.
    RECORD_CREATE = Action::new("record_create");
    /// Patients were imported from a file; each new record is recorded as well.
    RECORD_IMPORT = Action::new("record_import");
    /// A record was changed.
    RECORD_CHANGE = Action::new("record_change");
    /// A report was printed or exported (REP-7).
    RECORD_EXPORT = Action::new("record_export");
    /// A read or a change of a record was refused (AUDX-5).
    RECORD_REFUSED = Action::new("record_refused");
    /// A patient was invited to have an account.
    RECORD_INVITE = Action::new("record_invite");
    /// Who treats a patient was changed.
    CARE_CHANGE = Action::new("care_change");
    /// A consultation was started, stopped, paused or changed.
    CONSULTATION = Action::new("consultation");
    /// A report was signed.
    REPORT_SIGN = Action::new("report_sign");
    /// An appointment was booked, moved or cancelled, or has another state.
    APPOINTMENT = Action::new("appointment");
    /// A schedule was changed.
    SCHEDULE_CHANGE = Action::new("schedule_change");
    /// A calendar feed was made or removed.
    CALENDAR_FEED = Action::new("calendar_feed");
    /// Data keys were wrapped with the current field key.
    KEYS_REWRAP = Action::new("keys_rewrap");
}

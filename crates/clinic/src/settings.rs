//! The settings of the clinic's records.

use crate::{appointments::status::Confirmation, patients::birth::LeapBirthday};
use kernel::settings::{names, section};
use platform::settings::Limit;

section! {
    /// `clinic`: the clinic's records.
    Clinic {
        /// Whether they are served; `null`: in development, and in production if `FIELD_ENCRYPTION_KEY` is set.
        enabled: Option<bool> = None,
        /// Answers of the clinic and of the login in the form of the older EMR.
        older_envelope: bool = false,
        /// The clinic's time zone (IANA); `null`: the machine's.
        time_zone: Option<String> = None,
        /// The calling code of telephone numbers that are written without one, such as `41`.
        default_calling_code: Option<String> = None,
        /// The digit before a number that is written without a calling code.
        trunk_prefix: String = "0".to_owned(),
        /// Whether a booking is confirmed at once, or by the desk.
        confirmation: Confirmation = Confirmation::Automatic,
        /// The day on which a person who was born on 29 February becomes older in other years.
        leap_birthday: LeapBirthday = LeapBirthday::March1,
    }
}

section! {
    /// `care`: who treats whom.
    Care {
        /// A confirmed appointment that the doctor has not booked himself lets him see the record until this many days
        /// after it; a cancelled one no longer.
        after_visit_days: u32 = 90,
        /// A doctor whose care has ended still reads the reports that he signed.
        keep_own_reports: bool = true,
    }
}

section! {
    /// `appointments`: booking.
    Appointments {
        /// How long a hold keeps a slot.
        hold_minutes: u32 = 5,
        /// Holds of one person at a time.
        max_holds: u32 = 3,
        /// Until this long before it, a patient may cancel or move an appointment.
        cancel_hours: u32 = 24,
        /// How long before an appointment its reminders are mailed.
        reminder_hours: Vec<u32> = vec![24],
        /// `GET /appointments` answers a bare array, as the older scheduler did.
        bare_list: bool = false,
        /// How far back a calendar feed goes.
        feed_days_back: u32 = 90,
        /// How far ahead a calendar feed goes.
        feed_days_ahead: u32 = 400,
    }
}

section! {
    /// `reports`: reports of consultations.
    Reports {
        /// A patient reads a report this long after its signature.
        release_hours: i64 = 0,
        /// With second factors: how fresh the proof of a signer must be.
        sign_fresh_minutes: i64 = 60,
        /// The largest content of a report, as JSON.
        max_bytes: usize = 65_536,
    }
}

section! {
    /// `records`: sealed records.
    Records {
        /// Data keys kept in memory at most.
        key_cache: u64 = 100_000,
    }
}

section! {
    /// The limits of the clinic, a part of `throttle`.
    Throttle {
        /// Searches for patients.
        patient_search_per_account: Limit = Limit { limit: 120, per_seconds: 60 },
        /// Reads of patients.
        patient_read_per_account: Limit = Limit { limit: 600, per_seconds: 60 },
        /// Bookings and holds.
        booking_per_account: Limit = Limit { limit: 30, per_seconds: 3600 },
        /// Reads of one calendar feed.
        feed_per_token: Limit = Limit { limit: 60, per_seconds: 3600 },
    }
}

names! {
    /// The names of the clinic's collections.
    Collections {
        patient_records = "patient_records",
        care_relations = "care_relations",
        consultations = "consultations",
        reports = "reports",
        report_versions = "report_versions",
        appointments = "appointments",
        schedules = "schedules",
        calendar_feeds = "calendar_feeds",
        idempotency_keys = "idempotency_keys",
        field_keys = "field_keys",
    }
}

names! {
    /// The names of the clinic's indexes.
    Indexes {
        patient_records_clinic_idx = "patient_records_clinic_idx",
        patient_records_tokens_idx = "patient_records_tokens_idx",
        patient_records_email_idx = "patient_records_email_idx",
        patient_records_phone_idx = "patient_records_phone_idx",
        patient_records_sound_idx = "patient_records_sound_idx",
        patient_records_created_for_idx = "patient_records_created_for_idx",
        care_relations_doctor_idx = "care_relations_doctor_idx",
        care_relations_patient_idx = "care_relations_patient_idx",
        care_relations_tokens_idx = "care_relations_tokens_idx",
        consultations_open_unique_idx = "consultations_open_unique_idx",
        consultations_patient_idx = "consultations_patient_idx",
        consultations_doctor_idx = "consultations_doctor_idx",
        reports_session_id_idx = "reports_session_id_idx",
        reports_created_at_idx = "reports_created_at_idx",
        reports_status_idx = "reports_status_idx",
        reports_patient_idx = "reports_patient_idx",
        reports_clinic_idx = "reports_clinic_idx",
        appointments_holds_unique_idx = "appointments_holds_unique_idx",
        appointments_doctor_idx = "appointments_doctor_idx",
        appointments_patient_idx = "appointments_patient_idx",
        appointments_clinic_idx = "appointments_clinic_idx",
        appointments_series_idx = "appointments_series_idx",
        appointments_expires_idx = "appointments_expires_idx",
        appointments_notify_idx = "appointments_notify_idx",
        calendar_feeds_user_idx = "calendar_feeds_user_idx",
        idempotency_keys_expires_idx = "idempotency_keys_expires_idx",
    }
}

/// What the clinic is told.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// `clinic`.
    pub clinic: Clinic,
    /// `care`.
    pub care: Care,
    /// `appointments`.
    pub appointments: Appointments,
    /// `reports`.
    pub reports: Reports,
    /// `records`.
    pub records: Records,
    /// The clinic's part of `throttle`.
    pub throttle: Throttle,
    /// The names of its collections.
    pub collections: Collections,
    /// The names of its indexes.
    pub indexes: Indexes,
    /// The address at which the service is reached, for links in mails and for the calendar feed.
    pub public_base_url: String,
}

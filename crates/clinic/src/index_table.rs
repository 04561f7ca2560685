//! The table of the clinic's indexes. A list is one text field, whose range and order are the list's (E5).

use store::indexes::Index;

use crate::settings::{Collections, Indexes};

/// Every index of the clinic.
pub fn table(c: &Collections, i: &Indexes) -> Vec<Index> {
    let plain = Index::plain;
    vec![
        plain(
            &c.patient_records,
            &i.patient_records_clinic_idx,
            "by_clinic",
        ),
        plain(&c.patient_records, &i.patient_records_tokens_idx, "tokens"),
        plain(
            &c.patient_records,
            &i.patient_records_email_idx,
            "email_bidx",
        ),
        plain(
            &c.patient_records,
            &i.patient_records_phone_idx,
            "phone_bidx",
        ),
        plain(&c.patient_records, &i.patient_records_sound_idx, "sound"),
        // The few records whose relationship does not stand yet.
        plain(
            &c.patient_records,
            &i.patient_records_created_for_idx,
            "created_for",
        ),
        plain(&c.care_relations, &i.care_relations_doctor_idx, "by_doctor"),
        plain(
            &c.care_relations,
            &i.care_relations_patient_idx,
            "patient_id",
        ),
        plain(&c.care_relations, &i.care_relations_tokens_idx, "tokens"),
        // Unique and sparse: one open consultation for a doctor and a patient (CON-2).
        Index::sparse(
            &c.consultations,
            &i.consultations_open_unique_idx,
            "open_key",
        ),
        plain(&c.consultations, &i.consultations_patient_idx, "by_patient"),
        plain(&c.consultations, &i.consultations_doctor_idx, "by_doctor"),
        plain(&c.reports, &i.reports_session_id_idx, "session_id"),
        plain(&c.reports, &i.reports_created_at_idx, "by_doctor"),
        plain(&c.reports, &i.reports_status_idx, "by_doctor_status"),
        plain(&c.reports, &i.reports_patient_idx, "by_patient"),
        plain(&c.reports, &i.reports_clinic_idx, "by_clinic"),
        // Unique and sparse: a cell of time has one holder (E6).
        Index::sparse(&c.appointments, &i.appointments_holds_unique_idx, "holds"),
        plain(&c.appointments, &i.appointments_doctor_idx, "by_doctor"),
        plain(&c.appointments, &i.appointments_patient_idx, "by_patient"),
        plain(&c.appointments, &i.appointments_clinic_idx, "by_clinic"),
        plain(&c.appointments, &i.appointments_series_idx, "series_id"),
        Index::ttl(&c.appointments, &i.appointments_expires_idx),
        // Sparse: only the few whose mail jobs are not written yet.
        Index::sparse(&c.appointments, &i.appointments_notify_idx, "to_notify"),
        plain(&c.calendar_feeds, &i.calendar_feeds_user_idx, "user_id"),
        Index::ttl(&c.idempotency_keys, &i.idempotency_keys_expires_idx),
    ]
}

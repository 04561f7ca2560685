//! The filters of the list of reports: read from a request, and the list whose key they use (REP-1).

use std::ops::Range;

use kernel::{
    clock::Timestamp,
    error::{FieldError, RuleViolation},
    ids::{UserId, is_id_shaped},
};

use super::{ReportType, status::ReportStatus};
use crate::{consultations::SessionType, list_keys::key_range, zone::Zone};

const ID_INVALID: RuleViolation = RuleViolation::new("id_invalid", "Must be a user id");
pub(super) const STATUS_INVALID: RuleViolation = RuleViolation::new(
    "status_invalid",
    "Must be pending, generating, completed, failed or signed",
);
pub(crate) const SESSION_TYPE_INVALID: RuleViolation = RuleViolation::new(
    "session_type_invalid",
    "Must be consultation, new_patient, followup or emergency",
);
pub(super) const REPORT_TYPE_INVALID: RuleViolation = RuleViolation::new(
    "report_type_invalid",
    "Must be consultation, new_patient, followup, emergency, referral or summary",
);
const RANGE_EMPTY: RuleViolation =
    RuleViolation::new("interval_empty", "Must be later than date_from");

/// The filters of a request, as they are typed.
#[derive(Debug, Clone, Copy, Default)]
pub struct TypedFilter<'a> {
    /// A user id.
    pub patient_id: Option<&'a str>,
    /// A user id; only administrators may ask for another doctor than themselves.
    pub doctor_id: Option<&'a str>,
    /// A state.
    pub status: Option<&'a str>,
    /// A kind of consultation.
    pub session_type: Option<&'a str>,
    /// A kind of report.
    pub report_type: Option<&'a str>,
    /// A time, or a local day of the clinic.
    pub date_from: Option<&'a str>,
    /// A time, which is not part of the range, or a local day of the clinic, which is.
    pub date_to: Option<&'a str>,
}

/// Which reports are asked for: those that fit all filters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReportFilter {
    /// Of this patient.
    pub patient_id: Option<UserId>,
    /// Of this doctor.
    pub doctor_id: Option<UserId>,
    /// In this state.
    pub status: Option<ReportStatus>,
    /// Of a consultation of this kind.
    pub session_type: Option<SessionType>,
    /// Of this kind.
    pub report_type: Option<ReportType>,
    /// Created at this time or later.
    pub from: Option<Timestamp>,
    /// Created before this time.
    pub to: Option<Timestamp>,
}

/// The list that answers a filter best: the field of its key, and the keys of its rows. The other filters are
/// equalities beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportList {
    /// `by_patient`, `by_doctor_status`, `by_doctor` or `by_clinic`.
    pub field: &'static str,
    /// The keys of `[from, to)`.
    pub keys: Range<String>,
}

impl ReportFilter {
    /// Reads the filters. Days are those of the clinic's zone.
    ///
    /// # Errors
    /// All violations, each at its field.
    pub fn parse(typed: TypedFilter<'_>, zone: &Zone) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let filter = Self {
            patient_id: read("patient_id", typed.patient_id, user_id, &mut errors),
            doctor_id: read("doctor_id", typed.doctor_id, user_id, &mut errors),
            status: read("status", typed.status, status, &mut errors),
            session_type: read(
                "session_type",
                typed.session_type,
                session_type,
                &mut errors,
            ),
            report_type: read("report_type", typed.report_type, report_type, &mut errors),
            from: read(
                "date_from",
                typed.date_from,
                |text| zone.read_from(text),
                &mut errors,
            ),
            to: read(
                "date_to",
                typed.date_to,
                |text| zone.read_to(text),
                &mut errors,
            ),
        };
        if let (Some(from), Some(to)) = (filter.from, filter.to)
            && to <= from
        {
            errors.push(RANGE_EMPTY.at("date_to"));
        }
        if errors.is_empty() {
            Ok(filter)
        } else {
            Err(errors)
        }
    }

    /// The list that has all rows of this filter and as few others as can be.
    pub fn list(&self, clinic_id: &str) -> ReportList {
        let (field, scope) = match (&self.patient_id, &self.doctor_id, self.status) {
            (Some(patient), _, _) => ("by_patient", vec![clinic_id, patient.as_str()]),
            (None, Some(doctor), Some(status)) => (
                "by_doctor_status",
                vec![clinic_id, doctor.as_str(), status.name()],
            ),
            (None, Some(doctor), None) => ("by_doctor", vec![clinic_id, doctor.as_str()]),
            (None, None, _) => ("by_clinic", vec![clinic_id]),
        };
        let keys = key_range(&scope, self.from, self.to);
        ReportList { field, keys }
    }
}

/// The value of a filter; `None` if it is absent, or after noting its violation.
fn read<T>(
    field: &'static str,
    typed: Option<&str>,
    parse: impl FnOnce(&str) -> Result<T, RuleViolation>,
    errors: &mut Vec<FieldError>,
) -> Option<T> {
    match parse(typed?) {
        Ok(value) => Some(value),
        Err(violation) => {
            errors.push(violation.at(field));
            None
        }
    }
}

fn user_id(typed: &str) -> Result<UserId, RuleViolation> {
    let fits = typed.len() <= 64 && is_id_shaped(typed);
    fits.then(|| UserId::from_stored(typed.to_ascii_uppercase()))
        .ok_or(ID_INVALID)
}

fn status(typed: &str) -> Result<ReportStatus, RuleViolation> {
    ReportStatus::parse(typed).ok_or(STATUS_INVALID)
}

fn session_type(typed: &str) -> Result<SessionType, RuleViolation> {
    SessionType::parse(typed).ok_or(SESSION_TYPE_INVALID)
}

fn report_type(typed: &str) -> Result<ReportType, RuleViolation> {
    ReportType::parse(typed).ok_or(REPORT_TYPE_INVALID)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::reports::{ReportId, ReportKeys};

    const WHOLE: TypedFilter<'_> = TypedFilter {
        patient_id: Some("pat1"),
        doctor_id: Some("DOC1"),
        status: Some("signed"),
        session_type: Some("followup"),
        report_type: Some("summary"),
        date_from: Some("2026-03-29"),
        date_to: Some("2026-03-29"),
    };

    fn at(text: &str) -> Timestamp {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    fn parse(typed: TypedFilter<'_>) -> Result<ReportFilter, Vec<FieldError>> {
        ReportFilter::parse(typed, &Zone::parse("Europe/Zurich").unwrap())
    }

    #[test]
    fn filters_combine_and_a_date_is_the_clinics_day() {
        let expected = ReportFilter {
            patient_id: Some(UserId::from_stored("PAT1")),
            doctor_id: Some(UserId::from_stored("DOC1")),
            status: Some(ReportStatus::Signed),
            session_type: Some(SessionType::Followup),
            report_type: Some(ReportType::Summary),
            from: Some(at("2026-03-28T23:00:00Z")),
            to: Some(at("2026-03-29T22:00:00Z")),
        };
        assert_eq!(parse(WHOLE), Ok(expected));
        assert_eq!(parse(TypedFilter::default()), Ok(ReportFilter::default()));
    }

    #[test]
    fn each_bad_value_is_told_with_its_field() {
        let bad = TypedFilter {
            patient_id: Some("me"),
            doctor_id: Some(""),
            status: Some("Signed"),
            session_type: Some("new patient"),
            report_type: Some(""),
            date_from: Some("2027-02-29"),
            date_to: Some("tomorrow"),
        };
        let errors = parse(bad).unwrap_err();
        let fields: Vec<&str> = errors.iter().map(|error| error.field.as_ref()).collect();
        assert_eq!(
            fields,
            [
                "patient_id",
                "doctor_id",
                "status",
                "session_type",
                "report_type",
                "date_from",
                "date_to"
            ]
        );
    }

    #[test]
    fn an_empty_range_is_refused() {
        for (from, to, fits) in [
            ("2026-03-29", "2026-03-28", false),
            ("2026-03-29T10:00:00Z", "2026-03-29T10:00:00Z", false),
            ("2026-03-29T10:00:00Z", "2026-03-29T10:00:00.001Z", true),
        ] {
            let typed = TypedFilter {
                date_from: Some(from),
                date_to: Some(to),
                ..TypedFilter::default()
            };
            assert_eq!(parse(typed).is_ok(), fits, "{from} {to}");
        }
    }

    #[test]
    fn each_filter_reads_the_list_whose_key_a_row_has() {
        let created = at("2026-03-29T10:00:00Z");
        let (doctor, patient) = (UserId::from_stored("DOC1"), UserId::from_stored("PAT1"));
        let id = ReportId::from_stored("REP1");
        let keys = ReportKeys::new(
            "CLN1",
            &doctor,
            &patient,
            ReportStatus::Signed,
            created,
            &id,
        );
        let without = |patient: bool, doctor: bool, status: bool| TypedFilter {
            patient_id: WHOLE.patient_id.filter(|_| !patient),
            doctor_id: WHOLE.doctor_id.filter(|_| !doctor),
            status: WHOLE.status.filter(|_| !status),
            ..WHOLE
        };
        for (typed, field, key) in [
            (WHOLE, "by_patient", &keys.by_patient),
            (
                without(true, false, false),
                "by_doctor_status",
                &keys.by_doctor_status,
            ),
            (without(true, false, true), "by_doctor", &keys.by_doctor),
            (without(true, true, false), "by_clinic", &keys.by_clinic),
            (without(true, true, true), "by_clinic", &keys.by_clinic),
        ] {
            let list = parse(typed).unwrap().list("CLN1");
            assert_eq!(list.field, field);
            assert!(list.keys.contains(key), "{key}");
            let later = TypedFilter {
                date_from: Some("2026-03-30"),
                date_to: None,
                ..typed
            };
            assert!(
                !parse(later).unwrap().list("CLN1").keys.contains(key),
                "{key}"
            );
        }
    }
}

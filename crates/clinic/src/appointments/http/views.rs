//! Appointments as answers show them.

use std::borrow::Cow;

use poem_openapi::{
    Object,
    registry::{MetaSchemaRef, Registry},
    types::{MaybeUndefined, ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::Value;
use web::Time;

use crate::{
    appointments::{Details, use_cases::Seen},
    http::Pagination,
};

/// An appointment
#[derive(Debug, Clone, Object)]
pub(super) struct AppointmentView {
    /// The appointment
    appointment_id: String,
    /// The same
    id: String,
    /// The patient
    user_id: String,
    /// The patient's name
    patient_name: String,
    /// The doctor; null until the desk has found one
    #[oai(nullable)]
    doctor_id: Option<String>,
    /// The doctor's name
    #[oai(nullable)]
    doctor_name: Option<String>,
    /// The clinic
    clinic_id: String,
    /// The title; null for administrators
    #[oai(nullable)]
    title: Option<String>,
    /// The description
    #[oai(nullable)]
    description: Option<String>,
    /// `consultation`, `new_patient`, `followup` or `emergency`
    #[oai(rename = "type")]
    kind: String,
    /// `pending`, `confirmed`, `arrived`, `completed`, `cancelled` or `no_show`
    status: String,
    /// When it begins
    start_time: Time,
    /// When it ends
    end_time: Time,
    /// The zone of the place of the visit
    time_zone: String,
    /// What the clocks show there when it begins
    local_start: String,
    /// What the clocks show there when it ends
    local_end: String,
    /// The desk's notes; absent for patients, null for administrators
    #[oai(nullable, skip_serializing_if = "MaybeUndefined::is_undefined")]
    notes: MaybeUndefined<String>,
    /// The series that it belongs to
    #[oai(nullable)]
    series_id: Option<String>,
    /// Whether it stands beside another one on purpose
    overbooked: bool,
    /// Grows with each change
    version: i64,
    /// When it was booked
    created_at: Time,
    /// When it was last changed
    updated_at: Time,
    /// When it was cancelled
    #[oai(nullable)]
    cancelled_at: Option<Time>,
    /// Why it was cancelled
    #[oai(nullable)]
    cancel_reason: Option<String>,
    /// Whether it was cancelled after the patients' time for it
    late_cancel: bool,
}

/// A text that says something. An empty one may have been stored before a change with one cleared it.
fn given(text: Option<Details>) -> Option<String> {
    text.map(String::from).filter(|text| !text.is_empty())
}

impl From<Seen> for AppointmentView {
    fn from(seen: Seen) -> Self {
        let Seen {
            appointment,
            text,
            shows_notes,
            patient_name,
            doctor_name,
        } = seen;
        let id = appointment.id.to_string();
        let (title, description, notes, cancel_reason) = match text {
            Some(text) => (
                Some(text.title.into()),
                given(text.description),
                given(text.notes),
                text.cancel_reason.map(Into::into),
            ),
            None => (None, None, None, None),
        };
        let notes = match notes {
            _ if !shows_notes => MaybeUndefined::Undefined,
            Some(notes) => MaybeUndefined::Value(notes),
            None => MaybeUndefined::Null,
        };
        Self {
            appointment_id: id.clone(),
            id,
            user_id: appointment.patient_id.into(),
            patient_name,
            doctor_id: appointment.doctor_id.map(Into::into),
            doctor_name,
            clinic_id: appointment.clinic_id,
            title,
            description,
            kind: appointment.kind.name().to_owned(),
            status: appointment.status.name().to_owned(),
            start_time: Time(appointment.start),
            end_time: Time(appointment.end),
            time_zone: appointment.zone.name().to_owned(),
            local_start: appointment.zone.local_text(appointment.start),
            local_end: appointment.zone.local_text(appointment.end),
            notes,
            series_id: appointment.series_id,
            overbooked: appointment.overbooked,
            version: appointment.version,
            created_at: Time(appointment.created_at),
            updated_at: Time(appointment.updated_at),
            cancelled_at: appointment.cancelled_at.map(Time),
            cancel_reason,
            late_cancel: appointment.late_cancel,
        }
    }
}

/// An appointment
#[derive(Debug, Object)]
pub(super) struct AppointmentResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// The appointment
    #[oai(flatten)]
    appointment: AppointmentView,
}

impl AppointmentResponse {
    pub(super) fn new(message: &str, seen: Seen) -> Self {
        Self {
            success: true,
            message: message.to_owned(),
            appointment: seen.into(),
        }
    }
}

/// A page of appointments
#[derive(Debug, Object)]
pub(super) struct AppointmentsResponse {
    /// Always true
    pub(super) success: bool,
    /// A sentence for people
    pub(super) message: String,
    /// By start
    pub(super) appointments: Vec<AppointmentView>,
    /// Where the page stands
    pub(super) pagination: Pagination,
}

/// A page of appointments, or its rows alone for the clients of the older scheduler (E2). The document shows the page.
#[derive(Debug)]
pub(super) struct ListAnswer {
    pub(super) page: AppointmentsResponse,
    pub(super) is_bare: bool,
}

impl Type for ListAnswer {
    const IS_REQUIRED: bool = true;

    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        AppointmentsResponse::name()
    }

    fn schema_ref() -> MetaSchemaRef {
        AppointmentsResponse::schema_ref()
    }

    fn register(registry: &mut Registry) {
        AppointmentsResponse::register(registry);
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ToJSON for ListAnswer {
    fn to_json(&self) -> Option<Value> {
        if self.is_bare {
            self.page.appointments.to_json()
        } else {
            self.page.to_json()
        }
    }
}

impl ParseFromJSON for ListAnswer {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let page = AppointmentsResponse::parse_from_json(value).map_err(ParseError::propagate)?;
        Ok(Self {
            page,
            is_bare: false,
        })
    }
}

//! `/doctors`: doctors, their schedules and exceptions.

use std::sync::Arc;

use kernel::{
    clock::{Timestamp, rfc3339},
    error::{Error, RuleViolation},
    ids::UserId,
};
use poem_openapi::{
    ApiResponse, Object, OpenApi,
    param::{Path, Query},
    payload::Json,
};
use web::{
    Body, Problem, RequestBody, RequestOrigin, Time, ValidationErrors, caller::Caller,
    problem::error_set, text::Text,
};

use crate::{
    app::App,
    appointments::{
        documents::ScheduleRow,
        exceptions::{Exception, ExceptionKind},
        schedule::{Schedule, TypedHours, TypedSchedule},
        use_cases::schedules::{self, Covered, Written},
    },
    errors,
    http::{Listing, Pagination, Tag},
    permissions::{AppointmentsRead, SchedulesWrite},
    zone::Zone,
};

/// The operations.
#[derive(Debug, Clone)]
pub struct SchedulesApi(pub Arc<App>);

error_set!(
    /// Listing.
    ListErrors = [] + BEARER
);
error_set!(
    /// Reading.
    ReadErrors = [RECORD_NOT_FOUND] + ID + BEARER
);
error_set!(
    /// Replacing a schedule.
    ReplaceErrors = [RECORD_NOT_FOUND, VERSION_CONFLICT] + BODY + ID + BEARER
);
error_set!(
    /// Adding an exception.
    AddErrors = [RECORD_NOT_FOUND] + BODY + ID + BEARER
);

const KIND_UNKNOWN: RuleViolation = RuleViolation::new("choice_unknown", "Must be off or extra");

const fn default_limit() -> u32 {
    20
}

#[OpenApi(tag = "Tag::Appointments")]
impl SchedulesApi {
    /// Doctors
    #[oai(path = "/doctors", method = "get", operation_id = "list_doctors")]
    async fn doctors(
        &self,
        _caller: Caller<AppointmentsRead>,
        /// A part of the name
        q: Query<Option<String>>,
        /// A part of the specialization
        specialization: Query<Option<String>>,
        /// Rows of a page
        #[oai(default = "default_limit")]
        limit: Query<u32>,
        /// Rows before the page
        offset: Query<Option<u32>>,
        /// The `next_cursor` of the page before
        cursor: Query<Option<String>>,
    ) -> Result<Json<DoctorsResponse>, Problem<ListErrors>> {
        let mut errors = ValidationErrors::new();
        let listing = Listing::read(&mut errors, limit.0, offset.0, cursor.0.as_deref());
        let listing = errors.finish(listing)?;
        let asked = (q.0.as_deref(), specialization.0.as_deref());
        let page = schedules::doctors(&self.0, asked, &listing).await?;
        let pagination = Pagination::new(&listing, page.total, page.next.as_deref());
        let doctor = |(doctor, accepts_bookings): (crate::people::Doctor, bool)| DoctorView {
            doctor_id: doctor.doctor_id.into(),
            name: doctor.name,
            specialization: doctor.specialization,
            accepts_bookings,
        };
        Ok(Json(DoctorsResponse {
            success: true,
            message: "Doctors".to_owned(),
            doctors: page.rows.into_iter().map(doctor).collect(),
            pagination,
        }))
    }

    /// The week of a doctor
    #[oai(
        path = "/doctors/:doctor_id/schedule",
        method = "get",
        operation_id = "get_schedule"
    )]
    async fn schedule(
        &self,
        _caller: Caller<AppointmentsRead>,
        /// The doctor
        doctor_id: Path<String>,
    ) -> Result<Json<ScheduleResponse>, Problem<ReadErrors>> {
        let row = schedules::read(&self.0, &UserId::from_stored(doctor_id.0)).await?;
        Ok(Json(ScheduleResponse::new("Schedule", &row)))
    }

    /// Replace the week of a doctor
    ///
    /// Appointments that stand already do not move.
    #[oai(
        path = "/doctors/:doctor_id/schedule",
        method = "put",
        operation_id = "replace_schedule"
    )]
    async fn replace(
        &self,
        caller: Caller<SchedulesWrite>,
        origin: RequestOrigin<'_>,
        /// The doctor
        doctor_id: Path<String>,
        body: Body<ScheduleRequest>,
    ) -> Result<Json<ScheduleResponse>, Problem<ReplaceErrors>> {
        let schedule = body.read_as(|fields, errors| fields.command(errors, &self.0.zone))?;
        let doctor = UserId::from_stored(doctor_id.0);
        let row = schedules::replace(&self.0, &origin, &caller, (&doctor, schedule)).await?;
        Ok(Json(ScheduleResponse::new("Schedule changed", &row)))
    }

    /// The exceptions of a doctor's week
    #[oai(
        path = "/doctors/:doctor_id/exceptions",
        method = "get",
        operation_id = "get_exceptions"
    )]
    async fn exceptions(
        &self,
        caller: Caller<SchedulesWrite>,
        /// The doctor
        doctor_id: Path<String>,
    ) -> Result<Json<ExceptionsResponse>, Problem<ReadErrors>> {
        let doctor = UserId::from_stored(doctor_id.0);
        schedules::allow(&self.0, &caller, &doctor).await?;
        let row = schedules::read(&self.0, &doctor).await?;
        Ok(Json(ExceptionsResponse::new("Exceptions", &row)))
    }

    /// Add an exception: time off, or extra hours
    ///
    /// Time off that covers live appointments is refused and lists them, unless `keep` is true.
    #[oai(
        path = "/doctors/:doctor_id/exceptions",
        method = "post",
        operation_id = "add_exception"
    )]
    async fn add(
        &self,
        caller: Caller<SchedulesWrite>,
        origin: RequestOrigin<'_>,
        /// The doctor
        doctor_id: Path<String>,
        body: Body<ExceptionRequest>,
    ) -> Result<ExceptionAnswer, Problem<AddErrors>> {
        let now = origin.now;
        let (exception, keep) =
            body.read_as(|fields, errors| fields.command(errors, &self.0.zone, now))?;
        let doctor = UserId::from_stored(doctor_id.0);
        let added = (&doctor, exception, keep);
        let written = schedules::add_exception(&self.0, &origin, &caller, added).await?;
        Ok(match written {
            Written::Done(row) => {
                ExceptionAnswer::Done(Json(ExceptionsResponse::new("Exception added", &row)))
            }
            Written::Covers(covered) => {
                let id = origin.request_id.clone();
                ExceptionAnswer::Covers(Json(CoversResponse::new(covered, id, now)))
            }
        })
    }

    /// Remove an exception
    #[oai(
        path = "/doctors/:doctor_id/exceptions",
        method = "delete",
        operation_id = "remove_exception"
    )]
    async fn remove(
        &self,
        caller: Caller<SchedulesWrite>,
        origin: RequestOrigin<'_>,
        /// The doctor
        doctor_id: Path<String>,
        /// Its begin
        from: Query<String>,
        /// Its end
        to: Query<String>,
        /// `off` or `extra`
        kind: Query<String>,
    ) -> Result<Json<ExceptionsResponse>, Problem<ReadErrors>> {
        let exception = read_exception(&self.0.zone, &from.0, &to.0, &kind.0)?;
        let doctor = UserId::from_stored(doctor_id.0);
        let removed = (&doctor, exception);
        let row = schedules::remove_exception(&self.0, &origin, &caller, removed).await?;
        Ok(Json(ExceptionsResponse::new("Exception removed", &row)))
    }
}

fn read_exception(zone: &Zone, from: &str, to: &str, kind: &str) -> Result<Exception, Error> {
    let mut errors = ValidationErrors::new();
    let from = errors.take(
        zone.read_from(from)
            .map_err(|violation| violation.at("from")),
    );
    let to = errors.take(zone.read_to(to).map_err(|violation| violation.at("to")));
    let kind = ExceptionKind::parse(kind).ok_or_else(|| KIND_UNKNOWN.at("kind"));
    let kind = errors.take(kind);
    let times = from.zip(to).zip(kind);
    errors.finish(times.map(|((from, to), kind)| Exception { from, to, kind }))
}

/// A page of doctors
#[derive(Debug, Object)]
struct DoctorsResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// In the order of their ids
    doctors: Vec<DoctorView>,
    /// Where the page stands
    pagination: Pagination,
}

/// A doctor
#[derive(Debug, Object)]
struct DoctorView {
    /// The doctor
    doctor_id: String,
    /// The full name
    name: String,
    /// What the doctor is specialized in
    #[oai(nullable)]
    specialization: Option<String>,
    /// Whether there is a schedule
    accepts_bookings: bool,
}

/// Hours of one day
#[derive(Debug, Clone, Object)]
struct HoursView {
    /// `monday` to `sunday`
    day: String,
    /// `HH:MM` in steps of five minutes
    from: String,
    /// The same, up to `24:00`
    to: String,
}

/// The week of a doctor
#[derive(Debug, Object)]
struct ScheduleRequest {
    /// IANA; the clinic's if absent
    time_zone: Option<String>,
    /// The hours, without overlaps
    weekly: Vec<HoursView>,
    /// The length of a slot; 30 if absent
    slot_minutes: Option<i64>,
    /// What stays free between two appointments; 0 if absent
    buffer_minutes: Option<i64>,
    /// How long before its start a patient may still book; 60 if absent
    min_notice_minutes: Option<i64>,
    /// How many days ahead patients may book; 90 if absent
    max_days_ahead: Option<i64>,
    /// How many appointments may stand beside another one on purpose; 0 if absent
    capacity: Option<i64>,
}

impl RequestBody for ScheduleRequest {}

impl ScheduleRequest {
    fn command(self, errors: &mut ValidationErrors, zone: &Zone) -> Option<Schedule> {
        let hours = |hours: HoursView| TypedHours {
            day: hours.day,
            from: hours.from,
            to: hours.to,
        };
        let typed = TypedSchedule {
            time_zone: self.time_zone.unwrap_or_else(|| zone.name().to_owned()),
            weekly: self.weekly.into_iter().map(hours).collect(),
            slot_minutes: self.slot_minutes.unwrap_or(30),
            buffer_minutes: self.buffer_minutes.unwrap_or(0),
            min_notice_minutes: self.min_notice_minutes.unwrap_or(60),
            max_days_ahead: self.max_days_ahead.unwrap_or(90),
            capacity: self.capacity.unwrap_or(0),
        };
        match Schedule::parse(&typed) {
            Ok(schedule) => Some(schedule),
            Err(found) => {
                found.into_iter().for_each(|error| errors.add(error));
                None
            }
        }
    }
}

/// The week of a doctor
#[derive(Debug, Object)]
struct ScheduleResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// The doctor
    doctor_id: String,
    /// IANA
    time_zone: String,
    /// The hours, by day and time
    weekly: Vec<HoursView>,
    /// The length of a slot
    slot_minutes: u16,
    /// What stays free between two appointments
    buffer_minutes: u16,
    /// How long before its start a patient may still book
    min_notice_minutes: u32,
    /// How many days ahead patients may book
    max_days_ahead: u16,
    /// How many appointments may stand beside another one on purpose
    capacity: u8,
    /// Grows with each change
    version: i64,
}

impl ScheduleResponse {
    fn new(message: &str, row: &ScheduleRow) -> Self {
        let schedule = &row.schedule;
        let hours = schedule.weekly.iter().map(|hours| HoursView {
            day: hours.day.name().to_owned(),
            from: hours.from.to_string(),
            to: hours.to.to_string(),
        });
        Self {
            success: true,
            message: message.to_owned(),
            doctor_id: row.doctor_id.to_string(),
            time_zone: schedule.time_zone.name().to_owned(),
            weekly: hours.collect(),
            slot_minutes: schedule.slot_minutes,
            buffer_minutes: schedule.buffer_minutes,
            min_notice_minutes: schedule.min_notice_minutes,
            max_days_ahead: schedule.max_days_ahead,
            capacity: schedule.capacity,
            version: row.version,
        }
    }
}

/// An exception
#[derive(Debug, Object)]
struct ExceptionRequest {
    /// A time, or a local day
    from: Text<String>,
    /// A time, or a local day, which is part of it
    to: Text<String>,
    /// Time off, or extra hours
    kind: Text<ExceptionKind>,
    /// The appointments that it covers stay
    keep: Option<bool>,
}

impl RequestBody for ExceptionRequest {}

impl ExceptionRequest {
    fn command(
        self,
        errors: &mut ValidationErrors,
        zone: &Zone,
        now: Timestamp,
    ) -> Option<(Exception, bool)> {
        let from = errors.check(&self.from, |typed| zone.read_from(typed));
        let to = errors.check(&self.to, |typed| zone.read_to(typed));
        let (from, to, kind) = (from?, to?, self.kind.value()?);
        let exception = Exception::new(kind, from, to, now);
        let exception = errors.take(exception.map_err(|violation| violation.at("to")))?;
        Some((exception, self.keep.unwrap_or_default()))
    }
}

/// The exceptions of a doctor's week
#[derive(Debug, Object)]
struct ExceptionsResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// By begin, without those that are over
    exceptions: Vec<ExceptionView>,
    /// IANA
    time_zone: String,
}

/// An exception
#[derive(Debug, Object)]
struct ExceptionView {
    /// Its first moment
    from: Time,
    /// The first moment after it
    to: Time,
    /// `off` or `extra`
    kind: String,
}

impl ExceptionsResponse {
    fn new(message: &str, row: &ScheduleRow) -> Self {
        let exceptions = row.exceptions.iter().map(|it| ExceptionView {
            from: Time(it.from),
            to: Time(it.to),
            kind: it.kind.name().to_owned(),
        });
        Self {
            success: true,
            message: message.to_owned(),
            exceptions: exceptions.collect(),
            time_zone: row.schedule.time_zone.name().to_owned(),
        }
    }
}

#[derive(ApiResponse)]
enum ExceptionAnswer {
    /// The exceptions
    #[oai(status = 200)]
    Done(Json<ExceptionsResponse>),
    /// Live appointments fall into it; nothing was changed
    #[oai(status = 409)]
    Covers(Json<CoversResponse>),
}

/// A refusal that lists appointments
#[derive(Debug, Object)]
struct CoversResponse {
    /// Always false
    success: bool,
    /// The same text as `error.message`
    detail: String,
    /// What went wrong
    error: CoversError,
}

/// What went wrong
#[derive(Debug, Object)]
struct CoversError {
    /// `STATE_CONFLICT`
    code: String,
    /// A sentence for people
    message: String,
    /// When
    timestamp: String,
    /// Finds the request in the service's log
    request_id: String,
    /// The appointments
    details: CoversDetails,
}

/// The appointments that an exception covers
#[derive(Debug, Object)]
struct CoversDetails {
    /// By start
    appointments: Vec<CoveredView>,
}

/// An appointment that an exception covers
#[derive(Debug, Object)]
struct CoveredView {
    /// The appointment
    appointment_id: String,
    /// When it begins
    start_time: Time,
    /// When it ends
    end_time: Time,
}

impl CoversResponse {
    fn new(covered: Vec<Covered>, request_id: String, now: Timestamp) -> Self {
        let message = "Appointments fall into this time; move them, or send keep";
        let appointments = covered.into_iter().map(|it| CoveredView {
            appointment_id: it.id.into(),
            start_time: Time(it.start),
            end_time: Time(it.end),
        });
        Self {
            success: false,
            detail: message.to_owned(),
            error: CoversError {
                code: errors::STATE_CONFLICT.code().to_owned(),
                message: message.to_owned(),
                timestamp: rfc3339(now),
                request_id,
                details: CoversDetails {
                    appointments: appointments.collect(),
                },
            },
        }
    }
}

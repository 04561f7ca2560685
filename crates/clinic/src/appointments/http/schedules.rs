//! `/doctors`: doctors, their schedules and exceptions.

use std::sync::Arc;

use kernel::ids::UserId;
use poem_openapi::{
    Object, OpenApi,
    param::{Path, Query},
    payload::Json,
};
use web::{
    Body, Problem, RequestBody, RequestOrigin, ValidationErrors, caller::Caller, listing::Asked,
    problem::error_set,
};

use crate::{
    app::App,
    appointments::{
        documents::ScheduleRow,
        schedule::{Schedule, TypedHours, TypedSchedule},
        use_cases::schedules,
    },
    errors,
    http::{PageRows, Pagination, Tag},
    listing::Listing,
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

#[OpenApi(tag = "Tag::Appointments")]
impl SchedulesApi {
    /// Doctors
    #[oai(path = "/doctors", method = "get", operation_id = "list_doctors")]
    async fn doctors(
        &self,
        _caller: Caller<AppointmentsRead>,
        /// Parts of words of the name, in any order, without regard to case and accents
        q: Query<Option<String>>,
        /// The same of the specialization
        specialization: Query<Option<String>>,
        /// Rows of a page
        limit: Asked<PageRows>,
        /// Rows before the page
        offset: Query<Option<u32>>,
        /// The `next_cursor` of the page before
        cursor: Query<Option<String>>,
    ) -> Result<Json<DoctorsResponse>, Problem<ListErrors>> {
        let mut errors = ValidationErrors::new();
        let limit = limit.value(&mut errors);
        let listing = Listing::read(&mut errors, limit, offset.0, cursor.0.as_deref());
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
                for error in found {
                    errors.add(error);
                }
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

//! What people do with appointments. Each use case is a function with numbered steps.

pub mod booking;
pub mod changes;
pub mod clock_rules;
pub mod feeds;
pub mod holding;
pub mod lists;
pub mod notices;
pub mod schedules;
pub mod slots;
pub mod visits;

use kernel::{
    clock::Timestamp,
    error::{Error, Result, RuleViolation},
    ids::UserId,
    principal::Principal,
    role::Role,
};

use super::{
    AppointmentId,
    documents::{Appointment, AppointmentText, ScheduleRow},
    interval::Interval,
    status::{ChangeRules, Refusal},
};
use crate::{
    app::App,
    errors,
    patients::record::PatientRecord,
    people::Doctor,
    records,
    sealing::{Collection, SealedGroup},
    zone::Zone,
};

const NO_SCHEDULE: RuleViolation = RuleViolation::new(
    "outside_schedule",
    "Must be one of the times that the doctor offers",
);

/// An appointment with its texts and names, as a caller may see it.
pub struct Seen {
    /// The appointment.
    pub appointment: Appointment,
    /// Its texts; `None` for an administrator (ACC-6).
    pub text: Option<AppointmentText>,
    /// Whether the caller may know of the desk's notes (ACC-5).
    pub shows_notes: bool,
    /// The patient's name.
    pub patient_name: String,
    /// The doctor's name.
    pub doctor_name: Option<String>,
}

/// The appointment as `reader` sees it.
async fn seen(
    app: &App,
    reader: Role,
    appointment: Appointment,
    record: &PatientRecord,
) -> Result<Seen> {
    let who = records::who(app, record).await?;
    let doctor = match &appointment.doctor_id {
        Some(doctor) => app.people.name(doctor).await?,
        None => None,
    };
    let text = match reader {
        Role::Admin => None,
        _ => Some(open(app, &appointment, record)?),
    };
    Ok(Seen {
        text,
        shows_notes: reader != Role::Patient,
        patient_name: who.names.full(),
        doctor_name: doctor,
        appointment,
    })
}

fn open(app: &App, appointment: &Appointment, record: &PatientRecord) -> Result<AppointmentText> {
    let place = Collection::Appointments.place(appointment.id.as_str());
    Ok(records::text_key(app, record)?.open(place, &appointment.text)?)
}

fn seal(
    app: &App,
    id: &AppointmentId,
    text: &AppointmentText,
    record: &PatientRecord,
) -> Result<SealedGroup<AppointmentText>> {
    let place = Collection::Appointments.place(id.as_str());
    Ok(records::text_key(app, record)?.seal(place, text, &app.rng)?)
}

/// A doctor who takes appointments. An unknown one and one who is not approved are the same.
async fn bookable(app: &App, doctor: &UserId) -> Result<Doctor> {
    let found = app.people.doctor(doctor).await?;
    let found = found.filter(|doctor| doctor.is_approved);
    found.ok_or_else(|| errors::RECORD_NOT_FOUND.into())
}

/// The zone of the place of a visit (APT-11).
fn zone_of(app: &App, schedule: Option<&ScheduleRow>) -> Zone {
    schedule.map_or_else(|| app.zone.clone(), |row| row.schedule.time_zone.clone())
}

/// Whether `by` may ask for this time. Patients keep to the schedule and its buffers; the desk and doctors only to the
/// present. Whether the time itself is free is decided by the insertion alone.
async fn check_time(
    app: &App,
    by: Role,
    (doctor, schedule): (&UserId, Option<&ScheduleRow>),
    interval: Interval,
    (own, now): (Option<&AppointmentId>, Timestamp),
) -> Result<()> {
    let at_start = |violation: RuleViolation| Error::from(violation.at("start_time"));
    interval.check_not_past(by, now).map_err(at_start)?;
    if by != Role::Patient {
        return Ok(());
    }
    let row = schedule.ok_or_else(|| at_start(NO_SCHEDULE))?;
    row.availability().check(interval, now).map_err(at_start)?;
    let buffer = chrono::Duration::minutes(row.schedule.buffer_minutes.into());
    if buffer.is_zero() {
        return Ok(());
    }
    let (from, to) = (interval.start() - buffer, interval.end() + buffer);
    let busy = app.store.appointments().busy(doctor, from, to).await?;
    let mut others = busy.iter().filter(|busy| Some(&busy.id) != own);
    let near = |busy: Interval| busy.start() < to && from < busy.end();
    if others.any(|busy| busy.interval(now).is_some_and(near)) {
        return Err(errors::SLOT_TAKEN.into());
    }
    Ok(())
}

const fn rules(app: &App, now: Timestamp) -> ChangeRules {
    ChangeRules {
        cancel_hours: app.settings.appointments.cancel_hours,
        now,
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotAllowed => errors::ACCESS_DENIED.into(),
            Refusal::WrongState => errors::STATE_CONFLICT.into(),
            Refusal::TooLate => Self::new(errors::STATE_CONFLICT)
                .saying("It is too late for this; please call the clinic"),
        }
    }
}

/// Counts a booking or a hold of a patient. The desk books for many, so it is not counted.
fn limit_booking(app: &App, principal: &Principal) -> Result<()> {
    if principal.role != Role::Patient {
        return Ok(());
    }
    let limit = app.settings.throttle.booking_per_account;
    records::limit(app, principal, "booking", limit)
}

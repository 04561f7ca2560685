//! Booking an appointment.

use kernel::{
    clock::Timestamp,
    error::{Error, Result, RuleViolation},
    ids::UserId,
    principal::Principal,
    request::Origin,
    role::Role,
};

use super::{Seen, bookable, check_time, limit_booking, notices, seal, seen, zone_of};
use crate::{
    access::{Action, CLINIC, Part},
    actions,
    app::App,
    appointments::{
        AppointmentId, AppointmentKeys, Details, Reason, Title,
        documents::{Appointment, AppointmentText, Hold, NoticeKind, ScheduleRow, VisitType},
        holds::{hold_has_expired, holds, overbooked_holds, overbooking_positions},
        interval::Interval,
        status::AppointmentStatus,
    },
    errors,
    patients::record::PatientRecord,
    records,
};

const PATIENT_MISSING: RuleViolation = RuleViolation::new("missing", "Say for which patient it is");
const DOCTOR_MISSING: RuleViolation = RuleViolation::new(
    "missing",
    "Only an appointment with a doctor can stand beside another one",
);

/// What is to be booked.
pub struct Booking {
    /// The title.
    pub title: Title,
    /// The description.
    pub description: Option<Details>,
    /// The time.
    pub interval: Interval,
    /// The doctor; a doctor books for himself.
    pub doctor_id: Option<UserId>,
    /// The patient; a patient books for himself.
    pub patient_id: Option<UserId>,
    /// The kind of the visit.
    pub kind: VisitType,
    /// The hold that has the time.
    pub hold_id: Option<AppointmentId>,
    /// Why it may stand beside another one (APT-7).
    pub overbook: Option<Reason>,
}

/// Books an appointment:
/// 1. for whom, with whom, and whether the caller may;
/// 2. the time is one that he may ask for;
/// 3. the audit record;
/// 4. one insertion, or the hold becomes the appointment: the unique cells decide (E6);
/// 5. a patient's booking is withdrawn if the schedule has changed meanwhile;
/// 6. the doctor sees the record, and the mail jobs are written.
///
/// # Errors
/// `SLOT_TAKEN`, also for a hold that has expired; `STATE_CONFLICT` for a hold of another doctor or time;
/// `RECORD_NOT_FOUND`, also for a hold that the caller does not have; `ACCESS_DENIED`; a validation error of the time.
pub async fn book(
    app: &App,
    origin: &Origin,
    principal: &Principal,
    booking: Booking,
) -> Result<Seen> {
    limit_booking(app, principal)?;
    let now = origin.now;
    let (patient_id, doctor_id) = people(principal, &booking)?;
    let part = Part::Appointments;
    let allowed = records::allow(app, origin, principal, &patient_id, part, Action::Write).await?;
    let schedule = match &doctor_id {
        Some(doctor) => {
            bookable(app, doctor).await?;
            app.store.schedules().find(doctor).await?
        }
        None => None,
    };
    let own = (booking.hold_id.as_ref(), now);
    if let Some(doctor) = &doctor_id {
        let with = (doctor, schedule.as_ref());
        check_time(app, principal.role, with, booking.interval, own).await?;
    } else {
        let checked = booking.interval.check_not_past(principal.role, now);
        checked.map_err(|violation| violation.at("start_time"))?;
    }
    let detail = Some("book");
    records::note(
        app,
        origin,
        principal,
        &allowed,
        actions::APPOINTMENT,
        detail,
    )
    .await?;
    let record = records::load(app, origin, &allowed).await?;
    let make = |id: AppointmentId| {
        let made = (&booking, doctor_id.clone());
        new(
            app,
            (principal, &record),
            made,
            (id, schedule.as_ref()),
            now,
        )
    };
    let booked = place(app, principal, &booking, make, schedule.as_ref(), now).await?;
    if principal.role == Role::Patient {
        recheck(app, &booked, booking.interval, now).await?;
    }
    notices::announce_or_leave(app, &booked, &record, now).await;
    seen(app, principal.role, booked, &record).await
}

/// For whom and with whom. A patient who names another patient is refused, and so is a doctor who names another doctor
/// (ACC-7).
fn people(principal: &Principal, booking: &Booking) -> Result<(UserId, Option<UserId>)> {
    let own = &principal.user_id;
    let is_other = |named: &Option<UserId>| named.as_ref().is_some_and(|named| named != own);
    if booking.overbook.is_some() {
        if matches!(principal.role, Role::Patient | Role::Admin) {
            return Err(errors::ACCESS_DENIED.into());
        }
        if principal.role == Role::Staff && booking.doctor_id.is_none() {
            return Err(DOCTOR_MISSING.at("doctor_id").into());
        }
    }
    let named = || {
        let named = booking.patient_id.clone();
        named.ok_or_else(|| Error::from(PATIENT_MISSING.at("patient_id")))
    };
    match principal.role {
        Role::Patient if is_other(&booking.patient_id) => Err(errors::ACCESS_DENIED.into()),
        Role::Patient => Ok((own.clone(), booking.doctor_id.clone())),
        Role::Doctor if is_other(&booking.doctor_id) => Err(errors::ACCESS_DENIED.into()),
        Role::Doctor => Ok((named()?, Some(own.clone()))),
        Role::Staff | Role::Admin => Ok((named()?, booking.doctor_id.clone())),
    }
}

/// An appointment that `principal` books at `now`.
pub(crate) fn new(
    app: &App,
    (principal, record): (&Principal, &PatientRecord),
    (booking, doctor_id): (&Booking, Option<UserId>),
    (id, schedule): (AppointmentId, Option<&ScheduleRow>),
    now: Timestamp,
) -> Result<Appointment> {
    let patient_id = record.patient_id.clone();
    let interval = booking.interval;
    let text = AppointmentText {
        title: booking.title.clone(),
        description: booking.description.clone(),
        notes: None,
        overbook_reason: booking.overbook.clone(),
        cancel_reason: None,
    };
    let zone = zone_of(app, schedule);
    let start = interval.start();
    let status = AppointmentStatus::booked(app.settings.clinic.confirmation, doctor_id.is_some());
    let mut appointment = Appointment {
        text: seal(app, &id, &text, record)?,
        keys: AppointmentKeys::new(CLINIC, doctor_id.as_ref(), &patient_id, start, &id),
        holds: Some(holds(doctor_id.as_ref(), &patient_id, interval)),
        clinic_id: CLINIC.to_owned(),
        local: zone.local_text(start),
        zone,
        start,
        end: interval.end(),
        status,
        kind: booking.kind,
        version: 1,
        series_id: None,
        overbooked: false,
        late_cancel: false,
        made_by: principal.user_id.clone(),
        notice: None,
        to_notify: None,
        sent: std::collections::BTreeMap::new(),
        created_at: now,
        updated_at: now,
        cancelled_at: None,
        doctor_id,
        patient_id,
        id,
    };
    if status == AppointmentStatus::Confirmed {
        appointment.tell(NoticeKind::Confirmed);
    }
    Ok(appointment)
}

/// Takes the time: by the hold, or by an insertion, or beside another appointment on purpose.
async fn place(
    app: &App,
    principal: &Principal,
    booking: &Booking,
    make: impl Fn(AppointmentId) -> Result<Appointment>,
    schedule: Option<&ScheduleRow>,
    now: Timestamp,
) -> Result<Appointment> {
    let rows = app.store.appointments();
    if let Some(hold) = &booking.hold_id {
        let held = make(hold.clone())?;
        return match rows.accept(&held, now).await? {
            Some(true) => Ok(held),
            Some(false) => Err(errors::SLOT_TAKEN.into()),
            None => Err(unfit(rows.find_hold(hold, &principal.user_id).await?, now)),
        };
    }
    let mut appointment = make(AppointmentId::generate(&app.rng))?;
    if insert(app, &appointment, booking.interval, now).await? {
        return Ok(appointment);
    }
    let (Some(_), Some(doctor)) = (&booking.overbook, appointment.doctor_id.clone()) else {
        return Err(errors::SLOT_TAKEN.into());
    };
    let capacity = schedule.map_or(0, |row| row.schedule.capacity);
    appointment.overbooked = true;
    for position in overbooking_positions(principal.role, capacity) {
        let patient = &appointment.patient_id;
        let beside = overbooked_holds(&doctor, position, patient, booking.interval);
        appointment.holds = Some(beside);
        if rows.insert(&appointment).await? {
            return Ok(appointment);
        }
    }
    Err(errors::SLOT_TAKEN.into())
}

/// Why a hold cannot be booked. The caller named it, so that nothing is booked in its place: he would not know that the
/// time was free for everybody meanwhile (APT-8).
fn unfit(hold: Option<Hold>, now: Timestamp) -> Error {
    match hold {
        None => Error::new(errors::RECORD_NOT_FOUND)
            .saying("You have no such hold; it may have ended. Choose the time again"),
        Some(hold) if hold_has_expired(hold.expires_at, now) => {
            Error::new(errors::SLOT_TAKEN).saying("Your hold has expired. Choose the time again")
        }
        Some(_) => Error::new(errors::STATE_CONFLICT)
            .saying("This hold is for another doctor or another time"),
    }
}

/// Inserts an appointment, over holds that have expired (APT-8).
async fn insert(
    app: &App,
    appointment: &Appointment,
    interval: Interval,
    now: Timestamp,
) -> Result<bool> {
    let rows = app.store.appointments();
    if rows.insert(appointment).await? {
        return Ok(true);
    }
    let Some(doctor) = &appointment.doctor_id else {
        return Ok(false);
    };
    Ok(rows.remove_expired(doctor, interval, now).await? && rows.insert(appointment).await?)
}

/// Withdraws a booking that the schedule does not offer any more: an exception was written after it was read. The request
/// that writes an exception looks for bookings afterwards, so one of the two sees the other (APT-23).
async fn recheck(
    app: &App,
    booked: &Appointment,
    interval: Interval,
    now: Timestamp,
) -> Result<()> {
    let Some(doctor) = &booked.doctor_id else {
        return Ok(());
    };
    let row = app.store.schedules().find(doctor).await?;
    let offered = row.is_some_and(|row| row.availability().check(interval, now).is_ok());
    if offered {
        return Ok(());
    }
    app.store.appointments().withdraw(booked).await?;
    Err(errors::SLOT_TAKEN.into())
}

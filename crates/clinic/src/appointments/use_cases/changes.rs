//! Moving, changing and cancelling an appointment: one update that holds only for the version that was seen.

use kernel::{
    error::{Error, Result, RuleViolation},
    ids::UserId,
    principal::Principal,
    request::Origin,
    role::Role,
};
use store::StoreError;

use super::{Seen, bookable, check_time, notices, open, rules, seal, seen, zone_of};
use crate::{
    access::{Action, Allowed, CLINIC, Part},
    actions,
    app::App,
    appointments::{
        AppointmentId, AppointmentKeys, Details, Reason, Title,
        documents::{Appointment, AppointmentText, NoticeKind},
        holds::holds,
        interval::Interval,
        status::AppointmentStatus,
    },
    errors,
    patients::{
        record::PatientRecord,
        relations::{begin_visit, end_visit},
    },
    records,
};
use kernel::clock::Timestamp;

/// How often a change without a version is tried again after another change.
const TRIES: u32 = 5;

const END_ALONE: RuleViolation = RuleViolation::new("interval_empty", "Must end after it begins");

/// What is to be changed; `None` stays.
#[derive(Clone, Default)]
pub struct Change {
    /// The title.
    pub title: Option<Title>,
    /// The description; an empty one clears it.
    pub description: Option<Details>,
    /// The desk's notes; empty ones clear them.
    pub notes: Option<Details>,
    /// The start; the length stays unless `end` is there as well.
    pub start: Option<Timestamp>,
    /// The end.
    pub end: Option<Timestamp>,
    /// The doctor.
    pub doctor_id: Option<UserId>,
    /// The state.
    pub status: Option<AppointmentStatus>,
    /// Why it is cancelled.
    pub cancel_reason: Option<Reason>,
    /// The version that was seen.
    pub version: Option<i64>,
}

/// Changes an appointment:
/// 1. the appointment, and whether the caller may change it;
/// 2. the rules of its state, its time and its texts;
/// 3. the audit record;
/// 4. one update of the version that was seen: cells, times, state, texts;
/// 5. what the patient is told.
///
/// # Errors
/// `RECORD_NOT_FOUND`, `STATE_CONFLICT`, `SLOT_TAKEN`, `VERSION_CONFLICT`, or a validation error.
pub async fn change(
    app: &App,
    origin: &Origin,
    principal: &Principal,
    id: &AppointmentId,
    change: &Change,
) -> Result<Seen> {
    let now = origin.now;
    let part = match &change.notes {
        Some(_) => Part::AppointmentNotes,
        None => Part::Appointments,
    };
    let (mut known, allowed) = find(app, origin, principal, id, (part, Action::Write)).await?;
    let detail = match change.status {
        Some(status) => status.name(),
        None if change.start.is_some() || change.end.is_some() => "move",
        None => "change",
    };
    records::note(
        app,
        origin,
        principal,
        &allowed,
        actions::APPOINTMENT,
        Some(detail),
    )
    .await?;
    let record = records::load(app, origin, &allowed).await?;
    for _ in 0..TRIES {
        if change
            .version
            .is_some_and(|version| version != known.version)
        {
            return Err(errors::VERSION_CONFLICT.into());
        }
        let next = changed(app, principal, (&known, &record), change, now).await?;
        if write(app, &known, &next, now).await? {
            if principal.role == Role::Patient {
                stay_within_schedule(app, &known, &next, now).await?;
            }
            follow_doctor(app, principal, (&known, &next), &record, now).await?;
            notices::announce_or_leave(app, &next, &record, now).await;
            return seen(app, principal.role, next, &record).await;
        }
        known = app
            .store
            .appointments()
            .find(id)
            .await?
            .ok_or(errors::RECORD_NOT_FOUND)?;
    }
    Err(errors::VERSION_CONFLICT.into())
}

/// Follows a change of the doctor and an arrival (ACC-2). The former doctor loses what the appointment gave. When somebody
/// else says that the patient has arrived, the doctor sees the record, whoever has booked.
async fn follow_doctor(
    app: &App,
    principal: &Principal,
    (known, next): (&Appointment, &Appointment),
    record: &PatientRecord,
    now: Timestamp,
) -> Result<()> {
    if let Some(doctor) = known
        .doctor_id
        .as_ref()
        .filter(|_| known.doctor_id != next.doctor_id)
    {
        end_visit(app, doctor, record, now).await?;
    }
    let arrives = next.status == AppointmentStatus::Arrived && known.status != next.status;
    match &next.doctor_id {
        Some(doctor) if arrives && *doctor != principal.user_id => {
            begin_visit(app, doctor, record, next.start, now).await
        }
        _ => Ok(()),
    }
}

/// The appointment, for a caller who may do something with a part of it. An unknown one and a foreign one are the same.
pub async fn find(
    app: &App,
    origin: &Origin,
    principal: &Principal,
    id: &AppointmentId,
    (part, action): (Part, Action),
) -> Result<(Appointment, Allowed)> {
    let found = app.store.appointments().find(id).await?;
    let found = found.ok_or(errors::RECORD_NOT_FOUND)?;
    let allowed = records::allow(app, origin, principal, &found.patient_id, part, action).await?;
    let is_foreign = found.doctor_id.as_ref() != Some(&principal.user_id);
    if principal.role == Role::Doctor && is_foreign {
        return Err(errors::RECORD_NOT_FOUND.into());
    }
    Ok((found, allowed))
}

/// The appointment after the change.
async fn changed(
    app: &App,
    principal: &Principal,
    (known, record): (&Appointment, &PatientRecord),
    change: &Change,
    now: Timestamp,
) -> Result<Appointment> {
    let mut next = known.clone();
    next.version += 1;
    next.updated_at = now;
    let moved = relocate(app, principal, &mut next, change, now).await?;
    let is_new = |status: &AppointmentStatus| {
        *status != known.status || *status == AppointmentStatus::Cancelled
    };
    if let Some(status) = change.status.filter(is_new) {
        let allowed = rules(app, now).change(principal.role, known.facts(), status)?;
        let confirms_alone = status == AppointmentStatus::Confirmed && next.doctor_id.is_none();
        if confirms_alone {
            return Err(Error::new(errors::STATE_CONFLICT).saying("It has no doctor yet"));
        }
        next.status = allowed.to;
        next.late_cancel = allowed.late_cancel;
        if !next.status.holds_time() {
            next.holds = None;
        }
        if status == AppointmentStatus::Cancelled {
            next.cancelled_at = Some(now);
        }
    }
    let text = open(app, known, record)?;
    let texts = AppointmentText {
        title: change.title.clone().unwrap_or_else(|| text.title.clone()),
        description: change
            .description
            .clone()
            .or_else(|| text.description.clone())
            .filter(|text| !text.as_str().is_empty()),
        notes: change
            .notes
            .clone()
            .or_else(|| text.notes.clone())
            .filter(|text| !text.as_str().is_empty()),
        overbook_reason: text.overbook_reason.clone(),
        cancel_reason: change
            .cancel_reason
            .clone()
            .or_else(|| text.cancel_reason.clone()),
    };
    if texts != text {
        next.text = seal(app, &next.id, &texts, record)?;
    }
    if let Some(kind) = told(known, &next, moved) {
        next.tell(kind);
    }
    Ok(next)
}

/// What the patient is told of a change.
fn told(known: &Appointment, next: &Appointment, moved: bool) -> Option<NoticeKind> {
    use AppointmentStatus::{Cancelled, Confirmed};
    match (known.status, next.status) {
        (before, Cancelled) if before != Cancelled => Some(NoticeKind::Cancelled),
        (Confirmed, Confirmed) if moved => Some(NoticeKind::Moved),
        (before, Confirmed) if before != Confirmed => Some(NoticeKind::Confirmed),
        _ => None,
    }
}

/// Moves the appointment to the time and the doctor of the change; whether it moved.
async fn relocate(
    app: &App,
    principal: &Principal,
    next: &mut Appointment,
    change: &Change,
    now: Timestamp,
) -> Result<bool> {
    let length = next.end - next.start;
    let start = change.start.unwrap_or(next.start);
    let end = match (change.start, change.end) {
        (_, Some(end)) => end,
        (Some(start), None) => start + length,
        (None, None) => next.end,
    };
    let doctor_id = change.doctor_id.clone().or_else(|| next.doctor_id.clone());
    if (start, end, &doctor_id) == (next.start, next.end, &next.doctor_id) {
        return Ok(false);
    }
    let is_other = doctor_id.as_ref() != Some(&principal.user_id);
    if principal.role == Role::Doctor && is_other {
        return Err(errors::ACCESS_DENIED.into());
    }
    rules(app, now).move_by(principal.role, next.facts())?;
    let field = if change.end.is_some() {
        "end_time"
    } else {
        "start_time"
    };
    let interval = Interval::new(start, end).map_err(|violation| match violation.kind {
        "interval_empty" => END_ALONE.at("end_time"),
        _ => violation.at(field),
    })?;
    let schedule = if let Some(doctor) = &doctor_id {
        bookable(app, doctor).await?;
        let schedule = app.store.schedules().find(doctor).await?;
        let with = (doctor, schedule.as_ref());
        let own = (Some(&next.id), now);
        check_time(app, principal.role, with, interval, own).await?;
        schedule
    } else {
        let checked = interval.check_not_past(principal.role, now);
        checked.map_err(|violation| violation.at("start_time"))?;
        None
    };
    next.zone = zone_of(app, schedule.as_ref());
    next.local = next.zone.local_text(start);
    next.keys = AppointmentKeys::new(
        CLINIC,
        doctor_id.as_ref(),
        &next.patient_id,
        start,
        &next.id,
    );
    next.holds = Some(holds(doctor_id.as_ref(), &next.patient_id, interval));
    next.overbooked = false;
    (next.start, next.end, next.doctor_id) = (start, end, doctor_id);
    Ok(true)
}

/// Writes the change, over holds that have expired; `false` if another change was faster.
async fn write(app: &App, known: &Appointment, next: &Appointment, now: Timestamp) -> Result<bool> {
    let rows = app.store.appointments();
    match rows.change(known, next).await {
        Err(StoreError::Duplicate) => {}
        done => return Ok(done?),
    }
    if let (Some(doctor), Ok(interval)) = (&next.doctor_id, Interval::new(next.start, next.end))
        && rows.remove_expired(doctor, interval, now).await?
    {
        match rows.change(known, next).await {
            Err(StoreError::Duplicate) => {}
            done => return Ok(done?),
        }
    }
    Err(errors::SLOT_TAKEN.into())
}

/// Moves a patient's appointment back if the schedule does not offer its new time any more: an exception was written
/// after it was read (APT-23). If the former time is taken by now, the appointment keeps the new one, because a patient
/// without any time is worse.
async fn stay_within_schedule(
    app: &App,
    known: &Appointment,
    next: &Appointment,
    now: Timestamp,
) -> Result<()> {
    let Some(doctor) = &next.doctor_id else {
        return Ok(());
    };
    if (known.start, known.end, &known.doctor_id) == (next.start, next.end, &next.doctor_id) {
        return Ok(());
    }
    let row = app.store.schedules().find(doctor).await?;
    let interval = Interval::new(next.start, next.end).map_err(|v| v.at("end_time"))?;
    if row.is_some_and(|row| row.availability().check(interval, now).is_ok()) {
        return Ok(());
    }
    let back = Appointment {
        version: next.version + 1,
        ..known.clone()
    };
    match app.store.appointments().change(next, &back).await {
        Ok(true) => Err(errors::SLOT_TAKEN.into()),
        Ok(false) | Err(StoreError::Duplicate) => Ok(()),
        Err(other) => Err(other.into()),
    }
}

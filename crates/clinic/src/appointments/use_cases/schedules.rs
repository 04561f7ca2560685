//! Doctors and their schedules.

use futures_util::future::try_join_all;
use kernel::{
    clock::Timestamp,
    error::{Error, Result, RuleViolation},
    folding::{fold, spellings},
    ids::UserId,
    principal::Principal,
    request::Origin,
    role::Role,
};
use platform::audit::{self, Event};

use super::bookable;
use crate::{
    actions,
    app::App,
    appointments::{
        AppointmentId,
        documents::ScheduleRow,
        exceptions::{Exception, ExceptionKind, with_exception},
        interval::Interval,
        schedule::Schedule,
    },
    errors,
    listing::Listing,
    people::Doctor,
};

/// How often a change of a schedule is tried again after another one.
const TRIES: u32 = 5;

/// A live appointment that falls into time off.
#[derive(Debug, Clone)]
pub struct Covered {
    /// Its id.
    pub id: AppointmentId,
    /// When it begins.
    pub start: Timestamp,
    /// When it ends.
    pub end: Timestamp,
}

/// What became of an exception.
pub enum Written {
    /// It stands.
    Done(ScheduleRow),
    /// It does not stand, because these appointments fall into it (APT-23).
    Covers(Vec<Covered>),
}

/// A doctor's schedule; one without hours if the doctor has not set any.
///
/// # Errors
/// `RECORD_NOT_FOUND` if there is no such doctor.
pub async fn read(app: &App, doctor: &UserId) -> Result<ScheduleRow> {
    if let Some(row) = app.store.schedules().find(doctor).await? {
        return Ok(row);
    }
    if app.people.doctor(doctor).await?.is_none() {
        return Err(errors::RECORD_NOT_FOUND.into());
    }
    Ok(ScheduleRow {
        id: ScheduleRow::id_of(doctor),
        doctor_id: doctor.clone(),
        schedule: Schedule::empty(app.zone.clone()),
        exceptions: Vec::new(),
        version: 0,
    })
}

/// Whether the caller may see or change the exceptions of this doctor, or the schedule: a doctor his own (ACC-7).
pub async fn allow(app: &App, principal: &Principal, doctor: &UserId) -> Result<()> {
    if principal.role == Role::Doctor && doctor != &principal.user_id {
        return Err(errors::RECORD_NOT_FOUND.into());
    }
    if app.people.doctor(doctor).await?.is_none() {
        return Err(errors::RECORD_NOT_FOUND.into());
    }
    Ok(())
}

/// Replaces the week of a doctor; the exceptions stay.
///
/// # Errors
/// `RECORD_NOT_FOUND`, or `VERSION_CONFLICT` while others change it.
pub async fn replace(
    app: &App,
    origin: &Origin,
    principal: &Principal,
    (doctor, schedule): (&UserId, Schedule),
) -> Result<ScheduleRow> {
    allow(app, principal, doctor).await?;
    bookable(app, doctor).await?;
    note(app, origin, principal, doctor, "schedule").await?;
    let rows = app.store.schedules();
    for _ in 0..TRIES {
        let known = rows.find(doctor).await?;
        let next = ScheduleRow {
            id: ScheduleRow::id_of(doctor),
            doctor_id: doctor.clone(),
            schedule: schedule.clone(),
            exceptions: known
                .as_ref()
                .map(|it| it.exceptions.clone())
                .unwrap_or_default(),
            version: known.as_ref().map_or(1, |it| it.version + 1),
        };
        if rows.write(known.as_ref(), &next).await? {
            return Ok(next);
        }
    }
    Err(errors::VERSION_CONFLICT.into())
}

/// Adds an exception:
/// 1. the audit record;
/// 2. the exception is written first, and then appointments are looked for: a booking that has read the schedule before
///    looks at it again after its own insertion, so one of the two sees the other;
/// 3. if appointments fall into time off that the caller does not want to keep, the exception is removed again.
///
/// # Errors
/// `RECORD_NOT_FOUND`, or a validation error.
pub async fn add_exception(
    app: &App,
    origin: &Origin,
    principal: &Principal,
    (doctor, exception, keep): (&UserId, Exception, bool),
) -> Result<Written> {
    allow(app, principal, doctor).await?;
    note(app, origin, principal, doctor, "exception").await?;
    let now = origin.now;
    let mut was_there = false;
    let row = change_exceptions(app, doctor, |known| {
        was_there = known.contains(&exception);
        with_exception(known, exception, now)
    })
    .await?;
    if keep || was_there || exception.kind == ExceptionKind::Extra {
        return Ok(Written::Done(row));
    }
    let rows = app.store.appointments();
    let busy = rows.busy(doctor, exception.from, exception.to).await?;
    let covered: Vec<Covered> = busy
        .into_iter()
        .filter(|busy| busy.expires_at.is_none())
        .filter(|busy| {
            let live = |it: Interval| it.end() > now && exception.covers(it);
            busy.interval(now).is_some_and(live)
        })
        .map(|busy| Covered {
            id: busy.id,
            start: busy.start,
            end: busy.end,
        })
        .collect();
    if covered.is_empty() {
        return Ok(Written::Done(row));
    }
    change_exceptions(app, doctor, |known| Ok(without(known, exception))).await?;
    Ok(Written::Covers(covered))
}

/// Removes an exception.
///
/// # Errors
/// `RECORD_NOT_FOUND` if there is no such exception.
pub async fn remove_exception(
    app: &App,
    origin: &Origin,
    principal: &Principal,
    (doctor, exception): (&UserId, Exception),
) -> Result<ScheduleRow> {
    allow(app, principal, doctor).await?;
    note(app, origin, principal, doctor, "exception").await?;
    let mut was_there = false;
    let row = change_exceptions(app, doctor, |known| {
        was_there = known.contains(&exception);
        Ok(without(known, exception))
    })
    .await?;
    if was_there {
        Ok(row)
    } else {
        Err(errors::RECORD_NOT_FOUND.into())
    }
}

fn without(known: &[Exception], removed: Exception) -> Vec<Exception> {
    known.iter().copied().filter(|it| *it != removed).collect()
}

async fn change_exceptions(
    app: &App,
    doctor: &UserId,
    mut change: impl FnMut(&[Exception]) -> Result<Vec<Exception>, RuleViolation>,
) -> Result<ScheduleRow> {
    let rows = app.store.schedules();
    for _ in 0..TRIES {
        let known = read(app, doctor).await?;
        let exceptions = change(&known.exceptions);
        let next = ScheduleRow {
            exceptions: exceptions.map_err(|violation| violation.at("to"))?,
            version: known.version + 1,
            ..known.clone()
        };
        if rows.write(Some(&known), &next).await? {
            return Ok(next);
        }
    }
    Err(Error::new(errors::DATABASE_ERROR).retry_after(1))
}

async fn note(
    app: &App,
    origin: &Origin,
    principal: &Principal,
    doctor: &UserId,
    what: &str,
) -> Result<()> {
    let event = Event {
        actor: Some(&principal.user_id),
        ..Event::done(Some(doctor), actions::SCHEDULE_CHANGE)
    };
    audit::record(app, origin, event.noting(what)).await
}

/// A page of the doctors who take appointments, and whether each has a schedule.
pub struct Doctors {
    /// The doctors, in the order of their ids.
    pub rows: Vec<(Doctor, bool)>,
    /// The number of all that fit.
    pub total: u64,
    /// The key of the last one, if there are more.
    pub next: Option<String>,
}

/// The doctors whose name and specialization have these texts in them, without regard to case.
pub async fn doctors(
    app: &App,
    (name, specialization): (Option<&str>, Option<&str>),
    listing: &Listing,
) -> Result<Doctors> {
    let key = |doctor: &Doctor| ScheduleRow::id_of(&doctor.doctor_id);
    let mut all = app.people.doctors().await?;
    all.retain(|doctor| {
        let special = doctor.specialization.as_deref().unwrap_or_default();
        has_words(&doctor.name, name) && has_words(special, specialization)
    });
    let total = u64::try_from(all.len()).unwrap_or_default();
    let offset = usize::try_from(listing.offset).unwrap_or_default();
    let limit = usize::try_from(listing.limit).unwrap_or_default();
    let after = |doctor: &Doctor| {
        listing
            .after
            .as_ref()
            .is_none_or(|after| key(doctor) > *after)
    };
    let mut rest: Vec<Doctor> = all.into_iter().filter(after).skip(offset).collect();
    let has_more = rest.len() > limit;
    rest.truncate(limit);
    let next = rest.last().map(key).filter(|_| has_more);
    let with_schedule = |doctor: Doctor| async move {
        let row = app.store.schedules().find(&doctor.doctor_id).await?;
        Ok::<_, Error>((doctor, row.is_some()))
    };
    Ok(Doctors {
        rows: try_join_all(rest.into_iter().map(with_schedule)).await?,
        total,
        next,
    })
}

/// Whether each typed word is part of some word of the text, in any order, without case and accents (PAT-6, PAT-7).
fn has_words(text: &str, typed: Option<&str>) -> bool {
    let words: Vec<String> = text.split_whitespace().flat_map(spellings).collect();
    let typed = typed.unwrap_or_default().split_whitespace().map(fold);
    typed
        .filter(|part| !part.is_empty())
        .all(|part| words.iter().any(|word| word.contains(&part)))
}

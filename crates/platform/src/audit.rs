//! Writes the audit trail: each record has a MAC of its own, and seals keep the records together (AUD-1, AUD-2).

pub mod actions;
pub mod counts;
pub mod export;
pub mod heads;
pub mod log;
mod mac;
pub mod record;
mod refusals;
pub mod seal;
pub mod seals;
pub mod seen;
pub mod verify;
mod verify_chains;

use kernel::{
    clock::Timestamp,
    error::{Cause, Error, Result},
    errors,
    ids::UserId,
    request::Origin,
};
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::Duration;

use self::mac::Kind;
use crate::{
    Platform,
    audit::record::{Action, AuditRecord, Outcome, Strangers, Trail},
};

/// What happened, as a use case tells it.
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct Event<'a> {
    /// Who did it; `None` if the caller is not logged in.
    pub actor: Option<&'a UserId>,
    /// What.
    pub action: Action,
    /// To whom.
    pub subject: Option<&'a UserId>,
    /// How it ended.
    pub outcome: Outcome,
    /// One word more.
    pub detail: Option<&'a str>,
    /// The data of patients that it is about; `None` if it is about none.
    pub access: Option<Access<'a>>,
}

/// The data of patients that somebody saw or changed (AUDX-1).
#[derive(Debug, Clone, Copy)]
pub struct Access<'a> {
    /// The patients.
    pub subjects: &'a [UserId],
    /// The part of their data.
    pub part: &'a str,
    /// Why the caller may see it.
    pub basis: &'a str,
    /// What the caller needs it for.
    pub purpose: &'a str,
}

impl<'a> Event<'a> {
    /// Something that `user` did to itself.
    pub const fn by(user: &'a UserId, action: Action) -> Self {
        Self {
            actor: Some(user),
            ..Self::done(Some(user), action)
        }
    }

    /// Something that a stranger tried on `subject`, and that was refused.
    pub const fn refused(subject: Option<&'a UserId>, action: Action) -> Self {
        Self::done(subject, action).failed()
    }

    /// Something that the service did for `subject`.
    pub const fn done(subject: Option<&'a UserId>, action: Action) -> Self {
        Self {
            actor: None,
            action,
            subject,
            outcome: Outcome::Success,
            detail: None,
            access: None,
        }
    }

    /// Something that `actor` does in the administration, to `subject` if it is about one account.
    pub const fn of_admin(actor: &'a UserId, action: Action, subject: Option<&'a UserId>) -> Self {
        Self {
            actor: Some(actor),
            ..Self::done(subject, action)
        }
    }

    /// The same, refused.
    pub const fn failed(self) -> Self {
        Self {
            outcome: Outcome::Failure,
            ..self
        }
    }

    /// The same, about the data of patients.
    pub const fn about(self, access: Access<'a>) -> Self {
        Self {
            access: Some(access),
            ..self
        }
    }

    /// The same with one word more.
    pub const fn noting(self, detail: &'a str) -> Self {
        Self {
            detail: Some(detail),
            ..self
        }
    }
}

/// Writes the record of an event: one insert.
///
/// A change that matters for security calls this *before* it makes the change, so that it fails closed when the trail
/// cannot be written (AUD-4).
///
/// # Errors
/// `DatabaseError`: the record could not be written, for any reason.
pub async fn record(platform: &Platform, origin: &Origin, event: Event<'_>) -> Result<()> {
    insert(platform, draft(platform, origin, event, Trail::Main)).await?;
    platform.activity.count_event(&event, origin.now);
    Ok(())
}

/// Seconds after which something that could not be recorded may be tried again.
const RETRY_AFTER: u64 = 5;

/// Writes the event, and goes on with a line in the log when that is not possible: for refusals, which change nothing,
/// and for what must happen all the same, such as a new key in time. Refusals of strangers are counted from the sixth on
/// (AUD-5).
pub async fn record_refusal(platform: &Platform, origin: &Origin, event: Event<'_>) {
    let is_strangers = event.outcome == Outcome::Failure
        && event.actor.is_none()
        && event.action.strangers() != Strangers::Cannot;
    let written = if is_strangers {
        platform.activity.count_event(&event, origin.now);
        refusals::write(platform, origin, event).await
    } else {
        record(platform, origin, event).await
    };
    if let Err(error) = written {
        let cause = error.source.as_ref().map(ToString::to_string);
        tracing::warn!(
            action = event.action.name(),
            cause,
            "an audit record could not be written"
        );
    }
}

/// The record of an event, without its MAC.
fn draft(platform: &Platform, origin: &Origin, event: Event<'_>, trail: Trail) -> AuditRecord {
    let config = &platform.settings.audit;
    let kept = match trail {
        Trail::Main => config.retention_days,
        Trail::Refusals => config.refusal_retention_days,
    };
    let key_id = platform.master.current_id().as_str();
    let id = id_of(platform, origin.now);
    let access = event.access;
    AuditRecord {
        sequence: id.clone(),
        id,
        chain: trail.chain(key_id),
        at: origin.now,
        actor: event.actor.map(ToString::to_string),
        action: event.action.name().to_owned(),
        subject: event.subject.map(ToString::to_string),
        outcome: event.outcome,
        detail: event.detail.map(str::to_owned),
        subjects: access.map_or_else(Vec::new, |it| {
            it.subjects.iter().map(ToString::to_string).collect()
        }),
        basis: access.map(|it| it.basis.to_owned()),
        purpose: access.map(|it| it.purpose.to_owned()),
        part: access.map(|it| it.part.to_owned()),
        count: access
            .and_then(|it| i64::try_from(it.subjects.len()).ok())
            .filter(|count| *count != 1),
        ip: origin.ip.to_string(),
        user_agent: origin.user_agent.clone(),
        request_id: origin.request_id.clone(),
        key_id: key_id.to_owned(),
        mac: String::new(),
        expires_at: origin.now + Duration::days(kept),
    }
}

/// An `_id` that sorts by time, and within a millisecond in the order in which this process wrote.
fn id_of(platform: &Platform, at: Timestamp) -> String {
    static WRITTEN: AtomicU32 = AtomicU32::new(0);
    let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
    let random = platform.rng.uuid().simple();
    format!("{:015}-{number:08x}-{random}", at.timestamp_millis())
}

fn with_mac(platform: &Platform, draft: AuditRecord) -> Result<AuditRecord> {
    let mac = mac::own(&platform.master, Kind::Record, &draft)?;
    Ok(AuditRecord { mac, ..draft })
}

async fn insert(platform: &Platform, draft: AuditRecord) -> Result<()> {
    let record = with_mac(platform, draft)?;
    let unavailable = |cause: Cause| {
        let error = Error::new(errors::DATABASE_ERROR).retry_after(RETRY_AFTER);
        error.because(cause)
    };
    let pass = platform.fail_point.pass("audit:insert");
    pass.map_err(|error| unavailable(error.text().into()))?;
    let inserted = platform.store.audit_log().insert(&record).await;
    inserted.map_err(|cause| unavailable(cause.into()))?;
    platform.metrics.audit_records.inc();
    Ok(())
}

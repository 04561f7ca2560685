//! Writes the audit trail: each record is chained to the one before by a MAC (AUD-1, AUD-2).

pub mod export;
mod seal;
pub mod verify;

use chrono::Duration;

use crate::{
    app::{App, AuditChain, ChainState},
    clock::Timestamp,
    domain::{
        audit::{Action, AuditRecord, ChainHead, Outcome},
        ids::UserId,
        request::Origin,
    },
    error::{Error, ErrorCode, Result},
    store::StoreError,
};

/// What happened, as a use case tells it.
#[derive(Debug, Clone, Copy)]
pub struct Event<'a> {
    /// Who did it; none: somebody not logged in.
    pub actor: Option<&'a UserId>,
    /// What.
    pub action: Action,
    /// To whom.
    pub subject: Option<&'a UserId>,
    /// How it ended.
    pub outcome: Outcome,
    /// One word more.
    pub detail: Option<&'a str>,
}

impl<'a> Event<'a> {
    /// Something that `user` did to itself.
    #[must_use]
    pub const fn by(user: &'a UserId, action: Action) -> Self {
        Self {
            actor: Some(user),
            action,
            subject: Some(user),
            outcome: Outcome::Success,
            detail: None,
        }
    }

    /// Something that somebody unknown did to `subject`, and that was refused.
    #[must_use]
    pub const fn refused(subject: Option<&'a UserId>, action: Action) -> Self {
        Self {
            actor: None,
            action,
            subject,
            outcome: Outcome::Failure,
            detail: None,
        }
    }

    /// Something that the service did for `subject`.
    #[must_use]
    pub const fn done(subject: Option<&'a UserId>, action: Action) -> Self {
        Self {
            actor: None,
            action,
            subject,
            outcome: Outcome::Success,
            detail: None,
        }
    }

    /// Something that `actor` does in the administration; `what` is the operation.
    #[must_use]
    pub const fn of_admin(actor: &'a UserId, what: &'a str, subject: Option<&'a UserId>) -> Self {
        Self {
            actor: Some(actor),
            action: Action::Admin,
            subject,
            outcome: Outcome::Success,
            detail: Some(what),
        }
    }

    /// The same, refused.
    #[must_use]
    pub const fn failed(self) -> Self {
        Self {
            outcome: Outcome::Failure,
            ..self
        }
    }

    /// The same with one word more.
    #[must_use]
    pub const fn noting(self, detail: &'a str) -> Self {
        Self {
            detail: Some(detail),
            ..self
        }
    }
}

/// Appends the event to this instance's chain, then moves the chain's head.
///
/// A change that matters for security calls this *before* it makes the change, so that it fails closed when the trail
/// cannot be written (AUD-4). Takes no longer than one operation on the database may, however many wait for their turn.
///
/// # Errors
/// `DatabaseError`: the record could not be written, whatever the reason.
pub async fn record(app: &App, origin: &Origin, event: Event<'_>) -> Result<()> {
    let draft = draft(app, origin, event);
    let append = |drafts| append_all(app, drafts);
    let appended = app.appends.join(draft, std::time::Duration::ZERO, append);
    app.store.bounded(appended).await.map_err(|cause| {
        Error::new(ErrorCode::DatabaseError)
            .retry_after(RETRY_AFTER)
            .because(cause)
    })
}

/// Seconds after which something that could not be recorded may be tried again.
const RETRY_AFTER: u64 = 5;

/// Appends the event, and goes on with a line in the log when that is not possible: for refusals, which change nothing,
/// and for what must happen all the same, such as a new key in time.
pub async fn record_refusal(app: &App, origin: &Origin, event: Event<'_>) {
    if let Err(error) = record(app, origin, event).await {
        let cause = error.source.as_ref().map(ToString::to_string);
        tracing::warn!(
            action = event.action.name(),
            cause,
            "an audit record could not be written"
        );
    }
}

/// The record of an event that has no place in the chain yet.
fn draft(app: &App, origin: &Origin, event: Event<'_>) -> AuditRecord {
    AuditRecord {
        id: String::new(),
        chain: String::new(),
        sequence: 0,
        at: origin.now,
        actor: event.actor.map(ToString::to_string),
        action: event.action,
        subject: event.subject.map(ToString::to_string),
        outcome: event.outcome,
        detail: event.detail.map(str::to_owned),
        ip: origin.ip.to_string(),
        user_agent: origin.user_agent.clone(),
        request_id: origin.request_id.clone(),
        key_id: app.master.current_id().to_string(),
        previous: String::new(),
        previous_expires_at: None,
        written_after: None,
        mac: String::new(),
        expires_at: kept_until(app, origin.now),
    }
}

/// Appends records of one moment; all of them, or none is acknowledged.
async fn append_all(app: &App, drafts: Vec<AuditRecord>) -> Vec<Result<(), StoreError>> {
    let count = drafts.len();
    let appended = append(app, drafts).await.map_err(|error| {
        let cause = error.source.unwrap_or_else(|| error.code.code().into());
        StoreError::Unavailable(cause.to_string())
    });
    vec![appended; count]
}

async fn append(app: &App, drafts: Vec<AuditRecord>) -> Result<()> {
    let Some(now) = drafts.last().map(|last| last.at) else {
        return Ok(());
    };
    let mut chain = app.audit.lock().await;
    if chain.state != ChainState::Sure {
        settle(app, now, &mut chain).await?;
    }
    let mut longer = chain.clone();
    let mut records = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let record = linked(app, &longer, draft, chain.sequence)?;
        longer.take(record.clone());
        records.push(record);
    }
    // Until the head stands: whoever waits for this may go away at any moment.
    chain.state = ChainState::Unsure;
    app.store.audit_log().insert(&records).await?;
    for record in records {
        chain.take(record);
    }
    let head = head_of(app, now, &chain)?;
    app.store.audit_heads().advance(&head).await?;
    chain.state = ChainState::Sure;
    Ok(())
}

/// The record at the next place of the chain, whose head names `head` until all are written.
fn linked(app: &App, chain: &AuditChain, draft: AuditRecord, head: i64) -> Result<AuditRecord> {
    let sequence = chain.sequence + 1;
    let mut record = AuditRecord {
        id: place(&chain.name, sequence),
        chain: chain.name.clone(),
        sequence,
        previous: chain.last_mac.clone(),
        previous_expires_at: chain.last_expires_at,
        written_after: (head < chain.sequence).then_some(head),
        expires_at: chain
            .last_expires_at
            .map_or(draft.expires_at, |last| last.max(draft.expires_at)),
        ..draft
    };
    record.mac = known(seal::of_record(&app.master, &record)?)?;
    Ok(record)
}

/// The `_id` of a chain's record.
#[must_use]
pub fn place(chain: &str, sequence: i64) -> String {
    format!("{chain}:{sequence:012}")
}

/// Brings memory and database together: enters a new chain in the register; after a write of unknown outcome reads the
/// places after the last known one again, as their `_id`s are fixed (DB-3). Something else at one of them: the chain
/// ends, another one begins.
async fn settle(app: &App, now: Timestamp, chain: &mut AuditChain) -> Result<()> {
    while chain.state == ChainState::Unsure {
        let next = place(&chain.name, chain.sequence + 1);
        match app.store.audit_log().find(&next).await {
            Ok(None) => break,
            Ok(Some(found)) if is_ours(app, chain, &found)? => chain.take(found),
            Ok(Some(_)) | Err(StoreError::Corrupt(_)) => {
                tracing::error!(
                    record = next,
                    "the audit trail has a record that this instance did not write"
                );
                *chain = AuditChain::named(app.rng.uuid().to_string());
            }
            Err(error) => return Err(error.into()),
        }
    }
    let head = head_of(app, now, chain)?;
    if chain.state == ChainState::Fresh {
        app.store.audit_heads().insert(&head).await?;
    } else {
        app.store.audit_heads().advance(&head).await?;
    }
    chain.state = ChainState::Sure;
    Ok(())
}

fn is_ours(app: &App, chain: &AuditChain, found: &AuditRecord) -> Result<bool> {
    let mac = seal::of_record(&app.master, found)?;
    Ok(mac.is_some_and(|mac| mac == found.mac)
        && found.previous == chain.last_mac
        && found.key_id == app.master.current_id().as_str())
}

fn kept_until(app: &App, now: Timestamp) -> Timestamp {
    now + Duration::days(app.settings.config.audit.retention_days)
}

fn head_of(app: &App, now: Timestamp, chain: &AuditChain) -> Result<ChainHead> {
    let mut head = ChainHead {
        chain: chain.name.clone(),
        sequence: chain.sequence,
        last_mac: chain.last_mac.clone(),
        key_id: app.master.current_id().to_string(),
        mac: String::new(),
        expires_at: chain
            .last_expires_at
            .unwrap_or_else(|| kept_until(app, now)),
    };
    head.mac = known(seal::of_head(&app.master, &head)?)?;
    Ok(head)
}

fn known(mac: Option<String>) -> Result<String> {
    mac.ok_or_else(|| Error::internal("the current master secret has no key"))
}

/// How often a chain's head stands in the log.
const LOGGED_EVERY: Duration = Duration::hours(1);

/// Writes this instance's head to the log when an hour has passed, with the number of chains in the register. The log,
/// which is kept elsewhere, shows what nothing in the database can: a chain removed together with its head (AUD-2).
///
/// # Errors
/// The database does not answer.
pub async fn watch(app: &App, now: Timestamp) -> Result<()> {
    let logged = app.audit.lock().await.logged_at;
    if logged.is_none_or(|at| now - at >= LOGGED_EVERY) {
        let chains = app.store.audit_heads().count().await?;
        log_head(app, now, Some(chains)).await;
    }
    Ok(())
}

/// Writes this instance's head to the log; the last time when it stops.
pub async fn log_head(app: &App, now: Timestamp, chains: Option<u64>) {
    let mut chain = app.audit.lock().await;
    tracing::info!(
        chain = chain.name,
        sequence = chain.sequence,
        mac = chain.last_mac,
        chains,
        "audit chain head"
    );
    chain.logged_at = Some(now);
}

//! Writes the audit trail: each record is chained to the one before by a MAC (AUD-1, AUD-2).

use std::fmt::Write as _;

use chrono::Duration;

use crate::{
    app::{App, AuditChain},
    crypto::Purpose,
    domain::{
        audit::{Action, AuditRecord, Outcome},
        ids::UserId,
        request::Origin,
    },
    error::Result,
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

/// Appends the event to this instance's chain.
///
/// A change that matters for security calls this *before* it makes the change, so that it fails closed when the trail
/// cannot be written (AUD-4).
///
/// # Errors
/// The database does not answer.
pub async fn record(app: &App, origin: &Origin, event: Event<'_>) -> Result<()> {
    let mut chain = app.audit.lock().await;
    let sequence = chain.sequence + 1;
    let mut record = AuditRecord {
        id: format!("{}:{sequence:012}", chain.name),
        chain: chain.name.clone(),
        sequence,
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
        previous: chain.last_mac.clone(),
        mac: String::new(),
        expires_at: origin.now + Duration::days(app.settings.config.audit.retention_days),
    };
    record.mac = mac(app, &record)?;
    match app.store.audit_log().insert(&record).await {
        Ok(()) => {
            chain.sequence = sequence;
            chain.last_mac = record.mac;
            Ok(())
        }
        Err(error) => {
            // Whether it was written is unknown: go on in a chain of its own rather than guess.
            *chain = AuditChain::named(app.rng.uuid().to_string());
            Err(error.into())
        }
    }
}

/// Appends the event, and goes on with a line in the log when that is not possible: for refusals, which change nothing.
pub async fn record_refusal(app: &App, origin: &Origin, event: Event<'_>) {
    if let Err(error) = record(app, origin, event).await {
        tracing::warn!(action = event.action.name(), %error, "an audit record could not be written");
    }
}

/// The MAC of a record over everything in it but the MAC itself.
///
/// # Errors
/// The record's key is none of the master secrets that are set.
pub fn mac(app: &App, record: &AuditRecord) -> Result<String> {
    let mut bare = record.clone();
    bare.mac.clear();
    let bytes = bson::serialize_to_vec(&bare)
        .map_err(|_| StoreError::Corrupt("an audit record cannot be written".into()))?;
    let key = record.key_id.as_str();
    let mac = app
        .master
        .ids()
        .find(|id| id.to_string() == key)
        .and_then(|id| app.master.mac_with(id, Purpose::Audit, &[&bytes]))
        .ok_or_else(|| StoreError::Corrupt("an audit record of an unknown key".into()))?;
    Ok(mac.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    }))
}

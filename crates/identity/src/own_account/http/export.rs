//! `/auth/export`: what is stored about the caller.

use crate::{
    accounts::http::AccountView,
    app::App,
    errors,
    http::Tag,
    own_account::{
        documents::EmailUndo,
        export::{self, Export},
        store::factors::ExportedRow,
    },
    permissions::AccountSelf,
    sessions::documents::Session,
};
use std::sync::Arc;

use poem_openapi::{ApiResponse, Object, OpenApi, payload::Json};

use kernel::clock::Timestamp;
use platform::audit::record::{AccessEntry, AuditEntry};
use web::{Problem, RequestOrigin, Time, caller::Fresh, problem::error_set};

/// The operations.
#[derive(Debug, Clone)]
pub struct ExportApi(pub Arc<App>);

error_set!(
    /// Exporting.
    ExportErrors = [EMAIL_ERROR] + BEARER + FRESH
);

#[OpenApi(tag = "Tag::Account")]
impl ExportApi {
    /// Export what is stored about oneself
    ///
    /// The account, its sessions, factors, remembered devices and changes, and the records about it: no secret, and nothing of
    /// others. The clinic's own records are not part of it. The owner is told by mail. Needs a fresh proof
    /// (`/auth/reauthenticate`).
    #[oai(
        path = "/auth/export",
        method = "post",
        operation_id = "export_account"
    )]
    async fn export(
        &self,
        caller: Fresh<AccountSelf>,
        origin: RequestOrigin<'_>,
    ) -> Result<Attached, Problem<ExportErrors>> {
        let export = Box::pin(export::export(&self.0, &origin, &caller)).await?;
        let file = format!("attachment; filename=\"{}.json\"", caller.user_id);
        Ok(Attached::Ok(
            Json(ExportResponse::new(export, origin.now)),
            file,
        ))
    }
}

#[derive(ApiResponse)]
enum Attached {
    /// The document
    #[oai(status = 200)]
    Ok(
        Json<ExportResponse>,
        /// Browsers store it as a file
        #[oai(header = "Content-Disposition")]
        String,
    ),
}

/// What is stored about the caller.
#[derive(Debug, Object)]
struct ExportResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// When it was exported
    exported_at: Time,
    /// The account
    account: AccountView,
    /// Sessions, newest first; those that ended a short while ago as well
    sessions: Vec<ExportedSession>,
    /// The authenticator app, if there is one
    authenticator_apps: Vec<ExportedApp>,
    /// Passkeys
    passkeys: Vec<ExportedPasskey>,
    /// How many recovery codes are left
    recovery_codes_left: u64,
    /// Remembered devices
    devices: Vec<ExportedDevice>,
    /// Changes of the e-mail address that can still be undone
    email_changes: Vec<ExportedEmailChange>,
    /// The records about the account, newest first; at most 10,000
    audit: Vec<ExportedRecord>,
    /// When the clinic's records about the caller were seen or changed, newest first; at most 10,000
    accesses: Vec<ExportedAccess>,
}

impl ExportResponse {
    fn new(export: Export, now: Timestamp) -> Self {
        let Export {
            user,
            sessions,
            factors,
            recovery_codes_left,
            email_changes,
            audit,
            accesses,
        } = export;
        let user_id = user.user_id.to_string();
        let record = |entry| ExportedRecord::new(entry, &user_id);
        Self {
            success: true,
            message: "What is stored about you".to_owned(),
            exported_at: Time(now),
            account: AccountView::of_owner(user),
            sessions: sessions.into_iter().map(Into::into).collect(),
            authenticator_apps: factors.totp.iter().map(Into::into).collect(),
            passkeys: factors.passkeys.iter().map(Into::into).collect(),
            recovery_codes_left,
            devices: factors.devices.iter().map(Into::into).collect(),
            email_changes: email_changes.into_iter().map(Into::into).collect(),
            audit: audit.into_iter().map(record).collect(),
            accesses: accesses.into_iter().map(Into::into).collect(),
        }
    }
}

/// A session.
#[derive(Debug, Object)]
struct ExportedSession {
    /// The session
    session_id: String,
    /// What the client called the device
    #[oai(nullable)]
    device_name: Option<String>,
    /// The client's program
    user_agent: String,
    /// The client's address at login
    ip_address: String,
    /// When it began
    login_time: Time,
    /// When it was used last
    last_activity: Time,
    /// When it ends, or its row goes
    expires_at: Time,
    /// When it was ended before its time
    #[oai(nullable)]
    ended_at: Option<Time>,
    /// Why it was ended
    #[oai(nullable)]
    end_reason: Option<String>,
}

impl From<Session> for ExportedSession {
    fn from(session: Session) -> Self {
        Self {
            session_id: session.session_id.into(),
            device_name: session.device_name,
            user_agent: session.user_agent,
            ip_address: session.ip_address,
            login_time: Time(session.login_time),
            last_activity: Time(session.last_activity),
            expires_at: Time(session.expires_at),
            ended_at: session.ended_at.map(Time),
            end_reason: session.end_reason.map(|reason| reason.name().to_owned()),
        }
    }
}

/// An authenticator app, without its seed.
#[derive(Debug, Object)]
struct ExportedApp {
    /// When it was confirmed
    #[oai(nullable)]
    confirmed_at: Option<Time>,
    /// When it was used last
    #[oai(nullable)]
    last_used_at: Option<Time>,
}

impl From<&ExportedRow> for ExportedApp {
    fn from(row: &ExportedRow) -> Self {
        Self {
            confirmed_at: row.time("confirmed_at").map(Time),
            last_used_at: row.time("last_used_at").map(Time),
        }
    }
}

/// A passkey, without its key.
#[derive(Debug, Object)]
struct ExportedPasskey {
    /// What its owner calls it
    #[oai(nullable)]
    name: Option<String>,
    /// When it was added
    #[oai(nullable)]
    created_at: Option<Time>,
    /// When it was used last
    #[oai(nullable)]
    last_used_at: Option<Time>,
}

impl From<&ExportedRow> for ExportedPasskey {
    fn from(row: &ExportedRow) -> Self {
        Self {
            name: row.text("name"),
            created_at: row.time("created_at").map(Time),
            last_used_at: row.time("last_used_at").map(Time),
        }
    }
}

/// A remembered device, without its token.
#[derive(Debug, Object)]
struct ExportedDevice {
    /// What the client called it
    #[oai(nullable)]
    name: Option<String>,
    /// From where it was used last
    #[oai(nullable)]
    ip_address: Option<String>,
    /// The client's program
    #[oai(nullable)]
    user_agent: Option<String>,
    /// When it was remembered
    #[oai(nullable)]
    created_at: Option<Time>,
    /// When it was used last
    #[oai(nullable)]
    last_used_at: Option<Time>,
    /// When it is forgotten
    #[oai(nullable)]
    expires_at: Option<Time>,
}

impl From<&ExportedRow> for ExportedDevice {
    fn from(row: &ExportedRow) -> Self {
        Self {
            name: row.text("name"),
            ip_address: row.text("ip"),
            user_agent: row.text("user_agent"),
            created_at: row.time("created_at").map(Time),
            last_used_at: row.time("last_used_at").map(Time),
            expires_at: row.time("expires_at").map(Time),
        }
    }
}

/// A change of the e-mail address.
#[derive(Debug, Object)]
struct ExportedEmailChange {
    /// The address before
    old_email: String,
    /// The address after
    new_email: String,
    /// When it was changed
    changed_at: Time,
    /// Until when it can be undone
    undo_until: Time,
}

impl From<EmailUndo> for ExportedEmailChange {
    fn from(undo: EmailUndo) -> Self {
        Self {
            old_email: undo.old_display,
            new_email: undo.new_email,
            changed_at: Time(undo.changed_at),
            undo_until: Time(undo.expires_at),
        }
    }
}

/// A record about the account.
#[derive(Debug, Object)]
struct ExportedRecord {
    /// When it happened
    at: Time,
    /// What
    action: String,
    /// `success` or `failure`
    outcome: String,
    /// One word more
    #[oai(nullable)]
    detail: Option<String>,
    /// `you`, `another` or `nobody`, who was not logged in
    by: String,
    /// The address of the client; that of another person is not shown
    #[oai(nullable)]
    ip_address: Option<String>,
    /// The client's program; as with the address
    #[oai(nullable)]
    user_agent: Option<String>,
}

impl ExportedRecord {
    fn new(entry: AuditEntry, owner: &str) -> Self {
        let AuditEntry {
            id: _,
            at,
            actor,
            action,
            subject: _,
            outcome,
            detail,
            ip,
            user_agent,
            request_id: _,
        } = entry;
        let by = match actor.as_deref() {
            None => "nobody",
            Some(actor) if actor == owner => "you",
            Some(_) => "another",
        };
        let is_shown = by != "another";
        Self {
            at: Time(at),
            action,
            outcome,
            detail,
            by: by.to_owned(),
            ip_address: Some(ip).filter(|_| is_shown),
            user_agent: Some(user_agent).filter(|_| is_shown),
        }
    }
}

/// An access to the clinic's records about the caller.
#[derive(Debug, Object)]
struct ExportedAccess {
    /// When
    at: Time,
    /// The part of the data
    #[oai(nullable)]
    part: Option<String>,
    /// Why it was allowed
    #[oai(nullable)]
    basis: Option<String>,
    /// What for
    #[oai(nullable)]
    purpose: Option<String>,
}

impl From<AccessEntry> for ExportedAccess {
    fn from(entry: AccessEntry) -> Self {
        let AccessEntry {
            id: _,
            at,
            actor: _,
            part,
            basis,
            purpose,
        } = entry;
        Self {
            at: Time(at),
            part,
            basis,
            purpose,
        }
    }
}

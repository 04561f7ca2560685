//! The export of what is stored about the caller (SELF-7).

use crate::{
    accounts::documents::User,
    actions,
    app::App,
    letters::account_exported,
    mails::outbox,
    own_account::{documents::EmailUndo, email::account_of, store::factors::ExportedFactors},
    sessions::documents::Session,
    throttle,
};
use kernel::{error::Result, principal::Principal, request::Origin};
use platform::{
    audit::{
        self, Event,
        record::{AccessEntry, AuditEntry},
    },
    settings::Limit,
};

/// What is stored about an account, and nothing about others.
#[derive(Debug)]
pub struct Export {
    /// The account.
    pub user: User,
    /// Its sessions, newest first: those that have ended as well, while their rows are there.
    pub sessions: Vec<Session>,
    /// Its second factors and remembered devices.
    pub factors: ExportedFactors,
    /// Its recovery codes that are left.
    pub recovery_codes_left: u64,
    /// Its changes of the address that can still be undone.
    pub email_changes: Vec<EmailUndo>,
    /// The records about it in the audit trail, newest first.
    pub audit: Vec<AuditEntry>,
    /// Who saw or changed the clinic's records about its owner, newest first.
    pub accesses: Vec<AccessEntry>,
}

/// A day.
const DAY: u32 = 86_400;

/// Exports what is stored about the caller: 1 the throttle, and the limit of a day; 2 the audit event; 3 the notice to the
/// owner; 4 read it.
///
/// # Errors
/// `RateLimit`; `EmailError` if the outbox cannot store the notice.
pub async fn export(app: &App, origin: &Origin, caller: &Principal) -> Result<Export> {
    let user_id = &caller.user_id;
    let of_a_day = Limit {
        limit: app.settings.account.export_per_day,
        per_seconds: DAY,
    };
    let (throttle, account) = (&app.settings.throttle, format!("export:{user_id}"));
    for (setting, key, limit) in [
        ("export_per_account", account, throttle.export_per_account),
        ("export_per_day", format!("export-day:{user_id}"), of_a_day),
    ] {
        throttle::count(app, origin, setting, &key, limit).await?;
    }
    let user = account_of(app, caller).await?;
    audit::record(app, origin, Event::by(user_id, actions::EXPORT)).await?;
    outbox::notify(app, origin, &user, account_exported::job()).await?;
    let store = &app.store;
    let recovery_codes_left = match &user.factors.recovery_batch {
        Some(batch) => store.recovery_codes().count_left(user_id, batch).await?,
        None => 0,
    };
    Ok(Export {
        sessions: store.sessions().list_all(user_id).await?,
        factors: Box::pin(store.export_factors(user_id)).await?,
        recovery_codes_left,
        email_changes: store.email_undos().list(user_id).await?,
        audit: store.audit_log().of_subject(user_id).await?,
        accesses: store.audit_log().accesses(user_id, None, None).await?,
        user,
    })
}

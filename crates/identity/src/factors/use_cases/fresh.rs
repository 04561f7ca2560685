//! The fresh proof that changes of an account need (MFA-16, D15).

use chrono::Duration;

use crate::{
    accounts::documents::User, app::App, errors, factors::provable, login::may_log_in,
    sessions::documents::Session,
};
use kernel::{
    clock::Timestamp,
    error::{Error, Result},
    principal::Principal,
    request::Origin,
};

/// How long a proof is fresh.
pub fn lifetime(app: &App) -> Duration {
    Duration::minutes(app.settings.mfa.fresh_minutes)
}

/// What can be proven by the account, as `methods` of `REAUTH_REQUIRED` names it: the password where there is no factor.
pub fn methods(app: &App, user: &User) -> Vec<&'static str> {
    if user.factors.has_any() {
        provable(app, user)
    } else {
        vec!["password"]
    }
}

/// The session and the account of the caller, whose proof is fresh; until when. Both are read from the database: what
/// another instance knows may be older than a change of the factors.
///
/// # Errors
/// `ReauthRequired` if the proof is not fresh; `SessionError` if the session has ended.
pub async fn require(app: &App, origin: &Origin, caller: &Principal) -> Result<Timestamp> {
    let (session, user) = read(app, caller).await?;
    until(app, origin, &session, &user).ok_or_else(|| required(app, &user))
}

/// Until when the session's proof is fresh. `None` if it is not.
pub fn until(app: &App, origin: &Origin, session: &Session, user: &User) -> Option<Timestamp> {
    session.fresh_until(&user.factors, lifetime(app), origin.now)
}

/// The refusal of a caller whose proof is not fresh.
pub fn required(app: &App, user: &User) -> Error {
    Error::new(errors::REAUTH_REQUIRED)
        .adding("methods", methods(app, user))
        .adding("max_age_seconds", lifetime(app).num_seconds())
}

/// The session and the account of the caller, as the database has them.
///
/// # Errors
/// `SessionError` if the session has ended, or the account may not log in any more.
pub async fn read(app: &App, caller: &Principal) -> Result<(Session, User)> {
    let session = app.store.sessions().find(&caller.session_id).await?;
    let session = session
        .filter(|session| session.is_active && session.user_id == caller.user_id)
        .ok_or(errors::SESSION_ERROR)?;
    let user = app
        .store
        .accounts()
        .find_by_user_id(&caller.user_id)
        .await?;
    let user = user.filter(|user| may_log_in(app, user) && user.user_type == session.user_type);
    Ok((session, user.ok_or(errors::SESSION_ERROR)?))
}

//! Proves on each request who is calling, and notes the activity of the session.

use crate::{
    accounts::documents::User,
    app::App,
    errors, factors,
    sessions::{
        cache::Entry,
        documents::{Session, SessionLimits},
        limits,
    },
};
use std::sync::Arc;

use chrono::Duration;
use futures_util::future::BoxFuture;
use platform::Platform;
use web::caller::Authenticator;

use crypto::AccessClaims;
use kernel::{
    clock::Timestamp,
    error::{Error, Result},
    ids::SessionId,
    principal::Principal,
    request::Origin,
    role::Role,
};

/// How often activity is written at most; more often where the idle limit is short (SES-3).
fn write_interval(limits: &SessionLimits) -> Duration {
    Duration::minutes(1).min(limits.idle / 4)
}

/// Proves who is calling (SES-1):
///
/// 1. Verify the token by itself.
/// 2. Find its session and user: in the cache while the feed of revocations is fresh (D10), otherwise in the database.
/// 3. Check that both are live, and that the doctor is approved if the token says so.
/// 4. Note the activity.
///
/// # Errors
/// `AuthFailed` if the token is not valid or claims more than the account has; `SessionError` if the session has ended
/// or the user was deleted.
pub async fn authenticate(app: &App, origin: &Origin, token: &str) -> Result<Principal> {
    let now = origin.now;
    let Genuine { claims, session_id } = prove_genuine(app, origin, token)?;
    let ended = || Error::new(errors::SESSION_ERROR);
    let live = |entry: &Entry| {
        let limits = limits(&app.settings.sessions, entry.user.user_type);
        let seen = app.sessions.seen(&session_id, entry.session.last_activity);
        entry.session.is_live(seen, now, &limits)
            && entry.session.user_id.as_str() == claims.sub
            && entry.user.user_type == claims.user_type
            && entry
                .user
                .may_log_in(app.settings.auth.doctor_approval_required)
    };
    // A token must not claim an approval that was withdrawn. The session continues with a new token (ADM-6).
    let claims_hold =
        |entry: &Entry| claims.approved != Some(true) || entry.user.approved == Some(true);
    // A session that looks dead in the cache may have been refreshed by another instance, so only the database refuses.
    let known = cached(app, &session_id);
    let entry = match known.filter(|entry| live(entry) && claims_hold(entry)) {
        Some(entry) => entry,
        None => read(app, &session_id, &claims.sub)
            .await?
            .filter(|entry| live(entry))
            .ok_or_else(ended)?,
    };
    if !claims_hold(&entry) {
        return Err(errors::AUTH_FAILED.into());
    }
    let limits = limits(&app.settings.sessions, entry.user.user_type);
    if app
        .sessions
        .note(&entry.session, now, write_interval(&limits))
    {
        write_activity(app, &entry.session, now, &limits).await;
    }
    Ok(Principal {
        user_id: entry.user.user_id.clone(),
        role: entry.user.user_type,
        session_id,
        token_expires_at: claims.expires_at(),
        methods: entry.session.amr,
        auth_time: entry.session.auth_time(),
    })
}

/// Checks again, within a request that takes long, that the caller's session is live and the role is the same.
///
/// # Errors
/// `SessionError` if not.
pub async fn still_stands(app: &App, caller: &Principal, now: Timestamp) -> Result<()> {
    let limits = limits(&app.settings.sessions, caller.role);
    let approval = app.settings.auth.doctor_approval_required;
    let live = |entry: &Entry| {
        let Entry { session, user } = entry;
        let is_same = user.user_type == caller.role && user.may_log_in(approval);
        is_same && session.is_live(now, now, &limits)
    };
    if cached(app, &caller.session_id).is_some_and(|entry| live(&entry)) {
        return Ok(());
    }
    let found = read(app, &caller.session_id, caller.user_id.as_str()).await?;
    let found = found.filter(live);
    found.map(drop).ok_or(errors::SESSION_ERROR.into())
}

/// The account of a caller: from the cache while the feed of revocations is fresh (D10), otherwise from the database.
pub async fn account_of(app: &App, caller: &Principal) -> Result<Arc<User>> {
    if let Some(entry) = fresh(app, &caller.session_id) {
        return Ok(entry.user);
    }
    let found = app
        .store
        .accounts()
        .find_by_user_id(&caller.user_id)
        .await?;
    Ok(Arc::new(found.ok_or(errors::SESSION_ERROR)?))
}

impl Authenticator for App {
    fn platform(&self) -> &Platform {
        &self.platform
    }

    fn authenticate<'a>(
        &'a self,
        origin: &'a Origin,
        token: &'a str,
    ) -> BoxFuture<'a, Result<Principal>> {
        Box::pin(authenticate(self, origin, token))
    }

    fn prove_fresh<'a>(
        &'a self,
        origin: &'a Origin,
        caller: &'a Principal,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            factors::fresh::require(self, origin, caller)
                .await
                .map(drop)
        })
    }
}

/// A valid access token of this service; its session may have ended.
#[derive(Debug)]
pub struct Genuine {
    /// The token's claims.
    pub claims: Arc<AccessClaims>,
    /// The session of the token.
    pub session_id: SessionId,
}

/// Step 1 of [`authenticate`].
pub fn prove_genuine(app: &App, origin: &Origin, token: &str) -> Result<Genuine> {
    let claims = app
        .keys
        .verify(token, origin.now)
        .map_err(|error| Error::new(errors::AUTH_FAILED).because(error))?;
    let session_id = SessionId::parse(&claims.session_id).ok_or(errors::AUTH_FAILED)?;
    Ok(Genuine { claims, session_id })
}

/// How much older than the lag the feed may be before the cache is not used.
const FEED_GRACE: Duration = Duration::seconds(1);

fn cached(app: &App, session_id: &SessionId) -> Option<Entry> {
    if app.settings.sessions.revocation_lag_ms == 0 {
        return None;
    }
    let found = fresh(app, session_id);
    let result = if found.is_some() { "hit" } else { "miss" };
    let lookups = &app.metrics.session_lookups;
    lookups.with_label_values(&[result]).inc();
    found
}

/// The session and its user in the cache; `None` while the feed of revocations is not fresh.
fn fresh(app: &App, session_id: &SessionId) -> Option<Entry> {
    let lag = app.settings.sessions.revocation_lag_ms;
    if lag == 0 {
        return None;
    }
    let allowed = Duration::milliseconds(i64::try_from(lag).unwrap_or(i64::MAX / 2)) + FEED_GRACE;
    let found = app.sessions.get(session_id);
    found.filter(|_| app.sessions.is_fresh(app.clock.elapsed(), allowed))
}

async fn read(app: &App, session_id: &SessionId, user_id: &str) -> Result<Option<Entry>> {
    let generation = app.sessions.generation(user_id);
    let Some(session) = app.store.sessions().find(session_id).await? else {
        return Ok(None);
    };
    let Some(user) = app
        .store
        .accounts()
        .find_by_user_id(&session.user_id)
        .await?
    else {
        return Ok(None);
    };
    let entry = Entry {
        session: Arc::new(session),
        user: Arc::new(user),
    };
    app.sessions.put(entry.clone(), generation);
    Ok(Some(entry))
}

pub(crate) async fn write_activity(
    app: &App,
    session: &Session,
    seen: Timestamp,
    limits: &SessionLimits,
) {
    let touch = app
        .store
        .sessions()
        .touch(&session.session_id, seen, session.end(seen, limits))
        .await;
    if let Err(error) = touch {
        tracing::warn!(session_id = %session.session_id, %error, "last activity not written");
    }
}

/// Writes the activity that is only in memory and old enough; a loop calls it.
pub async fn write_activities(app: &App, now: Timestamp) -> Result<()> {
    let shortest = Role::ALL
        .map(|role| write_interval(&limits(&app.settings.sessions, role)))
        .into_iter()
        .min()
        .unwrap_or_else(|| Duration::minutes(1));
    write_older_than(app, now, shortest).await
}

/// Writes all activity that is only in memory, before the service stops (SES-3).
pub async fn write_last_activities(app: &App, now: Timestamp) -> Result<()> {
    write_older_than(app, now, Duration::zero()).await
}

async fn write_older_than(app: &App, now: Timestamp, interval: Duration) -> Result<()> {
    for (session_id, seen) in app.sessions.unwritten(now, interval) {
        if let Some(session) = app.store.sessions().find(&session_id).await? {
            let limits = limits(&app.settings.sessions, session.user_type);
            write_activity(app, &session, seen, &limits).await;
        }
        app.sessions.note_written(&session_id, seen);
    }
    Ok(())
}

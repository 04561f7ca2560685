//! Sessions: begin, list, end, and tell other instances.

use crate::{
    accounts::documents::User,
    actions,
    app::App,
    errors,
    factors::Proven,
    keys::tokens::{self, TokenSet},
    login::{new_device, sprayed_names},
    sessions::{
        authentication::{Genuine, prove_genuine},
        documents::{EndReason, RefreshState, Session, SessionLimits},
    },
    settings,
    throttle::{self, Writes},
};
use chrono::Duration;

use crypto::RefreshToken;
use kernel::{
    clock::Timestamp,
    error::Result,
    ids::{SessionId, UserId},
    methods::Methods,
    principal::Principal,
    request::Origin,
    role::Role,
};
use platform::audit::{self, Event};

/// How long a session of `role` may live.
pub fn limits(config: &settings::Sessions, role: Role) -> SessionLimits {
    SessionLimits {
        idle: Duration::minutes(config.idle_minutes.of(role)),
        absolute: Duration::hours(config.absolute_hours.of(role)),
        refresh: Duration::days(config.refresh_days),
    }
}

/// The fail points before the writes that follow the one of the session, for tests of crashes.
pub const BEGIN_STEPS: [&str; 2] = ["login:device", "login:confirm"];

/// Begins a session for an account that was just proven: 1 write it, with a new id (SES-2); 2 mail the owner about a new device;
/// 3 `confirm`; 4 sign. `None` if the account changed since it was proven.
pub(crate) async fn begin(app: &App, origin: &Origin, proven: &Proven) -> Result<Option<TokenSet>> {
    let user = proven.user();
    let (session, refresh) = new_session(app, origin, proven);
    app.store.sessions().insert(&session).await?;
    app.fail_point.pass("login:device")?;
    let device = new_device::device_of(app, origin);
    new_device::tell(app, origin, user, &device).await?;
    app.fail_point.pass("login:confirm")?;
    if !confirm(app, origin, user, (&session.id, &device)).await? {
        return Ok(None);
    }
    tokens::answer(app, session, user.clone(), &refresh, origin.now).map(Some)
}

/// Notes the login on the account, and ends the oldest sessions beyond the cap (SES-4). What was proven must still hold:
/// otherwise the session is ended, since a change of password that ran beside it has not seen it. False then.
async fn confirm(
    app: &App,
    origin: &Origin,
    user: &User,
    (session, device): (&SessionId, &str),
) -> Result<bool> {
    let now = origin.now;
    let cap = app.settings.sessions.max_per_user;
    let address = sprayed_names::address_of(app, origin);
    let accounts = app.store.accounts();
    let noted = accounts
        .note_login(user, (&address, device), cap, now)
        .await?;
    app.sessions.note_login(&user.user_id, now);
    let Some(current) = noted else {
        end(app, &user.user_id, session, EndReason::Password, now).await?;
        return Ok(false);
    };
    hold_to_cap(app, &current, session, now).await?;
    Ok(true)
}

fn new_session(app: &App, origin: &Origin, proven: &Proven) -> (Session, RefreshToken) {
    let (now, user) = (origin.now, proven.user());
    let limits = limits(&app.settings.sessions, user.user_type);
    let uuid = app.rng.uuid();
    let id = SessionId::from_uuid(uuid);
    let refresh = RefreshToken::issue(uuid, &app.rng, &app.master);
    let absolute = now + limits.absolute;
    let session = Session {
        session_id: id.clone(),
        id,
        user_id: user.user_id.clone(),
        user_type: user.user_type,
        device_name: proven.device_name().map(str::to_owned),
        user_agent: origin.user_agent.clone(),
        ip_address: origin.ip.to_string(),
        login_time: now,
        last_activity: now,
        expires_at: (now + limits.idle).min(absolute).min(now + limits.refresh),
        absolute_expires_at: absolute,
        is_active: true,
        ended_at: None,
        end_reason: None,
        amr: proven.methods(),
        auth_time: Some(now),
        fresh_at: proven.is_fresh().then_some(now),
        device_id: proven.device_id().map(str::to_owned),
        refresh: RefreshState {
            current: refresh.digest().as_str().to_owned(),
            previous: None,
            rotated_at: None,
            generation: 0,
            key_id: None,
            expires_at: now + limits.refresh,
        },
    };
    (session, refresh)
}

/// Ends the oldest sessions of `user` beyond the cap. They are looked at only when enough logins were counted that there
/// may be any: no login is missing from that count, since it is made after the session was written.
async fn hold_to_cap(app: &App, user: &User, kept: &SessionId, now: Timestamp) -> Result<()> {
    let cap = app.settings.sessions.max_per_user;
    let counted = user.sessions_at_most.unwrap_or(i64::MAX);
    if counted <= i64::from(cap) {
        return Ok(());
    }
    let sessions = app.store.sessions();
    let others = sessions.list_others(&user.user_id, kept, now).await?;
    let stay = others.len().min(cap.saturating_sub(1) as usize);
    for oldest in &others[stay..] {
        end(app, &user.user_id, oldest, EndReason::Cap, now).await?;
    }
    let live = i64::try_from(stay + 1).unwrap_or(i64::MAX);
    let accounts = app.store.accounts();
    Ok(accounts
        .count_sessions(&user.user_id, counted, live)
        .await?)
}

/// The caller's live sessions, newest first, with what this instance knows of their last activity.
pub async fn list(app: &App, origin: &Origin, caller: &Principal) -> Result<Vec<Session>> {
    let mut sessions = app
        .store
        .sessions()
        .list_live(&caller.user_id, origin.now)
        .await?;
    for session in &mut sessions {
        let limits = limits(&app.settings.sessions, session.user_type);
        session.last_activity = app
            .sessions
            .seen(&session.session_id, session.last_activity);
        session.expires_at = session.end(session.last_activity, &limits);
    }
    Ok(sessions)
}

/// Ends one of the caller's sessions. It is no error if it has ended already (SES-5).
///
/// # Errors
/// `SessionNotFound` if it is not the caller's.
pub async fn end_own(app: &App, origin: &Origin, caller: &Principal, id: &str) -> Result<()> {
    let session_id = SessionId::parse(id).ok_or(errors::SESSION_NOT_FOUND)?;
    if log_out(app, origin, &caller.user_id, &session_id).await? {
        Ok(())
    } else {
        Err(errors::SESSION_NOT_FOUND.into())
    }
}

/// Ends the session of a genuine access token. It is no error if the session has ended already, or if its row is gone.
///
/// # Errors
/// `AuthFailed` if the token is not genuine or has expired.
pub async fn log_out_by_access_token(app: &App, origin: &Origin, token: &str) -> Result<()> {
    let Genuine { claims, session_id } = prove_genuine(app, origin, token)?;
    let user_id = UserId::from_stored(claims.sub.as_str());
    log_out(app, origin, &user_id, &session_id).await.map(drop)
}

/// Ends the session of a refresh token, the current one or an older one: an app may have kept any of them, and its user wants
/// the session to end. It is no error if the session has ended already, or if its row is gone.
///
/// # Errors
/// `SessionError` if this service did not issue the token.
pub async fn log_out_by_refresh_token(app: &App, origin: &Origin, token: &str) -> Result<()> {
    let shown = RefreshToken::parse(token, &app.master).ok_or(errors::SESSION_ERROR)?;
    let session_id = SessionId::from_uuid(shown.session_id());
    let Some(session) = app.store.sessions().find(&session_id).await? else {
        return Ok(());
    };
    let user_id = &session.user_id;
    log_out(app, origin, user_id, &session_id).await.map(drop)
}

/// Ends a session of `user_id`. False: no session of theirs has that id. One that has ended already is in the feed by its own
/// row, so that asking again after a lost answer needs no other write (SES-7).
async fn log_out(
    app: &App,
    origin: &Origin,
    user_id: &UserId,
    session_id: &SessionId,
) -> Result<bool> {
    if !end(app, user_id, session_id, EndReason::Logout, origin.now).await? {
        let known = app.store.sessions().find(session_id).await?;
        if known.is_none_or(|session| session.user_id != *user_id) {
            return Ok(false);
        }
        // Only repetitions are limited: the end of a live session is never refused, because a thief who holds another session
        // could prevent it otherwise (RL-10).
        throttle::by_account(app, origin, Writes::EndedSessions, user_id).await?;
    }
    audit::record(app, origin, Event::by(user_id, actions::LOGOUT)).await?;
    Ok(true)
}

/// Ends all of the caller's sessions, and forgets the remembered devices (MFA-20); how many sessions there were.
pub async fn log_out_everywhere(app: &App, origin: &Origin, caller: &Principal) -> Result<u64> {
    let count = end_all(app, &caller.user_id, None, EndReason::Logout, origin.now).await?;
    app.store
        .known_devices()
        .delete_all(&caller.user_id)
        .await?;
    audit::record(app, origin, Event::by(&caller.user_id, actions::LOGOUT_ALL)).await?;
    Ok(count)
}

/// Notes a full proof by `methods` in the session of the caller, which it raises, and no other session (MFA-21). Every
/// instance reads it anew. `false` if it has ended.
pub async fn raise(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    methods: Methods,
) -> Result<bool> {
    let (user_id, now) = (&caller.user_id, origin.now);
    let methods = caller.methods.and(methods);
    let sessions = app.store.sessions();
    let raised = sessions
        .raise(&caller.session_id, user_id, methods, now)
        .await?;
    forget(app, user_id, now).await?;
    Ok(raised.is_some())
}

/// Ends one session of `user_id` by one write: here at once, and elsewhere within the lag, because the other instances read its
/// row in the feed (SES-7, D10). False: it was not live.
pub async fn end(
    app: &App,
    user_id: &UserId,
    session_id: &SessionId,
    reason: EndReason,
    now: Timestamp,
) -> Result<bool> {
    let sessions = app.store.sessions();
    let end = sessions.revoke(session_id, user_id, reason, now).await;
    // After an error too: the write may have been made.
    app.sessions.evict(user_id, Some(session_id));
    Ok(end?.is_some_and(|end| end > now))
}

/// Ends every session of `user_id` but `except`, as [`end`] does, and answers how many there were.
pub async fn end_all(
    app: &App,
    user_id: &UserId,
    except: Option<&SessionId>,
    reason: EndReason,
    now: Timestamp,
) -> Result<u64> {
    let sessions = app.store.sessions();
    let count = sessions.revoke_all(user_id, except, reason, now).await;
    app.sessions.evict(user_id, None);
    Ok(count?)
}

/// Makes every instance read an account and its sessions anew, after the account was changed.
pub async fn forget(app: &App, user_id: &UserId, now: Timestamp) -> Result<()> {
    app.sessions.evict(user_id, None);
    let id = app.rng.uuid().to_string();
    Ok(app.store.revocations().insert(id, user_id, now).await?)
}

/// Reads in the feed what other instances ended and changed since the last time, with an overlap, since their clocks may be
/// behind (D10). If it cannot be read, the cache stops answering by itself.
pub async fn follow_revocations(app: &App, now: Timestamp) -> Result<()> {
    let lag = i64::try_from(app.settings.sessions.revocation_lag_ms).unwrap_or(i64::MAX / 2);
    let overlap = Duration::seconds(60) + Duration::milliseconds(lag);
    let read_at = app.clock.elapsed();
    let rows = app.store.revocations().list_since(now - overlap).await?;
    for row in app.sessions.take_new(rows, |row| &row.id, read_at, overlap) {
        app.sessions.evict(&row.user_id, row.session_id.as_ref());
    }
    Ok(())
}

//! Refresh tokens: all who show one within its grace are given the same successor; a later use ends its session (RT-1,
//! RT-2, D6).

use crate::{
    accounts::documents::User,
    actions,
    app::App,
    errors,
    keys::tokens::{self, TokenSet},
    letters::refresh_token_replayed,
    mails::outbox,
    sessions::{
        self,
        authentication::write_activity,
        documents::{EndReason, Session, SessionLimits},
        store::sessions::Rotation,
    },
    throttle::{self, PerIp},
};
use chrono::Duration;

use crypto::RefreshToken;
use kernel::{
    clock::Timestamp,
    error::{Error, Result},
    ids::SessionId,
    request::Origin,
    sealed::KeyId,
};
use platform::audit::{self, Event};

/// New tokens for a refresh token (RT-1, RT-2):
///
/// 1 the token's own tag: one that was never issued counts against its caller's address, and touches nothing else (RL-8);
/// 2 throttle by session; 3 the session, live, with a user who may log in; 4 the current token: rotate by one conditional update; 5 the immediate predecessor, in the first seconds:
/// answer its successor again (D6), which needs no write; 6 any other use of an old token is a replay: end the session
/// and tell its owner.
///
/// # Errors
/// `SessionError`: refused; `RateLimit`.
pub async fn rotate(app: &App, origin: &Origin, token: &str) -> Result<TokenSet> {
    let now = origin.now;
    let Some(shown) = RefreshToken::parse(token, &app.master) else {
        throttle::by_ip(app, origin, PerIp::Refresh).await?;
        return Err(refused());
    };
    let session_id = SessionId::from_uuid(shown.session_id());
    throttle::by_session(app, &session_id)?;
    let rows = app.store.sessions();
    let session = rows.find(&session_id).await?.ok_or_else(refused)?;
    let limits = sessions::limits(&app.settings.sessions, session.user_type);
    let seen = app.sessions.seen(&session_id, session.last_activity);
    if !session.is_live(seen, now, &limits) {
        return Err(refused());
    }
    if seen > session.last_activity {
        write_activity(app, &session, seen, &limits).await;
    }
    let user = app
        .store
        .accounts()
        .find_by_user_id(&session.user_id)
        .await?
        .ok_or_else(refused)?;
    // A session is that of the role that logged in: another role begins another one (ADM-3).
    if user.user_type != session.user_type
        || !user.may_log_in(app.settings.auth.doctor_approval_required)
    {
        return Err(refused());
    }
    let is_current = session.refresh.current == shown.digest().as_str();
    let answer = if is_current {
        audit::record(app, origin, Event::by(&user.user_id, actions::REFRESH)).await?;
        succeed(app, session, &shown, &limits, now).await?
    } else if has_grace(app, &session, &shown, now) {
        answer_again(app, session, &shown, now).await?
    } else {
        None
    };
    let Some((session, next)) = answer else {
        return replayed(app, origin, &session_id, &user).await;
    };
    if !is_current {
        audit::record(app, origin, Event::by(&user.user_id, actions::REFRESH)).await?;
    }
    tokens::answer(app, session, user, &next, now)
}

fn refused() -> Error {
    errors::SESSION_ERROR.into()
}

/// The session and the token that takes the place of the one shown.
type Answer = Option<(Session, RefreshToken)>;

/// Step 4. Of several uses at once one rotates; the others are given what it was given, unless there is no grace.
async fn succeed(
    app: &App,
    session: Session,
    shown: &RefreshToken,
    limits: &SessionLimits,
    now: Timestamp,
) -> Result<Answer> {
    let (generation, key_id) = (session.refresh.generation + 1, app.master.current_id());
    let next = successor(app, shown, generation, key_id)?;
    let refresh_expires_at = now + limits.refresh;
    let rotation = Rotation {
        shown: shown.digest().as_str(),
        next: next.digest().as_str(),
        generation,
        key_id,
        refresh_expires_at,
        expires_at: (now + limits.idle)
            .min(session.absolute_expires_at)
            .min(refresh_expires_at),
        now,
    };
    let rows = app.store.sessions();
    if let Some(session) = rows.rotate(&session.id, &rotation).await? {
        app.sessions.evict(&session.user_id, Some(&session.id));
        return Ok(Some((session, next)));
    }
    // Another use was first, a moment ago: by whatever clock, the grace has not ended.
    let Some(session) = rows.find(&session.id).await? else {
        return Ok(None);
    };
    let has_grace = app.settings.sessions.reuse_grace_seconds > 0;
    if !has_grace || !session.is_active || !is_predecessor(&session, shown) {
        return Ok(None);
    }
    answer_again(app, session, shown, now).await
}

/// Whether `shown` is the immediate predecessor, and was rotated within the grace. The time is that of the rotation, so
/// that answering again does not make it longer.
fn has_grace(app: &App, session: &Session, shown: &RefreshToken, now: Timestamp) -> bool {
    let grace = app.settings.sessions.reuse_grace_seconds;
    let since = now - Duration::seconds(grace);
    let rotated_at = session.refresh.rotated_at;
    grace > 0 && is_predecessor(session, shown) && rotated_at.is_some_and(|at| at > since)
}

fn is_predecessor(session: &Session, shown: &RefreshToken) -> bool {
    session.refresh.previous.as_deref() == Some(shown.digest().as_str())
}

/// Step 5: derives the successor of `shown`, the immediate predecessor, once more.
async fn answer_again(
    app: &App,
    mut session: Session,
    shown: &RefreshToken,
    now: Timestamp,
) -> Result<Answer> {
    let mut next = derived_again(app, &session, shown)?;
    if next.digest().as_str() != session.refresh.current {
        session = derive_instead(app, session, shown, now).await?;
        next = derived_again(app, &session, shown)?;
    }
    let is_current = next.digest().as_str() == session.refresh.current;
    Ok(is_current.then_some((session, next)))
}

fn derived_again(app: &App, session: &Session, shown: &RefreshToken) -> Result<RefreshToken> {
    let state = &session.refresh;
    let key_id = state.key_id.as_ref();
    let key_id = key_id.unwrap_or_else(|| app.master.current_id());
    successor(app, shown, state.generation, key_id)
}

/// The current token was drawn at random, by an instance of an earlier version: a derived one takes its place. The session
/// as it is then, by this use of the predecessor or by another.
async fn derive_instead(
    app: &App,
    session: Session,
    shown: &RefreshToken,
    now: Timestamp,
) -> Result<Session> {
    let (generation, key_id) = (session.refresh.generation, app.master.current_id());
    let next = successor(app, shown, generation, key_id)?;
    let rotation = Rotation {
        shown: shown.digest().as_str(),
        next: next.digest().as_str(),
        generation,
        key_id,
        refresh_expires_at: session.refresh.expires_at,
        expires_at: session.expires_at,
        now,
    };
    let rows = app.store.sessions();
    let drawn = &session.refresh.current;
    let written = rows.derive_successor(&session.id, drawn, &rotation).await?;
    match written {
        Some(session) => Ok(session),
        None => rows.find(&session.id).await?.ok_or_else(refused),
    }
}

/// `SessionError`, and nothing ends, where the master secret is not set here: it is being changed, one instance after the
/// other.
fn successor(
    app: &App,
    shown: &RefreshToken,
    generation: i64,
    key_id: &KeyId,
) -> Result<RefreshToken> {
    let next = shown.successor(generation, key_id, &app.master);
    next.ok_or_else(refused)
}

/// Step 6.
async fn replayed(
    app: &App,
    origin: &Origin,
    session_id: &SessionId,
    user: &User,
) -> Result<TokenSet> {
    let (user_id, now) = (&user.user_id, origin.now);
    if sessions::end(app, user_id, session_id, EndReason::Replay, now).await? {
        tracing::warn!(%user_id, %session_id, "a refresh token was used twice");
        let event = Event::refused(Some(user_id), actions::REFRESH_REPLAY);
        audit::record_refusal(app, origin, event).await;
        outbox::notify(app, origin, user, refresh_token_replayed::job()).await?;
    }
    Err(refused())
}

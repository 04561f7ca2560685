//! Refresh tokens: each is exchanged once; a second use ends its session (RT-1, RT-2).

use chrono::Duration;

use super::{
    audit::{self, Event},
    authentication::write_activity,
    outbox, sessions, throttle,
    throttle::PerIp,
    tokens::{self, TokenSet},
};
use crate::{
    app::App,
    crypto::RefreshToken,
    domain::{
        audit::Action, ids::SessionId, outbox::Intent, request::Origin, session::EndReason,
        user::User,
    },
    error::{Error, ErrorCode, Result},
    store::sessions::Rotation,
};

/// New tokens for a refresh token (RT-1, RT-2):
///
/// 1 throttle; 2 the token's own tag: one that was never issued touches nothing; 3 its session, live, with a user who
/// may log in; 4 rotate by one conditional update; 5 or, in the first seconds, answer the immediate predecessor again
/// (D6); 6 any other use of an old token is a replay: end the session and tell its owner.
///
/// # Errors
/// `SessionError`: refused; the database does not answer.
pub async fn rotate(app: &App, origin: &Origin, token: &str) -> Result<TokenSet> {
    let now = origin.now;
    throttle::by_ip(app, origin, PerIp::Refresh).await?;
    let refused = || Error::new(ErrorCode::SessionError);
    let shown = RefreshToken::parse(token, &app.master).ok_or_else(refused)?;
    let session_id = SessionId::from_uuid(shown.session_id);
    let rows = app.store.sessions();
    let session = rows.find(&session_id).await?.ok_or_else(refused)?;
    let limits = sessions::limits(&app.settings.config.sessions, session.user_type);
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
        || !user.may_log_in(app.settings.config.auth.doctor_approval_required)
    {
        return Err(refused());
    }
    let next = RefreshToken::issue(shown.session_id, &app.rng, &app.master);
    let refresh_expires_at = now + limits.refresh;
    let rotation = Rotation {
        shown: shown.digest.as_str(),
        next: next.digest().as_str(),
        refresh_expires_at,
        expires_at: (now + limits.idle)
            .min(session.absolute_expires_at)
            .min(refresh_expires_at),
        now,
    };
    let is_current = session.refresh.current == shown.digest.as_str();
    if is_current {
        audit::record(app, origin, Event::by(&user.user_id, Action::Refresh)).await?;
    }
    let mut rotated = rows.rotate(&session_id, &rotation).await?;
    let grace = app.settings.config.sessions.reuse_grace_seconds;
    if rotated.is_none() && grace > 0 {
        let since = now - Duration::seconds(grace);
        rotated = rows.rotate_again(&session_id, &rotation, since).await?;
    }
    let Some(session) = rotated else {
        replayed(app, origin, &session_id, &user).await?;
        return Err(refused());
    };
    app.sessions.evict(&user.user_id, Some(&session_id));
    if !is_current {
        audit::record(app, origin, Event::by(&user.user_id, Action::Refresh)).await?;
    }
    tokens::answer(app, session, user, &next, now)
}

async fn replayed(app: &App, origin: &Origin, session_id: &SessionId, user: &User) -> Result<()> {
    if !sessions::end(
        app,
        &user.user_id,
        session_id,
        EndReason::Replay,
        origin.now,
    )
    .await?
    {
        return Ok(());
    }
    tracing::warn!(user_id = %user.user_id, %session_id, "a refresh token was used twice");
    audit::record_refusal(
        app,
        origin,
        Event::refused(Some(&user.user_id), Action::RefreshReplay),
    )
    .await;
    outbox::notify(app, origin, user, Intent::RefreshReplayed).await
}

//! The token answer: an access token for a live session, and the refresh token beside it.

use chrono::Duration;

use crate::{
    app::App,
    clock::{Timestamp, seconds_until},
    config::Secret,
    crypto::{jwt::AccessClaims, tokens::RefreshToken},
    domain::{session::Session, user::User},
    error::{Error, Result},
};

/// What login, refresh and verify-otp answer (contract.md 1.2).
#[derive(Debug)]
pub struct TokenSet {
    /// The access token.
    pub access_token: Secret,
    /// Seconds that it lives.
    pub expires_in: u64,
    /// The refresh token.
    pub refresh_token: Secret,
    /// Seconds that it lives; never longer than the session.
    pub refresh_expires_in: u64,
    /// The session.
    pub session: Session,
    /// Its user.
    pub user: User,
}

/// Signs an access token for `session` and puts the answer together.
///
/// # Errors
/// There is no key to sign with.
pub fn answer(
    app: &App,
    session: Session,
    user: User,
    refresh: &RefreshToken,
    now: Timestamp,
) -> Result<TokenSet> {
    let config = &app.settings.config.jwt;
    let lifetime = Duration::minutes(config.expire_minutes);
    let claims = AccessClaims::new(
        config,
        &user.user_id,
        user.user_type,
        &session.session_id,
        app.rng.uuid().to_string(),
        now,
        user.approved,
    );
    let access_token = app.keys.sign(&claims, now).map_err(Error::internal)?;
    let refresh_end = session.refresh.expires_at.min(session.absolute_expires_at);
    Ok(TokenSet {
        access_token,
        expires_in: seconds_until(now + lifetime, now),
        refresh_token: Secret::new(refresh.expose()),
        refresh_expires_in: seconds_until(refresh_end, now),
        session,
        user,
    })
}

//! The token answer: an access token for a live session, and its refresh token.

use crate::{accounts::documents::User, app::App, sessions::documents::Session};
use crypto::{RefreshToken, Subject};
use kernel::{
    clock::{Timestamp, seconds_until},
    error::{Error, Result},
    secret::Secret,
};

/// The answer of login, refresh and verify-otp.
#[derive(Debug)]
pub struct TokenSet {
    /// The access token.
    pub access_token: Secret,
    /// How many seconds it is valid.
    pub expires_in: u64,
    /// The refresh token.
    pub refresh_token: Secret,
    /// How many seconds it is valid; never longer than the session.
    pub refresh_expires_in: u64,
    /// The session.
    pub session: Session,
    /// Its user.
    pub user: User,
}

/// Signs an access token for `session` and makes the answer.
pub fn answer(
    app: &App,
    session: Session,
    user: User,
    refresh: &RefreshToken,
    now: Timestamp,
) -> Result<TokenSet> {
    let settings = app.keys.settings();
    let subject = Subject {
        user_id: user.user_id.as_str(),
        role: user.user_type,
        session_id: session.session_id.as_str(),
        approved: user.approved,
        methods: session.amr,
        auth_time: session.auth_time(),
    };
    let claims = settings.claims(subject, now, &app.rng);
    let access_token = app.keys.sign(&claims, now).map_err(Error::internal)?;
    // Rounded down, and not after the end of the session, which comes first where the role's idle limit is short.
    let refresh_expires_in = (session.expires_at - now)
        .num_seconds()
        .max(0)
        .unsigned_abs();
    Ok(TokenSet {
        access_token,
        expires_in: seconds_until(now + settings.lifetime(), now),
        refresh_token: Secret::new(refresh.expose()),
        refresh_expires_in,
        session,
        user,
    })
}

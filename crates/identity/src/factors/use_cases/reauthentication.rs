//! Proving again who is calling, for what changes the account (MFA-16).

use crate::{
    actions,
    app::App,
    errors,
    factors::{
        fresh,
        passkeys::{
            self, Ceremony,
            rules::{Refused, responses::Assertion},
        },
        second_step::{self, SecondFactor},
    },
    login,
    password::rules::Password,
    sessions,
    throttle::{self, PerIp},
};
use kernel::{
    clock::Timestamp, error::Result, methods::Methods, principal::Principal, request::Origin,
};
use platform::audit::{self, Event};

/// What the caller can prove with, and the ceremony of a passkey if the account has one.
pub async fn begin(
    app: &App,
    origin: &Origin,
    caller: &Principal,
) -> Result<(Vec<&'static str>, Option<Ceremony>)> {
    let (_, user) = fresh::read(app, caller).await?;
    let ceremony = passkeys::begin_fresh_proof(app, origin, &user, caller).await?;
    Ok((fresh::methods(app, &user), ceremony))
}

/// Proves again who is calling, by a passkey alone, which is two factors:
///
/// 1. The limit of the caller's address.
/// 2. The session and the account, as the database has them.
/// 3. Count it like the second step of a login (MFA-10).
/// 4. The challenge of this session, consumed whatever comes of it (PK-1); the passkey of this account (PK-6).
/// 5. Write the audit event.
/// 6. Raise this session, and no other (MFA-21); forget the wrong factors.
///
/// # Errors
/// `AuthFailed` if the challenge is over; `PasskeyError`.
pub async fn by_passkey(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    challenge_id: &str,
    answer: &Result<Assertion, Refused>,
) -> Result<Timestamp> {
    throttle::by_ip(app, origin, PerIp::Mfa).await?;
    let (_, user) = fresh::read(app, caller).await?;
    let user_id = &user.user_id;
    let counted = second_step::take_try(app, origin, user_id).await?;
    let user = counted.ok_or(errors::SESSION_ERROR)?;
    let proven = passkeys::prove_fresh(app, origin, &user, caller, challenge_id, answer).await;
    let methods = second_step::record_wrong_passkey(app, origin, &user, proven).await?;
    audit::record(app, origin, Event::by(user_id, actions::REAUTHENTICATE)).await?;
    if !sessions::raise(app, origin, caller, methods).await? {
        return Err(errors::SESSION_ERROR.into());
    }
    second_step::clear(app, user_id).await?;
    Ok(origin.now + fresh::lifetime(app))
}

/// Proves again who is calling, by the password and, where the account has a factor, by a factor:
///
/// 1. The limit of the caller's address.
/// 2. The session and the account, as the database has them; with a factor, one must be shown.
/// 3. The password, with the same lockout as a login (LCK-5).
/// 4. The factor, counted like the second step of a login (MFA-10). A text that cannot be a code ends before it is counted
///    (OTP-10).
/// 5. Write the audit event.
/// 6. Raise this session, and no other (MFA-21); forget the wrong factors.
///
/// Until when the proof is fresh.
///
/// # Errors
/// `AuthFailed`: wrong password; `OtpError`: wrong factor, or none is there; `ReauthRequired`: the factor is missing.
pub async fn reauthenticate(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    password: Option<&Password>,
    factor: Option<&SecondFactor>,
) -> Result<Timestamp> {
    throttle::by_ip(app, origin, PerIp::Mfa).await?;
    let (_, user) = fresh::read(app, caller).await?;
    let user_id = &user.user_id;
    if factor.is_none() && user.factors.has_any() {
        return Err(fresh::required(app, &user));
    }
    let is_right = match password {
        Some(password) => login::is_right_password(app, origin, user_id, password).await?,
        None => false,
    };
    if !is_right {
        let event = Event::refused(Some(user_id), actions::REAUTHENTICATE);
        audit::record_refusal(app, origin, event).await;
        return Err(errors::AUTH_FAILED.into());
    }
    let mut methods = Methods::PASSWORD;
    if let Some(factor) = factor {
        if factor.is_no_code() {
            return Err(second_step::wrong_code(app, origin, user_id).await);
        }
        let counted = second_step::take_try(app, origin, user_id).await?;
        let user = counted.ok_or(errors::SESSION_ERROR)?;
        methods = methods.and(second_step::prove(app, origin, &user, factor).await?);
    }
    audit::record(app, origin, Event::by(user_id, actions::REAUTHENTICATE)).await?;
    if !sessions::raise(app, origin, caller, methods).await? {
        return Err(errors::SESSION_ERROR.into());
    }
    if factor.is_some() {
        second_step::clear(app, user_id).await?;
    }
    Ok(origin.now + fresh::lifetime(app))
}

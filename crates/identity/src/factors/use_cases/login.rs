//! The second step of a login (MFA-8 to MFA-12).

use crate::{
    actions,
    app::App,
    errors,
    factors::{
        Proven, dead_login, devices,
        documents::ChallengePurpose,
        enroller::id_of,
        recovery_codes,
        rules::proof_epoch::proof_epoch,
        second_step::{self, SecondFactor},
    },
    keys::tokens::TokenSet,
    login::{self, may_log_in, tell_of_failures},
    sessions,
    throttle::{self, PerIp},
};
use kernel::{error::Result, request::Origin};
use platform::audit::{self, Event};

/// What was shown. The account, its factors and their parameters are those of the challenge, never of the request (MFA-18).
#[derive(Debug)]
pub struct SecondStep {
    /// The token of the login that waits.
    pub mfa_token: String,
    /// The factor.
    pub factor: SecondFactor,
    /// Whether the device needs no second factor from now on.
    pub remember: bool,
    /// What the client calls the device.
    pub device_name: Option<String>,
}

/// A login that is complete.
#[derive(Debug)]
pub struct LoggedIn {
    /// Its tokens.
    pub tokens: TokenSet,
    /// The device, if it is remembered now.
    pub remembered: Option<devices::Remembered>,
    /// How many recovery codes are left, if one was used.
    pub recovery_codes_left: Option<u64>,
}

/// The second step of a login:
///
/// 1. The limit of the caller's address.
/// 2. The challenge: it is live, and a try is spent.
/// 3. The account's counter of second steps, over all its challenges; the account is as the password was proven.
/// 4. The factor, which is used up.
/// 5. Consume the challenge, once.
/// 6. Write the audit event.
/// 7. Remember the device, if it is asked for and the role may.
/// 8. The session, and the success on the account as it was proven.
///
/// # Errors
/// `AuthFailed` if the challenge does not hold any more; `OtpError` if the factor is wrong; `RateLimit`.
pub async fn second_step(app: &App, origin: &Origin, step: SecondStep) -> Result<LoggedIn> {
    let done = finish(app, origin, step).await;
    login::count(app, done.as_ref().err());
    done
}

async fn finish(app: &App, origin: &Origin, step: SecondStep) -> Result<LoggedIn> {
    throttle::by_ip(app, origin, PerIp::Mfa).await?;
    let (id, most) = (id_of(&step.mfa_token)?, app.settings.mfa.max_attempts);
    let challenges = app.store.login_challenges();
    let spent = challenges.spend_attempt(&id, ChallengePurpose::Login, most, origin.now);
    let challenge = spent.await?.ok_or_else(dead_login)?;
    let user_id = challenge.user_id.as_ref().ok_or_else(dead_login)?;
    let user = second_step::take_try(app, origin, user_id).await?;
    let user = user
        .filter(|user| may_log_in(app, user) && proof_epoch(user) == challenge.proof_epoch)
        .ok_or_else(dead_login)?;
    let proven = second_step::prove(app, origin, &user, &step.factor).await?;
    let methods = challenge.amr.and(proven.ok_or(errors::OTP_ERROR)?);
    let consumed = challenges.consume(&id, ChallengePurpose::Login, origin.now);
    consumed.await?.ok_or_else(dead_login)?;
    audit::record(app, origin, Event::by(user_id, actions::LOGIN)).await?;
    let failures = user.lockout.as_ref().map_or(0, |lockout| lockout.total + 1);
    tell_of_failures(app, origin, &user, failures).await?;
    let mut proven = Proven::with_factor(user, methods, step.device_name.or(challenge.device_name));
    let remembered = if step.remember {
        devices::remember(app, origin, &mut proven).await?
    } else {
        None
    };
    let tokens = sessions::begin(app, origin, &proven).await?;
    let recovery_codes_left = match step.factor {
        SecondFactor::Recovery(_) => Some(recovery_codes::count_left(app, proven.user()).await?),
        SecondFactor::Totp(_) => None,
    };
    Ok(LoggedIn {
        tokens: tokens.ok_or_else(dead_login)?,
        remembered,
        recovery_codes_left,
    })
}

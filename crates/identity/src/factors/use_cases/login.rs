//! The second step of a login (MFA-8 to MFA-12).

use crate::{
    accounts::documents::User,
    actions,
    app::App,
    errors,
    factors::{
        Proven, dead_login, devices,
        documents::{ChallengePurpose, LoginChallenge},
        enroller::id_of,
        passkeys, recovery_codes,
        rules::proof_epoch::proof_epoch,
        second_step::{self, SecondFactor},
    },
    keys::tokens::TokenSet,
    login::{self, may_log_in, tell_of_failures},
    sessions,
    throttle::{self, PerIp},
};
use kernel::{
    error::{Error, Result},
    methods::Methods,
    request::Origin,
};
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
/// 2. A text that cannot be a code ends here, if the challenge is live and the account as the password was proven. It uses
///    up no try (OTP-10).
/// 3. The challenge: it is live, a try is spent, and it is consumed, once.
/// 4. The account's counter of second steps, over all its challenges; the account is as the password was proven.
/// 5. The factor, which is used up. After a wrong one the challenge is open again, and counts the try.
/// 6. Write the audit event.
/// 7. Remember the device, if it is asked for and the role may.
/// 8. The session, and the success on the account as it was proven.
///
/// After a crash the challenge is over: the owner logs in again.
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
    if step.factor.is_no_code() {
        let found = challenges.find(&id, ChallengePurpose::Login, origin.now);
        let found = found.await?.filter(|found| found.attempts < most);
        return Err(answer_no_code(app, origin, &found.ok_or_else(dead_login)?).await?);
    }
    let held = challenges.hold(&id, ChallengePurpose::Login, most, origin.now);
    let challenge = held.await?.ok_or_else(dead_login)?;
    let (user, proven) = match prove(app, origin, &challenge, &step.factor).await {
        Ok(proven) => proven,
        Err(error) => {
            if error.code != errors::AUTH_FAILED {
                let was_shown = matches!(step.factor, SecondFactor::Passkey(_));
                challenges.reopen(&challenge, was_shown).await?;
            }
            return Err(error);
        }
    };
    let methods = challenge.amr.and(proven);
    audit::record(app, origin, Event::by(&user.user_id, actions::LOGIN)).await?;
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
        SecondFactor::Totp(_) | SecondFactor::Passkey(_) => None,
    };
    Ok(LoggedIn {
        tokens: tokens.ok_or_else(dead_login)?,
        remembered,
        recovery_codes_left,
    })
}

/// Step 2 of [`second_step()`]: the answer to a wrong code, and nothing is counted.
async fn answer_no_code(app: &App, origin: &Origin, challenge: &LoginChallenge) -> Result<Error> {
    let user_id = challenge.user_id.as_ref().ok_or_else(dead_login)?;
    let user = app.store.accounts().find_by_user_id(user_id).await?;
    let user = still_proven(app, challenge, user)?;
    Ok(second_step::wrong_code(app, origin, &user.user_id).await)
}

/// The account of a challenge, as the password was proven.
fn still_proven(app: &App, challenge: &LoginChallenge, user: Option<User>) -> Result<User> {
    let same = |user: &User| may_log_in(app, user) && proof_epoch(user) == challenge.proof_epoch;
    user.filter(same).ok_or_else(dead_login)
}

/// Steps 4 and 5 of [`second_step()`].
async fn prove(
    app: &App,
    origin: &Origin,
    challenge: &LoginChallenge,
    factor: &SecondFactor,
) -> Result<(User, Methods)> {
    let user_id = challenge.user_id.as_ref().ok_or_else(dead_login)?;
    let user = second_step::take_try(app, origin, user_id).await?;
    let user = still_proven(app, challenge, user)?;
    let methods = match factor {
        SecondFactor::Passkey(answer) => {
            let proven = passkeys::prove_second_step(app, origin, &user, challenge, answer).await;
            second_step::record_wrong_passkey(app, origin, &user, proven).await?
        }
        code => second_step::prove(app, origin, &user, code).await?,
    };
    Ok((user, methods))
}

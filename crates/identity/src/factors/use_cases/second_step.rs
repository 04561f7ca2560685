//! The proof of a second factor, whatever it is for: counted for the account before anything is compared (MFA-10).

use chrono::Duration;

use crate::{
    accounts::documents::User,
    actions,
    app::App,
    codes::rules::OtpCode,
    errors,
    factors::{
        passkeys::rules::{Refused, responses::Assertion},
        recovery_codes,
        rules::{recovery_code::RecoveryCode, totp::Seed},
    },
    login::{
        rules::lockout::{LockoutRule, LockoutSubject},
        store::lockouts::Try,
    },
};
use kernel::{
    error::{Error, Result},
    ids::UserId,
    methods::Methods,
    request::Origin,
};
use platform::audit::{self, Event};

/// A second factor as it was shown.
#[derive(Debug)]
pub enum SecondFactor {
    /// A code of the authenticator app; `None` if the text cannot be one.
    Totp(Option<OtpCode>),
    /// A recovery code; `None` if the text cannot be one.
    Recovery(Option<RecoveryCode>),
    /// The use of a passkey.
    Passkey(Box<Result<Assertion, Refused>>),
}

impl SecondFactor {
    /// Whether it is a text that cannot be a code. It is answered like a wrong one before any try is taken: a slip of the
    /// finger must not use up what a guess costs (OTP-10).
    pub(crate) const fn is_no_code(&self) -> bool {
        matches!(self, Self::Totp(None) | Self::Recovery(None))
    }
}

/// A wrong factor counts this long.
const COUNTED_FOR: Duration = Duration::hours(24);

fn rule(app: &App) -> LockoutRule {
    let mfa = &app.settings.mfa;
    let lock = Duration::minutes(mfa.lock_minutes);
    LockoutRule {
        max_failures: mfa.lock_failures,
        window: COUNTED_FOR,
        first_lock: lock,
        max_lock: lock,
        hard_limit: i32::MAX,
    }
}

/// Counts a try of the account, over all its logins, and returns the account. It counts as a failure until the login or
/// [`clear`] forgets it. `None` if there is no such account.
///
/// # Errors
/// `RateLimit` if the second step is locked.
pub(crate) async fn take_try(app: &App, origin: &Origin, user_id: &UserId) -> Result<Option<User>> {
    let lockouts = app.store.second_step_lockouts();
    let subject = LockoutSubject::Account(user_id.clone());
    match lockouts
        .take(&subject, None, &rule(app), origin.now)
        .await?
    {
        Try::Taken { account, .. } => Ok(account.map(|user| *user)),
        Try::Locked(seconds) => {
            let event = Event::refused(Some(user_id), actions::MFA_LOCK);
            audit::record_refusal(app, origin, event).await;
            Err(Error::rate_limit(seconds))
        }
        Try::Stranger | Try::NoAccount => Ok(None),
    }
}

/// Forgets the wrong factors of an account.
pub(crate) async fn clear(app: &App, user_id: &UserId) -> Result<()> {
    Ok(app.store.second_step_lockouts().clear(user_id).await?)
}

/// Records that a passkey was wrong.
///
/// # Errors
/// `PasskeyError`
pub(crate) async fn record_wrong_passkey(
    app: &App,
    origin: &Origin,
    user: &User,
    proven: Result<Methods>,
) -> Result<Methods> {
    if proven
        .as_ref()
        .is_err_and(|error| error.code == errors::PASSKEY_ERROR)
    {
        let event = Event::refused(Some(&user.user_id), actions::MFA_FAIL);
        audit::record_refusal(app, origin, event).await;
    }
    proven
}

/// Records that a code was wrong, and answers so.
pub(crate) async fn wrong_code(app: &App, origin: &Origin, user_id: &UserId) -> Error {
    let event = Event::refused(Some(user_id), actions::MFA_FAIL);
    audit::record_refusal(app, origin, event).await;
    errors::OTP_ERROR.into()
}

/// Proves a code of the account after a try was taken, and uses it up.
///
/// # Errors
/// `OtpError` if it is wrong, which is recorded.
pub(crate) async fn prove(
    app: &App,
    origin: &Origin,
    user: &User,
    shown: &SecondFactor,
) -> Result<Methods> {
    let proven = match shown {
        SecondFactor::Totp(Some(code)) if user.factors.has_totp() => {
            let is_right = accept_totp(app, origin, user, code).await?;
            is_right.then_some(Methods::totp())
        }
        SecondFactor::Recovery(Some(code)) if user.factors.has_any() => {
            let is_right = recovery_codes::consume(app, origin, user, code).await?;
            is_right.then_some(Methods::recovery())
        }
        SecondFactor::Totp(_) | SecondFactor::Recovery(_) | SecondFactor::Passkey(_) => None,
    };
    match proven {
        Some(methods) => Ok(methods),
        None => Err(wrong_code(app, origin, &user.user_id).await),
    }
}

/// Accepts a code of the authenticator app, and spends its step (MFA-11, MFA-12). A seed that an older master secret sealed
/// is sealed anew.
async fn accept_totp(app: &App, origin: &Origin, user: &User, code: &OtpCode) -> Result<bool> {
    let (user_id, totps) = (&user.user_id, app.store.totps());
    let row = totps.find(user_id).await?;
    let Some(sealed) = row.and_then(|row| row.seed) else {
        return Ok(false);
    };
    let seed = match Seed::open(&sealed, &app.master, user_id) {
        Ok(seed) => seed,
        Err(error) => {
            tracing::error!(%user_id, %error, "the seed of an authenticator app cannot be opened");
            return Ok(false);
        }
    };
    let window = app.settings.mfa.totp_window;
    let Some(step) = seed.matched_step(code, window, origin.now) else {
        return Ok(false);
    };
    let resealed = if sealed.key_id == *app.master.current_id() {
        None
    } else {
        let resealed = seed.seal(&app.master, user_id, &app.rng);
        Some(resealed.map_err(Error::internal)?)
    };
    let accepted = totps.accept(user_id, &sealed, step, resealed.as_ref(), origin.now);
    Ok(accepted.await?)
}

//! Login by passkey alone, which is two factors (MFA-22).

use super::{
    ceremony::{Ceremony, refuse, relying_party, take, wait},
    proof::{is_handle, is_of, verify},
};
use crate::{
    actions,
    app::App,
    errors,
    factors::{
        Proven, dead_login,
        passkeys::rules::{Refused, responses::Assertion},
    },
    keys::tokens::TokenSet,
    login::may_log_in,
    sessions,
    throttle::{self, PerIp},
};
use kernel::{error::Result, request::Origin};
use platform::audit::{self, Event};

/// Begins a login with any passkey of this site; the same for everybody.
///
/// # Errors
/// `RateLimit`; `NotFound` if there are no passkeys here.
pub async fn begin_login(app: &App, origin: &Origin) -> Result<Ceremony> {
    let site = relying_party(app)?;
    throttle::by_ip(app, origin, PerIp::Passkey).await?;
    let begun = site.begin_use(std::iter::empty()).map_err(refuse)?;
    wait(app, origin, begun, None).await
}

/// Finishes a login:
///
/// 1. Count it at the caller's address.
/// 2. Consume the challenge, whatever comes of it (PK-1).
/// 3. Find the passkey by its id, and its owner, who names it and whose handle came with it (PK-5).
/// 4. Verify, and note the use. The lock of the password is not looked at (PK-15).
/// 5. Refuse an owner who may not log in.
/// 6. Write the audit event, before what it records (AUD-4).
/// 7. Begin the session, on the account as it was read.
///
/// # Errors
/// `AuthFailed` if the challenge is over; `PasskeyError`; `AccessDenied`; `RateLimit`.
pub async fn finish_login(
    app: &App,
    origin: &Origin,
    challenge_id: &str,
    answer: Result<Assertion, Refused>,
    device_name: Option<String>,
) -> Result<TokenSet> {
    relying_party(app)?;
    throttle::by_ip(app, origin, PerIp::Passkey).await?;

    let state = take(app, origin, challenge_id, None).await?;
    let answer = answer.map_err(refuse)?;

    let unknown = || refuse(Refused::NotTheAccounts);
    let passkey = app.store.passkeys().find(&answer.id).await?;
    let passkey = passkey.ok_or_else(unknown)?;
    let accounts = app.store.accounts();
    let user = accounts.find_by_user_id(&passkey.user_id).await?;
    let user = user
        .filter(|user| is_of(&passkey, user))
        .ok_or_else(unknown)?;
    let handle = answer.user_handle.as_deref();
    if !handle.is_some_and(|handle| is_handle(handle, &user)) {
        return Err(unknown());
    }

    let methods = verify(app, origin, &user, (&passkey, &state), answer).await?;

    if !may_log_in(app, &user) {
        let event = Event::refused(Some(&user.user_id), actions::PASSKEY_LOGIN);
        audit::record_refusal(app, origin, event.noting("not allowed")).await;
        return Err(errors::ACCESS_DENIED.into());
    }

    let event = Event::by(&user.user_id, actions::PASSKEY_LOGIN);
    audit::record(app, origin, event).await?;

    let proven = Proven::with_factor(user, methods, device_name);
    let begun = sessions::begin(app, origin, &proven).await?;
    begun.ok_or_else(dead_login)
}

//! The use of a passkey: what it proves, whatever for.

use serde_json::Value;

use super::ceremony::{Bound, Ceremony, open, refuse, relying_party, seal, take, wait};
use crate::{
    accounts::documents::User,
    actions,
    app::App,
    factors::{
        documents::{ChallengePurpose, LoginChallenge},
        passkeys::{
            documents::Passkey,
            rules::{Refused, responses::Assertion},
        },
    },
    letters::passkey_copied,
    mails::outbox,
    throttle::{self, PerIp},
};
use kernel::{
    error::Result, methods::Methods, principal::Principal, request::Origin, sealed::Sealed,
};
use platform::audit::{self, Event};

/// What a login or a fresh proof needs to accept one of the account's passkeys.
#[derive(Debug)]
pub struct SecondStep {
    /// What the browser is asked.
    pub options: Value,
    /// The sealed state, for the challenge.
    pub state: Sealed,
}

/// Begins the use of one of the account's passkeys for the challenge `id`. `None` if it has none, or if there are no passkeys
/// here.
pub fn begin_second_step(app: &App, user: &User, id: &str) -> Result<Option<SecondStep>> {
    let Some(site) = &app.relying_party else {
        return Ok(None);
    };
    if user.factors.passkeys().next().is_none() {
        return Ok(None);
    }
    let begun = site.begin_use(user.factors.passkeys()).map_err(refuse)?;
    Ok(Some(SecondStep {
        state: seal(app, id, user.user_id.as_str(), &begun.state)?,
        options: begun.options,
    }))
}

/// Proves a passkey of `user` for a login, with the state of the ceremony in its challenge, which is consumed (PK-1).
///
/// # Errors
/// `PasskeyError`
pub async fn prove_second_step(
    app: &App,
    origin: &Origin,
    user: &User,
    challenge: &LoginChallenge,
    answer: &Result<Assertion, Refused>,
) -> Result<Methods> {
    let gone = || refuse(Refused::Malformed("state"));
    let sealed = challenge.state.as_ref().ok_or_else(gone)?;
    let state = open(app, &challenge.id, user.user_id.as_str(), sealed)?;
    prove(app, origin, user, &state, answer).await
}

/// Begins a fresh proof by one of the caller's passkeys, bound to the caller's session. `None` if the caller has none.
pub async fn begin_fresh_proof(
    app: &App,
    origin: &Origin,
    user: &User,
    caller: &Principal,
) -> Result<Option<Ceremony>> {
    let Some(site) = &app.relying_party else {
        return Ok(None);
    };
    if user.factors.passkeys().next().is_none() {
        return Ok(None);
    }
    throttle::by_ip(app, origin, PerIp::Passkey).await?;
    let begun = site.begin_use(user.factors.passkeys()).map_err(refuse)?;
    let bound = fresh_proof_of(user, caller);
    wait(app, origin, begun, Some(bound)).await.map(Some)
}

/// Proves one of the caller's passkeys in the session that began it: 1 consume the challenge, whatever comes of it (PK-1);
/// 2 `prove`.
///
/// # Errors
/// `AuthFailed` if the challenge is over; `PasskeyError`.
pub async fn prove_fresh(
    app: &App,
    origin: &Origin,
    user: &User,
    caller: &Principal,
    challenge_id: &str,
    answer: &Result<Assertion, Refused>,
) -> Result<Methods> {
    let bound = fresh_proof_of(user, caller);
    let state = take(app, origin, challenge_id, Some(bound)).await?;
    prove(app, origin, user, &state, answer).await
}

fn fresh_proof_of<'a>(user: &'a User, caller: &'a Principal) -> Bound<'a> {
    Bound {
        purpose: ChallengePurpose::Reauth,
        user,
        to: caller.session_id.as_str(),
    }
}

/// Proves a passkey of `user`: 1 read the answer; 2 find the passkey, which must be the account's (PK-6); 3 [`verify`].
async fn prove(
    app: &App,
    origin: &Origin,
    user: &User,
    state: &[u8],
    answer: &Result<Assertion, Refused>,
) -> Result<Methods> {
    let answer = answer.clone().map_err(refuse)?;
    let passkey = app.store.passkeys().find(&answer.id).await?;
    let theirs = passkey.filter(|passkey| is_of(passkey, user));
    let passkey = theirs.ok_or_else(|| refuse(Refused::NotTheAccounts))?;
    verify(app, origin, user, (&passkey, state), answer).await
}

/// Whether `user` names the passkey among their factors: until then, and after its removal, it proves nothing.
pub(super) fn is_of(passkey: &Passkey, user: &User) -> bool {
    passkey.user_id == user.user_id && user.factors.passkeys().any(|id| id == passkey.id.as_str())
}

/// Verifies the use of a passkey: 1 the user handle, if there is one, is its owner's (PK-5); 2 the library; 3 note the
/// counter, unless it has grown beyond by now. A counter that did not grow is noted, recorded and mailed (PK-7).
///
/// # Errors
/// `PasskeyError`
pub(super) async fn verify(
    app: &App,
    origin: &Origin,
    user: &User,
    (passkey, state): (&Passkey, &[u8]),
    answer: Assertion,
) -> Result<Methods> {
    let site = relying_party(app)?;
    let handle = answer.user_handle.as_deref();
    if handle.is_some_and(|handle| !is_handle(handle, user)) {
        return Err(refuse(Refused::NotTheAccounts));
    }
    let verified = site.finish_use(state, &passkey.credential(), answer);
    let noted = match verified {
        Ok(noted) => {
            let passkeys = app.store.passkeys();
            let grew = passkeys.note_use(&passkey.id, noted, origin.now).await?;
            if grew {
                Ok(())
            } else if passkeys.find(&passkey.id).await?.is_some() {
                Err(Refused::Counter)
            } else {
                Err(Refused::NotTheAccounts)
            }
        }
        Err(refused) => Err(refused),
    };
    if noted == Err(Refused::Counter) {
        warn_of_copy(app, origin, user, passkey).await?;
    }
    noted.map_err(refuse)?;
    Ok(Methods::passkey(passkey.can_be_shared()))
}

/// Whether the bytes are the handle of `user`.
pub(super) fn is_handle(handle: &[u8], user: &User) -> bool {
    let own = user.factors.user_handle.as_deref();
    let own = own.and_then(|own| uuid::Uuid::try_parse(own).ok());
    own.is_some_and(|own| own.as_bytes() == handle)
}

async fn warn_of_copy(app: &App, origin: &Origin, user: &User, passkey: &Passkey) -> Result<()> {
    app.store.passkeys().flag(&passkey.id, origin.now).await?;
    let event = Event::refused(Some(&user.user_id), actions::PASSKEY_LOGIN).noting("counter");
    audit::record_refusal(app, origin, event).await;
    outbox::notify(app, origin, user, passkey_copied::job()).await
}

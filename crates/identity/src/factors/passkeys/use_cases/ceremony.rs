//! The time between the two halves of a ceremony: the library's state waits in a challenge, sealed and bound (PK-1).

use chrono::Duration;
use crypto::{OpaqueToken, Purpose};
use serde_json::Value;

use crate::{
    accounts::documents::User,
    app::App,
    errors,
    factors::{
        dead_login,
        documents::{ChallengePurpose, LoginChallenge},
        enroller::id_of,
        passkeys::rules::{Refused, RelyingParty, ceremonies::Begun},
        rules::proof_epoch::proof_epoch,
    },
};
use kernel::{
    error::{Error, Result},
    methods::Methods,
    request::Origin,
    sealed::Sealed,
    secret::Secret,
};
use zeroize::Zeroizing;

/// A ceremony whose second half is awaited.
#[derive(Debug)]
pub struct Ceremony {
    /// What the second half names it by.
    pub challenge_id: Secret,
    /// Seconds until it is over.
    pub expires_in: i64,
    /// What the browser is asked.
    pub options: Value,
}

/// Whose a ceremony is, and what it is bound to: the session or the login that began it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound<'a> {
    pub(super) purpose: ChallengePurpose,
    pub(super) user: &'a User,
    pub(super) to: &'a str,
}

/// The relying party.
///
/// # Errors
/// `NotFound` if there are no passkeys here (PK-16).
pub(super) fn relying_party(app: &App) -> Result<&RelyingParty> {
    let off = || Error::new(errors::NOT_FOUND).saying("There are no passkeys here");
    app.relying_party.as_ref().ok_or_else(off)
}

/// The one answer to every passkey that is not accepted. The cause is in the log only (PK-12).
pub(super) fn refuse(cause: Refused) -> Error {
    tracing::info!(%cause, "a passkey was not accepted");
    Error::new(errors::PASSKEY_ERROR).because(cause)
}

/// Seals the state of a ceremony for the challenge `id`, bound to `to`: in another place it does not open.
pub(super) fn seal(app: &App, id: &str, to: &str, state: &[u8]) -> Result<Sealed> {
    let place = place(id, to);
    let sealed = app
        .master
        .seal(Purpose::PasskeyStates, &place, state, &app.rng);
    sealed.map_err(Error::internal)
}

/// Opens what [`seal`] made.
///
/// # Errors
/// `AuthFailed` if it was for something else, or under a master secret that is gone.
pub(super) fn open(app: &App, id: &str, to: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>> {
    let place = place(id, to);
    let opened = app.master.open(Purpose::PasskeyStates, &place, sealed);
    opened.map_err(|_| dead_login())
}

fn purpose(bound: Option<Bound<'_>>) -> ChallengePurpose {
    bound.map_or(ChallengePurpose::Passkey, |bound| bound.purpose)
}

fn place(id: &str, to: &str) -> Vec<u8> {
    // The id has a fixed length.
    [id, "\n", to].concat().into_bytes()
}

/// Writes the challenge of a ceremony; of anybody's, if it is not `bound`.
pub(super) async fn wait(
    app: &App,
    origin: &Origin,
    begun: Begun,
    bound: Option<Bound<'_>>,
) -> Result<Ceremony> {
    let token = OpaqueToken::issue(&app.rng);
    let lifetime = Duration::minutes(app.settings.passkeys.challenge_minutes);
    let id = token.digest().as_str().to_owned();
    let to = bound.map_or("", |bound| bound.to);
    let challenge = LoginChallenge {
        state: Some(seal(app, &id, to, &begun.state)?),
        id,
        purpose: purpose(bound),
        user_id: bound.map(|bound| bound.user.user_id.clone()),
        session_id: None,
        proof_epoch: bound.map_or_else(String::new, |bound| proof_epoch(bound.user)),
        amr: Methods::default(),
        device_name: None,
        attempts: 0,
        used_at: None,
        expires_at: origin.now + lifetime,
    };
    app.store.login_challenges().insert(&challenge).await?;
    Ok(Ceremony {
        challenge_id: Secret::new(token.expose().to_owned()),
        expires_in: lifetime.num_seconds(),
        options: begun.options,
    })
}

/// Consumes the challenge of a ceremony, before anything is verified and whatever comes of it; and its state.
///
/// # Errors
/// `AuthFailed` if it is used or over, or if another account, session or login began it.
pub(super) async fn take(
    app: &App,
    origin: &Origin,
    challenge_id: &str,
    bound: Option<Bound<'_>>,
) -> Result<Zeroizing<Vec<u8>>> {
    let id = id_of(challenge_id)?;
    let challenges = app.store.login_challenges();
    let taken = challenges.consume(&id, purpose(bound), origin.now);
    let taken = taken.await?.ok_or_else(dead_login)?;
    let is_theirs = match bound {
        None => taken.user_id.is_none(),
        Some(Bound { user, .. }) => {
            taken.user_id.as_ref() == Some(&user.user_id) && taken.proof_epoch == proof_epoch(user)
        }
    };
    let state = taken.state.filter(|_| is_theirs).ok_or_else(dead_login)?;
    open(app, &id, bound.map_or("", |bound| bound.to), &state)
}

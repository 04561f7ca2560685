//! A new passkey, for a caller with a session or a login that must have its first factor.

use super::ceremony::{Bound, Ceremony, refuse, relying_party, take, wait};
use crate::{
    accounts::documents::User,
    app::App,
    errors,
    factors::{
        self, Enrolled, dead_login,
        documents::ChallengePurpose,
        enroller::{Enroller, Shown},
        passkeys::{
            documents::{Belonging, Passkey},
            rules::{CredentialId, PasskeyName, Refused, options::Owner, responses::Registration},
        },
        rules::account_factors::Factor,
    },
    login::may_log_in,
    maintenance::SWEPT_AFTER,
    throttle::{self, PerIp},
};
use chrono::Duration;
use kernel::{
    error::{Error, Result},
    methods::Methods,
    request::Origin,
};
use uuid::Uuid;

/// A passkey that was added.
#[derive(Debug)]
pub struct Added {
    /// Its id.
    pub id: CredentialId,
    /// What the enrolment answers.
    pub enrolled: Enrolled,
}

/// Begins a registration: 1 the limit of the caller's address; 2 who adds it, by a fresh proof (PK-11); 3 room for one more
/// (PK-10); 4 the account's handle, once (PK-5); 5 the challenge, bound to the session or login.
///
/// # Errors
/// `ReauthRequired`; `PasskeyLimit`; `NotFound` if there are no passkeys here.
pub async fn begin_registration(app: &App, origin: &Origin, shown: Shown<'_>) -> Result<Ceremony> {
    let site = relying_party(app)?;
    throttle::by_ip(app, origin, PerIp::Passkey).await?;
    let enroller = Enroller::beginning(app, origin, shown).await?;
    let user = account_of(app, &enroller).await?;
    require_room(app, &user)?;
    let (user, handle) = with_handle(app, user).await?;
    let full_name = user.person.names.full();
    let name = user.person.login_name();
    let owner = Owner {
        handle,
        name,
        display_name: if full_name.is_empty() {
            name
        } else {
            &full_name
        },
    };
    let begun = site.begin_registration(owner, user.factors.passkeys());
    let bound = Bound {
        purpose: ChallengePurpose::Passkey,
        user: &user,
        to: enroller.bound_to(),
    };
    wait(app, origin, begun.map_err(refuse)?, Some(bound)).await
}

/// Finishes a registration:
///
/// 1. Count it at the caller's address.
/// 2. Who finishes: the session that began, or the login, which spends a try.
/// 3. Consume the challenge, whatever comes of it (PK-1); the account must be as it was.
/// 4. Verify.
/// 5. Its id must be new to the whole service (PK-4).
/// 6. Add it to the account's factors ([`factors::add`]), which inserts it first. If that fails, delete it. After a crash in
///    between it never counts, its owner's authenticator makes another one, and [`sweep`] deletes it after the next start.
///
/// # Errors
/// `AuthFailed` if the challenge is over; `PasskeyError`; `PasskeyTaken`; `PasskeyLimit`.
pub async fn finish_registration(
    app: &App,
    origin: &Origin,
    shown: Shown<'_>,
    challenge_id: &str,
    answer: Result<Registration, Refused>,
    name: Option<PasskeyName>,
) -> Result<Added> {
    let site = relying_party(app)?;
    throttle::by_ip(app, origin, PerIp::Passkey).await?;
    let enroller = Enroller::finishing(app, origin, shown).await?;
    let user = account_of(app, &enroller).await?;
    let bound = Bound {
        purpose: ChallengePurpose::Passkey,
        user: &user,
        to: enroller.bound_to(),
    };
    let state = take(app, origin, challenge_id, Some(bound)).await?;
    let new = answer.and_then(|answer| site.finish_registration(&state, answer));
    let new = new.map_err(refuse)?;
    require_room(app, &user)?;
    let number = user.factors.passkeys().count() + 1;
    let belonging = Belonging {
        user_id: user.user_id.clone(),
        user_handle: user.factors.user_handle.clone().unwrap_or_default(),
        rp_id: site.id.clone(),
        name: name.unwrap_or_else(|| PasskeyName::numbered(number)).into(),
    };
    let passkey = Passkey::new(new, belonging, origin.now);
    let passkeys = app.store.passkeys();
    if passkeys.find(&passkey.id).await?.is_some() {
        return Err(errors::PASSKEY_TAKEN.into());
    }
    let factor = Factor::Passkey(passkey.id.as_str().to_owned());
    let methods = Methods::passkey(passkey.can_be_shared());
    let insert = async || {
        let is_new = passkeys.insert(&passkey).await?;
        is_new
            .then_some(true)
            .ok_or_else(|| errors::PASSKEY_TAKEN.into())
    };
    match factors::add(app, origin, &enroller, factor, methods, insert).await {
        Ok(done) => Ok(Added {
            id: passkey.id,
            enrolled: done,
        }),
        Err(error) => {
            remove_uncounted(app, &passkey).await?;
            Err(error)
        }
    }
}

/// How long ago the passkeys were registered that [`sweep`] looks at: a start follows the crash sooner.
const SWEPT_FOR: Duration = Duration::days(30);

/// Deletes the passkeys that never counted, because a crash came between the two writes of their registration.
pub async fn sweep(app: &App) -> Result<()> {
    let now = app.clock.now();
    let passkeys = app.store.passkeys();
    let left = passkeys.list_registered(now - SWEPT_FOR, now - SWEPT_AFTER);
    for passkey in left.await? {
        remove_uncounted(app, &passkey).await?;
    }
    Ok(())
}

/// Deletes a passkey that its account does not name, after an error: the outcome of a write may be unknown.
async fn remove_uncounted(app: &App, passkey: &Passkey) -> Result<()> {
    let owner = app
        .store
        .accounts()
        .find_by_user_id(&passkey.user_id)
        .await?;
    let counts = owner.is_some_and(|owner| super::proof::is_of(passkey, &owner));
    if !counts {
        let passkeys = app.store.passkeys();
        passkeys
            .delete(&passkey.user_id, passkey.id.as_str())
            .await?;
    }
    Ok(())
}

/// # Errors
/// `AuthFailed` or `SessionError` if the account may not log in any more.
async fn account_of(app: &App, enroller: &Enroller) -> Result<User> {
    let user = app
        .store
        .accounts()
        .find_by_user_id(enroller.user_id())
        .await?;
    let gone = || match enroller {
        Enroller::Session(_) => Error::new(errors::SESSION_ERROR),
        Enroller::Login { .. } => dead_login(),
    };
    user.filter(|user| may_log_in(app, user)).ok_or_else(gone)
}

/// Whether the account may have one more passkey.
///
/// # Errors
/// `PasskeyLimit`
pub fn require_room(app: &App, user: &User) -> Result<()> {
    let most = usize::try_from(app.settings.passkeys.max_per_user).unwrap_or(usize::MAX);
    if user.factors.passkeys().count() < most {
        Ok(())
    } else {
        Err(errors::PASSKEY_LIMIT.into())
    }
}

/// The account with its handle: a random UUID, which tells nothing about the person. It is made once.
async fn with_handle(app: &App, user: User) -> Result<(User, Uuid)> {
    let handle = |user: &User| {
        let own = user.factors.user_handle.as_deref();
        own.and_then(|own| Uuid::try_parse(own).ok())
    };
    if let Some(own) = handle(&user) {
        return Ok((user, own));
    }
    let new = app.rng.uuid().to_string();
    let given = app
        .store
        .accounts()
        .give_handle(&user.user_id, &new)
        .await?;
    let user = given.ok_or(errors::SESSION_ERROR)?;
    let own = handle(&user).ok_or_else(|| Error::internal("a handle that is no UUID"))?;
    Ok((user, own))
}

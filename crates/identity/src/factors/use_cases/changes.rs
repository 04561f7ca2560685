//! Adding and removing factors: whatever their kind, by one conditional update of the account (MFA-5, MFA-16, MFA-24).

use crate::{
    accounts::documents::User,
    actions,
    app::App,
    errors,
    factors::{
        Proven,
        documents::ChallengePurpose,
        enroller::Enroller,
        fresh, passkeys,
        recovery_codes::{self, Batch},
        rules::{
            account_factors::Factor,
            policy::{Need, need},
        },
    },
    keys::tokens::TokenSet,
    letters::{factor_added, factor_removed},
    login::may_log_in,
    mails::{documents::OutboxRow, outbox},
    sessions::{self, documents::EndReason},
};
use kernel::{
    error::{Error, Result},
    ids::{SessionId, UserId},
    methods::Methods,
    principal::Principal,
    request::Origin,
    secret::Secret,
};
use platform::audit::{self, Event, record::Action};

/// How often a change is tried while other requests change the same account.
const TRIES: usize = 8;

/// The message of a login that cannot continue.
pub(crate) const LOG_IN_AGAIN: &str = "Log in again";

/// What an enrolment answers.
#[derive(Debug)]
pub struct Enrolled {
    /// The first recovery codes of the account, to be shown once. `None` if it has some already.
    pub recovery_codes: Option<Vec<Secret>>,
    /// The tokens of the login that waited for it.
    pub tokens: Option<TokenSet>,
}

/// Adds a factor that was just proven by `methods`:
///
/// 1. Consume the login that waits for it, if there is one; its account must be as it was.
/// 2. Write the audit event, end the other sessions, and store the notice to the owner. This comes before the change, as with
///    a new password: a crash after it must not leave the owner without a notice.
/// 3. `store` what the factor needs to be proven. Until step 5 it does not count. `false`: another request was first.
/// 4. Write recovery codes, if the account has none.
/// 5. Add the factor to the account, unless its factors changed meanwhile; then look again. The notice is sent; or, if the
///    change was refused, the notice is withdrawn, and the trail has the refusal.
/// 6. End the sessions that began meanwhile.
/// 7. Raise the session of the caller, or begin the one that waited.
///
/// # Errors
/// `AuthFailed` if the login is over; `SessionError` if the session is; `OtpError` if another request was first.
pub async fn add(
    app: &App,
    origin: &Origin,
    enroller: &Enroller,
    factor: Factor,
    methods: Methods,
    store: impl AsyncFnOnce() -> Result<bool>,
) -> Result<Enrolled> {
    let user = account_of(app, enroller).await?;
    if let Enroller::Login { challenge, .. } = enroller {
        let challenges = app.store.login_challenges();
        let consumed = challenges.consume(&challenge.id, ChallengePurpose::Enrol, origin.now);
        consumed.await?.ok_or_else(dead_login)?;
        enroller.check(&user)?;
    }
    let action = match factor {
        Factor::Passkey(_) => actions::PASSKEY_ADD,
        Factor::Totp | Factor::Unknown(_) => actions::MFA_ENROL,
    };
    audit::record(app, origin, Event::by(&user.user_id, action)).await?;
    let others = || end_others(app, origin, &user.user_id, enroller.session_id());
    others().await?;
    let notice = outbox::announce(app, origin, &user, factor_added::job()).await?;
    let done = match store().await {
        Ok(true) => apply(app, enroller, user.clone(), factor).await,
        Ok(false) => Err(errors::OTP_ERROR.into()),
        Err(error) => Err(error),
    };
    app.fail_point.pass("add-factor:sent")?;
    settle(app, origin, &notice, action, happened(&done)).await;
    let (changed, codes) = done?;
    others().await?;
    let tokens = match enroller {
        Enroller::Session(caller) => {
            // If it has ended by now, the factor is there all the same, and its owner needs the codes.
            sessions::raise(app, origin, caller, methods).await?;
            None
        }
        Enroller::Login { challenge, .. } => {
            let methods = challenge.amr.and(methods);
            let name = challenge.device_name.clone();
            let proven = Proven::with_factor(changed, methods, name);
            audit::record(app, origin, Event::by(&user.user_id, actions::LOGIN)).await?;
            let begun = sessions::begin(app, origin, &proven).await?;
            Some(begun.ok_or_else(dead_login)?)
        }
    };
    Ok(Enrolled {
        recovery_codes: codes.map(|batch| batch.codes),
        tokens,
    })
}

/// Steps 4 and 5 of [`add`].
async fn apply(
    app: &App,
    enroller: &Enroller,
    mut user: User,
    factor: Factor,
) -> Result<(User, Option<Batch>)> {
    let mut codes: Option<Batch> = None;
    for _ in 0..TRIES {
        if user.factors.recovery_batch.is_none() && codes.is_none() {
            codes = Some(recovery_codes::write_batch(app, &user.user_id).await?);
        }
        let own = codes.as_ref().map(|batch| batch.name.as_str());
        let batch = user.factors.recovery_batch.as_deref().or(own);
        let mut factors = user.factors.confirmed.clone();
        factors.retain(|known| *known != factor);
        if matches!(factor, Factor::Passkey(_)) {
            passkeys::require_room(app, &user)?;
        }
        factors.push(factor.clone());
        let accounts = app.store.accounts();
        if let Some(changed) = accounts.change_factors(&user, &factors, batch).await? {
            let is_new = changed.factors.recovery_batch.as_deref() == own;
            if let Some(unused) = codes.as_ref().filter(|_| !is_new) {
                let rows = app.store.recovery_codes();
                rows.delete_batch(&user.user_id, &unused.name).await?;
            }
            return Ok((changed, codes.filter(|_| is_new)));
        }
        if matches!(enroller, Enroller::Login { .. }) {
            return Err(dead_login());
        }
        user = account_of(app, enroller).await?;
    }
    Err(contended())
}

/// Removes a factor of the caller:
///
/// 1. Find it on the account, and refuse to remove the last one of a role that must have one (MFA-24).
/// 2. Write the audit event, end the other sessions, and store the notice to the owner.
/// 3. Remove it from the account, and with the last factor the recovery codes; if the factors changed meanwhile, begin
///    again. From now on it does not count.
/// 4. Send the notice; or, if another request was first, withdraw it, and the trail has the refusal.
/// 5. End the sessions that began meanwhile.
///
/// The caller then deletes what the factor needed. `false` if the account does not have it.
///
/// # Errors
/// `FactorRequired`.
pub async fn remove(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    factor: &Factor,
) -> Result<bool> {
    let action = match factor {
        Factor::Passkey(_) => actions::PASSKEY_REMOVE,
        Factor::Totp | Factor::Unknown(_) => actions::MFA_REMOVE,
    };
    let mut notice = None;
    let done = take_away(app, origin, caller, (factor, action), &mut notice).await;
    app.fail_point.pass("remove-factor:sent")?;
    if let Some(notice) = &notice {
        let happened = happened(&done).map(|_| matches!(done, Ok(true)));
        settle(app, origin, notice, action, happened).await;
    }
    let is_removed = done?;
    if is_removed {
        end_others(app, origin, &caller.user_id, Some(&caller.session_id)).await?;
    }
    Ok(is_removed)
}

/// Steps 1 to 3 of [`remove`], and the notice of step 2.
async fn take_away(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    (factor, action): (&Factor, Action),
    notice: &mut Option<OutboxRow>,
) -> Result<bool> {
    for _ in 0..TRIES {
        let (_, user) = fresh::read(app, caller).await?;
        let mut left = user.factors.clone();
        left.confirmed.retain(|known| known != factor);
        if left.confirmed.len() == user.factors.confirmed.len() {
            return Ok(false);
        }
        if need(&left, user.user_type, &app.settings.mfa_required) == Need::Enrolment {
            return Err(errors::FACTOR_REQUIRED.into());
        }
        if notice.is_none() {
            audit::record(app, origin, Event::by(&user.user_id, action)).await?;
            end_others(app, origin, &user.user_id, Some(&caller.session_id)).await?;
            *notice = Some(outbox::announce(app, origin, &user, factor_removed::job()).await?);
        }
        let batch = left.recovery_batch.as_deref().filter(|_| left.has_any());
        let accounts = app.store.accounts();
        let changed = accounts
            .change_factors(&user, &left.confirmed, batch)
            .await?;
        if let Some(changed) = changed {
            if !changed.factors.has_any() {
                app.store
                    .recovery_codes()
                    .delete_others(&user.user_id, None)
                    .await?;
            }
            return Ok(true);
        }
    }
    Err(contended())
}

/// Whether a change was made. `None` if this is not known: the database may have written, and then not answered.
pub(crate) fn happened<T>(done: &Result<T>) -> Option<bool> {
    match done {
        Ok(_) => Some(true),
        Err(error) if error.source.is_none() => Some(false),
        Err(_) => None,
    }
}

/// Settles a notice that was stored before a change. If the change was made, the notice is sent. If it was refused, the
/// notice is deleted, and the trail gets a refusal beside its record of the change. If neither is known, the notice is sent
/// when its lease ends.
pub(crate) async fn settle(
    app: &App,
    origin: &Origin,
    notice: &OutboxRow,
    action: Action,
    happened: Option<bool>,
) {
    match happened {
        Some(true) => outbox::send(app, notice).await,
        Some(false) => {
            outbox::withdraw(app, notice).await;
            let event = Event::refused(notice.user_id.as_ref(), action);
            audit::record_refusal(app, origin, event).await;
        }
        None => {}
    }
}

/// Ends every session of the account but `kept`, and makes every instance read the account anew.
async fn end_others(
    app: &App,
    origin: &Origin,
    user_id: &UserId,
    kept: Option<&SessionId>,
) -> Result<()> {
    let ended = sessions::end_all(app, user_id, kept, EndReason::Factors, origin.now);
    ended.await?;
    sessions::forget(app, user_id, origin.now).await
}

/// The account, which may log in; a session must still be live.
async fn account_of(app: &App, enroller: &Enroller) -> Result<User> {
    let Enroller::Session(caller) = enroller else {
        let user = app
            .store
            .accounts()
            .find_by_user_id(enroller.user_id())
            .await?;
        return user
            .filter(|user| may_log_in(app, user))
            .ok_or_else(dead_login);
    };
    let (_, user) = fresh::read(app, caller).await?;
    Ok(user)
}

/// The answer when other requests changed the account again and again.
pub(crate) fn contended() -> Error {
    Error::new(errors::DATABASE_ERROR).retry_after(1)
}

/// The answer to a challenge that does not hold any more, whatever the reason.
pub(crate) fn dead_login() -> Error {
    Error::new(errors::AUTH_FAILED).saying(LOG_IN_AGAIN)
}

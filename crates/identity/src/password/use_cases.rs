//! Changing the caller's own password, with the current one (PW-7).

use crate::{
    accounts::documents::User,
    actions,
    app::App,
    codes::documents::OtpPurpose,
    errors,
    factors::fresh,
    letters::password_changed,
    login::{self, rules::lockout::LockoutSubject, sprayed_names::Admission},
    mails::outbox,
    password::rules::{Password, PasswordContext},
    sessions::{self, documents::EndReason},
    throttle,
};
use kernel::{
    clock::Timestamp, contact::Mobile, error::Result, person::Person, principal::Principal,
    request::Origin, secret_hash::PasswordHash, username::Username,
};
use platform::audit::{self, Event};

/// The data that the password rules compare with (PW-5).
#[must_use]
pub fn context_of(user: &User) -> PasswordContext<'_> {
    let Person { names, contact, .. } = &user.person;
    PasswordContext {
        username: names.username.as_ref().map_or("", Username::as_str),
        email: contact.email.canonical(),
        user_id: user.user_id.as_str(),
        first_name: names.first_name.as_str(),
        last_name: names.last_name.as_str(),
        mobile: contact.mobile.as_ref().map_or("", Mobile::as_str),
        privileged: user.user_type.is_privileged(),
    }
}

/// Changes the caller's password:
///
/// 1. Throttle.
/// 2. With a second factor, the proof must be fresh (MFA-16): the current password alone is not enough.
/// 3. Check the new password against the rules.
/// 4. Verify the current one, with the same lockout as login (LCK-5).
/// 5. Hash the new one.
/// 6. Write the audit event.
/// 7. End every other session, revoke outstanding resets, and notify the owner. This comes before the change, because a
///    crash after it must not leave a stranger's session behind, or the owner without a notice.
/// 8. Set the password, if the current one is still the same.
/// 9. End the sessions that began meanwhile.
///
/// # Errors
/// `ValidationError`, `RateLimit`; `AuthFailed` if the current password is wrong.
pub async fn change(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    current: Option<&Password>,
    new: &str,
) -> Result<()> {
    let now = origin.now;
    let _slot = app.hasher.slot().await?;
    let limit = app.settings.throttle.change_password_per_account;
    let key = format!("change-password:{}", caller.user_id);
    throttle::count(app, origin, "change_password_per_account", &key, limit).await?;
    let user = app
        .store
        .accounts()
        .find_by_user_id(&caller.user_id)
        .await?;
    let user = user.ok_or(errors::SESSION_ERROR)?;
    if user.factors.has_any() {
        fresh::require(app, origin, caller).await?;
    }
    let new = app
        .policy
        .check(new, &context_of(&user))
        .map_err(|violation| violation.at("new_password"))?;
    {
        let subject = LockoutSubject::Account(user.user_id.clone());
        let _lock = login::lock(app, &subject).await?;
        let tried = login::take_try(app, origin, subject, &Admission::Anyone).await?;
        if !login::verify(app, &tried, current).await?.matches {
            let event = Event::refused(Some(&user.user_id), actions::PASSWORD_CHANGE);
            audit::record_refusal(app, origin, event).await;
            return Err(errors::AUTH_FAILED.into());
        }
        app.store.lockouts().clear(&user.user_id).await?;
    }
    let hash = app.hasher.hash(new.as_bytes()).await?;
    audit::record(
        app,
        origin,
        Event::by(&user.user_id, actions::PASSWORD_CHANGE),
    )
    .await?;
    let kept = Some(&caller.session_id);
    let end_others = || sessions::end_all(app, &user.user_id, kept, EndReason::Password, now);
    end_others().await?;
    app.store
        .challenges()
        .delete(OtpPurpose::PasswordReset, &user.user_id)
        .await?;
    outbox::notify(app, origin, &user, password_changed::job()).await?;
    app.fail_point.pass("change-password:set")?;
    app.fail_point.wait().await;
    if let Err(error) = replace(app, &user, current, &hash, origin.now).await {
        let event = Event::refused(Some(&user.user_id), actions::PASSWORD_CHANGE);
        audit::record_refusal(app, origin, event).await;
        return Err(error);
    }
    app.fail_point.pass("change-password:rest")?;
    end_others().await.map(drop)
}

/// Replaces the hash that was verified with the new one. A login at the same moment may have renewed that hash
/// (HASH-2); then it tries again, if the current password still matches.
async fn replace(
    app: &App,
    user: &User,
    current: Option<&Password>,
    new: &PasswordHash,
    now: Timestamp,
) -> Result<()> {
    let accounts = app.store.accounts();
    let current = current.ok_or(errors::AUTH_FAILED)?;
    let old = user.password_hash.as_ref().ok_or(errors::AUTH_FAILED)?;
    if accounts.rehash(&user.user_id, old, new, Some(now)).await? {
        return Ok(());
    }
    let user = login::still_proven(app, &user.user_id, current).await?;
    let old = user.password_hash.as_ref().ok_or(errors::AUTH_FAILED)?;
    if accounts.rehash(&user.user_id, old, new, Some(now)).await? {
        return Ok(());
    }
    Err(errors::AUTH_FAILED.into()) // Another request changed it.
}

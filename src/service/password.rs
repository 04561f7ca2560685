//! Changing one's own password, with the current one (PW-7).

use super::{
    audit::{self, Event},
    login, outbox, sessions,
    sprayed_names::Admission,
    throttle,
};
use crate::{
    app::App,
    clock::Timestamp,
    domain::{
        audit::Action,
        lockout::LockoutSubject,
        otp::OtpPurpose,
        outbox::MailJob,
        password::{Password, PasswordContext},
        principal::Principal,
        request::Origin,
        secret_hash::PasswordHash,
        session::EndReason,
        user::User,
    },
    error::{ErrorCode, Result},
};

/// What the password rules look at (PW-5).
#[must_use]
pub fn context_of(user: &User) -> PasswordContext<'_> {
    PasswordContext {
        username: user.username.as_deref().unwrap_or_default(),
        email: &user.email,
        user_id: user.user_id.as_str(),
        first_name: &user.first_name,
        last_name: &user.last_name,
        mobile: user.mobile.as_deref().unwrap_or_default(),
        privileged: user.user_type.is_privileged(),
    }
}

/// Changes the caller's password: 1 throttle; 2 the new one against the rules; 3 the current one, under the same guard
/// as login (LCK-5); 4 hash; 5 audit; 6 end every other session, kill outstanding resets, tell the owner, all before the
/// password is new: a crash after it must not leave a stranger's session behind, or the owner untold; 7 set it if the
/// current one still stands; 8 end what began meanwhile.
///
/// # Errors
/// `ValidationError`, `AuthFailed`: the current password is wrong, `RateLimit`; the database does not answer.
pub async fn change(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    current: Option<&Password>,
    new: &str,
) -> Result<()> {
    let now = origin.now;
    let _place = app.hasher.place().await?;
    let limit = app.settings.config.throttle.change_password_per_account;
    let key = format!("change-password:{}", caller.user_id);
    throttle::count(app, origin, "change_password_per_account", &key, limit).await?;
    let user = app
        .store
        .accounts()
        .find_by_user_id(&caller.user_id)
        .await?;
    let user = user.ok_or(ErrorCode::SessionError)?;
    let new = app
        .policy
        .check(new, &context_of(&user))
        .map_err(|violation| violation.at("new_password"))?;
    {
        let subject = LockoutSubject::Account(user.user_id.clone());
        let _lock = login::lock(app, &subject).await?;
        let tried = login::take_try(app, origin, subject, &Admission::Anyone).await?;
        if !login::verify(app, &tried, current).await?.matches {
            let event = Event::refused(Some(&user.user_id), Action::PasswordChange);
            audit::record_refusal(app, origin, event).await;
            return Err(ErrorCode::AuthFailed.into());
        }
        app.store.lockouts().clear(&user.user_id).await?;
    }
    let hash = app.hasher.hash(new.as_bytes()).await?;
    audit::record(
        app,
        origin,
        Event::by(&user.user_id, Action::PasswordChange),
    )
    .await?;
    let kept = Some(&caller.session_id);
    let end_others = || sessions::end_all(app, &user.user_id, kept, EndReason::Password, now);
    end_others().await?;
    app.store
        .challenges()
        .delete(OtpPurpose::PasswordReset, &user.user_id)
        .await?;
    outbox::notify(app, origin, &user, MailJob::PasswordChanged).await?;
    app.fail_point.pass("change-password:set")?;
    if let Err(error) = replace(app, &user, current, &hash, origin.now).await {
        let event = Event::refused(Some(&user.user_id), Action::PasswordChange);
        audit::record_refusal(app, origin, event).await;
        return Err(error);
    }
    app.fail_point.pass("change-password:rest")?;
    end_others().await.map(drop)
}

/// Puts the new hash in the place of the one that was verified. A login of the same moment may have renewed that one
/// (HASH-2): once more then, if the current password is still the account's own.
async fn replace(
    app: &App,
    user: &User,
    current: Option<&Password>,
    new: &PasswordHash,
    now: Timestamp,
) -> Result<()> {
    let accounts = app.store.accounts();
    let current = current.ok_or(ErrorCode::AuthFailed)?;
    let old = user.password_hash.as_ref().ok_or(ErrorCode::AuthFailed)?;
    if accounts.rehash(&user.user_id, old, new, Some(now)).await? {
        return Ok(());
    }
    let user = login::still_proven(app, &user.user_id, current).await?;
    let old = user.password_hash.as_ref().ok_or(ErrorCode::AuthFailed)?;
    if accounts.rehash(&user.user_id, old, new, Some(now)).await? {
        return Ok(());
    }
    Err(ErrorCode::AuthFailed.into()) // somebody else changed it
}

//! From a consumed code to an account, in steps that every later call can repeat (REG-4, REG-5).

use crate::{
    accounts::{
        documents::User,
        rules::identifier::{email_key, user_id_key, username_key},
    },
    app::App,
    codes::documents::{OtpChallenge, OtpPurpose},
    login::may_log_in,
    mails::mail_jobs,
    maintenance::SWEPT_AFTER,
    registration::{self, documents::PendingUser},
};
use kernel::{clock::Timestamp, error::Result, ids::UserId};
use platform::outbox::MailRequest;
use store::StoreError;

/// Makes the account that a code was consumed for, or continues to make it. The first request calls it, a repeated
/// request with the same code, and the sweeper after a crash. `None` if there is no account and none can be made.
pub(crate) async fn finish(
    app: &App,
    request: MailRequest,
    used: &OtpChallenge,
    by_token: bool,
    login: Option<Timestamp>,
) -> Result<Option<User>> {
    let owner = &used.subject;
    let accounts = app.store.accounts();
    let Some(used_at) = used.used_at else {
        return Ok(None); // A newer code has replaced it.
    };
    if used.is_done {
        return Ok(accounts.find_by_user_id(owner).await?);
    }
    app.fail_point.pass("verify:begin")?;
    let keeps_password = by_token || used.by_token || !is_contested(app, used).await?;
    let registrations = app.store.pending();
    let begun = registrations
        .begin_activation(owner, keeps_password, used_at, request.at)
        .await?;
    let pending = match begun {
        Some(pending) => Some(pending),
        None => registrations.find_activating(owner).await?,
    };
    match pending {
        Some(pending) => activate(app, pending, request, login).await,
        None => Ok(accounts.find_by_user_id(owner).await?),
    }
}

/// Whether the address had another registration during the life of this one (REG-8): one that existed when it began, or
/// one that came later. It is read after the code was consumed, so no earlier registration is missed.
async fn is_contested(app: &App, used: &OtpChallenge) -> Result<bool> {
    let Some(pending) = app.store.pending().find(&used.subject).await? else {
        return Ok(false); // It is decided already.
    };
    let key = registration::slots_key(app, pending.email());
    let slots = app.store.registration_slots();
    if !pending.rivals.is_empty() || slots.others_arrived_after(&key, &pending.user_id).await? {
        return Ok(true);
    }
    // The slots have another key after a change of the master secret, so their row may be lost.
    let registrations = app.store.pending();
    let others = registrations.list_others(pending.email(), &used.subject);
    Ok(others.await?.iter().any(|other| {
        let is_replaced = other.replaced_by.as_ref() == Some(&used.subject);
        let was_over = other
            .expires_at
            .is_some_and(|end| end <= pending.created_at);
        !is_replaced && !was_over
    }))
}

/// Makes the account of a registration that is `activating`. Every step can be repeated, also by several callers at
/// once. `login` is the time of the login that comes with it. `None` if another account has taken the address
/// meanwhile.
async fn activate(
    app: &App,
    pending: PendingUser,
    request: MailRequest,
    login: Option<Timestamp>,
) -> Result<Option<User>> {
    let now = request.at;
    let identifiers = app.store.identifiers();
    let owner = pending.user_id.clone();
    app.fail_point.pass("verify:email")?;
    let mut names_are_ours = identifiers
        .activate(&email_key(pending.email()), &owner, now)
        .await?;
    app.fail_point.pass("verify:username")?;
    if let (true, Some(username)) = (names_are_ours, &pending.person.names.username) {
        names_are_ours = identifiers
            .activate_held(&username_key(username.as_str()), &owner, now)
            .await?;
    }
    names_are_ours = names_are_ours
        && identifiers
            .activate_held(&user_id_key(owner.as_str()), &owner, now)
            .await?;
    if !names_are_ours {
        give_up(app, &pending).await?;
        return Ok(None);
    }
    app.fail_point.pass("verify:account")?;
    let mut user = pending.clone().into_account(now);
    let logs_in = user.password_hash.is_some() && may_log_in(app, &user);
    user.last_login_at = login.filter(|_| logs_in);
    let is_new = match app.store.accounts().insert(&user).await {
        // The unique index is the second line of defence, for an account that `identifiers` did not know yet (REG-2).
        Err(StoreError::Duplicate) => {
            give_up(app, &pending).await?;
            return Ok(None);
        }
        inserted => inserted?,
    };
    app.fail_point.pass("verify:link")?;
    if user.password_hash.is_none() {
        mail_jobs::enqueue_first_password(app, request, &user).await?;
    }
    app.fail_point.pass("verify:others")?;
    for other in app
        .store
        .pending()
        .list_others(pending.email(), &owner)
        .await?
    {
        if other.activating_since.is_none() {
            registration::undo(app, &other).await?;
        }
    }
    app.fail_point.pass("verify:finish")?;
    // The challenge is marked as done last, because the same code does not repeat the steps after that (REG-5).
    registration::release(app, &pending).await?;
    let challenges = app.store.challenges();
    challenges
        .note_done(OtpPurpose::Verification, &owner)
        .await?;
    if is_new {
        return Ok(Some(user));
    }
    Ok(app.store.accounts().find_by_user_id(&owner).await?)
}

async fn give_up(app: &App, pending: &PendingUser) -> Result<()> {
    registration::undo(app, pending).await?;
    Ok(app.store.identifiers().abandon(&pending.user_id).await?)
}

/// Finishes work that a crash interrupted: consumed codes without an account, and registrations that are `activating`.
/// Returns their number.
pub async fn sweep(app: &App) -> Result<usize> {
    let now = app.clock.now();
    let before = now - SWEPT_AFTER;
    let request = MailRequest {
        at: now,
        language: None,
    };
    let mut finished = 0;
    // One that cannot be finished must not stop the others.
    let mut note = |user_id: &UserId, done: Result<Option<User>>| match done {
        Ok(_) => finished += 1,
        Err(error) => tracing::error!(%user_id, %error, "a verification cannot be finished"),
    };
    let challenges = app.store.challenges();
    let purpose = OtpPurpose::Verification;
    for used in challenges.list_consumed(purpose, before).await? {
        let user_id = &used.subject;
        tracing::info!(%user_id, "finishing a verification that was cut off");
        let done = finish(app, request, &used, false, None).await;
        match &done {
            Ok(Some(_)) => challenges.note_done(purpose, user_id).await?,
            Ok(None) => challenges.delete(purpose, user_id).await?,
            Err(_) => {}
        }
        note(user_id, done);
    }
    for pending in app.store.pending().list_activating(before).await? {
        let user_id = pending.user_id.clone();
        tracing::info!(%user_id, "finishing a verification that was cut off");
        note(&user_id, activate(app, pending, request, None).await);
    }
    Ok(finished)
}

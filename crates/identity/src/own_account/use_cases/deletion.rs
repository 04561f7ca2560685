//! The deletion of one's own account (SELF-5, SELF-6): asked for, confirmed by mail, and due some days later.

use chrono::Duration;

use crate::{
    actions,
    admin::account_status,
    app::App,
    codes::documents::OtpPurpose,
    errors,
    own_account::{
        deletion_proof_lifetime,
        documents::AccountDeletion,
        email::account_of,
        links::{self, Shown},
        mails,
        rules::link::Link,
    },
    sessions::{self, documents::EndReason},
    throttle::{self, PerIp},
};
use kernel::{
    clock::Timestamp,
    error::{Error, Result},
    principal::Principal,
    request::Origin,
    role::Role,
};
use platform::{
    audit::{self, Event},
    outbox::MailRequest,
};

/// The fail points between the writes of a confirmation, for tests of crashes.
pub const CONFIRM_STEPS: [&str; 4] = [
    "deletion:close",
    "deletion:sessions",
    "deletion:notice",
    "deletion:end",
];

const NOT_THIS_ROLE: &str = "Ask an administrator to delete this account";

fn may_delete(app: &App, role: Role) -> Result<()> {
    if app.settings.account.deletion_roles.contains(&role) {
        return Ok(());
    }
    Err(Error::new(errors::ACCESS_DENIED).saying(NOT_THIS_ROLE))
}

/// Asks for the deletion of the caller's account:
///
/// 1. Refuse a role that the settings do not name (SELF-6), and the last administrator (ADM-3).
/// 2. Throttle.
/// 3. Write the audit event.
/// 4. Write the deletion, in the place of an older one that waits.
/// 5. Mail the link that confirms it. Nothing happens before that.
///
/// # Errors
/// `AccessDenied`, `RateLimit`; `EmailError` if the outbox cannot store the mail job; `VersionConflict` if a deletion is
/// confirmed already.
pub async fn request(app: &App, origin: &Origin, caller: &Principal) -> Result<()> {
    let user_id = &caller.user_id;
    let event = Event::by(user_id, actions::ACCOUNT_DELETE_REQUEST);
    let user = account_of(app, caller).await?;
    let allowed = async {
        may_delete(app, user.user_type)?;
        account_status::refuse_last_admin(app, &user).await
    };
    if let Err(error) = allowed.await {
        audit::record_refusal(app, origin, event.failed().noting(error.code.code())).await;
        return Err(error);
    }
    let limit = app.settings.throttle.email_change_per_account;
    let key = format!("account-deletion:{user_id}");
    throttle::count(app, origin, "email_change_per_account", &key, limit).await?;
    audit::record(app, origin, event.noting("requested")).await?;
    let confirm_until = origin.now + deletion_proof_lifetime(app);
    let deletion = AccountDeletion {
        id: user_id.clone(),
        proof: links::new_proof(app),
        email: user.email().to_owned(),
        user_type: user.user_type,
        confirm_until,
        working_since: None,
        due_at: None,
        expires_at: Some(confirm_until),
    };
    if !app.store.account_deletions().begin(&deletion).await? {
        return Err(errors::VERSION_CONFLICT.into());
    }
    let mail = (Link::ConfirmDeletion, user_id, &deletion.proof);
    let lifetime = deletion_proof_lifetime(app);
    mails::enqueue(app, origin.into(), mail, &deletion.email, lifetime).await
}

/// Confirms a deletion with the mailed link: 1 throttle; 2 the link; 3 the audit event; 4 confirm it, once; 5 the rest, as
/// in `finish`. Returns when the account goes.
///
/// # Errors
/// `OtpError` if the link is wrong, used, replaced or expired, or if the account changed meanwhile; `AccessDenied` if it
/// is the last administrator's.
pub async fn confirm(app: &App, origin: &Origin, token: &str) -> Result<Timestamp> {
    throttle::by_ip(app, origin, PerIp::OtpVerify).await?;
    let now = origin.now;
    let deletion = find(app, Link::ConfirmDeletion, token).await?;
    if deletion.due_at.is_some() || deletion.confirm_until <= now {
        return Err(errors::OTP_ERROR.into());
    }
    may_delete(app, deletion.user_type)?;
    let event = Event::by(&deletion.id, actions::ACCOUNT_DELETE_REQUEST).noting("confirmed");
    audit::record(app, origin, event).await?;
    let due_at = now + Duration::days(app.settings.account.deletion_days);
    let deletions = app.store.account_deletions();
    let done = if deletions.confirm(&deletion, due_at, now).await? {
        finish(app, origin.into(), &deletion, due_at).await
    } else {
        Err(errors::OTP_ERROR.into())
    };
    if let Err(error) = &done {
        let event = event.failed().noting(error.code.code());
        audit::record_refusal(app, origin, event).await;
    }
    done.map(|()| due_at)
}

/// Finishes a confirmation whose work has begun. The request calls it, and the sweeper after a crash; every step can be
/// repeated:
///
/// 1. Close the account, if its owner may still use it, past the guard of the last administrator. From now on nobody logs
///    in.
/// 2. End every session; delete remembered devices, reset codes and a change of the address that waits.
/// 3. Mail the link that calls the deletion off.
/// 4. Note that the work is done.
///
/// # Errors
/// `OtpError` if the account changed meanwhile; `AccessDenied` if it is the last administrator's.
pub(crate) async fn finish(
    app: &App,
    request: MailRequest,
    deletion: &AccountDeletion,
    due_at: Timestamp,
) -> Result<()> {
    let (user_id, now) = (&deletion.id, request.at);
    app.fail_point.pass("deletion:close")?;
    let accounts = app.store.accounts();
    let close = accounts.close_for_deletion(deletion, due_at, now);
    let closed = if deletion.user_type == Role::Admin {
        account_status::guarded_change(app, now, user_id, close).await
    } else {
        close.await.map_err(Error::from)
    };
    let closed = match closed {
        Err(error) if error.code == errors::ACCESS_DENIED => Err(error),
        other => Ok(other?.is_some() || accounts.waits_for_deletion(deletion).await?),
    };
    let deletions = app.store.account_deletions();
    if !matches!(closed, Ok(true)) {
        deletions.end(deletion).await?;
        return Err(closed.err().unwrap_or_else(|| errors::OTP_ERROR.into()));
    }
    app.fail_point.pass("deletion:sessions")?;
    sessions::end_all(app, user_id, None, EndReason::Account, now).await?;
    app.store
        .challenges()
        .delete(OtpPurpose::PasswordReset, user_id)
        .await?;
    app.store.known_devices().delete_all(user_id).await?;
    app.store.email_changes().call_off(user_id).await?;
    sessions::forget(app, user_id, now).await?;
    app.fail_point.pass("deletion:notice")?;
    let mail = (Link::CancelDeletion, user_id, &deletion.proof);
    mails::enqueue(app, request, mail, &deletion.email, due_at - now).await?;
    app.fail_point.pass("deletion:end")?;
    Ok(deletions.note_closed(deletion).await?)
}

/// Calls a deletion off with the mailed link: 1 throttle; 2 the link; 3 the audit event; 4 open the account again, unless
/// its deletion has begun or an administrator has decided about it; 5 delete the row.
///
/// # Errors
/// `OtpError` if the link is wrong or used, or if it is too late.
pub async fn cancel(app: &App, origin: &Origin, token: &str) -> Result<()> {
    throttle::by_ip(app, origin, PerIp::OtpVerify).await?;
    let now = origin.now;
    let deletion = find(app, Link::CancelDeletion, token).await?;
    if deletion.due_at.is_none_or(|due_at| due_at <= now) {
        return Err(errors::OTP_ERROR.into());
    }
    let event = Event::done(Some(&deletion.id), actions::ACCOUNT_DELETE_CANCEL);
    audit::record(app, origin, event).await?;
    let accounts = app.store.accounts();
    let opened = accounts.call_deletion_off(&deletion.id, Some(&deletion), now);
    let opened = opened.await?;
    app.store.account_deletions().end(&deletion).await?;
    sessions::forget(app, &deletion.id, now).await?;
    if opened.is_some() {
        return Ok(());
    }
    audit::record_refusal(app, origin, event.failed()).await;
    Err(errors::OTP_ERROR.into())
}

async fn find(app: &App, link: Link, token: &str) -> Result<AccountDeletion> {
    let shown = Shown::parse(token).ok_or(errors::OTP_ERROR)?;
    let found = app.store.account_deletions().find(&shown.user_id).await?;
    let found = found.filter(|deletion| shown.is_for(app, link, &deletion.proof));
    found.ok_or_else(|| errors::OTP_ERROR.into())
}

/// How long an instance has a deletion that is due. After a crash it is due again then.
const CLAIMED_FOR: Duration = Duration::minutes(1);

/// Deletes an account whose deletion is due, as an administrator would: 1 take it, for one instance; 2 the audit event;
/// 3 close the account, unless the deletion was called off; 4 remove it; 5 delete the row.
pub(crate) async fn delete_due(
    app: &App,
    deletion: &AccountDeletion,
    now: Timestamp,
) -> Result<()> {
    let deletions = app.store.account_deletions();
    let until = now + CLAIMED_FOR;
    if !deletions.claim_due(deletion, until).await? {
        return Ok(());
    }
    if app.store.accounts().waits_for_deletion(deletion).await? {
        let origin = Origin::of_the_service(app.rng.uuid().to_string(), now);
        let event = Event::done(Some(&deletion.id), actions::ACCOUNT_DELETE);
        audit::record(app, &origin, event).await?;
        let close = app.store.accounts();
        let close = close.close_due(deletion, now);
        account_status::delete_by(app, &deletion.id, close, now).await?;
    }
    Ok(deletions.end(deletion).await?)
}

//! Undoing a change of the e-mail address from the old address (SELF-3).

use chrono::Duration;

use crate::{
    accounts::rules::identifier::email_key,
    actions,
    app::App,
    codes::{self, documents::OtpPurpose},
    errors,
    mails::documents::{MailJob, OutboxRow},
    own_account::{
        documents::EmailUndo,
        links::Shown,
        rules::{kept_factors::kept, link::Link},
        undo_lifetime,
    },
    sessions::{self, documents::EndReason},
    throttle::{self, PerIp},
};
use kernel::{
    error::{Error, Result},
    request::Origin,
};
use platform::{
    audit::{self, Event},
    outbox::{self as queue, MailRequest},
};

/// The fail points between the writes of an undo, for tests of crashes.
pub const UNDO_STEPS: [&str; 6] = [
    "undo-email:reserve",
    "undo-email:sessions",
    "undo-email:account",
    "undo-email:release",
    "undo-email:mail",
    "undo-email:end",
];

/// How often the account is tried while other requests change its factors.
const TRIES: usize = 8;

/// Undoes a change of the address with the link that was mailed to the old one: 1 throttle; 2 the link; 3 the audit
/// event; 4 consume it, once; 5 the rest, as in `finish`.
///
/// # Errors
/// `OtpError` if the link is wrong, used or expired.
pub async fn undo(app: &App, origin: &Origin, token: &str) -> Result<()> {
    throttle::by_ip(app, origin, PerIp::OtpVerify).await?;
    let now = origin.now;
    let shown = Shown::parse(token).ok_or(errors::OTP_ERROR)?;
    let undos = app.store.email_undos();
    let all = undos.list(&shown.user_id).await?;
    let is_valid = |undo: &EmailUndo| {
        undo.working_since.is_none()
            && undo.expires_at > now
            && shown.is_for(app, Link::UndoEmail, &undo.proof)
    };
    let mut valid = all.into_iter().filter(is_valid);
    let undo = valid.next().ok_or(errors::OTP_ERROR)?;
    let event = Event::done(Some(&undo.user_id), actions::EMAIL_UNDO);
    audit::record(app, origin, event).await?;
    let kept_until = now + undo_lifetime(app);
    if !undos.consume(&undo, kept_until, now).await? {
        audit::record_refusal(app, origin, event.failed()).await;
        return Err(errors::OTP_ERROR.into());
    }
    finish(app, origin.into(), &undo).await
}

/// Finishes an undo whose work has begun. The request calls it, and the sweeper after a crash; every step can be
/// repeated:
///
/// 1. Take the old address back, which is held for the account.
/// 2. End every session, and delete what a stranger could use: reset codes, a change that waits, remembered devices.
/// 3. Delete the deletion that somebody asked for.
/// 4. Restore the account: the address, no password, and only the factors of before the change. It is opened again if it
///    waited for its deletion.
/// 5. Release the new address, and those of later changes. Their undos end too.
/// 6. End the sessions that began meanwhile.
/// 7. Mail a link to a new password to the old address.
/// 8. Delete the undo.
///
/// # Errors
/// `OtpError` if the account is gone.
pub(crate) async fn finish(app: &App, request: MailRequest, undo: &EmailUndo) -> Result<()> {
    let (user_id, now) = (&undo.user_id, request.at);
    let identifiers = app.store.identifiers();
    app.fail_point.pass("undo-email:reserve")?;
    let old = email_key(&undo.old_email);
    if !identifiers.activate(&old, user_id, now).await? {
        // After a crash and an outage as long as the address is held.
        tracing::error!(%user_id, "an address cannot be restored: another account has it");
        app.store.email_undos().remove(&undo.id).await?;
        return Err(errors::OTP_ERROR.into());
    }
    app.fail_point.pass("undo-email:sessions")?;
    let end_sessions = || sessions::end_all(app, user_id, None, EndReason::Account, now);
    end_sessions().await?;
    app.store
        .challenges()
        .delete(OtpPurpose::PasswordReset, user_id)
        .await?;
    app.store.email_changes().call_off(user_id).await?;
    app.store.known_devices().delete_all(user_id).await?;
    let deletions = app.store.account_deletions();
    deletions.remove(user_id.as_str()).await?;
    app.fail_point.pass("undo-email:account")?;
    if !restore(app, undo, request).await? {
        identifiers.release(&old, user_id, true).await?;
        app.store.email_undos().remove(&undo.id).await?;
        return Err(errors::OTP_ERROR.into());
    }
    app.fail_point.pass("undo-email:release")?;
    release_later(app, undo).await?;
    end_sessions().await?;
    sessions::forget(app, user_id, now).await?;
    app.fail_point.pass("undo-email:mail")?;
    enqueue_reset(app, request, undo).await?;
    app.fail_point.pass("undo-email:end")?;
    Ok(app.store.email_undos().remove(&undo.id).await?)
}

/// Step 4 of `finish`. `false` if the account is gone.
async fn restore(app: &App, undo: &EmailUndo, request: MailRequest) -> Result<bool> {
    let accounts = app.store.accounts();
    for _ in 0..TRIES {
        let Some(user) = accounts.find_by_user_id(&undo.user_id).await? else {
            return Ok(false);
        };
        accounts
            .call_deletion_off(&undo.user_id, None, request.at)
            .await?;
        let totp = app.store.totps().find(&undo.user_id).await?;
        let confirmed_at = totp.and_then(|totp| totp.confirmed_at);
        let kept = kept(&user.factors, undo, confirmed_at);
        let restored = accounts.restore_email(&user, undo, &kept, request.at);
        if restored.await?.is_some() || accounts.has_restored_email(undo).await? {
            return Ok(true);
        }
        if !accounts.is_open(&undo.user_id).await? {
            return Ok(false);
        }
    }
    Err(Error::new(errors::DATABASE_ERROR).retry_after(1))
}

/// Step 5 of `finish`.
async fn release_later(app: &App, undo: &EmailUndo) -> Result<()> {
    let undos = app.store.email_undos();
    let identifiers = app.store.identifiers();
    let old = email_key(&undo.old_email);
    for later in undos.list(&undo.user_id).await? {
        if later.changed_at < undo.changed_at {
            continue;
        }
        let key = email_key(&later.new_email);
        if key != old {
            identifiers.release(&key, &undo.user_id, true).await?;
        }
        if later.id != undo.id {
            undos.remove(&later.id).await?;
        }
    }
    Ok(())
}

async fn enqueue_reset(app: &App, request: MailRequest, undo: &EmailUndo) -> Result<()> {
    // Strangers who asked in the name of the address must not use up the code that its owner needs.
    codes::forget_counts(app, OtpPurpose::PasswordReset, &undo.old_email).await?;
    let lifetime = Duration::minutes(app.settings.reset.link_minutes);
    let row = queue::row(
        app,
        request,
        &undo.old_email,
        MailJob::ResetPassword,
        lifetime,
    );
    let id = format!("undo-reset-{}", undo.proof.proof_id);
    queue::enqueue_row(app, OutboxRow { id, ..row }).await
}

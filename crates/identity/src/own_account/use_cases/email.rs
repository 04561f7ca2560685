//! Another e-mail address for one's own account (SELF-1 to SELF-4).

use crate::{
    accounts::{documents::User, rules::identifier::email_key},
    actions,
    app::App,
    codes::{documents::OtpPurpose, rules::OtpCode},
    errors,
    login::may_log_in,
    own_account::{
        documents::{EmailChange, EmailUndo},
        email_proof_lifetime,
        links::{self, Shown, code_of},
        mails,
        rules::link::Link,
        undo_lifetime,
    },
    sessions::{self, documents::EndReason},
    throttle::{self, PerIp},
};
use crypto::verify_equal;
use kernel::{
    contact::EmailAddress,
    error::{Error, Result, RuleViolation},
    principal::Principal,
    request::Origin,
};
use platform::{
    audit::{self, Event},
    outbox::MailRequest,
};
use store::StoreError;

/// The fail points between the writes of a change, for tests of crashes.
pub const CHANGE_STEPS: [&str; 8] = [
    "email:reserve",
    "email:undo",
    "email:sessions",
    "email:account",
    "email:keep_back",
    "email:rest",
    "email:notice",
    "email:end",
];

const SAME: RuleViolation =
    RuleViolation::new("email_unchanged", "This is the address that you have");

/// Begins a change of the caller's address:
///
/// 1. Refuse the address that the account has.
/// 2. Throttle.
/// 3. Write the audit event.
/// 4. Write the change, in the place of an older one that waits (OTP-6).
/// 5. Enqueue one mail to the new address. The worker finds out whether the address is taken, and then tells its owner
///    instead, so the answer is always the same (D1).
///
/// # Errors
/// `RateLimit`; `EmailError` if the outbox cannot store the mail job; `VersionConflict` while an earlier change is being
/// made.
pub async fn request(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    new: &EmailAddress,
) -> Result<()> {
    let user_id = &caller.user_id;
    let user = account_of(app, caller).await?;
    if email_key(user.email()) == email_key(new.canonical()) {
        return Err(SAME.at("new_email").into());
    }
    let limit = app.settings.throttle.email_change_per_account;
    let key = format!("email-change:{user_id}");
    throttle::count(app, origin, "email_change_per_account", &key, limit).await?;
    let event = Event::by(user_id, actions::EMAIL_CHANGE).noting("requested");
    audit::record(app, origin, event).await?;
    let change = EmailChange {
        id: user_id.clone(),
        user_id: user_id.clone(),
        proof: links::new_proof(app),
        old_email: user.email().to_owned(),
        new_email: new.canonical().to_owned(),
        new_display: new.display().to_owned(),
        session_id: caller.session_id.clone(),
        attempts: 0,
        working_since: None,
        expires_at: origin.now + email_proof_lifetime(app),
    };
    if !app.store.email_changes().begin(&change).await? {
        return Err(errors::VERSION_CONFLICT.into());
    }
    let mail = (Link::ConfirmEmail, user_id, &change.proof);
    let lifetime = email_proof_lifetime(app);
    mails::enqueue(app, origin.into(), mail, &change.new_email, lifetime).await
}

/// Makes the caller's change with the mailed code. A try is spent before the code is compared (OTP-3).
///
/// # Errors
/// `OtpError` for every kind of wrong code; `UserExists` if another account has the address meanwhile.
pub async fn confirm_by_code(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    code: Option<&OtpCode>,
) -> Result<String> {
    throttle::by_ip(app, origin, PerIp::OtpVerify).await?;
    let code = code.ok_or(errors::OTP_ERROR)?;
    let changes = app.store.email_changes();
    let most = app.settings.otp.max_attempts;
    let spent = changes.spend_attempt(&caller.user_id, most, origin.now);
    let right = spent.await?.filter(|change| {
        code_of(app, change)
            .is_some_and(|right| verify_equal(right.expose().as_bytes(), code.as_bytes()))
    });
    let Some(change) = right else {
        let event = Event::by(&caller.user_id, actions::CODE_FAILED).failed();
        audit::record_refusal(app, origin, event.noting("email_change")).await;
        return Err(errors::OTP_ERROR.into());
    };
    make(app, origin, change).await
}

/// Makes the change with the mailed link, which has no limit of tries.
///
/// # Errors
/// `OtpError` if the link is wrong, used, replaced or expired; `UserExists` as above.
pub async fn confirm_by_link(app: &App, origin: &Origin, token: &str) -> Result<String> {
    throttle::by_ip(app, origin, PerIp::OtpVerify).await?;
    let shown = Shown::parse(token).ok_or(errors::OTP_ERROR)?;
    let found = app.store.email_changes().find(&shown.user_id).await?;
    let change = found
        .filter(|change| shown.is_for(app, Link::ConfirmEmail, &change.proof))
        .ok_or(errors::OTP_ERROR)?;
    make(app, origin, change).await
}

/// Makes a change that was proven: 1 the account is in use, and the session that asked has not ended: who ends it, by a new
/// password for example, ends what it asked for; 2 the audit event; 3 consume it, once; 4 the rest, as in [`finish`].
/// Returns the new address.
async fn make(app: &App, origin: &Origin, change: EmailChange) -> Result<String> {
    let (user_id, now) = (&change.user_id, origin.now);
    let is_open = change.working_since.is_none() && change.expires_at > now;
    let session = app.store.sessions().find(&change.session_id).await?;
    let is_asked_for = session.is_some_and(|session| session.is_active);
    let user = app.store.accounts().find_by_user_id(user_id).await?;
    if !is_open || !is_asked_for || user.is_none_or(|user| !may_log_in(app, &user)) {
        return Err(errors::OTP_ERROR.into());
    }
    audit::record(app, origin, Event::by(user_id, actions::EMAIL_CHANGE)).await?;
    let kept_until = now + undo_lifetime(app);
    let changes = app.store.email_changes();
    let consumed = changes.consume(&change, kept_until, now).await?;
    let done = if consumed {
        finish(app, origin.into(), &change).await
    } else {
        Err(errors::OTP_ERROR.into())
    };
    if let Err(error) = &done {
        let event = Event::by(user_id, actions::EMAIL_CHANGE).failed();
        audit::record_refusal(app, origin, event.noting(error.code.code())).await;
    }
    done.map(|()| change.new_display)
}

/// Finishes a change whose work has begun. The request calls it, and the sweeper after a crash; every step can be
/// repeated:
///
/// 1. Reserve the new address: one insert decides between several accounts (SELF-2).
/// 2. Write what undoes the change. Nobody has its link yet.
/// 3. End the other sessions and revoke the reset codes of the old address (SELF-4).
/// 4. Change the account, if it still has the old address and its owner may use it.
/// 5. Hold the old address: it finds no account any more, and nobody else can have it (SELF-3).
/// 6. End the other sessions that began meanwhile.
/// 7. Mail the notice with the undo link to the old address.
/// 8. Delete the change.
///
/// If step 1 or 4 is lost to another change of the account, what was done before is taken back.
///
/// # Errors
/// `UserExists` if another account has the address; `OtpError` if the account changed meanwhile.
pub(crate) async fn finish(app: &App, request: MailRequest, change: &EmailChange) -> Result<()> {
    let (user_id, now) = (&change.user_id, request.at);
    let until = now + undo_lifetime(app);
    let identifiers = app.store.identifiers();
    let accounts = app.store.accounts();
    let Some(user) = accounts.find_by_user_id(user_id).await? else {
        return give_up(app, change, errors::OTP_ERROR.into()).await;
    };
    app.fail_point.pass("email:reserve")?;
    let new = email_key(&change.new_email);
    if !identifiers.activate(&new, user_id, now).await? {
        return give_up(app, change, errors::USER_EXISTS.into()).await;
    }
    app.fail_point.pass("email:undo")?;
    let undo = undo_of(change, &user, request, until);
    let undos = app.store.email_undos();
    let is_first_run = undos.insert_new(&undo).await?;
    app.fail_point.pass("email:sessions")?;
    end_others(app, change, request).await?;
    app.fail_point.pass("email:account")?;
    match accounts.change_email(change, now).await {
        Ok(Some(_)) => {}
        // An earlier run of these steps changed it. If that run ended the change, it may be undone already.
        Ok(None) if accounts.has_changed_email(change).await? => {
            if !is_current(app, change).await? {
                if is_first_run {
                    undos.remove(&undo.id).await?;
                }
                return Ok(());
            }
        }
        Ok(None) => return give_up(app, change, errors::OTP_ERROR.into()).await,
        // The unique index is the second line of defence, for an account that `identifiers` did not know yet (REG-2).
        Err(StoreError::Duplicate) => {
            return give_up(app, change, errors::USER_EXISTS.into()).await;
        }
        Err(error) => return Err(error.into()),
    }
    app.fail_point.pass("email:keep_back")?;
    let old = email_key(&change.old_email);
    identifiers.keep_back(&old, user_id, until).await?;
    app.fail_point.pass("email:rest")?;
    end_others(app, change, request).await?;
    app.fail_point.pass("email:notice")?;
    let mail = (Link::UndoEmail, user_id, &change.proof);
    mails::enqueue(app, request, mail, &change.old_email, undo_lifetime(app)).await?;
    app.fail_point.pass("email:end")?;
    let changes = app.store.email_changes();
    Ok(changes.end(user_id, &change.proof).await?)
}

fn undo_of(
    change: &EmailChange,
    user: &User,
    request: MailRequest,
    until: kernel::clock::Timestamp,
) -> EmailUndo {
    let factors = &user.factors;
    EmailUndo {
        id: EmailUndo::id_of(&change.user_id, &change.proof),
        user_id: change.user_id.clone(),
        proof: change.proof.clone(),
        old_email: change.old_email.clone(),
        old_display: user.person.contact.email.display().to_owned(),
        new_email: change.new_email.clone(),
        factors: factors.confirmed.iter().map(ToString::to_string).collect(),
        recovery_batch: factors.recovery_batch.clone(),
        changed_at: request.at,
        working_since: None,
        expires_at: until,
    }
}

async fn end_others(app: &App, change: &EmailChange, request: MailRequest) -> Result<()> {
    let (user_id, now) = (&change.user_id, request.at);
    let kept = Some(&change.session_id);
    sessions::end_all(app, user_id, kept, EndReason::Account, now).await?;
    let challenges = app.store.challenges();
    challenges
        .delete(OtpPurpose::PasswordReset, user_id)
        .await?;
    sessions::forget(app, user_id, now).await
}

/// Takes back what [`finish`] has done, and returns its error. The account did not change, so its address is not touched:
/// only a name that the account does not have is released. If the change is gone, another run has ended it.
async fn give_up(app: &App, change: &EmailChange, error: Error) -> Result<()> {
    let user_id = &change.user_id;
    let changes = app.store.email_changes();
    if !is_current(app, change).await? {
        return Err(error);
    }
    let new = email_key(&change.new_email);
    let user = app.store.accounts().find_by_user_id(user_id).await?;
    if user.is_none_or(|user| email_key(user.email()) != new) {
        app.store
            .identifiers()
            .release(&new, user_id, false)
            .await?;
    }
    let undos = app.store.email_undos();
    undos
        .remove(&EmailUndo::id_of(user_id, &change.proof))
        .await?;
    changes.end(user_id, &change.proof).await?;
    Err(error)
}

/// Whether no run of [`finish`] has ended the change.
async fn is_current(app: &App, change: &EmailChange) -> Result<bool> {
    let found = app.store.email_changes().find(&change.user_id).await?;
    Ok(found.is_some_and(|found| found.proof == change.proof))
}

/// The caller's account, as the database has it.
pub(super) async fn account_of(app: &App, caller: &Principal) -> Result<User> {
    let user = app
        .store
        .accounts()
        .find_by_user_id(&caller.user_id)
        .await?;
    user.ok_or_else(|| errors::SESSION_ERROR.into())
}

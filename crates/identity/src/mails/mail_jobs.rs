//! The codes and links of mail jobs: the worker issues them, within the limits of their address, and then mails the
//! letter that each is for.

use chrono::Duration;

use crate::{
    accounts::{
        documents::{Status, User},
        rules::identifier::email_key,
    },
    app::App,
    codes::{
        self, Lifetimes, Recipient,
        documents::{OtpChallenge, OtpPurpose},
    },
    letters::{already_registered, first_password, invitation, password_reset, verification_code},
    mails::{
        documents::{MailJob, OutboxRow},
        letters::{code_lifetime, minutes_left},
        outbox::note_not_made,
    },
    registration::documents::PendingUser,
    throttle,
};
use kernel::{clock::Timestamp, error::Result, ids::UserId, secret::Secret};
use mail::{self, state::MailReason};
use platform::outbox::{self, MailDecision, MailRequest};

/// Issues the codes that the mail job asks for.
pub(crate) async fn challenges(
    app: &App,
    row: &OutboxRow,
    now: Timestamp,
) -> Result<Vec<OtpChallenge>> {
    let issued = match &row.job {
        MailJob::Registered { registration } => first_code(app, row, registration, now).await?,
        MailJob::RenewCodes => return renew_codes(app, row, now).await,
        MailJob::RenewCode { registration } => renewed_code(app, registration, now).await?,
        MailJob::ResetPassword => reset_code(app, row, now).await?,
        MailJob::Invitation { account } => invitation(app, row, account, now).await?,
        MailJob::FirstPassword { account } => first_password(app, account, now).await?,
        MailJob::CodesUsedUp { .. }
        | MailJob::AccountLink { .. }
        | MailJob::Code { .. }
        | MailJob::Notice(_) => None,
    };
    Ok(issued.into_iter().collect())
}

/// The cooldown of a row's code. A row that is worked on again was interrupted: its code was never mailed, and must not
/// make the next one wait.
fn cooldown(app: &App, row: &OutboxRow) -> Duration {
    if row.attempts > 1 {
        return Duration::zero();
    }
    Duration::seconds(app.settings.otp.cooldown_seconds)
}

/// The first code of a registration. The cooldown does not apply to it, the hourly limits do (D2).
async fn first_code(
    app: &App,
    row: &OutboxRow,
    registration: &UserId,
    now: Timestamp,
) -> Result<Option<OtpChallenge>> {
    let Some(pending) = app.store.pending().find_live(registration, now).await? else {
        return Ok(None);
    };
    let identifiers = app.store.identifiers();
    if identifiers.is_taken(&email_key(&row.email), now).await? {
        // D1, strict: the owner of the address is notified, once a day at most. The caller learns nothing.
        let key = format!(
            "already-registered:{}",
            throttle::pseudonymize(app, &row.email)
        );
        if app.store.throttles().count(&key, 86_400, now).await?.count == 1 {
            let request = MailRequest {
                at: now,
                language: row.language,
            };
            outbox::enqueue_notice(app, request, &row.email, already_registered::job()).await?;
        }
        note_not_made(app, registration, MailReason::HasAccount, now).await?;
        return Ok(None);
    }
    renew_at_once(app, &pending, now).await
}

/// New codes for every live registration of an address. They do not extend a registration.
async fn renew_codes(app: &App, row: &OutboxRow, now: Timestamp) -> Result<Vec<OtpChallenge>> {
    let mut challenges = Vec::new();
    let email = row.email.as_str();
    let identifiers = app.store.identifiers();
    if identifiers.is_taken(&email_key(email), now).await? {
        return Ok(challenges);
    }
    for pending in app.store.pending().list_live_by_email(email, now).await? {
        challenges.extend(renew(app, &pending, now, cooldown(app, row)).await?);
    }
    Ok(challenges)
}

/// A new code for one registration, at any time, because an administrator asked: the cooldown is against strangers.
async fn renewed_code(
    app: &App,
    registration: &UserId,
    now: Timestamp,
) -> Result<Option<OtpChallenge>> {
    let Some(pending) = app.store.pending().find_live(registration, now).await? else {
        return Ok(None);
    };
    let taken = email_key(pending.email());
    if app.store.identifiers().is_taken(&taken, now).await? {
        note_not_made(app, registration, MailReason::HasAccount, now).await?;
        return Ok(None);
    }
    renew_at_once(app, &pending, now).await
}

/// A code without the cooldown. If there were too many codes, this is noted for the administrator, who waits for it.
async fn renew_at_once(
    app: &App,
    pending: &PendingUser,
    now: Timestamp,
) -> Result<Option<OtpChallenge>> {
    let code = renew(app, pending, now, Duration::zero()).await?;
    if code.is_none() {
        note_not_made(app, &pending.user_id, MailReason::TooManyCodes, now).await?;
    }
    Ok(code)
}

async fn renew(
    app: &App,
    pending: &PendingUser,
    now: Timestamp,
    cooldown: Duration,
) -> Result<Option<OtpChallenge>> {
    let until_end = pending
        .expires_at
        .map_or_else(Duration::zero, |end| end - now);
    let code = Duration::minutes(app.settings.otp.expire_minutes).min(until_end);
    let lifetimes = Lifetimes {
        code,
        link: Duration::zero(),
    };
    let recipient = Recipient {
        subject: &pending.user_id,
        email: pending.email(),
        registration_digest: Some(&pending.registration_digest),
    };
    let purpose = OtpPurpose::Verification;
    codes::issue(app, now, purpose, recipient, lifetimes, cooldown).await
}

/// A reset code for the account of an address. A disabled account gets none. An invited account gets its invitation
/// again: with a shorter link instead, any caller could cut the invitation short.
async fn reset_code(app: &App, row: &OutboxRow, now: Timestamp) -> Result<Option<OtpChallenge>> {
    let Some(user) = find_by_email(app, &row.email).await? else {
        return Ok(None);
    };
    if !mail::is_mailable(&row.email) {
        tracing::warn!(user_id = %user.user_id, "a reset cannot be mailed: the account's address is none");
        return Ok(None);
    }
    match user.status {
        Status::Active => {}
        Status::Disabled => return Ok(None),
        Status::Invited => return invitation(app, row, &user.user_id, now).await,
    }
    let config = &app.settings;
    let lifetimes = Lifetimes {
        code: Duration::minutes(config.otp.expire_minutes),
        link: Duration::minutes(config.reset.link_minutes),
    };
    let recipient = Recipient::account(&user.user_id, &row.email);
    let purpose = OtpPurpose::PasswordReset;
    codes::issue(app, now, purpose, recipient, lifetimes, cooldown(app, row)).await
}

/// The link to the first password of an account that was made without one (REG-8).
async fn first_password(
    app: &App,
    account: &UserId,
    now: Timestamp,
) -> Result<Option<OtpChallenge>> {
    let user = app.store.accounts().find_by_user_id(account).await?;
    let waits = |user: &User| user.status != Status::Disabled && user.password_hash.is_none();
    let Some(user) = user.filter(waits) else {
        return Ok(None);
    };
    // Strangers who asked in the name of the address must not use up the codes that its owner needs.
    codes::forget_counts(app, OtpPurpose::PasswordReset, user.email()).await?;
    link_alone(app, &user, Duration::zero(), now).await
}

async fn invitation(
    app: &App,
    row: &OutboxRow,
    account: &UserId,
    now: Timestamp,
) -> Result<Option<OtpChallenge>> {
    let Some(user) = app.store.accounts().find_by_user_id(account).await? else {
        return Ok(None);
    };
    if user.status != Status::Invited {
        return Ok(None);
    }
    link_alone(app, &user, cooldown(app, row), now).await
}

/// A link to set the password of an account, without a code. It is valid as long as an invitation.
async fn link_alone(
    app: &App,
    user: &User,
    cooldown: Duration,
    now: Timestamp,
) -> Result<Option<OtpChallenge>> {
    let lifetimes = Lifetimes {
        code: Duration::zero(),
        link: Duration::hours(app.settings.registration.invitation_hours),
    };
    let recipient = Recipient::account(&user.user_id, user.email());
    let purpose = OtpPurpose::PasswordReset;
    codes::issue(app, now, purpose, recipient, lifetimes, cooldown).await
}

/// The account that has an address.
pub(crate) async fn find_by_email(app: &App, email: &str) -> Result<Option<User>> {
    match app
        .store
        .identifiers()
        .find_owner(&[email_key(email)])
        .await?
    {
        Some(owner) => Ok(app.store.accounts().find_by_user_id(&owner).await?),
        None => Ok(None),
    }
}

/// The mail of a code that is still the current one of its subject.
pub(crate) async fn of_code(
    app: &App,
    row: &OutboxRow,
    (challenge, otp_id): (&str, &str),
    now: Timestamp,
) -> Result<MailDecision> {
    let current = app.store.challenges().find(challenge).await?;
    let Some(challenge) = current.filter(|current| {
        current.otp_id == otp_id && current.used_at.is_none() && current.expires_at > now
    }) else {
        return Ok(MailDecision::NotNeeded);
    };
    match challenge.purpose {
        OtpPurpose::Verification => of_verification(app, row, &challenge, now).await,
        OtpPurpose::PasswordReset => of_reset(app, row, &challenge, now).await,
    }
}

async fn of_verification(
    app: &App,
    row: &OutboxRow,
    challenge: &OtpChallenge,
    now: Timestamp,
) -> Result<MailDecision> {
    let registrations = app.store.pending();
    let pending = registrations.find_live(&challenge.subject, now).await?;
    let (Some(pending), Some(code)) = (pending, codes::code_of(app, challenge)) else {
        return Ok(MailDecision::NotNeeded);
    };
    let Some(minutes) = minutes_left(challenge.code_expires_at, code_lifetime(app), now) else {
        return Ok(MailDecision::TooLate);
    };
    // Where a code counts only with the token of its registration, no other page than that of the registration can help.
    let base = &app.settings.public_base_url;
    let link = (!app.settings.registration.require_token)
        .then(|| verification_code::link(base, pending.email(), &code));
    let username = pending.person.names.username.clone().map(Into::into);
    let values = verification_code::values((code, link), minutes, username);
    let language = pending.person.fields.language;
    let letter = &verification_code::LETTER;
    outbox::render(app, row, letter, &values, language).map(MailDecision::Ready)
}

/// A reset, an invitation, or the link to a first password (REG-8). The link of a reset is valid longer than its code,
/// and is sent alone once the code has expired.
async fn of_reset(
    app: &App,
    row: &OutboxRow,
    challenge: &OtpChallenge,
    now: Timestamp,
) -> Result<MailDecision> {
    let accounts = app.store.accounts();
    let user = accounts.find_by_user_id(&challenge.subject).await?;
    let (Some(user), Some(link), Some(code)) = (
        user,
        link_of(app, challenge),
        codes::code_of(app, challenge),
    ) else {
        return Ok(MailDecision::NotNeeded);
    };
    let is_invited = user.status == Status::Invited;
    let is_first = challenge.has_no_code() && user.password_hash.is_none();
    let config = &app.settings;
    let link_lifetime = if is_invited || is_first {
        Duration::hours(config.registration.invitation_hours)
    } else {
        Duration::minutes(config.reset.link_minutes)
    };
    let Some(minutes) = minutes_left(challenge.link_expires_at(), link_lifetime, now) else {
        return Ok(MailDecision::TooLate);
    };
    let (letter, values) = if is_invited {
        let name = Some(user.person.names.full()).filter(|name| !name.is_empty());
        let values = invitation::values(link, minutes, name);
        (&invitation::LETTER, values)
    } else if is_first {
        let values =
            first_password::values(link, minutes, user.person.names.username.map(Into::into));
        (&first_password::LETTER, values)
    } else {
        let code_left = minutes_left(challenge.code_expires_at, code_lifetime(app), now);
        let code = code_left.map(|minutes| (code, minutes));
        let values = password_reset::values(code, link, minutes);
        (&password_reset::LETTER, values)
    };
    let language = user.person.fields.language;
    outbox::render(app, row, letter, &values, language).map(MailDecision::Ready)
}

/// The link of a reset or an invitation. It comes from the configuration alone (RST-2). The token is in the fragment,
/// so no server and no mail scanner sees it (RST-3). It ends the link, because programs that read mails take it from there.
#[must_use]
pub(crate) fn link_of(app: &App, challenge: &OtpChallenge) -> Option<Secret> {
    let token = codes::link_token_of(app, challenge)?;
    let config = &app.settings;
    let token = token.expose();
    let link = if let Some(page) = &config.reset.page_url {
        format!("{page}#token={token}")
    } else {
        let base = config.public_base_url.trim_end_matches('/');
        format!("{base}/static/reset.html#token={token}")
    };
    Some(Secret::new(link))
}

/// Mails the link to the first password of an account that was made without one (REG-8). A repetition changes nothing
/// until the mail is sent; after that a new link replaces the mailed one.
///
/// # Errors
/// `EmailError` if the outbox cannot store the mail job.
pub(crate) async fn enqueue_first_password(
    app: &App,
    request: MailRequest,
    user: &User,
) -> Result<()> {
    let lifetime = Duration::hours(app.settings.registration.invitation_hours);
    let account = user.user_id.clone();
    let id = format!("first-password-{account}");
    let row = outbox::row(
        app,
        request,
        user.email(),
        MailJob::FirstPassword { account },
        lifetime,
    );
    outbox::enqueue_row(app, OutboxRow { id, ..row }).await
}

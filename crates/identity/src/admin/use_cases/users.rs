//! Other people's accounts: listing, reading, inviting, unlocking, and helping the owner to log in again.

use crate::{
    accounts::{
        self, NewColleague,
        documents::{Status, User},
    },
    actions,
    admin::{
        audited_read, named, refused,
        rules::{filter::UserFilter, help::Helps},
        store::user_list::Total,
    },
    app::App,
    codes::{self, documents::OtpPurpose},
    errors, factors,
    mails::{documents::MailJob, outbox},
    permissions::UsersReadPrivate,
    sessions::{self, documents::EndReason},
    throttle,
};
use chrono::Duration;

use kernel::{
    contact::EmailAddress,
    error::{Error, Result, RuleViolation},
    ids::UserId,
    page::{Listed, Page},
    principal::Principal,
    request::Origin,
    role::Needs,
};
use mail;
use platform::audit::{self, Event, record::Action};

/// An account, and whether the caller may see its private fields (ADM-5).
#[derive(Debug)]
pub struct VisibleUser {
    /// The account.
    pub user: User,
    /// Whether the caller may see `is_pregnant` and `mobile`.
    pub private: bool,
}

/// An account with what only its details show.
#[derive(Debug)]
pub struct AccountDetails {
    /// The account.
    pub account: VisibleUser,
    /// Its second factors. `None` if the caller may not see private fields.
    pub factors: Option<factors::Summary>,
}

/// The details of an account for the caller.
pub(crate) async fn details(app: &App, caller: &Principal, user: User) -> Result<AccountDetails> {
    let private = may_see_private(caller);
    let factors = if private {
        Some(factors::summary(app, &user).await?)
    } else {
        None
    };
    Ok(AccountDetails {
        account: VisibleUser { user, private },
        factors,
    })
}

/// A page of accounts.
#[derive(Debug)]
pub struct UserPage {
    /// The accounts.
    pub listed: Listed<VisibleUser>,
    /// How many accounts the whole list has.
    pub total: Total,
}

/// The total of a list is exact up to this number.
const EXACT_UP_TO: u64 = 10_000;

/// Whether the caller may see the private fields of other people's accounts.
pub(crate) fn may_see_private(caller: &Principal) -> bool {
    caller.role.allows(UsersReadPrivate::PERMISSION)
}

/// A page of the accounts that match `filter`, newest first. The audit event names each account whose private fields
/// were read (ADM-5).
pub async fn list(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    filter: UserFilter,
    page: &Page,
) -> Result<UserPage> {
    let private = may_see_private(caller);
    let filter = &UserFilter {
        with_numbers: private,
        ..filter
    };
    let accounts = app.store.accounts();
    let read = async {
        let (Listed { rows, next }, total) = tokio::try_join!(
            accounts.list(filter, private, page),
            accounts.count(filter, EXACT_UP_TO)
        )?;
        let rows = rows.into_iter().map(|user| VisibleUser { user, private });
        Ok(UserPage {
            listed: Listed {
                rows: rows.collect(),
                next,
            },
            total,
        })
    };
    let read: Result<UserPage> = read.await;
    let shown = read.iter().flat_map(|page| &page.listed.rows);
    let shown = shown.filter(|seen| seen.private);
    let shown = named(shown.map(|seen| &seen.user.user_id));
    let event = Event {
        detail: shown.as_deref(),
        ..Event::of_admin(&caller.user_id, actions::USER_LIST, None)
    };
    audited_read(app, origin, event, read).await
}

/// One account.
///
/// # Errors
/// `UserNotFound` if the account does not exist.
pub async fn find(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    user_id: &UserId,
) -> Result<AccountDetails> {
    let user = audited_target(app, origin, caller, actions::USER_READ, user_id).await?;
    details(app, caller, user).await
}

/// Invites a colleague: makes an account without a password, and mails a link that sets one.
///
/// # Errors
/// `UserExists` if the address or the username is taken; `EmailError` if the outbox cannot store the mail job.
pub async fn invite(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    new: NewColleague,
) -> Result<UserId> {
    match accounts::invite(app, origin, &caller.user_id, new).await {
        Err(error) => {
            let event = Event::of_admin(&caller.user_id, actions::USER_INVITE, None);
            Err(refused(app, origin, event, error).await)
        }
        done => done,
    }
}

/// Clears an account's failed logins, and with them its lock: one conditional update, which changes no account that is
/// not a patient's if the caller may help only those.
///
/// # Errors
/// `UserNotFound` if the account does not exist; `AccessDenied` if the caller may not help its owner; `RateLimit`.
pub async fn unlock(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    user_id: &UserId,
) -> Result<()> {
    helped_target(app, origin, caller, actions::USER_UNLOCK, user_id).await?;
    let lockouts = app.store.lockouts();
    match Helps::of(caller.role) {
        Helps::Everybody => lockouts.clear(user_id).await?,
        Helps::Patients | Helps::Nobody => lockouts.clear_of_patient(user_id).await?,
    }
    Ok(())
}

/// Ends all sessions of an account (SES-6), and returns their number.
///
/// # Errors
/// `UserNotFound` if the account does not exist.
pub async fn log_out(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    user_id: &UserId,
) -> Result<u64> {
    audited_target(app, origin, caller, actions::USER_LOGOUT, user_id).await?;
    app.store.known_devices().delete_all(user_id).await?;
    sessions::end_all(app, user_id, None, EndReason::Administration, origin.now).await
}

/// Removes every factor of an account whose owner has lost them (MFA-19). Nobody does it for themselves.
///
/// # Errors
/// `UserNotFound` if the account does not exist; `AccessDenied` if it is the caller's own.
pub async fn reset_factors(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    user_id: &UserId,
) -> Result<()> {
    let user = target(app, origin, caller, actions::FACTORS_RESET, user_id).await?;
    let event = Event::of_admin(&caller.user_id, actions::FACTORS_RESET, Some(&user.user_id));
    if caller.user_id == user.user_id {
        let error = Error::new(errors::ACCESS_DENIED).saying(NOT_YOUR_FACTORS);
        return Err(refused(app, origin, event, error).await);
    }
    audit::record(app, origin, event).await?;
    factors::reset(app, origin, &user).await
}

const NOT_YOUR_FACTORS: &str = "Another administrator resets your factors";

const UNMAILABLE: RuleViolation = RuleViolation::new(
    "email_unmailable",
    "No mail can be sent to the account's address; correct it first",
);

/// Mails a reset to the owner of an account, or the invitation again, also if the limit of mails is reached (RST-6).
/// The password does not change (RST-7).
///
/// # Errors
/// `UserNotFound`; `AccessDenied` if the account is disabled, or the caller may not help its owner; `RateLimit`;
/// `ValidationError` if no mail can be sent to its address; `EmailError` if the outbox cannot store the mail job.
pub async fn send_reset(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    user_id: &UserId,
) -> Result<()> {
    let user = helped_target(app, origin, caller, actions::RESET_START, user_id).await?;
    let email = EmailAddress::canonical_of(user.email());
    if user.status != Status::Disabled && !mail::is_mailable(&email) {
        let event = Event::of_admin(&caller.user_id, actions::RESET_START, Some(&user.user_id));
        return Err(refused(app, origin, event, UNMAILABLE.at("email").into()).await);
    }
    if user.status != Status::Disabled {
        codes::forget_counts(app, OtpPurpose::PasswordReset, &email).await?;
    }
    match user.status {
        Status::Invited => accounts::send_invitation(app, origin.into(), user_id, &email).await,
        Status::Active => {
            let lifetime = Duration::minutes(app.settings.reset.link_minutes);
            let job = MailJob::ResetPassword;
            outbox::enqueue(app, origin.into(), &email, job, lifetime)
                .await
                .map(drop)
        }
        Status::Disabled => {
            let event = Event::of_admin(&caller.user_id, actions::RESET_START, Some(&user.user_id));
            let error = Error::new(errors::ACCESS_DENIED).saying("The account is disabled");
            Err(refused(app, origin, event, error).await)
        }
    }
}

/// The account of an operation. If it does not exist, the refusal is audited.
pub(crate) async fn target(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    action: Action,
    user_id: &UserId,
) -> Result<User> {
    let found = app.store.accounts().find_by_user_id(user_id).await?;
    if let Some(user) = found {
        return Ok(user);
    }
    let event = Event::of_admin(&caller.user_id, action, None);
    Err(refused(app, origin, event, errors::USER_NOT_FOUND.into()).await)
}

const NOT_A_PATIENT: &str =
    "Only an administrator does this for an account that is not a patient's";

/// [`audited_target`] for an account whose owner is helped to log in again, unless [`may_help`] refuses it.
async fn helped_target(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    action: Action,
    user_id: &UserId,
) -> Result<User> {
    let user = target(app, origin, caller, action, user_id).await?;
    let event = Event::of_admin(&caller.user_id, action, Some(&user.user_id));
    if let Err(error) = may_help(app, origin, caller, &user).await {
        return Err(refused(app, origin, event, error).await);
    }
    audit::record(app, origin, event).await?;
    Ok(user)
}

/// The one place that decides whom a caller may help:
///
/// 1. Refuse an account that is not a patient's, unless the caller may help everybody.
/// 2. Count what the desk does for one account, because each unlock allows more passwords to be guessed.
async fn may_help(app: &App, origin: &Origin, caller: &Principal, owner: &User) -> Result<()> {
    let helps = Helps::of(caller.role);
    if !helps.includes(owner.user_type) {
        return Err(Error::new(errors::ACCESS_DENIED).saying(NOT_A_PATIENT));
    }
    if helps == Helps::Everybody {
        return Ok(());
    }
    let limit = app.settings.throttle.desk_help_per_account;
    let key = format!("desk-help:{}", owner.user_id);
    throttle::count(app, origin, "desk_help_per_account", &key, limit).await
}

/// [`target`], after the audit event of the operation is written.
async fn audited_target(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    action: Action,
    user_id: &UserId,
) -> Result<User> {
    let user = target(app, origin, caller, action, user_id).await?;
    let event = Event::of_admin(&caller.user_id, action, Some(&user.user_id));
    audit::record(app, origin, event).await?;
    Ok(user)
}

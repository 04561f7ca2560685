//! Other people's accounts: read them, invite to them, help their owners in again.

use chrono::Duration;

use super::{noted, refused};
use crate::{
    app::App,
    domain::{
        contact::EmailAddress,
        filter::UserFilter,
        ids::UserId,
        otp::OtpPurpose,
        outbox::MailJob,
        page::{Listed, Page},
        principal::Principal,
        request::Origin,
        role::Permission,
        session::EndReason,
        user::{Status, User},
    },
    error::{Error, ErrorCode, Result, RuleViolation},
    mail,
    service::{
        accounts::{self, NewColleague},
        audit::{self, Event},
        codes, outbox, sessions,
    },
    store::user_list::Total,
};

/// An account, and whether the caller sees what is private in it (ADM-5).
#[derive(Debug)]
pub struct Seen {
    /// The account.
    pub user: User,
    /// `is_pregnant` and `mobile` may be shown.
    pub private: bool,
}

/// A page of accounts.
#[derive(Debug)]
pub struct UserPage {
    /// The accounts.
    pub listed: Listed<Seen>,
    /// How many the whole list has.
    pub total: Total,
}

/// A list is counted so far.
const EXACT_UP_TO: u64 = 10_000;

/// Whether the caller sees what is private in other people's accounts.
pub(super) fn sees_private(caller: &Principal) -> bool {
    caller.role.allows(Permission::UsersReadPrivate)
}

/// A page of the accounts that `filter` lets through, newest first. The trail names everybody whose private fields were
/// read (ADM-5).
///
/// # Errors
/// The database does not answer.
pub async fn list(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    filter: UserFilter,
    page: &Page,
) -> Result<UserPage> {
    let private = sees_private(caller);
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
        let rows = rows.into_iter().map(|user| Seen { user, private });
        Ok(UserPage {
            listed: Listed {
                rows: rows.collect(),
                next,
            },
            total,
        })
    };
    let read: Result<UserPage> = read.await;
    let mut what = "list_users".to_owned();
    for seen in read.iter().flat_map(|page| &page.listed.rows) {
        if private {
            what = format!("{what} {}", seen.user.user_id);
        }
    }
    let event = Event::of_admin(&caller.user_id, &what, None);
    noted(app, origin, event, read).await
}

/// One account.
///
/// # Errors
/// `UserNotFound`; the database does not answer.
pub async fn find(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    user_id: &UserId,
) -> Result<Seen> {
    let user = audited_target(app, origin, caller, "read_user", user_id).await?;
    Ok(Seen {
        user,
        private: sees_private(caller),
    })
}

/// Invites a colleague: an account without a password, and a link by mail that sets one.
///
/// # Errors
/// `UserExists`, `EmailError`; the database does not answer.
pub async fn invite(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    new: NewColleague,
) -> Result<UserId> {
    match accounts::invite(app, origin, &caller.user_id, new).await {
        Err(error) => {
            let event = Event::of_admin(&caller.user_id, "create_user", None);
            Err(refused(app, origin, event, error).await)
        }
        done => done,
    }
}

/// Forgets an account's failed log-ins, whatever they have led to.
///
/// # Errors
/// `UserNotFound`; the database does not answer.
pub async fn unlock(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    user_id: &UserId,
) -> Result<()> {
    audited_target(app, origin, caller, "unlock_user", user_id).await?;
    Ok(app.store.lockouts().clear(user_id).await?)
}

/// Ends all sessions of an account (SES-6); how many there were.
///
/// # Errors
/// `UserNotFound`; the database does not answer.
pub async fn log_out(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    user_id: &UserId,
) -> Result<u64> {
    audited_target(app, origin, caller, "log_out_user", user_id).await?;
    sessions::end_all(app, user_id, None, EndReason::Administration, origin.now).await
}

const UNMAILABLE: RuleViolation = RuleViolation::new(
    "email_unmailable",
    "No mail can be sent to the account's address; correct it first",
);

/// Mails the owner of an account a reset, or the invitation once more, however many were mailed before (RST-6); the
/// password stays as it is (RST-7).
///
/// # Errors
/// `UserNotFound`; `AccessDenied`: the account is disabled; `ValidationError`: its address cannot be mailed to;
/// `EmailError`; the database does not answer.
pub async fn send_reset(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    user_id: &UserId,
) -> Result<()> {
    let user = audited_target(app, origin, caller, "reset_password", user_id).await?;
    let email = EmailAddress::canonical_of(&user.email);
    if user.status != Status::Disabled && !mail::is_mailable(&email) {
        let event = Event::of_admin(&caller.user_id, "reset_password", Some(&user.user_id));
        return Err(refused(app, origin, event, UNMAILABLE.at("email").into()).await);
    }
    if user.status != Status::Disabled {
        codes::forget_counts(app, OtpPurpose::PasswordReset, &email).await?;
    }
    match user.status {
        Status::Invited => accounts::send_invitation(app, origin.into(), user_id, &email).await,
        Status::Active => {
            let lifetime = Duration::minutes(app.settings.config.reset.link_minutes);
            let intent = MailJob::ResetPassword;
            outbox::enqueue(app, origin.into(), &email, intent, lifetime)
                .await
                .map(drop)
        }
        Status::Disabled => {
            let event = Event::of_admin(&caller.user_id, "reset_password", Some(&user.user_id));
            let error = Error::new(ErrorCode::AccessDenied).saying("The account is disabled");
            Err(refused(app, origin, event, error).await)
        }
    }
}

/// The account that an operation is about; that it does not exist is noted.
pub(super) async fn target(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    what: &str,
    user_id: &UserId,
) -> Result<User> {
    let found = app.store.accounts().find_by_user_id(user_id).await?;
    if let Some(user) = found {
        return Ok(user);
    }
    let event = Event::of_admin(&caller.user_id, what, None);
    Err(refused(app, origin, event, ErrorCode::UserNotFound.into()).await)
}

/// [`target`], after a note of what is about to be done to it.
async fn audited_target(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    what: &str,
    user_id: &UserId,
) -> Result<User> {
    let user = target(app, origin, caller, what, user_id).await?;
    let event = Event::of_admin(&caller.user_id, what, Some(&user.user_id));
    audit::record(app, origin, event).await?;
    Ok(user)
}

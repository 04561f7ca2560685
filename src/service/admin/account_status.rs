//! What an account is and whether it may be used: changed by administrators, never by its owner (ADM-3).

use chrono::Duration;

use super::{
    refused,
    users::{Seen, sees_private, target},
};
use crate::{
    app::App,
    clock::Timestamp,
    domain::{
        account_changes::StatusChange, audit::Action, identifier::user_id_key, ids::UserId,
        otp::OtpPurpose, principal::Principal, request::Origin, role::Role, session::EndReason,
        user::User,
    },
    error::{Error, ErrorCode, Result, RuleViolation},
    service::{
        audit::{self, Event},
        sessions,
    },
    store::{StoreError, last_admin::Passage, unfinished::Work},
};

const NOT_YOURSELF: &str = "Nobody changes the standing of their own account";
const ONLY_COLLEAGUES: RuleViolation = RuleViolation::new(
    "not_applicable",
    "Only staff and administrators change places with each other",
);
const ONLY_DOCTORS: RuleViolation =
    RuleViolation::new("not_applicable", "Only doctors are approved");

/// Changes what an account is and whether it may be used:
///
/// 1 find it; 2 refuse a change of one's own account (ADM-3), and one that its user type does not have; 3 audit; 4 pass
/// the guard of the last administrator; 5 change it, unless another licence was seen (ADM-6); 6 if something was taken
/// away, end its sessions and its links. Repeating it changes nothing and finishes what a crash left.
///
/// # Errors
/// `UserNotFound`, `ValidationError`, `VersionConflict`; `AccessDenied`: one's own account, or the last administrator's; the database does
/// not answer.
pub async fn change(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    user_id: &UserId,
    change: &StatusChange,
) -> Result<Seen> {
    let user = target(app, origin, caller, "change_user", user_id).await?;
    let what = describe(&user, change);
    let event = Event {
        action: match change.role {
            Some(role) if role != user.user_type => Action::RoleChange,
            _ => Action::Admin,
        },
        ..Event::of_admin(&caller.user_id, &what, Some(&user.user_id))
    };
    if let Err(error) = may_change(caller, &user, change) {
        return Err(refused(app, origin, event, error).await);
    }
    audit::record(app, origin, event).await?;
    let changed = match apply(app, origin, &user, change).await {
        Ok(changed) => changed,
        Err(error) => return Err(refused(app, origin, event, error).await),
    };
    if change.ends_sessions_of(&user) {
        let now = origin.now;
        sessions::end_all(app, user_id, None, EndReason::Administration, now).await?;
        kill_links(app, user_id).await?;
    } else {
        sessions::forget(app, user_id, None, origin.now).await?;
    }
    Ok(Seen {
        user: changed,
        private: sees_private(caller),
    })
}

fn describe(user: &User, change: &StatusChange) -> String {
    let mut what = "change_user".to_owned();
    if let Some(enabled) = change.enabled {
        what.push_str(if enabled { " enable" } else { " disable" });
    }
    if let Some(role) = change.role {
        what = format!("{what} {} to {}", user.user_type.name(), role.name());
    }
    if let Some(approved) = change.approved {
        what.push_str(if approved { " approve" } else { " disapprove" });
    }
    what
}

fn may_change(caller: &Principal, user: &User, change: &StatusChange) -> Result<()> {
    if caller.user_id == user.user_id {
        return Err(Error::new(ErrorCode::AccessDenied).saying(NOT_YOURSELF));
    }
    let mut errors = Vec::new();
    if change.role.is_some() && !user.user_type.is_privileged() {
        errors.push(ONLY_COLLEAGUES.at("user_type"));
    }
    if change.approved.is_some() && user.user_type != Role::Doctor {
        errors.push(ONLY_DOCTORS.at("approved"));
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::validation(errors))
    }
}

/// Tries to change an account that other requests change at the same moment.
const TRIES: usize = 8;

/// Changes the account as it is now, which may not be as it was read first.
async fn apply(app: &App, origin: &Origin, user: &User, change: &StatusChange) -> Result<User> {
    let accounts = app.store.accounts();
    let mut user = user.clone();
    for _ in 0..TRIES {
        if change.saw_another_license(&user) {
            return Err(ErrorCode::VersionConflict.into());
        }
        let takes = change.takes_administration_away();
        let guarded = takes && user.user_type == Role::Admin;
        let to = accounts.change_status(&user, change, guarded || !takes, origin.now);
        let changed = if guarded {
            past_the_guard(app, origin, &user.user_id, to).await?
        } else {
            to.await?
        };
        if let Some(changed) = changed {
            return Ok(changed);
        }
        let again = accounts.find_by_user_id(&user.user_id).await?;
        user = again.ok_or(ErrorCode::UserNotFound)?;
    }
    Err(ErrorCode::UserNotFound.into()) // it is being deleted
}

/// Tries to pass the guard; each time that one fails, somebody else has passed.
const PASSES: usize = 64;

/// Makes a change that takes an administrator away, unless it is the last one (ADM-3).
async fn past_the_guard<T>(
    app: &App,
    origin: &Origin,
    user_id: &UserId,
    change: impl Future<Output = Result<T, StoreError>>,
) -> Result<T> {
    let guard = app.store.last_admin();
    let token = app.rng.uuid().to_string();
    for _ in 0..PASSES {
        match guard.pass(user_id, &token, origin.now).await? {
            Passage::Busy => {}
            Passage::Last => {
                let why = "The last active administrator cannot be removed";
                return Err(Error::new(ErrorCode::AccessDenied).saying(why));
            }
            Passage::Open => {
                // With an unknown outcome the guard stays as strict as it is now, until the entry expires.
                let done = change.await?;
                if let Err(error) = guard.left(&token).await {
                    tracing::warn!(%error, "an entry of the last administrator's guard is left to expire");
                }
                return Ok(done);
            }
        }
    }
    Err(Error::new(ErrorCode::DatabaseError).retry_after(1))
}

/// Links and codes that would set a password.
async fn kill_links(app: &App, user_id: &UserId) -> Result<()> {
    let challenges = app.store.challenges();
    Ok(challenges
        .delete(OtpPurpose::PasswordReset, user_id)
        .await?)
}

/// Where a crash is tried: between the writes of [`delete`].
pub const DELETE_STEPS: [&str; 7] = [
    "delete:close",
    "delete:sessions",
    "delete:links",
    "delete:retire",
    "delete:account",
    "delete:names",
    "delete:end",
];

/// The names of a deleted account are held for so long if a crash keeps them from being freed at once.
const HELD: Duration = Duration::minutes(5);

/// Deletes an account:
///
/// 1 find it; 2 refuse one's own; 3 audit; 4 note what is begun; 5 past the guard of the last administrator, close it:
/// from here on nobody logs in; 6 the rest, as in [`finish_deletion`]. After a crash the sweeper does it, or deleting it
/// again.
///
/// # Errors
/// `UserNotFound`; `AccessDenied`: one's own account, or the last administrator's; the database does not answer.
pub async fn delete(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    user_id: &UserId,
) -> Result<()> {
    let now = origin.now;
    let user = target(app, origin, caller, "delete_user", user_id).await?;
    let event = Event::of_admin(&caller.user_id, "delete_user", Some(&user.user_id));
    if caller.user_id == user.user_id {
        let error = Error::new(ErrorCode::AccessDenied).saying(NOT_YOURSELF);
        return Err(refused(app, origin, event, error).await);
    }
    audit::record(app, origin, event).await?;
    let unfinished = app.store.unfinished();
    unfinished.begin(Work::Deletion, user_id, now).await?;
    app.fail_point.pass("delete:close")?;
    if let Err(error) = close(app, origin, &user).await {
        // With an unknown outcome the note stays: only what is closed is finished.
        if error.code == ErrorCode::AccessDenied {
            unfinished.end(user_id).await?;
        }
        return Err(refused(app, origin, event, error).await);
    }
    remove_closed(app, user_id, now).await
}

/// Finishes [`delete`] after it was cut off, if it had come so far as to close the account.
///
/// # Errors
/// The database does not answer.
pub async fn finish_deletion(app: &App, user_id: &UserId, now: Timestamp) -> Result<()> {
    if app.store.accounts().is_open(user_id).await? {
        return Ok(app.store.unfinished().end(user_id).await?);
    }
    remove_closed(app, user_id, now).await
}

/// What is left to do about a closed account: 1 end its sessions, kill its links; 2 retire its user id, which is never
/// issued again, and let go of its names; 3 remove the document; 4 free the names; 5 the note
/// goes. Every step can be repeated.
async fn remove_closed(app: &App, user_id: &UserId, now: Timestamp) -> Result<()> {
    app.fail_point.pass("delete:sessions")?;
    sessions::end_all(app, user_id, None, EndReason::Administration, now).await?;
    app.fail_point.pass("delete:links")?;
    kill_links(app, user_id).await?;
    app.fail_point.pass("delete:retire")?;
    let identifiers = app.store.identifiers();
    let key = user_id_key(user_id.as_str());
    identifiers.retire(user_id, &key, now + HELD).await?;
    app.fail_point.pass("delete:account")?;
    app.store.accounts().delete_closed(user_id).await?;
    app.fail_point.pass("delete:names")?;
    identifiers.release_all(user_id).await?;
    app.fail_point.pass("delete:end")?;
    Ok(app.store.unfinished().end(user_id).await?)
}

async fn close(app: &App, origin: &Origin, user: &User) -> Result<()> {
    let accounts = app.store.accounts();
    let close = |admin| accounts.close(&user.user_id, admin, origin.now);
    let closed = if user.user_type == Role::Admin {
        past_the_guard(app, origin, &user.user_id, close(true)).await?
    } else if close(false).await? {
        true
    } else {
        // It became an administrator meanwhile, or it is gone.
        past_the_guard(app, origin, &user.user_id, close(true)).await?
    };
    if closed {
        Ok(())
    } else {
        Err(ErrorCode::UserNotFound.into())
    }
}

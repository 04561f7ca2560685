//! The role, status and approval of an account. Administrators change them, never the owner (ADM-3).

use crate::{
    accounts::{
        self,
        documents::{Status, User},
        rules::{changes::StatusChange, identifier::user_id_key},
        store::unfinished::Work,
    },
    actions,
    admin::{
        refused,
        store::last_admin::Passage,
        users::{AccountDetails, details, target},
    },
    app::App,
    codes::documents::OtpPurpose,
    errors, factors, own_account,
    sessions::{self, documents::EndReason},
};
use chrono::Duration;
use store::StoreError;

use kernel::{
    clock::Timestamp,
    error::{Error, Result, RuleViolation},
    ids::UserId,
    principal::Principal,
    request::Origin,
    role::Role,
};
use platform::audit::{self, Event, record::Action};

const NOT_YOURSELF: &str = "Nobody changes the standing of their own account";
const ONLY_COLLEAGUES: RuleViolation = RuleViolation::new(
    "not_applicable",
    "Only staff and administrators change places with each other",
);
const ONLY_DOCTORS: RuleViolation =
    RuleViolation::new("not_applicable", "Only doctors are approved");

/// Changes the role, the status or the approval of an account:
///
/// 1. Find the account.
/// 2. Refuse a change of the caller's own account (ADM-3), and one that does not apply to the user type.
/// 3. Write the audit events, one for each kind of change.
/// 4. Pass the guard of the last administrator.
/// 5. Change the account, unless the caller saw another license number (ADM-6).
/// 6. If a permission was taken away, end its sessions and revoke its links.
/// 7. Make every instance read the account anew.
///
/// A repetition changes nothing, and finishes a change that a crash interrupted.
///
/// # Errors
/// `UserNotFound`, `ValidationError`, `VersionConflict`; `AccessDenied` if it is the caller's own account or the last
/// administrator's.
pub async fn change(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    user_id: &UserId,
    change: &StatusChange,
) -> Result<AccountDetails> {
    let kinds = kinds(change);
    let first = kinds.first().copied().unwrap_or(actions::ROLE_CHANGE);
    let user = target(app, origin, caller, first, user_id).await?;
    let roles = change.role.map(|role| describe(&user, role));
    let event = |action| Event {
        detail: roles.as_deref().filter(|_| action == actions::ROLE_CHANGE),
        ..Event::of_admin(&caller.user_id, action, Some(&user.user_id))
    };
    let events: Vec<_> = kinds.into_iter().map(event).collect();
    if let Err(error) = may_change(caller, &user, change) {
        return Err(all_refused(app, origin, &events, error).await);
    }
    for event in &events {
        audit::record(app, origin, *event).await?;
    }
    let changed = match apply(app, origin, &user, change).await {
        Ok(changed) => changed,
        Err(error) => return Err(all_refused(app, origin, &events, error).await),
    };
    if change.ends_sessions_of(&user) {
        let now = origin.now;
        sessions::end_all(app, user_id, None, EndReason::Administration, now).await?;
        revoke_links(app, user_id).await?;
        app.store.known_devices().delete_all(user_id).await?;
    }
    sessions::forget(app, user_id, origin.now).await?;
    // The link that was mailed has ended with the change, so a new one follows.
    let was_cut = change.ends_sessions_of(&user) || user.status == Status::Disabled;
    if was_cut && changed.status == Status::Invited {
        accounts::send_invitation(app, origin.into(), user_id, changed.email()).await?;
    }
    details(app, caller, changed).await
}

/// What a change is in the audit trail, which has an action of its own for each part of it.
fn kinds(change: &StatusChange) -> Vec<Action> {
    let either = |flag: Option<bool>, yes, no| flag.map(|is| if is { yes } else { no });
    let parts = [
        change.role.map(|_| actions::ROLE_CHANGE),
        either(change.enabled, actions::USER_ENABLE, actions::USER_DISABLE),
        either(
            change.approved,
            actions::DOCTOR_APPROVE,
            actions::DOCTOR_DISAPPROVE,
        ),
    ];
    parts.into_iter().flatten().collect()
}

async fn all_refused(app: &App, origin: &Origin, events: &[Event<'_>], error: Error) -> Error {
    let mut error = error;
    for event in events {
        error = refused(app, origin, *event, error).await;
    }
    error
}

fn describe(user: &User, role: Role) -> String {
    format!("{} to {}", user.user_type.name(), role.name())
}

fn may_change(caller: &Principal, user: &User, change: &StatusChange) -> Result<()> {
    if caller.user_id == user.user_id {
        return Err(Error::new(errors::ACCESS_DENIED).saying(NOT_YOURSELF));
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

/// How often a change is tried while other requests change the same account.
const TRIES: usize = 8;

/// Changes the account in its present state, which may differ from the state that was read first.
async fn apply(app: &App, origin: &Origin, user: &User, change: &StatusChange) -> Result<User> {
    let accounts = app.store.accounts();
    let mut user = user.clone();
    for _ in 0..TRIES {
        if change.saw_another_license(&user) {
            return Err(errors::VERSION_CONFLICT.into());
        }
        let takes = change.removes_an_administrator();
        let guarded = takes && user.user_type == Role::Admin;
        let to = accounts.change_status(&user, change, guarded || !takes, origin.now);
        let changed = if guarded {
            guarded_change(app, origin.now, &user.user_id, to).await?
        } else {
            to.await?
        };
        if let Some(changed) = changed {
            return Ok(changed);
        }
        let again = accounts.find_by_user_id(&user.user_id).await?;
        user = again.ok_or(errors::USER_NOT_FOUND)?;
    }
    Err(errors::USER_NOT_FOUND.into()) // It is being deleted.
}

/// How often the guard is tried. Each failed try means that another request has passed it.
const GUARD_TRIES: usize = 64;

/// Makes a change that removes an administrator, unless it is the last one (ADM-3).
pub(crate) async fn guarded_change<T>(
    app: &App,
    now: Timestamp,
    user_id: &UserId,
    change: impl Future<Output = Result<T, StoreError>>,
) -> Result<T> {
    let guard = app.store.last_admin();
    let token = app.rng.uuid().to_string();
    for _ in 0..GUARD_TRIES {
        match guard.pass(user_id, &token, now).await? {
            Passage::Busy => {}
            Passage::Last => return Err(last_admin()),
            Passage::Open => {
                // If the outcome is unknown, the entry stays in the guard until it expires.
                let done = change.await?;
                if let Err(error) = guard.release(&token).await {
                    tracing::warn!(%error, "an entry of the last administrator's guard is left to expire");
                }
                return Ok(done);
            }
        }
    }
    Err(Error::new(errors::DATABASE_ERROR).retry_after(1))
}

fn last_admin() -> Error {
    Error::new(errors::ACCESS_DENIED).saying("The last active administrator cannot be removed")
}

/// Refuses what would remove the last administrator, before it is begun (ADM-3). The guard decides again at the end.
pub(crate) async fn refuse_last_admin(app: &App, user: &User) -> Result<()> {
    if user.user_type != Role::Admin || app.store.last_admin().has_another(&user.user_id).await? {
        return Ok(());
    }
    Err(last_admin())
}

/// Revokes links and codes that could set a password.
async fn revoke_links(app: &App, user_id: &UserId) -> Result<()> {
    let challenges = app.store.challenges();
    Ok(challenges
        .delete(OtpPurpose::PasswordReset, user_id)
        .await?)
}

/// The fail points between the writes of [`delete`], for tests of crashes.
pub const DELETE_STEPS: [&str; 7] = [
    "delete:close",
    "delete:sessions",
    "delete:links",
    "delete:retire",
    "delete:account",
    "delete:names",
    "delete:end",
];

/// How long the identifiers of a deleted account stay reserved if a crash prevents their release.
const RESERVED_FOR: Duration = Duration::minutes(5);

/// Deletes an account:
///
/// 1. Find the account.
/// 2. Refuse the deletion of the caller's own account.
/// 3. Write the audit event.
/// 4. Store a note of the unfinished work.
/// 5. Pass the guard of the last administrator and close the account. From now on its owner cannot log in.
/// 6. The rest, as in [`finish_deletion`].
///
/// After a crash the sweeper finishes it, or another deletion of the same account.
///
/// # Errors
/// `UserNotFound`; `AccessDenied` if it is the caller's own account or the last administrator's.
pub async fn delete(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    user_id: &UserId,
) -> Result<()> {
    let now = origin.now;
    let user = target(app, origin, caller, actions::USER_DELETE, user_id).await?;
    let event = Event::of_admin(&caller.user_id, actions::USER_DELETE, Some(&user.user_id));
    if caller.user_id == user.user_id {
        let error = Error::new(errors::ACCESS_DENIED).saying(NOT_YOURSELF);
        return Err(refused(app, origin, event, error).await);
    }
    audit::record(app, origin, event).await?;
    let unfinished = app.store.unfinished();
    unfinished.begin(Work::Deletion, user_id, now).await?;
    app.fail_point.pass("delete:close")?;
    if let Err(error) = close(app, origin, &user).await {
        // If the outcome is unknown, the note stays: the sweeper finishes only a closed account.
        if error.code == errors::ACCESS_DENIED {
            unfinished.end(user_id).await?;
        }
        return Err(refused(app, origin, event, error).await);
    }
    remove_closed(app, user_id, now).await
}

/// Finishes an interrupted [`delete`], if the account was closed already.
pub async fn finish_deletion(app: &App, user_id: &UserId, now: Timestamp) -> Result<()> {
    if app.store.accounts().is_open(user_id).await? {
        return Ok(app.store.unfinished().end(user_id).await?);
    }
    remove_closed(app, user_id, now).await
}

/// Deletes an account that `close` closes, in the steps 4 to 6 of [`delete`]. If it does not close the account, nothing
/// changes.
pub(crate) async fn delete_by(
    app: &App,
    user_id: &UserId,
    close: impl Future<Output = Result<bool, StoreError>>,
    now: Timestamp,
) -> Result<()> {
    let unfinished = app.store.unfinished();
    unfinished.begin(Work::Deletion, user_id, now).await?;
    app.fail_point.pass("delete:close")?;
    close.await?;
    finish_deletion(app, user_id, now).await
}

/// Removes a closed account:
///
/// 1. End its sessions, revoke its links, forget the changes that its owner asked for, and delete its second factors.
/// 2. Retire its user id, which is never issued again, and turn its other names into reservations.
/// 3. Delete the document, and with it the lockout counter.
/// 4. Release the names.
/// 5. Delete the note.
///
/// Every step can be repeated.
async fn remove_closed(app: &App, user_id: &UserId, now: Timestamp) -> Result<()> {
    app.fail_point.pass("delete:sessions")?;
    sessions::end_all(app, user_id, None, EndReason::Administration, now).await?;
    app.fail_point.pass("delete:links")?;
    revoke_links(app, user_id).await?;
    own_account::forget(app, user_id).await?;
    factors::wipe(app, user_id).await?;
    app.fail_point.pass("delete:retire")?;
    let identifiers = app.store.identifiers();
    let key = user_id_key(user_id.as_str());
    identifiers
        .retire(user_id, &key, now + RESERVED_FOR)
        .await?;
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
        guarded_change(app, origin.now, &user.user_id, close(true)).await?
    } else if close(false).await? {
        true
    } else {
        // It became an administrator meanwhile, or it does not exist any more.
        guarded_change(app, origin.now, &user.user_id, close(true)).await?
    };
    if closed {
        Ok(())
    } else {
        Err(errors::USER_NOT_FOUND.into())
    }
}

//! Removing every factor of an account whose owner has lost them, and of an account that goes (MFA-19).

use crate::{
    accounts::documents::User,
    actions,
    app::App,
    errors,
    letters::factors_reset,
    mails::outbox,
    sessions::{self, documents::EndReason},
};
use kernel::{error::Result, ids::UserId, request::Origin};
use platform::audit::{self, Event};

/// Removes every factor, recovery code and remembered device of an account. The audit event is written before:
///
/// 1. End its sessions, and notify the owner.
/// 2. Remove the factors from the account. From now on they do not count.
/// 3. Delete what they needed.
/// 4. End the sessions that began meanwhile, and make every instance read the account anew.
///
/// # Errors
/// `UserNotFound` if the account is gone.
pub async fn reset(app: &App, origin: &Origin, user: &User) -> Result<()> {
    let (user_id, now) = (&user.user_id, origin.now);
    let end = || sessions::end_all(app, user_id, None, EndReason::Factors, now);
    end().await?;
    outbox::notify(app, origin, user, factors_reset::job()).await?;
    let removed = app.store.accounts().remove_factors(user).await?;
    removed.ok_or(errors::USER_NOT_FOUND)?;
    wipe(app, user_id).await?;
    app.store.second_step_lockouts().clear(user_id).await?;
    end().await?;
    sessions::forget(app, user_id, now).await
}

/// [`reset`] by the operator of the service, for the last administrator.
///
/// # Errors
/// `UserNotFound` if there is no such account.
pub async fn reset_by_operator(app: &App, user_id: &UserId) -> Result<()> {
    let origin = Origin::of_the_service(app.rng.uuid().to_string(), app.clock.now());
    let user = app.store.accounts().find_by_user_id(user_id).await?;
    let user = user.ok_or(errors::USER_NOT_FOUND)?;
    let event = Event::done(Some(user_id), actions::FACTORS_RESET).noting("by command");
    audit::record(app, &origin, event).await?;
    reset(app, &origin, &user).await
}

/// Deletes everything about factors that stands outside the account's document.
pub async fn wipe(app: &App, user_id: &UserId) -> Result<()> {
    app.store.totps().delete_all(user_id).await?;
    app.store
        .recovery_codes()
        .delete_others(user_id, None)
        .await?;
    app.store.delete_passkeys(user_id).await?;
    app.store.known_devices().delete_all(user_id).await?;
    Ok(())
}

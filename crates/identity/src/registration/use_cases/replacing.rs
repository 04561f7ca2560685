//! Registering again with the token of a pending registration: the new registration replaces it, so a person can
//! correct a mistyped address. Refused registrations are noted here as well.

use chrono::Duration;

use super::{NewUser, slots_key, undo};
use crate::{
    accounts::rules::identifier::username_key, app::App, registration::documents::PendingUser,
};
use crypto::OpaqueToken;
use kernel::{clock::Timestamp, error::Result, ids::UserId};

/// Notes that a registration of this address was refused. Otherwise a stranger who used up the address's limit would
/// count as the only one who registered with it (REG-8).
pub(crate) async fn note_rival(app: &App, email: &str, now: Timestamp) -> Result<()> {
    let until = now + Duration::minutes(app.settings.registration.pending_minutes);
    let key = slots_key(app, email);
    Ok(app
        .store
        .registration_slots()
        .note_refused(&key, until)
        .await?)
}

/// The pending registration whose token was sent along. `None` without a token, or with an unknown one.
pub(crate) async fn earlier(
    app: &App,
    new: &NewUser,
    now: Timestamp,
) -> Result<Option<PendingUser>> {
    let typed = new.replaces.as_ref();
    let Some(token) = typed.and_then(|token| OpaqueToken::parse(token.expose())) else {
        return Ok(None);
    };
    let registrations = app.store.pending();
    let digest = token.digest();
    Ok(registrations
        .find_live_by_token(digest.as_str(), now)
        .await?)
}

/// Ends the earlier registration: its username may be taken over, and its code is not valid any more. `None` if another
/// request ended it first.
pub(crate) async fn mark_replaced(
    app: &App,
    earlier: Option<PendingUser>,
    successor: &UserId,
    now: Timestamp,
) -> Result<Option<PendingUser>> {
    let Some(earlier) = earlier else {
        return Ok(None);
    };
    let is_ended = app
        .store
        .pending()
        .mark_replaced(&earlier, successor, now)
        .await?;
    Ok(is_ended.then_some(earlier))
}

/// Deletes a registration that was replaced by its own token. It then no longer counts as a rival of the address's
/// other registrations (REG-8).
pub(crate) async fn forget(app: &App, earlier: &PendingUser) -> Result<()> {
    let key = slots_key(app, earlier.email());
    app.store
        .registration_slots()
        .forget(&key, &earlier.user_id)
        .await?;
    app.store
        .pending()
        .forget_rival(earlier.email(), &earlier.user_id)
        .await?;
    undo(app, earlier).await
}

/// Undoes a registration that failed. The registration that it was to replace waits again, with its username.
pub(crate) async fn take_back(
    app: &App,
    pending: &PendingUser,
    earlier: Option<&PendingUser>,
) -> Result<()> {
    if let Some(earlier) = earlier
        && let (Some(username), Some(until)) = (&earlier.person.names.username, earlier.expires_at)
    {
        let (key, identifiers) = (username_key(username.as_str()), app.store.identifiers());
        let (from, to) = (&pending.user_id, &earlier.user_id);
        identifiers.pass_on(&key, from, to, until).await?;
    }
    // The registration was never complete, so it is no rival of the others (REG-8).
    let key = slots_key(app, pending.email());
    app.store
        .registration_slots()
        .forget(&key, &pending.user_id)
        .await?;
    undo(app, pending).await?;
    let Some(earlier) = earlier else {
        return Ok(());
    };
    let registrations = app.store.pending();
    registrations
        .unmark_replaced(earlier, &pending.user_id)
        .await?;
    Ok(())
}

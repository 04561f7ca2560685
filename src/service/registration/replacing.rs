//! Registering once more with the token of a registration that waits: the new one takes its place (a mistyped address is
//! corrected). And what is noted of those who were refused.

use chrono::Duration;

use super::{NewUser, places, undo};
use crate::{
    app::App,
    clock::Timestamp,
    crypto::RegistrationToken,
    domain::{identifier::username_key, ids::UserId, registration::PendingUser},
    error::Result,
};

/// Notes at an address that a registration was refused there. A stranger who has used up the limit of an address must not
/// pass for the only one who registered with it (REG-8).
pub(super) async fn note_rival(app: &App, email: &str, now: Timestamp) -> Result<()> {
    let until = now + Duration::minutes(app.settings.config.registration.pending_minutes);
    let key = places(app, email);
    Ok(app.store.places().note_refused(&key, until).await?)
}

/// The registration that waits and whose token was sent along. None: no token, or one that nobody has or had.
pub(super) async fn earlier(
    app: &App,
    new: &NewUser,
    now: Timestamp,
) -> Result<Option<PendingUser>> {
    let typed = new.replaces.as_ref();
    let Some(token) = typed.and_then(|token| RegistrationToken::parse(token.expose())) else {
        return Ok(None);
    };
    let registrations = app.store.pending();
    let digest = token.digest();
    Ok(registrations
        .find_live_by_token(digest.as_str(), now)
        .await?)
}

/// Ends the earlier registration: what it holds may be taken over, and its code is dead. None: somebody else was first.
pub(super) async fn set_aside(
    app: &App,
    earlier: Option<PendingUser>,
    heir: &UserId,
    now: Timestamp,
) -> Result<Option<PendingUser>> {
    let Some(earlier) = earlier else {
        return Ok(None);
    };
    let is_ended = app.store.pending().set_aside(&earlier, heir, now).await?;
    Ok(is_ended.then_some(earlier))
}

/// Removes a registration that was replaced by its own token, which then counts for no other one of its address (REG-8).
pub(super) async fn forget(app: &App, earlier: &PendingUser) -> Result<()> {
    let key = places(app, &earlier.email);
    app.store.places().forget(&key, &earlier.user_id).await?;
    app.store
        .pending()
        .forget_rival(&earlier.email, &earlier.user_id)
        .await?;
    undo(app, earlier).await
}

/// Undoes a registration that came to nothing; the one that it was to replace waits again, with its username.
pub(super) async fn take_back(
    app: &App,
    pending: &PendingUser,
    earlier: Option<&PendingUser>,
) -> Result<()> {
    if let Some(earlier) = earlier
        && let (Some(username), Some(until)) = (&earlier.username, earlier.expires_at)
    {
        let (key, identifiers) = (username_key(username), app.store.identifiers());
        let (from, to) = (&pending.user_id, &earlier.user_id);
        identifiers.pass_on(&key, from, to, until).await?;
    }
    // It never stood, so it is no rival of the others (REG-8).
    let key = places(app, &pending.email);
    app.store.places().forget(&key, &pending.user_id).await?;
    undo(app, pending).await?;
    let Some(earlier) = earlier else {
        return Ok(());
    };
    let registrations = app.store.pending();
    registrations
        .take_up_again(earlier, &pending.user_id)
        .await?;
    Ok(())
}

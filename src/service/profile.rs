//! One's own profile.

use super::{
    audit::{self, Event},
    sessions,
};
use crate::{
    app::App,
    domain::{
        audit::Action,
        principal::Principal,
        request::Origin,
        user::{ProfileChange, User},
    },
    error::{ErrorCode, Result},
};

/// Changes the caller's account; the account as it is then.
///
/// # Errors
/// `SessionError`: it was deleted meanwhile; the database does not answer.
pub async fn change(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    change: &ProfileChange,
) -> Result<User> {
    audit::record(
        app,
        origin,
        Event::by(&caller.user_id, Action::ProfileChange),
    )
    .await?;
    let user = app
        .store
        .accounts()
        .change_profile(&caller.user_id, change, origin.now)
        .await?;
    sessions::forget(app, &caller.user_id, None, origin.now).await?;
    Ok(user.ok_or(ErrorCode::SessionError)?)
}

//! One's own profile.

use super::{
    audit::{self, Event},
    sessions, throttle,
    throttle::Writes,
};
use crate::{
    app::App,
    domain::{
        account_changes::ProfileChange, audit::Action, principal::Principal, request::Origin,
        user::User,
    },
    error::{ErrorCode, Result},
};

/// What the trail says of a change that takes a doctor's approval back.
const WITHDRAWN: &str = "approval_withdrawn";

/// Changes the caller's account; the account as it is then. Where that takes a doctor's approval back, the access tokens
/// that say it end, and the sessions go on (ADM-6).
///
/// # Errors
/// `RateLimit` (RL-10); `SessionError`: it was deleted meanwhile; the database does not answer.
pub async fn change(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    change: &ProfileChange,
) -> Result<User> {
    throttle::by_account(app, origin, Writes::Changes, &caller.user_id).await?;
    let event = Event::by(&caller.user_id, Action::ProfileChange);
    let is_told = change.takes_approval_back(&caller.user);
    let told = if is_told {
        event.noting(WITHDRAWN)
    } else {
        event
    };
    audit::record(app, origin, told).await?;
    let accounts = app.store.accounts();
    let changed = accounts
        .change_profile((&caller.user_id, caller.user.user_type), change, origin.now)
        .await?;
    sessions::forget(app, &caller.user_id, None, origin.now).await?;
    let changed = changed.ok_or(ErrorCode::SessionError)?;
    if changed.approval_withdrawn && !is_told {
        // It was given a moment ago.
        audit::record(app, origin, event.noting(WITHDRAWN)).await?;
    }
    Ok(changed.user)
}

//! The caller's own profile.

use crate::{
    accounts::{documents::User, rules::changes::ProfileChange},
    actions,
    app::App,
    errors,
    sessions::{self, authentication},
    throttle::{self, Writes},
};
use kernel::{error::Result, principal::Principal, request::Origin};
use platform::audit::{self, Event};

/// The audit event's note about a change that withdraws a doctor's approval.
const WITHDRAWN: &str = "approval_withdrawn";

/// Changes the caller's account, and returns it. If the change withdraws a doctor's approval, the access tokens that
/// claim it are no longer valid, and the sessions continue (ADM-6).
///
/// # Errors
/// `RateLimit` (RL-10); `SessionError` if the account was deleted meanwhile.
pub async fn change(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    change: &ProfileChange,
) -> Result<User> {
    throttle::by_account(app, origin, Writes::Changes, &caller.user_id).await?;
    let event = Event::by(&caller.user_id, actions::PROFILE_CHANGE);
    let account = authentication::account_of(app, caller).await?;
    let withdraws = change.reviewed.withdraws_approval(&account);
    let noted = if withdraws {
        event.noting(WITHDRAWN)
    } else {
        event
    };
    audit::record(app, origin, noted).await?;
    let accounts = app.store.accounts();
    let changed = accounts
        .change_profile(
            (&caller.user_id, caller.role),
            (change, app.rng.uuid()),
            origin.now,
        )
        .await?;
    sessions::forget(app, &caller.user_id, origin.now).await?;
    let changed = changed.ok_or(errors::SESSION_ERROR)?;
    if changed.approval_withdrawn && !withdraws {
        // The approval was given a moment ago.
        audit::record(app, origin, event.noting(WITHDRAWN)).await?;
    }
    Ok(changed.user)
}

//! Accounts that cannot log in as they are, counted for the operator (LEG-1).

use crate::{app::App, crypto, error::Result, store::census::Census};

/// Looks through all accounts.
///
/// # Errors
/// The database does not answer.
pub async fn of_accounts(app: &App) -> Result<Census> {
    Ok(app.store.count_states(crypto::may_verify).await?)
}

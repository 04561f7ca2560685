//! Accounts that cannot log in as they are, counted for the operator (LEG-1).

use crate::{app::App, crypto, error::Result, store::account_counts::AccountCounts};

/// Looks through all accounts.
///
/// # Errors
/// The database does not answer.
pub async fn of_accounts(app: &App) -> Result<AccountCounts> {
    Ok(app.store.count_states(crypto::may_verify).await?)
}

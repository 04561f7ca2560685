//! Counts the accounts that cannot log in until an administrator changes them, for the operator (LEG-1).

use crate::{app::App, crypto, error::Result, store::account_counts::AccountCounts};

/// Reads all accounts.
pub async fn of_accounts(app: &App) -> Result<AccountCounts> {
    Ok(app.store.count_states(crypto::may_verify).await?)
}

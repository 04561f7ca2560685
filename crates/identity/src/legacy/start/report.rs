//! What the command `check` counts: accounts that cannot log in until an administrator changes them, and registrations of
//! the older service (LEG-1).

use std::collections::BTreeMap;

use bson::{Bson, Document, doc};

use super::accounts::next_accounts;
use crate::{accounts::store::accounts::ACCOUNT_COLLECTIONS, legacy::status, store::Store};
use crypto::may_verify;
use store::Result;

/// The counts.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct AccountCounts {
    /// Accounts that are closed for another reason than the status `disabled`: each reason, and how many.
    pub closed: BTreeMap<String, u64>,
    /// Accounts with a hash that never verifies.
    pub unverifiable: u64,
}

/// Reads all accounts.
pub async fn count_accounts(store: &Store) -> Result<AccountCounts> {
    let mut counts = AccountCounts::default();
    for home in ACCOUNT_COLLECTIONS {
        let mut after = String::new();
        while let Some((rows, last)) = next_accounts(store, home, &after, doc! {}).await? {
            for row in &rows {
                counts.note(row);
            }
            after = last;
        }
    }
    Ok(counts)
}

impl AccountCounts {
    fn note(&mut self, row: &Document) {
        if let Some(reason) = status::reason(row) {
            *self.closed.entry(reason).or_default() += 1;
        }
        let fits = match row.get("password_hash") {
            None | Some(Bson::Null) => true, // An invited person sets one later.
            Some(Bson::String(hash)) => may_verify(hash),
            Some(_) => false,
        };
        self.unverifiable += u64::from(!fits);
    }
}

/// How many registrations of the older service are left. The service does not read them.
pub async fn count_registrations(store: &Store) -> Result<u64> {
    let rows = store.raw(&store.names().collections.pending_users);
    let older = doc! { "registration_digest": { "$exists": false } };
    store.count_up_to(&rows, older, None).await
}

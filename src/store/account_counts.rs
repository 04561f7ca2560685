//! Counts the accounts that cannot log in until an administrator changes them: by the status that closes them, and by a
//! hash that no password fits.

use std::collections::BTreeMap;

use bson::{Bson, Document, doc};

use super::{Result, Store, accounts::ACCOUNT_COLLECTIONS};
use crate::domain::user::{OLDER_FLAGS, Status};

/// How many accounts are read at a time.
const BATCH: i64 = 1000;
/// How many characters of a status word are shown.
const SHOWN: usize = 40;

/// The counts.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct AccountCounts {
    /// Accounts that something other than the status `disabled` closes: the reason, and the number of accounts.
    pub closed: BTreeMap<String, u64>,
    /// Accounts with a hash that never verifies.
    pub unverifiable: u64,
}

impl Store {
    /// Reads all accounts. `verifies` tells whether a password can fit a hash.
    pub async fn count_states(&self, verifies: impl Fn(&str) -> bool) -> Result<AccountCounts> {
        let mut counts = AccountCounts::default();
        let fields = doc! {
            "user_id": 1, "status": 1, "is_active": 1, "is_verified": 1, "password_hash": 1,
        };
        for role in ACCOUNT_COLLECTIONS {
            let mut after = String::new();
            loop {
                let rows = self.accounts().collection_of(role);
                let next = rows
                    .find(doc! { "user_id": { "$gt": &after } })
                    .projection(fields.clone())
                    .sort(doc! { "user_id": 1 })
                    .limit(BATCH);
                let rows: Vec<Document> = self.all(next).await?;
                let Some(last) = rows.last().and_then(|row| row.get_str("user_id").ok()) else {
                    break;
                };
                last.clone_into(&mut after);
                for row in &rows {
                    counts.note(row, &verifies);
                }
            }
        }
        Ok(counts)
    }
}

impl AccountCounts {
    fn note(&mut self, row: &Document, verifies: impl Fn(&str) -> bool) {
        if let Some(reason) = reason(row) {
            *self.closed.entry(reason).or_default() += 1;
        }
        let fits = match row.get("password_hash") {
            None | Some(Bson::Null) => true, // An invited person sets one later.
            Some(Bson::String(hash)) => verifies(hash),
            Some(_) => false,
        };
        self.unverifiable += u64::from(!fits);
    }
}

/// The reason why an account is closed, if it is not this service's word `disabled`.
fn reason(row: &Document) -> Option<String> {
    if Status::of(row) != Status::Disabled {
        return None;
    }
    let by_word = |status: Bson| Status::of(&doc! { "status": status });
    match row.get("status") {
        Some(Bson::String(word)) if by_word(word.as_str().into()) == Status::Disabled => {
            let word: String = word.trim().to_lowercase().chars().take(SHOWN).collect();
            (word != Status::Disabled.name()).then(|| format!("status {word:?}"))
        }
        Some(other) if by_word(other.clone()) == Status::Disabled => {
            Some("a status that is no text".to_owned())
        }
        _ => {
            let off = |flag: &&&str| {
                let alone = row.get(**flag).cloned().map(|value| doc! { **flag: value });
                alone.is_some_and(|row| Status::of(&row) == Status::Disabled)
            };
            let flag = OLDER_FLAGS.iter().find(off)?;
            Some(format!("{flag} false"))
        }
    }
}

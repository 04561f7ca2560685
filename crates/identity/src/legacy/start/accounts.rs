//! The pass over the accounts: it writes the identifiers that are missing, what a document of the older service lacks,
//! and the search terms (DB-6, TXT-1).
//!
//! The pass writes the search terms last. So an account without them is not brought over yet; a later start finds by an
//! index whether there is one, and continues where an interrupted pass stopped.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use bson::{Bson, Document, doc};

use super::{BATCH, LEASE};
use crate::{
    accounts::{
        documents::User,
        rules::identifier::keys_of,
        store::{
            accounts::{ACCOUNT_COLLECTIONS, read},
            identifiers::{Reservation, State},
        },
    },
    admin::store::user_list::SEARCH,
    app::App,
    legacy::account,
    store::Store,
};
use kernel::{error::Result, ids::UserId, role::Role};
use store::StoreError;

const LEASE_NAME: &str = "backfill";
/// The longest pause between two batches; well within the lease.
const MAX_REST: Duration = Duration::from_secs(3);
/// How long the pass rests after a batch that changed nothing, in multiples of the time that the batch took.
const REST_FACTOR: u32 = 9;

/// Which accounts a pass reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those of the older service that no pass has brought over. Their `_id` is an `ObjectId`; this service writes a user
    /// id.
    New,
    /// All, also those whose identifiers are missing because of a crash, or whose search terms are outdated.
    All,
}

/// What a pass did.
#[derive(Debug, Default)]
pub struct Pass {
    /// The estimated number of accounts; only to show the progress.
    pub total: u64,
    /// Accounts that were read.
    pub seen: u64,
    /// Identifiers that were written.
    pub names: u64,
    /// Accounts whose documents were completed.
    pub completed: u64,
    /// `id and id`: accounts that claim the same name. The service is not ready while there are any.
    pub duplicates: Vec<String>,
    /// Documents to which no person can log in: without a user id or an address, or of a deleted account.
    pub unusable: u64,
}

/// Brings accounts over, in batches. It only writes what is missing or wrong and has not changed since it was read. It
/// rests after each batch while people log in. `None` if another instance does it.
pub async fn bring(
    app: &App,
    which: Which,
    watch: &mut (dyn FnMut(&Pass) + Send),
) -> Result<Option<Pass>> {
    let store = &app.store;
    let mut pass = Pass::default();
    for home in ACCOUNT_COLLECTIONS {
        // Almost every start finds none. The embedded store reads all accounts to sort or to count them.
        let rows = store.accounts().collection_of(home);
        let first = store.run(rows.find_one(which.filter())).await?;
        if first.is_none() {
            continue;
        }
        if pass.total == 0 {
            pass.total = count_all(store).await?;
        }
        let mut last = String::new();
        loop {
            let (began, written) = (Instant::now(), pass.names + pass.completed);
            let next = next_accounts(store, home, &last, which.filter()).await?;
            let Some((rows, until)) = next else {
                break;
            };
            let now = app.clock.now();
            if !store.lease(LEASE_NAME, &app.instance, LEASE, now).await? {
                return Ok(None);
            }
            let known = match which {
                Which::All => store.identifiers().list_of_owners(&last, &until).await?,
                // Accounts of the older service usually have no identifiers yet.
                Which::New => Vec::new(),
            };
            pass.bring(store, home, &rows, &known).await?;
            last = until;
            watch(&pass);
            let rest = if !app.readiness.serves() {
                0
            } else if pass.names + pass.completed > written {
                1
            } else {
                REST_FACTOR
            };
            tokio::time::sleep((began.elapsed() * rest).min(MAX_REST)).await;
            app.fail_point.pass("backfill:batch")?;
        }
        pass.unusable += count_nameless(store, home).await?;
    }
    end_lease(app).await?;
    Ok(Some(pass))
}

/// Releases the lease of a pass that was stopped. Otherwise the next start would wait until it expires.
pub async fn end_lease(app: &App) -> Result<()> {
    Ok(app.store.end_lease(LEASE_NAME, &app.instance).await?)
}

impl Which {
    fn filter(self) -> Document {
        match self {
            Self::New => doc! { SEARCH: Bson::Null, "_id": { "$type": "objectId" } },
            Self::All => doc! {},
        }
    }
}

/// The next accounts after the user id `last` that match `filter`, and the last user id among them; `None` at the end.
/// Accounts that are being deleted are skipped, because they have released their names.
pub(crate) async fn next_accounts(
    store: &Store,
    home: Role,
    last: &str,
    mut filter: Document,
) -> store::Result<Option<(Vec<Document>, String)>> {
    filter.insert("user_id", doc! { "$gt": last });
    filter.insert("deleting_since", doc! { "$exists": false });
    let rows = store.accounts().collection_of(home);
    let find = rows
        .find(filter)
        .sort(doc! { "user_id": 1 })
        .limit(BATCH)
        .batch_size(500);
    let accounts = store.all(find).await?;
    let last = accounts.last().and_then(|row| row.get_str("user_id").ok());
    let last = last.map(str::to_owned);
    Ok(last.map(|last| (accounts, last)))
}

async fn count_all(store: &Store) -> store::Result<u64> {
    let mut total = 0;
    for home in ACCOUNT_COLLECTIONS {
        let rows = store.accounts().collection_of(home);
        total += store.run(rows.estimated_document_count()).await?;
    }
    Ok(total)
}

async fn count_nameless(store: &Store, home: Role) -> store::Result<u64> {
    let nameless =
        doc! { "user_id": { "$not": { "$gt": "" } }, "deleting_since": { "$exists": false } };
    let rows = store.accounts().collection_of(home);
    store.run(rows.count_documents(nameless)).await
}

impl Pass {
    async fn bring(
        &mut self,
        store: &Store,
        home: Role,
        rows: &[Document],
        known: &[Reservation],
    ) -> store::Result<()> {
        let known = known.iter().map(|row| (row.key.as_str(), row)).collect();
        for row in rows {
            self.seen += 1;
            let Ok(user) = read(row.clone(), home) else {
                self.unusable += 1;
                continue;
            };
            let duplicates = self.duplicates.len();
            if user.email().is_empty() || !self.claim_all(store, &user, &known).await? {
                self.unusable += 1;
            }
            if self.duplicates.len() > duplicates {
                continue; // It stays to be brought over.
            }
            let more = account::additions(row, home);
            match store
                .accounts()
                .write_with_terms(row, &user, home, more)
                .await
            {
                Ok(written) => self.completed += u64::from(written),
                Err(StoreError::Corrupt(_)) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }

    /// Makes the names the account's; `false` if it was deleted.
    async fn claim_all(
        &mut self,
        store: &Store,
        user: &User,
        known: &HashMap<&str, &Reservation>,
    ) -> store::Result<bool> {
        let owner = &user.user_id;
        for key in keys_of(user) {
            let row = known.get(key.as_str());
            let is_mine = row.is_some_and(|row| row.owner == *owner && row.state == State::Active);
            if !is_mine && !self.claim(store, &key, owner).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Makes `key` the account's, unless another account has it that still exists and still has the name. `false` if it
    /// is the user id of an account that was deleted.
    async fn claim(&mut self, store: &Store, key: &str, owner: &UserId) -> store::Result<bool> {
        let identifiers = store.identifiers();
        if identifiers.claim(key, owner).await? {
            self.names += 1;
            return Ok(true);
        }
        let Some(row) = identifiers.find(key).await? else {
            // Either the key was released at this moment, and the next start takes it, or its row cannot be read.
            self.names += u64::from(identifiers.repair(key, owner).await?);
            return Ok(true);
        };
        if row.state == State::Retired {
            return Ok(false);
        }
        if has_claim(store, &row.owner, key).await? {
            let pair = format!("{} and {owner}", row.owner);
            if !self.duplicates.contains(&pair) {
                self.duplicates.push(pair);
            }
        } else if identifiers.inherit(key, &row.owner, owner).await? {
            self.names += 1;
        }
        Ok(true)
    }
}

/// Whether `owner` has the name `key`: as an account, or as a registration that is becoming one.
async fn has_claim(store: &Store, owner: &UserId, key: &str) -> store::Result<bool> {
    let own = doc! { "user_id": owner.as_str() };
    for home in ACCOUNT_COLLECTIONS {
        let accounts = store.accounts().collection_of(home);
        let found = store.run(accounts.find_one(own.clone())).await?;
        let user = found.and_then(|row| read(row, home).ok());
        if user.is_some_and(|user| keys_of(&user).iter().any(|claimed| claimed == key)) {
            return Ok(true);
        }
    }
    let pending = store.raw(&store.names().collections.pending_users);
    Ok(store.run(pending.find_one(own)).await?.is_some())
}

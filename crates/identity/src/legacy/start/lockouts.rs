//! Brings the lockout counters of accounts to the accounts: the version before kept them in `throttles` (LCK-7).

use bson::{Document, doc};

use super::{BATCH, LEASE};
use crate::{
    accounts::store::accounts::Accounts, app::App, login::rules::lockout::LockoutCounter,
    store::Store,
};
use kernel::{clock::Timestamp, error::Result, ids::UserId, stored::date};

const LEASE_NAME: &str = "lockouts";
/// The field that marks a row.
const MOVED: &str = "moved_at";

/// Brings the counters of locked accounts to the accounts. `false` if another instance does it.
pub async fn bring(app: &App) -> Result<bool> {
    loop {
        let now = app.clock.now();
        if !app
            .store
            .lease(LEASE_NAME, &app.instance, LEASE, now)
            .await?
        {
            return Ok(false);
        }
        if !move_batch(&app.store, now).await? {
            break;
        }
    }
    app.store.end_lease(LEASE_NAME, &app.instance).await?;
    Ok(true)
}

/// Works on the next rows of accounts that were locked. `false` if there is none. A row stays for instances of the
/// version before, and is marked, so that a counter that was cleared does not come back.
async fn move_batch(store: &Store, now: Timestamp) -> store::Result<bool> {
    let throttles = store.raw(&store.platform().names().throttles);
    let locked = doc! {
        "locks": { "$gt": 0 }, "expires_at": { "$gt": date(now) }, MOVED: { "$exists": false },
    };
    let rows = store
        .all(throttles.find(locked).limit(BATCH).batch_size(500))
        .await?;
    for row in &rows {
        move_one(store, row).await?;
        let mark = doc! { "$set": { MOVED: date(now) } };
        let mine = doc! { "_id": row.get("_id") };
        store.run(throttles.update_one(mine, mark)).await?;
    }
    Ok(!rows.is_empty())
}

/// Copies the counter of a row to its account. A name without an account keeps its counter in the row.
async fn move_one(store: &Store, row: &Document) -> store::Result<()> {
    let owner = row.get_str("_id").ok();
    let owner = owner.and_then(|id| id.strip_prefix("lock:"));
    let counter = bson::deserialize_from_document::<LockoutCounter>(row.clone()).ok();
    let (Some(owner), Some(counter)) = (owner, counter) else {
        return Ok(());
    };
    let Ok(lockout) = bson::serialize_to_document(&counter) else {
        return Ok(());
    };
    for home in Accounts::collections_of(&UserId::from_stored(owner)) {
        // An account whose counter is at least as high keeps it.
        let fewer = doc! {
            "user_id": owner, "lockout.total": { "$not": { "$gte": counter.total } },
        };
        let to = doc! { "$set": { "lockout": lockout.clone() } };
        let accounts = store.accounts().collection_of(home);
        store.run(accounts.update_one(fewer, to)).await?;
    }
    Ok(())
}

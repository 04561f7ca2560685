//! Recovery codes: made in batches, shown once, used once each (MFA-14, MFA-15).

use crate::{
    accounts::documents::User,
    actions,
    app::App,
    errors,
    factors::{
        contended, documents::RecoveryCodeRow, fresh, happened, rules::recovery_code::RecoveryCode,
        settle,
    },
    letters::{recovery_code_used, recovery_codes_renewed},
    mails::outbox,
};
use kernel::{error::Result, ids::UserId, principal::Principal, request::Origin, secret::Secret};
use platform::audit::{self, Event};

/// A new batch of codes. It counts when the account names it.
#[derive(Debug)]
pub(crate) struct Batch {
    /// Its name.
    pub(crate) name: String,
    /// The codes, to be shown once.
    pub(crate) codes: Vec<Secret>,
}

/// Writes a new batch, which does not count yet.
pub(crate) async fn write_batch(app: &App, owner: &UserId) -> Result<Batch> {
    let name = app.rng.uuid().to_string();
    let number = app.settings.mfa.recovery_codes;
    let codes: Vec<_> = (0..number)
        .map(|_| RecoveryCode::generate(&app.rng))
        .collect();
    let rows: Vec<_> = codes
        .iter()
        .map(|code| RecoveryCodeRow {
            id: code.digest(&app.master, owner).as_str().to_owned(),
            user_id: owner.clone(),
            batch: name.clone(),
            used_at: None,
        })
        .collect();
    app.store.recovery_codes().insert_batch(&rows).await?;
    let codes = codes.iter().map(|code| Secret::new(code.shown()));
    Ok(Batch {
        name,
        codes: codes.collect(),
    })
}

/// How many codes of an account are left.
pub async fn count_left(app: &App, user: &User) -> Result<u64> {
    match &user.factors.recovery_batch {
        Some(batch) => {
            let rows = app.store.recovery_codes();
            Ok(rows.count_left(&user.user_id, batch).await?)
        }
        None => Ok(0),
    }
}

/// New codes, which void the old ones:
///
/// 1. The account must have a factor: a code helps only beside one (D14).
/// 2. Write the audit event, and store the notice to the owner.
/// 3. Write a new batch; then the account names it, unless its factors changed meanwhile. The notice is sent, or withdrawn.
/// 4. Delete the old codes.
///
/// # Errors
/// `FactorRequired` without a factor.
pub async fn renew(app: &App, origin: &Origin, caller: &Principal) -> Result<Vec<Secret>> {
    let (_, user) = fresh::read(app, caller).await?;
    if !user.factors.has_any() {
        return Err(errors::FACTOR_REQUIRED.into());
    }
    let user_id = &user.user_id;
    audit::record(app, origin, Event::by(user_id, actions::RECOVERY_CODES_NEW)).await?;
    let notice = outbox::announce(app, origin, &user, recovery_codes_renewed::job()).await?;
    let done = replace_batch(app, &user).await;
    let action = actions::RECOVERY_CODES_NEW;
    settle(app, origin, &notice, action, happened(&done)).await;
    let batch = done?;
    let rows = app.store.recovery_codes();
    rows.delete_others(user_id, Some(&batch.name)).await?;
    Ok(batch.codes)
}

/// Step 3 of [`renew`].
async fn replace_batch(app: &App, user: &User) -> Result<Batch> {
    let batch = write_batch(app, &user.user_id).await?;
    let accounts = app.store.accounts();
    let factors = &user.factors.confirmed;
    let changed = accounts.change_factors(user, factors, Some(&batch.name));
    if changed.await?.is_none() {
        let rows = app.store.recovery_codes();
        rows.delete_batch(&user.user_id, &batch.name).await?;
        return Err(contended());
    }
    Ok(batch)
}

/// Uses up a code of the account, and notifies the owner how many are left. `false` if it is not one of them, or is used
/// already.
pub(crate) async fn consume(
    app: &App,
    origin: &Origin,
    user: &User,
    code: &RecoveryCode,
) -> Result<bool> {
    let (user_id, rows) = (&user.user_id, app.store.recovery_codes());
    let Some(batch) = &user.factors.recovery_batch else {
        return Ok(false);
    };
    for digest in code.digests(&app.master, user_id) {
        if rows.find_unused(digest.as_str(), user_id, batch).await? {
            let event = Event::by(user_id, actions::RECOVERY_CODE_USE);
            audit::record(app, origin, event).await?;
            if rows
                .consume(digest.as_str(), user_id, batch, origin.now)
                .await?
            {
                let left = rows.count_left(user_id, batch).await?;
                outbox::notify(app, origin, user, recovery_code_used::job(left)).await?;
                return Ok(true);
            }
        }
    }
    Ok(false)
}

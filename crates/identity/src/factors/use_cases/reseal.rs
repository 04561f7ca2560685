//! Seeds are sealed anew with the current master secret, while the service works (MFA-13, KEY-3).

use crate::{actions, app::App, factors::rules::totp::Seed};
use kernel::{
    error::{Error, Result},
    ids::UserId,
    request::Origin,
};
use platform::audit::{self, Event};

/// What became of the seeds that an older master secret sealed.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Resealed {
    /// How many were sealed anew.
    pub sealed: u64,
    /// The owners of those that do not open with the secrets that are set.
    pub unopened: Vec<UserId>,
}

/// Seals every seed that another master secret sealed with the current one: 1 the audit record, if there are any; 2 for each
/// one conditional update. It may be broken off and repeated, and several calls may run at once.
///
/// # Errors
/// The database does not answer.
pub async fn reseal(app: &App) -> Result<Resealed> {
    let (totps, current) = (app.store.totps(), app.master.current_id());
    let rows = totps.list_sealed_otherwise(current).await?;
    if !rows.is_empty() {
        let origin = Origin::of_the_service("seeds".to_owned(), app.clock.now());
        let detail = format!("{} seeds to {current}", rows.len());
        audit::record(
            app,
            &origin,
            Event::done(None, actions::KEYS).noting(&detail),
        )
        .await?;
    }
    let mut done = Resealed::default();
    for row in rows {
        let (user_id, Some(sealed)) = (row.user_id, row.seed) else {
            continue;
        };
        let Ok(seed) = Seed::open(&sealed, &app.master, &user_id) else {
            done.unopened.push(user_id);
            continue;
        };
        let resealed = seed.seal(&app.master, &user_id, &app.rng);
        let resealed = resealed.map_err(Error::internal)?;
        // If it is another one by now, a login has sealed it, or the owner has another app.
        done.sealed += u64::from(totps.reseal(&user_id, &sealed, &resealed).await?);
    }
    Ok(done)
}

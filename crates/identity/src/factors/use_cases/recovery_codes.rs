//! Recovery codes: made in batches, shown once, used once each (MFA-14, MFA-15).

use crate::{
    app::App,
    factors::{documents::RecoveryCodeRow, rules::recovery_code::RecoveryCode},
};
use kernel::{error::Result, ids::UserId, secret::Secret};

/// A new batch of codes. It counts when the account names it.
pub struct Batch {
    /// Its name.
    pub name: String,
    /// The codes, to be shown once.
    pub codes: Vec<Secret>,
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
    Ok(Batch {
        name,
        codes: codes.iter().map(|code| Secret::new(code.shown())).collect(),
    })
}

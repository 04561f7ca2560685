//! Background work: each is a function that a loop calls and that tests call by hand; each is safe on several instances.

use super::{audit, authentication, keys, verification};
use crate::{app::App, error::Result};

/// Finishes what crashes left, writes activity down, logs the audit chain, and follows the keys.
///
/// # Errors
/// The database does not answer; the next tick goes on.
pub async fn tick(app: &App) -> Result<()> {
    verification::sweep(app).await?;
    authentication::write_activities(app, app.clock.now()).await?;
    audit::watch(app, app.clock.now()).await?;
    keys::refresh(app).await
}

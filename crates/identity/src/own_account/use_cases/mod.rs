//! One function per use case.

pub mod deletion;
pub mod email;
pub mod email_undo;
pub mod export;
pub mod links;
mod sweep;

use chrono::Duration;

pub use self::sweep::{forget, sweep};
use crate::app::App;

/// How long the code and the link to a new address are valid.
pub(crate) fn email_proof_lifetime(app: &App) -> Duration {
    Duration::minutes(app.settings.otp.expire_minutes)
}

/// How long a deletion can be confirmed.
pub(crate) fn deletion_proof_lifetime(app: &App) -> Duration {
    Duration::minutes(app.settings.reset.link_minutes)
}

/// How long a change of the address can be undone.
pub(crate) fn undo_lifetime(app: &App) -> Duration {
    Duration::days(app.settings.account.email_undo_days)
}

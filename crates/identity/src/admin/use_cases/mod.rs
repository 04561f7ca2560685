//! How staff and administrators read and change other people's accounts and registrations.
//!
//! Every call is in the audit trail: a change before it is made, so that it fails closed (AUD-4); a read before its
//! answer is sent; a refused call as refused.

pub mod account_status;
pub mod activity;
pub mod collections;
pub mod mails;
pub mod pending;
pub mod trail;
pub mod users;

use crate::app::App;
use kernel::{
    error::{Error, Result},
    request::Origin,
};
use platform::audit::{self, Event};

/// Returns the result of a read, after its audit event is written: the read itself, or its refusal.
pub(crate) async fn audited_read<T>(
    app: &App,
    origin: &Origin,
    event: Event<'_>,
    done: Result<T>,
) -> Result<T> {
    match done {
        Ok(done) => {
            audit::record(app, origin, event).await?;
            Ok(done)
        }
        Err(error) => Err(refused(app, origin, event, error).await),
    }
}

/// Returns `error`, after the audit event of the refusal is written.
pub(crate) async fn refused(app: &App, origin: &Origin, event: Event<'_>, error: Error) -> Error {
    let what = event.detail.unwrap_or_default();
    let detail = format!("{what} {}", error.code.code());
    audit::record_refusal(app, origin, event.failed().noting(&detail)).await;
    error
}

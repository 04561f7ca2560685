//! How staff and administrators read and change other people's accounts and registrations.
//!
//! Every call is in the audit trail: a change before it is made, so that it fails closed (AUD-4); a read before its
//! answer is sent; a refused call as refused.

pub mod account_status;
pub mod activity;
pub mod bulk;
pub mod collections;
pub mod import;
pub mod mails;
pub mod pending;
pub mod trail;
pub mod users;

use crate::app::App;
use kernel::{
    error::{Error, Result},
    ids::UserId,
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

/// The user ids in the rows of a list, for the detail of its audit event; `None` if the list is empty.
pub(crate) fn named<'a>(ids: impl Iterator<Item = &'a UserId>) -> Option<String> {
    let ids: Vec<&str> = ids.map(UserId::as_str).collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

/// Returns `error`, after the audit event of the refusal is written.
pub(crate) async fn refused(app: &App, origin: &Origin, event: Event<'_>, error: Error) -> Error {
    let what = event.detail.map_or_else(String::new, |it| format!("{it} "));
    let detail = format!("{what}{}", error.code.code());
    audit::record_refusal(app, origin, event.failed().noting(&detail)).await;
    error
}

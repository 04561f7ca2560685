//! The audit trail, for reading.

use super::noted;
use crate::{
    app::App,
    domain::{
        audit::AuditEntry,
        filter::AuditFilter,
        page::{Listed, Page},
        principal::Principal,
        request::Origin,
    },
    error::Result,
    service::audit::Event,
};

/// A page of the records that `filter` lets through, newest first; that it was read is a record too.
///
/// # Errors
/// The database does not answer.
pub async fn list(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    filter: &AuditFilter,
    page: &Page,
) -> Result<Listed<AuditEntry>> {
    let read = async { Ok(app.store.audit_log().list(filter, page).await?) };
    let event = Event::of_admin(&caller.user_id, "list_audit_log", None);
    noted(app, origin, event, read.await).await
}

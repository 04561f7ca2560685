//! The audit trail, for reading.

use super::audited_read;
use crate::{
    app::App,
    domain::{
        audit::{AuditEntry, AuditFilter},
        page::{Listed, Page},
        principal::Principal,
        request::Origin,
    },
    error::Result,
    service::audit::Event,
};

/// A page of the audit events that match `filter`, newest first. The reading itself is an audit event too.
pub async fn list(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    filter: &AuditFilter,
    page: &Page,
) -> Result<Listed<AuditEntry>> {
    let read = async { Ok(app.store.audit_log().list(filter, page).await?) };
    let event = Event::of_admin(&caller.user_id, "list_audit_log", None);
    audited_read(app, origin, event, read.await).await
}

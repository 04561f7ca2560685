//! The audit trail, for reading.

use crate::{actions, admin::audited_read, app::App};
use kernel::{
    error::Result,
    page::{Listed, Page},
    principal::Principal,
    request::Origin,
};
use platform::audit::{
    Event,
    record::{AuditEntry, AuditFilter},
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
    let event = Event::of_admin(&caller.user_id, actions::AUDIT_READ, None);
    audited_read(app, origin, event, read.await).await
}

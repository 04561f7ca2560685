//! Refusals of strangers: the first ones of an address are records, the others are counted (AUD-5).

use chrono::DateTime;

use crate::{
    Platform,
    audit::{
        Event, draft, insert,
        record::{Action, AuditRecord, Outcome, RefusalCount, Strangers, Trail},
        seal::LOOK_BACK,
        with_mac,
    },
};
use kernel::{
    clock::{Timestamp, rfc3339},
    error::Result,
    request::Origin,
};
use store::StoreError;

/// Refusals of one kind from one address in one window that are recorded one by one, by each instance.
const RECORDED: u32 = 5;
/// Seconds of a window; windows of all instances begin together.
const WINDOW: i64 = 600;
/// Rows that are read at a time.
const ROWS: i64 = 500;

/// Writes a refusal: one write, whether its subject is known or not. The memory of this process knows how many there were
/// before (ENUM-2, ENUM-8).
pub(crate) async fn write(platform: &Platform, origin: &Origin, event: Event<'_>) -> Result<()> {
    let ends_at = window_end(origin.now);
    let (ip, action) = (origin.ip_key(), event.action);
    let id = format!("{:015}-{}-{ip}", ends_at.timestamp_millis(), action.name());
    if action.strangers() == Strangers::AreCountedAfterTheFirst {
        // A lockout is for the main trail; further tries against it are not.
        let whose = event.subject.map_or("", |subject| subject.as_str());
        if platform.refusals.count(format!("{id} {whose}")) == 1 {
            return insert(platform, draft(platform, origin, event, Trail::Main)).await;
        }
    }
    if platform.refusals.count(id.clone()) <= RECORDED {
        return insert(platform, draft(platform, origin, event, Trail::Refusals)).await;
    }
    let counted = RefusalCount {
        id,
        action: action.name().to_owned(),
        ip,
        count: 1,
        ends_at,
    };
    Ok(platform.store.audit_refusals().count(&counted).await?)
}

fn window_end(now: Timestamp) -> Timestamp {
    let end = (now.timestamp().div_euclid(WINDOW) + 1) * WINDOW;
    DateTime::from_timestamp(end, 0).unwrap_or(now)
}

/// Makes a record of each row whose window has ended, and removes the row. Waits for those that count late. A crash in
/// between leaves a row whose record stands already.
pub(crate) async fn close(platform: &Platform, now: Timestamp) -> Result<()> {
    let rows = platform.store.audit_refusals();
    loop {
        let ended = rows.ended(now - LOOK_BACK, ROWS).await?;
        for row in &ended {
            let record = with_mac(platform, record(platform, row, now))?;
            match platform.store.audit_log().insert(&record).await {
                Err(StoreError::Duplicate) => {}
                done => done?,
            }
            platform.fail_point.pass("refusals:delete")?;
            rows.delete(&row.id).await?;
        }
        if ended.is_empty() {
            return Ok(());
        }
    }
}

fn record(platform: &Platform, row: &RefusalCount, now: Timestamp) -> AuditRecord {
    let detail = format!("{} more until {}", row.count, rfc3339(row.ends_at));
    // The row has only the name of the action.
    let event = Event::refused(None, Action::new("")).noting(&detail);
    let origin = Origin::of_the_service(String::new(), now);
    AuditRecord {
        id: row.id.clone(),
        sequence: row.id.clone(),
        action: row.action.clone(),
        outcome: Outcome::Failure,
        count: Some(row.count),
        ip: row.ip.clone(),
        user_agent: String::new(),
        ..draft(platform, &origin, event, Trail::Refusals)
    }
}

//! `/admin/collections-status`, `/admin/activity` and `/admin/audit-log`: how many documents there are, and what was done.

use std::{collections::BTreeMap, sync::Arc};

use poem_openapi::{Object, OpenApi, param::Query, payload::Json};

use super::text::Recorded;
use identity::http::Tag;
use identity::{
    admin::{
        activity,
        collections::{self, Stats},
        store::stats::Count,
        trail,
    },
    app::App,
    permissions::{AuditRead, StatsRead},
};
use kernel::{
    clock::Timestamp,
    error::RuleViolation,
    ids::UserId,
    page::{Key, Listed},
};
use platform::{
    activity::DayCounts,
    audit::record::{AuditEntry, AuditFilter},
};
use web::{
    Problem, RequestOrigin, Time, ValidationErrors,
    caller::Caller,
    listing::{Asked, default_limit, page},
    problem::error_set,
    text::{Since, Until},
};

/// The operations.
#[derive(Debug, Clone)]
pub struct AdminSystemApi(pub Arc<App>);

error_set!(
    /// Either.
    ReadErrors = [] + BEARER
);

#[OpenApi(tag = "Tag::Administration")]
impl AdminSystemApi {
    /// How much there is of everything
    ///
    /// For staff and administrators.
    #[oai(
        path = "/admin/collections-status",
        method = "get",
        operation_id = "collections_status"
    )]
    async fn collections_status(
        &self,
        caller: Caller<StatsRead>,
        origin: RequestOrigin<'_>,
    ) -> Result<Json<StatsResponse>, Problem<ReadErrors>> {
        let stats = collections::status(&self.0, &origin, &caller).await?;
        Ok(Json(StatsResponse::new(stats, origin.now)))
    }

    /// Logins, registrations and mails of the last 30 days
    ///
    /// Each day of UTC, oldest first, today included. An instance adds its counts every few seconds; those of one that is
    /// killed in between are missing. For staff and administrators.
    #[oai(path = "/admin/activity", method = "get", operation_id = "activity")]
    async fn activity(
        &self,
        caller: Caller<StatsRead>,
        origin: RequestOrigin<'_>,
    ) -> Result<Json<ActivityResponse>, Problem<ReadErrors>> {
        let days = activity::last_days(&self.0, &origin, &caller).await?;
        Ok(Json(days.into()))
    }

    /// What was done, newest first
    ///
    /// For administrators. Reading it is a record of its own.
    #[oai(
        path = "/admin/audit-log",
        method = "get",
        operation_id = "list_audit_log"
    )]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a parameter of the query"
    )]
    async fn audit_log(
        &self,
        caller: Caller<AuditRead>,
        origin: RequestOrigin<'_>,
        /// Done by this user id, of up to 64 characters
        actor: Asked<UserId>,
        /// Done to this user id, of up to 64 characters
        subject: Asked<UserId>,
        /// What was done
        action: Asked<Recorded>,
        /// At or after this time of RFC 3339, or from the beginning of this day (`YYYY-MM-DD`, in UTC)
        from: Asked<Since>,
        /// At or before this time of RFC 3339, or until the end of this day (`YYYY-MM-DD`, in UTC)
        to: Asked<Until>,
        /// Rows of a page
        #[oai(
            default = "default_limit",
            validator(minimum(value = "1"), maximum(value = "100"))
        )]
        limit: Query<u32>,
        /// The `next_cursor` of the page before
        cursor: Asked<Key>,
    ) -> Result<Json<AuditResponse>, Problem<ReadErrors>> {
        let mut errors = ValidationErrors::new();
        let page = page(&mut errors, limit.0, cursor);
        let filter = AuditFilter {
            actor: actor.value(&mut errors),
            subject: subject.value(&mut errors),
            action: action.value(&mut errors),
            from: from.value(&mut errors),
            to: to.value(&mut errors),
        };
        if let (Some(from), Some(to)) = (filter.from, filter.to)
            && from > to
        {
            errors.add(RANGE_INVALID.at("to"));
        }
        let page = errors.finish(page)?;
        let listed = trail::list(&self.0, &origin, &caller, &filter, &page).await?;
        Ok(Json(listed.into()))
    }
}

const RANGE_INVALID: RuleViolation = RuleViolation::new("range_invalid", "Must not be before from");

/// Counts at one moment.
#[derive(Debug, Object)]
struct StatsResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// By the collections' names in the database
    collections: BTreeMap<String, CollectionView>,
    /// Accounts whose address is proven
    total_verified_users: u64,
    /// Sessions that live
    active_sessions: u64,
    /// Log-ins that failed in the last hour
    failed_logins_last_hour: u64,
    /// The moment
    timestamp: Time,
}

/// What a collection contains. `key` is its key in the configuration.
fn description(key: &str) -> &'static str {
    match key {
        "patients" => "Accounts of patients",
        "doctors" => "Accounts of doctors",
        "staff" => "Accounts of staff and administrators",
        "pending_users" => "Registrations that are not verified",
        "user_sessions" => "Sessions, ended ones included",
        "otp_codes" => "One-time codes and links",
        "identifiers" => "Addresses, usernames and user ids that are taken",
        "throttles" => "Counters, lockouts and leases",
        "mail_outbox" => "Mails to be sent, and those that were refused",
        "audit_log" => "The audit trail",
        "revocations" => "Sessions that other instances must forget",
        "signing_keys" => "Keys of access tokens",
        "second_factors" => "Authenticator apps of accounts",
        "recovery_codes" => "Recovery codes, used ones included",
        "passkeys" => "Passkeys",
        "login_challenges" => "Logins that wait for a second step",
        "known_devices" => "Devices that are remembered",
        "email_changes" => "Changes of e-mail addresses that wait, or can be undone",
        "account_deletions" => "Deletions that owners asked for",
        _ => "",
    }
}

impl StatsResponse {
    fn new(stats: Stats, now: Timestamp) -> Self {
        let Stats {
            collections,
            pending_active,
            pending_expired,
            verified_users,
            active_sessions,
            failed_logins,
        } = stats;
        let view = |Count { name, key, count }| {
            let pending = key == "pending_users";
            let view = CollectionView {
                count: if pending {
                    pending_active + pending_expired
                } else {
                    count
                },
                total_count: pending.then_some(pending_active + pending_expired),
                active_count: pending.then_some(pending_active),
                expired_count: pending.then_some(pending_expired),
                description: description(key).to_owned(),
            };
            (name, view)
        };
        Self {
            success: true,
            message: "Collections".to_owned(),
            collections: collections.into_iter().map(view).collect(),
            total_verified_users: verified_users,
            active_sessions,
            failed_logins_last_hour: failed_logins,
            timestamp: Time(now),
        }
    }
}

/// A collection.
#[derive(Debug, Object)]
struct CollectionView {
    /// Documents
    count: u64,
    /// Registrations: all of them
    #[oai(skip_serializing_if_is_none)]
    total_count: Option<u64>,
    /// Registrations: those that can still be verified
    #[oai(skip_serializing_if_is_none)]
    active_count: Option<u64>,
    /// Registrations: those that have expired and are not removed yet
    #[oai(skip_serializing_if_is_none)]
    expired_count: Option<u64>,
    /// What it has in it
    description: String,
}

/// What was done on each of the last days.
#[derive(Debug, Object)]
struct ActivityResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// Oldest first
    days: Vec<ActivityDay>,
}

impl From<Vec<DayCounts>> for ActivityResponse {
    fn from(days: Vec<DayCounts>) -> Self {
        Self {
            success: true,
            message: "Activity".to_owned(),
            days: days.into_iter().map(ActivityDay::from).collect(),
        }
    }
}

/// A day.
#[derive(Debug, Object)]
struct ActivityDay {
    /// `YYYY-MM-DD`, in UTC
    date: String,
    /// Log-ins
    logins: u64,
    /// Log-ins with a wrong name, password or passkey
    failed_logins: u64,
    /// Registrations
    registrations: u64,
    /// Mails that the mail server took
    mails_sent: u64,
}

impl From<DayCounts> for ActivityDay {
    fn from(counts: DayCounts) -> Self {
        let DayCounts {
            day,
            logins,
            failed_logins,
            registrations,
            mails_sent,
        } = counts;
        let number = |count: i64| count.max(0).unsigned_abs();
        Self {
            date: day,
            logins: number(logins),
            failed_logins: number(failed_logins),
            registrations: number(registrations),
            mails_sent: number(mails_sent),
        }
    }
}

/// A page of the audit trail.
#[derive(Debug, Object)]
struct AuditResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// Newest first
    entries: Vec<AuditView>,
    /// The `cursor` of the next page; null on the last one
    #[oai(nullable)]
    next_cursor: Option<String>,
    /// Whether there is a next page
    has_more: bool,
}

impl From<Listed<AuditEntry>> for AuditResponse {
    fn from(listed: Listed<AuditEntry>) -> Self {
        Self {
            success: true,
            message: "Audit log".to_owned(),
            entries: listed.rows.into_iter().map(AuditView::from).collect(),
            has_more: listed.next.is_some(),
            next_cursor: listed.next.as_ref().map(Key::to_cursor),
        }
    }
}

/// A record of the audit trail.
#[derive(Debug, Object)]
struct AuditView {
    /// The record
    id: String,
    /// When
    at: Time,
    /// The user id of who did it; null: somebody not logged in, or the service
    #[oai(nullable)]
    actor: Option<String>,
    /// What was done: one of the words that the parameter `action` takes
    action: String,
    /// The user id of whom it was done to
    #[oai(nullable)]
    subject: Option<String>,
    /// `success` or `failure`
    outcome: String,
    /// A word more, such as the operation
    #[oai(nullable)]
    detail: Option<String>,
    /// The client's address
    ip_address: String,
    /// The client's program
    user_agent: String,
    /// The request
    request_id: String,
}

impl From<AuditEntry> for AuditView {
    fn from(entry: AuditEntry) -> Self {
        let AuditEntry {
            id,
            at,
            actor,
            action,
            subject,
            outcome,
            detail,
            ip,
            user_agent,
            request_id,
        } = entry;
        Self {
            id,
            at: Time(at),
            actor,
            action,
            subject,
            outcome,
            detail,
            ip_address: ip,
            user_agent,
            request_id,
        }
    }
}

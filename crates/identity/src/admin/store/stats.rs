//! Counts for the administration.

use crate::{actions, admin::rules::filter::PendingFilter, store::Store};
use bson::{Document, doc};
use futures_util::future::try_join_all;
use mongodb::Collection;

use kernel::{clock::Timestamp, stored::date};
use platform::audit::record::Outcome;
use store::Result;

/// A collection and its size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// Its name in the database.
    pub name: String,
    /// Its name in the configuration.
    pub key: &'static str,
    /// The number of its documents.
    pub count: u64,
}

impl Store {
    /// How many documents each collection has, as the server estimates it.
    pub async fn count_collections(&self) -> Result<Vec<Count>> {
        let names = &self.names.collections;
        let counts = [
            ("patients", &names.patients),
            ("doctors", &names.doctors),
            ("staff", &names.staff),
            ("pending_users", &names.pending_users),
            ("user_sessions", &names.user_sessions),
            ("otp_codes", &names.otp_codes),
            ("identifiers", &names.identifiers),
            ("throttles", &self.platform().names().throttles),
            ("mail_outbox", &self.platform().names().mail_outbox),
            ("audit_log", &self.platform().names().audit_log),
            ("revocations", &names.revocations),
            ("signing_keys", &names.signing_keys),
            ("second_factors", &names.second_factors),
            ("recovery_codes", &names.recovery_codes),
            ("passkeys", &names.passkeys),
            ("login_challenges", &names.login_challenges),
            ("known_devices", &names.known_devices),
            ("email_changes", &names.email_changes),
            ("account_deletions", &names.account_deletions),
        ]
        .map(|(key, name)| async move {
            let rows: Collection<Document> = self.rows(name);
            let count = rows.estimated_document_count().max_time(self.read_limit());
            Ok::<_, store::StoreError>(Count {
                name: name.clone(),
                key,
                count: self.run(count).await?,
            })
        });
        try_join_all(counts).await
    }

    /// Accounts whose address is proven: all accounts except those with an open invitation.
    pub async fn count_verified(&self) -> Result<u64> {
        let names = &self.names.collections;
        let verified_counts = [&names.patients, &names.doctors, &names.staff].map(|name| async {
            let verified = doc! { "is_verified": { "$ne": false } };
            self.count_up_to(&self.rows(name), verified, None).await
        });
        Ok(try_join_all(verified_counts).await?.into_iter().sum())
    }

    /// Sessions that are live at `now`.
    pub async fn count_live_sessions(&self, now: Timestamp) -> Result<u64> {
        let rows = self.rows(&self.names.collections.user_sessions);
        let live = doc! { "is_active": true, "expires_at": { "$gt": date(now) } };
        self.count_up_to(&rows, live, None).await
    }

    /// Logins that failed since `since`, by the audit trail and by the counters of refusals (AUD-5).
    pub async fn count_failed_logins(&self, since: Timestamp) -> Result<u64> {
        let rows: Collection<Document> = self.rows(&self.platform().names().audit_log);
        let failed = doc! {
            "at": { "$gte": date(since) },
            "action": actions::LOGIN.name(),
            "outcome": Outcome::Failure.name(),
        };
        let mut of_many = failed.clone();
        of_many.insert("count", doc! { "$gt": 1 });
        let records = Box::pin(self.count_up_to(&rows, failed, None)).await?;
        let many =
            Box::pin(self.all(rows.find(of_many).batch_size(platform::audit::log::BATCH))).await?;
        let counted = Box::pin(self.audit_refusals().sum(actions::LOGIN, since)).await?;
        let more: i64 = many
            .iter()
            .filter_map(|record| record.get_i64("count").ok())
            .map(|count| count - 1)
            .sum();
        Ok(records.saturating_add_signed(more + counted))
    }

    /// How many registrations match `filter`: those that are live at `now`, and those that have expired, which count
    /// only if the filter includes them.
    pub async fn count_pending(
        &self,
        filter: &PendingFilter,
        now: Timestamp,
    ) -> Result<(u64, u64)> {
        let rows = self.rows(&self.names.collections.pending_users);
        let of = |expires_at: Document| {
            let mut condition = crate::registration::store::pending::condition(filter);
            condition.insert("expires_at", expires_at);
            condition
        };
        let live = of(doc! { "$gt": date(now) });
        let live = self.count_up_to(&rows, live, None).await?;
        if !filter.include_expired {
            return Ok((live, 0));
        }
        let expired = of(doc! { "$lte": date(now) });
        Ok((live, self.count_up_to(&rows, expired, None).await?))
    }
}

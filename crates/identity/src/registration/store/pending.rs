//! `pending_users`: registrations that are not proven yet.

use bson::{Document, doc};
use chrono::Duration;
use mongodb::{Collection, options::ReturnDocument};

use crate::{
    admin::rules::filter::PendingFilter,
    registration::documents::{PendingSummary, PendingUser},
    store::Store,
};
use kernel::{
    clock::Timestamp,
    ids::UserId,
    page::{Listed, Page},
    person::Person,
    stored::date,
};
use mail::state::{CodeMail, MailReason};
use store::{
    Result, document,
    listing::{List, Order, has_text},
};

/// The collection.
#[derive(Debug)]
pub struct Pending<'a> {
    store: &'a Store,
    rows: Collection<PendingUser>,
}

impl Store {
    /// The collection `pending_users`.
    #[must_use]
    pub fn pending(&self) -> Pending<'_> {
        Pending {
            store: self,
            rows: self.rows(&self.names.collections.pending_users),
        }
    }
}

/// The registrations of this service. A row of the older service has no token, and this service never issued its code;
/// so such rows are not read, listed or counted. The command `check` reports them.
fn ours() -> Document {
    doc! { "registration_digest": { "$exists": true } }
}

/// How long a registration may take until it has the slot and the username of the replaced one.
const HANDOVER_TIME: Duration = Duration::seconds(60);

/// The registrations that have not expired. Time decides here; the TTL index only deletes (OTP-9).
fn live(now: Timestamp) -> Document {
    let mut live = ours();
    live.insert("expires_at", doc! { "$gt": date(now) });
    live
}

impl Pending<'_> {
    /// Inserts a registration.
    pub async fn insert(&self, pending: &PendingUser) -> Result<()> {
        self.store
            .run(self.rows.insert_one(pending))
            .await
            .map(drop)
    }

    /// The live registrations of an address.
    pub async fn list_live_by_email(
        &self,
        email: &str,
        now: Timestamp,
    ) -> Result<Vec<PendingUser>> {
        let mut filter = live(now);
        filter.insert("email", email);
        self.store.all(self.rows.find(filter)).await
    }

    /// The live registration of `user_id`.
    pub async fn find_live(&self, user_id: &UserId, now: Timestamp) -> Result<Option<PendingUser>> {
        let mut filter = live(now);
        filter.insert("_id", user_id.as_str());
        self.store.one(self.rows.find_one(filter)).await
    }

    /// The live registration that `registration_digest` belongs to.
    pub async fn find_live_by_token(
        &self,
        registration_digest: &str,
        now: Timestamp,
    ) -> Result<Option<PendingUser>> {
        let mut filter = live(now);
        filter.insert("registration_digest", registration_digest);
        self.store.one(self.rows.find_one(filter)).await
    }

    /// Ends a live registration, because `successor` replaces it. It is one conditional update, so only one of several
    /// requests with its token succeeds. `false` if another one did, or if it has ended otherwise.
    pub async fn mark_replaced(
        &self,
        pending: &PendingUser,
        successor: &UserId,
        now: Timestamp,
    ) -> Result<bool> {
        let mut waits = live(now);
        waits.insert("_id", pending.user_id.as_str());
        let to = doc! { "$set": { "expires_at": date(now), "replaced_by": successor.as_str() } };
        let update = self.rows.update_one(waits, to);
        Ok(self.store.run(update).await?.matched_count == 1)
    }

    /// Lets a registration continue that was set aside for `successor`, because `successor` failed.
    pub async fn unmark_replaced(&self, pending: &PendingUser, successor: &UserId) -> Result<()> {
        let mine = doc! { "_id": pending.user_id.as_str(), "replaced_by": successor.as_str() };
        let until = pending.expires_at.map(date);
        let to = doc! { "$set": { "expires_at": until }, "$unset": { "replaced_by": "" } };
        self.store
            .run(self.rows.update_one(mine, to))
            .await
            .map(drop)
    }

    /// Deletes `rival`, which was replaced by its own token, from the rivals of the address's other registrations
    /// (REG-8).
    pub async fn forget_rival(&self, email: &str, rival: &UserId) -> Result<()> {
        let others = doc! { "email": email, "rivals": rival.as_str() };
        let to = doc! { "$pull": { "rivals": rival.as_str() } };
        self.store
            .run(self.rows.update_many(others, to))
            .await
            .map(drop)
    }

    /// Whether the registration of `user_id` exists and has expired. The names of a replaced registration stay reserved
    /// for its successor for a while, so it does not count as expired at once.
    pub(crate) async fn has_ended(&self, user_id: &UserId, now: Timestamp) -> Result<bool> {
        let over = doc! { "_id": user_id.as_str(), "expires_at": { "$lte": date(now) } };
        let rows = self.rows.clone_with_type::<Document>();
        let Some(row) = self.store.run(rows.find_one(over)).await? else {
            return Ok(false);
        };
        let long_ago = date(now - HANDOVER_TIME);
        let is_past = |end: &bson::DateTime| *end <= long_ago;
        Ok(!row.contains_key("replaced_by") || row.get_datetime("expires_at").is_ok_and(is_past))
    }

    /// Marks a registration that was live at `proven_at` as becoming an account. From now on it does not expire
    /// (REG-4). It keeps or loses its password in the same write, so every later call makes the same account (REG-8).
    pub async fn begin_activation(
        &self,
        user_id: &UserId,
        keeps_password: bool,
        proven_at: Timestamp,
        now: Timestamp,
    ) -> Result<Option<PendingUser>> {
        let mut filter = live(proven_at);
        filter.insert("_id", user_id.as_str());
        filter.insert("replaced_by", doc! { "$exists": false });
        let mut less = doc! { "expires_at": "" };
        if !keeps_password {
            less.insert("password_hash", "");
        }
        let to = doc! { "$set": { "activating_since": date(now) }, "$unset": less };
        let update = self
            .rows
            .find_one_and_update(filter, to)
            .return_document(ReturnDocument::After);
        self.store.one(update).await
    }

    /// The registration of `user_id` while it is becoming an account.
    pub async fn find_activating(&self, user_id: &UserId) -> Result<Option<PendingUser>> {
        let filter = doc! { "_id": user_id.as_str(), "activating_since": { "$exists": true } };
        self.store.one(self.rows.find_one(filter)).await
    }

    /// Registrations whose activation began at or before `before` and is not finished; for the sweeper.
    pub async fn list_activating(&self, before: Timestamp) -> Result<Vec<PendingUser>> {
        let filter = doc! { "activating_since": { "$lte": date(before) } };
        self.store.all(self.rows.find(filter).limit(100)).await
    }

    /// The other registrations of an address, also those that are activating.
    pub async fn list_others(&self, email: &str, than: &UserId) -> Result<Vec<PendingUser>> {
        let mut filter = ours();
        filter.extend(doc! { "email": email, "_id": { "$ne": than.as_str() } });
        self.store.all(self.rows.find(filter)).await
    }

    /// Deletes a registration; `false` if it did not exist any more.
    pub async fn delete(&self, user_id: &UserId) -> Result<bool> {
        let delete = self.rows.delete_one(doc! { "_id": user_id.as_str() });
        Ok(self.store.run(delete).await?.deleted_count == 1)
    }

    /// The registration of `user_id`, expired or not, unless it is becoming an account.
    pub async fn find(&self, user_id: &UserId) -> Result<Option<PendingUser>> {
        let find = self.rows.find_one(idle(user_id));
        self.store.one(find).await
    }

    /// Deletes a registration, unless it is becoming an account. `false` if it is, or if it does not exist.
    pub async fn delete_idle(&self, user_id: &UserId) -> Result<bool> {
        let delete = self.rows.delete_one(idle(user_id));
        Ok(self.store.run(delete).await?.deleted_count == 1)
    }

    /// Notes that a registration has a new mail with a code, unless there is a newer one. The outcome of the older mail
    /// is then no longer noted.
    pub async fn begin_mail(&self, user_id: &UserId, mail: &CodeMail) -> Result<()> {
        // The condition is also true for a registration without a mail.
        let not_newer = doc! { "$not": { "$gt": date(mail.since) } };
        let filter = doc! { "_id": user_id.as_str(), "mail.since": not_newer };
        let update = self
            .rows
            .update_one(filter, doc! { "$set": { "mail": document(mail)? } });
        self.store.run(update).await.map(drop)
    }

    /// Notes the outcome of the mail with this code. "Sent" is final, because two workers may have worked on it one
    /// after the other.
    pub async fn end_mail(
        &self,
        user_id: &UserId,
        otp_id: &str,
        refused: Option<MailReason>,
    ) -> Result<()> {
        let mut filter = doc! { "_id": user_id.as_str(), "mail.otp_id": otp_id };
        let to = if let Some(reason) = refused {
            filter.insert("mail.state", doc! { "$ne": "sent" });
            doc! { "$set": { "mail.state": "refused", "mail.reason": reason.name() } }
        } else {
            doc! { "$set": { "mail.state": "sent" }, "$unset": { "mail.reason": "" } }
        };
        self.store
            .run(self.rows.update_one(filter, to))
            .await
            .map(drop)
    }

    /// Notes that the refused mail with this code is tried again.
    pub async fn retry_mail(&self, user_id: &UserId, otp_id: &str) -> Result<()> {
        let refused = doc! {
            "_id": user_id.as_str(), "mail.otp_id": otp_id, "mail.state": "refused",
        };
        let to = doc! { "$set": { "mail.state": "waiting" }, "$unset": { "mail.reason": "" } };
        let update = self.rows.update_one(refused, to);
        self.store.run(update).await.map(drop)
    }

    /// A page of the registrations that match `filter` at `now`, newest first, with or without the `private` fields.
    pub async fn list(
        &self,
        filter: &PendingFilter,
        private: bool,
        page: &Page,
        now: Timestamp,
    ) -> Result<Listed<PendingSummary>> {
        let hidden = if private {
            &[][..]
        } else {
            &PendingSummary::PRIVATE
        };
        let own = PendingSummary::LISTED.into_iter();
        let fields: Vec<&str> = own.chain(Person::fields_without(hidden)).collect();
        let list = List {
            rows: self.rows.clone_with_type(),
            order: Order {
                time: "created_at",
                id: "user_id",
            },
            fields: &fields,
        };
        let mut condition = condition(filter);
        if !filter.include_expired {
            condition.extend(live(now));
        }
        self.store.page(&list, &condition, page).await
    }
}

fn idle(user_id: &UserId) -> Document {
    let mut idle = ours();
    idle.extend(doc! { "_id": user_id.as_str(), "activating_since": { "$exists": false } });
    idle
}

/// The conditions of `filter`, without the time. Registrations that are becoming accounts are no longer pending.
pub(crate) fn condition(filter: &PendingFilter) -> Document {
    let PendingFilter {
        email,
        role,
        include_expired: _,
    } = filter;
    let mut condition = ours();
    condition.insert("activating_since", doc! { "$exists": false });
    if let Some(role) = role {
        condition.insert("user_type", role.name());
    }
    if let Some(email) = email {
        let text = has_text(email.as_str());
        condition.insert(
            "$or",
            [
                doc! { "email": text.clone() },
                doc! { "email_display": text },
            ],
        );
    }
    condition
}

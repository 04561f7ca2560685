//! What changes of one's own account write to it. Each is one conditional update that names the row it belongs to, so a
//! delayed repetition cannot make it twice: not even after it was undone or called off.

use bson::{Document, doc};

use crate::{
    accounts::{
        documents::{Status, User},
        store::accounts::{Accounts, closing, read},
    },
    factors::rules::account_factors::Factor,
    own_account::{
        documents::{AccountDeletion, EmailChange, EmailUndo},
        rules::kept_factors::Kept,
    },
    profile,
};
use kernel::{clock::Timestamp, ids::UserId, role::Role, stored::date};
use store::Result;

/// The last change of the address that was made.
const CHANGED: &str = "email_change";
/// The last change of the address that was undone.
const UNDONE: &str = "email_undo";
/// The deletion that the owner confirmed and can still call off.
const DELETION: &str = "deletion";
/// When it is due.
const DELETES_AT: &str = "deletes_at";
/// The last deletion that the owner confirmed, called off or not.
const LAST_DELETION: &str = "last_deletion";

/// An account that its owner uses.
fn in_use() -> Document {
    doc! { "status": { "$ne": Status::Disabled.name() }, "deleting_since": { "$exists": false } }
}

/// Has the rest of the program follow the new address, if the account is a patient's.
fn follow(set: &mut Document, user_id: &UserId, id: &str) {
    if user_id.role_hint().is_none_or(|role| role == Role::Patient) {
        set.insert(profile::store::CHANGED, id);
    }
}

impl Accounts<'_> {
    /// Gives an account its new address, if it has the old one and its owner may use it. `None` otherwise, or if this
    /// change was made before.
    ///
    /// # Errors
    /// `Duplicate` if another account of the collection has the address.
    pub async fn change_email(&self, change: &EmailChange, now: Timestamp) -> Result<Option<User>> {
        let mut condition = in_use();
        condition.insert("email", &change.old_email);
        condition.insert(CHANGED, doc! { "$ne": &change.proof.proof_id });
        let mut set = doc! {
            "email": &change.new_email, "email_display": &change.new_display,
            "updated_at": date(now), CHANGED: &change.proof.proof_id,
        };
        follow(&mut set, &change.user_id, &change.proof.proof_id);
        let to = doc! { "$set": set };
        self.change_searched(&change.user_id, condition, to).await
    }

    /// Whether this change of the address was the last one that was made.
    pub async fn has_changed_email(&self, change: &EmailChange) -> Result<bool> {
        self.names_row(&change.user_id, CHANGED, &change.proof.proof_id)
            .await
    }

    /// Restores the address of before a change, removes the password, and leaves only the factors `kept`. `None` if the
    /// factors are not those of `user` any more, if this was done before, or if the account waits for its deletion or is
    /// being deleted.
    pub async fn restore_email(
        &self,
        user: &User,
        undo: &EmailUndo,
        kept: &Kept,
        now: Timestamp,
    ) -> Result<Option<User>> {
        let condition = doc! {
            "factors_epoch": user.factors.unchanged(),
            DELETION: { "$exists": false },
            "deleting_since": { "$exists": false },
            UNDONE: { "$ne": &undo.proof.proof_id },
        };
        let mut set = doc! {
            "email": &undo.old_email, "email_display": &undo.old_display,
            "updated_at": date(now), UNDONE: &undo.proof.proof_id,
            "factors_epoch": user.factors.next_epoch(),
        };
        follow(&mut set, &undo.user_id, &undo.proof.proof_id);
        let mut unset = doc! { "password_hash": "" };
        if kept.factors.is_empty() {
            unset.insert("factors", "");
        } else {
            let names: Vec<_> = kept.factors.iter().map(Factor::to_string).collect();
            set.insert("factors", names);
        }
        if let Some(batch) = &kept.recovery_batch {
            set.insert("recovery_batch", batch);
        } else {
            unset.insert("recovery_batch", "");
        }
        let to = doc! { "$set": set, "$unset": unset };
        self.change_searched(&user.user_id, condition, to).await
    }

    /// Whether this undo was the last one that was made.
    pub async fn has_restored_email(&self, undo: &EmailUndo) -> Result<bool> {
        self.names_row(&undo.user_id, UNDONE, &undo.proof.proof_id)
            .await
    }

    /// Closes an account for the deletion that its owner confirmed. `None` if its owner may not use it any more, if the
    /// address or the role is another one now, or if this was done before.
    pub async fn close_for_deletion(
        &self,
        deletion: &AccountDeletion,
        due_at: Timestamp,
        now: Timestamp,
    ) -> Result<Option<User>> {
        let mut condition = in_use();
        condition.insert("email", &deletion.email);
        condition.insert("user_type", deletion.user_type.name());
        condition.insert(LAST_DELETION, doc! { "$ne": &deletion.proof.proof_id });
        let to = doc! { "$set": {
            "status": Status::Disabled.name(), "updated_at": date(now), DELETES_AT: date(due_at),
            DELETION: &deletion.proof.proof_id, LAST_DELETION: &deletion.proof.proof_id,
        } };
        self.change(&deletion.id, condition, to).await
    }

    /// Whether an account waits for this deletion.
    pub async fn waits_for_deletion(&self, deletion: &AccountDeletion) -> Result<bool> {
        self.names_row(&deletion.id, DELETION, &deletion.proof.proof_id)
            .await
    }

    /// Opens an account again whose owner calls this deletion off, or any without one. `None` if it does not wait for it
    /// any more: it is being deleted, or an administrator has decided about it.
    pub async fn call_deletion_off(
        &self,
        user_id: &UserId,
        deletion: Option<&AccountDeletion>,
        now: Timestamp,
    ) -> Result<Option<User>> {
        let any = doc! { "$exists": true };
        let this = deletion.map_or(any, |this| doc! { "$eq": &this.proof.proof_id });
        let condition = doc! { DELETION: this, "deleting_since": { "$exists": false } };
        let to = doc! {
            "$set": { "status": Status::Active.name(), "updated_at": date(now) },
            "$unset": { DELETION: "", DELETES_AT: "" },
        };
        self.change(user_id, condition, to).await
    }

    /// [`Accounts::close`] for a deletion that is due. `false` if it was called off, or if an administrator has decided
    /// about the account.
    pub async fn close_due(&self, deletion: &AccountDeletion, now: Timestamp) -> Result<bool> {
        let condition = doc! { DELETION: &deletion.proof.proof_id };
        let closed = self.change(&deletion.id, condition, closing(&deletion.id, now));
        Ok(closed.await?.is_some())
    }

    async fn names_row(&self, user_id: &UserId, field: &str, proof_id: &str) -> Result<bool> {
        let found = self.find_row(user_id).await?;
        Ok(found.is_some_and(|(row, _)| row.get_str(field).ok() == Some(proof_id)))
    }

    async fn change_searched(
        &self,
        user_id: &UserId,
        condition: Document,
        to: Document,
    ) -> Result<Option<User>> {
        let Some((row, collection)) = self.change_row(user_id, condition, to).await? else {
            return Ok(None);
        };
        let user = read(row.clone(), collection)?;
        self.write_with_terms(&row, &user, collection, doc! {})
            .await?;
        Ok(Some(user))
    }
}

//! `patients_v2`, `doctor_v2`, `staff_v2`: the accounts.

use bson::{Bson, Document, doc};
use mongodb::{Collection, options::ReturnDocument};

use crate::{
    accounts::{
        documents::{Status, User},
        rules::changes::{ReviewedLicense, StatusChange},
    },
    admin::{rules::search::terms_of, store::user_list::SEARCH},
    legacy::account::{spellings, todays_form},
    store::Store,
};
use kernel::{
    clock::Timestamp, ids::UserId, profile::LicenseNumber, role::Role, secret_hash::PasswordHash,
    stored::date,
};
use store::{Result, StoreError, document};

/// The three collections of accounts.
#[derive(Debug)]
pub struct Accounts<'a>(pub(crate) &'a Store);

impl Store {
    /// The accounts.
    #[must_use]
    pub fn accounts(&self) -> Accounts<'_> {
        Accounts(self)
    }
}

/// The collections of accounts, each named by a role, which a document without a role gets.
pub(crate) const ACCOUNT_COLLECTIONS: [Role; 3] = [Role::Patient, Role::Doctor, Role::Staff];

impl Accounts<'_> {
    /// The collection of the accounts with `role`.
    pub(crate) fn collection_of(&self, role: Role) -> Collection<Document> {
        let names = &self.0.names.collections;
        self.0.rows(match role {
            Role::Patient => &names.patients,
            Role::Doctor => &names.doctors,
            Role::Staff | Role::Admin => &names.staff,
        })
    }

    /// The collections where `user_id` can be: one, or all if the id does not show its role.
    pub(crate) fn collections_of(user_id: &UserId) -> Vec<Role> {
        user_id
            .role_hint()
            .map_or_else(|| ACCOUNT_COLLECTIONS.to_vec(), |role| vec![role])
    }

    /// The account `user_id`.
    pub async fn find_by_user_id(&self, user_id: &UserId) -> Result<Option<User>> {
        let found = self.find_row(user_id).await?;
        found
            .map(|(row, collection)| read(row, collection))
            .transpose()
    }

    /// The document of `user_id`, and its collection.
    pub(crate) async fn find_row(&self, user_id: &UserId) -> Result<Option<(Document, Role)>> {
        for role in Self::collections_of(user_id) {
            let collection = self.collection_of(role);
            let find = collection.find_one(doc! { "user_id": user_id.as_str() });
            if let Some(row) = self.0.run(find).await? {
                return Ok(Some((row, role)));
            }
        }
        Ok(None)
    }

    /// Inserts a new account with its fixed `_id`. A repetition changes nothing (REG-4). `false` if it was there
    /// already.
    ///
    /// # Errors
    /// `Duplicate` if another account has the address, the username or the id.
    pub async fn insert(&self, user: &User) -> Result<bool> {
        let mut row = document(user)?;
        let id = row.remove("_id").unwrap_or(Bson::Null);
        row.insert(SEARCH, terms_of(user));
        let collection = self.collection_of(user.user_type);
        let upsert = collection
            .update_one(doc! { "_id": id.clone() }, doc! { "$setOnInsert": row })
            .upsert(true);
        match self.0.run(upsert).await {
            Err(StoreError::Duplicate) => {
                // Two upserts of one `_id` at the same moment: the other one inserted the same document.
                let find = collection.find_one(doc! { "_id": id });
                let found = self.0.run(find).await?;
                found.map(|_| false).ok_or(StoreError::Duplicate)
            }
            other => Ok(other?.upserted_id.is_some()),
        }
    }

    /// Replaces the hash `old` by `new`; `false` if the hash is not `old` any more (HASH-2). `changed_at` is the time
    /// at which the owner chose another password; `None` if `new` is a new hash of the same password.
    pub async fn rehash(
        &self,
        user_id: &UserId,
        old: &PasswordHash,
        new: &PasswordHash,
        changed_at: Option<Timestamp>,
    ) -> Result<bool> {
        let condition = doc! { "user_id": user_id.as_str(), "password_hash": old.expose() };
        let mut set = doc! { "password_hash": new.expose() };
        if let Some(at) = changed_at {
            set.insert("updated_at", date(at));
        }
        self.update(user_id, condition, doc! { "$set": set }).await
    }

    /// Sets a new password. An invited account becomes active by it. `false` if the account does not exist, or if an
    /// administrator has disabled it meanwhile.
    pub async fn set_password(
        &self,
        user: &User,
        new: &PasswordHash,
        now: Timestamp,
    ) -> Result<bool> {
        let mut set = doc! { "password_hash": new.expose(), "updated_at": date(now) };
        if user.status == Status::Invited {
            set.insert("status", Status::Active.name());
            set.insert("is_verified", true);
        }
        let still =
            doc! { "user_id": user.user_id.as_str(), "status": { "$ne": Status::Disabled.name() } };
        self.update(&user.user_id, still, doc! { "$set": set })
            .await
    }

    /// Corrects the upper bound of an account's sessions. If another login was counted since `counted`, it changes
    /// nothing: that login corrects it.
    pub async fn count_sessions(&self, user_id: &UserId, counted: i64, live: i64) -> Result<()> {
        let condition = doc! { "user_id": user_id.as_str(), "sessions_at_most": counted };
        let to = doc! { "$set": { "sessions_at_most": live } };
        self.update(user_id, condition, to).await.map(drop)
    }

    /// Changes the status of an account that still is as `user` was read, and returns the account. `None` if it is an
    /// administrator's and `may_be_admin` is false, if it got its first password or another license number meanwhile,
    /// or if it is deleted or being deleted.
    pub async fn change_status(
        &self,
        user: &User,
        change: &StatusChange,
        may_be_admin: bool,
        now: Timestamp,
    ) -> Result<Option<User>> {
        let StatusChange {
            enabled,
            role,
            approved,
            seen_license,
        } = change;
        let mut condition = unless_admin(may_be_admin);
        condition.insert("deleting_since", doc! { "$exists": false });
        let mut set = doc! { "updated_at": date(now) };
        if seen_license != &ReviewedLicense::NotGiven {
            let license = user.person.fields.license_number.as_ref();
            let license = license.map(LicenseNumber::as_str);
            condition.insert("license_number", doc! { "$in": spellings(license) });
        }
        let mut unset = Document::new();
        if let Some(enabled) = *enabled {
            let status = match (enabled, &user.password_hash) {
                (false, _) => Status::Disabled,
                (true, Some(_)) => Status::Active,
                (true, None) => Status::Invited,
            };
            set.insert("status", status.name());
            // An administrator's decision ends the deletion that the owner asked for (SELF-8).
            unset.insert("deletion", "");
            unset.insert("deletes_at", "");
            if enabled {
                // From now on `status` alone decides, so the older service's flag is removed (LEG-1).
                unset.insert("is_active", "");
            }
            if status == Status::Active {
                set.insert("is_verified", true);
            }
            let text = doc! { "$type": "string" };
            let password = if user.password_hash.is_some() {
                text
            } else {
                doc! { "$not": text }
            };
            condition.insert("password_hash", password);
        }
        if let Some(role) = role {
            set.insert("user_type", role.name());
        }
        if let Some(approved) = *approved {
            set.insert("approved", approved);
        }
        let mut to = doc! { "$set": set };
        if !unset.is_empty() {
            to.insert("$unset", unset);
        }
        self.change(&user.user_id, condition, to).await
    }

    /// Closes an account that is about to be deleted, and removes its names, which others may want, and its password.
    /// `false` if it does not exist, or if it is an administrator's and `may_be_admin` is false.
    pub async fn close(
        &self,
        user_id: &UserId,
        may_be_admin: bool,
        now: Timestamp,
    ) -> Result<bool> {
        let to = closing(user_id, now);
        let closed = self.change(user_id, unless_admin(may_be_admin), to);
        Ok(closed.await?.is_some())
    }

    /// Whether the account exists and is not closed.
    pub async fn is_open(&self, user_id: &UserId) -> Result<bool> {
        let found = self.find_row(user_id).await?;
        Ok(found.is_some_and(|(row, _)| !row.contains_key("deleting_since")))
    }

    /// Deletes an account that was closed.
    pub async fn delete_closed(&self, user_id: &UserId) -> Result<()> {
        for role in Self::collections_of(user_id) {
            let closed =
                doc! { "user_id": user_id.as_str(), "deleting_since": { "$exists": true } };
            let collection = self.collection_of(role);
            self.0.run(collection.delete_one(closed)).await?;
        }
        Ok(())
    }

    /// One conditional update of one account; returns the account after it.
    pub(crate) async fn change(
        &self,
        user_id: &UserId,
        condition: Document,
        to: Document,
    ) -> Result<Option<User>> {
        let changed = self.change_row(user_id, condition, to).await?;
        changed
            .map(|(row, collection)| read(row, collection))
            .transpose()
    }

    /// [`Accounts::change`] that returns the document and its collection.
    pub(crate) async fn change_row(
        &self,
        user_id: &UserId,
        condition: Document,
        to: Document,
    ) -> Result<Option<(Document, Role)>> {
        for role in Self::collections_of(user_id) {
            let mut filter = doc! { "user_id": user_id.as_str() };
            filter.extend(condition.clone());
            let collection = self.collection_of(role);
            let update = collection
                .find_one_and_update(filter, to.clone())
                .return_document(ReturnDocument::After);
            if let Some(row) = self.0.run(update).await? {
                return Ok(Some((row, role)));
            }
        }
        Ok(None)
    }

    async fn update(&self, user_id: &UserId, filter: Document, to: Document) -> Result<bool> {
        for role in Self::collections_of(user_id) {
            let collection = self.collection_of(role);
            let update = collection.update_one(filter.clone(), to.clone());
            if self.0.run(update).await?.matched_count == 1 {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The update that closes an account which is about to be deleted.
pub(crate) fn closing(user_id: &UserId, now: Timestamp) -> Document {
    doc! {
        "$set": {
            "status": Status::Disabled.name(),
            "deleting_since": date(now),
            // The unique index must not refuse the next registration with the address.
            "email": format!("deleted:{user_id}"),
        },
        "$unset": { "username": "", "email_display": "", "password_hash": "", SEARCH: "" },
    }
}

/// The condition that the account is not an administrator's. It is empty if administrators are allowed.
fn unless_admin(may_be_admin: bool) -> Document {
    if may_be_admin {
        Document::new()
    } else {
        doc! { "user_type": { "$ne": Role::Admin.name() } }
    }
}

/// Reads the document as an account. One of the older service is read in today's form (DB-6). The search terms are not
/// read.
pub(crate) fn read(mut row: Document, collection: Role) -> Result<User> {
    row.remove(SEARCH);
    bson::deserialize_from_document(todays_form(row, collection))
        .map_err(|_| StoreError::Corrupt("account with unexpected field types".into()))
}

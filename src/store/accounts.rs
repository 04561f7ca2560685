//! `patients_v2`, `doctor_v2`, `staff_v2`: the accounts.

use bson::{Bson, Document, doc};
use mongodb::{Collection, options::ReturnDocument};

use super::{Result, Store, StoreError, user_list::SEARCH};
use crate::{
    clock::Timestamp,
    domain::{
        account_changes::{Seen, StatusChange},
        ids::UserId,
        role::Role,
        search::terms_of,
        secret_hash::PasswordHash,
        stored::date,
        user::{Status, User},
    },
};

/// The three collections of accounts.
#[derive(Debug)]
pub struct Accounts<'a>(pub(super) &'a Store);

impl Store {
    /// The accounts.
    #[must_use]
    pub fn accounts(&self) -> Accounts<'_> {
        Accounts(self)
    }
}

/// A collection of accounts, and the role that a document without one has.
pub(super) const ACCOUNT_COLLECTIONS: [Role; 3] = [Role::Patient, Role::Doctor, Role::Staff];

impl Accounts<'_> {
    /// The collection that holds accounts of `role`.
    pub(super) fn home(&self, role: Role) -> Collection<Document> {
        let names = &self.0.names.collections;
        self.0.rows(match role {
            Role::Patient => &names.patients,
            Role::Doctor => &names.doctors,
            Role::Staff | Role::Admin => &names.staff,
        })
    }

    /// The collections where `user_id` can be: one, unless its shape says nothing.
    pub(super) fn homes(user_id: &UserId) -> Vec<Role> {
        user_id
            .role_hint()
            .map_or_else(|| ACCOUNT_COLLECTIONS.to_vec(), |role| vec![role])
    }

    /// The account `user_id`.
    ///
    /// # Errors
    /// The database does not answer, or the document is not an account.
    pub async fn find_by_user_id(&self, user_id: &UserId) -> Result<Option<User>> {
        let found = self.find_row(user_id).await?;
        found.map(|(row, home)| read(row, home)).transpose()
    }

    /// The document of `user_id`, and where it is.
    pub(super) async fn find_row(&self, user_id: &UserId) -> Result<Option<(Document, Role)>> {
        for role in Self::homes(user_id) {
            let home = self.home(role);
            let find = home.find_one(doc! { "user_id": user_id.as_str() });
            if let Some(row) = self.0.run(find).await? {
                return Ok(Some((row, role)));
            }
        }
        Ok(None)
    }

    /// Writes a new account under its fixed `_id`; repeating it changes nothing (REG-4). False: it was there.
    ///
    /// # Errors
    /// The database does not answer; `Duplicate`: another account has the address, username or id.
    pub async fn insert(&self, user: &User) -> Result<bool> {
        let mut row = bson::serialize_to_document(user)
            .map_err(|_| StoreError::Corrupt("account cannot be written".into()))?;
        let id = row.remove("_id").unwrap_or(Bson::Null);
        row.insert(SEARCH, terms_of(user));
        let home = self.home(user.user_type);
        let upsert = home
            .update_one(doc! { "_id": id.clone() }, doc! { "$setOnInsert": row })
            .upsert(true);
        match self.0.run(upsert).await {
            Err(StoreError::Duplicate) => {
                // Two upserts of one `_id` at the same moment: the other one wrote the same document.
                let find = home.find_one(doc! { "_id": id });
                let found = self.0.run(find).await?;
                found.map(|_| false).ok_or(StoreError::Duplicate)
            }
            other => Ok(other?.upserted_id.is_some()),
        }
    }

    /// Replaces the hash `old` by `new`; false: it is not `old` any more (HASH-2). `changed_at` is when the owner chose
    /// another password; `None`: it is a new hash of the same one.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn rehash(
        &self,
        user_id: &UserId,
        old: &PasswordHash,
        new: &PasswordHash,
        changed_at: Option<Timestamp>,
    ) -> Result<bool> {
        let mine = doc! { "user_id": user_id.as_str(), "password_hash": old.expose() };
        let mut set = doc! { "password_hash": new.expose() };
        if let Some(at) = changed_at {
            set.insert("updated_at", date(at));
        }
        self.update(user_id, mine, doc! { "$set": set }).await
    }

    /// Sets a new password; an invited account becomes active by it. False: no such account, or an administrator
    /// disabled it meanwhile.
    ///
    /// # Errors
    /// The database does not answer.
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

    /// Corrects how many sessions an account has at most, unless another login was counted since `counted`: that one
    /// corrects it then.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn count_sessions(&self, user_id: &UserId, counted: i64, live: i64) -> Result<()> {
        let mine = doc! { "user_id": user_id.as_str(), "sessions_at_most": counted };
        let to = doc! { "$set": { "sessions_at_most": live } };
        self.update(user_id, mine, to).await.map(drop)
    }

    /// Changes the standing of an account that is as `user` was read; the account as it is then. None: it is an
    /// administrator's although `may_be_admin` is false, it got its first password or another licence than was seen, or it
    /// is gone or going.
    ///
    /// # Errors
    /// The database does not answer.
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
        if seen_license != &Seen::Nothing {
            let license = user.fields.license_number.as_deref();
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
            if enabled {
                // What the older service closed it with says no more than `status` from here on (LEG-1).
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

    /// Closes an account that is about to be deleted, and takes from it what others may want to have or what logs in.
    /// False: it is gone, or an administrator's although `may_be_admin` is false.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn close(
        &self,
        user_id: &UserId,
        may_be_admin: bool,
        now: Timestamp,
    ) -> Result<bool> {
        let to = doc! {
            "$set": {
                "status": Status::Disabled.name(),
                "deleting_since": date(now),
                // The unique index must not stand in the way of whoever registers with the address next.
                "email": format!("deleted:{user_id}"),
            },
            "$unset": { "username": "", "email_display": "", "password_hash": "", SEARCH: "" },
        };
        let closed = self.change(user_id, unless_admin(may_be_admin), to);
        Ok(closed.await?.is_some())
    }

    /// Whether the account is there and was not closed.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn is_open(&self, user_id: &UserId) -> Result<bool> {
        for role in Self::homes(user_id) {
            let open = doc! { "user_id": user_id.as_str(), "deleting_since": { "$exists": false } };
            if self.0.run(self.home(role).find_one(open)).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Removes an account that was closed.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn delete_closed(&self, user_id: &UserId) -> Result<()> {
        for role in Self::homes(user_id) {
            let closed =
                doc! { "user_id": user_id.as_str(), "deleting_since": { "$exists": true } };
            let home = self.home(role);
            self.0.run(home.delete_one(closed)).await?;
        }
        Ok(())
    }

    /// One conditional update of one account, and the account after it.
    pub(super) async fn change(
        &self,
        user_id: &UserId,
        condition: Document,
        to: Document,
    ) -> Result<Option<User>> {
        let changed = self.change_row(user_id, condition, to).await?;
        changed.map(|(row, home)| read(row, home)).transpose()
    }

    /// The same, with the document itself and where it is.
    pub(super) async fn change_row(
        &self,
        user_id: &UserId,
        condition: Document,
        to: Document,
    ) -> Result<Option<(Document, Role)>> {
        for role in Self::homes(user_id) {
            let mut filter = doc! { "user_id": user_id.as_str() };
            filter.extend(condition.clone());
            let home = self.home(role);
            let update = home
                .find_one_and_update(filter, to.clone())
                .return_document(ReturnDocument::After);
            if let Some(row) = self.0.run(update).await? {
                return Ok(Some((row, role)));
            }
        }
        Ok(None)
    }

    async fn update(&self, user_id: &UserId, filter: Document, to: Document) -> Result<bool> {
        for role in Self::homes(user_id) {
            let home = self.home(role);
            let update = home.update_one(filter.clone(), to.clone());
            if self.0.run(update).await?.matched_count == 1 {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// What can stand in a document where `text` is read: the older service wrote some numbers as numbers, and nothing in
/// several ways.
fn spellings(text: Option<&str>) -> Vec<Bson> {
    let Some(text) = text else {
        return vec![Bson::Null, "".into()];
    };
    let mut spellings = vec![text.into()];
    spellings.extend(text.parse::<i64>().map(Bson::from));
    spellings.extend(text.parse::<f64>().map(Bson::from));
    spellings
}

/// Not an administrator's, unless it may be.
fn unless_admin(may_be_admin: bool) -> Document {
    if may_be_admin {
        Document::new()
    } else {
        doc! { "user_type": { "$ne": Role::Admin.name() } }
    }
}

/// The document as an account, in the state that its fields come to (LEG-1). Its collection decides its role, whatever
/// word the older service wrote there; among the staff, an administrator is an account with exactly that word.
pub(super) fn read(mut row: Document, home: Role) -> Result<User> {
    let is_admin = row
        .get_str("user_type")
        .is_ok_and(|word| word == Role::Admin.name());
    let role = match home {
        Role::Patient | Role::Doctor => home,
        Role::Staff | Role::Admin if is_admin => Role::Admin,
        Role::Staff | Role::Admin => Role::Staff,
    };
    row.insert("user_type", role.name());
    row.insert("status", Status::of(&row).name());
    bson::deserialize_from_document(row)
        .map_err(|_| StoreError::Corrupt("account with unexpected field types".into()))
}

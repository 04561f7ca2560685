//! Changes that owners make to their accounts, and their effect on a doctor's approval (ADM-6).

use bson::{Bson, Document, doc};
use serde::Deserialize;

use crate::{
    accounts::{
        documents::User,
        rules::changes::ProfileChange,
        store::accounts::{Accounts, read},
    },
    legacy::account::spellings,
};
use kernel::{clock::Timestamp, ids::UserId, role::Role, stored::date};
use store::{Result, StoreError, document};
use uuid::Uuid;

/// An account after a change by its owner.
#[derive(Debug)]
pub struct ChangedProfile {
    /// The account.
    pub user: User,
    /// Whether the change withdrew a doctor's approval.
    pub approval_withdrawn: bool,
}

/// The field of a patient's account that says that the names, the address or the telephone number have changed, and that the
/// rest of the program has not followed yet. It is set by the update that changes them, and has another value each time.
pub const CHANGED: &str = "changed";

/// Accounts that [`Accounts::list_changed`] gives at most.
const BATCH: i64 = 100;

/// A patient's account whose change the rest of the program has not followed yet.
#[derive(Debug, Deserialize)]
pub struct ChangedPerson {
    /// The account.
    pub user_id: UserId,
    changed: String,
}

/// How often a change is tried while other requests change the same account.
const TRIES: usize = 8;

impl Accounts<'_> {
    /// Changes a profile; `id` is that of the change. If a field changes that an administrator has checked, the doctor's approval is withdrawn; a
    /// field that is sent with its old value does not count (ADM-6). `None` if the account does not exist.
    ///
    /// # Errors
    /// An error as well if other requests keep changing the account.
    pub async fn change_profile(
        &self,
        (user_id, role): (&UserId, Role),
        (change, id): (&ProfileChange, Uuid),
        now: Timestamp,
    ) -> Result<Option<ChangedProfile>> {
        let mut set = doc! { "updated_at": date(now) };
        if role == Role::Patient && change.is_of_person() {
            set.insert(CHANGED, id.to_string());
        }
        let mut unset = Document::new();
        for (field, value) in document(change)? {
            match value {
                Bson::Null => unset.insert(field, ""),
                value => set.insert(field, value),
            };
        }
        let to = |set: Document| {
            if unset.is_empty() {
                doc! { "$set": set }
            } else {
                doc! { "$set": set, "$unset": unset.clone() }
            }
        };
        let mut unapproved = set.clone();
        unapproved.insert("approved", false);
        let not_yet: [Bson; 2] = [false.into(), Bson::Null];
        let (same, other) = reviewed(document(&change.reviewed)?);
        for _ in 0..TRIES {
            let steps = if other.is_empty() || role != Role::Doctor {
                vec![(doc! {}, &set, false)]
            } else {
                let approved =
                    doc! { "$or": other.clone(), "approved": { "$nin": not_yet.to_vec() } };
                let waiting =
                    doc! { "$or": other.clone(), "approved": { "$in": not_yet.to_vec() } };
                vec![
                    (approved, &unapproved, true),
                    (waiting, &unapproved, false),
                    (same.clone(), &set, false),
                ]
            };
            let is_plain = steps.len() == 1;
            for (condition, set, approval_withdrawn) in steps {
                if let Some((row, collection)) =
                    self.change_row(user_id, condition, to(set.clone())).await?
                {
                    let user = read(row.clone(), collection)?;
                    self.write_with_terms(&row, &user, collection, doc! {})
                        .await?;
                    return Ok(Some(ChangedProfile {
                        user,
                        approval_withdrawn,
                    }));
                }
            }
            if is_plain || self.find_row(user_id).await?.is_none() {
                return Ok(None);
            }
        }
        Err(StoreError::Unavailable("the account keeps changing".into()))
    }

    /// Notes that the rest of the program has to follow a patient's account; `id` is that of the change.
    pub async fn mark_changed(&self, user_id: &UserId, id: Uuid) -> Result<()> {
        let one = doc! { "user_id": user_id.as_str() };
        let update = doc! { "$set": { CHANGED: id.to_string() } };
        let rows = self.collection_of(Role::Patient);
        self.0.run(rows.update_one(one, update)).await.map(drop)
    }

    /// Patients whose names, address or telephone number have changed, and nobody has followed yet; some of them.
    pub async fn list_changed(&self) -> Result<Vec<ChangedPerson>> {
        let rows = self.collection_of(Role::Patient).clone_with_type();
        let find = rows.find(doc! { CHANGED: { "$gt": "" } }).limit(BATCH);
        let find = find.projection(doc! { "_id": 0, "user_id": 1, CHANGED: 1 });
        self.0.all(find.batch_size(100)).await
    }

    /// Notes that the rest of the program has followed a change. A later change stays.
    pub async fn settle(&self, person: &ChangedPerson) -> Result<()> {
        let same = doc! { "user_id": person.user_id.as_str(), CHANGED: &person.changed };
        let update = doc! { "$unset": { CHANGED: "" } };
        let rows = self.collection_of(Role::Patient);
        self.0.run(rows.update_one(same, update)).await.map(drop)
    }
}

/// Two conditions about the fields that an administrator has checked: that none of them changes, and that some do. Both
/// are empty if the change has none of these fields.
fn reviewed(change: Document) -> (Document, Vec<Document>) {
    let mut same = Document::new();
    let mut other = Vec::new();
    for (field, value) in change {
        let spellings = spellings(value.as_str());
        other.push(doc! { field.clone(): { "$nin": spellings.clone() } });
        same.insert(field, doc! { "$in": spellings });
    }
    (same, other)
}

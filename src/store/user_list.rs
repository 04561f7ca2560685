//! Accounts in a list: three collections in one order, and how many there are.

use bson::{Bson, Document, doc};
use futures_util::future::try_join_all;

use super::{
    Result,
    accounts::{Accounts, HOMES, read},
    listing::{List, Order, begins_with, is_text, keyed, readable},
};
use crate::domain::{
    filter::{SearchText, UserFilter},
    page::{Key, Listed, Page},
    role::Role,
    user::{OLDER_FLAGS, Status, User, WORDS_FOR_IN_USE},
};

const ORDER: Order = Order {
    time: "created_at",
    id: "user_id",
};

/// What is read of an account (ADM-4): never the hash of its password.
const FIELDS: &[&str] = &[
    "_id",
    "user_id",
    "username",
    "email",
    "email_display",
    "user_type",
    "first_name",
    "last_name",
    "date_of_birth",
    "specialization",
    "license_number",
    "language",
    "approved",
    "is_verified",
    "is_active",
    "status",
    "created_at",
    "updated_at",
    "last_login_at",
];
/// What is read besides where it is needed (ADM-5).
const PRIVATE_FIELDS: &[&str] = &["is_pregnant", "mobile"];

/// How many accounts there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Total {
    /// So many, or at least so many.
    pub count: u64,
    /// Counting stopped there.
    pub is_estimate: bool,
}

impl Accounts<'_> {
    /// A page of the accounts that `filter` lets through, newest first; with what is `private` or without.
    ///
    /// # Errors
    /// The database does not answer, or not in time.
    pub async fn list(
        &self,
        filter: &UserFilter,
        private: bool,
        page: &Page,
    ) -> Result<Listed<User>> {
        let after = page.after.as_ref();
        let fields: Vec<&str> = if private {
            [FIELDS, PRIVATE_FIELDS].concat()
        } else {
            FIELDS.to_vec()
        };
        let mut rows = Vec::new();
        if after.is_none_or(|key| key.at.is_some()) {
            let part = ORDER.dated(after);
            rows = self.part(filter, &fields, part, page.wanted()).await?;
        }
        if rows.len() < page.wanted() {
            let missing = page.wanted() - rows.len();
            let part = ORDER.undated(after);
            rows.extend(self.part(filter, &fields, part, missing).await?);
        }
        Ok(readable(page.cut(rows)))
    }

    /// The first `wanted` rows of a part of the list, from all collections that can have some.
    async fn part(
        &self,
        filter: &UserFilter,
        fields: &[&str],
        part: (Document, Document),
        wanted: usize,
    ) -> Result<Vec<(Key, Option<User>)>> {
        let condition = condition(filter);
        let reads = homes(filter).map(|home| {
            let (condition, part) = (&condition, part.clone());
            async move {
                let list = List {
                    rows: self.home(home),
                    order: ORDER,
                    fields,
                };
                let rows = self.0.part(&list, condition, part, wanted).await?;
                Ok::<_, super::StoreError>(keyed(rows, ORDER, |row| read(row, home).map_err(drop)))
            }
        });
        let mut rows: Vec<_> = try_join_all(reads).await?.into_iter().flatten().collect();
        rows.sort_by(|(one, _), (other, _)| other.cmp(one));
        rows.truncate(wanted);
        Ok(rows)
    }

    /// How many accounts `filter` lets through, exact up to `limit`.
    ///
    /// # Errors
    /// The database does not answer, or not in time.
    pub async fn count(&self, filter: &UserFilter, limit: u64) -> Result<Total> {
        let condition = condition(filter);
        let counts = homes(filter).map(|home| {
            let (rows, condition) = (self.home(home), condition.clone());
            async move {
                let more = Some(limit + 1);
                self.0.count_up_to(&rows, condition, more).await
            }
        });
        let count: u64 = try_join_all(counts).await?.into_iter().sum();
        Ok(Total {
            count: count.min(limit),
            is_estimate: count > limit,
        })
    }
}

/// The collections that can have such accounts.
fn homes(filter: &UserFilter) -> impl Iterator<Item = Role> {
    let role = match filter.role {
        Some(Role::Admin) => Some(Role::Staff),
        role => role,
    };
    HOMES
        .into_iter()
        .filter(move |home| role.is_none_or(|role| role == *home))
}

fn condition(filter: &UserFilter) -> Document {
    let UserFilter {
        prefix,
        role,
        status,
    } = filter;
    // A document without a user id has no place in the list, and nobody can log in to it.
    let mut condition = doc! { "user_id": { "$type": "string" } };
    match role {
        Some(Role::Admin) => drop(condition.insert("user_type", Role::Admin.name())),
        // A document of the older service may lack its role: what is no administrator is staff.
        Some(Role::Staff) => {
            drop(condition.insert("user_type", doc! { "$ne": Role::Admin.name() }));
        }
        Some(Role::Patient | Role::Doctor) | None => {}
    }
    match status {
        Some(Status::Active) => drop(condition.insert("$and", [in_use()])),
        Some(Status::Invited) => drop(condition.insert("$and", [invited()])),
        // Whatever other word stands there.
        Some(Status::Disabled) => drop(condition.insert("$nor", [in_use(), invited()])),
        None => {}
    }
    if let Some(prefix) = prefix {
        condition.insert("$or", matches(prefix));
    }
    condition
}

/// In use, by the words and flags of [`Status::of`].
pub(super) fn in_use() -> Document {
    let words = format!("{}|{}", Status::Active.name(), WORDS_FOR_IN_USE.join("|"));
    let mut any = is_word(&format!("({words})?"));
    any.push(doc! { "status": Bson::Null });
    let off: Vec<Document> = OLDER_FLAGS.iter().flat_map(|flag| is_off(flag)).collect();
    // A list of words is none.
    doc! { "$or": any, "status.0": { "$exists": false }, "$nor": off }
}

/// Not accepted yet, by the same.
fn invited() -> Document {
    doc! { "$or": is_word(Status::Invited.name()), "$nor": is_off("is_active") }
}

fn is_word(words: &str) -> Vec<Document> {
    vec![doc! { "status": { "$regex": format!(r"^\s*{words}\s*$"), "$options": "i" } }]
}

/// The flag says no, in one of its usual spellings.
fn is_off(flag: &str) -> Vec<Document> {
    let words = doc! { "$regex": r"^\s*(false|no|n|off|0)\s*$", "$options": "i" };
    vec![doc! { flag: false }, doc! { flag: 0 }, doc! { flag: words }]
}

fn matches(prefix: &SearchText) -> Vec<Bson> {
    let begins = begins_with(prefix.as_str());
    let fields = [
        "email",
        "email_display",
        "username",
        "user_id",
        "first_name",
        "last_name",
    ];
    let mut any: Vec<Bson> = fields
        .into_iter()
        .map(|field| doc! { field: begins.clone() }.into())
        .collect();
    let names = prefix.as_names().map(|(first, last)| {
        doc! { "first_name": is_text(first), "last_name": begins_with(last) }.into()
    });
    any.extend(names);
    any
}

//! What a login writes to its account: that it happened, and what a document of the older service lacks (contract.md 2).

use bson::{Bson, Document, doc};

use super::{
    Result, StoreError,
    accounts::{Accounts, read},
};
use crate::{
    clock::Timestamp,
    domain::{
        contact::EmailAddress,
        role::Role,
        stored::date,
        user::{Status, User},
    },
};

/// What the older service did not write, or wrote in other forms.
const COMPLETED: [&str; 14] = [
    "email",
    "email_display",
    "mobile",
    "user_type",
    "first_name",
    "last_name",
    "is_pregnant",
    "date_of_birth",
    "specialization",
    "license_number",
    "is_verified",
    "status",
    "created_at",
    "updated_at",
];

impl Accounts<'_> {
    /// Notes a login and counts its session; a document that lacks something is completed, which it takes once. An
    /// account whose sessions nobody counted yet has more than `cap` from here on. The account as it is then; none: it
    /// may not log in any more.
    ///
    /// # Errors
    /// The database does not answer, or the document is not an account.
    pub async fn note_login(&self, user: &User, cap: u32, now: Timestamp) -> Result<Option<User>> {
        let sessions = match user.sessions_at_most {
            Some(_) => 1,
            None => i64::from(cap) + 1,
        };
        // Not after what an administrator has done since `user` was read.
        let mut mine = doc! { "status": { "$ne": Status::Disabled.name() } };
        match user.user_type {
            Role::Patient | Role::Doctor => None,
            Role::Staff => mine.insert("user_type", doc! { "$ne": Role::Admin.name() }),
            Role::Admin => mine.insert("user_type", Role::Admin.name()),
        };
        let to = doc! {
            "$set": { "last_login_at": date(now) }, "$inc": { "sessions_at_most": sessions },
        };
        let noted = self.change_row(&user.user_id, mine, to).await?;
        let Some((row, home)) = noted else {
            return Ok(None);
        };
        let current = read(row.clone(), home)?;
        self.complete(&row, &current, now).await?;
        Ok(Some(current))
    }

    /// Writes what the document `row` of `user` lacks, or has in another form than the service writes. Nothing is
    /// written where somebody changed one of these fields meanwhile: the next login looks again.
    async fn complete(&self, row: &Document, user: &User, now: Timestamp) -> Result<()> {
        let mut whole = as_written_now(user, now)?;
        let mut as_read = doc! { "user_id": user.user_id.as_str() };
        let mut set = Document::new();
        for field in COMPLETED {
            let (is, should_be) = (row.get(field), whole.remove(field));
            let Some(value) = should_be.filter(|value| is != Some(value)) else {
                continue;
            };
            as_read.insert(field, is.cloned().unwrap_or(Bson::Null));
            set.insert(field, value);
        }
        if set.is_empty() {
            return Ok(());
        }
        let home = self.home(user.user_type);
        let update = home.update_one(as_read, doc! { "$set": set });
        self.0.run(update).await.map(drop)
    }
}

/// The whole document, as it would be written now.
fn as_written_now(user: &User, now: Timestamp) -> Result<Document> {
    let mut user = user.clone();
    let made = match &user.id {
        Bson::ObjectId(id) => id.timestamp().to_chrono(),
        _ => now,
    };
    user.created_at.get_or_insert(made);
    user.updated_at.get_or_insert(now);
    if !user.email.is_empty() {
        user.email_display.get_or_insert(user.email.clone());
    }
    if let Ok(address) = EmailAddress::parse(&user.email) {
        address.canonical().clone_into(&mut user.email);
    }
    let mut row = bson::serialize_to_document(&user)
        .map_err(|_| StoreError::Corrupt("account cannot be written".into()))?;
    // An address that is missing cannot be made up, and two empty ones would be twins.
    if user.email.is_empty() {
        row.remove("email");
    }
    Ok(row)
}

//! What a login writes to its account: that it happened, and what a document of the older service lacks.

use std::{collections::HashMap, time::Duration};

use bson::{Bson, Document, doc};

use super::{
    Result, StoreError,
    accounts::{Accounts, read},
    gather::Gather,
};
use crate::{
    clock::Timestamp,
    domain::{
        contact::EmailAddress,
        ids::UserId,
        role::Role,
        stored::date,
        user::{Status, User},
    },
};

/// Logins that are noted at this moment.
#[derive(Debug, Default)]
pub(super) struct Noted(Gather<Note, bool>);

#[derive(Debug)]
struct Note {
    home: Role,
    statement: Document,
}

/// An account that somebody logs in to.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The account.
    pub user: User,
    /// Its document lacks nothing that the older service did not write.
    pub is_whole: bool,
}

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
    /// The account `user_id`, to be logged in to.
    ///
    /// # Errors
    /// The database does not answer, or the document is not an account.
    pub async fn find_candidate(
        &self,
        user_id: &UserId,
        now: Timestamp,
    ) -> Result<Option<Candidate>> {
        let Some((row, home)) = self.find_row(user_id).await? else {
            return Ok(None);
        };
        let user = read(row.clone(), home)?;
        let is_whole = lacking(&row, &user, now)?.is_empty();
        Ok(Some(Candidate { user, is_whole }))
    }

    /// Notes a login and counts its session as [`Accounts::note_login`] does, together with others after waiting up to
    /// `pause` for them, if the account is as it was proven and has fewer sessions than `cap`. False: it may not be, and
    /// is to be looked at by itself.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn note_plain_login(
        &self,
        candidate: &Candidate,
        cap: u32,
        now: Timestamp,
        pause: Duration,
    ) -> Result<bool> {
        let Candidate { user, is_whole } = candidate;
        let counted = user
            .sessions_at_most
            .filter(|counted| *is_whole && *counted < i64::from(cap));
        let (Some(_), Some(hash)) = (counted, &user.password_hash) else {
            return Ok(false);
        };
        let unchanged = doc! {
            "_id": user.id.clone(), "password_hash": hash.expose(), "status": user.status.name(),
            "user_type": user.user_type.name(), "sessions_at_most": { "$lt": i64::from(cap) },
            "is_active": { "$ne": false }, "is_verified": { "$ne": false },
        };
        let note = Note {
            home: user.user_type,
            statement: doc! { "q": unchanged, "u": noted(now, 1) },
        };
        let write = |notes| self.note_all(notes);
        self.0
            .gathered(&self.0.gathers.logins.0, note, pause, write)
            .await
    }

    async fn note_all(&self, notes: Vec<Note>) -> Vec<Result<bool>> {
        let mut by_home: HashMap<String, (Vec<usize>, Vec<Document>)> = HashMap::new();
        let count = notes.len();
        for (place, note) in notes.into_iter().enumerate() {
            let home = self.collection_of(note.home).name().to_owned();
            let (places, statements) = by_home.entry(home).or_default();
            places.push(place);
            statements.push(note.statement);
        }
        let mut results = vec![Ok(false); count];
        for (home, (places, statements)) in by_home {
            let done = self.0.update_several(&home, statements).await;
            // The answer does not tell which of them met nothing: all are looked at by themselves then.
            let all = done.map(|done| usize::try_from(done.matched) == Ok(places.len()));
            for place in places {
                results[place].clone_from(&all);
            }
        }
        results
    }

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
        let to = noted(now, sessions);
        let noted = match self
            .change_row(&user.user_id, mine.clone(), to.clone())
            .await
        {
            Err(StoreError::Corrupt(_)) => {
                // What cannot be counted up is no count: this login begins anew, above the cap (DB-7).
                let uncounted = doc! { "$unset": { "sessions_at_most": "" } };
                self.change_row(&user.user_id, doc! {}, uncounted).await?;
                self.change_row(&user.user_id, mine, to).await?
            }
            noted => noted?,
        };
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
        let set = lacking(row, user, now)?;
        if set.is_empty() {
            return Ok(());
        }
        let mut as_read = doc! { "user_id": user.user_id.as_str() };
        for field in set.keys() {
            as_read.insert(field, row.get(field).cloned().unwrap_or(Bson::Null));
        }
        let home = self.collection_of(user.user_type);
        let update = home.update_one(as_read, doc! { "$set": set });
        self.0.run(update).await.map(drop)
    }
}

/// A login with so many sessions more.
fn noted(now: Timestamp, sessions: i64) -> Document {
    doc! { "$set": { "last_login_at": date(now) }, "$inc": { "sessions_at_most": sessions } }
}

/// The fields that the document `row` of `user` lacks, or has in another form than the service writes.
fn lacking(row: &Document, user: &User, now: Timestamp) -> Result<Document> {
    let mut whole = as_written_now(user, now)?;
    let mut lacking = Document::new();
    for field in COMPLETED {
        if let Some(value) = whole
            .remove(field)
            .filter(|value| row.get(field) != Some(value))
        {
            lacking.insert(field, value);
        }
    }
    Ok(lacking)
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

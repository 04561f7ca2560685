//! `audit_log`: the audit trail. Only inserted and read; the service's database user needs no more (AUD-2).

use bson::{Bson, Document, RawDocument, RawDocumentBuf, doc};
use futures_util::{StreamExt, TryStreamExt, stream, stream::BoxStream};
use mongodb::Cursor;

use crate::{
    audit::record::{AccessEntry, AuditEntry, AuditFilter, AuditRecord},
    rows::Rows,
    store::Store,
};
use kernel::{
    clock::Timestamp,
    ids::UserId,
    page::{Listed, Page},
    stored::date,
};
use store::{
    Result, StoreError,
    listing::{List, Order, projection},
};

/// Documents in one batch: all that the job of the seals reads at a time, because the embedded store knows a cursor only on
/// the connection where it began, and other requests may have that connection when the next batch is asked for.
pub const BATCH: u32 = 10_000;

/// Accesses to one patient's data that are read at most, and records about one account.
pub const MAX_ACCESSES: i64 = 10_000;

/// Records one after the other, however many there are: only a batch of them is in memory.
pub struct Records<'a> {
    store: &'a Store,
    cursor: Cursor<RawDocumentBuf>,
}

impl Store {
    /// The collection `audit_log`.
    pub fn audit_log(&self) -> Rows<'_, AuditRecord> {
        self.rows_of(&self.names.audit_log)
    }
}

impl<'a> Rows<'a, AuditRecord> {
    /// Appends a record.
    ///
    /// # Errors
    /// `Duplicate` if a record with this `_id` stands already.
    pub async fn insert(&self, record: &AuditRecord) -> Result<()> {
        self.store.run(self.rows.insert_one(record)).await.map(drop)
    }

    /// A page of the records that `filter` lets through, newest first.
    pub async fn list(&self, filter: &AuditFilter, page: &Page) -> Result<Listed<AuditEntry>> {
        let list = List {
            rows: self.rows.clone_with_type(),
            order: Order {
                time: "at",
                id: "_id",
            },
            fields: AuditEntry::FIELDS,
        };
        self.store.page(&list, &condition(filter), page).await
    }

    /// Who saw or changed the data of a patient in `[from, to)`, newest first: at most [`MAX_ACCESSES`] of them.
    ///
    /// The database finds them by the patient alone and sorts nothing: for a sort by time it may choose the index of the
    /// time and read the whole trail.
    pub async fn accesses(
        &self,
        patient: &UserId,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Result<Vec<AccessEntry>> {
        let mut filter = doc! {};
        limit(&mut filter, ("$gte", from), ("$lt", to));
        let condition = doc! {
            "subjects": patient.as_str(),
            "$and": [filter, doc! { "outcome": "success" }],
        };
        let rows = self.rows.clone_with_type::<AccessEntry>();
        let find = rows
            .find(condition)
            .projection(projection(AccessEntry::FIELDS))
            .limit(MAX_ACCESSES)
            // One batch for all rows, because the embedded store knows a cursor only on the connection where it began.
            .batch_size(u32::try_from(MAX_ACCESSES).unwrap_or(u32::MAX))
            .max_time(self.store.read_limit());
        let mut found = self.store.all(find).await?;
        found.sort_by(|one, other| other.id.cmp(&one.id));
        Ok(found)
    }

    /// The records about an account, newest first: at most [`MAX_ACCESSES`] of them. The database sorts nothing, as with
    /// [`Rows::accesses`].
    pub async fn of_subject(&self, subject: &UserId) -> Result<Vec<AuditEntry>> {
        let rows = self.rows.clone_with_type::<AuditEntry>();
        let find = rows
            .find(doc! { "subject": subject.as_str() })
            .projection(projection(AuditEntry::FIELDS))
            .limit(MAX_ACCESSES)
            .batch_size(u32::try_from(MAX_ACCESSES).unwrap_or(u32::MAX))
            .max_time(self.store.read_limit());
        let mut found = self.store.all(find).await?;
        found.sort_by(|one, other| other.id.cmp(&one.id));
        Ok(found)
    }

    /// Every record as it stands in the database, chain by chain in the order of `sequence`.
    pub async fn by_chain(&self) -> Result<Records<'a>> {
        self.read(doc! {}, doc! { "chain": 1, "sequence": 1 }).await
    }

    /// The records from `from` until before `to` as they stand in the database, oldest first.
    pub async fn by_time(
        &self,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Result<Records<'a>> {
        let mut filter = doc! {};
        limit(&mut filter, ("$gte", from), ("$lt", to));
        self.read(filter, doc! { "at": 1 }).await
    }

    /// The records of a chain whose `at` lies between the two, in the order of their time.
    pub async fn of_chain(
        &self,
        chain: &str,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Records<'a>> {
        let range = doc! { "$gte": date(from), "$lte": date(to) };
        let filter = doc! { "at": range, "chain": chain };
        self.read(filter, doc! { "at": 1, "_id": 1 }).await
    }
}

impl<'a, T: Send + Sync> Rows<'a, T> {
    /// The documents as they stand in the database.
    pub(crate) async fn read(&self, filter: Document, order: Document) -> Result<Records<'a>> {
        let rows = self.rows.clone_with_type();
        let find = rows.find(filter).sort(order).batch_size(BATCH);
        let (store, cursor) = (self.store, self.store.run(find).await?);
        Ok(Records { store, cursor })
    }
}

impl<'a> Records<'a> {
    /// The same as a stream.
    pub fn stream(self) -> BoxStream<'a, Result<Document>> {
        stream::try_unfold(self, |mut records| async move {
            let next = records.next().await?;
            Ok(next.map(|next| (next, records)))
        })
        .boxed()
    }

    /// The next one.
    pub async fn next(&mut self) -> Result<Option<Document>> {
        let raw = self.store.run(self.cursor.try_next()).await?;
        raw.as_deref().map(whole).transpose()
    }
}

/// Everything in a document. A database may hold a name twice in one, of which every reader sees the one or the other:
/// here each of them is kept, the later ones under names that no record has.
pub(crate) fn whole(raw: &RawDocument) -> Result<Document> {
    let corrupt = || StoreError::Corrupt("a document of the audit trail is no BSON".into());
    let mut document = Document::new();
    for element in raw {
        let (key, value) = element.map_err(|_| corrupt())?;
        let mut key = key.as_str().to_owned();
        while document.contains_key(&key) {
            key.push_str(" (again)");
        }
        document.insert(key, Bson::try_from(value).map_err(|_| corrupt())?);
    }
    Ok(document)
}

fn condition(filter: &AuditFilter) -> Document {
    let AuditFilter {
        actor,
        subject,
        action,
        from,
        to,
    } = filter;
    let mut condition = Document::new();
    for (field, user_id) in [("actor", actor), ("subject", subject)] {
        if let Some(user_id) = user_id {
            condition.insert(field, user_id);
        }
    }
    if let Some(action) = action {
        condition.insert("action", action.name());
    }
    limit(&mut condition, ("$gte", *from), ("$lte", *to));
    condition
}

/// Adds the limits of `at` that are set.
fn limit(condition: &mut Document, from: (&str, Option<Timestamp>), to: (&str, Option<Timestamp>)) {
    let limits = [from, to].into_iter();
    let limits =
        limits.filter_map(|(operator, at)| Some((operator.to_owned(), Bson::from(date(at?)))));
    let at: Document = limits.collect();
    if !at.is_empty() {
        condition.insert("at", at);
    }
}

#[cfg(test)]
mod tests {
    use bson::cstr;

    use super::*;

    #[test]
    fn a_name_that_stands_twice_in_a_document_shows_twice() {
        // AUD-2
        let mut raw = RawDocumentBuf::new();
        raw.append(cstr!("outcome"), "failure");
        raw.append(cstr!("outcome"), "success");
        let document = whole(&raw).unwrap();
        let (first, again) = ("outcome", "outcome (again)");
        assert_eq!(document, doc! { first: "failure", again: "success" });
    }
}

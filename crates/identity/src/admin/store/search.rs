//! Writes the search terms of an account (TXT-1).

use bson::{Bson, Document, doc};

use crate::{
    accounts::{documents::User, store::accounts::Accounts},
    admin::{rules::search::terms_of, store::user_list::SEARCH},
};
use kernel::{
    person::{Contact, Names},
    role::Role,
};
use store::Result;

/// The fields that the terms are made of.
fn searched() -> Vec<&'static str> {
    [&["user_id"][..], &Names::FIELDS, &Contact::FIELDS].concat()
}

impl Accounts<'_> {
    /// Sets `set` in `row`, the document of `user`, and the terms, if they differ. It writes nothing if another request
    /// has changed these fields or those of the terms meanwhile, because that request writes the terms. `true` if it
    /// wrote.
    pub(crate) async fn write_with_terms(
        &self,
        row: &Document,
        user: &User,
        collection: Role,
        mut set: Document,
    ) -> Result<bool> {
        let terms = Bson::from(terms_of(user));
        if row.get(SEARCH) != Some(&terms) {
            set.insert(SEARCH, terms);
        }
        if set.is_empty() {
            return Ok(false);
        }
        let as_read = |field: &str| row.get(field).cloned().unwrap_or(Bson::Null);
        let mut unchanged = doc! { "_id": as_read("_id") };
        let changing = set
            .keys()
            .map(String::as_str)
            .filter(|field| *field != SEARCH);
        for field in searched().into_iter().chain(changing) {
            unchanged.insert(field, as_read(field));
        }
        // An account that is being deleted must not be found again.
        unchanged.insert("deleting_since", doc! { "$exists": false });
        let rows = self.collection_of(collection);
        let update = rows.update_one(unchanged, doc! { "$set": set });
        Ok(self.0.run(update).await?.modified_count == 1)
    }
}

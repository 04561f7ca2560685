//! Lists of accounts: three collections in one order, and their total.

use bson::{Bson, Document, doc};
use futures_util::future::try_join_all;

use crate::{
    accounts::{
        documents::User,
        store::accounts::{ACCOUNT_COLLECTIONS, Accounts, read},
    },
    admin::rules::{
        filter::UserFilter,
        search::{Term, terms_in},
    },
    legacy::status,
};
use kernel::{
    page::{Key, Listed, Page},
    person::Person,
    role::Role,
};
use store::{
    Result,
    listing::{List, Order, begins_with, keyed, readable},
};

const ORDER: Order = Order {
    time: "created_at",
    id: "user_id",
};

/// The field with the search terms of an account. A list never reads it.
pub(crate) const SEARCH: &str = "search";
/// The fields of a row that is read only for its key.
const KEY_FIELDS: &[&str] = &[ORDER.time, ORDER.id];

/// Which fields of a row are read, and into which type.
struct Read<'a, T> {
    fields: &'a [&'a str],
    row: fn(Document, Role) -> Result<T, ()>,
}

/// The number of accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Total {
    /// The exact number, or a lower bound.
    pub count: u64,
    /// Whether `count` is only a lower bound.
    pub is_estimate: bool,
}

impl Accounts<'_> {
    /// A page of the accounts that match `filter`, newest first, with or without the `private` fields.
    pub async fn list(
        &self,
        filter: &UserFilter,
        private: bool,
        page: &Page,
    ) -> Result<Listed<User>> {
        let mut page = page.clone();
        if page.skip > 0 {
            // Only the keys of the skipped rows are read.
            let skip = page.skip as usize;
            let keys_only = Read {
                fields: KEY_FIELDS,
                row: |_, _| Ok(()),
            };
            let keys = self.rows(filter, &keys_only, None, skip).await?;
            match keys.into_iter().nth(skip - 1) {
                Some((last, _)) => page = page.continued(last),
                None => return Ok(page.cut(Vec::new())),
            }
        }
        let hidden = if private { &[][..] } else { &User::PRIVATE };
        let own = User::LISTED.into_iter();
        let fields: Vec<&str> = own.chain(Person::fields_without(hidden)).collect();
        let accounts = Read {
            fields: &fields,
            row: |row, collection| read(row, collection).map_err(drop),
        };
        let rows = self.rows(filter, &accounts, page.after.as_ref(), page.wanted());
        Ok(readable(page.cut(rows.await?)))
    }

    /// The first `wanted` rows of the list after `after`.
    async fn rows<T>(
        &self,
        filter: &UserFilter,
        read: &Read<'_, T>,
        after: Option<&Key>,
        wanted: usize,
    ) -> Result<Vec<(Key, Option<T>)>> {
        let mut rows = Vec::new();
        if after.is_none_or(|key| key.at.is_some()) {
            rows = self.part(filter, read, ORDER.dated(after), wanted).await?;
        }
        if rows.len() < wanted {
            let missing = wanted - rows.len();
            rows.extend(
                self.part(filter, read, ORDER.undated(after), missing)
                    .await?,
            );
        }
        Ok(rows)
    }

    /// The first `wanted` rows of a part of the list, from all collections that can have matches.
    async fn part<T>(
        &self,
        filter: &UserFilter,
        read: &Read<'_, T>,
        part: (Document, Document),
        wanted: usize,
    ) -> Result<Vec<(Key, Option<T>)>> {
        let (condition, (mut rows, sort)) = (condition(filter), part);
        rows.extend(key(filter));
        let part = (rows, sort);
        let reads = collections_of(filter).map(|collection| {
            let (condition, part) = (&condition, part.clone());
            async move {
                let list = List {
                    rows: self.collection_of(collection),
                    order: ORDER,
                    fields: read.fields,
                };
                let rows = self.0.part(&list, condition, part, wanted).await?;
                Ok::<_, store::StoreError>(keyed(rows, ORDER, |row| (read.row)(row, collection)))
            }
        });
        let mut rows: Vec<_> = try_join_all(reads).await?.into_iter().flatten().collect();
        rows.sort_by(|(one, _), (other, _)| other.cmp(one));
        rows.truncate(wanted);
        Ok(rows)
    }

    /// How many accounts match `filter`, exact up to `limit`.
    pub async fn count(&self, filter: &UserFilter, limit: u64) -> Result<Total> {
        let mut condition = condition(filter);
        condition.extend(key(filter));
        let counts = collections_of(filter).map(|collection| {
            let (rows, condition) = (self.collection_of(collection), condition.clone());
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

/// The collections that can have matches.
fn collections_of(filter: &UserFilter) -> impl Iterator<Item = Role> {
    let role = match filter.role {
        Some(Role::Admin) => Some(Role::Staff),
        role => role,
    };
    ACCOUNT_COLLECTIONS
        .into_iter()
        .filter(move |collection| role.is_none_or(|role| role == *collection))
}

fn condition(filter: &UserFilter) -> Document {
    let UserFilter {
        words: _,
        with_numbers: _,
        role,
        status,
    } = filter;
    // A document without a user id has no position in the list, and no person can log in to it.
    let mut condition = doc! { "user_id": { "$type": "string" } };
    match role {
        Some(Role::Admin) => drop(condition.insert("user_type", Role::Admin.name())),
        // A document of the older service may lack its role: without the word for an administrator, it is staff.
        Some(Role::Staff) => {
            drop(condition.insert("user_type", doc! { "$ne": Role::Admin.name() }));
        }
        Some(Role::Patient | Role::Doctor) | None => {}
    }
    let terms = searched(filter);
    let mut all = terms.map(|terms| others(&terms)).unwrap_or_default();
    all.extend(status.map(|status| Bson::from(status::filter(status))));
    if !all.is_empty() {
        condition.insert("$and", all);
    }
    condition
}

/// The terms that are searched for; an empty list finds nothing.
fn searched(filter: &UserFilter) -> Option<Vec<Term>> {
    let words = filter.words.as_ref()?;
    Some(terms_in(words, filter.with_numbers).unwrap_or_default())
}

/// The one term that the index looks up: the longest one, which the fewest accounts have. It stands at the top level of
/// the filter, where the embedded store looks for it.
fn key(filter: &UserFilter) -> Document {
    match searched(filter).as_deref() {
        None => Document::new(),
        Some([first, ..]) => doc! { SEARCH: first.key() },
        Some([]) => doc! { SEARCH: "" }, // No account has this term.
    }
}

/// The conditions for the other terms, besides the key of the first.
fn others(terms: &[Term]) -> Vec<Bson> {
    let keys = terms.iter().skip(1).map(|term| doc! { SEARCH: term.key() });
    let rests = terms.iter().filter_map(Term::rest);
    let all = keys.chain(rests.map(|rest| doc! { SEARCH: begins_with(rest) }));
    all.map(Bson::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::rules::filter::SearchText;

    fn searching(typed: &str) -> UserFilter {
        UserFilter {
            words: SearchText::parse(typed).unwrap(),
            ..UserFilter::default()
        }
    }

    #[test]
    fn the_index_looks_up_the_longest_word_and_the_others_filter() {
        let filter = searching("jo müller.xy");
        assert_eq!(key(&filter), doc! { "search": "muller.x" });
        let others =
            doc! { "$and": [{ "search": "jo" }, { "search": { "$regex": r"^muller\.xy" } }] };
        let all = condition(&filter);
        assert_eq!(all.get("$and"), others.get("$and"));
    }

    #[test]
    fn no_words_match_all_and_words_without_letters_match_nothing() {
        assert_eq!(key(&searching(" ")), Document::new());
        assert_eq!(key(&searching("anna -")), doc! { "search": "" });
    }
}

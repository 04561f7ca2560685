//! Where a lockout counter stands: in a field of its account, or in a row of its own.

use bson::{Document, doc};
use mongodb::Collection;

use crate::{
    accounts::{documents::User, store::accounts::read},
    login::rules::lockout::LockoutCounter,
};
use kernel::{role::Role, stored::date};
use store::Result;

/// The field of an account with its wrong passwords.
pub(super) const PASSWORD: &str = "lockout";
/// The field of an account with its wrong second factors.
pub(super) const SECOND_STEP: &str = "second_step";

/// Where a counter stands.
pub(super) struct Place {
    pub(super) rows: Collection<Document>,
    pub(super) id: Document,
    /// The role of the accounts in the collection; `None` for `throttles`.
    pub(super) home: Option<Role>,
    /// The field of an account that holds its counter.
    pub(super) at: &'static str,
}

impl Place {
    pub(super) fn field(&self, name: &str) -> String {
        match self.home {
            Some(_) => format!("{}.{name}", self.at),
            None => name.to_owned(),
        }
    }

    /// The document with these conditions on the counter.
    pub(super) fn with<const N: usize>(&self, conditions: [(&str, Document); N]) -> Document {
        let conditions = conditions.map(|(name, value)| (self.field(name), value.into()));
        self.id.clone().into_iter().chain(conditions).collect()
    }

    /// The document while its counter stands as `counter` was read.
    pub(super) fn unchanged(&self, counter: &LockoutCounter) -> Document {
        self.with([
            ("failures", doc! { "$eq": counter.failures }),
            ("total", doc! { "$eq": counter.total }),
            (
                "window_ends_at",
                doc! { "$eq": date(counter.window_ends_at) },
            ),
        ])
    }

    /// The update that forgets the counter of an account.
    pub(super) fn cleared(field: &str) -> Document {
        doc! { "$unset": { field: "" } }
    }
}

/// The account, if the place is one's, and its counter. `None` if the counter has another shape.
pub(super) fn read_at(
    place: &Place,
    row: Document,
) -> Result<Option<(Option<User>, LockoutCounter)>> {
    let Some(home) = place.home else {
        let counter = bson::deserialize_from_document(row).ok();
        return Ok(counter.map(|counter| (None, counter)));
    };
    let mut account = read(row, home)?;
    let counter = match place.at {
        SECOND_STEP => account.second_step.take(),
        _ => account.lockout.take(),
    };
    Ok(counter.map(|counter| (Some(account), counter)))
}

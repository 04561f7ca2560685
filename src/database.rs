//! The one database of all slices: it joins the tables of their indexes.

use identity::store::{Names, Store};
use kernel::{metrics::Metrics, secret::Secret};
use store::{
    Connection, Result,
    indexes::{self, Index},
};

use crate::config::sections::Database;

fn names_of_accounts(names: &Database) -> Names {
    Names {
        collections: names.collections.identity.clone(),
        indexes: names.indexes.identity.clone(),
    }
}

/// Every index that the service needs; those of the clinic only if it is on.
#[must_use]
pub fn index_table(names: &Database, with_clinic: bool) -> Vec<Index> {
    let mut table = identity::index_table::table(&names_of_accounts(names));
    table.extend(platform::store::indexes(
        &names.collections.platform,
        &names.indexes.platform,
    ));
    if with_clinic {
        table.extend(clinic::index_table::table(
            &names.collections.clinic,
            &names.indexes.clinic,
        ));
    }
    table
}

/// Prepares the connection to `uri`, as [`Connection::connect`].
pub async fn connect(
    uri: &Secret,
    names: &Database,
    with_clinic: bool,
    metrics: Metrics,
) -> Result<Store> {
    let table = index_table(names, with_clinic);
    let unique = indexes::unique_names(&table);
    let connection = Connection::connect(uri, &names.limits, unique, metrics).await?;
    let platform = platform::store::Store::new(connection, &names.collections.platform);
    Ok(Store::new(platform, names_of_accounts(names), table))
}

//! The sections to which several slices add: the names in the database, and the limits of callers.

use serde::{Deserialize, Serialize};
use store::settings::Limits;

/// `database`: where the data is and what things are called there.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Database {
    /// Where the data is, and how long it may take.
    #[serde(flatten)]
    pub limits: Limits,
    /// Collection names.
    pub collections: Collections,
    /// Index names.
    pub indexes: Indexes,
}

/// `database.collections`: the collections' names.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Collections {
    /// Those of accounts.
    #[serde(flatten)]
    pub identity: identity::settings::Collections,
    /// Those of the clinic.
    #[serde(flatten)]
    pub clinic: clinic::settings::Collections,
    /// Those of the platform.
    #[serde(flatten)]
    pub platform: platform::settings::Collections,
}

/// `database.indexes`: the indexes' names.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Indexes {
    /// Those of accounts.
    #[serde(flatten)]
    pub identity: identity::settings::Indexes,
    /// Those of the clinic.
    #[serde(flatten)]
    pub clinic: clinic::settings::Indexes,
    /// Those of the platform.
    #[serde(flatten)]
    pub platform: platform::settings::Indexes,
}

/// `throttle`: limits per caller and target.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Throttle {
    /// Those of accounts.
    #[serde(flatten)]
    pub identity: identity::settings::Throttle,
    /// Those of the clinic.
    #[serde(flatten)]
    pub clinic: clinic::settings::Throttle,
}

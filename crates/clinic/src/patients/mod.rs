//! Patients: their records, the search for them, and who treats them. So far the rules.

pub mod birth;
pub mod care;
pub mod clinical;
pub mod duplicates;
pub mod list_key;
pub mod record;
pub mod relations;
pub mod search;
pub mod store;
pub mod values;
pub mod who;

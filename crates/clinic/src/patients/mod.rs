//! Patients: their records, the search for them, and who treats them.

pub mod birth;
pub mod care;
pub mod clinical;
pub mod duplicates;
pub mod http;
pub mod record;
pub mod relations;
pub mod search;
pub mod store;
pub mod use_cases;
pub mod values;
pub mod who;

//! Patients: their records, the search for them, and who treats them. So far the rules.

pub mod care;
pub mod list_key;

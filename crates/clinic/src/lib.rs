//! The clinic's records: patients, consultations, reports, appointments. The slice knows no accounts: a `Principal` is
//! enough, and what it asks about people goes through one trait that the program implements.

pub mod access;
pub mod appointments;
pub mod consultations;
pub mod list_keys;
pub mod patients;
pub mod reports;
pub mod sealing;
pub mod texts;
pub mod zone;

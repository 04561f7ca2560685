//! Accounts: the people who may log in, their names in the database, and how they are made without a registration.

mod demo;
pub mod documents;
pub mod http;
pub mod rules;
pub mod store;
mod use_cases;
#[cfg(test)]
pub(crate) mod whole_person;

pub use self::{demo::*, use_cases::*};

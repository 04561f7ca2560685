//! One-time codes: they are issued for a purpose and an address, and checked once.

pub mod documents;
pub mod rules;
pub mod store;
mod use_cases;

pub use self::use_cases::*;

//! Administration: reading and changing other people's accounts and registrations.

pub mod http;
pub mod rules;
pub mod store;
mod use_cases;

pub use self::use_cases::*;

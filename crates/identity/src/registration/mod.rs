//! Registration: a person who is not proven yet.

pub mod documents;
pub mod http;
pub mod store;
mod use_cases;

pub use self::use_cases::*;

//! The caller's own profile.

pub mod http;
pub mod store;
mod use_cases;

pub use self::use_cases::*;

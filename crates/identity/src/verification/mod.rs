//! From a registration to an account, by a code.

pub mod http;
mod use_cases;

pub use self::use_cases::*;

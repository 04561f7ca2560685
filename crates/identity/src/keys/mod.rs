//! The keys of access tokens, and the tokens that they sign.

pub mod store;
pub mod tokens;
mod use_cases;

pub use self::use_cases::*;

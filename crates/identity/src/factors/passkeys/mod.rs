//! Passkeys: registration, login without a password, second step, proof that the owner is there.

pub mod documents;
pub mod http;
pub mod rules;
pub mod store;
mod use_cases;

pub use self::use_cases::*;

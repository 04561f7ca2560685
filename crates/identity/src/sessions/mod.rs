//! Sessions: they begin with a login, live by refresh tokens, prove who is calling, and end.

pub mod authentication;
pub mod cache;
pub mod documents;
pub mod http;
pub mod refresh;
pub mod store;
mod use_cases;

pub use self::use_cases::*;

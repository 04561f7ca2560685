//! What people do with their own account: another e-mail address, the deletion, and the export of what is stored.
//!
//! A change that takes several writes has a row, which is consumed once and then says that the work has begun. The work
//! is one function whose steps can be repeated: the request calls it, and after a crash the sweeper.

pub mod documents;
pub mod http;
pub mod mails;
pub mod rules;
pub mod store;
mod use_cases;

pub use self::use_cases::*;

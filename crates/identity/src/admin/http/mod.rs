//! The operations of the administration.

pub mod accounts;
pub mod bulk;
pub mod import;
pub mod pending;
pub mod users;

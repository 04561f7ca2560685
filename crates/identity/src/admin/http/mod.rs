//! The operations of the administration.

pub mod accounts;
pub mod pending;
pub mod users;

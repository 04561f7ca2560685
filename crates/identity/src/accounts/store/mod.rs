//! The collections of accounts, and of their names.

pub mod accounts;
pub mod identifiers;
pub mod unfinished;

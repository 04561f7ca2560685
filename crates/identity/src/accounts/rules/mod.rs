//! The rules of accounts: what a person types to log in, and what may be changed.

pub mod changes;
pub mod identifier;

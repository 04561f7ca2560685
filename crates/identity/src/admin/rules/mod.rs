//! The rules of the administration: filters, words of a search, and whom the desk helps.

pub mod filter;
pub mod help;
pub mod search;

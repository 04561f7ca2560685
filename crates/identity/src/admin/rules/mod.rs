//! The rules of the administration: filters, words of a search, and actions on many.

pub mod bulk;
pub mod filter;
pub mod import;
pub mod search;

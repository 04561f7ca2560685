//! The rules of the administration: filters, words of a search, whom the desk helps, and actions on many.

pub mod bulk;
pub mod filter;
pub mod help;
pub mod import;
pub mod search;

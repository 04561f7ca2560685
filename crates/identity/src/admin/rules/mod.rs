//! The rules of the administration: filters, and words of a search.

pub mod filter;
pub mod search;

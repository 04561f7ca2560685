//! The rules of one's own account.

pub mod kept_factors;
pub mod link;

//! The collections of changes to one's own account, and what they write to the account.

mod accounts;
pub mod deletions;
pub mod email_changes;
pub mod email_undos;
pub mod factors;

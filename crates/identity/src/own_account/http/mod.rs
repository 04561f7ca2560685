//! The operations of one's own account.

pub mod deletion;
pub mod email;
pub mod export;

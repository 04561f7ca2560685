//! What the administration reads and guards: lists, counts, the last administrator.

pub mod last_admin;
pub mod search;
pub mod stats;
pub mod user_list;

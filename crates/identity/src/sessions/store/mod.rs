//! Sessions, and the feed by which every instance learns that they ended.

pub mod revocations;
pub mod sessions;

//! Floor 1: the words and rules of the service, pure: no async, no database, no HTTP, no clock.

pub mod role;
pub mod sealed;
pub mod secret_hash;

//! Floor 1: the words and rules of the service, pure: no async, no database, no HTTP, no clock.

pub mod request;
pub mod role;

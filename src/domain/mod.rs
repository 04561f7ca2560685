//! Floor 1: the words and rules of the service, pure: no async, no database, no HTTP, no clock.

pub mod code;
pub mod contact;
pub mod identifier;
pub mod ids;
pub mod names;
pub mod password;
pub mod profile;
pub mod role;
pub mod text;
pub mod username;

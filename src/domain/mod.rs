//! Floor 1: the words and rules of the service, pure: no async, no database, no HTTP, no clock.

pub mod audit;
pub mod code;
pub mod contact;
pub mod filter;
pub mod identifier;
pub mod ids;
pub mod lockout;
pub mod mail_language;
pub mod names;
pub mod otp;
pub mod outbox;
pub mod page;
pub mod password;
pub mod principal;
pub mod profile;
pub mod registration;
pub mod request;
pub mod role;
pub mod sealed;
pub mod search;
pub mod secret_hash;
pub mod session;
pub mod stored;
pub mod text;
pub mod user;
pub mod username;

//! Floor 1: the terms and rules of the service. All code here is pure: no async, no database, no HTTP, no clock.

pub mod account_changes;
pub mod code;
pub mod filter;
pub mod identifier;
pub mod lockout;
pub mod login_address;
pub mod otp;
pub mod outbox;
pub mod password;
pub mod registration;
pub mod search;
pub mod session;
pub mod user;
#[cfg(test)]
mod whole_person;

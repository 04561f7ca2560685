//! Floor 1: the words and rules of the service, pure: no async, no database, no HTTP, no clock.

pub mod audit;
pub mod ids;
pub mod lockout;
pub mod otp;
pub mod outbox;
pub mod registration;
pub mod role;
pub mod secret_hash;
pub mod session;
pub mod stored;
pub mod user;

//! The login, and what protects it: lockouts of accounts, and addresses from which many names fail.

pub mod account_locks;
pub mod full_addresses;
pub mod http;
pub mod new_device;
pub mod rules;
pub mod sprayed_names;
pub mod store;
mod use_cases;

pub use self::use_cases::*;

//! The collections of second factors, and the fields of accounts about them.

mod accounts;
pub mod challenges;
pub mod devices;
pub mod recovery_codes;
pub mod totp;

//! The collections of second factors, and the fields of accounts about them.

mod accounts;
pub mod challenges;
pub mod recovery_codes;

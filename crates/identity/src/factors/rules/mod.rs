//! The rules of second factors.

pub mod account_factors;
pub mod policy;
pub mod proof_epoch;
pub mod recovery_code;
pub mod totp;

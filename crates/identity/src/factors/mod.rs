//! Second factors: what an account has, the login that waits for one, authenticator apps, recovery codes, remembered
//! devices, and the fresh proof that changes of an account need.
//!
//! The account's document lists its confirmed factors and their epoch ([`rules::account_factors`]). So the login knows
//! without a query whether it needs a second step, and each change of the list is one conditional update by its epoch.

pub mod documents;
pub mod http;
pub mod rules;
pub mod store;
mod use_cases;

pub use self::use_cases::*;

//! Passwords: their rules, their change, and their reset.

pub mod http;
pub mod reset;
pub mod rules;
mod use_cases;

pub use self::use_cases::*;

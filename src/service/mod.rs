//! Floor 3: one function per use case. The order of its steps matters; each doc comment numbers them.

pub mod accounts;
pub mod admin;
pub mod authentication;
pub mod codes;
pub mod keys;
mod letters;
pub mod login;
mod mail_jobs;
pub mod maintenance;
pub mod outbox;
pub mod password;
pub mod profile;
pub mod refresh;
pub mod registration;
pub mod reset;
pub mod sessions;
pub mod sprayed_names;
pub mod startup;
pub mod throttle;
pub mod tokens;
pub mod verification;

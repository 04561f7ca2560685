//! The integration tests: the real server on a port of its own, on the embedded store or, with
//! `TEST_MONGO_URI`, on a real MongoDB.
#![expect(
    clippy::unwrap_used,
    reason = "a helper that cannot go on fails its test"
)]

mod admin;
mod audit;
mod binary;
mod check;
mod codes;
mod codes_as_typed;
mod codes_stored;
mod codes_used_up;
mod commands;
mod corrected;
mod crash;
mod crash_accounts;
mod create_admin;
mod database_loss;
mod disk_full;
mod document;
mod document_limits;
mod embedded_store;
mod errors_page;
mod first_login;
mod floors;
mod gathered;
mod hang_up;
mod harness;
mod hostile_input;
mod http;
mod indexes;
mod journey;
mod jwks;
mod keys;
mod legacy_data;
mod legacy_fields;
mod legacy_hashes;
mod lockout;
mod log;
mod login;
mod lost_names;
mod mail;
mod mail_languages;
mod mail_worker;
mod mailbox_proof;
mod metrics;
mod moving_over;
mod nothing_is_told;
mod pages;
mod password;
mod postman;
mod process;
mod profile;
mod races_login;
mod races_registration;
mod readme_walk;
mod refresh;
mod registration;
mod registration_fields;
mod repeated_verify;
mod reset;
mod reset_links;
mod roles;
mod security_table;
mod session_cap;
mod sessions;
mod sessions_stored;
mod smtp_server;
mod startup;
mod strict;
mod throttles;
mod tokens;
mod two_clocks;
mod verification;

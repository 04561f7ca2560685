//! The integration tests: the real server on a port of its own, on the embedded store or, with
//! `TEST_MONGO_URI`, on a real MongoDB.
#![expect(
    clippy::unwrap_used,
    reason = "a helper that cannot go on fails its test"
)]

mod harness;
mod journey;
mod jwks;
mod legacy_hashes;
mod lockout;
mod login;
mod mail;
mod nothing_is_told;
mod races_login;
mod refresh;
mod sessions;
mod smtp_server;
mod throttles;
mod tokens;

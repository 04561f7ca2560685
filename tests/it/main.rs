//! The integration tests: the real server on a port of its own, on the embedded store or, with
//! `TEST_MONGO_URI`, on a real MongoDB.
#![expect(
    clippy::unwrap_used,
    reason = "a helper that cannot go on fails its test"
)]

mod codes;
mod codes_stored;
mod crash;
mod harness;
mod journey;
mod mail;
mod password;
mod profile;
mod races_registration;
mod registration;
mod registration_fields;
mod reset;
mod smtp_server;
mod strict;
mod verification;

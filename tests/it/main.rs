//! The integration tests: the real server on a port of its own, on the embedded store or, with
//! `TEST_MONGO_URI`, on a real MongoDB.
#![expect(
    clippy::unwrap_used,
    reason = "a helper that cannot go on fails its test"
)]

mod harness;
mod journey;
mod mail;
mod master_secret;
mod moving_over;
mod smtp_server;

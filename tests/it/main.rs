//! The integration tests: the real server on a port of its own, on the embedded store or, with
//! `TEST_MONGO_URI`, on a real MongoDB.
#![expect(
    clippy::unwrap_used,
    reason = "a helper that cannot go on fails its test"
)]

mod document;
mod errors_page;
mod floors;
mod harness;
mod hostile_input;
mod http;
mod journey;
mod mail;
mod metrics;
mod pages;
mod roles;
mod smtp_server;

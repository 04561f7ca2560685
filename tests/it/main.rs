//! The integration tests.
#![expect(
    clippy::unwrap_used,
    reason = "a helper that cannot go on fails its test"
)]

mod mail;
mod smtp_server;

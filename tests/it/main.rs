//! The integration tests: the real server on a port of its own, on the embedded store or, with
//! `TEST_MONGO_URI`, on a real MongoDB.
#![expect(
    clippy::unwrap_used,
    reason = "a helper that cannot go on fails its test"
)]

mod commands;
mod database_loss;
mod embedded_store;
mod harness;
mod indexes;
mod journey;
mod legacy_data;
mod log;
mod mail;
mod mail_worker;
mod process;
mod smtp_server;
mod startup;
mod two_clocks;

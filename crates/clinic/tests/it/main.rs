//! The clinic through its API, on the real server with this slice alone: callers are believed, people are a table.
#![expect(
    clippy::unwrap_used,
    reason = "a helper that cannot continue fails its test"
)]

mod harness;
mod patients;
mod sealing;

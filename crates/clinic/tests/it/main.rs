//! The clinic through its API, on the real server with this slice alone: callers are believed, people are a table.
#![expect(
    clippy::unwrap_used,
    reason = "a helper that cannot continue fails its test"
)]

mod consultation_history;
mod consultations;
mod harness;
mod report_lists;
mod report_signatures;
mod reports;
mod sealing;

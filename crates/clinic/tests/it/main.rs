//! The clinic through its API, on the real server with this slice alone: callers are believed, people are a table.

mod consultations;
mod harness;
mod patients;
mod report_lists;
mod reports;
mod sealing;

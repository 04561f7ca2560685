//! The clinic through its API, on the real server with this slice alone: callers are believed, people are a table.

mod appointments;
mod booking_desk;
mod harness;
mod sealing;

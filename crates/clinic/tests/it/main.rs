//! The clinic through its API, on the real server with this slice alone: callers are believed, people are a table.
#![expect(
    clippy::unwrap_used,
    reason = "a helper that cannot continue fails its test"
)]

mod access_table;
mod appointment_lists;
mod appointment_mails;
mod appointment_races;
mod appointment_rules;
mod appointments;
mod booking_desk;
mod consultation_history;
mod consultation_visits;
mod consultations;
mod harness;
mod hold_races;
mod patients;
mod report_lists;
mod report_signatures;
mod reports;
mod request_rules;
mod rewrap;
mod sealed;
mod sealing;
mod visits_and_care;

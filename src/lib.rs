//! `clinic-auth`: the identity service of a clinic. This is the program, which joins the slices to one service; the slices
//! and the ground below them are crates (docs/architecture.md).
//!
//! In reading order, each imports only from those before it: [`config`], the configuration. [`slices`], the slices,
//! [`sentences`], what people read in other languages than English, and [`telemetry`], the log and the traces. [`database`] and [`program`], what is built at the start. [`api`], HTTP.
//! [`server`], the running process.

pub mod api;
pub mod config;
pub mod database;
pub mod people;
pub mod program;
pub mod sentences;
pub mod server;
pub mod slices;
pub mod telemetry;

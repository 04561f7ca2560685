//! `clinic-auth`: the identity service of a clinic.
//!
//! The floors, in reading order; each imports only from those below it. The crates beside it are the ground:
//! `kernel`, `crypto`, `store`, `mail`, `platform` and `web` (docs/architecture.md).
//!
//! 1. [`config`]: the configuration. [`domain`]: the terms and rules, without input and output. [`legacy`]: the forms of
//!    the older service's documents, and, on the floor of the use cases, what a start does with its database.
//! 2. [`store`]: the collections of accounts. [`letters`]: the texts of the mails.
//! 3. [`app`]: the parts that the use cases share. [`service`]: one function for each use case.
//! 4. [`api`]: HTTP. [`server`]: the running process. [`telemetry`]: the log and the traces.

pub mod actions;
pub mod api;
pub mod app;
pub mod config;
pub mod domain;
pub mod errors;
pub mod legacy;
pub mod letters;
pub mod permissions;
pub mod server;
pub mod service;
pub mod slices;
pub mod store;
pub mod telemetry;

//! `clinic-auth`: the identity service of a clinic.
//!
//! The floors, in reading order; each imports only from below.
//!
//! 0. [`error`], [`clock`], [`random`], [`json`], [`fail_point`], [`metrics`]: the error table, the time, chance, JSON
//!    that means one thing, what is counted. [`config`]: what the process is told.
//! 1. [`domain`]: the words and rules, pure.
//! 2. [`crypto`]: passwords, tokens, codes, keys. [`mail`]: messages and how they leave.
//!    [`store`]: the database. [`embedded`]: the store of a fresh machine.
//! 3. [`app`]: all of it put together. [`service`]: one function per use case.
//! 4. [`api`]: HTTP. [`connections`]: how it arrives. [`server`]: the running process.
//!    [`telemetry`]: what it tells its operator.
pub mod api;
pub mod app;
pub mod clock;
pub mod config;
pub mod connections;
pub mod crypto;
pub mod domain;
pub mod embedded;
pub mod error;
pub mod fail_point;
pub mod json;
pub mod mail;
pub mod metrics;
pub mod random;
pub mod server;
pub mod service;
pub mod store;
pub mod telemetry;

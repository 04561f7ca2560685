//! `clinic-auth`: the identity service of a clinic.
//!
//! The layers, in reading order. Each imports only from the layers below it.
//!
//! 0. [`error`], [`clock`], [`random`], [`json`], [`fail_point`], [`metrics`]: the error table, the time, randomness,
//!    JSON without repeated names, the metrics. [`config`]: the configuration.
//! 1. [`domain`]: the terms and rules, without input and output. [`legacy`]: the forms of the older service's documents,
//!    and, on the floor of the use cases, what a start does with its database.
//! 2. [`crypto`]: passwords, tokens, codes, keys. [`mail`]: messages and their transports.
//!    [`store`]: the database. [`embedded`]: the store of a new machine.
//! 3. [`app`]: the parts that the use cases share. [`service`]: one function for each use case.
//! 4. [`api`]: HTTP. [`connections`]: the connections of clients. [`server`]: the running process.
//!    [`telemetry`]: the log and the traces.
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
pub mod legacy;
pub mod mail;
pub mod metrics;
pub mod random;
pub mod server;
pub mod service;
pub mod store;
pub mod telemetry;

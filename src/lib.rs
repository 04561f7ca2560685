//! `clinic-auth`: the identity service of a clinic.
//!
//! The layers, in reading order. Each imports only from the layers below it.
//!
//! 0. [`error`], [`clock`], [`random`], [`json`], [`helpers`], [`fail_point`], [`metrics`]: the error table, the
//!    time, randomness, JSON without repeated names, helpers, the metrics. [`config`]: the configuration.
//! 1. [`domain`]: the terms and rules, without input and output. [`legacy`]: the forms of the older service's documents,
//!    and, on the floor of the use cases, what a start does with its database.
//! 2. [`crypto`]: passwords, tokens, codes, keys. [`mail`]: the form of mails and their transports.
//!    [`store`]: the database. [`embedded`]: the store of a new machine.
//! 3. [`letters`]: the texts of the mails. [`app`]: the parts that the use cases share. [`service`]: one function for each use case.
//! 4. [`api`]: HTTP. [`connections`]: the connections of clients. [`server`]: the running process.
//!    [`telemetry`]: the log and the traces.
pub mod api;
pub mod app;
pub mod config;
pub mod domain;
pub mod legacy;
pub mod letters;
pub mod mail;
pub mod server;
pub mod service;
pub mod store;
pub mod telemetry;

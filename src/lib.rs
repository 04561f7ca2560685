//! `clinic-auth`: the identity service of a clinic.
//!
//! The floors, in reading order; each imports only from below.
//!
//! 0. [`error`], [`clock`], [`random`]: the error table, the time, chance. [`config`]: what the process is told.
//! 1. [`domain`]: the words and rules, pure.
//! 4. [`api`]: HTTP. [`server`]: connections, limits, the end of the process.
pub mod api;
pub mod clock;
pub mod config;
pub mod domain;
pub mod error;
pub mod random;
pub mod server;

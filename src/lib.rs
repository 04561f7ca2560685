//! `clinic-auth`: the identity service of a clinic.
//!
//! The floors, in reading order; each imports only from below.
//!
//! 0. [`error`], [`clock`], [`random`]: the error table, the time, chance. [`config`]: what the process is told.
//! 1. [`domain`]: the words and rules, pure.
//! 2. [`mail`]: what a mail says, and how it leaves.
pub mod clock;
pub mod config;
pub mod domain;
pub mod error;
pub mod mail;
pub mod random;

//! Accounts: registration, login, sessions, passwords, profiles, and their administration. It is a slice of the service,
//! which knows no other slice.
//!
//! Each feature is a folder, which reads in this order: `rules` (pure), `documents`, `store` (the only place for the
//! driver), `use_cases` (one function each; the order of its steps is numbered in its doc comment), `http`.
//!
//! - The way of a person: [`registration`], [`verification`], [`login`], [`factors`], [`sessions`], [`password`],
//!   [`profile`].
//! - What they stand on: [`accounts`], [`codes`], [`keys`], [`mails`] with their [`letters`].
//! - What others do: [`admin`]; and [`legacy`], which reads the older service's documents.
//! - What holds them together: [`app`], [`settings`], [`store`], [`http`], [`throttle`], [`startup`], [`maintenance`].

pub mod accounts;
pub mod actions;
pub mod admin;
pub mod app;
pub mod codes;
pub mod errors;
pub mod face;
pub mod factors;
pub mod http;
pub mod index_table;
pub mod keys;
pub mod legacy;
pub mod letters;
pub mod login;
pub mod mails;
pub mod maintenance;
pub mod own_account;
pub mod password;
pub mod permissions;
pub mod profile;
pub mod registration;
pub mod sessions;
pub mod settings;
pub mod startup;
pub mod store;
pub mod throttle;
pub mod verification;

use platform::slice::Slice;

/// What accounts declare.
pub const SLICE: Slice = Slice {
    errors: errors::ALL,
    permissions: permissions::ALL,
    actions: actions::ALL,
    roots: &["/auth", "/users", "/user", "/admin"],
};

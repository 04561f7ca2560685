//! The slices of the service: this is where they are named and joined.

use platform::slice::{COMMON, Slice, Slices};

use crate::{actions, errors, permissions};

/// Every slice, and what all of them can use.
pub const SLICES: Slices = &[&COMMON, &ACCOUNTS];

/// Accounts: registration, login, sessions, passwords, administration.
const ACCOUNTS: Slice = Slice {
    errors: errors::ALL,
    permissions: permissions::ALL,
    actions: actions::ALL,
    roots: &["/auth", "/users", "/user", "/admin"],
};

//! The real server with any slice, for tests: it listens on a port of its own, has its own database on the store of the
//! test run, a clock that only the test moves, a seeded random generator, and mail in memory. It knows no slice.

mod answer;
pub mod authenticator;
mod callers;
mod database;
mod server;

use std::fmt::Debug;

pub use self::{
    answer::Answer,
    callers::TestCallers,
    database::Database,
    server::{Parts, Server},
};

/// Ends the test unless it holds.
#[track_caller]
pub(crate) fn check(holds: bool, what: impl FnOnce() -> String) {
    assert!(holds, "{}", what());
}

/// The value; a failure ends the test.
#[track_caller]
pub(crate) fn must<T, E: Debug>(done: Result<T, E>, what: &str) -> T {
    done.unwrap_or_else(|error| panic!("{what}: {error:?}"))
}

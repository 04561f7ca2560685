//! Floor 4: HTTP; the only place for poem beside `server`. One file per journey, on these:
//!
//! [`frame`] what every request and answer goes through · [`body`] and [`faults`] what comes in ·
//! [`envelope`] and [`problem`] what goes wrong · [`origin`] from where and when · [`document`] and [`routes`] what
//! there is · [`pages`] for people.

pub mod body;
pub mod document;
pub mod envelope;
pub mod faults;
pub mod frame;
pub mod origin;
pub mod pages;
pub mod problem;
pub mod routes;
pub mod time;
mod translate;

pub use self::{
    body::{Body, Null, RequestBody, Unknown},
    faults::Faults,
    problem::{ErrorSet, Problem},
    time::Time,
};

/// The version of the service and of its OpenAPI document.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The chapters of the OpenAPI document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, poem_openapi::Tags)]
pub enum Tag {
    /// Registering, and proving an e-mail address.
    Registration,
    /// Logging in, refreshing and checking tokens.
    Login,
    /// One's own sessions.
    Sessions,
    /// Forgotten and changed passwords.
    Password,
    /// One's own profile.
    Profile,
    /// Other people's accounts and registrations; for staff and administrators.
    Administration,
    /// The service itself: health, pages, documents.
    System,
}

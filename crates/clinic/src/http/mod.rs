//! HTTP: the operations of the clinic. Each feature has its `http.rs`; what they share stands here.

mod handlers;
mod idempotent;
mod page;

pub use handlers::{Handlers, handlers};
pub use idempotent::{IdempotencyKey, once};
pub use page::{PageRows, Pagination, SEARCH_LIMIT, SearchRows};

/// Examples of requests and answers, by the name of their schema.
pub const EXAMPLES: &str = include_str!("examples.json");

/// The chapters of the OpenAPI document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, poem_openapi::Tags)]
pub enum Tag {
    /// Patients, their records, and who treats them.
    Patients,
    /// Consultations.
    Consultations,
    /// Reports.
    Reports,
    /// Appointments, schedules and doctors.
    Appointments,
}

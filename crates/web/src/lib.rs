//! HTTP for every slice: the connections, the steps that each request passes, reading requests, answering errors, who is
//! calling, and the OpenAPI document. It knows no operation of a slice.
//!
//! [`pipeline`]: the steps that each request passes · [`body`], [`text`] and [`validation_errors`]: reading requests ·
//! [`envelope`] and [`problem`]: answering errors · [`caller`] and [`origin`]: who asks, from where and when ·
//! [`document`], [`routes`] and [`aliases`]: the list of operations · [`connections`]: the clients.

pub mod aliases;
pub mod answer;
pub mod body;
pub mod caller;
pub mod coding;
pub mod connections;
pub mod csv;
pub mod document;
pub mod envelope;
mod error_mapping;
pub mod listing;
pub mod local;
pub mod nearest;
pub mod origin;
pub mod pipeline;
pub mod problem;
pub mod reader;
pub mod readiness_guard;
pub mod routes;
pub mod settings;
pub mod static_response;
pub mod text;
pub mod time;
pub mod validation_errors;

pub use self::{
    body::{Body, Null, RequestBody, Unknown},
    csv::Csv,
    origin::RequestOrigin,
    problem::{ErrorSet, HttpError, Problem},
    time::Time,
    validation_errors::ValidationErrors,
};

//! Which error codes an operation can answer, and how the OpenAPI document shows them.

use kernel::error::{Error, ErrorCode};
use std::{collections::BTreeSet, marker::PhantomData};

use poem::http::StatusCode;
use poem_openapi::{
    ApiResponse,
    payload::{Json, Payload},
    registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchemaRef, Registry},
    types::Type,
};

use crate::envelope::{ErrorEnvelope, status};

/// An [`Error`] as the framework carries it from handlers and extractors to the pipeline, which renders it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct HttpError(#[source] pub Error);

impl poem::error::ResponseError for HttpError {
    fn status(&self) -> StatusCode {
        status(self.0.code)
    }
}

/// The error codes that an operation can answer. Use `error_set!` to declare one.
pub trait ErrorSet: Send + Sync + 'static {
    /// The codes, in groups that may overlap.
    const GROUPS: &'static [&'static [ErrorCode]];

    /// Each code once, in the order of status and code.
    fn codes() -> impl Iterator<Item = ErrorCode> {
        let codes: BTreeSet<_> = Self::GROUPS.iter().copied().flatten().copied().collect();
        codes.into_iter()
    }

    /// Whether the operation can answer `code`.
    fn contains(code: ErrorCode) -> bool {
        Self::GROUPS.iter().any(|group| group.contains(&code))
    }
}

/// Groups of codes, for `error_set!`.
pub mod groups {
    use kernel::{error::ErrorCode, errors};

    /// Codes that the pipeline can answer for any operation; always included.
    pub const PIPELINE: &[ErrorCode] = &[
        errors::VALIDATION_ERROR,
        errors::REQUEST_TIMEOUT,
        errors::PAYLOAD_TOO_LARGE,
        errors::INTERNAL_ERROR,
    ];
    /// An operation that reads a body.
    pub const BODY: &[ErrorCode] = &[errors::UNSUPPORTED_MEDIA_TYPE];
    /// An operation with an id in its path: a path with characters that no id has is unknown.
    pub const ID: &[ErrorCode] = &[errors::NOT_FOUND];
    /// An operation that reads or writes the database; its calls are limited.
    pub const DATABASE: &[ErrorCode] = &[errors::RATE_LIMIT, errors::DATABASE_ERROR];
    /// An operation that needs a bearer token.
    pub const BEARER: &[ErrorCode] = &[
        errors::AUTH_FAILED,
        errors::SESSION_ERROR,
        errors::ACCESS_DENIED,
        errors::RATE_LIMIT,
        errors::DATABASE_ERROR,
    ];
    /// An operation whose caller must have proven a moment ago who they are.
    pub const FRESH: &[ErrorCode] = &[errors::REAUTH_REQUIRED];
    /// An operation that hashes or verifies a password.
    pub const HASHING: &[ErrorCode] = &[errors::SERVICE_BUSY];
}

/// Declares an [`ErrorSet`]: `error_set!(/// Login. pub Login = [AUTH_FAILED] + BODY + DATABASE);`.
///
/// The names in brackets are codes of the module `errors` that the caller imports, and the names after `+` are [`groups`]. [`groups::PIPELINE`] is
/// always included.
#[macro_export]
macro_rules! error_set {
    ($(#[$attr:meta])* $vis:vis $name:ident = [$($code:ident),* $(,)?] $(+ $group:ident)*) => {
        $(#[$attr])*
        #[derive(Debug)]
        $vis enum $name {}

        impl $crate::problem::ErrorSet for $name {
            const GROUPS: &'static [&'static [kernel::error::ErrorCode]] = &[
                &[$(errors::$code),*],
                $($crate::problem::groups::$group,)*
                $crate::problem::groups::PIPELINE,
            ];
        }
    };
}
pub use error_set;

/// The error type of a handler: an [`Error`] whose code is one of `S`.
#[derive(Debug)]
pub struct Problem<S> {
    error: Error,
    set: PhantomData<fn() -> S>,
}

impl<S: ErrorSet> From<Error> for Problem<S> {
    fn from(error: Error) -> Self {
        debug_assert!(
            S::contains(error.code),
            "{:?} is missing in {}",
            error.code,
            std::any::type_name::<S>()
        );
        Self {
            error,
            set: PhantomData,
        }
    }
}

impl<S: ErrorSet> From<ErrorCode> for Problem<S> {
    fn from(code: ErrorCode) -> Self {
        Error::new(code).into()
    }
}

impl<S> From<Problem<S>> for poem::Error {
    fn from(problem: Problem<S>) -> Self {
        HttpError(problem.error).into()
    }
}

/// The name of a header that carries a response's codes through poem-openapi, whose responses have no extensions.
/// [`document`](super::document) turns it into `x-error-codes`.
pub const CODES_MARKER: &str = "x-error-codes";

impl<S: ErrorSet> ApiResponse for Problem<S> {
    fn meta() -> MetaResponses {
        let codes: Vec<_> = S::codes().collect();
        let of_statuses = codes.chunk_by(|one, next| one.status() == next.status());
        let responses = of_statuses.map(|codes| {
            let status = codes[0].status();
            MetaResponse {
                description: "",
                status: Some(status),
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: Json::<ErrorEnvelope>::CONTENT_TYPE,
                    schema: ErrorEnvelope::schema_ref(),
                }],
                headers: headers(status, codes),
            }
        });
        MetaResponses {
            responses: responses.collect(),
        }
    }

    fn register(registry: &mut Registry) {
        ErrorEnvelope::register(registry);
    }
}

fn headers(status: u16, codes: &[ErrorCode]) -> Vec<MetaHeader> {
    let header = |name: &str, description: String, schema: MetaSchemaRef| MetaHeader {
        name: name.to_owned(),
        description: Some(description),
        required: false,
        deprecated: false,
        schema,
    };
    let codes: Vec<_> = codes.iter().copied().map(ErrorCode::name).collect();
    let mut headers = vec![header(CODES_MARKER, codes.join(" "), String::schema_ref())];
    match status {
        401 => headers.push(header(
            "WWW-Authenticate",
            "`Bearer`".to_owned(),
            String::schema_ref(),
        )),
        429 | 503 => headers.push(header(
            "Retry-After",
            "Seconds after which a retry makes sense".to_owned(),
            u64::schema_ref(),
        )),
        _ => {}
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::errors;

    error_set!(Example = [AUTH_FAILED, SESSION_ERROR] + BODY);

    #[test]
    fn an_operation_shows_each_status_once_with_its_codes() {
        let responses = Problem::<Example>::meta().responses;
        let unauthorized: Vec<_> = responses.iter().filter(|r| r.status == Some(401)).collect();
        assert_eq!(unauthorized.len(), 1);
        let marker = &unauthorized[0].headers[0];
        assert_eq!(
            marker.description.as_deref(),
            Some("AUTH_FAILED SESSION_ERROR")
        );
    }

    #[test]
    #[should_panic(expected = "NOT_FOUND is missing")]
    fn an_undeclared_error_code_fails_in_tests() {
        let _ = Problem::<Example>::from(errors::NOT_FOUND);
    }
}

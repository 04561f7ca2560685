//! Errors on the wire: the one envelope, and which operation can answer which of them
//! (contract.md 1.5, design.md 3).

use std::marker::PhantomData;

use poem::{
    IntoResponse, Response,
    http::{HeaderValue, StatusCode, header},
};
use poem_openapi::{
    ApiResponse, Object,
    payload::{Json, Payload},
    registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchemaRef, Registry},
    types::Type,
};

use super::time::Time;
use crate::{
    clock::Timestamp,
    error::{Error, ErrorCode, FieldError},
};

/// What every refused or failed request is answered with.
#[derive(Debug, Object)]
pub struct ErrorEnvelope {
    /// Always false.
    success: bool,
    /// The same text as `error.message`, for older clients.
    detail: String,
    /// What went wrong.
    error: ErrorBody,
}

/// What went wrong.
#[derive(Debug, Object)]
pub struct ErrorBody {
    /// A stable word for programs; the response's `x-error-codes` lists the possible ones.
    code: String,
    /// A sentence for people.
    message: String,
    /// When it went wrong.
    timestamp: Time,
    /// Finds the request in the service's log; the same as the header `X-Request-Id`.
    request_id: String,
    /// What some codes add.
    details: ErrorDetails,
}

/// What some codes add.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct ErrorDetails {
    /// Every fault of the request, with code `VALIDATION_ERROR`.
    validation_errors: Option<Vec<ValidationFault>>,
    /// Seconds after which a retry makes sense; the same as the header `Retry-After`.
    retry_after: Option<u64>,
}

/// One fault of one field.
#[derive(Debug, Object)]
pub struct ValidationFault {
    /// The field's name; `body` or `query` when it is about the whole.
    field: String,
    /// A sentence for people; never contains what was sent.
    message: String,
    /// A stable word for programs, such as `missing` or `password_too_short`.
    #[oai(rename = "type")]
    kind: String,
}

impl From<&FieldError> for ValidationFault {
    fn from(fault: &FieldError) -> Self {
        let FieldError {
            field,
            message,
            kind,
        } = fault;
        Self {
            field: field.to_string(),
            message: message.to_string(),
            kind: (*kind).to_owned(),
        }
    }
}

/// `error` as an answer: status, envelope, `Retry-After`, and `WWW-Authenticate` on each 401.
#[must_use]
pub fn render(error: &Error, request_id: &str, now: Timestamp) -> Response {
    let faults: Vec<_> = error.fields.iter().map(ValidationFault::from).collect();
    let envelope = ErrorEnvelope {
        success: false,
        detail: error.text().to_owned(),
        error: ErrorBody {
            code: error.code.code().to_owned(),
            message: error.text().to_owned(),
            timestamp: Time(now),
            request_id: request_id.to_owned(),
            details: ErrorDetails {
                validation_errors: (!faults.is_empty()).then_some(faults),
                retry_after: error.retry_after,
            },
        },
    };
    let mut response = Json(envelope).into_response();
    let status = status(error.code);
    response.set_status(status);
    if status == StatusCode::UNAUTHORIZED {
        let scheme = HeaderValue::from_static("Bearer");
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, scheme);
    }
    if let Some(seconds) = error.retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn status(code: ErrorCode) -> StatusCode {
    StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Lets handlers and extractors raise an [`Error`]; the frame renders it.
impl poem::error::ResponseError for Error {
    fn status(&self) -> StatusCode {
        status(self.code)
    }
}

/// The codes that an operation can answer. Made with [`error_set!`](super::problem::error_set).
pub trait ErrorSet: Send + Sync + 'static {
    /// The codes, in groups that may overlap.
    const GROUPS: &'static [&'static [ErrorCode]];

    /// Each code once, in the order of the table.
    fn codes() -> impl Iterator<Item = ErrorCode> {
        let all = ErrorCode::ALL.iter().copied();
        all.filter(|code| Self::contains(*code))
    }

    /// Whether the operation says that it can answer `code`.
    #[must_use]
    fn contains(code: ErrorCode) -> bool {
        Self::GROUPS.iter().any(|group| group.contains(&code))
    }
}

/// Codes that come in groups, for [`error_set!`](super::problem::error_set).
pub mod groups {
    use crate::error::ErrorCode;

    /// Any operation; always included.
    pub const FRAME: &[ErrorCode] = &[
        ErrorCode::ValidationError,
        ErrorCode::RequestTimeout,
        ErrorCode::PayloadTooLarge,
        ErrorCode::InternalError,
    ];
    /// An operation that reads a body.
    pub const BODY: &[ErrorCode] = &[ErrorCode::UnsupportedMediaType];
    /// An operation that asks the database, whose calls are therefore counted.
    pub const DATABASE: &[ErrorCode] = &[ErrorCode::RateLimit, ErrorCode::DatabaseError];
    /// An operation that a bearer token opens.
    pub const BEARER: &[ErrorCode] = &[
        ErrorCode::AuthFailed,
        ErrorCode::SessionError,
        ErrorCode::AccessDenied,
        ErrorCode::RateLimit,
        ErrorCode::DatabaseError,
    ];
    /// An operation that hashes or verifies a password.
    pub const HASHING: &[ErrorCode] = &[ErrorCode::ServiceBusy];
}

/// Declares an [`ErrorSet`]: `error_set!(/// Login. pub Login = [AuthFailed] + BODY + DATABASE);`.
///
/// The names in brackets are rows of [`ErrorCode`](crate::error::ErrorCode), those after `+` are
/// [`groups`]; [`groups::FRAME`] is always in it.
macro_rules! error_set {
    ($(#[$attr:meta])* $vis:vis $name:ident = [$($code:ident),* $(,)?] $(+ $group:ident)*) => {
        $(#[$attr])*
        #[derive(Debug)]
        $vis enum $name {}

        impl $crate::api::problem::ErrorSet for $name {
            const GROUPS: &'static [&'static [$crate::error::ErrorCode]] = &[
                &[$($crate::error::ErrorCode::$code),*],
                $($crate::api::problem::groups::$group,)*
                $crate::api::problem::groups::FRAME,
            ];
        }
    };
}
pub(crate) use error_set;

/// An [`Error`] of an operation that can answer the codes of `S`: the error type of its handler.
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
        problem.error.into()
    }
}

/// Carries a response's codes through poem-openapi, whose responses have no extensions;
/// [`document`](super::document) turns it into `x-error-codes`.
pub(super) const CODES_MARKER: &str = "x-error-codes";

impl<S: ErrorSet> ApiResponse for Problem<S> {
    fn meta() -> MetaResponses {
        let mut statuses: Vec<u16> = S::codes().map(ErrorCode::status).collect();
        statuses.sort_unstable();
        statuses.dedup();
        let responses = statuses.into_iter().map(|status| MetaResponse {
            description: "",
            status: Some(status),
            status_range: None,
            content: vec![MetaMediaType {
                content_type: Json::<ErrorEnvelope>::CONTENT_TYPE,
                schema: ErrorEnvelope::schema_ref(),
            }],
            headers: headers(status, S::codes().filter(|code| code.status() == status)),
        });
        MetaResponses {
            responses: responses.collect(),
        }
    }

    fn register(registry: &mut Registry) {
        ErrorEnvelope::register(registry);
    }
}

fn headers(status: u16, codes: impl Iterator<Item = ErrorCode>) -> Vec<MetaHeader> {
    let header = |name: &str, description: String, schema: MetaSchemaRef| MetaHeader {
        name: name.to_owned(),
        description: Some(description),
        required: false,
        deprecated: false,
        schema,
    };
    let codes: Vec<_> = codes.map(|code| format!("{code:?}")).collect();
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
    use crate::clock::Clock;

    error_set!(Example = [AuthFailed, SessionError] + BODY);

    async fn json(response: Response) -> serde_json::Value {
        response.into_body().into_json().await.unwrap()
    }

    #[tokio::test]
    async fn the_envelope_repeats_the_message_and_names_every_fault() {
        let error = Error::validation(vec![FieldError::new("email", "missing", "Required")]);
        let now = Clock::manual().now();
        let body = json(render(&error, "request-1", now)).await;
        insta::assert_json_snapshot!(body, { ".error.timestamp" => "[time]" }, @r#"
        {
          "success": false,
          "detail": "The request is not valid",
          "error": {
            "code": "VALIDATION_ERROR",
            "message": "The request is not valid",
            "timestamp": "[time]",
            "request_id": "request-1",
            "details": {
              "validation_errors": [
                {
                  "field": "email",
                  "message": "Required",
                  "type": "missing"
                }
              ]
            }
          }
        }
        "#);
        assert_eq!(body["error"]["timestamp"], crate::clock::rfc3339(now));
    }

    #[tokio::test]
    async fn a_throttled_request_says_for_how_long_twice() {
        let response = render(&Error::rate_limit(7), "request-1", Clock::manual().now());
        assert_eq!(response.headers()[header::RETRY_AFTER], "7");
        assert_eq!(json(response).await["error"]["details"]["retry_after"], 7);
    }

    #[test]
    fn every_401_challenges_for_a_bearer_token() {
        let codes = [ErrorCode::AuthFailed, ErrorCode::SessionError];
        for error in codes.map(Error::new) {
            let response = render(&error, "request-1", Clock::manual().now());
            assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer");
        }
    }

    #[test]
    fn an_operation_shows_each_status_once_with_its_codes() {
        let responses = Problem::<Example>::meta().responses;
        let unauthorized: Vec<_> = responses.iter().filter(|r| r.status == Some(401)).collect();
        assert_eq!(unauthorized.len(), 1);
        let marker = &unauthorized[0].headers[0];
        assert_eq!(
            marker.description.as_deref(),
            Some("AuthFailed SessionError")
        );
    }

    #[test]
    #[should_panic(expected = "OtpError is missing")]
    fn a_code_that_the_operation_does_not_name_is_caught_in_tests() {
        let _ = Problem::<Example>::from(ErrorCode::OtpError);
    }
}

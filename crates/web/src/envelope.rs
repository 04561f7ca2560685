//! The envelope of every error answer.

use kernel::{
    clock::Timestamp,
    error::{Error, ErrorCode, FieldError},
};
use poem::{
    IntoResponse, Response,
    http::{HeaderValue, StatusCode, header},
};
use poem_openapi::{Object, payload::Json, types::ToJSON};

use crate::time::Time;

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

/// What some codes add; the operations describe what else their codes add.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct ErrorDetails {
    /// Every fault of the request, with code `VALIDATION_ERROR`.
    validation_errors: Option<Vec<FieldErrorView>>,
    /// Seconds after which a retry makes sense; the same as the header `Retry-After`.
    retry_after: Option<u64>,
}

/// One fault of one field.
#[derive(Debug, Object)]
#[oai(rename = "ValidationFault")]
pub struct FieldErrorView {
    /// The field's name; `body` or `query` when it is about the whole.
    field: String,
    /// A sentence for people; never contains what was sent.
    message: String,
    /// A stable word for programs, such as `missing` or `password_too_short`.
    #[oai(rename = "type")]
    kind: String,
}

impl From<&FieldError> for FieldErrorView {
    fn from(error: &FieldError) -> Self {
        let FieldError {
            field,
            message,
            kind,
        } = error;
        Self {
            field: field.to_string(),
            message: message.to_string(),
            kind: (*kind).to_owned(),
        }
    }
}

impl ErrorEnvelope {
    /// The envelope for a request that failed with `error`.
    pub fn new(error: &Error, request_id: &str, now: Timestamp) -> Self {
        let errors: Vec<_> = error.fields.iter().map(FieldErrorView::from).collect();
        Self {
            success: false,
            detail: error.text().to_owned(),
            error: ErrorBody {
                code: error.code.code().to_owned(),
                message: error.text().to_owned(),
                timestamp: Time(now),
                request_id: request_id.to_owned(),
                details: ErrorDetails {
                    validation_errors: (!errors.is_empty()).then_some(errors),
                    retry_after: error.retry_after,
                },
            },
        }
    }
}

/// The answer for `error`: status, envelope, `Retry-After`, and `WWW-Authenticate` on each 401.
pub fn render(error: &Error, request_id: &str, now: Timestamp) -> Response {
    let mut envelope = ErrorEnvelope::new(error, request_id, now).to_json();
    let details = envelope.as_mut();
    let details = details.and_then(|it| it.pointer_mut("/error/details")?.as_object_mut());
    if let Some(details) = details {
        let more = error.details.iter().cloned();
        details.extend(more.map(|(field, value)| (field.to_owned(), value)));
    }
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

pub(crate) fn status(code: ErrorCode) -> StatusCode {
    StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{clock::Clock, errors};

    async fn json(response: Response) -> serde_json::Value {
        response.into_body().into_json().await.unwrap()
    }

    #[tokio::test]
    async fn the_envelope_repeats_the_message_and_names_every_error() {
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
        assert_eq!(body["error"]["timestamp"], kernel::clock::rfc3339(now));
    }

    #[tokio::test]
    async fn a_throttled_answer_has_the_delay_in_header_and_body() {
        let response = render(&Error::rate_limit(7), "request-1", Clock::manual().now());
        assert_eq!(response.headers()[header::RETRY_AFTER], "7");
        assert_eq!(json(response).await["error"]["details"]["retry_after"], 7);
    }

    // PAT-11
    #[tokio::test]
    async fn an_error_may_add_fields_to_its_details() {
        let error = Error::new(errors::VERSION_CONFLICT).adding("hidden", 2);
        let response = render(&error, "request-1", Clock::manual().now());
        assert_eq!(json(response).await["error"]["details"]["hidden"], 2);
    }

    #[test]
    fn every_401_challenges_for_a_bearer_token() {
        let codes = [errors::AUTH_FAILED, errors::SESSION_ERROR];
        for error in codes.map(Error::new) {
            let response = render(&error, "request-1", Clock::manual().now());
            assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer");
        }
    }
}

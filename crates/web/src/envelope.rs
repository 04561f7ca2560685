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

use crate::{
    reader::{DependsOnLanguage, Reader},
    time::Time,
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
#[oai(skip_serializing_if_is_none)]
pub struct ErrorBody {
    /// A stable word for programs; the response's `x-error-codes` lists the possible ones.
    code: String,
    /// A sentence for people, in English.
    message: String,
    /// The same in the language that `Accept-Language` asks for: German, French, Spanish or Hindi.
    localized_message: Option<String>,
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
#[oai(rename = "ValidationFault", skip_serializing_if_is_none)]
pub struct FieldErrorView {
    /// The field's name; `body` or `query` when it is about the whole.
    field: String,
    /// A sentence for people, in English; never contains what was sent.
    message: String,
    /// The same in the language that `Accept-Language` asks for: German, French, Spanish or Hindi.
    localized_message: Option<String>,
    /// A stable word for programs, such as `missing` or `password_too_short`.
    #[oai(rename = "type")]
    kind: String,
}

impl FieldErrorView {
    fn new(error: &FieldError, reader: Reader) -> Self {
        let FieldError {
            field,
            message,
            kind,
        } = error;
        Self {
            field: field.to_string(),
            localized_message: reader.localized(message),
            message: message.to_string(),
            kind: (*kind).to_owned(),
        }
    }
}

impl ErrorEnvelope {
    /// The envelope for a request that failed with `error`.
    pub fn new(error: &Error, request_id: &str, now: Timestamp, reader: Reader) -> Self {
        let errors = error.fields.iter();
        let errors: Vec<_> = errors
            .map(|error| FieldErrorView::new(error, reader))
            .collect();
        Self {
            success: false,
            detail: error.text().to_owned(),
            error: ErrorBody {
                code: error.code.code().to_owned(),
                message: error.text().to_owned(),
                localized_message: reader.localized(error.text()),
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
pub fn render(error: &Error, request_id: &str, now: Timestamp, reader: Reader) -> Response {
    let mut envelope = ErrorEnvelope::new(error, request_id, now, reader).to_json();
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
    response.set_data(DependsOnLanguage);
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
    use kernel::{clock::Clock, errors, mail_language::MailLanguage};

    fn marked(message: &str, language: MailLanguage) -> Option<String> {
        (message != "Required").then(|| format!("{}: {message}", language.tag()))
    }

    const ENGLISH: Reader = Reader {
        language: MailLanguage::English,
        localize: marked,
    };

    async fn json(response: Response) -> serde_json::Value {
        response.into_body().into_json().await.unwrap()
    }

    #[tokio::test]
    async fn the_envelope_repeats_the_message_and_names_every_error() {
        let error = Error::validation(vec![FieldError::new("email", "missing", "Required")]);
        let now = Clock::manual().now();
        let body = json(render(&error, "request-1", now, ENGLISH)).await;
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
    async fn sentences_of_another_language_stand_beside_the_english() {
        let faults = [("email", "Not good"), ("otp", "Required")];
        let faults = faults.map(|(field, message)| FieldError::new(field, "bad", message));
        let error = Error::validation(faults.to_vec());
        let german = Reader {
            language: MailLanguage::German,
            ..ENGLISH
        };
        let body = json(render(&error, "request-1", Clock::manual().now(), german)).await;
        assert_eq!(body["detail"], "The request is not valid");
        assert_eq!(body["error"]["message"], "The request is not valid");
        let localized = &body["error"]["localized_message"];
        assert_eq!(localized, "de: The request is not valid");
        let faults = &body["error"]["details"]["validation_errors"];
        assert_eq!(faults[0]["localized_message"], "de: Not good");
        assert_eq!(faults[1].get("localized_message"), None);
    }

    #[tokio::test]
    async fn a_throttled_answer_has_the_delay_in_header_and_body() {
        let response = render(
            &Error::rate_limit(7),
            "request-1",
            Clock::manual().now(),
            ENGLISH,
        );
        assert_eq!(response.headers()[header::RETRY_AFTER], "7");
        assert_eq!(json(response).await["error"]["details"]["retry_after"], 7);
    }

    // PAT-11
    #[tokio::test]
    async fn an_error_may_add_fields_to_its_details() {
        let error = Error::new(errors::VERSION_CONFLICT).adding("hidden", 2);
        let response = render(&error, "request-1", Clock::manual().now(), ENGLISH);
        assert_eq!(json(response).await["error"]["details"]["hidden"], 2);
    }

    #[test]
    fn every_401_challenges_for_a_bearer_token() {
        let codes = [errors::AUTH_FAILED, errors::SESSION_ERROR];
        for error in codes.map(Error::new) {
            let response = render(&error, "request-1", Clock::manual().now(), ENGLISH);
            assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer");
        }
    }
}

//! The one place that maps errors of the framework to our error codes, including those of requests that never reach a
//! handler. The framework's own messages repeat input, so they are dropped (INJ-5).

use poem::{
    error::{MethodNotAllowedError, NotFoundError, ReadBodyError},
    http::StatusCode,
};
use poem_openapi::error::{
    AuthorizationError, ContentTypeError, ParseParamError, ParsePathError, ParseRequestPayloadError,
};

use crate::HttpError;
use kernel::error::{Cause, Error, ErrorCode, FieldError};

/// Our error for `error`, whether a handler or the framework returned it.
pub(super) fn map_error(error: poem::Error) -> Error {
    let error = match error.downcast::<HttpError>() {
        Ok(HttpError(ours)) => return ours,
        Err(theirs) => theirs,
    };
    if let Some(parameter) = error.downcast_ref::<ParseParamError>() {
        FieldError::new(parameter.name, "invalid", "The value is not valid").into()
    } else if let Some(body) = error.downcast_ref::<ReadBodyError>() {
        read_body(body)
    } else if error.is::<ParseRequestPayloadError>() {
        FieldError::new("body", "invalid", "The body is not valid").into()
    } else if error.is::<ContentTypeError>() {
        ErrorCode::UnsupportedMediaType.into()
    } else if error.is::<AuthorizationError>() {
        ErrorCode::AuthFailed.into()
    } else if error.is::<MethodNotAllowedError>() {
        ErrorCode::MethodNotAllowed.into()
    } else if error.is::<NotFoundError>() || error.is::<ParsePathError>() {
        // An id in the path that cannot be parsed belongs to no document.
        ErrorCode::NotFound.into()
    } else {
        by_status(error)
    }
}

fn read_body(error: &ReadBodyError) -> Error {
    match error {
        ReadBodyError::PayloadTooLarge => ErrorCode::PayloadTooLarge.into(),
        ReadBodyError::BodyHasBeenTaken => Error::internal("the body was read twice"),
        ReadBodyError::Utf8(_) | ReadBodyError::Io(_) => {
            FieldError::new("body", "unreadable", "The body cannot be read").into()
        }
    }
}

/// Maps errors of the framework whose type is not known, by their status.
fn by_status(error: poem::Error) -> Error {
    let code = match error.status() {
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => ErrorCode::ValidationError,
        StatusCode::UNAUTHORIZED => ErrorCode::AuthFailed,
        StatusCode::FORBIDDEN => ErrorCode::AccessDenied,
        StatusCode::NOT_FOUND => ErrorCode::NotFound,
        StatusCode::PAYLOAD_TOO_LARGE => ErrorCode::PayloadTooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ErrorCode::UnsupportedMediaType,
        _ => ErrorCode::InternalError,
    };
    let cause: Cause = Box::new(error);
    Error::new(code).because(cause)
}

//! The one place that maps errors of the framework to our error codes, including those of requests that never reach a
//! handler. The framework's own messages repeat input, so they are dropped (INJ-5).

use kernel::{
    error::{Cause, Error, FieldError},
    errors,
};
use poem::{
    error::{MethodNotAllowedError, NotFoundError, ReadBodyError},
    http::StatusCode,
};
use poem_openapi::error::{
    AuthorizationError, ContentTypeError, ParseParamError, ParsePathError, ParseRequestPayloadError,
};

use crate::HttpError;

/// Our error for `error`, whether a handler or the framework returned it.
pub(super) fn map_error(error: poem::Error) -> Error {
    let error = match error.downcast::<HttpError>() {
        Ok(HttpError(ours)) => return ours,
        Err(theirs) => theirs,
    };
    if let Some(parameter) = error.downcast_ref::<ParseParamError>() {
        // The framework tells a missing parameter only by this sentence.
        if parameter.reason.ends_with("expects an input value.") {
            return FieldError::new(parameter.name, "missing", "This field is required").into();
        }
        FieldError::new(parameter.name, "invalid", "The value is not valid").into()
    } else if let Some(body) = error.downcast_ref::<ReadBodyError>() {
        read_body(body)
    } else if error.is::<ParseRequestPayloadError>() {
        FieldError::new("body", "invalid", "The body is not valid").into()
    } else if error.is::<ContentTypeError>() {
        errors::UNSUPPORTED_MEDIA_TYPE.into()
    } else if error.is::<AuthorizationError>() {
        errors::AUTH_FAILED.into()
    } else if error.is::<MethodNotAllowedError>() {
        errors::METHOD_NOT_ALLOWED.into()
    } else if error.is::<NotFoundError>() || error.is::<ParsePathError>() {
        // An id in the path that cannot be parsed belongs to no document.
        errors::NOT_FOUND.into()
    } else {
        by_status(error)
    }
}

fn read_body(error: &ReadBodyError) -> Error {
    match error {
        ReadBodyError::PayloadTooLarge => errors::PAYLOAD_TOO_LARGE.into(),
        ReadBodyError::BodyHasBeenTaken => Error::internal("the body was read twice"),
        ReadBodyError::Utf8(_) | ReadBodyError::Io(_) => {
            FieldError::new("body", "unreadable", "The body cannot be read").into()
        }
    }
}

/// Maps errors of the framework whose type is not known, by their status.
fn by_status(error: poem::Error) -> Error {
    let code = match error.status() {
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => errors::VALIDATION_ERROR,
        StatusCode::UNAUTHORIZED => errors::AUTH_FAILED,
        StatusCode::FORBIDDEN => errors::ACCESS_DENIED,
        StatusCode::NOT_FOUND => errors::NOT_FOUND,
        StatusCode::PAYLOAD_TOO_LARGE => errors::PAYLOAD_TOO_LARGE,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => errors::UNSUPPORTED_MEDIA_TYPE,
        _ => errors::INTERNAL_ERROR,
    };
    let cause: Cause = Box::new(error);
    Error::new(code).because(cause)
}

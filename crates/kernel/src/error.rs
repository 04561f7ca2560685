//! A row of the error table, and the error that carries one of them upwards.

use crate::errors;
use std::{borrow::Cow, fmt};

use serde_json::Value;

/// The underlying error; for the log, never shown to a caller.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A `Result` with the service's own error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A row of the error table: everything an answer can say about a failure. Each slice declares its own rows with
/// [`error_codes!`](crate::error_codes).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ErrorCode(&'static Row);

/// What [`ErrorCode`] points at. The fields are in the order in which a list of codes is sorted.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Row {
    /// The HTTP status number.
    pub status: u16,
    /// The code in the answer (`error.code`).
    pub code: &'static str,
    /// The name of the row, which no other row has.
    pub name: &'static str,
    /// The message, unless the error brings a better one.
    pub message: &'static str,
    /// When it is used; the text of `docs/errors.md`.
    pub meaning: &'static str,
}

impl ErrorCode {
    /// The code of a row.
    pub const fn new(row: &'static Row) -> Self {
        Self(row)
    }

    /// The HTTP status number.
    pub const fn status(self) -> u16 {
        self.0.status
    }

    /// The code in the answer (`error.code`).
    pub const fn code(self) -> &'static str {
        self.0.code
    }

    /// The name of the row, which no other row has. Two rows may have the same [`ErrorCode::code`].
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// The message, unless the error brings a better one.
    pub const fn message(self) -> &'static str {
        self.0.message
    }

    /// When it is used; the text of `docs/errors.md`.
    pub const fn meaning(self) -> &'static str {
        self.0.meaning
    }
}

impl fmt::Debug for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a rule of the domain says about a value, without the name of the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleViolation {
    /// A stable word for programs, such as `missing` or `password_too_short`.
    pub kind: &'static str,
    /// A sentence for people; it never contains the value.
    pub message: &'static str,
}

impl RuleViolation {
    /// A violation of a rule.
    pub const fn new(kind: &'static str, message: &'static str) -> Self {
        Self { kind, message }
    }

    /// The validation error for `field`.
    pub fn at(self, field: impl Into<Cow<'static, str>>) -> FieldError {
        FieldError::new(field, self.kind, self.message)
    }
}

/// One validation error, as `details.validation_errors` lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name in the request.
    pub field: Cow<'static, str>,
    /// A sentence for people; it never contains the value that was sent.
    pub message: Cow<'static, str>,
    /// A stable word for programs, such as `missing` or `password_too_short`.
    pub kind: &'static str,
}

impl FieldError {
    /// A validation error of `field`.
    pub fn new(
        field: impl Into<Cow<'static, str>>,
        kind: &'static str,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
            kind,
        }
    }
}

/// An error that the caller gets: a row of the error table, and the other data of the answer.
pub struct Error {
    /// The row of the table.
    pub code: ErrorCode,
    /// Replaces the row's message where the contract fixes another text.
    pub message: Option<&'static str>,
    /// Seconds after which a retry makes sense.
    pub retry_after: Option<u64>,
    /// The validation errors of a `ValidationError`.
    pub fields: Vec<FieldError>,
    /// What the code adds to `error.details`.
    pub details: Vec<(&'static str, Value)>,
    /// The underlying error; for the log only.
    pub source: Option<Cause>,
}

// The details may hold the token of a login that is not complete (MFA-9).
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let details: Vec<_> = self.details.iter().map(|(field, _)| field).collect();
        f.debug_struct("Error")
            .field("code", &self.code)
            .field("retry_after", &self.retry_after)
            .field("fields", &self.fields)
            .field("details", &details)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

impl Error {
    /// An error that has only its row.
    pub const fn new(code: ErrorCode) -> Self {
        Self {
            code,
            message: None,
            retry_after: None,
            fields: Vec::new(),
            details: Vec::new(),
            source: None,
        }
    }

    /// A failure of the service itself; `cause` goes to the log.
    pub fn internal(cause: impl Into<Cause>) -> Self {
        Self::new(errors::INTERNAL_ERROR).because(cause)
    }

    /// A `ValidationError` with all validation errors that were found.
    pub fn validation(fields: Vec<FieldError>) -> Self {
        Self {
            fields,
            ..Self::new(errors::VALIDATION_ERROR)
        }
    }

    /// The caller is throttled or the account is locked for `seconds`.
    pub fn rate_limit(seconds: u64) -> Self {
        Self::new(errors::RATE_LIMIT).retry_after(seconds)
    }

    /// This error with `Retry-After` (at least one second).
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds.max(1));
        self
    }

    /// This error with another message.
    #[must_use]
    pub const fn saying(mut self, message: &'static str) -> Self {
        self.message = Some(message);
        self
    }

    /// This error with one more field of `error.details`.
    #[must_use]
    pub fn adding(mut self, field: &'static str, value: impl Into<Value>) -> Self {
        self.details.push((field, value.into()));
        self
    }

    /// This error with its cause, for the log.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Cause>) -> Self {
        self.source = Some(cause.into());
        self
    }

    /// The message that the answer shows.
    pub fn text(&self) -> &'static str {
        self.message.unwrap_or(self.code.message())
    }
}

impl From<ErrorCode> for Error {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}

impl From<FieldError> for Error {
    fn from(violation: FieldError) -> Self {
        Self::validation(vec![violation])
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.code())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|cause| cause as _)
    }
}

//! The one table of error codes, and the error that carries one of them upwards.

use std::{borrow::Cow, fmt};

/// The underlying error; for the log, never shown to a caller.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A `Result` with the service's own error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! error_codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $status:literal, $code:literal, $message:literal;)+) => {
        /// A row of the error table: everything an answer can say about a failure.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ErrorCode { $($(#[doc = $doc])+ $name,)+ }

        impl ErrorCode {
            /// Every row, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The HTTP status number.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status),+ }
            }

            /// The code in the answer (`error.code`).
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// The message, unless the error brings a better one.
            pub const fn message(self) -> &'static str {
                match self { $(Self::$name => $message),+ }
            }

            /// When it is used; the text of `docs/errors.md`.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+)),+ }
            }
        }
    };
}

error_codes! {
    /// A field or a body does not parse or breaks a rule; all faults are listed at once.
    ValidationError = 422, "VALIDATION_ERROR", "The request is not valid";
    /// Wrong credentials, or a missing or invalid token.
    AuthFailed = 401, "AUTH_FAILED", "Invalid credentials";
    /// The session has ended or is unknown, or the refresh token is refused.
    SessionError = 401, "SESSION_ERROR", "Session is not active";
    /// The session does not exist among the caller's own.
    SessionNotFound = 404, "SESSION_ERROR", "Session not found";
    /// Authenticated, but not allowed.
    AccessDenied = 403, "ACCESS_DENIED", "Access denied";
    /// The e-mail address or the username is taken.
    UserExists = 409, "USER_EXISTS", "A user with this email or username already exists";
    /// An administrator looked for an account that does not exist.
    UserNotFound = 404, "USER_NOT_FOUND", "User not found";
    /// What the request was decided on is not what stands now: look again, and decide again.
    VersionConflict = 409, "VERSION_CONFLICT", "This has changed since it was looked at";
    /// A one-time code or reset link is wrong, expired, used, superseded or exhausted.
    OtpError = 400, "OTP_ERROR", "Invalid or expired OTP";
    /// Throttled or locked; `Retry-After` says for how long.
    RateLimit = 429, "RATE_LIMIT", "Too many requests";
    /// Mail is the whole purpose of the request and cannot even be stored.
    EmailError = 503, "EMAIL_ERROR", "The email cannot be sent at the moment";
    /// The database does not answer; nothing was lost, try again.
    DatabaseError = 503, "DATABASE_ERROR", "The database is not available at the moment";
    /// The password hashing queue is full.
    ServiceBusy = 503, "SERVICE_BUSY", "The service is busy, try again in a moment";
    /// The request took longer than the service allows.
    RequestTimeout = 408, "REQUEST_TIMEOUT", "The request took too long";
    /// No such path.
    NotFound = 404, "NOT_FOUND", "Not found";
    /// The path exists, but not with this method; `Allow` lists those that do.
    MethodNotAllowed = 405, "METHOD_NOT_ALLOWED", "Method not allowed";
    /// The body or the address is larger than the service takes; a header block that is too large gets a bare 431.
    PayloadTooLarge = 413, "PAYLOAD_TOO_LARGE", "The request is too large";
    /// The body's content type is not one that the operation reads.
    UnsupportedMediaType = 415, "UNSUPPORTED_MEDIA_TYPE", "The content type is not supported";
    /// The service is configured in a way that makes this request impossible.
    ConfigError = 500, "CONFIG_ERROR", "The service is not configured for this request";
    /// A fault in the service itself; the request id finds it in the log.
    InternalError = 500, "INTERNAL_ERROR", "Internal error";
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
#[derive(Debug)]
pub struct Error {
    /// The row of the table.
    pub code: ErrorCode,
    /// Replaces the row's message where the contract fixes another text.
    pub message: Option<&'static str>,
    /// Seconds after which a retry makes sense.
    pub retry_after: Option<u64>,
    /// The validation errors of a `ValidationError`.
    pub fields: Vec<FieldError>,
    /// The underlying error; for the log only.
    pub source: Option<Cause>,
}

impl Error {
    /// An error that has only its row.
    pub const fn new(code: ErrorCode) -> Self {
        Self {
            code,
            message: None,
            retry_after: None,
            fields: Vec::new(),
            source: None,
        }
    }

    /// A failure of the service itself; `cause` goes to the log.
    pub fn internal(cause: impl Into<Cause>) -> Self {
        Self::new(ErrorCode::InternalError).because(cause)
    }

    /// A `ValidationError` with all validation errors that were found.
    pub fn validation(fields: Vec<FieldError>) -> Self {
        Self {
            fields,
            ..Self::new(ErrorCode::ValidationError)
        }
    }

    /// The caller is throttled or the account is locked for `seconds`.
    pub fn rate_limit(seconds: u64) -> Self {
        Self::new(ErrorCode::RateLimit).retry_after(seconds)
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

//! The error codes that every slice can answer. A slice adds its own in a module `errors`, which re-exports these.

/// Declares the rows of a slice's error table as constants, and `ALL` with each of them:
/// `/// When it is used. NAME = 409, "WIRE_CODE", "The message";`
#[macro_export]
macro_rules! error_codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $status:literal, $code:literal, $message:literal;)+) => {
        $(
            $(#[doc = $doc])+
            pub const $name: $crate::error::ErrorCode = $crate::error::ErrorCode::new(&$crate::error::Row {
                status: $status,
                code: $code,
                name: stringify!($name),
                message: $message,
                meaning: concat!($($doc),+),
            });
        )+

        /// Every row of this table, in its order.
        pub const ALL: &[$crate::error::ErrorCode] = &[$($name),+];
    };
}

error_codes! {
    /// A field or a body does not parse or breaks a rule; all faults are listed at once.
    VALIDATION_ERROR = 422, "VALIDATION_ERROR", "The request is not valid";
    /// Wrong credentials, or a missing or invalid token.
    AUTH_FAILED = 401, "AUTH_FAILED", "Invalid credentials";
    /// The session has ended or is unknown, or the refresh token is refused.
    SESSION_ERROR = 401, "SESSION_ERROR", "Session is not active";
    /// Authenticated, but not allowed.
    ACCESS_DENIED = 403, "ACCESS_DENIED", "Access denied";
    /// The operation needs a proof that is a few minutes old at most; `details.methods` names what the caller can prove
    /// with, and `/auth/reauthenticate` takes it.
    REAUTH_REQUIRED = 403, "REAUTH_REQUIRED", "Confirm that it is you, then try again";
    /// What the request was decided on is not what stands now: look again, and decide again.
    VERSION_CONFLICT = 409, "VERSION_CONFLICT", "This has changed since it was looked at";
    /// Throttled or locked; `Retry-After` says for how long.
    RATE_LIMIT = 429, "RATE_LIMIT", "Too many requests";
    /// Mail is the whole purpose of the request and cannot even be stored.
    EMAIL_ERROR = 503, "EMAIL_ERROR", "The email cannot be sent at the moment";
    /// The database does not answer; nothing was lost, try again.
    DATABASE_ERROR = 503, "DATABASE_ERROR", "The database is not available at the moment";
    /// The password hashing queue is full.
    SERVICE_BUSY = 503, "SERVICE_BUSY", "The service is busy, try again in a moment";
    /// The request took longer than the service allows.
    REQUEST_TIMEOUT = 408, "REQUEST_TIMEOUT", "The request took too long";
    /// No such path.
    NOT_FOUND = 404, "NOT_FOUND", "Not found";
    /// The path exists, but not with this method; `Allow` lists those that do.
    METHOD_NOT_ALLOWED = 405, "METHOD_NOT_ALLOWED", "Method not allowed";
    /// The body or the address is larger than the service takes; a header block that is too large gets a bare 431.
    PAYLOAD_TOO_LARGE = 413, "PAYLOAD_TOO_LARGE", "The request is too large";
    /// The body's content type is not one that the operation reads.
    UNSUPPORTED_MEDIA_TYPE = 415, "UNSUPPORTED_MEDIA_TYPE", "The content type is not supported";
    /// The service is configured in a way that makes this request impossible.
    CONFIG_ERROR = 500, "CONFIG_ERROR", "The service is not configured for this request";
    /// A fault in the service itself; the request id finds it in the log.
    INTERNAL_ERROR = 500, "INTERNAL_ERROR", "Internal error";
}

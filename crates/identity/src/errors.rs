//! The error codes of accounts, beside those that every slice can answer.

pub use kernel::errors::*;

kernel::error_codes! {
    /// The session does not exist among the caller's own.
    SESSION_NOT_FOUND = 404, "SESSION_ERROR", "Session not found";
    /// The e-mail address or the username is taken.
    USER_EXISTS = 409, "USER_EXISTS", "A user with this email or username already exists";
    /// An administrator looked for an account that does not exist.
    USER_NOT_FOUND = 404, "USER_NOT_FOUND", "User not found";
    /// A one-time code or reset link is wrong, expired, used, superseded or exhausted.
    OTP_ERROR = 400, "OTP_ERROR", "Invalid or expired OTP";
}

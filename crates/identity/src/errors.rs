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
    /// The password was right, and the account has a second factor: `details` says how to continue at `/auth/login/mfa`.
    MFA_REQUIRED = 403, "MFA_REQUIRED", "A second factor is needed to log in";
    /// The password was right, and the role must have a second factor: `details` has the token that opens the enrolment.
    MFA_ENROLMENT_REQUIRED = 403, "MFA_ENROLMENT_REQUIRED", "A second factor must be set up to log in";
    /// The account must keep a second factor, and this is the last one.
    FACTOR_REQUIRED = 409, "FACTOR_REQUIRED", "This account must have a second factor; add another one first";
    /// A passkey, or its registration, cannot be verified; the log says why.
    PASSKEY_ERROR = 400, "PASSKEY_ERROR", "The passkey could not be verified";
    /// The passkey is registered already; the answer does not say whose it is.
    PASSKEY_TAKEN = 409, "PASSKEY_ERROR", "This passkey is registered already";
    /// The account has as many passkeys as it may have.
    PASSKEY_LIMIT = 409, "PASSKEY_ERROR", "This account has too many passkeys; remove one first";
    /// The passkey does not exist among the caller's own.
    PASSKEY_NOT_FOUND = 404, "PASSKEY_ERROR", "Passkey not found";
}

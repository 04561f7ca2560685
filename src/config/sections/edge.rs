//! The sections that callers feel: `throttle`, `auth`.

use kernel::settings::section;
use platform::settings::Limit;

const fn limit(limit: u32, per_seconds: u32) -> Limit {
    Limit { limit, per_seconds }
}

section! {
    /// `throttle`: limits per caller and target.
    Throttle {
        /// Proxies (addresses or CIDR blocks) whose forwarding header is believed.
        trusted_proxies: Vec<String> = Vec::new(),
        /// The forwarding header that those proxies set.
        forwarded_header: String = "X-Forwarded-For".to_owned(),
        /// Registrations of all callers together, and as many requests for each kind of code: on each instance.
        global: Limit = limit(60_000, 60),
        /// Registrations per address of the caller.
        register_per_ip: Limit = limit(60, 3600),
        /// Registrations per e-mail address.
        register_per_email: Limit = limit(5, 3600),
        /// Requests for a code per address of the caller.
        otp_request_per_ip: Limit = limit(60, 3600),
        /// Codes typed in per address of the caller.
        otp_verify_per_ip: Limit = limit(300, 900),
        /// Logins per address of the caller.
        login_per_ip: Limit = limit(600, 600),
        /// Different names that failed to log in per address of the caller (password spraying).
        failed_names_per_ip: Limit = limit(60, 900),
        /// Refresh tokens that are not genuine, per address of the caller.
        refresh_per_ip: Limit = limit(3000, 600),
        /// Refreshes per session.
        refresh_per_session: Limit = limit(120, 600),
        /// Password resets per address of the caller.
        reset_per_ip: Limit = limit(120, 900),
        /// Password changes per account.
        change_password_per_account: Limit = limit(10, 3600),
        /// Changes of the profile per account, and as many requests to end a session that has ended already.
        writes_per_account: Limit = limit(60, 60),
    }
}

section! {
    /// `auth`: who may log in, and how a token may be sent.
    Auth {
        /// A doctor logs in only after an administrator's approval.
        doctor_approval_required: bool = false,
        /// `POST /auth/validate-token?token=` is answered (legacy).
        allow_token_in_query: bool = true,
    }
}

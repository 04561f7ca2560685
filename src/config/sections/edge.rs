//! The sections that callers feel: `throttle`, `auth`, `service`.

use kernel::settings::section;
use platform::settings::Limit;

const fn limit(limit: u32, per_seconds: u32) -> Limit {
    Limit { limit, per_seconds }
}

/// Loopback (RFC 1122, RFC 4291) and private networks (RFC 1918, RFC 4193).
fn private_networks() -> Vec<String> {
    let networks = [
        "127.0.0.0/8",
        "::1",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "fc00::/7",
    ];
    networks.map(str::to_owned).to_vec()
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

section! {
    /// `service`: the HTTP server.
    Service {
        /// The address to listen on.
        host: String = "0.0.0.0".to_owned(),
        /// The port; `PORT` overrides.
        port: u16 = 5001,
        /// `debug_otp` in answers; development only.
        debug: bool = false,
        /// What links in mails begin with.
        public_base_url: String = "http://localhost:5001".to_owned(),
        /// Exact origins that browsers may call from; null: localhost's in development, none in production.
        cors_origins: Option<Vec<String>> = None,
        /// `/docs` and `/redoc`; null: on in development, off in production.
        docs_enabled: Option<bool> = None,
        /// `/test` and the static test pages; null: on in development, off in production.
        test_pages_enabled: Option<bool> = None,
        /// Addresses and CIDR blocks whose callers may read `/metrics`.
        metrics_networks: Vec<String> = private_networks(),
        /// Bytes of a body at most.
        body_limit_bytes: usize = 65_536,
        /// Seconds for a whole request, its body included.
        request_timeout_seconds: u64 = 30,
        /// Seconds from the first byte of a request to the end of its headers; a new connection's first byte is awaited as
        /// long.
        header_timeout_seconds: u64 = 10,
        /// Seconds that an idle connection is kept; longer than the minute after which many load balancers end one.
        keep_alive_seconds: u64 = 75,
        /// Bytes of a request's headers at most.
        header_limit_bytes: usize = 16_384,
        /// Bytes of a request's address at most.
        url_limit_bytes: usize = 8192,
        /// Open connections at most.
        max_connections: usize = 4096,
        /// Connections of one address (IPv6: of one /64) that have sent no whole header yet, at most; one more closes the
        /// oldest of them. Those of `throttle.trusted_proxies` are not counted.
        max_silent_per_address: usize = 256,
        /// Seconds after SIGTERM in which requests are still taken while `/health/ready` says 503, so that a load
        /// balancer can look elsewhere.
        drain_seconds: u64 = 0,
        /// Seconds that running requests have when none are taken any more.
        shutdown_seconds: u64 = 20,
    }
}

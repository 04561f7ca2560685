//! The settings of the HTTP server.

use kernel::settings::section;

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
        /// Request headers that pages of those origins may send, beside those that the operations read; for tracing.
        cors_headers: Vec<String> = Vec::new(),
        /// Whether browsers let pages of those origins send credentials, such as the cookies of a proxy.
        cors_credentials: bool = false,
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
        /// Whether lists, pages and their files are compressed; answers with a secret never are.
        compression: bool = true,
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

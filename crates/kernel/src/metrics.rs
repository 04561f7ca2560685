//! The metrics for the operator; `GET /metrics` shows them. Labels are a few fixed words, never a text that a client
//! sent.

use std::{future::Future, sync::Arc, time::Duration};

use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry, core::Collector,
};

/// The metrics of one service. Clones share them.
#[derive(Debug, Clone)]
pub struct Metrics(Arc<MetricSet>);

impl std::ops::Deref for Metrics {
    type Target = MetricSet;

    fn deref(&self) -> &MetricSet {
        &self.0
    }
}

/// The metrics themselves.
#[derive(Debug)]
pub struct MetricSet {
    /// The registry with all metrics, for the output.
    pub registry: Registry,
    /// The requests and the process.
    pub service: ServiceMetrics,
    /// Logins, by outcome.
    pub logins: IntCounterVec,
    /// Requests refused with 429, by the limit that was used up.
    pub throttled: IntCounterVec,
    /// Tries refused because the account is locked, or because a name without an account is.
    pub locked: IntCounter,
    /// Password hashes made or verified.
    pub hashes: IntCounter,
    /// Requests that wait for a hashing thread.
    pub hash_queue: IntGauge,
    /// How many seconds they waited for one.
    pub hash_wait: Histogram,
    /// Requests refused because the queue was full.
    pub hash_refused: IntCounter,
    /// Sessions looked up in the cache, by whether they were there.
    pub session_lookups: IntCounterVec,
    /// Mails by outcome.
    pub mails: IntCounterVec,
    /// Mails that wait, for any instance.
    pub mail_queue: IntGauge,
    /// How many seconds the oldest of them has waited.
    pub mail_oldest: IntGauge,
    /// How many seconds the key in use has signed; 0 with HS256.
    pub key_age: IntGauge,
    /// Records of the audit trail that this process wrote.
    pub audit_records: IntGauge,
    /// Round trips to the database, by the operation that made them.
    pub database_operations: IntCounterVec,
    /// How many seconds they took.
    pub database_duration: Histogram,
    /// Round trips that failed, by kind.
    pub database_errors: IntCounterVec,
    /// Connections to the database, open and in use.
    pub database_connections: IntGaugeVec,
}

/// The metrics of the requests and of the process itself.
#[derive(Debug)]
pub struct ServiceMetrics {
    /// Requests answered, by operation and status.
    pub requests: IntCounterVec,
    /// How many seconds they took from their headers to the answer, by operation.
    pub request_duration: HistogramVec,
    /// Requests being answered.
    pub requests_running: IntGauge,
    /// How many seconds the process has run.
    pub uptime: IntGauge,
    /// 1 while the database may be used.
    pub ready: IntGauge,
    /// Sessions kept in memory.
    pub sessions_cached: IntGauge,
}

/// In seconds. Most answers take milliseconds; a password hash takes tens of milliseconds, and may wait up to two
/// seconds.
const ANSWERS: [f64; 10] = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];
/// In seconds. A round trip takes less than a millisecond; one that is given up takes seconds.
const ROUND_TRIPS: [f64; 9] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1.0, 4.0];
/// In seconds. A request waits for a short time, or up to `password.hash_queue_ms`.
const WAITS: [f64; 8] = [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0];

/// The settings of `throttle` that cause a 429.
const LIMITS: [&str; 10] = [
    "global",
    "register_per_ip",
    "register_per_email",
    "otp_request_per_ip",
    "otp_verify_per_ip",
    "login_per_ip",
    "failed_names_per_ip",
    "refresh_per_ip",
    "reset_per_ip",
    "change_password_per_account",
];

/// Makes metrics and registers them.
struct Factory<'a>(&'a Registry);

impl Factory<'_> {
    fn keep<C: Collector + Clone + 'static>(
        &self,
        made: prometheus::Result<C>,
    ) -> prometheus::Result<C> {
        let made = made?;
        self.0.register(Box::new(made.clone()))?;
        Ok(made)
    }

    fn counter(&self, name: &str, help: &str) -> prometheus::Result<IntCounter> {
        self.keep(IntCounter::new(name, help))
    }

    fn gauge(&self, name: &str, help: &str) -> prometheus::Result<IntGauge> {
        self.keep(IntGauge::new(name, help))
    }

    fn gauges(&self, name: &str, help: &str, label: &str) -> prometheus::Result<IntGaugeVec> {
        self.keep(IntGaugeVec::new(Opts::new(name, help), &[label]))
    }

    fn service(&self) -> prometheus::Result<ServiceMetrics> {
        let build = self.gauges(
            "clinic_auth_build_info",
            "Always 1; the label says what runs",
            "version",
        )?;
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        Ok(ServiceMetrics {
            requests: self.keep(IntCounterVec::new(
                Opts::new("clinic_auth_requests_total", "Requests answered"),
                &["operation", "status"],
            ))?,
            request_duration: self.keep(HistogramVec::new(
                histogram(
                    "clinic_auth_request_duration_seconds",
                    "From a request's headers to its answer",
                    &ANSWERS,
                ),
                &["operation"],
            ))?,
            requests_running: self
                .gauge("clinic_auth_requests_running", "Requests being answered")?,
            uptime: self.gauge(
                "clinic_auth_uptime_seconds",
                "Since the process was started",
            )?,
            ready: self.gauge("clinic_auth_ready", "1 while the database may be used")?,
            sessions_cached: self
                .gauge("clinic_auth_sessions_cached", "Sessions kept in memory")?,
        })
    }

    /// A counter with all its label values from the start, so that the first event shows as an increase.
    fn counters(
        &self,
        name: &str,
        help: &str,
        label: &str,
        values: &[&str],
    ) -> prometheus::Result<IntCounterVec> {
        let made = self.keep(IntCounterVec::new(Opts::new(name, help), &[label]))?;
        for value in values {
            made.with_label_values(&[*value]);
        }
        Ok(made)
    }
}

fn histogram(name: &str, help: &str, buckets: &[f64]) -> HistogramOpts {
    HistogramOpts::new(name, help).buckets(buckets.to_vec())
}

impl Metrics {
    /// All metrics at zero.
    pub fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let make = Factory(&registry);
        let set = MetricSet {
            service: make.service()?,
            logins: make.counters(
                "clinic_auth_logins_total",
                "Logins by outcome",
                "outcome",
                &["success", "wrong", "denied", "limited", "busy", "failed"],
            )?,
            throttled: make.counters(
                "clinic_auth_throttled_total",
                "Requests refused with 429, by the limit that was used up",
                "limit",
                &LIMITS,
            )?,
            locked: make.counter(
                "clinic_auth_locked_total",
                "Tries refused because the account is locked",
            )?,
            hashes: make.counter(
                "clinic_auth_password_hashes_total",
                "Password hashes made or verified",
            )?,
            hash_queue: make.gauge(
                "clinic_auth_hash_queue_length",
                "Requests on their way to a hashing thread",
            )?,
            hash_wait: make.keep(Histogram::with_opts(histogram(
                "clinic_auth_hash_wait_seconds",
                "How long a hash waited for its thread",
                &WAITS,
            )))?,
            hash_refused: make.counter(
                "clinic_auth_hash_refused_total",
                "Requests refused because the hashing queue was full",
            )?,
            session_lookups: make.counters(
                "clinic_auth_session_lookups_total",
                "Sessions looked up in memory",
                "result",
                &["hit", "miss"],
            )?,
            mails: make.counters(
                "clinic_auth_mails_total",
                "Mails by what became of them",
                "outcome",
                &["sent", "failed", "refused", "given_up"],
            )?,
            mail_queue: make.gauge(
                "clinic_auth_mails_waiting",
                "Mails that wait to be sent; the same on every instance",
            )?,
            mail_oldest: make.gauge(
                "clinic_auth_mail_oldest_seconds",
                "How long the oldest waiting mail has waited",
            )?,
            key_age: make.gauge(
                "clinic_auth_signing_key_age_seconds",
                "How long the key in use has signed; 0 with HS256",
            )?,
            audit_records: make.gauge(
                "clinic_auth_audit_records",
                "Records of the audit trail that this process wrote",
            )?,
            database_operations: make.counters(
                "clinic_auth_database_operations_total",
                "Round trips to the database, by the operation that made them",
                "operation",
                &[BACKGROUND],
            )?,
            database_duration: make.keep(Histogram::with_opts(histogram(
                "clinic_auth_database_duration_seconds",
                "How long a round trip to the database took",
                &ROUND_TRIPS,
            )))?,
            database_errors: make.counters(
                "clinic_auth_database_errors_total",
                "Round trips that failed",
                "kind",
                &["unavailable", "other"],
            )?,
            database_connections: make.gauges(
                "clinic_auth_database_connections",
                "Connections to the database",
                "state",
            )?,
            registry,
        };
        Ok(Self(Arc::new(set)))
    }

    /// Counts a round trip to the database for the operation that is running.
    pub fn round_trip(&self, took: Duration) {
        let operation = RUNNING.try_with(|operation| *operation);
        let operation = operation.unwrap_or(BACKGROUND);
        self.database_operations
            .with_label_values(&[operation])
            .inc();
        self.database_duration.observe(took.as_secs_f64());
    }
}

/// The label of work without a request.
const BACKGROUND: &str = "background";

tokio::task_local! {
    static RUNNING: &'static str;
}

/// Does `work` as the operation with this id; its round trips are counted for that operation.
pub async fn during<F: Future>(operation: &'static str, work: F) -> F::Output {
    RUNNING.scope(operation, work).await
}

/// Counts a gauge up, and down again when it is dropped, in every case.
#[derive(Debug)]
pub struct InProgress(IntGauge);

impl InProgress {
    /// Counts up by one.
    #[must_use]
    pub fn start(gauge: &IntGauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for InProgress {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_round_trip_counts_for_the_operation_that_makes_it() {
        let metrics = Metrics::new().unwrap();
        let trip = || metrics.round_trip(Duration::from_millis(1));
        trip();
        during("login", async { trip() }).await;
        during("login", during("refresh", async { trip() })).await;
        during("login", async { trip() }).await;
        let count = |operation| {
            let counter = &metrics.database_operations;
            counter.with_label_values(&[operation]).get()
        };
        assert_eq!(["login", "refresh", BACKGROUND].map(count), [2, 1, 1]);
        assert_eq!(metrics.database_duration.get_sample_count(), 4);
    }

    #[test]
    fn a_gauge_goes_down_when_its_guard_is_dropped() {
        let metrics = Metrics::new().unwrap();
        let one = InProgress::start(&metrics.hash_queue);
        let other = InProgress::start(&metrics.hash_queue);
        assert_eq!(metrics.hash_queue.get(), 2);
        drop((one, other));
        assert_eq!(metrics.hash_queue.get(), 0);
    }
}

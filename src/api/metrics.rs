//! `GET /metrics`, which an operator's Prometheus reads, and the endpoint that counts the requests of all operations.
//! Labels are operation ids and status numbers, never text that a caller sent.

use std::sync::{Arc, Mutex, PoisonError};

use poem::{Endpoint, IntoResponse, Request, Response, Result};
use poem_openapi::{OpenApi, OperationId};
use prometheus::{
    HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
    core::Collector,
};
use tokio::time::Instant;

use super::{
    Problem, Tag, VERSION,
    local::is_callers_own,
    problem::error_set,
    static_response::{Kind, StaticResponse},
};
use crate::{
    app::App,
    domain::{networks::Networks, request::Origin},
    error::{Cause, Error, ErrorCode},
    metrics::InProgress,
};

/// The text format of Prometheus.
const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The label of a request without an operation: an unknown path or a wrong method.
pub(in crate::api) const NO_OPERATION: &str = "none";

/// In seconds. Most answers take milliseconds; a password hash takes tens of milliseconds, and may wait up to two
/// seconds.
const BUCKETS: [f64; 10] = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];

/// The metrics of this process: those of its requests, and those that its other parts count.
#[derive(Debug)]
pub struct Metrics {
    app: Arc<App>,
    requests: IntCounterVec,
    durations: HistogramVec,
    running: IntGauge,
    gauges: Mutex<Gauges>,
    readers: Networks,
}

/// The values that are read from other parts of the service for each answer.
#[derive(Debug)]
struct Gauges {
    uptime: IntGauge,
    ready: IntGauge,
    sessions: IntGauge,
}

impl Metrics {
    /// Metrics that are all zero.
    ///
    /// # Errors
    /// Prometheus does not accept a name or a label, or `service.metrics_networks` is not valid.
    pub fn new(app: Arc<App>) -> std::result::Result<Arc<Self>, Cause> {
        let networks = &app.settings.config.service.metrics_networks;
        let readers = Networks::parse("service.metrics_networks", networks)?;
        let registry = &app.metrics.registry;
        let requests = IntCounterVec::new(
            Opts::new("clinic_auth_requests_total", "Requests answered"),
            &["operation", "status"],
        )?;
        let durations = HistogramVec::new(
            HistogramOpts::new(
                "clinic_auth_request_duration_seconds",
                "From a request's headers to its answer",
            )
            .buckets(BUCKETS.to_vec()),
            &["operation"],
        )?;
        let gauge = |name: &str, help: &str| registered(registry, IntGauge::new(name, help)?);
        let build = IntGaugeVec::new(
            Opts::new(
                "clinic_auth_build_info",
                "Always 1; the label says what runs",
            ),
            &["version"],
        )?;
        registered(registry, build)?
            .with_label_values(&[VERSION])
            .set(1);
        let gauges = Gauges {
            uptime: gauge(
                "clinic_auth_uptime_seconds",
                "Since the process was started",
            )?,
            ready: gauge("clinic_auth_ready", "1 while the database may be used")?,
            sessions: gauge("clinic_auth_sessions_cached", "Sessions kept in memory")?,
        };
        let running = gauge("clinic_auth_requests_running", "Requests being answered")?;
        Ok(Arc::new(Self {
            requests: registered(registry, requests)?,
            durations: registered(registry, durations)?,
            running,
            gauges: Mutex::new(gauges),
            readers,
            app,
        }))
    }

    /// The text for a caller that may read the metrics. Any other caller gets `NotFound`.
    fn text(&self, request: &Request, origin: &Origin) -> Result<String, Error> {
        if !self.readers.contain(origin.ip) || !is_callers_own(request, origin) {
            return Err(ErrorCode::NotFound.into());
        }
        // The lock is held until the text is made, so that two requests at once cannot mix their values.
        let gauges = self.gauges.lock().unwrap_or_else(PoisonError::into_inner);
        let (app, now) = (&self.app, origin.now);
        gauges.uptime.set((now - app.started_at).num_seconds());
        gauges.ready.set(app.readiness.serves().into());
        let sessions = i64::try_from(app.sessions.count()).unwrap_or(i64::MAX);
        gauges.sessions.set(sessions);
        TextEncoder::new()
            .encode_to_string(&app.metrics.registry.gather())
            .map_err(Error::internal)
    }

    fn count(&self, response: &Response, started: Instant) {
        let operation = response.data::<OperationId>();
        let operation = operation.map_or(NO_OPERATION, |operation| operation.0);
        self.requests
            .with_label_values(&[operation, response.status().as_str()])
            .inc();
        self.durations
            .with_label_values(&[operation])
            .observe(started.elapsed().as_secs_f64());
    }
}

/// An endpoint that counts its requests.
#[derive(Debug)]
pub struct Metered<E> {
    inner: E,
    metrics: Arc<Metrics>,
}

impl<E> Metered<E> {
    /// Counts the answers of `inner`.
    pub const fn new(inner: E, metrics: Arc<Metrics>) -> Self {
        Self { inner, metrics }
    }
}

impl<E: Endpoint> Endpoint for Metered<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let started = Instant::now();
        let running = InProgress::start(&self.metrics.running);
        let response = self.inner.call(request).await?.into_response();
        drop(running);
        self.metrics.count(&response, started);
        Ok(response)
    }
}

fn registered<C: Collector + Clone + 'static>(
    registry: &Registry,
    metric: C,
) -> std::result::Result<C, Cause> {
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}

/// The operation.
#[derive(Debug, Clone)]
pub struct MetricsApi(pub Arc<Metrics>);

error_set!(
    /// The numbers.
    MetricsErrors = [NotFound]
);

#[derive(Debug)]
enum MetricsText {}
impl Kind for MetricsText {
    const DESCRIPTION: &'static str = "The numbers, in the text format 0.0.4 of Prometheus";
    const CONTENT: &'static [&'static str] = &[CONTENT_TYPE];
    const TYPE: &'static str = "string";
    const EXAMPLE: &'static str = "# HELP clinic_auth_ready 1 while the database may be used\n\
# TYPE clinic_auth_ready gauge\nclinic_auth_ready 1\n";
}

#[OpenApi]
impl MetricsApi {
    /// Numbers about the running service
    ///
    /// Requests, logins, hashing, sessions, mails, the database, keys and the audit trail, in numbers. About nobody in
    /// particular, and for callers from `service.metrics_networks` only, who come directly or through a trusted proxy.
    #[oai(
        path = "/metrics",
        method = "get",
        operation_id = "metrics",
        tag = "Tag::System"
    )]
    #[expect(
        clippy::unused_async,
        reason = "what the framework calls a handler is async"
    )]
    async fn metrics(
        &self,
        request: &Request,
        origin: &Origin,
    ) -> Result<StaticResponse<MetricsText>, Problem<MetricsErrors>> {
        let response = Response::builder().content_type(CONTENT_TYPE);
        Ok(StaticResponse::new(
            response.body(self.0.text(request, origin)?),
        ))
    }
}

//! `GET /metrics`: what an operator's Prometheus reads (contract.md 1.4), and the endpoint around all
//! others that counts them. Labels are operation ids and status numbers, never anything that was sent.

use std::sync::{Arc, Mutex, PoisonError};

use poem::{Endpoint, IntoResponse, Request, Response, Result};
use poem_openapi::{OpenApi, OperationId};
use prometheus::{
    HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder,
};
use tokio::time::Instant;

use super::{
    Problem, Tag, VERSION,
    problem::error_set,
    raw::{Kind, Raw},
};
use crate::{
    app::App,
    domain::request::Origin,
    error::{Cause, Error},
};

/// The text format of Prometheus.
const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The label of what is no operation: an unknown path, a wrong method.
const NO_OPERATION: &str = "none";

/// Seconds. Most answers take milliseconds; a password hash takes tens of them, and its queue up to two seconds.
const BUCKETS: [f64; 10] = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];

/// The numbers of this process.
#[derive(Debug)]
pub struct Metrics {
    app: Arc<App>,
    registry: Registry,
    requests: IntCounterVec,
    durations: HistogramVec,
    running: IntGauge,
    process: Mutex<Process>,
}

/// What is read from elsewhere when somebody asks.
#[derive(Debug)]
struct Process {
    uptime: IntGauge,
    ready: IntGauge,
    hashes: IntCounter,
}

impl Metrics {
    /// All at zero.
    ///
    /// # Errors
    /// A name or a label is not one that Prometheus knows.
    pub fn new(app: Arc<App>) -> std::result::Result<Arc<Self>, Cause> {
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
        let running = IntGauge::new("clinic_auth_requests_running", "Requests being answered")?;
        let process = Process {
            uptime: IntGauge::new(
                "clinic_auth_uptime_seconds",
                "Since the process was started",
            )?,
            ready: IntGauge::new("clinic_auth_ready", "1 while the database may be used")?,
            hashes: IntCounter::new(
                "clinic_auth_password_hashes_total",
                "Password hashes made or verified",
            )?,
        };
        let build = IntGaugeVec::new(
            Opts::new(
                "clinic_auth_build_info",
                "Always 1; the label says what runs",
            ),
            &["version"],
        )?;
        build.with_label_values(&[VERSION]).set(1);
        let registry = Registry::new();
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(durations.clone()))?;
        registry.register(Box::new(running.clone()))?;
        registry.register(Box::new(process.uptime.clone()))?;
        registry.register(Box::new(process.ready.clone()))?;
        registry.register(Box::new(process.hashes.clone()))?;
        registry.register(Box::new(build))?;
        Ok(Arc::new(Self {
            app,
            registry,
            requests,
            durations,
            running,
            process: Mutex::new(process),
        }))
    }

    fn text(&self, origin: &Origin) -> Result<String, Error> {
        // Held until the text is made: two readers at once would count the new hashes twice.
        let process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        process
            .uptime
            .set((origin.now - self.app.started_at).num_seconds());
        process.ready.set(self.app.readiness.serves().into());
        let new = self.app.hasher.hashes_done() - process.hashes.get();
        process.hashes.inc_by(new);
        let families = self.registry.gather();
        TextEncoder::new()
            .encode_to_string(&families)
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

/// An endpoint whose requests are counted.
#[derive(Debug)]
pub struct Metered<E> {
    inner: E,
    metrics: Arc<Metrics>,
}

impl<E> Metered<E> {
    /// Counts what `inner` answers.
    pub const fn new(inner: E, metrics: Arc<Metrics>) -> Self {
        Self { inner, metrics }
    }
}

impl<E: Endpoint> Endpoint for Metered<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let started = Instant::now();
        let running = Running::one_more(&self.metrics.running);
        let response = self.inner.call(request).await?.into_response();
        drop(running);
        self.metrics.count(&response, started);
        Ok(response)
    }
}

/// Counts down also when the client has left and the request is dropped.
struct Running(IntGauge);

impl Running {
    fn one_more(gauge: &IntGauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// The operation.
#[derive(Debug, Clone)]
pub struct MetricsApi(pub Arc<Metrics>);

error_set!(
    /// The numbers.
    MetricsErrors = []
);

#[derive(Debug)]
enum Numbers {}
impl Kind for Numbers {
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
    /// Requests by operation and status, their durations, password hashes, uptime. About nobody in particular.
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
    async fn metrics(&self, origin: &Origin) -> Result<Raw<Numbers>, Problem<MetricsErrors>> {
        let response = Response::builder().content_type(CONTENT_TYPE);
        Ok(Raw::new(response.body(self.0.text(origin)?)))
    }
}

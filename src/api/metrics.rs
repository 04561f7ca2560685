//! `GET /metrics`, which an operator's Prometheus reads, and the endpoint that counts the requests of all operations.
//! Labels are operation ids and status numbers, never text that a caller sent.

use crate::program::Program;
use kernel::{
    error::{Cause, Error},
    errors,
    helpers::lock,
    metrics::InProgress,
    networks::Networks,
    request::Origin,
};
use std::sync::{Arc, Mutex};

use poem::{Endpoint, IntoResponse, Request, Response, Result};
use poem_openapi::{OpenApi, OperationId};
use prometheus::TextEncoder;
use tokio::time::Instant;

use web::{
    Problem, RequestOrigin,
    local::is_callers_own,
    pipeline::NO_OPERATION,
    problem::error_set,
    static_response::{Kind, StaticResponse},
};

use super::Tag;

/// The text format of Prometheus.
const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The metrics of this process, for those who may read them.
pub struct Metrics {
    program: Arc<Program>,
    readers: Networks,
    output: Mutex<()>,
}

impl Metrics {
    /// The metrics of `program`.
    ///
    /// # Errors
    /// `service.metrics_networks` is not valid.
    pub fn new(program: Arc<Program>) -> std::result::Result<Arc<Self>, Cause> {
        let networks = &program.settings.config.service.metrics_networks;
        Ok(Arc::new(Self {
            readers: Networks::parse("service.metrics_networks", networks)?,
            output: Mutex::default(),
            program,
        }))
    }

    /// The text for a caller that may read the metrics. Any other caller gets `NotFound`.
    fn text(&self, request: &Request, origin: &Origin) -> Result<String, Error> {
        if !self.readers.contain(origin.ip) || !is_callers_own(request, origin) {
            return Err(errors::NOT_FOUND.into());
        }
        // The lock is held until the text is made, so that two requests at once cannot mix their values.
        let _output = lock(&self.output);
        let app = &self.program.identity;
        let metrics = &app.metrics.service;
        let uptime = origin.now - self.program.started_at;
        metrics.uptime.set(uptime.num_seconds());
        metrics.ready.set(app.readiness.serves().into());
        let sessions = i64::try_from(app.sessions.count()).unwrap_or(i64::MAX);
        metrics.sessions_cached.set(sessions);
        TextEncoder::new()
            .encode_to_string(&app.metrics.registry.gather())
            .map_err(Error::internal)
    }

    fn count(&self, response: &Response, started: Instant) {
        let operation = response.data::<OperationId>();
        let operation = operation.map_or(NO_OPERATION, |operation| operation.0);
        let metrics = &self.program.identity.metrics.service;
        metrics
            .requests
            .with_label_values(&[operation, response.status().as_str()])
            .inc();
        metrics
            .request_duration
            .with_label_values(&[operation])
            .observe(started.elapsed().as_secs_f64());
    }
}

/// An endpoint that counts its requests.
pub struct Metered<E>(pub E, pub Arc<Metrics>);

impl<E: Endpoint> Endpoint for Metered<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let started = Instant::now();
        let running = InProgress::start(&self.1.program.identity.metrics.service.requests_running);
        let response = self.0.call(request).await?.into_response();
        drop(running);
        self.1.count(&response, started);
        Ok(response)
    }
}

/// The operation.
pub struct MetricsApi(pub Arc<Metrics>);

error_set!(
    /// The numbers.
    MetricsErrors = [NOT_FOUND]
);

enum MetricsText {}
impl Kind for MetricsText {
    const DESCRIPTION: &'static str = "The numbers, in the text format 0.0.4 of Prometheus";
    const CONTENT: &'static [&'static str] = &[CONTENT_TYPE];
    const EXAMPLE: &'static str = "# HELP clinic_auth_ready 1 while the database may be used\n\
# TYPE clinic_auth_ready gauge\nclinic_auth_ready 1\n";
}

#[OpenApi(tag = "Tag::System")]
impl MetricsApi {
    /// Numbers about the running service
    ///
    /// Requests, logins, hashing, sessions, mails, the database, keys and the audit trail, in numbers. About nobody in
    /// particular, and for callers from `service.metrics_networks` only, who come directly or through a trusted proxy.
    #[oai(path = "/metrics", method = "get", operation_id = "metrics")]
    #[expect(clippy::unused_async, reason = "each handler is async")]
    async fn metrics(
        &self,
        request: &Request,
        origin: RequestOrigin<'_>,
    ) -> Result<StaticResponse<MetricsText>, Problem<MetricsErrors>> {
        let response = Response::builder().content_type(CONTENT_TYPE);
        Ok(StaticResponse::new(
            response.body(self.0.text(request, &origin)?),
        ))
    }
}

//! Traces by OTLP (HTTP, protobuf), where `OTEL_EXPORTER_OTLP_ENDPOINT` says to whom: a span for each request, with the
//! request id that the log, the answer and the audit trail have too, and in it the lines of the log.

use std::sync::OnceLock;

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tracing::{Level, Metadata};
use tracing_subscriber::{Layer, filter::filter_fn};

use super::Beside;

/// The variable that every service with OpenTelemetry reads; its library reads the others of this family.
const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

static PROVIDER: OnceLock<SdkTracerProvider> = OnceLock::new();

/// What makes traces of the log, if somebody wants them; or why it cannot be had.
pub(super) fn start() -> (Beside, Option<&'static str>) {
    if std::env::var_os(ENDPOINT).is_none_or(|endpoint| endpoint.is_empty()) {
        return (None, None);
    }
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .build();
    // The library's own words could repeat the address, which may hold a password (LOG-2).
    let Ok(exporter) = exporter else {
        return (
            None,
            Some("OTEL_EXPORTER_OTLP_ENDPOINT is not an address like http://localhost:4318"),
        );
    };
    let service = Resource::builder()
        .with_service_name(env!("CARGO_PKG_NAME"))
        .build();
    let provider = PROVIDER.get_or_init(|| {
        SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(service)
            .build()
    });
    let layer = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer(env!("CARGO_PKG_NAME")))
        .with_filter(filter_fn(is_ours));
    (Some(Box::new(layer)), None)
}

/// Sends what was not sent yet.
pub(super) fn end() {
    if let Some(provider) = PROVIDER.get() {
        // Without a collector there is nobody to tell.
        let _ = provider.shutdown();
    }
}

/// What may leave: the same as may stand in the log, and of our own only (LOG-2).
fn is_ours(metadata: &Metadata<'_>) -> bool {
    let root = metadata.target().split("::").next();
    root == Some(env!("CARGO_CRATE_NAME")) && *metadata.level() <= Level::INFO
}

//! Sends traces by OTLP (HTTP, protobuf) to the address in `OTEL_EXPORTER_OTLP_ENDPOINT`. Each request has a span with
//! its events and with the request id that the log, the answer and the audit trail have too.

use std::sync::OnceLock;

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tracing::{Level, Metadata};
use tracing_subscriber::{Layer, filter::filter_fn};

use super::{OURS, TraceLayer};

/// The standard variable of OpenTelemetry. Its library reads the other variables of this family.
const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

static PROVIDER: OnceLock<SdkTracerProvider> = OnceLock::new();

/// The layer that makes traces, if they are configured; or the reason why it cannot be made.
pub(super) fn start() -> (TraceLayer, Option<&'static str>) {
    if std::env::var_os(ENDPOINT).is_none_or(|endpoint| endpoint.is_empty()) {
        return (None, None);
    }
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .build();
    // The library's error message could repeat the address, which may contain a password (LOG-2).
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

/// Sends the spans that were not sent yet.
pub(super) fn end() {
    if let Some(provider) = PROVIDER.get() {
        // If no collector answers, there is nothing more to do.
        let _ = provider.shutdown();
    }
}

/// Whether an event may be sent: only events of our crates that the log may contain too (LOG-2).
fn is_ours(metadata: &Metadata<'_>) -> bool {
    let root = metadata.target().split("::").next();
    root.is_some_and(|root| OURS.contains(&root)) && *metadata.level() <= Level::INFO
}

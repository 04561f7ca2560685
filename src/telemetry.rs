//! What the service tells its operator: the log.

use tracing::{Level, Metadata, level_filters::LevelFilter};
use tracing_subscriber::{
    EnvFilter, Layer, filter::FilterExt, filter::filter_fn, layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::config::Environment;

/// Starts the log: JSON lines in production, readable text in development. A second start is ignored.
pub fn start_log(environment: Environment, filter: Option<&str>) {
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::INFO.into())
        .parse_lossy(filter.unwrap_or_default());
    let filter = filter.and(filter_fn(is_harmless));
    let registry = tracing_subscriber::registry();
    let started = match environment {
        Environment::Production => registry
            .with(
                tracing_subscriber::fmt::layer()
                    .json()
                    .flatten_event(true)
                    .with_filter(filter),
            )
            .try_init(),
        Environment::Development => registry
            .with(tracing_subscriber::fmt::layer().with_filter(filter))
            .try_init(),
    };
    if started.is_ok() {
        log_panics();
    }
}

/// Other crates print what goes over the wire at their finer levels, codes and addresses with it: they stay at info,
/// whatever `RUST_LOG` says (LOG-2).
fn is_harmless(metadata: &Metadata<'_>) -> bool {
    let root = metadata.target().split("::").next();
    root == Some(env!("CARGO_CRATE_NAME")) || *metadata.level() <= Level::INFO
}

/// A panic is one line with its place; never its text, which may hold what a caller sent (LOG-2).
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "panic");
    }));
}

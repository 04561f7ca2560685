//! The output for operators: the log, and traces if they are configured.

#[cfg(feature = "otel")]
mod traces;

use std::io;

use tracing::{Level, Metadata, Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::{FilterExt, filter_fn},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::config::Environment;
use kernel::helpers::on_one_line;

/// An optional second layer, which receives the same events as the log.
type TraceLayer = Option<Box<dyn Layer<Registry> + Send + Sync>>;

/// Starts the log: JSON lines in production, readable text in development. With the feature `otel`, it also starts the
/// traces if they are configured. A second call is ignored.
pub fn start_log(environment: Environment, filter: Option<&str>) {
    #[cfg(feature = "otel")]
    let (traces, error) = traces::start();
    #[cfg(not(feature = "otel"))]
    let (traces, error): (TraceLayer, Option<&str>) = (None, None);
    let log = log_to(io::stdout, environment, filter, traces);
    if log.try_init().is_ok() {
        log_panics();
    }
    if let Some(error) = error {
        tracing::error!("no traces are sent: {error}");
    }
}

/// Sends the events that were not sent yet. It is the last call of the process.
pub fn end() {
    #[cfg(feature = "otel")]
    traces::end();
}

fn log_to<W: io::Write + 'static>(
    writer: impl Fn() -> W + Send + Sync + 'static,
    environment: Environment,
    filter: Option<&str>,
    traces: TraceLayer,
) -> Box<dyn Subscriber + Send + Sync> {
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::INFO.into())
        .parse_lossy(for_each_crate(filter.unwrap_or_default()));
    let filter = filter.and(filter_fn(is_harmless));
    let lines = tracing_subscriber::fmt::layer().with_writer(move || OneLine(writer()));
    let registry = tracing_subscriber::registry().with(traces);
    match environment {
        Environment::Production => {
            Box::new(registry.with(lines.json().flatten_event(true).with_filter(filter)))
        }
        Environment::Development => Box::new(registry.with(lines.with_filter(filter))),
    }
}

/// Writes each event as one line, so that a value with a line end or an escape sequence cannot imitate lines of the
/// service (LOG-3). Each call of `write` is one event.
struct OneLine<W>(W);

impl<W: io::Write> io::Write for OneLine<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let mut line = on_one_line(text.strip_suffix('\n').unwrap_or(&text));
        line.push('\n');
        self.0.write_all(line.as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The crates of this repository.
const OURS: [&str; 9] = [
    env!("CARGO_CRATE_NAME"),
    "clinic",
    "crypto",
    "identity",
    "kernel",
    "mail",
    "platform",
    "store",
    "web",
];

/// The filter, with a level for `clinic_auth` written for each of our crates: who sets it means the whole service.
fn for_each_crate(filter: &str) -> String {
    let directives = filter.split(',').map(str::trim).map(|directive| {
        let level = directive.strip_prefix(OURS[0]);
        match level.filter(|level| level.is_empty() || level.starts_with('=')) {
            Some(level) => OURS.map(|ours| format!("{ours}{level}")).join(","),
            None => directive.to_owned(),
        }
    });
    directives.collect::<Vec<_>>().join(",")
}

/// Other crates log the data on the wire at their debug levels, with codes and addresses. So their level stays at info,
/// even if `RUST_LOG` says otherwise (LOG-2).
fn is_harmless(metadata: &Metadata<'_>) -> bool {
    let root = metadata.target().split("::").next();
    root.is_some_and(|root| OURS.contains(&root)) || *metadata.level() <= Level::INFO
}

/// Logs a panic as one line with its source location, and without its message, which may contain data of a caller
/// (LOG-2).
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "panic");
    }));
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The log that `events` write.
    fn written(environment: Environment, filter: Option<&str>, events: impl FnOnce()) -> String {
        let written = Written::default();
        let writer = written.clone();
        let log = log_to(move || writer.clone(), environment, filter, None);
        tracing::subscriber::with_default(log, events);
        let bytes = written.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn other_crates_stay_at_info_whatever_the_filter_says() {
        for filter in ["trace", "mongodb=trace", "lettre=debug,hyper=trace,info"] {
            let log = written(Environment::Development, Some(filter), || {
                tracing::trace!(target: "mongodb", "wire");
                tracing::debug!(target: "lettre::transport", "wire");
                tracing::debug!(target: "a_crate_of_tomorrow", "wire");
                tracing::warn!(target: "mongodb", "told");
            });
            assert!(!log.contains("wire"), "{filter}: {log}");
        }
        let log = written(Environment::Development, Some("trace"), || {
            tracing::info!(target: "mongodb", "told");
            tracing::trace!("our own");
        });
        assert!(log.contains("told") && log.contains("our own"), "{log}");
    }

    #[test]
    fn a_level_of_the_service_holds_for_each_of_its_crates() {
        for filter in ["clinic_auth=debug,info", "info, clinic_auth=debug"] {
            let log = written(Environment::Development, Some(filter), || {
                tracing::debug!(target: "web::pipeline", "told by web");
                tracing::debug!(target: "store", "told by store");
                tracing::debug!(target: "clinic_auth::server", "told by us");
                tracing::debug!(target: "mongodb", "wire");
            });
            assert_eq!(log.matches("told by").count(), 3, "{filter}: {log}");
            assert!(!log.contains("wire"), "{filter}: {log}");
        }
    }

    #[test]
    fn a_value_cannot_begin_a_line_or_change_a_colour() {
        let forged = "a\r\nERROR forged\u{1b}[31m";
        for environment in [Environment::Development, Environment::Production] {
            let log = written(environment, None, || {
                tracing::info!(text = forged, shown = %forged, "told {forged}");
            });
            assert_eq!(log.lines().count(), 1, "{log}"); // LOG-3
            assert!(!log.contains('\r') && !log.contains('\u{1b}'), "{log}");
        }
    }
}

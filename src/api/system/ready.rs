//! The answer of `/health/ready` and `/health/db`: the state of each dependency of the service.

use std::time::Duration;

use poem_openapi::Object;

use super::SERVICE;
use identity::app::App;

/// The service can do its work.
#[derive(Debug, Object)]
pub(super) struct ReadyResponse {
    /// Always `ready`; otherwise the answer is a 503
    status: String,
    /// The service's name
    service: String,
    /// What it needs
    dependencies: Dependencies,
}

/// What the service needs.
#[derive(Debug, Object)]
struct Dependencies {
    /// `MongoDB`, or the embedded store
    database: Dependency,
    /// Mail; without it everything else goes on
    mail: MailState,
    /// The keys of access tokens
    signing_keys: KeysState,
}

/// A mail that has waited for more than this many seconds is late, because codes are valid for minutes only.
const MAIL_IS_LATE: i64 = 120;

/// How mail leaves.
#[derive(Debug, Object)]
struct MailState {
    /// `up`, or `late` while a mail has waited for more than two minutes
    status: String,
    /// Mails that wait, as last looked at
    waiting: u64,
}

impl MailState {
    fn new(app: &App) -> Self {
        let metrics = &app.metrics;
        let late = metrics.mail_oldest.get() > MAIL_IS_LATE;
        Self {
            status: if late { "late" } else { "up" }.to_owned(),
            waiting: u64::try_from(metrics.mail_queue.get()).unwrap_or(0),
        }
    }
}

/// Whether tokens can be signed.
#[derive(Debug, Object)]
struct KeysState {
    /// `up`, or `missing` while no key signs
    status: String,
}

impl KeysState {
    fn new(app: &App) -> Self {
        let up = app.keys.can_sign(app.clock.now());
        Self {
            status: if up { "up" } else { "missing" }.to_owned(),
        }
    }
}

/// Something that the service needs.
#[derive(Debug, Object)]
struct Dependency {
    /// Always `up`; otherwise the answer is a 503
    status: String,
    /// Milliseconds of one round trip
    latency_ms: f64,
}

impl ReadyResponse {
    /// The state of `app` after a round trip to the database that took `latency`.
    pub(super) fn new(app: &App, latency: Duration) -> Self {
        let latency = latency.as_secs_f64() * 1000.0;
        Self {
            status: "ready".to_owned(),
            service: SERVICE.to_owned(),
            dependencies: Dependencies {
                database: Dependency {
                    status: "up".to_owned(),
                    latency_ms: (latency * 100.0).round() / 100.0,
                },
                mail: MailState::new(app),
                signing_keys: KeysState::new(app),
            },
        }
    }
}

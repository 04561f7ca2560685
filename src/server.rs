//! The running process: the listener, the operations behind it, the background work, and the end of all of it.

use std::{
    future::Future,
    io,
    net::SocketAddr,
    panic::AssertUnwindSafe,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::FutureExt;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    api,
    app::{App, Phase},
    connections,
    domain::networks::Networks,
    error::{Cause, Error, ErrorCode, Result},
    service::{
        audit, authentication, maintenance, outbox, sessions,
        startup::{self, Search},
    },
};

/// The service with its port taken.
#[derive(Debug)]
pub struct Server {
    app: Arc<App>,
    listener: TcpListener,
}

impl Server {
    /// Takes the port of the configuration (0: any that is free).
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub async fn bind(app: Arc<App>) -> io::Result<Self> {
        let service = &app.settings.config.service;
        let listener = TcpListener::bind((service.host.as_str(), service.port)).await?;
        app.share_store()?;
        Ok(Self { app, listener })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers requests and does the background work until `shutdown` is ready; then finishes what runs (LIFE-1).
    ///
    /// # Errors
    /// The configuration does not make an endpoint.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> Result<(), Cause> {
        let app = Arc::clone(&self.app);
        let background = Background::start(&app);
        let stopped_at = Arc::new(OnceLock::new());
        let note = Arc::clone(&stopped_at);
        let served = self
            .serve(async move {
                shutdown.await;
                note.get_or_init(Instant::now);
            })
            .await;
        let config = &app.settings.config.service;
        let allowed = Duration::from_secs(config.drain_seconds + config.shutdown_seconds);
        let used = stopped_at.get().map(Instant::elapsed).unwrap_or_default();
        let left = allowed.saturating_sub(used).max(LEAST_TO_FINISH);
        background.end(left).await;
        if app.readiness.phase() == Phase::Stopping {
            // It was ready: what is only in memory would be lost.
            let written = authentication::write_last_activities(&app, app.clock.now()).await;
            if let Err(error) = written {
                tracing::warn!(%error, "last activity not written");
            }
            if let Err(error) = audit::seal::stop(&app, app.clock.now()).await {
                tracing::warn!(%error, "the audit trail is not sealed; the next start does it");
            }
        }
        app.close().await;
        served
    }

    /// Answers requests only; tests call the background work by hand.
    ///
    /// # Errors
    /// The configuration does not make an endpoint.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) -> Result<(), Cause> {
        let endpoint = api::endpoint(&self.app)?;
        let config = &self.app.settings.config;
        let proxies = &config.throttle.trusted_proxies;
        let trusted = Networks::parse("throttle.trusted_proxies", proxies)?;
        let stopping = async {
            shutdown.await;
            self.app.readiness.enter(Phase::Stopping);
            tracing::info!("stopping: running requests are finished");
            let drain = self.app.settings.config.service.drain_seconds;
            tokio::time::sleep(Duration::from_secs(drain)).await;
        };
        connections::serve(self.listener, endpoint, &config.service, trusted, stopping).await;
        Ok(())
    }
}

/// The loops beside the requests.
struct Background {
    tasks: TaskTracker,
    stop: CancellationToken,
    database_away: Arc<AtomicUsize>,
}

/// Between two tries to prepare the database.
const PREPARE_PAUSE: Duration = Duration::from_secs(1);
/// Between two looks for mails that other instances left, or that are due again.
const MAIL_PAUSE: Duration = Duration::from_secs(1);
/// Between two rounds of maintenance.
const MAINTENANCE_PAUSE: Duration = Duration::from_secs(5);

/// Background work that is running at the end, such as a mail on its way, and operations whose clients have gone, have
/// what the requests left of `service.shutdown_seconds`, and at least this.
const LEAST_TO_FINISH: Duration = Duration::from_secs(5);

impl Background {
    fn start(app: &Arc<App>) -> Self {
        let background = Self {
            tasks: app.running.clone(),
            stop: CancellationToken::new(),
            database_away: Arc::default(),
        };
        let pause = |length| move |_| tokio::time::sleep(length);
        let (looked, stop) = (Arc::new(AtomicBool::new(false)), background.stop.clone());
        let filled = Arc::new(AtomicBool::new(false));
        background.repeat(
            app,
            "database preparation",
            pause(PREPARE_PAUSE),
            move |app| {
                let (looked, stop) = (Arc::clone(&looked), stop.clone());
                let filled = Arc::clone(&filled);
                async move {
                    if !app.readiness.serves() {
                        startup::prepare(&app).await?;
                    }
                    if app.readiness.serves() && !looked.load(Ordering::Relaxed) {
                        let done = startup::look_for_lost_names(&app, &stop).await?;
                        looked.store(done, Ordering::Relaxed);
                    }
                    if app.readiness.serves() && !filled.load(Ordering::Relaxed) {
                        let done = startup::fill_search(&app, &stop).await?;
                        filled.store(done != Search::Elsewhere, Ordering::Relaxed);
                    }
                    Ok(())
                }
            },
        );
        // Woken by the request that wrote a mail; otherwise it looks again after the pause.
        let mail_pause = |app: Arc<App>| async move {
            let _ = tokio::time::timeout(MAIL_PAUSE, app.mail_due.notified()).await;
        };
        for _ in 0..app.settings.config.email.pool_size.max(1) {
            let stop = background.stop.clone();
            background.repeat(app, "mail", mail_pause, move |app| {
                let stop = stop.clone();
                async move {
                    while app.readiness.serves()
                        && !stop.is_cancelled()
                        && outbox::work_on_next(&app).await?
                    {}
                    Ok(())
                }
            });
        }
        let lag = app.settings.config.sessions.revocation_lag_ms;
        if lag > 0 {
            let follow_pause = Duration::from_millis((lag / 2).max(10));
            background.repeat(app, "revocations", pause(follow_pause), |app| async move {
                if app.readiness.serves() {
                    sessions::follow_revocations(&app, app.clock.now()).await?;
                }
                Ok(())
            });
        }
        background.repeat(
            app,
            "maintenance",
            pause(MAINTENANCE_PAUSE),
            |app| async move {
                if app.readiness.serves() {
                    maintenance::tick(&app).await?;
                }
                Ok(())
            },
        );
        background
    }

    /// Repeats `step` until the end, with a pause in between; a step that runs is finished.
    fn repeat<F, P>(
        &self,
        app: &Arc<App>,
        name: &'static str,
        pause: impl Fn(Arc<App>) -> P + Send + 'static,
        step: impl Fn(Arc<App>) -> F + Send + 'static,
    ) where
        F: Future<Output = Result<()>> + Send,
        P: Future<Output = ()> + Send,
    {
        let (app, ended) = (Arc::clone(app), self.stop.clone());
        let mut trouble = Trouble::new(name, Arc::clone(&self.database_away));
        self.tasks.spawn(async move {
            while !ended.is_cancelled() {
                trouble.note(unbroken(step(Arc::clone(&app))).await);
                tokio::select! {
                    () = ended.cancelled() => {}
                    () = pause(Arc::clone(&app)) => {}
                }
            }
        });
    }

    async fn end(self, patience: Duration) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(patience, self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("background work did not finish in time; another instance will do it");
        }
    }
}

/// A panic of `work` as a failure of it, which was told where it happened: the loop goes on.
async fn unbroken(work: impl Future<Output = Result<()>>) -> Result<()> {
    let done = AssertUnwindSafe(work).catch_unwind().await;
    done.unwrap_or_else(|_| Err(Error::internal("the work panicked")))
}

/// What a loop tells of its failures: a line when they begin and one when they end. While the database is away all
/// loops fail, and all of them together tell it once.
struct Trouble {
    name: &'static str,
    failing: Option<ErrorCode>,
    /// How many loops find the database away.
    database_away: Arc<AtomicUsize>,
}

impl Trouble {
    fn new(name: &'static str, database_away: Arc<AtomicUsize>) -> Self {
        Self {
            name,
            failing: None,
            database_away,
        }
    }

    fn note(&mut self, result: Result<()>) {
        let task = self.name;
        let (end, begin) = self.news(result.as_ref().err().map(|error| error.code));
        match end {
            Some(News::Database) => tracing::info!("the database answers"),
            Some(News::Task) => tracing::info!(task, "background work goes on"),
            None => {}
        }
        let Err(error) = result else { return };
        let cause = error.source.as_ref().map(ToString::to_string);
        match begin {
            Some(News::Database) => tracing::warn!(
                cause,
                "the database does not answer; requests are refused with 503 until it does"
            ),
            Some(News::Task) => {
                tracing::warn!(task, %error, cause, "background work failed, it will be tried again");
            }
            None => {}
        }
    }

    /// What has ended and what has begun, where that is worth a line.
    fn news(&mut self, failing: Option<ErrorCode>) -> (Option<News>, Option<News>) {
        if failing == self.failing {
            return (None, None);
        }
        let away = &self.database_away;
        let end = self.failing.and_then(|code| match code {
            ErrorCode::DatabaseError => {
                (away.fetch_sub(1, Ordering::Relaxed) == 1).then_some(News::Database)
            }
            _ => Some(News::Task),
        });
        let begin = failing.and_then(|code| match code {
            ErrorCode::DatabaseError => {
                (away.fetch_add(1, Ordering::Relaxed) == 0).then_some(News::Database)
            }
            _ => Some(News::Task),
        });
        self.failing = failing;
        (end, begin)
    }
}

/// What a line of the log is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum News {
    /// The database, for all loops together.
    Database,
    /// This loop.
    Task,
}

#[cfg(test)]
mod tests {
    use super::*;

    const AWAY: Option<ErrorCode> = Some(ErrorCode::DatabaseError);
    const BROKEN: Option<ErrorCode> = Some(ErrorCode::InternalError);

    fn loops() -> [Trouble; 2] {
        let away = Arc::default();
        ["one", "other"].map(|name| Trouble::new(name, Arc::clone(&away)))
    }

    #[tokio::test]
    async fn work_that_panics_has_failed() {
        let broken = unbroken(async { panic!("a bug") }).await;
        assert_eq!(broken.unwrap_err().code, ErrorCode::InternalError);
        unbroken(async { Ok(()) }).await.unwrap();
    }

    #[test]
    fn an_outage_of_the_database_is_told_once_for_all_loops() {
        let [mut one, mut other] = loops();
        assert_eq!(one.news(AWAY), (None, Some(News::Database)));
        assert_eq!(other.news(AWAY), (None, None));
        assert_eq!(one.news(AWAY), (None, None));
        assert_eq!(one.news(None), (None, None));
        assert_eq!(other.news(None), (Some(News::Database), None));
    }

    #[test]
    fn trouble_of_its_own_is_told_by_each_loop_when_it_begins_and_ends() {
        let [mut one, mut other] = loops();
        assert_eq!(one.news(BROKEN), (None, Some(News::Task)));
        assert_eq!(one.news(BROKEN), (None, None));
        assert_eq!(other.news(BROKEN), (None, Some(News::Task)));
        assert_eq!(one.news(AWAY), (Some(News::Task), Some(News::Database)));
        assert_eq!(one.news(BROKEN), (Some(News::Database), Some(News::Task)));
        assert_eq!(one.news(None), (Some(News::Task), None));
    }
}

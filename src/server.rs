//! The running process: the listener, the operations behind it, the background work, and the shutdown.

use crate::{api, program::Program};
use identity::{
    sessions::{self, authentication},
    startup::{self, Visit},
};
use kernel::{
    error::{Cause, Error, ErrorCode, Result},
    errors,
    networks::Networks,
};
use platform::{activity, audit, readiness::Phase};
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

use web::connections;

/// The service with its port open.
#[derive(Debug)]
pub struct Server {
    program: Arc<Program>,
    listener: TcpListener,
}

impl Server {
    /// Opens the configured port; 0 means any free port.
    pub async fn bind(program: Arc<Program>) -> io::Result<Self> {
        let service = &program.settings.config.service;
        let listener = TcpListener::bind((service.host.as_str(), service.port)).await?;
        program.share_store()?;
        Ok(Self { program, listener })
    }

    /// The address on which it listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers requests and does the background work until `shutdown` is ready. Then it finishes the work that is
    /// running (LIFE-1).
    ///
    /// # Errors
    /// A setting of `throttle` is not valid.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> Result<(), Cause> {
        let program = Arc::clone(&self.program);
        let app = &program.identity;
        let background = Background::start(&program);
        let stopped_at = Arc::new(OnceLock::new());
        let stop_time = Arc::clone(&stopped_at);
        let served = self
            .serve(async move {
                shutdown.await;
                stop_time.get_or_init(Instant::now);
            })
            .await;
        let config = &program.settings.config.service;
        let allowed = Duration::from_secs(config.drain_seconds + config.shutdown_seconds);
        let used = stopped_at.get().map(Instant::elapsed).unwrap_or_default();
        let left = allowed.saturating_sub(used).max(MIN_TIME_TO_FINISH);
        background.end(left).await;
        if app.readiness.phase() == Phase::Stopping {
            // The service was ready, so it may have data that is only in memory and would be lost.
            let written = authentication::write_last_activities(app, app.clock.now()).await;
            if let Err(error) = written {
                tracing::warn!(%error, "last activity not written");
            }
            if let Err(error) = activity::write(app).await {
                tracing::warn!(%error, "the last counts of the day are lost");
            }
            if let Err(error) = audit::seal::stop(app, app.clock.now()).await {
                tracing::warn!(%error, "the audit trail is not sealed; the next start does it");
            }
        }
        program.close().await;
        served
    }

    /// Answers requests only. Tests call the background work by hand.
    ///
    /// # Errors
    /// A setting of `throttle` is not valid.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) -> Result<(), Cause> {
        let endpoint = api::endpoint(&self.program)?;
        let config = &self.program.settings.config;
        let proxies = &config.throttle.identity.trusted_proxies;
        let trusted = Networks::parse("throttle.trusted_proxies", proxies)?;
        let stopping = async {
            shutdown.await;
            self.program.identity.readiness.enter(Phase::Stopping);
            tracing::info!("stopping: running requests are finished");
            let drain = config.service.drain_seconds;
            tokio::time::sleep(Duration::from_secs(drain)).await;
        };
        connections::serve(self.listener, endpoint, &config.service, trusted, stopping).await;
        Ok(())
    }
}

/// The loops that run beside the requests.
struct Background {
    tasks: TaskTracker,
    stop: CancellationToken,
    database_away: Arc<AtomicUsize>,
}

/// The pause between two attempts to prepare the database.
const PREPARE_PAUSE: Duration = Duration::from_secs(1);
/// The pause between two searches for mails that other instances left or that are due again.
const MAIL_PAUSE: Duration = Duration::from_secs(1);
/// The pause between two rounds of maintenance.
const MAINTENANCE_PAUSE: Duration = Duration::from_secs(5);

/// At shutdown, background work such as a mail that is being sent, and operations whose clients have disconnected, may
/// use the time that the requests left of `service.shutdown_seconds`. This is the least time that they get.
const MIN_TIME_TO_FINISH: Duration = Duration::from_secs(5);

impl Background {
    fn start(program: &Arc<Program>) -> Self {
        let background = Self {
            tasks: program.running.clone(),
            stop: CancellationToken::new(),
            database_away: Arc::default(),
        };
        let pause = |length| move |_| tokio::time::sleep(length);
        let (visited, stop) = (Arc::new(AtomicBool::new(false)), background.stop.clone());
        background.repeat(
            program,
            "database preparation",
            pause(PREPARE_PAUSE),
            move |program| {
                let (visited, stop) = (Arc::clone(&visited), stop.clone());
                async move {
                    let app = &program.identity;
                    if !app.readiness.serves() {
                        program.prepare().await?;
                    }
                    if app.readiness.serves() && !visited.load(Ordering::Relaxed) {
                        let done = startup::visit_accounts(app, &stop).await?;
                        let is_over = matches!(done, Visit::Done(_) | Visit::Stopped);
                        visited.store(is_over, Ordering::Relaxed);
                    }
                    Ok(())
                }
            },
        );
        // A request that wrote a mail wakes this loop; otherwise the loop looks again after the pause.
        let mail_pause = |program: Arc<Program>| async move {
            let due = program.identity.mail_due.notified();
            let _ = tokio::time::timeout(MAIL_PAUSE, due).await;
        };
        for _ in 0..program.settings.config.email.pool_size.max(1) {
            let stop = background.stop.clone();
            background.repeat(program, "mail", mail_pause, move |program| {
                let stop = stop.clone();
                async move {
                    while program.identity.readiness.serves()
                        && !stop.is_cancelled()
                        && program.work_on_next_mail().await?
                    {}
                    Ok(())
                }
            });
        }
        let lag = program.settings.config.sessions.revocation_lag_ms;
        if lag > 0 {
            let follow_pause = Duration::from_millis((lag / 2).max(10));
            background.repeat(
                program,
                "revocations",
                pause(follow_pause),
                |program| async move {
                    let app = &program.identity;
                    if app.readiness.serves() {
                        sessions::follow_revocations(app, app.clock.now()).await?;
                    }
                    Ok(())
                },
            );
        }
        background.repeat(
            program,
            "maintenance",
            pause(MAINTENANCE_PAUSE),
            |program| async move {
                if program.identity.readiness.serves() {
                    program.tick().await?;
                }
                Ok(())
            },
        );
        background
    }

    /// Repeats `step` until shutdown, with a pause after each step. A step that is running is finished.
    fn repeat<F, P>(
        &self,
        program: &Arc<Program>,
        name: &'static str,
        pause: impl Fn(Arc<Program>) -> P + Send + 'static,
        step: impl Fn(Arc<Program>) -> F + Send + 'static,
    ) where
        F: Future<Output = Result<()>> + Send,
        P: Future<Output = ()> + Send,
    {
        let (program, ended) = (Arc::clone(program), self.stop.clone());
        let mut failures = FailureLog::new(name, Arc::clone(&self.database_away));
        self.tasks.spawn(async move {
            while !ended.is_cancelled() {
                failures.record(catch_panic(step(Arc::clone(&program))).await);
                tokio::select! {
                    () = ended.cancelled() => {}
                    () = pause(Arc::clone(&program)) => {}
                }
            }
        });
    }

    async fn end(self, time_limit: Duration) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(time_limit, self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("background work did not finish in time; another instance will do it");
        }
    }
}

/// Turns a panic of `work` into an error, so that the loop continues. The panic itself was logged where it happened.
async fn catch_panic(work: impl Future<Output = Result<()>>) -> Result<()> {
    let done = AssertUnwindSafe(work).catch_unwind().await;
    done.unwrap_or_else(|_| Err(Error::internal("the work panicked")))
}

/// Logs the failures of one loop: one line when they begin and one when they end. While the database does not answer
/// all loops fail, and this is logged once for all of them.
struct FailureLog {
    name: &'static str,
    failing: Option<ErrorCode>,
    /// The number of loops for which the database does not answer.
    database_away: Arc<AtomicUsize>,
}

impl FailureLog {
    fn new(name: &'static str, database_away: Arc<AtomicUsize>) -> Self {
        Self {
            name,
            failing: None,
            database_away,
        }
    }

    fn record(&mut self, result: Result<()>) {
        let task = self.name;
        let (end, begin) = self.changes(result.as_ref().err().map(|error| error.code));
        match end {
            Some(Scope::Database) => tracing::info!("the database answers"),
            Some(Scope::Task) => tracing::info!(task, "background work goes on"),
            None => {}
        }
        let Err(error) = result else { return };
        let cause = error.source.as_ref().map(ToString::to_string);
        match begin {
            Some(Scope::Database) => tracing::warn!(
                cause,
                "the database does not answer; requests are refused with 503 until it does"
            ),
            Some(Scope::Task) => {
                tracing::warn!(task, %error, cause, "background work failed, it will be tried again");
            }
            None => {}
        }
    }

    /// The failure that has ended and the failure that has begun, where each is worth a line in the log.
    fn changes(&mut self, failing: Option<ErrorCode>) -> (Option<Scope>, Option<Scope>) {
        if failing == self.failing {
            return (None, None);
        }
        let away = &self.database_away;
        let end = self.failing.and_then(|code| match code {
            errors::DATABASE_ERROR => {
                (away.fetch_sub(1, Ordering::Relaxed) == 1).then_some(Scope::Database)
            }
            _ => Some(Scope::Task),
        });
        let begin = failing.and_then(|code| match code {
            errors::DATABASE_ERROR => {
                (away.fetch_add(1, Ordering::Relaxed) == 0).then_some(Scope::Database)
            }
            _ => Some(Scope::Task),
        });
        self.failing = failing;
        (end, begin)
    }
}

/// The part that a failure belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// The database, for all loops together.
    Database,
    /// This loop.
    Task,
}

#[cfg(test)]
mod tests {
    use super::*;

    const AWAY: Option<ErrorCode> = Some(errors::DATABASE_ERROR);
    const BROKEN: Option<ErrorCode> = Some(errors::INTERNAL_ERROR);

    fn loops() -> [FailureLog; 2] {
        let away = Arc::default();
        ["one", "other"].map(|name| FailureLog::new(name, Arc::clone(&away)))
    }

    #[tokio::test]
    async fn a_panic_in_background_work_is_an_error() {
        let broken = catch_panic(async { panic!("a bug") }).await;
        assert_eq!(broken.unwrap_err().code, errors::INTERNAL_ERROR);
        catch_panic(async { Ok(()) }).await.unwrap();
    }

    #[test]
    fn a_database_outage_is_logged_once_for_all_loops() {
        let [mut one, mut other] = loops();
        assert_eq!(one.changes(AWAY), (None, Some(Scope::Database)));
        assert_eq!(other.changes(AWAY), (None, None));
        assert_eq!(one.changes(AWAY), (None, None));
        assert_eq!(one.changes(None), (None, None));
        assert_eq!(other.changes(None), (Some(Scope::Database), None));
    }

    #[test]
    fn each_loop_logs_the_begin_and_end_of_its_own_failure() {
        let [mut one, mut other] = loops();
        assert_eq!(one.changes(BROKEN), (None, Some(Scope::Task)));
        assert_eq!(one.changes(BROKEN), (None, None));
        assert_eq!(other.changes(BROKEN), (None, Some(Scope::Task)));
        assert_eq!(
            one.changes(AWAY),
            (Some(Scope::Task), Some(Scope::Database))
        );
        assert_eq!(
            one.changes(BROKEN),
            (Some(Scope::Database), Some(Scope::Task))
        );
        assert_eq!(one.changes(None), (Some(Scope::Task), None));
    }
}

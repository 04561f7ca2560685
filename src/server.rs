//! The running process: the listener, the operations behind it, the background work, and the end of all of it.

use std::{future::Future, io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    api,
    app::{App, Phase},
    connections,
    error::Cause,
    service::{audit, maintenance, outbox, sessions, startup},
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
        let served = self.serve(shutdown).await;
        background.end().await;
        audit::log_head(&app, app.clock.now(), None).await;
        app.close().await;
        served
    }

    /// Answers requests only; tests call the background work by hand.
    ///
    /// # Errors
    /// The configuration does not make an endpoint.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) -> Result<(), Cause> {
        let endpoint = api::endpoint(&self.app)?;
        let stopping = async {
            shutdown.await;
            self.app.readiness.enter(Phase::Stopping);
            tracing::info!("stopping: running requests are finished");
        };
        connections::serve(
            self.listener,
            endpoint,
            &self.app.settings.config.service,
            stopping,
        )
        .await;
        Ok(())
    }
}

/// The loops beside the requests.
struct Background {
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// Between two tries to prepare the database.
const PREPARE_PAUSE: Duration = Duration::from_secs(1);
/// Between two looks for mails that other instances left, or that are due again.
const MAIL_PAUSE: Duration = Duration::from_secs(1);
/// Between two rounds of maintenance.
const MAINTENANCE_PAUSE: Duration = Duration::from_secs(5);

impl Background {
    fn start(app: &Arc<App>) -> Self {
        let background = Self {
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        };
        background.repeat(app, "database preparation", |app| async move {
            if !app.readiness.serves() {
                startup::prepare(&app).await?;
            }
            tokio::time::sleep(PREPARE_PAUSE).await;
            Ok(())
        });
        for _ in 0..app.settings.config.email.pool_size.max(1) {
            background.repeat(app, "mail", |app| async move {
                if app.readiness.serves() {
                    outbox::tick(&app).await?;
                }
                // Woken by the request that wrote a mail; otherwise it looks again after the pause.
                let _ = tokio::time::timeout(MAIL_PAUSE, app.mail_due.notified()).await;
                Ok(())
            });
        }
        let lag = app.settings.config.sessions.revocation_lag_ms;
        if lag > 0 {
            let pause = Duration::from_millis((lag / 2).max(10));
            background.repeat(app, "revocations", move |app| async move {
                if app.readiness.serves() {
                    sessions::follow_revocations(&app, app.clock.now()).await?;
                }
                tokio::time::sleep(pause).await;
                Ok(())
            });
        }
        background.repeat(app, "maintenance", |app| async move {
            if app.readiness.serves() {
                maintenance::tick(&app).await?;
            }
            tokio::time::sleep(MAINTENANCE_PAUSE).await;
            Ok(())
        });
        background
    }

    /// Repeats `step` until the end. Its errors are logged when they begin, not on each repetition.
    fn repeat<F>(
        &self,
        app: &Arc<App>,
        name: &'static str,
        step: impl Fn(Arc<App>) -> F + Send + 'static,
    ) where
        F: Future<Output = crate::error::Result<()>> + Send,
    {
        let (app, ended) = (Arc::clone(app), self.stop.clone());
        self.tasks.spawn(async move {
            let mut failing = false;
            loop {
                let result = tokio::select! {
                    () = ended.cancelled() => return,
                    result = step(Arc::clone(&app)) => result,
                };
                if let Err(error) = &result {
                    if !failing {
                        let cause = error.source.as_ref().map(ToString::to_string);
                        tracing::warn!(task = name, %error, cause, "background work failed, it will be tried again");
                    }
                    tokio::select! {
                        () = ended.cancelled() => return,
                        () = tokio::time::sleep(PREPARE_PAUSE) => {}
                    }
                } else if failing {
                    tracing::info!(task = name, "background work goes on");
                }
                failing = result.is_err();
            }
        });
    }

    async fn end(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

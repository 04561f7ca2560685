//! One running instance.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use crypto::{MasterKeys, settings::MasterSecret};
use kernel::{
    clock::Clock, fail_point::FailPoint, metrics::Metrics, networks::Networks, random::SharedRng,
    secret::Secret,
};
use mail::{
    Mailer, MemoryMailer, Sender,
    settings::{Email, MailSettings},
};
use platform::{
    Platform,
    audit::seen::SeenRefusals,
    rate_limits::RateLimits,
    readiness::{Phase, Readiness},
    settings::{Audit, Settings},
    slice::Slices,
};
use poem::{EndpointExt, IntoEndpoint};
use poem_openapi::{OpenApi, OpenApiService};
use reqwest::Method;
use serde_json::Value;
use store::{
    Connection,
    embedded::Embedded,
    indexes::{self, Index},
};
use tokio::{
    net::TcpListener,
    sync::{Notify, oneshot},
};
use tokio_util::task::TaskTracker;
use web::{
    caller::Authenticator,
    connections,
    pipeline::{Pipeline, PipelineSettings},
    readiness_guard::ReadinessGuard,
    routes::Routes,
    settings::Service,
};

use crate::{Answer, Database, check, must};

/// What the slices of a test bring.
pub struct Parts<T> {
    /// The operations.
    pub handlers: T,
    /// Who proves callers.
    pub authenticator: Arc<dyn Authenticator>,
}

/// One running instance.
pub struct Server {
    /// What every slice is given.
    pub platform: Arc<Platform>,
    /// The mailbox.
    pub mails: MemoryMailer,
    /// The clock of every instance.
    pub clock: Clock,
    /// The database, which other instances can share.
    pub database: Arc<Database>,
    /// The client of the tests.
    pub http: reqwest::Client,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    _embedded: Option<Embedded>,
}

/// Each instance of a run gets another seed, because two instances with one seed would draw the same ids.
static SEED: AtomicU64 = AtomicU64::new(1);

impl Server {
    /// A ready instance on `database`. `build` makes the operations of the slices on the platform and the connection.
    pub async fn start<T: OpenApi + 'static>(
        database: Arc<Database>,
        clock: Clock,
        mails: MemoryMailer,
        slices: Slices,
        table: &[Index],
        build: impl AsyncFnOnce(Arc<Platform>, Connection) -> Parts<T>,
    ) -> Self {
        let metrics = must(Metrics::new(), "metrics");
        let names = platform::settings::Collections::default();
        let mut table = table.to_vec();
        table.extend(platform::store::indexes(
            &names,
            &platform::settings::Indexes::default(),
        ));
        let unique = indexes::unique_names(&table);
        let (connection, embedded) = database.connect(unique, metrics.clone()).await;
        let report = must(connection.ensure_indexes(&table, &[]).await, "the indexes");
        check(report.is_safe(), || format!("{report:?}"));
        let platform = Arc::new(platform_of(
            &connection,
            &names,
            clock.clone(),
            &mails,
            slices,
            metrics,
        ));
        platform.readiness.enter(Phase::Ready);
        let Parts {
            handlers,
            authenticator,
        } = build(Arc::clone(&platform), connection).await;
        let settings = Service::default();
        let operations = OpenApiService::new(handlers, "test", "1").into_endpoint();
        let pipeline = Pipeline::new(
            ReadinessGuard::new(authenticator, operations),
            Routes::of::<T>(slices),
            TaskTracker::new(),
            &PipelineSettings {
                localize: |_, _| None,
                service: &settings,
                trusted_proxies: &[],
                forwarded_header: "X-Forwarded-For",
                cors_origins: &[],
                compressible: &[],
            },
            clock.clone(),
            platform.rng.clone(),
        );
        let endpoint = must(pipeline, "the pipeline").boxed();
        let listener = must(TcpListener::bind("127.0.0.1:0").await, "a port");
        let address = must(listener.local_addr(), "the port");
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(async move {
            let stopped = async {
                let _ = stopped.await;
            };
            connections::serve(listener, endpoint, &settings, Networks::default(), stopped).await;
        });
        let http = reqwest::Client::builder().no_proxy().build();
        Self {
            platform,
            mails,
            clock,
            database,
            http: must(http, "a client"),
            address,
            stop: Some(stop),
            _embedded: embedded,
        }
    }

    /// The URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A call as `token`, with a JSON body if there is one.
    pub async fn call(
        &self,
        method: Method,
        token: &str,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        let request = self.http.request(method, self.url(path)).bearer_auth(token);
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        Answer::of(request).await
    }

    /// `GET` as `token`.
    pub async fn get(&self, token: &str, path: &str) -> Answer {
        self.call(Method::GET, token, path, None).await
    }

    /// `POST` as `token`.
    pub async fn post(&self, token: &str, path: &str, body: Value) -> Answer {
        self.call(Method::POST, token, path, Some(body)).await
    }

    /// `PATCH` as `token`.
    pub async fn patch(&self, token: &str, path: &str, body: Value) -> Answer {
        self.call(Method::PATCH, token, path, Some(body)).await
    }

    /// `PUT` as `token`.
    pub async fn put(&self, token: &str, path: &str, body: Value) -> Answer {
        self.call(Method::PUT, token, path, Some(body)).await
    }

    /// `DELETE` as `token`.
    pub async fn delete(&self, token: &str, path: &str) -> Answer {
        self.call(Method::DELETE, token, path, None).await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
    }
}

fn platform_of(
    connection: &Connection,
    names: &platform::settings::Collections,
    clock: Clock,
    mails: &MemoryMailer,
    slices: Slices,
    metrics: Metrics,
) -> Platform {
    let email = Email::default();
    let sender = Sender::from_settings(MailSettings {
        email: &email,
        by_smtp: false,
        user: None,
        password: None,
        public_base_url: "http://localhost",
        reset_page_url: None,
    });
    let rng = SharedRng::seeded(SEED.fetch_add(1, Ordering::Relaxed));
    let secret = MasterSecret {
        current: Secret::new("a secret of tests with more than 32 bytes".to_owned()),
        previous: None,
    };
    Platform {
        settings: Settings {
            audit: Audit::default(),
            email,
        },
        store: platform::store::Store::new(connection.clone(), names),
        master: MasterKeys::new(&secret),
        rate_limits: RateLimits::new(clock.clone()),
        mailer: Mailer::Memory(mails.clone()),
        sender: must(sender, "the sender"),
        mail_due: Notify::new(),
        readiness: Readiness::default(),
        refusals: SeenRefusals::default(),
        activity: platform::activity::Activity::default(),
        slices,
        metrics,
        instance: rng.uuid().to_string(),
        fail_point: FailPoint::default(),
        clock,
        rng,
    }
}

//! The program: what is built once at the start, and joins the slices.

use std::sync::{Arc, Mutex};

use clinic::app::PrepareError;
use crypto::{Hasher, MasterKeys, field_keys::FieldKeys};
use identity::{
    app::App,
    maintenance,
    password::rules::{BreachList, PasswordPolicy},
    startup,
};
use kernel::{
    clock::{Clock, Timestamp},
    error::Cause,
    fail_point::FailPoint,
    helpers::lock,
    metrics::Metrics,
    random::SharedRng,
};
use mail::{Mailer, Sender};
use platform::{
    Platform,
    activity::Activity,
    audit::seen::SeenRefusals,
    outbox::{self, MailJobs},
    rate_limits::RateLimits,
    readiness::Readiness,
};
use store::{
    Connection,
    embedded::{self, Embedded},
};
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;

use crate::{
    config::{Settings, StoreAddress},
    database,
    people::{self, Accounts},
    slices::{SLICES, WITHOUT_CLINIC},
};

/// The service.
pub struct Program {
    /// Accounts.
    pub identity: Arc<App>,
    /// The clinic's records; `None` if they are off.
    pub clinic: Option<Arc<clinic::app::App>>,
    /// The settings.
    pub settings: Settings,
    /// Tasks that run beside the connections: the operations, which finish even if the client has disconnected, and the
    /// background work.
    pub running: TaskTracker,
    /// When the instance was started.
    pub started_at: Timestamp,
    /// The embedded store; it is closed when the service ends.
    embedded: Mutex<Option<Embedded>>,
}

// Its parts hold secrets and data of people (LOG-2).
impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Program")
    }
}

/// The parts that a test replaces by its own.
#[derive(Default)]
pub struct Overrides {
    /// The time.
    pub clock: Option<Clock>,
    /// Randomness.
    pub rng: Option<SharedRng>,
    /// Mail.
    pub mailer: Option<Mailer>,
    /// The point that fails.
    pub fail_point: FailPoint,
}

impl Program {
    /// Builds the service. It does not need the database.
    pub async fn build(settings: Settings, overrides: Overrides) -> Result<Arc<Self>, BuildError> {
        let config = &settings.config;
        let clock = overrides.clock.unwrap_or_default();
        let rng = match overrides.rng {
            Some(rng) => rng,
            None => SharedRng::from_system().map_err(BuildError::new("randomness"))?,
        };
        let metrics = Metrics::new().map_err(BuildError::new("metrics"))?;
        let (address, embedded) = match &settings.store {
            StoreAddress::Uri(address) => (address.clone(), None),
            StoreAddress::Embedded(path) => {
                let (address, embedded) =
                    embedded::open(path, &config.database.limits.database_name)
                        .map_err(BuildError::new("store"))?;
                (address, Some(embedded))
            }
        };
        let store = database::connect(
            &address,
            &config.database,
            settings.secrets.field.is_some(),
            metrics.clone(),
        )
        .await
        .map_err(BuildError::new("database"))?;
        let mailer = match overrides.mailer {
            Some(mailer) => mailer,
            None => Mailer::from_settings(settings.mail()).map_err(BuildError::new("mail"))?,
        };
        let sender = Sender::from_settings(settings.mail()).map_err(BuildError::new("mail"))?;
        let hasher = Hasher::new(
            &config.password,
            &settings.secrets.peppers,
            rng.clone(),
            metrics.clone(),
        )
        .map_err(BuildError::new("password"))?;
        let policy = PasswordPolicy::new(&config.password, breaches(&settings)?);
        let platform = Arc::new(Platform {
            settings: platform::settings::Settings {
                audit: config.audit.clone(),
                email: config.email.clone(),
            },
            mail_due: Notify::new(),
            mailer,
            sender,
            store: store.platform().clone(),
            master: MasterKeys::new(&settings.secrets.master),
            rate_limits: RateLimits::new(clock.clone()),
            readiness: Readiness::default(),
            refusals: SeenRefusals::default(),
            activity: Activity::default(),
            instance: rng.uuid().to_string(),
            fail_point: overrides.fail_point,
            slices: match settings.secrets.field {
                Some(_) => SLICES,
                None => WITHOUT_CLINIC,
            },
            metrics,
            clock,
            rng,
        });
        let connection = Connection::clone(store.platform());
        let of_clinic = Arc::clone(&platform);
        let identity = App::new(platform, settings.identity(), store, hasher, policy);
        let identity = Arc::new(identity);
        let clinic = clinic_of(&settings, of_clinic, connection, &identity)?;
        Ok(Arc::new(Self {
            running: TaskTracker::new(),
            started_at: identity.clock.now(),
            embedded: Mutex::new(embedded),
            identity,
            clinic,
            settings,
        }))
    }

    /// Prepares the database: first the proof of the clinic's key, because nothing may be written with a wrong one (ENC-5);
    /// then indexes and accounts. It may be repeated until the service is ready.
    ///
    /// # Errors
    /// The database does not answer, or the key is not the one that sealed the records.
    pub async fn prepare(&self) -> kernel::error::Result<()> {
        if let Some(clinic) = &self.clinic {
            self.identity.store.resolve().await?;
            match clinic.prepare().await {
                Ok(()) => {}
                Err(PrepareError::Store(error)) => return Err(error.into()),
                Err(wrong_key) => {
                    startup::block(&self.identity, &wrong_key.to_string());
                    return Ok(());
                }
            }
        }
        startup::prepare(&self.identity).await
    }

    /// Works on one mail that is due; `false` if there is none.
    pub async fn work_on_next_mail(&self) -> kernel::error::Result<bool> {
        outbox::work_on_next(&self.identity, &self.mail_jobs()).await
    }

    /// The slices that have mail jobs.
    pub fn mail_jobs(&self) -> Vec<&dyn MailJobs> {
        let identity: &dyn MailJobs = &*self.identity;
        let clinic = self.clinic.as_deref();
        let clinic = clinic.map(|clinic| clinic as &dyn MailJobs);
        [identity].into_iter().chain(clinic).collect()
    }

    /// A round of background work of all slices. Several instances may run it at once.
    ///
    /// # Errors
    /// The first error of a part. The next round tries again.
    pub async fn tick(&self) -> kernel::error::Result<()> {
        let identity = maintenance::tick(&self.identity).await;
        if let Some(clinic) = &self.clinic {
            people::follow(&self.identity, clinic).await?;
            clinic::tick(clinic).await?;
        }
        identity
    }

    /// Lets other commands use the embedded store while this process runs.
    pub fn share_store(&self) -> std::io::Result<()> {
        let embedded = lock(&self.embedded);
        embedded.as_ref().map_or(Ok(()), Embedded::share)
    }

    /// Closes the parts that outlive the requests: first the connections, then the embedded store.
    pub async fn close(&self) {
        self.identity.store.close().await;
        drop(lock(&self.embedded).take());
    }
}

/// The clinic's records, if they are on.
fn clinic_of(
    settings: &Settings,
    platform: Arc<Platform>,
    connection: Connection,
    identity: &Arc<App>,
) -> Result<Option<Arc<clinic::app::App>>, BuildError> {
    let Some(secret) = &settings.secrets.field else {
        return Ok(None);
    };
    let told = settings.clinic();
    let store = clinic::store::Store::new(connection, &told.collections);
    let people = Arc::new(Accounts(Arc::clone(identity)));
    let keys = FieldKeys::new(secret);
    let app = clinic::app::App::new(platform, store, told, people, keys);
    app.map(|app| Some(Arc::new(app)))
        .map_err(BuildError::new("clinic"))
}

/// The breached passwords of `password.breach_list`.
fn breaches(settings: &Settings) -> Result<BreachList, BuildError> {
    let Some(file) = &settings.config.password.breach_list else {
        return Ok(BreachList::default());
    };
    let wrong = "password.breach_list";
    let text = std::fs::read_to_string(file).map_err(BuildError::new(wrong))?;
    BreachList::load(&text).map_err(BuildError::new(wrong))
}

/// Why the service could not be built.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {cause}")]
pub struct BuildError {
    what: &'static str,
    cause: Cause,
}

impl BuildError {
    fn new<E: Into<Cause>>(what: &'static str) -> impl FnOnce(E) -> Self {
        move |cause| Self {
            what,
            cause: cause.into(),
        }
    }
}

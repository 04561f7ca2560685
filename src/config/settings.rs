//! The settings of the process: the configuration, the secrets, and the environment.

use std::path::PathBuf;

use clinic::zone::Zone;
use crypto::settings::FieldSecret;
use kernel::role::Role;
use mail::settings::MailSettings;

use super::{MasterSecret, Peppers, Secret, sections::Config};

/// The environment in which the service runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Environment {
    /// On a developer's machine (`development` or `local`).
    #[default]
    Development,
    /// With data of patients.
    Production,
}

/// The secrets, which only the environment may contain.
#[derive(Debug, Clone)]
pub struct Secrets {
    /// `JWT_SECRET` and its predecessor.
    pub master: MasterSecret,
    /// `PASSWORD_PEPPER` and its predecessor.
    pub peppers: Peppers,
    /// `FIELD_ENCRYPTION_KEY` and its predecessor; `None` if the clinic is off.
    pub field: Option<FieldSecret>,
    /// `SMTP_USER`.
    pub smtp_user: Option<Secret>,
    /// `SMTP_PASSWORD`.
    pub smtp_password: Option<Secret>,
}

/// Where the data is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreAddress {
    /// In the embedded store's file: `MONGO_URI=embedded:PATH`, or `database.embedded_path` without it.
    Embedded(PathBuf),
    /// On a server: `MONGO_URI`, which may contain a password.
    Uri(Secret),
}

/// All settings of the process.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The settings that are not secret.
    pub config: Config,
    /// The secrets.
    pub secrets: Secrets,
    /// Where the data is.
    pub store: StoreAddress,
    /// The environment in which the service runs.
    pub environment: Environment,
    /// Whether mail is sent by SMTP; `email.transport: auto` is resolved here.
    pub mail_by_smtp: bool,
    /// The allowed origins: those of the configuration or the defaults of development, and those of `FRONTEND_URL` and
    /// `FRONTEND_URL_8081`. The variables `SMTP_HOST`, `SMTP_PORT` and `PORT` are already part of `config`.
    pub cors_origins: Vec<String>,
    /// `RUST_LOG`.
    pub log_filter: Option<String>,
    /// Keys and variables of an earlier version that were given and are ignored.
    pub obsolete: Vec<String>,
    /// Variables that look like ours and are not read, each with the variable to set instead.
    pub ignored: Vec<(String, String)>,
}

impl Settings {
    /// The database that `MONGO_URI` names in its path, if it is not the one in use.
    pub fn other_database(&self) -> Option<&str> {
        let StoreAddress::Uri(uri) = &self.store else {
            return None;
        };
        let (_, rest) = uri.expose().split_once("://")?;
        // The name of the database follows the first `/` after the hosts. A path of a socket among the hosts has its
        // own slashes percent-encoded, and a password before the hosts may contain some.
        let address = rest.split_once('?').map_or(rest, |(address, _)| address);
        let (_, name) = address
            .rsplit_once('@')
            .map_or(address, |(_, hosts)| hosts)
            .split_once('/')?;
        (!name.is_empty() && name != self.config.database.limits.database_name).then_some(name)
    }

    /// What the transports of mail are told.
    pub fn mail(&self) -> MailSettings<'_> {
        MailSettings {
            email: &self.config.email,
            by_smtp: self.mail_by_smtp,
            user: self.secrets.smtp_user.as_ref(),
            password: self.secrets.smtp_password.as_ref(),
            public_base_url: &self.config.service.public_base_url,
            reset_page_url: self.config.reset.page_url.as_deref(),
        }
    }

    /// The sender address of mails: `email.from`, or the SMTP user. The outbox of a developer needs neither.
    pub fn mail_from(&self) -> &str {
        let user = self.secrets.smtp_user.as_ref().map(Secret::expose);
        let from = self.config.email.from.as_deref();
        from.or(user.filter(|user| user.contains('@')))
            .unwrap_or("clinic-auth@localhost")
    }

    /// Whether `/docs` and `/redoc` are served.
    pub fn docs_enabled(&self) -> bool {
        self.config
            .service
            .docs_enabled
            .unwrap_or(self.environment == Environment::Development)
    }

    /// Whether `/test` and the static test pages are served.
    pub fn test_pages_enabled(&self) -> bool {
        self.config
            .service
            .test_pages_enabled
            .unwrap_or(self.environment == Environment::Development)
    }

    /// Whether `debug_otp` is answered (development only).
    pub fn debug(&self) -> bool {
        self.config.service.debug && self.environment == Environment::Development
    }

    /// The roles that must have a second factor: those of `mfa.required_roles`, or staff and administrators in production
    /// (D13).
    pub fn mfa_required(&self) -> Vec<Role> {
        let default: &[Role] = match self.environment {
            Environment::Development => &[],
            Environment::Production => &[Role::Staff, Role::Admin],
        };
        let set = self.config.mfa.required_roles.clone();
        set.unwrap_or_else(|| default.to_vec())
    }

    /// The name of the clinic's time zone.
    pub fn clinic_zone(&self) -> String {
        let set = self.config.clinic.time_zone.clone();
        set.unwrap_or_else(|| {
            let zone = Zone::of_machine().unwrap_or_else(Zone::utc);
            zone.name().to_owned()
        })
    }

    /// What the clinic is told.
    pub fn clinic(&self) -> clinic::settings::Settings {
        let config = self.config.clone();
        clinic::settings::Settings {
            clinic: config.clinic,
            care: config.care,
            appointments: config.appointments,
            reports: config.reports,
            records: config.records,
            throttle: config.throttle.clinic,
            collections: config.database.collections.clinic,
            indexes: config.database.indexes.clinic,
            public_base_url: config.service.public_base_url,
        }
    }

    /// What accounts are told.
    pub fn identity(&self) -> identity::settings::Settings {
        let config = self.config.clone();
        identity::settings::Settings {
            jwt: config.jwt,
            sessions: config.sessions,
            otp: config.otp,
            registration: config.registration,
            password: config.password,
            reset: config.reset,
            lockout: config.lockout,
            throttle: config.throttle.identity,
            auth: config.auth,
            mfa_required: self.mfa_required(),
            mfa: config.mfa,
            passkeys: config.passkeys,
            account: config.account,
            debug: self.debug(),
            public_base_url: config.service.public_base_url,
            request_timeout_seconds: config.service.request_timeout_seconds,
        }
    }
}

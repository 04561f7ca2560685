//! Makes the settings from the sources: first the file, `.env` and the environment, then the checks, then the master
//! secret.

use super::{
    Config, ConfigError, ConfigErrors, Peppers, Secret, Secrets, Settings, Sources, StoreAddress,
    lookalikes, master_secret,
    sections::MailTransport,
    settings::Environment,
    tree::Tree,
    validate::{self, Situation},
};

/// The default origins in development, where `service.cors_origins` is null.
const DEVELOPMENT_ORIGINS: [&str; 3] = [
    "http://localhost:8080",
    "http://localhost:8000",
    "http://localhost:3000",
];

impl Settings {
    /// Merges the sources and checks every rule. In development without `JWT_SECRET`, the secret is read from
    /// `secret.key` beside the embedded store. If there is no such file, it is created.
    ///
    /// # Errors
    /// All errors that were found.
    pub fn load(sources: &Sources) -> Result<Self, ConfigErrors> {
        let mut errors = sources.errors.clone();
        let (mut config, obsolete) = keys(sources, &mut errors);
        let environment = errors.take(sources.environment()).unwrap_or_default();
        let smtp_user = errors.take(sources.secret("SMTP_USER")).flatten();
        let smtp_password = errors.take(sources.secret("SMTP_PASSWORD")).flatten();
        let store = errors.take(store(sources, &config, environment));
        let mail_by_smtp = match config.email.transport {
            MailTransport::Smtp => true,
            MailTransport::Outbox => false,
            MailTransport::Auto => smtp_user.is_some() || sources.sets("email.smtp_host"),
        };
        let cors_origins = cors_origins(sources, &config, environment, &mut errors);
        let situation = Situation {
            config: &config,
            environment,
            mail_by_smtp,
            smtp_user: smtp_user.as_ref(),
            smtp_password: smtp_password.as_ref(),
        };
        validate::check(&situation, &mut errors);
        if let Some(base) = validate::base_url(&config.service.public_base_url) {
            config.service.public_base_url = base;
        }
        let master = master_secret::resolve(sources, &config.database, environment, &mut errors);
        let of_clinic = (&config.clinic, &config.database);
        let field = master_secret::resolve_field(sources, of_clinic, environment, &mut errors);
        let mut pepper = |name| errors.take(master_secret::given(sources, name)).flatten();
        let peppers = Peppers {
            current: pepper("PASSWORD_PEPPER"),
            previous: pepper("PASSWORD_PEPPER_PREVIOUS"),
        };
        match (master, store) {
            (Some(master), Some(store)) if errors.is_empty() => Ok(Self {
                config,
                secrets: Secrets {
                    master,
                    peppers,
                    field,
                    smtp_user,
                    smtp_password,
                },
                store,
                environment,
                mail_by_smtp,
                cors_origins,
                log_filter: sources.variable("RUST_LOG").map(str::to_owned),
                obsolete,
                ignored: lookalikes::of(sources),
            }),
            _ => Err(errors),
        }
    }
}

/// The configuration without the secrets, and the obsolete keys that were given. The order of precedence is:
/// environment, `.env`, file, default.
fn keys(sources: &Sources, errors: &mut ConfigErrors) -> (Config, Vec<String>) {
    let mut tree = Tree::defaults();
    if let Some((path, text)) = &sources.file {
        tree.apply_file(path, text, errors);
    }
    tree.apply_variables(&sources.dotenv, errors);
    tree.apply_variables(&sources.env, errors);
    tree.into_config()
}

fn store(
    sources: &Sources,
    config: &Config,
    environment: Environment,
) -> Result<StoreAddress, ConfigError> {
    const NAME: &str = "MONGO_URI";
    let default = &config.database.limits.embedded_path;
    let Some(uri) = sources.secret(NAME)? else {
        return if environment == Environment::Production {
            let remedy = format!(
                "set it to a mongodb:// address, or to embedded:{default} for the embedded store"
            );
            Err(ConfigError::new(NAME, "is not set in production", remedy))
        } else {
            Ok(StoreAddress::Embedded(default.into()))
        };
    };
    let (problem, remedy) = match uri.expose().strip_prefix("embedded:") {
        Some("") => (
            "names no file after `embedded:`".to_owned(),
            format!("write it like embedded:{default}"),
        ),
        Some(path) => return Ok(StoreAddress::Embedded(path.into())),
        None if is_mongodb(&uri) => match other_read_preference(&uri) {
            None => return Ok(StoreAddress::Uri(uri)),
            // A secondary could answer with older data, so reads go to the primary (DB-7).
            Some(mode) => (
                format!(
                    "has readPreference={mode}: what was written a moment ago would not be found"
                ),
                "remove readPreference from it; the service reads from the primary".to_owned(),
            ),
        },
        None => (
            "is not the address of a database".to_owned(),
            "begin it with mongodb://, mongodb+srv:// or embedded:".to_owned(),
        ),
    };
    Err(ConfigError::new(NAME, problem, remedy))
}

/// The read preference in the address, unless it is `primary`. Only a known word is returned, because the rest of the
/// address may contain a password.
fn other_read_preference(uri: &Secret) -> Option<&'static str> {
    const MODES: [&str; 4] = [
        "primaryPreferred",
        "secondary",
        "secondaryPreferred",
        "nearest",
    ];
    let (_, options) = uri.expose().split_once('?')?;
    url::form_urlencoded::parse(options.as_bytes())
        .filter(|(name, _)| name.eq_ignore_ascii_case("readPreference"))
        .find(|(_, mode)| !mode.eq_ignore_ascii_case("primary"))
        .map(|(_, mode)| {
            let mut known = MODES.into_iter();
            let known = known.find(|known| known.eq_ignore_ascii_case(&mode));
            known.unwrap_or("…")
        })
}

fn is_mongodb(uri: &Secret) -> bool {
    ["mongodb://", "mongodb+srv://"]
        .iter()
        .any(|scheme| uri.expose().starts_with(scheme))
}

/// `service.cors_origins` or its default, and the origins of `FRONTEND_URL` and `FRONTEND_URL_8081`.
fn cors_origins(
    sources: &Sources,
    config: &Config,
    environment: Environment,
    errors: &mut ConfigErrors,
) -> Vec<String> {
    let mut origins = match (&config.service.cors_origins, environment) {
        (Some(origins), _) => origins.clone(),
        (None, Environment::Development) => DEVELOPMENT_ORIGINS.map(str::to_owned).to_vec(),
        (None, Environment::Production) => Vec::new(),
    };
    for name in ["FRONTEND_URL", "FRONTEND_URL_8081"] {
        let Some(url) = sources.variable(name) else {
            continue;
        };
        match validate::origin_of(url) {
            Some(origin) if origins.contains(&origin) => {}
            Some(origin) => origins.push(origin),
            None => {
                let remedy = "write it like https://app.clinic.example";
                errors.add(name, "is not an http(s) address", remedy);
            }
        }
    }
    origins
}

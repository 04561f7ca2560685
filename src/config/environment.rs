//! The environment variables: which ones exist, and how a value is found among them.

use std::{collections::BTreeMap, fs, io};

use zeroize::Zeroizing;

use super::{ConfigError, Secret, Sources, lookalikes, settings::Environment};

/// The prefix of the variables that override a key.
pub const PREFIX: &str = "CLINIC_AUTH__";

/// Variables that are short names of a key, each with its key. The long name `CLINIC_AUTH__…` takes precedence.
pub(super) const SHORT_NAMES: &[(&str, &str)] = &[
    ("PORT", "service.port"),
    ("DEBUG", "service.debug"),
    ("SMTP_HOST", "email.smtp_host"),
    ("SMTP_PORT", "email.smtp_port"),
];

/// Variables that do not override a key of `config.json`.
const OTHERS: &[&str] = &[
    "CLINIC_AUTH_CONFIG",
    "ENVIRONMENT",
    "FRONTEND_URL",
    "FRONTEND_URL_8081",
    "RUST_LOG",
];

/// The secrets. Each can also be given as `NAME_FILE`.
const SECRETS: &[&str] = &[
    "MONGO_URI",
    "JWT_SECRET",
    "JWT_SECRET_PREVIOUS",
    "FIELD_ENCRYPTION_KEY",
    "FIELD_ENCRYPTION_KEY_PREVIOUS",
    "ENCRYPTION_KEY",
    "PASSWORD_PEPPER",
    "PASSWORD_PEPPER_PREVIOUS",
    "SMTP_USER",
    "SMTP_PASSWORD",
];

/// All variables that are read beside `CLINIC_AUTH__…`.
pub fn known_variables() -> impl Iterator<Item = String> {
    let short = SHORT_NAMES.iter().map(|(name, _)| *name);
    let files = SECRETS.iter().map(|name| format!("{name}_FILE"));
    short
        .chain(OTHERS.iter().copied())
        .chain(SECRETS.iter().copied())
        .map(str::to_owned)
        .chain(files)
}

/// Whether the service reads a variable of this name, refuses it, or warns of it.
pub(super) fn is_ours(name: &str) -> bool {
    name.starts_with(PREFIX)
        || lookalikes::is_one(name)
        || known_variables().any(|known| known == name)
}

/// The variable that overrides `key`.
pub fn variable_of(key: &str) -> String {
    format!("{PREFIX}{}", key.to_ascii_uppercase().replace('.', "__"))
}

/// The value of a variable; an empty value counts as absent.
pub(super) fn value<'a>(variables: &'a BTreeMap<String, String>, name: &str) -> Option<&'a str> {
    variables
        .get(name)
        .map(String::as_str)
        .filter(|text| !text.is_empty())
}

impl Sources {
    /// The environment and `.env`, in the order of precedence.
    fn layers(&self) -> [&BTreeMap<String, String>; 2] {
        [&self.env, &self.dotenv]
    }

    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.layers()
            .into_iter()
            .find_map(|variables| value(variables, name))
    }

    /// Whether the environment or `.env` sets a key, by its long name or a short one.
    pub(super) fn sets(&self, key: &str) -> bool {
        let mut short = SHORT_NAMES.iter();
        self.variable(&variable_of(key)).is_some()
            || short.any(|(name, of)| *of == key && self.variable(name).is_some())
    }

    /// A secret, from its variable or from the file that `NAME_FILE` names.
    pub(super) fn secret(&self, name: &str) -> Result<Option<Secret>, ConfigError> {
        let file_name = format!("{name}_FILE");
        for variables in self.layers() {
            match (value(variables, name), value(variables, &file_name)) {
                (None, None) => {}
                (Some(text), None) => return Ok(Some(Secret::new(text))),
                (None, Some(path)) => return secret_from_file(&file_name, path).map(Some),
                (Some(_), Some(_)) => {
                    return Err(ConfigError::new(
                        name,
                        format!("is set beside {file_name}"),
                        "set only one of the two",
                    ));
                }
            }
        }
        Ok(None)
    }

    pub(super) fn environment(&self) -> Result<Environment, ConfigError> {
        match self.variable("ENVIRONMENT") {
            None | Some("development" | "local") => Ok(Environment::Development),
            // The older service had words for where it ran in production.
            Some("production" | "cloud_run" | "proxy") => Ok(Environment::Production),
            Some(other) => Err(ConfigError::new(
                "ENVIRONMENT",
                format!("{other:?} is not a word that the service knows"),
                "set it to development, local or production",
            )),
        }
    }
}

fn secret_from_file(variable: &str, path: &str) -> Result<Secret, ConfigError> {
    let problem = match fs::File::open(path).and_then(read_secret) {
        Ok(secret) if secret.expose().is_empty() => "is empty".to_owned(),
        Ok(secret) => return Ok(secret),
        Err(error) => format!("cannot be read ({})", error.kind()),
    };
    Err(ConfigError::new(
        variable,
        format!("{path:?} {problem}"),
        "name a file that holds the secret and that the service may read",
    ))
}

/// The text of a file without its last line end.
pub(super) fn read_secret(file: fs::File) -> io::Result<Secret> {
    let text = Zeroizing::new(io::read_to_string(file)?);
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(Secret::new(text.strip_suffix('\r').unwrap_or(text)))
}

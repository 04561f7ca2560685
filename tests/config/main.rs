//! Tests of the configuration: files, variables and secrets result in settings or in a list of all errors.
//! They change nothing global, because the environment is a map and the folder a temporary one.

#![expect(
    clippy::unwrap_used,
    reason = "a helper that fails is a test that fails"
)]

mod keys;
mod obsolete;
mod order;
mod production;
mod readme;
mod rules;
mod secrets;

use std::{
    fs,
    path::{Path, PathBuf},
};

use clinic_auth::config::{Config, ConfigErrors, Settings, Sources, known_variables};
use tempfile::TempDir;

const SECRET: &str = "k3J9vQ2mZ8xW5tR7yB1nC4dF6gH0pLsA";

/// An empty folder, and the sources of the configuration of a process that starts in it.
struct Machine {
    folder: TempDir,
    sources: Sources,
}

fn machine() -> Machine {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("data/clinic.db");
    let machine = Machine {
        folder,
        sources: Sources::default(),
    };
    machine.dotenv(
        "CLINIC_AUTH__DATABASE__EMBEDDED_PATH",
        store.to_str().unwrap(),
    )
}

/// A machine with complete settings for production.
fn hospital() -> Machine {
    machine()
        .env("ENVIRONMENT", "production")
        .env("MONGO_URI", "mongodb://db.clinic.example/")
        .env("JWT_SECRET", SECRET)
        .env("SMTP_HOST", "mail.clinic.example")
        .env("CLINIC_AUTH__EMAIL__FROM", "no-reply@clinic.example")
        .env(
            "CLINIC_AUTH__SERVICE__PUBLIC_BASE_URL",
            "https://accounts.clinic.example",
        )
}

impl Machine {
    fn env(mut self, name: &str, value: &str) -> Self {
        self.sources.env.insert(name.to_owned(), value.to_owned());
        self
    }

    fn dotenv(mut self, name: &str, value: &str) -> Self {
        self.sources
            .dotenv
            .insert(name.to_owned(), value.to_owned());
        self
    }

    fn json(mut self, text: &str) -> Self {
        self.sources.file = Some((PathBuf::from("config.json"), text.to_owned()));
        self
    }

    /// Writes a file and sets a variable to its path.
    fn file(self, name: &str, text: &str) -> Self {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        self.env(name, path.to_str().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn load(&self) -> Settings {
        Settings::load(&self.sources).unwrap_or_else(|errors| panic!("{errors}"))
    }

    fn errors(&self) -> ConfigErrors {
        Settings::load(&self.sources)
            .map(|_| "no error")
            .unwrap_err()
    }

    fn keys_of_errors(&self) -> Vec<String> {
        self.errors().0.into_iter().map(|error| error.key).collect()
    }

    /// The text of the only error.
    fn error(&self) -> String {
        let errors = self.errors();
        assert_eq!(errors.0.len(), 1, "{errors}");
        errors.to_string()
    }
}

fn repository(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

#[test]
fn config_json_lists_every_default() {
    let file: serde_json::Value = serde_json::from_str(&repository("config.json")).unwrap();
    assert_eq!(file, serde_json::to_value(Config::default()).unwrap());
    machine().json(&repository("config.json")).load();
}

#[test]
fn env_example_lists_every_variable_and_changes_nothing() {
    let machine = machine();
    fs::write(machine.path(".env"), repository(".env.example")).unwrap();
    let example = Sources::read([], machine.folder.path());
    assert!(example.errors.is_empty(), "{}", example.errors);
    let mut known: Vec<_> = known_variables().collect();
    known.sort();
    assert!(
        example.dotenv.keys().eq(&known),
        "{:?}",
        example.dotenv.keys()
    );
    let set = example.dotenv.iter().filter(|(_, value)| !value.is_empty());
    assert_eq!(set.count(), 1, "ENVIRONMENT=development");
}

#[test]
fn each_variable_of_env_example_has_a_comment() {
    let example = repository(".env.example");
    let lines: Vec<_> = example.lines().collect();
    for pair in lines.windows(2) {
        let is_variable = !pair[1].starts_with('#') && pair[1].contains('=');
        assert!(!is_variable || pair[0].starts_with("# "), "{}", pair[1]);
    }
}

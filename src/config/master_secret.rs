//! The secrets from which keys are derived: `JWT_SECRET` and `FIELD_ENCRYPTION_KEY`. In development, a missing one is
//! created once and kept beside the embedded store (KEY-1, ENC-3).

use std::{
    fs, io,
    io::Write as _,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::{
    ConfigError, ConfigErrors, MasterSecret, Secret, Sources,
    environment::read_secret,
    sections::{Clinic, Database},
    settings::Environment,
};
use crypto::settings::FieldSecret;
use kernel::random::SharedRng;

/// The least number of bytes of a secret (RFC 7518 section 3.2, for HS256).
const MIN_BYTES: usize = 32;

/// The least number of different characters. A random text of 32 hex digits has fewer only once in ten million times.
const MIN_VARIETY: usize = 8;

const HOW_TO_MAKE_ONE: &str = "set it to the output of `openssl rand -base64 48`";

/// Reads the secrets. In development, a missing secret is created if the configuration has no error. Errors are added
/// to `errors`.
pub(super) fn resolve(
    sources: &Sources,
    database: &Database,
    environment: Environment,
    errors: &mut ConfigErrors,
) -> Option<MasterSecret> {
    let previous = errors.take(given(sources, "JWT_SECRET_PREVIOUS")).flatten();
    let current = match given(sources, "JWT_SECRET") {
        Ok(None) if environment == Environment::Production => Err(ConfigError::new(
            "JWT_SECRET",
            "is not set in production",
            HOW_TO_MAKE_ONE,
        )),
        Ok(None) => read_or_create(&MASTER.file(database), &MASTER, errors.is_empty()),
        given => given,
    };
    let current = errors.take(current).flatten()?;
    Some(MasterSecret { current, previous })
}

/// Reads the secret that seals the clinic's records; `None` if the clinic is off. In development, a missing one is created
/// if the configuration has no error. Errors are added to `errors`.
pub(super) fn resolve_field(
    sources: &Sources,
    (clinic, database): (&Clinic, &Database),
    environment: Environment,
    errors: &mut ConfigErrors,
) -> Option<FieldSecret> {
    const NAME: &str = "FIELD_ENCRYPTION_KEY";
    let previous = errors
        .take(given(sources, "FIELD_ENCRYPTION_KEY_PREVIOUS"))
        .flatten();
    let current = match (given(sources, NAME), given(sources, "ENCRYPTION_KEY")) {
        (Ok(Some(_)), Ok(Some(_))) => Err(ConfigError::new(
            NAME,
            "is set beside ENCRYPTION_KEY, its older name",
            "set only one of the two",
        )),
        (Ok(None), older) => older,
        (current, Ok(_)) => current,
        (_, Err(error)) => Err(error),
    };
    let current = match current {
        _ if clinic.enabled == Some(false) => return None,
        Ok(None) if environment == Environment::Development => {
            read_or_create(&FIELD.file(database), &FIELD, errors.is_empty())
        }
        Ok(None) if clinic.enabled == Some(true) => Err(ConfigError::new(
            NAME,
            "is not set in production, and clinic.enabled is true",
            HOW_TO_MAKE_ONE,
        )),
        current => current,
    };
    let current = errors.take(current).flatten()?;
    Some(FieldSecret { current, previous })
}

/// A secret from which keys are derived; `None` if it is not set.
pub(super) fn given(sources: &Sources, name: &str) -> Result<Option<Secret>, ConfigError> {
    let secret = sources.secret(name)?;
    match secret.as_ref().and_then(problem_of) {
        Some(problem) => Err(ConfigError::new(name, problem, HOW_TO_MAKE_ONE)),
        None => Ok(secret),
    }
}

/// A secret that is created in development.
struct Generated {
    file: &'static str,
    /// What to do if its file cannot be used.
    remedy: &'static str,
    name: &'static str,
}

const MASTER: Generated = Generated {
    file: "secret.key",
    remedy: "restore the file, or set JWT_SECRET (open sessions and codes end then)",
    name: "JWT_SECRET",
};

const FIELD: Generated = Generated {
    file: "field.key",
    remedy: "restore the file: without it, the records cannot be opened",
    name: "FIELD_ENCRYPTION_KEY",
};

impl Generated {
    /// Its file: in the folder of the embedded store.
    fn file(&self, database: &Database) -> PathBuf {
        Path::new(&database.limits.embedded_path).with_file_name(self.file)
    }
}

/// Why a secret cannot be used; `None` if it can.
fn problem_of(secret: &Secret) -> Option<&'static str> {
    let text = secret.expose();
    if is_placeholder(text) {
        Some("is a placeholder that everybody knows")
    } else if text.len() < MIN_BYTES {
        Some("is shorter than 32 bytes")
    } else if variety(text) < MIN_VARIETY {
        Some("repeats a few characters")
    } else {
        None
    }
}

/// Whether a text is a placeholder that examples contain instead of a secret.
pub(super) fn is_placeholder(text: &str) -> bool {
    const PHRASES: [&str; 8] = [
        "changeme",
        "changethis",
        "changeit",
        "changein",
        "replaceme",
        "replacethis",
        "replacewith",
        "placeholder",
    ];
    let bare = Zeroizing::new(
        text.chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect::<String>(),
    );
    PHRASES.iter().any(|phrase| bare.contains(phrase))
        || ["secret", "password"].contains(&bare.as_str())
        || bare.find("your").is_some_and(|at| {
            ["secret", "key", "password"]
                .iter()
                .any(|word| bare[at..].contains(word))
        })
}

fn variety(text: &str) -> usize {
    let mut bytes = Zeroizing::new(text.as_bytes().to_vec());
    bytes.sort_unstable();
    bytes.dedup();
    bytes.len()
}

/// The secret that is kept in `path`. If there is none, it is created if `may_create`, otherwise the result is `None`.
fn read_or_create(
    path: &Path,
    generated: &Generated,
    may_create: bool,
) -> Result<Option<Secret>, ConfigError> {
    let outcome = match read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && !may_create => return Ok(None),
        // If several processes start at once, one of them creates the file, and all read it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            create(path).and_then(|()| read(path))
        }
        outcome => outcome,
    };
    let shown = path.display();
    let (problem, remedy) = match outcome {
        Ok(secret) => match problem_of(&secret) {
            None => return Ok(Some(secret)),
            Some(problem) => (problem.to_owned(), generated.remedy.to_owned()),
        },
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => (
            format!("holds the secret and must be this user's alone ({error})"),
            format!("chown it to the service's user and `chmod 600 {shown}`"),
        ),
        Err(error) => (
            format!("cannot keep the secret ({})", error.kind()),
            format!("set {}, or make its folder writable", generated.name),
        ),
    };
    Err(ConfigError::new(shown.to_string(), problem, remedy))
}

fn read(path: &Path) -> io::Result<Secret> {
    let file = fs::File::open(path)?;
    let mode = file.metadata()?.permissions().mode() & 0o777;
    if mode | 0o700 == 0o700 {
        read_secret(file)
    } else {
        let found = format!("its mode is {mode:o}");
        Err(io::Error::new(io::ErrorKind::PermissionDenied, found))
    }
}

/// Writes a new secret with mode 0600. The file appears complete, and never replaces another.
fn create(path: &Path) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let random = SharedRng::from_system().map_err(io::Error::other)?;
    let bytes = Zeroizing::new(random.bytes::<MIN_BYTES>());
    let text = Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()));
    let mut file = tempfile::Builder::new()
        .prefix(".secret.key")
        .permissions(fs::Permissions::from_mode(0o600))
        .tempfile_in(folder)?;
    writeln!(file, "{}", text.as_str())?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Err(lost) if lost.error.kind() != io::ErrorKind::AlreadyExists => Err(lost.error),
        _ => fs::File::open(folder)?.sync_all(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/secret.key");
        (folder, path)
    }

    fn good(path: &Path) -> Secret {
        read_or_create(path, &MASTER, true).unwrap().unwrap()
    }

    fn error(path: &Path) -> String {
        read_or_create(path, &MASTER, true).unwrap_err().to_string()
    }

    #[test]
    fn a_generated_secret_is_kept_for_this_user_alone() {
        let (_folder, path) = fresh();
        let secret = good(&path);
        assert_eq!(good(&path), secret);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    }

    #[test]
    fn processes_that_start_at_once_agree_on_one_secret() {
        let (_folder, path) = fresh();
        let secrets: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..16).map(|_| scope.spawn(|| good(&path))).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        assert!(secrets.iter().all(|secret| *secret == secrets[0]));
        let left: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }

    #[test]
    fn a_key_file_that_others_may_read_is_refused() {
        let (_folder, path) = fresh();
        good(&path);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let message = error(&path);
        assert!(
            message.contains("640") && message.contains("chmod 600"),
            "{message}"
        );
    }

    #[test]
    fn a_damaged_key_file_is_refused_and_not_replaced() {
        let (_folder, path) = fresh();
        good(&path);
        fs::write(&path, "cut").unwrap();
        assert!(error(&path).contains("shorter than 32 bytes"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "cut");
    }

    #[test]
    fn no_secret_is_created_for_an_invalid_configuration() {
        let (_folder, path) = fresh();
        assert_eq!(read_or_create(&path, &MASTER, false), Ok(None));
        assert!(!path.exists());
    }

    #[test]
    fn placeholders_and_weak_secrets_are_refused() {
        for bad in [
            "secret",
            "changeme",
            "short-but-otherwise-unknown",
            "your-secret-key-change-in-production-please",
            "YOUR_256_BIT_SECRET_0123456789_abcdefghij",
            "change-me-change-me-change-me-change-me",
            "<replace with the output of openssl rand>",
            &"x".repeat(64),
            &"abcdefg".repeat(9),
        ] {
            assert!(problem_of(&Secret::new(bad)).is_some(), "{bad}");
        }
        for good in [
            "0123456789abcdef0123456789abcdef",
            "integration-test-secret-of-enough-length",
            "k3J9vQ2mZ8xW5tR7yB1nC4dF6gH0pLsA",
        ] {
            assert_eq!(problem_of(&Secret::new(good)), None, "{good}");
        }
    }
}

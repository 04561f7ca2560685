//! The sources of the configuration. They are read once, before any of them is checked.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use super::{ConfigErrors, environment, lookalikes};

/// The input of the configuration. A test makes its own input.
///
/// It has no `Debug`, because it contains secrets.
#[derive(Clone, Default)]
pub struct Sources {
    /// The process environment.
    pub env: BTreeMap<String, String>,
    /// The variables of `.env`; each is used only if the process environment does not set it.
    pub dotenv: BTreeMap<String, String>,
    /// The configuration file and its text; `None` if there is no file, so that the built-in defaults are used.
    pub file: Option<(PathBuf, String)>,
    /// Errors from reading; [`Settings::load`](super::Settings::load) reports them with the others.
    pub errors: ConfigErrors,
}

impl Sources {
    /// Reads the process environment, `.env`, and the configuration file in the current folder. It changes nothing, so
    /// the variables of `.env` do not become part of the environment.
    pub fn from_process() -> Self {
        Self::read(std::env::vars_os(), Path::new(""))
    }

    /// The same as [`Sources::from_process`], with another environment and another folder.
    pub fn read(variables: impl IntoIterator<Item = (OsString, OsString)>, folder: &Path) -> Self {
        let mut sources = Self::default();
        sources.read_environment(variables);
        sources.read_dotenv(&folder.join(".env"));
        sources.read_file(folder);
        sources
    }

    fn read_environment(&mut self, variables: impl IntoIterator<Item = (OsString, OsString)>) {
        for (name, value) in variables {
            let name = name.to_string_lossy().into_owned();
            if !environment::is_ours(&name) {
                continue;
            }
            if let Ok(value) = value.into_string() {
                self.env.insert(name, value);
            } else if !lookalikes::is_one(&name) {
                self.errors.add(name, "is not UTF-8", "set it to text");
            }
        }
    }

    fn read_dotenv(&mut self, path: &Path) {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            Err(error) => return self.unreadable(".env", &error),
        };
        let text = without_bom(&text);
        for entry in dotenvy::from_read_iter(text.as_bytes()) {
            match entry {
                Ok((name, value)) => {
                    self.dotenv.insert(name, value);
                }
                // The library's error message shows the line, which may contain a secret.
                Err(error) => self.errors.add(
                    ".env",
                    match &error {
                        dotenvy::Error::LineParse(line, _) => line_of(text, line),
                        _ => "a line cannot be read".to_owned(),
                    },
                    "write NAME=value, and put a value with spaces, `#` or `$` into single quotes",
                ),
            }
        }
    }

    fn read_file(&mut self, folder: &Path) {
        const PATH_VARIABLE: &str = "CLINIC_AUTH_CONFIG";
        let named = self.variable(PATH_VARIABLE);
        let path = PathBuf::from(named.unwrap_or("config.json"));
        match fs::read_to_string(folder.join(&path)) {
            Ok(text) => self.file = Some((path, without_bom(&text).to_owned())),
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                self.unreadable(&path.display().to_string(), &error);
            }
            Err(_) if named.is_some() => self.errors.add(
                PATH_VARIABLE,
                format!("there is no file {}", path.display()),
                "name the configuration file, or unset the variable to use ./config.json",
            ),
            Err(_) => {}
        }
    }

    fn unreadable(&mut self, file: &str, error: &io::Error) {
        self.errors.add(
            file,
            format!("cannot be read ({})", error.kind()),
            "make it a UTF-8 text file that the service may read",
        );
    }
}

fn without_bom(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// The number of the line that could not be read, if its text occurs only once.
fn line_of(text: &str, line: &str) -> String {
    let mut found = text.match_indices(line.trim());
    match (found.next(), found.next()) {
        (Some((at, _)), None) => {
            format!(
                "line {} cannot be read",
                text[..at].matches('\n').count() + 1
            )
        }
        _ => "a line cannot be read".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt;

    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    fn read(variables: &[(&str, &str)], folder: &Path) -> Sources {
        let variables = variables.iter().map(|(k, v)| (k.into(), v.into()));
        Sources::read(variables, folder)
    }

    #[test]
    fn an_empty_folder_gives_empty_sources() {
        let sources = read(&[("HOME", "/root")], folder(&[]).path());
        assert!(sources.errors.is_empty() && sources.env.is_empty() && sources.file.is_none());
    }

    #[test]
    fn a_configuration_file_that_is_named_must_exist() {
        let sources = read(&[("CLINIC_AUTH_CONFIG", "other.json")], folder(&[]).path());
        assert_eq!(sources.errors.0[0].key, "CLINIC_AUTH_CONFIG");
    }

    #[test]
    fn the_environment_overrides_the_file_that_dotenv_names() {
        let files = [
            (".env", "\u{feff}CLINIC_AUTH_CONFIG=a.json\n"),
            ("a.json", "{}"),
            ("b.json", "[]"),
        ];
        let folder = folder(&files);
        assert_eq!(read(&[], folder.path()).file.unwrap().1, "{}");
        let sources = read(&[("CLINIC_AUTH_CONFIG", "b.json")], folder.path());
        assert_eq!(sources.file.unwrap().1, "[]");
    }

    #[test]
    fn an_invalid_dotenv_line_is_named_by_number_and_not_shown() {
        let folder = folder(&[(".env", "PORT=1\n\nJWT_SECRET=hush hush\nDEBUG=true\n")]);
        let sources = read(&[], folder.path());
        let message = sources.errors.to_string();
        assert!(
            message.contains("line 3") && !message.contains("hush"),
            "{message}"
        );
        assert_eq!(sources.dotenv["DEBUG"], "true");
    }

    #[test]
    fn a_configuration_file_that_is_not_text_is_refused() {
        let folder = folder(&[]);
        fs::write(folder.path().join("config.json"), [0xff]).unwrap();
        assert_eq!(read(&[], folder.path()).errors.0[0].key, "config.json");
    }

    #[test]
    fn only_our_own_variables_must_be_text() {
        let broken = || OsString::from_vec(vec![0xff]);
        let variables =
            ["PORT", "CLINIC_AUTH__OTP__LENGTH", "LESSOPEN"].map(|n| (n.into(), broken()));
        let errors = Sources::read(variables, folder(&[]).path()).errors;
        let keys: Vec<_> = errors.0.iter().map(|error| error.key.as_str()).collect();
        assert_eq!(keys, ["PORT", "CLINIC_AUTH__OTP__LENGTH"]);
    }
}

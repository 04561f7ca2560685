//! The errors of the configuration, one line each.

use std::fmt;

use kernel::helpers::on_one_line;

/// An error that prevents the start (CFG-1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The key as `config.json` nests it (`otp.length`), the variable, or the file.
    pub key: String,
    /// The problem. It never contains a secret.
    pub problem: String,
    /// How an operator corrects it.
    pub remedy: String,
}

impl ConfigError {
    /// A new error.
    pub fn new(
        key: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            key: key.into(),
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }
}

impl fmt::Display for ConfigError {
    /// Written as one line even if a key or a file name contains control characters (LOG-3).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = format!("{}: {}; {}", self.key, self.problem, self.remedy);
        f.write_str(&on_one_line(&line))
    }
}

/// All errors of a configuration, in the order in which they were found.
#[derive(Debug, Clone, Default, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl ConfigErrors {
    /// Whether there is no error, so that the service may start.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn add(
        &mut self,
        key: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.0.push(ConfigError::new(key, problem, remedy));
    }

    /// Adds the error unless the rule `is_kept`.
    pub(super) fn require(
        &mut self,
        is_kept: bool,
        key: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        if !is_kept {
            self.add(key, problem, remedy);
        }
    }

    /// The value. On an error, the error is added and the result is `None`.
    pub(super) fn take<T>(&mut self, outcome: Result<T, ConfigError>) -> Option<T> {
        outcome.map_err(|error| self.0.push(error)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_is_one_line_whatever_its_key_contains() {
        let mut errors = ConfigErrors::default();
        errors.add("a\nb\u{1b}[31m", "is unknown", "remove it");
        errors.add("c", "is unknown", "remove it");
        assert_eq!(
            errors.to_string(),
            "a\\nb\\u{1b}[31m: is unknown; remove it\nc: is unknown; remove it"
        );
    }
}

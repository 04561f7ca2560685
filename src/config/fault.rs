//! What is wrong with the configuration: all of it, a line each.

use std::fmt;

/// One thing that stops the start (CFG-1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFault {
    /// The key as `config.json` nests it (`otp.length`), the variable, or the file.
    pub key: String,
    /// What is wrong; never contains a secret.
    pub problem: String,
    /// What to do about it.
    pub remedy: String,
}

impl ConfigFault {
    /// A fault.
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

impl fmt::Display for ConfigFault {
    /// One line, whatever a key or a file name contains (LOG-3).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = format!("{}: {}; {}", self.key, self.problem, self.remedy);
        for c in line.chars() {
            if c.is_control() {
                write!(f, "{}", c.escape_default())?;
            } else {
                write!(f, "{c}")?;
            }
        }
        Ok(())
    }
}

/// Every fault of a configuration, in the order in which they were found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConfigFaults(pub Vec<ConfigFault>);

impl ConfigFaults {
    /// Whether the service may start.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn add(
        &mut self,
        key: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.0.push(ConfigFault::new(key, problem, remedy));
    }

    /// The value, or nothing and one fault more.
    pub(super) fn take<T>(&mut self, outcome: Result<T, ConfigFault>) -> Option<T> {
        outcome.map_err(|fault| self.0.push(fault)).ok()
    }
}

impl fmt::Display for ConfigFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, fault) in self.0.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigFaults {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_is_one_line_whatever_its_key_contains() {
        let mut faults = ConfigFaults::default();
        faults.add("a\nb\u{1b}[31m", "is unknown", "remove it");
        faults.add("c", "is unknown", "remove it");
        assert_eq!(
            faults.to_string(),
            "a\\nb\\u{1b}[31m: is unknown; remove it\nc: is unknown; remove it"
        );
    }
}

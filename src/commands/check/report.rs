//! What `check` prints.

use std::process::ExitCode;

use crate::commands::say;

/// Prints as it goes, and counts.
#[derive(Debug, Default)]
pub(super) struct Report {
    errors: usize,
    warnings: usize,
}

impl Report {
    #[expect(
        clippy::unused_self,
        reason = "all three lines are written the same way"
    )]
    pub(super) fn good(&self, what: &str, text: &str) {
        line("ok     ", what, text);
    }

    /// It works, and will not do for everybody.
    pub(super) fn warn(&mut self, what: &str, text: &str, remedy: &str) {
        self.warnings += 1;
        line("warn   ", what, text);
        advise(remedy);
    }

    /// It does not work.
    pub(super) fn problem(&mut self, what: &str, text: &str, remedy: &str) {
        self.errors += 1;
        line("FAULT  ", what, text);
        advise(remedy);
    }

    /// The last line; exit code 1 if there was a error.
    pub(super) fn end(self) -> ExitCode {
        let warnings = counted(self.warnings, "warning");
        if self.errors == 0 {
            say(&format!("\nNo faults, {warnings}: the service can start."));
            return ExitCode::SUCCESS;
        }
        let errors = counted(self.errors, "fault");
        say(&format!(
            "\n{errors}, {warnings}. Do what stands beside `do:`, then run `clinic-auth check` again."
        ));
        ExitCode::FAILURE
    }
}

fn line(mark: &str, what: &str, text: &str) {
    say(&escaped(&format!("{mark}{what}: {text}")));
}

fn advise(remedy: &str) {
    say(&escaped(&format!("       do: {remedy}")));
}

/// One line, whatever a key or a document contains (LOG-3).
fn escaped(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    line
}

fn counted(n: usize, what: &str) -> String {
    match n {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_outside_cannot_begin_a_line() {
        assert_eq!(escaped("a\nok     b\u{1b}[0m"), "a\\nok     b\\u{1b}[0m");
    }

    #[test]
    fn numbers_are_said_as_people_say_them() {
        let said = [0, 1, 2].map(|n| counted(n, "fault"));
        assert_eq!(said, ["no faults", "1 fault", "2 faults"]);
    }
}

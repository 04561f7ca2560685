//! The output of `check`.

use std::process::ExitCode;

use kernel::helpers::on_one_line;

use crate::commands::say;

/// Prints each line at once, and counts the problems.
#[derive(Debug, Default)]
pub(super) struct Report {
    errors: usize,
    warnings: usize,
}

impl Report {
    #[expect(clippy::unused_self, reason = "like the other two lines")]
    pub(super) fn good(&self, check: &str, text: &str) {
        print_line("ok     ", check, text);
    }

    /// Prints a warning: the service works, but not well enough for every clinic.
    pub(super) fn warn(&mut self, check: &str, text: &str, remedy: &str) {
        self.warnings += 1;
        print_line("warn   ", check, text);
        print_remedy(remedy);
    }

    /// Prints a problem: the service cannot work like this.
    pub(super) fn problem(&mut self, check: &str, text: &str, remedy: &str) {
        self.errors += 1;
        print_line("FAULT  ", check, text);
        print_remedy(remedy);
    }

    /// Prints the last line. The exit code is 1 if there was an error.
    pub(super) fn end(self) -> ExitCode {
        let warnings = with_count(self.warnings, "warning");
        if self.errors == 0 {
            say(&format!("\nNo faults, {warnings}: the service can start."));
            return ExitCode::SUCCESS;
        }
        let errors = with_count(self.errors, "fault");
        say(&format!(
            "\n{errors}, {warnings}. Do what stands beside `do:`, then run `clinic-auth check` again."
        ));
        ExitCode::FAILURE
    }
}

fn print_line(mark: &str, check: &str, text: &str) {
    say(&on_one_line(&format!("{mark}{check}: {text}")));
}

fn print_remedy(remedy: &str) {
    say(&on_one_line(&format!("       do: {remedy}")));
}

fn with_count(n: usize, noun: &str) -> String {
    match n {
        0 => format!("no {noun}s"),
        1 => format!("1 {noun}"),
        n => format!("{n} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_cannot_begin_a_line() {
        assert_eq!(
            on_one_line("a\nok     b\u{1b}[0m"),
            "a\\nok     b\\u{1b}[0m"
        );
    }

    #[test]
    fn counts_have_a_singular_and_a_plural() {
        let texts = [0, 1, 2].map(|n| with_count(n, "fault"));
        assert_eq!(texts, ["no faults", "1 fault", "2 faults"]);
    }
}

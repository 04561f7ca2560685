//! Shows the progress of long work in one line on the terminal. Nothing is shown if the output is not a terminal.

use std::{
    io::{self, IsTerminal, Write},
    time::{Duration, Instant},
};

/// The pause between two updates of the line.
const PAUSE: Duration = Duration::from_millis(100);

/// The progress line. It is written to stderr, so that it is never part of a command's output, and it is deleted at the
/// end.
pub(super) struct Progress {
    total: u64,
    what: &'static str,
    done: u64,
    shown: Option<Instant>,
    is_watched: bool,
}

impl Progress {
    /// The line for about `total` items, which are called `what`.
    pub(super) fn of(total: u64, what: &'static str) -> Self {
        Self {
            total,
            what,
            done: 0,
            shown: None,
            is_watched: io::stderr().is_terminal(),
        }
    }

    /// Hides the line if the command's own output goes to the terminal too.
    pub(super) fn beside_output(mut self) -> Self {
        self.is_watched &= !io::stdout().is_terminal();
        self
    }

    /// Counts one more item.
    pub(super) fn step(&mut self) {
        self.reach(self.done + 1);
    }

    /// Sets the number of items that are done.
    pub(super) fn reach(&mut self, done: u64) {
        self.done = done;
        if self.is_watched && self.shown.is_none_or(|shown| shown.elapsed() >= PAUSE) {
            self.shown = Some(Instant::now());
            // New items may have been added meanwhile.
            let (total, what) = (self.total.max(done).max(1), self.what);
            let percent = done * 100 / total;
            let _ = write!(io::stderr(), "\r{percent:>3} %  {done} of {total} {what}");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown.is_some() {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}

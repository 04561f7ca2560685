//! How far long work has come: one line on the terminal, rewritten as it goes, and nothing where nobody looks.

use std::{
    io::{self, IsTerminal, Write},
    time::{Duration, Instant},
};

/// Between two lines.
const PAUSE: Duration = Duration::from_millis(100);

/// The line. It is on stderr, so that it never gets into what a command prints, and is wiped at the end.
pub(super) struct Progress {
    total: u64,
    what: &'static str,
    done: u64,
    shown: Option<Instant>,
    is_watched: bool,
}

impl Progress {
    /// Before the first of about `total`, called `what`.
    pub(super) fn of(total: u64, what: &'static str) -> Self {
        Self {
            total,
            what,
            done: 0,
            shown: None,
            is_watched: io::stderr().is_terminal(),
        }
    }

    /// The same, but silent where what a command prints goes to the terminal, too.
    pub(super) fn beside_output(mut self) -> Self {
        self.is_watched &= !io::stdout().is_terminal();
        self
    }

    /// One more is done.
    pub(super) fn step(&mut self) {
        self.reach(self.done + 1);
    }

    /// So many are done.
    pub(super) fn reach(&mut self, done: u64) {
        self.done = done;
        if self.is_watched && self.shown.is_none_or(|shown| shown.elapsed() >= PAUSE) {
            self.shown = Some(Instant::now());
            // Somebody may be adding to them meanwhile.
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

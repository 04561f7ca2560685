//! Collects the log lines of the service during a test.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use tracing::subscriber::{DefaultGuard, set_default};

/// Collects everything that this thread logs, until it is dropped.
pub(crate) struct ThreadLog {
    written: Written,
    _until_here: DefaultGuard,
}

impl ThreadLog {
    /// Starts to collect.
    pub(crate) fn start() -> Self {
        let written = Written::default();
        let writer = written.clone();
        let lines = tracing_subscriber::fmt().with_writer(move || writer.clone());
        Self {
            written,
            _until_here: set_default(lines.finish()),
        }
    }

    /// Everything that was logged so far.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.written.0.lock().unwrap().clone()).unwrap()
    }
}

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

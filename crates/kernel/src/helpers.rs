//! Small functions that the standard library does not have.

use std::{
    fmt::Write as _,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Locks `mutex`, also after a panic of another thread that held it: no change under a lock of this service is left
/// half done by a panic.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `text` with its control characters escaped, so that it stays on one line and cannot imitate other lines (LOG-3).
pub fn on_one_line(text: &str) -> String {
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

/// `bytes` in lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

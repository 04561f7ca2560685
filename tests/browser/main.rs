//! The pages as people use them: headless Chromium, driven by chromedriver, on a telephone's window and a desktop's.
//!
//! `scripts/test browser` runs them; with `UPDATE_SCREENSHOTS=1` the pictures in `docs/img` are made anew.
#![expect(
    clippy::unwrap_used,
    reason = "a helper that cannot go on fails its test"
)]

/// The server of the integration tests.
#[path = "../it"]
mod it {
    #[expect(
        dead_code,
        unused_imports,
        reason = "the integration tests use more of it"
    )]
    pub(crate) mod harness;
}

mod accounts;
mod admin;
mod codes;
mod devices;
mod driver;
mod outbox;
mod page;
mod reference;

use self::it::harness;

//! Tests of the pages in headless Chromium, controlled by chromedriver, in a window of a telephone and of a desktop.
//!
//! `scripts/test browser` runs them. With `UPDATE_SCREENSHOTS=1` it writes the pictures in `docs/img` again.
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
mod authenticator;
mod checks;
mod clinic;
mod codes;
mod devices;
mod driver;
mod outbox;
mod page;
mod passkeys;
mod reference;
mod second_step;
mod security;

use self::it::harness;

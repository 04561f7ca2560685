//! The clinic's records: patients, consultations, reports, appointments. The slice knows no accounts: a `Principal` is
//! enough, and what it asks about people goes through one trait that the program implements.

pub mod access;
pub mod actions;
pub mod app;
pub mod appointments;
pub mod consultations;
pub mod demo;
pub mod errors;
pub mod http;
pub mod idempotency;
pub mod index_table;
pub mod list_keys;
mod list_pages;
pub mod listing;
pub mod patients;
pub mod people;
pub mod permissions;
pub mod records;
pub mod reports;
pub mod sealing;
pub mod settings;
pub mod store;
pub mod texts;
pub mod tokens;
pub mod upkeep;
pub mod zone;

use platform::slice::Slice;

/// What the slice declares.
pub const SLICE: Slice = Slice {
    errors: errors::ALL,
    permissions: permissions::ALL,
    actions: actions::ALL,
    roots: &[
        "/patients",
        "/intake",
        "/consultation",
        "/reports",
        "/appointments",
        "/doctors",
    ],
};

/// Background work of the clinic: what crashes left, records of who registered, mails that are due, and expired keys. Several instances may run it at
/// once.
///
/// # Errors
/// The first error of a part. The next tick tries again.
pub async fn tick(app: &app::App) -> kernel::error::Result<()> {
    if let Ok(sealing) = app.sealing() {
        sealing.keys.sweep();
    }
    let now = app.clock.now();
    let done = [
        patients::use_cases::tick::tick(app).await,
        patients::use_cases::registered::tick(app, now).await,
        appointments::use_cases::notices::tick(app, now)
            .await
            .map(drop),
    ];
    done.into_iter().collect()
}

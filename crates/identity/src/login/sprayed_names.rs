//! Password spraying: how many different names may fail to log in from one address (RL-4), and who is not kept out by it
//! (RL-7).

use crate::{
    app::App,
    login::full_addresses::FullAddress,
    throttle::{pseudonymize, used_up},
};
use kernel::{
    clock::Timestamp,
    error::{Error, Result},
    request::Origin,
};

/// Whether a name may be tried from an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// It may.
    Anyone,
    /// Too many other names failed from the address: only an account that logged in from it lately is tried.
    OnlyKnown {
        /// The address, as accounts remember it.
        address: String,
        /// The others try again then.
        not_before: Timestamp,
    },
}

impl Admission {
    /// The address that an account has to know.
    pub fn known_at(&self) -> Option<&str> {
        match self {
            Self::Anyone => None,
            Self::OnlyKnown { address, .. } => Some(address),
        }
    }
}

/// The caller's address, as accounts remember it.
pub fn address_of(app: &App, origin: &Origin) -> String {
    pseudonymize(app, &origin.ip_key())
}

/// Whether `name` may be tried from the caller's address. Asks the database only about an address that was full, once a
/// second.
pub async fn admit(app: &App, origin: &Origin, name: &str) -> Result<Admission> {
    let (key, now) = (key_of(origin), origin.now);
    let elapsed = app.clock.elapsed();
    if app.full_addresses.is_due(&key, elapsed) {
        let limit = app.settings.throttle.failed_names_per_ip;
        match app.store.sprayed_names().find(&key).await? {
            Some(window) if window.is_full(limit) => {
                app.full_addresses.put(&key, window, elapsed, now);
            }
            _ => app.full_addresses.remove(&key),
        }
    }
    let name = pseudonymize(app, name);
    Ok(match app.full_addresses.ask(&key, &name, now) {
        None | Some(FullAddress::Counted) => Admission::Anyone,
        Some(FullAddress::NotBefore(not_before)) => Admission::OnlyKnown {
            address: address_of(app, origin),
            not_before,
        },
    })
}

/// Counts `name`, whose password was wrong. An account that the address is known to is not counted at a full one.
///
/// # Errors
/// `RateLimit` if too many others failed before.
pub async fn count(app: &App, origin: &Origin, name: &str, admission: &Admission) -> Result<()> {
    if admission != &Admission::Anyone {
        return Ok(());
    }
    let (key, name, now) = (key_of(origin), pseudonymize(app, name), origin.now);
    let limit = app.settings.throttle.failed_names_per_ip;
    let rows = app.store.sprayed_names();
    let window = rows.insert(&key, &name, limit, now).await?;
    let is_counted = window.has(&name);
    if window.is_full(limit) {
        let elapsed = app.clock.elapsed();
        app.full_addresses.put(&key, window, elapsed, now);
    }
    match app.full_addresses.ask(&key, &name, now) {
        Some(FullAddress::NotBefore(not_before)) if !is_counted => {
            Err(refused(app, origin, not_before))
        }
        _ => Ok(()),
    }
}

/// Whether the name is tried although its account does not know the full address: one new name each minute. Otherwise a new
/// patient would be told to come back in a minute until the window ends. People whom the address knows leave this try to
/// the others.
pub(crate) fn is_next(app: &App, origin: &Origin) -> bool {
    app.full_addresses.take_turn(&key_of(origin), origin.now)
}

/// The answer to a caller whose name is not tried.
pub(crate) fn refused(app: &App, origin: &Origin, not_before: Timestamp) -> Error {
    used_up(app, "failed_names_per_ip", not_before, origin)
}

/// Takes `name` off its address if it was counted there: it logged in.
pub async fn forget(app: &App, origin: &Origin, name: &str) -> Result<()> {
    let (key, name) = (key_of(origin), pseudonymize(app, name));
    if app.store.sprayed_names().delete(&key, &name).await? {
        app.full_addresses.remove(&key);
    }
    Ok(())
}

fn key_of(origin: &Origin) -> String {
    format!("names:{}", origin.ip_key())
}

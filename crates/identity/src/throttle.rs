//! Limits on requests, per caller and target (RL-1).

use crate::app::App;
use crypto::Purpose;
use kernel::{
    clock::{Timestamp, seconds_until},
    error::{Error, Result},
    ids::{SessionId, UserId},
    request::Origin,
};
use platform::settings::Limit;

/// What is limited per address of the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PerIp {
    /// Registrations.
    Register,
    /// Requests for the code of a registration.
    OtpRequest,
    /// Requests for a password reset, which count like those for a code.
    ResetRequest,
    /// Codes typed in.
    OtpVerify,
    /// Logins.
    Login,
    /// Refresh tokens that are not genuine.
    Refresh,
    /// Password resets.
    Reset,
    /// Second factors.
    Mfa,
    /// Passkey ceremonies.
    Passkey,
}

impl PerIp {
    /// Its name in keys, the setting that limits it, and that setting's value.
    const fn limit(self, app: &App) -> (&'static str, &'static str, Limit) {
        let throttle = &app.settings.throttle;
        match self {
            Self::Register => ("register", "register_per_ip", throttle.register_per_ip),
            Self::OtpRequest | Self::ResetRequest => {
                let limit = throttle.otp_request_per_ip;
                ("otp-request", "otp_request_per_ip", limit)
            }
            Self::OtpVerify => (
                "otp-verify",
                "otp_verify_per_ip",
                throttle.otp_verify_per_ip,
            ),
            Self::Login => ("login", "login_per_ip", throttle.login_per_ip),
            Self::Refresh => ("refresh", "refresh_per_ip", throttle.refresh_per_ip),
            Self::Reset => ("reset", "reset_per_ip", throttle.reset_per_ip),
            Self::Mfa => ("mfa", "mfa_per_ip", throttle.mfa_per_ip),
            Self::Passkey => ("passkey", "passkey_per_ip", throttle.passkey_per_ip),
        }
    }

    /// Whether it leads to a mail, and its caller can prove nothing.
    const fn costs_a_mail(self) -> bool {
        matches!(self, Self::Register | Self::OtpRequest | Self::ResetRequest)
    }
}

/// How many times the limit of an IPv6 /64 its /48 has (RL-9).
const SITE: u32 = 4;

/// Counts this request against its caller's address, and an IPv6 address against its /48 as well. What leads to a mail is
/// counted in the database for all instances together, and then against the limit of all callers of this operation:
/// there a caller can prove nothing. Everything else is counted in this process (RL-1), and only per address: people who
/// can prove who they are must not pay for strangers (RL-9).
///
/// # Errors
/// `RateLimit` with the time to wait.
pub async fn by_ip(app: &App, origin: &Origin, what: PerIp) -> Result<()> {
    let (name, setting, limit) = what.limit(app);
    let site = origin.ip_site().map(|site| {
        let limit = Limit {
            limit: limit.limit.saturating_mul(SITE),
            ..limit
        };
        (site, limit)
    });
    // The address first: one that is over its own limit does not use up that of the others.
    for (network, limit) in [(origin.ip_key(), limit)].into_iter().chain(site) {
        let key = format!("ip:{name}:{network}");
        if what.costs_a_mail() {
            count(app, origin, setting, &key, limit).await?;
        } else {
            count_here(app, setting, &key, limit)?;
        }
    }
    if what.costs_a_mail() {
        let global = app.settings.throttle.global;
        count_here(app, "global", &format!("all:{what:?}"), global)?;
    }
    Ok(())
}

/// Counts a refresh of a session, whose token is genuine (RL-8).
///
/// # Errors
/// `RateLimit` with the time to wait.
pub fn by_session(app: &App, session: &SessionId) -> Result<()> {
    let limit = app.settings.throttle.refresh_per_session;
    let key = format!("session:{session}");
    count_here(app, "refresh_per_session", &key, limit)
}

/// What an account may be made to write without end (RL-10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writes {
    /// Changes of the account itself.
    Changes,
    /// Requests to end a session that has ended already, which an old token can make: they use up nothing else.
    EndedSessions,
}

/// Counts a write of an account (RL-10), for all instances together.
///
/// # Errors
/// `RateLimit` with the end of the window.
pub async fn by_account(app: &App, origin: &Origin, what: Writes, user_id: &UserId) -> Result<()> {
    let name = match what {
        Writes::Changes => "writes",
        Writes::EndedSessions => "ended-sessions",
    };
    let limit = app.settings.throttle.writes_per_account;
    let key = format!("{name}:{user_id}");
    count(app, origin, "writes_per_account", &key, limit).await
}

/// Counts one against `key`, which the setting of this name limits, for all instances together: in windows that begin
/// with their first count.
///
/// # Errors
/// `RateLimit` with the end of the window.
pub async fn count(
    app: &App,
    origin: &Origin,
    setting: &'static str,
    key: &str,
    limit: Limit,
) -> Result<()> {
    let throttles = app.store.throttles();
    let counted = throttles.count(key, limit.per_seconds, origin.now).await?;
    if counted.count > i64::from(limit.limit) {
        return Err(used_up(app, setting, counted.ends_at, origin));
    }
    Ok(())
}

/// Counts one against `key` in this process.
fn count_here(app: &App, setting: &'static str, key: &str, limit: Limit) -> Result<()> {
    app.rate_limits.take(key, limit).map_err(|wait| {
        let seconds = u64::try_from(wait.as_millis().div_ceil(1000));
        refused(app, setting, seconds.unwrap_or(u64::MAX))
    })
}

fn refused(app: &App, setting: &'static str, seconds: u64) -> Error {
    let throttled = &app.metrics.throttled;
    throttled.with_label_values(&[setting]).inc();
    Error::rate_limit(seconds)
}

/// The answer to a caller who is over the limit of this setting until `ends_at`.
pub(crate) fn used_up(
    app: &App,
    setting: &'static str,
    ends_at: Timestamp,
    origin: &Origin,
) -> Error {
    refused(app, setting, seconds_until(ends_at, origin.now))
}

/// A name as the key of a counter: its length is bounded, and a reader of the counters cannot tell the name from it.
pub fn pseudonymize(app: &App, name: &str) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let (_, mac) = app.master.mac(Purpose::ThrottleKeys, &[name.as_bytes()]);
    URL_SAFE_NO_PAD.encode(&mac[..18])
}

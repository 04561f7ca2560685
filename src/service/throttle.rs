//! Limits per caller and target (RL-1), and the places and day counters that other use cases take.

use crate::{
    app::{App, packs},
    clock::{Timestamp, seconds_until},
    config::sections::Limit,
    crypto::Purpose,
    domain::request::Origin,
    error::{Error, Result},
};

/// What is limited per address of the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PerIp {
    /// Registrations.
    Register,
    /// Requests for a code.
    OtpRequest,
    /// Codes typed in.
    OtpVerify,
    /// Logins.
    Login,
    /// Refreshes.
    Refresh,
    /// Password resets.
    Reset,
}

impl PerIp {
    const fn name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::OtpRequest => "otp-request",
            Self::OtpVerify => "otp-verify",
            Self::Login => "login",
            Self::Refresh => "refresh",
            Self::Reset => "reset",
        }
    }

    /// The setting that limits it.
    const fn setting(self) -> &'static str {
        match self {
            Self::Register => "register_per_ip",
            Self::OtpRequest => "otp_request_per_ip",
            Self::OtpVerify => "otp_verify_per_ip",
            Self::Login => "login_per_ip",
            Self::Refresh => "refresh_per_ip",
            Self::Reset => "reset_per_ip",
        }
    }

    const fn limit(self, app: &App) -> Limit {
        let throttle = &app.settings.config.throttle;
        match self {
            Self::Register => throttle.register_per_ip,
            Self::OtpRequest => throttle.otp_request_per_ip,
            Self::OtpVerify => throttle.otp_verify_per_ip,
            Self::Login => throttle.login_per_ip,
            Self::Refresh => throttle.refresh_per_ip,
            Self::Reset => throttle.reset_per_ip,
        }
    }
}

/// Counts this request against its caller's address, then against the limit of all callers together: one address that
/// is over its own limit does not use up the common one.
///
/// # Errors
/// `RateLimit` with the end of the window; the database does not answer.
pub async fn by_ip(app: &App, origin: &Origin, what: PerIp) -> Result<()> {
    let key = format!("ip:{}:{}", what.name(), origin.ip_bucket());
    count(app, origin, what.setting(), &key, what.limit(app)).await?;
    let global = app.settings.config.throttle.global;
    count(app, origin, "global", "global", global).await
}

/// Counts one against `key`, which the setting of this name limits: in memory, while a pack of it is there.
///
/// # Errors
/// `RateLimit` with the end of the window; the database does not answer.
pub async fn count(
    app: &App,
    origin: &Origin,
    setting: &'static str,
    key: &str,
    limit: Limit,
) -> Result<()> {
    if app.packs.take(key, origin.now) {
        return Ok(());
    }
    let size = packs::size(limit);
    let throttles = app.store.throttles();
    let is_running = app.packs.know(key, origin.now);
    let counted = throttles
        .count_several(key, (size, limit.per_seconds), is_running, origin.now)
        .await?;
    let over = (counted.count - i64::from(limit.limit)).max(0);
    let left = i64::from(size) - over - 1;
    app.packs.put(key, left, counted.ends_at, origin.now);
    // Of many requests at the same moment each may have taken a pack: what is left of those is still good.
    if left < 0 && !app.packs.take(key, origin.now) {
        return Err(used_up(app, setting, counted.ends_at, origin));
    }
    Ok(())
}

/// The answer to a caller who is over the limit of this setting.
pub(super) fn used_up(
    app: &App,
    setting: &'static str,
    ends_at: Timestamp,
    origin: &Origin,
) -> Error {
    let throttled = &app.metrics.throttled;
    throttled.with_label_values(&[setting]).inc();
    Error::rate_limit(seconds_until(ends_at, origin.now))
}

/// A name as a key of a counter: of bounded length, and telling nothing to whoever reads the counters.
#[must_use]
pub fn pseudonymize(app: &App, name: &str) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let (_, mac) = app.master.mac(Purpose::ThrottleKeys, &[name.as_bytes()]);
    URL_SAFE_NO_PAD.encode(&mac[..18])
}

//! Limits on requests, per caller and target (RL-1).

use std::time::Duration;

use crate::{
    app::{AccountLock, App},
    clock::{Timestamp, seconds_until},
    config::sections::Limit,
    crypto::Purpose,
    domain::{
        ids::{SessionId, UserId},
        lockout::{Bucket, LockoutRule},
        request::Origin,
    },
    error::{Error, ErrorCode, Result},
    store::{
        throttles::NameTaken,
        tries::{Name, Taken},
    },
};

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
}

impl PerIp {
    /// Its name in keys, the setting that limits it, and that setting's value.
    const fn limit(self, app: &App) -> (&'static str, &'static str, Limit) {
        let throttle = &app.settings.config.throttle;
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
        let global = app.settings.config.throttle.global;
        count_here(app, "global", &format!("all:{what:?}"), global)?;
    }
    Ok(())
}

/// Counts a refresh of a session, whose token is genuine (RL-8).
///
/// # Errors
/// `RateLimit` with the time to wait.
pub fn by_session(app: &App, session: &SessionId) -> Result<()> {
    let limit = app.settings.config.throttle.refresh_per_session;
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
    let limit = app.settings.config.throttle.writes_per_account;
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

fn used_up(app: &App, setting: &'static str, ends_at: Timestamp, origin: &Origin) -> Error {
    refused(app, setting, seconds_until(ends_at, origin.now))
}

/// A name as a key of a counter: of bounded length, and telling nothing to whoever reads the counters.
#[must_use]
pub fn pseudonymize(app: &App, name: &str) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let (_, mac) = app.master.mac(Purpose::ThrottleKeys, &[name.as_bytes()]);
    URL_SAFE_NO_PAD.encode(&mac[..18])
}

/// Of the names that may fail from one address, so many may be looked at at the same time on this instance,
const LANES_OF: u32 = 4;
/// and no more than so many.
const MOST_LANES: u32 = 32;

/// Waits for the turn of a lockout bucket (LCK-6), then until few other names of the caller's address are under way: all
/// of them count as failed until they are proven, and two hundred people who log in at once must not look like a sprayer
/// (RL-6). Whoever waits for a turn keeps no lane from others. As long as for a hashing thread.
///
/// # Errors
/// `ServiceBusy`: too many are waiting.
pub async fn lane_and_turn(
    app: &App,
    origin: &Origin,
    bucket: &str,
) -> Result<(AccountLock, AccountLock)> {
    let names = app.settings.config.throttle.failed_names_per_ip.limit;
    let lanes = (names / LANES_OF).clamp(1, MOST_LANES) as usize;
    let key = format!("lanes:{}", origin.ip_key());
    let both = async {
        let turn = app.queue.turn(bucket).await;
        (app.queue.lane(&key, lanes).await, turn)
    };
    let wait = Duration::from_millis(app.settings.config.password.hash_queue_ms);
    tokio::time::timeout(wait, both)
        .await
        .map_err(|_| Error::new(ErrorCode::ServiceBusy).retry_after(1))
}

/// Whether a try of a name counted the name, or it had failed from this address before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameCount {
    /// By this try.
    Now,
    /// By an earlier one.
    Before,
}

async fn try_name(app: &App, origin: &Origin, name: &str) -> Result<NameCount> {
    let limit = app.settings.config.throttle.failed_names_per_ip;
    let (key, name) = (names_key(origin), pseudonymize(app, name));
    let throttles = app.store.throttles();
    counted(
        app,
        origin,
        throttles.take_name(&key, &name, limit, origin.now).await?,
    )
}

fn counted(app: &App, origin: &Origin, taken: NameTaken) -> Result<NameCount> {
    match taken {
        NameTaken::Now => Ok(NameCount::Now),
        NameTaken::Before => Ok(NameCount::Before),
        NameTaken::Full(ends_at) => Err(used_up(app, "failed_names_per_ip", ends_at, origin)),
    }
}

/// Takes the caller's address's place for a name that may fail to log in (RL-4): counts *different* names, before the
/// password is looked at; in the same round trip the first try of the lockout bucket `bucket`. None: the bucket has
/// earlier ones, and the try is still to be taken. [`name_and_password_succeeded`] takes both back, [`name_untried`] the
/// name.
///
/// # Errors
/// `RateLimit`: too many different names failed from this address, and no try is taken; the database does not answer.
pub async fn try_name_and_password(
    app: &App,
    origin: &Origin,
    name: &str,
    bucket: &str,
    rule: &LockoutRule,
) -> Result<(NameCount, Option<Bucket>)> {
    let place = Name {
        key: &names_key(origin),
        name: &pseudonymize(app, name),
        limit: app.settings.config.throttle.failed_names_per_ip,
    };
    let store = &app.store;
    let pause = app.hasher.slack();
    let taken = store.take_name_and_try(place, (bucket, rule), origin.now, pause);
    let Taken {
        name: known,
        first_try,
    } = taken.await?;
    let count = match known {
        Some(known) => counted(app, origin, known),
        None => try_name(app, origin, name).await,
    };
    if count.is_err() && first_try.is_some() {
        store.lockouts().give_back(bucket).await?;
    }
    Ok((count?, first_try))
}

/// Takes a name that logged in off the count, and forgets the failures of its lockout bucket, in one round trip.
///
/// # Errors
/// The database does not answer.
pub async fn name_and_password_succeeded(
    app: &App,
    origin: &Origin,
    name: &str,
    bucket: &str,
) -> Result<()> {
    let (key, name) = (names_key(origin), pseudonymize(app, name));
    let pause = app.hasher.slack();
    let given = app
        .store
        .give_name_and_tries_back(&key, &name, bucket, pause);
    Ok(given.await?)
}

/// Takes a name off the count whose password was not looked at, because it was locked or the hashing queue was full:
/// neither tells a sprayer anything, and neither may use up what a whole clinic has behind one address (RL-6).
///
/// # Errors
/// The database does not answer.
pub async fn name_untried(
    app: &App,
    origin: &Origin,
    name: &str,
    counted: NameCount,
) -> Result<()> {
    match counted {
        NameCount::Now => {
            let (key, name) = (names_key(origin), pseudonymize(app, name));
            Ok(app.store.throttles().give_name_back(&key, &name).await?)
        }
        NameCount::Before => Ok(()),
    }
}

fn names_key(origin: &Origin) -> String {
    format!("names:{}", origin.ip_key())
}

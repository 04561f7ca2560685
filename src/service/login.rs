//! Login by user id, e-mail address or username.

use super::{
    audit::{self, Event},
    outbox, sessions, throttle,
    throttle::PerIp,
    tokens::TokenSet,
};
use crate::{
    app::App,
    config::sections,
    domain::{
        audit::Action,
        identifier::Identifier,
        ids::UserId,
        lockout::{Bucket, LockoutRule},
        outbox::MailJob,
        password::Password,
        request::Origin,
        role::Role,
        secret_hash::PasswordHash,
        user::User,
    },
    error::{Error, ErrorCode, Result},
    store::{lockouts::Try, logins::Candidate},
};

/// What was typed in.
#[derive(Debug)]
pub struct Credentials {
    /// A user id, an e-mail address or a username; its shape decides (ID-3).
    pub identifier: String,
    /// The password; none when it is one that no account can have.
    pub password: Option<Password>,
    /// What the client calls the device.
    pub device_name: Option<String>,
}

/// Failures before a success that its owner is told of (MAIL-7).
const FAILURES_WORTH_A_MAIL: i32 = 3;

/// The lockout rule of the configuration.
#[must_use]
pub fn lockout_rule(config: &sections::Lockout) -> LockoutRule {
    LockoutRule {
        max_failures: config.max_failures,
        window: chrono::Duration::minutes(config.window_minutes),
        first_lock: chrono::Duration::seconds(config.first_lock_seconds),
        max_lock: chrono::Duration::seconds(config.max_lock_seconds),
        hard_limit: config.hard_limit,
    }
}

/// The lockout bucket of an account, whatever name was typed (LCK-2).
#[must_use]
pub fn lockout_key_of(user_id: &UserId) -> String {
    format!("lock:{user_id}")
}

/// Logs in with a password:
///
/// 1 a place in the hashing queue, throttle by address; 2 the account of the name, if there is one; 3 wait for other
/// tries on it; throttle by different names from one address, and 4 take the try from its lockout bucket (known or not):
/// one round trip unless somebody failed before; 5 verify the hash, a dummy if nobody; 6 wrong: audit, 401; 7 right: give
/// both back, and only now tell of disabled; 8 bring an older hash up to date; 9 audit, begin the session.
///
/// # Errors
/// `AuthFailed`, `AccessDenied`, `RateLimit`, `ServiceBusy`; the database does not answer.
pub async fn with_password(app: &App, origin: &Origin, typed: Credentials) -> Result<TokenSet> {
    let done = log_in(app, origin, typed).await;
    let outcome = outcome(done.as_ref().err().map(|error| error.code));
    app.metrics.logins.with_label_values(&[outcome]).inc();
    done
}

/// What an operator wants to tell apart.
const fn outcome(refused: Option<ErrorCode>) -> &'static str {
    match refused {
        None => "success",
        Some(ErrorCode::AuthFailed) => "wrong",
        Some(ErrorCode::AccessDenied) => "denied",
        Some(ErrorCode::RateLimit) => "limited",
        Some(ErrorCode::ServiceBusy) => "busy",
        Some(_) => "failed",
    }
}

async fn log_in(app: &App, origin: &Origin, typed: Credentials) -> Result<TokenSet> {
    let _place = app.hasher.place().await?;
    throttle::by_ip(app, origin, PerIp::Login).await?;
    let identifier = Identifier::parse(&typed.identifier);
    let Found {
        candidate,
        by_memory,
    } = find(app, origin, &identifier).await?;
    let user = candidate.as_ref().map(|candidate| &candidate.user);
    let password = typed.password.as_ref();
    let tried = prove(app, origin, &identifier, user, password).await;
    if by_memory && is_refusal(&tried) {
        // Looked up all the same: one round trip less would tell who has logged in before (ENUM-2).
        owner(app, &identifier).await?;
    }
    let (proven, failures) = tried?;
    let (Some(candidate), Some(password), Some(proven)) = (candidate, password, proven) else {
        return Err(ErrorCode::AuthFailed.into());
    };
    let Candidate { user, is_whole } = candidate;
    if user.has_name(&identifier) {
        app.names.put(&identifier, &user.user_id);
    }
    if !may_log_in(app, &user) {
        let event = Event::refused(Some(&user.user_id), Action::Login).noting("not allowed");
        audit::record_refusal(app, origin, event).await;
        return Err(ErrorCode::AccessDenied.into());
    }
    let user = upgrade(app, user, password, proven).await?;
    audit::record(app, origin, Event::by(&user.user_id, Action::Login)).await?;
    if failures > FAILURES_WORTH_A_MAIL {
        let intent = MailJob::SignInAfterFailures {
            ip: Some(origin.ip.to_string()),
        };
        outbox::notify(app, origin, &user, intent).await?;
    }
    let user_id = user.user_id.clone();
    let candidate = Candidate { user, is_whole };
    match sessions::begin(app, origin, candidate, typed.device_name.clone()).await {
        Err(error) if error.code == ErrorCode::AuthFailed => {
            // The hash is another one by now. A new hash of the same password is no reason to refuse.
            let user = still_proven(app, &user_id, password).await?;
            let candidate = Candidate { user, is_whole };
            sessions::begin(app, origin, candidate, typed.device_name).await
        }
        begun => begun,
    }
}

/// Whether an answer tells its caller something about the name.
fn is_refusal(tried: &Result<(Option<Proven>, i32)>) -> bool {
    match tried {
        Ok((proven, _)) => proven.is_none(),
        Err(error) => error.code != ErrorCode::DatabaseError,
    }
}

/// Steps 3 to 7: whether the password is the user's, and the consecutive failures with this try.
async fn prove(
    app: &App,
    origin: &Origin,
    identifier: &Identifier,
    user: Option<&User>,
    password: Option<&Password>,
) -> Result<(Option<Proven>, i32)> {
    let name = user.map_or_else(
        || throttle::pseudonymize(app, &identifier.lockout_key()),
        |user| user.user_id.to_string(),
    );
    let bucket = format!("lock:{name}");
    let (_lane, turn) = throttle::lane_and_turn(app, origin, &bucket).await?;
    let (counted, tried) = {
        let _turn = turn;
        let rule = lockout_rule(&app.settings.config.lockout);
        let (counted, first) =
            throttle::try_name_and_password(app, origin, &name, &bucket, &rule).await?;
        let tried = try_password(app, origin, &bucket, first, user, password).await;
        if matches!(tried, Ok((Some(_), _))) {
            throttle::name_and_password_succeeded(app, origin, &name, &bucket).await?;
        }
        (counted, tried)
    };
    match &tried {
        Ok((Some(_), _)) => {}
        Ok((None, _)) => {
            let event = Event::refused(user.map(|user| &user.user_id), Action::Login).noting(&name);
            audit::record_refusal(app, origin, event).await;
        }
        Err(_) => throttle::name_untried(app, origin, &name, counted).await?,
    }
    tried
}

async fn try_password(
    app: &App,
    origin: &Origin,
    bucket: &str,
    first: Option<Bucket>,
    user: Option<&User>,
    password: Option<&Password>,
) -> Result<(Option<Proven>, i32)> {
    let failures = take_try(app, origin, bucket, first, user).await?;
    let hash = user.and_then(|user| user.password_hash.as_ref());
    let proven = verify(app, bucket, password, hash).await?;
    Ok((proven, failures))
}

/// Whether `user` may have a session.
pub(super) fn may_log_in(app: &App, user: &User) -> bool {
    user.may_log_in(app.settings.config.auth.doctor_approval_required)
}

/// The account as it is now, if the password is still its own and it may still log in.
///
/// # Errors
/// `AuthFailed`: it is not; `ServiceBusy`; the database does not answer.
pub(super) async fn still_proven(app: &App, user_id: &UserId, password: &Password) -> Result<User> {
    let user = app.store.accounts().find_by_user_id(user_id).await?;
    let user = user
        .filter(|user| may_log_in(app, user))
        .ok_or(ErrorCode::AuthFailed)?;
    let hash = user.password_hash.as_ref();
    let verdict = app.hasher.verify(password.as_bytes(), hash).await?;
    if verdict.matches {
        Ok(user)
    } else {
        Err(ErrorCode::AuthFailed.into())
    }
}

/// Who a name belongs to.
struct Found {
    candidate: Option<Candidate>,
    /// The name was remembered, and not looked up.
    by_memory: bool,
}

/// The account that the name belongs to.
async fn find(app: &App, origin: &Origin, identifier: &Identifier) -> Result<Found> {
    let accounts = app.store.accounts();
    if let Some(user_id) = app.names.get(identifier) {
        let candidate = accounts.find_candidate(&user_id, origin.now).await?;
        let candidate = candidate.filter(|candidate| candidate.user.has_name(identifier));
        if candidate.is_some() {
            return Ok(Found {
                candidate,
                by_memory: true,
            });
        }
        app.names.forget(identifier);
    }
    let owner = owner(app, identifier).await?;
    let is_known = owner.is_some();
    // Nobody is looked up as well: one round trip less would tell who is unknown (ENUM-2).
    let user_id = owner.unwrap_or_else(|| UserId::generate(Role::Patient, &app.rng));
    let candidate = accounts.find_candidate(&user_id, origin.now).await?;
    Ok(Found {
        candidate: candidate.filter(|_| is_known),
        by_memory: false,
    })
}

async fn owner(app: &App, identifier: &Identifier) -> Result<Option<UserId>> {
    let identifiers = app.store.identifiers();
    Ok(identifiers.find_owner(&identifier.candidates()).await?)
}

/// Takes a try, unless it is the `first` of its bucket and was taken already; the consecutive failures with it.
///
/// # Errors
/// `RateLimit`: locked; the database does not answer.
pub(super) async fn take_try(
    app: &App,
    origin: &Origin,
    bucket: &str,
    first: Option<Bucket>,
    user: Option<&User>,
) -> Result<i32> {
    let rule = lockout_rule(&app.settings.config.lockout);
    let lockouts = app.store.lockouts();
    let tried = match first {
        Some(first) => lockouts.taken(&first, &rule, origin.now).await?,
        None => lockouts.take(bucket, &rule, origin.now).await?,
    };
    match tried {
        Try::Taken { failures } => Ok(failures),
        Try::Locked(seconds) => {
            app.metrics.locked.inc();
            let event = Event::refused(user.map(|user| &user.user_id), Action::Lock);
            audit::record_refusal(app, origin, event).await;
            Err(Error::rate_limit(seconds))
        }
    }
}

/// A password that was right, and whether its hash is of an older kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Proven {
    outdated: bool,
}

/// Verifies; a try that could not be made because the queue is full does not count.
///
/// # Errors
/// `ServiceBusy`; the database does not answer.
pub(super) async fn verify(
    app: &App,
    bucket: &str,
    password: Option<&Password>,
    hash: Option<&PasswordHash>,
) -> Result<Option<Proven>> {
    let bytes = password.map_or(&[][..], Password::as_bytes);
    match app.hasher.verify(bytes, hash).await {
        Ok(verdict) => Ok(verdict.matches.then_some(Proven {
            outdated: verdict.outdated,
        })),
        Err(busy) => {
            app.store.lockouts().give_back(bucket).await?;
            Err(busy.into())
        }
    }
}

/// Writes a new hash where the old one is of an older kind (HASH-2). A full hashing queue does not fail the login: the
/// next one tries again.
async fn upgrade(app: &App, mut user: User, password: &Password, proven: Proven) -> Result<User> {
    if let (true, Some(old)) = (proven.outdated, user.password_hash.clone())
        && let Ok(new) = app.hasher.hash(password.as_bytes()).await
    {
        let accounts = app.store.accounts();
        if accounts.rehash(&user.user_id, &old, &new, None).await? {
            user.password_hash = Some(new);
        } else {
            // Another login of the same moment was first with its new hash, or the password was changed.
            user = still_proven(app, &user.user_id, password).await?;
        }
    }
    Ok(user)
}

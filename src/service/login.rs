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
        audit::Action, contact::EmailAddress, identifier::Identifier, ids::UserId,
        lockout::LockoutRule, outbox::Intent, password::Password, request::Origin,
        secret_hash::PasswordHash, user::User,
    },
    error::{Error, ErrorCode, Result},
    store::lockouts::Try,
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
pub fn bucket_of(user_id: &UserId) -> String {
    format!("lock:{user_id}")
}

/// Logs in with a password:
///
/// 1 throttle by address, and by different names from one address; 2 the account of the name, if there is one; 3 wait
/// for other tries on it, and take the try from its lockout bucket (known or not); 4 verify the hash, a dummy if
/// nobody; 5 wrong: audit, 401; 6 right: give the try back, and only now tell of disabled; 7 bring an older hash up to
/// date; 8 audit, begin the session.
///
/// # Errors
/// `AuthFailed`, `AccessDenied`, `RateLimit`, `ServiceBusy`; the database does not answer.
pub async fn with_password(app: &App, origin: &Origin, typed: Credentials) -> Result<TokenSet> {
    throttle::by_ip(app, origin, PerIp::Login).await?;
    let identifier = Identifier::parse(&typed.identifier);
    let user = find(app, &identifier).await?;
    let name = user.as_ref().map_or_else(
        || throttle::blind(app, &identifier.bucket_key()),
        |user| user.user_id.to_string(),
    );
    let known = user.as_ref().map(|user| user.user_id.clone());
    throttle::try_name(app, origin, &name).await?;
    let bucket = format!("lock:{name}");
    let (proven, failures) = {
        let _turn = app.queue.turn(&bucket).await;
        let failures = take_try(app, origin, &bucket, user.as_ref()).await?;
        let hash = user.as_ref().and_then(|user| user.password_hash.as_ref());
        let proven = verify(app, &bucket, typed.password.as_ref(), hash).await?;
        if proven.is_some() {
            app.store.lockouts().clear(&bucket).await?;
        }
        (proven, failures)
    };
    let (Some(user), Some(proven)) = (user, proven) else {
        audit::record_refusal(
            app,
            origin,
            Event::refused(known.as_ref(), Action::Login).noting(&name),
        )
        .await;
        return Err(ErrorCode::AuthFailed.into());
    };
    throttle::name_succeeded(app, origin, &name).await?;
    if !user.may_log_in(app.settings.config.auth.doctor_approval_required) {
        let event = Event::refused(Some(&user.user_id), Action::Login).noting("not allowed");
        audit::record_refusal(app, origin, event).await;
        return Err(ErrorCode::AccessDenied.into());
    }
    let user = upgrade(app, origin, user, &typed, proven).await?;
    audit::record(app, origin, Event::by(&user.user_id, Action::Login)).await?;
    if failures > FAILURES_WORTH_A_MAIL {
        outbox::notify(app, origin, &user, Intent::SignInAfterFailures).await?;
    }
    sessions::begin(app, origin, user, typed.device_name).await
}

/// The account that the name belongs to.
async fn find(app: &App, identifier: &Identifier) -> Result<Option<User>> {
    match app
        .store
        .identifiers()
        .find_owner(&identifier.candidates())
        .await?
    {
        Some(owner) => Ok(app.store.accounts().find_by_user_id(&owner).await?),
        None => Ok(None),
    }
}

/// Takes a try; the consecutive failures with it.
///
/// # Errors
/// `RateLimit`: locked; the database does not answer.
pub(super) async fn take_try(
    app: &App,
    origin: &Origin,
    bucket: &str,
    user: Option<&User>,
) -> Result<i32> {
    let rule = lockout_rule(&app.settings.config.lockout);
    match app.store.lockouts().take(bucket, &rule, origin.now).await? {
        Try::Taken { failures } => Ok(failures),
        Try::Locked(seconds) => {
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

/// Writes a new hash where the old one is of an older kind (HASH-2), and what a document of the older service lacks.
/// Neither may fail the login.
async fn upgrade(
    app: &App,
    origin: &Origin,
    mut user: User,
    typed: &Credentials,
    proven: Proven,
) -> Result<User> {
    if let (true, Some(password), Some(old)) = (
        proven.outdated,
        typed.password.as_ref(),
        user.password_hash.clone(),
    ) && let Ok(new) = app.hasher.hash(password.as_bytes()).await
    {
        if app
            .store
            .accounts()
            .rehash(&user.user_id, &old, &new)
            .await?
        {
            user.password_hash = Some(new);
        } else if let Some(current) = app.store.accounts().find_by_user_id(&user.user_id).await? {
            // Another login of the same moment was first with its new hash of the same password.
            let same = app
                .hasher
                .verify(password.as_bytes(), current.password_hash.as_ref())
                .await?;
            if !same.matches {
                return Err(ErrorCode::AuthFailed.into());
            }
            user = current;
        }
    }
    let canonical = EmailAddress::parse(&user.email)
        .map_or_else(|_| user.email.clone(), |email| email.canonical().to_owned());
    app.store
        .accounts()
        .note_login(&user, &canonical, origin.now)
        .await?;
    user.last_login_at = Some(origin.now);
    Ok(user)
}

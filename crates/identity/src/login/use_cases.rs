//! Login by user id, e-mail address or username.

use crate::{
    accounts::{documents::User, rules::identifier::Identifier},
    actions,
    app::App,
    errors,
    factors::{self, FirstProof},
    keys::tokens::TokenSet,
    letters::sign_in_after_failures,
    login::{
        account_locks::AccountLock,
        rules::lockout::{LockoutRule, LockoutSubject},
        sprayed_names::{self, Admission},
        store::lockouts::Try,
    },
    mails::outbox,
    password::rules::Password,
    sessions, settings,
    throttle::{self, PerIp},
};
use std::time::Duration;

use crypto::Verdict;
use kernel::{
    error::{Error, ErrorCode, Result},
    ids::UserId,
    methods::Methods,
    request::Origin,
    secret::Secret,
    secret_hash::PasswordHash,
};
use platform::audit::{self, Event};

/// What was typed in.
#[derive(Debug)]
pub struct Credentials {
    /// A user id, an e-mail address or a username; its shape decides (ID-3).
    pub identifier: String,
    /// The password; `None` if no account can have it.
    pub password: Option<Password>,
    /// What the client calls the device.
    pub device_name: Option<String>,
    /// The token of a remembered device.
    pub device_token: Option<Secret>,
}

/// The owner is told of a success after more failures than these (MAIL-7).
const FAILURES_WORTH_A_MAIL: i32 = 3;

/// Logs in with a password.
///
/// # Errors
/// `AuthFailed`; `AccessDenied` only after the right password; `RateLimit`, `ServiceBusy`.
pub async fn with_password(app: &App, origin: &Origin, typed: Credentials) -> Result<TokenSet> {
    let done = log_in(app, origin, typed).await;
    count(app, done.as_ref().err());
    done
}

/// Counts a login, or one of its two steps, by how it ended.
pub(crate) fn count(app: &App, refused: Option<&Error>) {
    let outcome = outcome(refused.map(|error| error.code));
    app.metrics.logins.with_label_values(&[outcome]).inc();
}

/// The steps of a login. A name without an account takes the same steps up to the fifth, in as many round trips (ENUM-2).
async fn log_in(app: &App, origin: &Origin, typed: Credentials) -> Result<TokenSet> {
    let _slot = app.hasher.slot().await?;

    // 1 The limit of the caller's address.
    throttle::by_ip(app, origin, PerIp::Login).await?;

    // 2 The owner of the name.
    let identifier = Identifier::parse(&typed.identifier);
    let identifiers = app.store.identifiers();
    let owner = identifiers.find_owner(&identifier.candidates()).await?;

    // 3 The account's lock: of parallel right logins none is refused for the tries of the others (LCK-6).
    let subject = subject_of(app, &identifier, owner);
    let _lock = lock(app, &subject).await?;

    // 4 The try, counted before the password is looked at (LCK-1), in the account's document.
    let admission = sprayed_names::admit(app, origin, subject.name()).await?;
    let tried = take_try(app, origin, subject, &admission).await?;

    // 5 The password, against a dummy hash where there is none. Only its owner learns more than "no" (ENUM-1).
    let password = typed.password.as_ref();
    let verdict = verify(app, &tried, password).await?;
    let (Some(user), Some(password), true) = (&tried.account, password, verdict.matches) else {
        return Err(refused(app, origin, &tried, &admission).await);
    };
    if tried.failures > 1 {
        sprayed_names::forget(app, origin, tried.subject.name()).await?;
    }
    if !may_log_in(app, user) {
        return Err(denied(app, origin, user).await);
    }

    let begun: Result<TokenSet> = async {
        let user = upgrade(app, user, password, verdict).await?;

        // 6 The second factor. Where one is needed, the login ends here with a challenge (MFA-8).
        let first = FirstProof {
            methods: Methods::PASSWORD,
            device_name: typed.device_name,
            device_token: typed.device_token,
        };
        let proven = factors::gate(app, origin, user, first.clone()).await?;
        let user_id = &proven.user().user_id;

        // 7 The audit record, before what it records (AUD-4).
        audit::record(app, origin, Event::by(user_id, actions::LOGIN)).await?;
        tell_of_failures(app, origin, proven.user(), tried.failures).await?;

        // 8 The session, and the success on the account as it was proven: no failures, one session more, this address known.
        match sessions::begin(app, origin, &proven).await? {
            Some(tokens) => Ok(tokens),
            None => begin_again(app, origin, user_id, password, first).await,
        }
    }
    .await;
    if begun.is_err() {
        // The password was right, so the try was no failure.
        app.store.lockouts().give_back(&tried.subject).await?;
    }
    begun
}

/// Begins the session of an account that has changed since its password was proven. A new hash of the same password is no
/// reason to refuse.
async fn begin_again(
    app: &App,
    origin: &Origin,
    user_id: &UserId,
    password: &Password,
    first: FirstProof,
) -> Result<TokenSet> {
    let user = still_proven(app, user_id, password).await?;
    let proven = factors::gate(app, origin, user, first).await?;
    let begun = sessions::begin(app, origin, &proven).await?;
    begun.ok_or_else(|| errors::AUTH_FAILED.into())
}

/// What an operator wants to tell apart.
fn outcome(refused: Option<ErrorCode>) -> &'static str {
    match refused {
        None => "success",
        Some(errors::AUTH_FAILED | errors::OTP_ERROR) => "wrong",
        Some(errors::ACCESS_DENIED) => "denied",
        Some(errors::RATE_LIMIT) => "limited",
        Some(errors::SERVICE_BUSY) => "busy",
        Some(errors::MFA_REQUIRED | errors::MFA_ENROLMENT_REQUIRED) => "second_step",
        Some(_) => "failed",
    }
}

/// The lockout rule of the configuration.
#[must_use]
pub fn lockout_rule(config: &settings::Lockout) -> LockoutRule {
    LockoutRule {
        max_failures: config.max_failures,
        window: chrono::Duration::minutes(config.window_minutes),
        first_lock: chrono::Duration::seconds(config.first_lock_seconds),
        max_lock: chrono::Duration::seconds(config.max_lock_seconds),
        hard_limit: config.hard_limit,
    }
}

/// Whose failures are counted: the account's, whatever name was typed (LCK-2), or those of a name without one.
fn subject_of(app: &App, identifier: &Identifier, owner: Option<UserId>) -> LockoutSubject {
    owner.map_or_else(
        || LockoutSubject::Name(throttle::pseudonymize(app, &identifier.lockout_key())),
        LockoutSubject::Account,
    )
}

/// Waits for the other tries of an account on this instance, as long as for a hashing thread.
///
/// # Errors
/// `ServiceBusy`
pub(crate) async fn lock(app: &App, subject: &LockoutSubject) -> Result<AccountLock> {
    let wait = Duration::from_millis(app.settings.password.hash_queue_ms);
    let lock = app.account_locks.lock(&subject.key(), wait).await;
    lock.ok_or_else(|| Error::new(errors::SERVICE_BUSY).retry_after(1))
}

/// A try that was taken.
pub(crate) struct Tried {
    subject: LockoutSubject,
    /// The account as it is with the try; `None` for a name without one.
    account: Option<Box<User>>,
    /// Consecutive failures, this try included.
    failures: i32,
}

/// Takes a try of an account or of a name.
///
/// # Errors
/// `RateLimit` if it is locked, or if too many other names failed from the caller's address.
pub(crate) async fn take_try(
    app: &App,
    origin: &Origin,
    subject: LockoutSubject,
    admission: &Admission,
) -> Result<Tried> {
    let rule = lockout_rule(&app.settings.lockout);
    let lockouts = app.store.lockouts();
    let mut subject = subject;
    let known_at = admission.known_at();
    let mut tried = lockouts.take(&subject, known_at, &rule, origin.now).await?;
    if matches!(tried, Try::NoAccount) {
        // It was deleted at this moment.
        subject = LockoutSubject::Name(throttle::pseudonymize(app, subject.name()));
        tried = lockouts.take(&subject, known_at, &rule, origin.now).await?;
    }
    if matches!(tried, Try::Stranger) && sprayed_names::is_next(app, origin) {
        tried = lockouts.take(&subject, None, &rule, origin.now).await?;
    }
    match (tried, admission) {
        (Try::Taken { account, failures }, _) => Ok(Tried {
            subject,
            account,
            failures,
        }),
        (Try::Locked(seconds), _) => {
            app.metrics.locked.inc();
            let event = Event::refused(subject.account(), actions::LOCK);
            audit::record_refusal(app, origin, event).await;
            Err(Error::rate_limit(seconds))
        }
        (Try::Stranger, Admission::OnlyKnown { not_before, .. }) => {
            Err(sprayed_names::refused(app, origin, *not_before))
        }
        (Try::Stranger | Try::NoAccount, _) => Err(Error::internal("a try without a counter")),
    }
}

/// Verifies the password of a try. A try that the full hashing queue kept from being made is given back.
///
/// # Errors
/// `ServiceBusy`
pub(crate) async fn verify(
    app: &App,
    tried: &Tried,
    password: Option<&Password>,
) -> Result<Verdict> {
    let bytes = password.map_or(&[][..], Password::as_bytes);
    match app.hasher.verify(bytes, tried.hash()).await {
        Ok(verdict) => Ok(verdict),
        Err(busy) => {
            app.store.lockouts().give_back(&tried.subject).await?;
            Err(busy.into())
        }
    }
}

impl Tried {
    fn hash(&self) -> Option<&PasswordHash> {
        self.account.as_ref()?.password_hash.as_ref()
    }
}

/// Counts the name among those that failed from the caller's address (RL-4), and tells the trail.
async fn refused(app: &App, origin: &Origin, tried: &Tried, admission: &Admission) -> Error {
    let name = tried.subject.name();
    let counted = sprayed_names::count(app, origin, name, admission).await;
    let event = Event::refused(tried.subject.account(), actions::LOGIN).noting(name);
    audit::record_refusal(app, origin, event).await;
    counted.err().unwrap_or_else(|| errors::AUTH_FAILED.into())
}

/// The password was right, and its owner may not log in.
async fn denied(app: &App, origin: &Origin, user: &User) -> Error {
    let cleared = app.store.lockouts().clear(&user.user_id).await;
    let event = Event::refused(Some(&user.user_id), actions::LOGIN).noting("not allowed");
    audit::record_refusal(app, origin, event).await;
    let denied = || errors::ACCESS_DENIED.into();
    cleared.map_err(Error::from).err().unwrap_or_else(denied)
}

/// Whether a password is the account's, with the same lockout as a login (LCK-5). A right one forgets the failures.
///
/// # Errors
/// `RateLimit` if the account is locked.
pub(crate) async fn is_right_password(
    app: &App,
    origin: &Origin,
    user_id: &UserId,
    password: &Password,
) -> Result<bool> {
    let _slot = app.hasher.slot().await?;
    let subject = LockoutSubject::Account(user_id.clone());
    let _lock = lock(app, &subject).await?;
    let tried = take_try(app, origin, subject, &Admission::Anyone).await?;
    let is_right = verify(app, &tried, Some(password)).await?.matches;
    if is_right {
        app.store.lockouts().clear(user_id).await?;
    }
    Ok(is_right)
}

/// Whether `user` may have a session.
pub(crate) fn may_log_in(app: &App, user: &User) -> bool {
    user.may_log_in(app.settings.auth.doctor_approval_required)
}

/// Mails the owner after several failed logins (MAIL-7).
pub(crate) async fn tell_of_failures(
    app: &App,
    origin: &Origin,
    user: &User,
    failures: i32,
) -> Result<()> {
    if failures <= FAILURES_WORTH_A_MAIL {
        return Ok(());
    }
    let job = sign_in_after_failures::job(origin.ip);
    outbox::notify(app, origin, user, job).await
}

/// The account as it is now, if the password is still its own and it may still log in.
///
/// # Errors
/// `AuthFailed`, `ServiceBusy`
pub(crate) async fn still_proven(app: &App, user_id: &UserId, password: &Password) -> Result<User> {
    let user = app.store.accounts().find_by_user_id(user_id).await?;
    let user = user
        .filter(|user| may_log_in(app, user))
        .ok_or(errors::AUTH_FAILED)?;
    let hash = user.password_hash.as_ref();
    let verdict = app.hasher.verify(password.as_bytes(), hash).await?;
    if verdict.matches {
        Ok(user)
    } else {
        Err(errors::AUTH_FAILED.into())
    }
}

/// The account, with a new hash where the old one is of an older kind (HASH-2). A full hashing queue does not fail the
/// login: the next one tries again.
async fn upgrade(app: &App, user: &User, password: &Password, verdict: Verdict) -> Result<User> {
    let mut user = user.clone();
    if let (true, Some(old)) = (verdict.outdated, user.password_hash.clone())
        && let Ok(new) = app.hasher.hash(password.as_bytes()).await
    {
        let accounts = app.store.accounts();
        if accounts.rehash(&user.user_id, &old, &new, None).await? {
            user.password_hash = Some(new);
        } else {
            // Another login was first with its new hash, or the password was changed.
            user = still_proven(app, &user.user_id, password).await?;
        }
    }
    Ok(user)
}

//! Registration: a pending user, its reservations and its first code.

mod replacing;

use chrono::Duration;
use tokio::time::timeout;

use self::replacing::{earlier, forget, note_rival, set_aside, take_back};
use super::{
    audit::{self, Event},
    outbox, throttle,
    throttle::PerIp,
};
use crate::{
    app::App,
    clock::Timestamp,
    config::{Secret, sections::Disclosure},
    crypto::RegistrationToken,
    domain::{
        audit::Action,
        contact::{EmailAddress, Mobile},
        identifier::{email_key, user_id_key, username_key},
        ids::UserId,
        names::{LastName, PersonName},
        outbox::MailJob,
        password::Password,
        registration::PendingUser,
        request::Origin,
        role::Role,
        secret_hash::PasswordHash,
        user::RoleFields,
        username::Username,
    },
    error::{Error, ErrorCode, Result},
};

/// What somebody registers with; every value is parsed already, but for the password.
#[derive(Debug)]
pub struct NewUser {
    /// Patient or doctor.
    pub role: Role,
    /// None from the signup form.
    pub username: Option<Username>,
    /// The address to be proven.
    pub email: EmailAddress,
    /// Telephone.
    pub mobile: Option<Mobile>,
    /// Given name.
    pub first_name: PersonName,
    /// Family name; may be empty.
    pub last_name: LastName,
    /// What the role adds.
    pub fields: RoleFields,
    /// Checked against the policy.
    pub password: Password,
    /// The token of the person's earlier registration, which this one takes the place of; as typed.
    pub replaces: Option<Secret>,
}

/// What the answer says.
#[derive(Debug)]
pub struct Registered {
    /// The id that the account will have.
    pub user_id: UserId,
    /// Patient or doctor.
    pub role: Role,
    /// Lifetime of the registration.
    pub expires_in_minutes: i64,
    /// Lets verify-otp look at this registration alone (D2).
    pub registration_token: Secret,
    /// The code, with debug on.
    pub debug_otp: Option<Secret>,
}

/// How long a registration that the database refused is taken back at most.
const UNDONE_WITHIN: std::time::Duration = std::time::Duration::from_secs(1);
/// User ids that are tried before giving up (UID-1).
const ID_TRIES: usize = 20;

/// Registers a patient or a doctor:
///
/// 1 throttle by the caller's address and by e-mail address; 2 hash the password, whatever comes (ENUM-2); 3 with
/// `disclosure=contract`, 409 for an address that is an account's (D1); 4 reserve a user id; 5 end the registration that
/// this one replaces, if any; 6 reserve the username; 7 one of three places of the address (D2), which tells the others
/// there (REG-8); 8 write the registration; 9 audit; 10 one intent for its first code (D11); 11 what the replaced one held
/// is free.
///
/// A step that fails frees what the earlier ones took, and lets the replaced registration go on; what a crash leaves
/// behind expires.
///
/// # Errors
/// `UserExists`, `RateLimit`, `ServiceBusy`, `EmailError`; the database does not answer.
pub async fn register(app: &App, origin: &Origin, new: NewUser) -> Result<Registered> {
    let now = origin.now;
    let config = &app.settings.config;
    let _place = app.hasher.place().await?;
    throttle::by_ip(app, origin, PerIp::Register).await?;
    let address = throttle::pseudonymize(app, new.email.canonical());
    let per_email = config.throttle.register_per_email;
    let key = format!("register:{address}");
    if let Err(refused) = throttle::count(app, origin, "register_per_email", &key, per_email).await
    {
        note_rival(app, new.email.canonical(), now).await?;
        return Err(refused);
    }
    let password_hash = app.hasher.hash(new.password.as_bytes()).await?;
    let strict = config.registration.disclosure == Disclosure::Strict;
    let taken = app
        .store
        .identifiers()
        .is_active(&email_key(new.email.canonical()))
        .await?;
    let earlier = earlier(app, &new, now).await?;
    if !strict && (taken || is_retry(app, &new, earlier.as_ref(), now).await?) {
        return Err(ErrorCode::UserExists.into());
    }
    let expires_at = now + Duration::minutes(config.registration.pending_minutes);
    let user_id = reserve_user_id(app, new.role, expires_at).await?;
    let proof = RegistrationToken::issue(&app.rng);
    let mut pending = pending_user(&new, user_id, password_hash, &proof, (origin, expires_at));
    let earlier = set_aside(app, earlier, &pending.user_id, now).await?;
    let mut answer = Registered {
        user_id: pending.user_id.clone(),
        role: new.role,
        expires_in_minutes: config.registration.pending_minutes,
        registration_token: Secret::new(proof.expose()),
        debug_otp: None,
    };
    let failed = match write(app, origin, &mut pending, earlier.as_ref(), expires_at).await {
        Ok(Held::All(debug_otp)) => {
            answer.debug_otp = debug_otp;
            if let Some(earlier) = &earlier
                && let Err(left) = forget(app, earlier).await
            {
                tracing::warn!(user_id = %earlier.user_id, error = %left, "a replaced registration is left to expire");
            }
            return Ok(answer);
        }
        // D2: an address that is full is nobody's business in `strict`, a taken username is.
        Ok(Held::AddressIsFull) if strict => None,
        Ok(Held::UsernameIsTaken)
            if strict && is_retry(app, &new, earlier.as_ref(), now).await? =>
        {
            None
        }
        Ok(Held::AddressIsFull | Held::UsernameIsTaken) => Some(ErrorCode::UserExists.into()),
        Err(error) => Some(error),
    };
    // Without the database nothing can be freed either, and the caller has waited enough (DB-2).
    let is_away = |error: &Error| error.code == ErrorCode::DatabaseError;
    let undone = take_back(app, &pending, earlier.as_ref());
    let undone = if failed.as_ref().is_some_and(is_away) {
        let in_time = timeout(UNDONE_WITHIN, undone).await;
        in_time.unwrap_or_else(|_| Err(ErrorCode::DatabaseError.into()))
    } else {
        undone.await
    };
    if let Err(left) = undone {
        tracing::warn!(user_id = %pending.user_id, error = %left, "reservations are left to expire");
    }
    failed.map_or(Ok(answer), Err)
}

/// The document of a registration until a time. Without a language chosen, its own is that of the browser.
fn pending_user(
    new: &NewUser,
    user_id: UserId,
    password_hash: PasswordHash,
    proof: &RegistrationToken,
    (origin, expires_at): (&Origin, Timestamp),
) -> PendingUser {
    let chosen = new.fields.language.clone();
    PendingUser {
        id: user_id.clone(),
        user_id,
        username: new.username.as_ref().map(|name| name.as_str().to_owned()),
        email: new.email.canonical().to_owned(),
        email_display: Some(new.email.display().to_owned()),
        mobile: new.mobile.as_ref().map(|mobile| mobile.as_str().to_owned()),
        password_hash: Some(password_hash),
        user_type: new.role,
        first_name: new.first_name.as_str().to_owned(),
        last_name: new.last_name.as_str().to_owned(),
        fields: RoleFields {
            language: chosen.or_else(|| origin.language.map(|language| language.tag().to_owned())),
            ..new.fields.clone()
        },
        registration_digest: proof.digest().as_str().to_owned(),
        mail: None,
        rivals: Vec::new(),
        replaced_by: None,
        expires_at: Some(expires_at),
        activating_since: None,
        created_at: origin.now,
    }
}

/// Whether a registration got what it needs.
enum Held {
    /// It is written and its first code is on the way, with debug on already made.
    All(Option<Secret>),
    /// Somebody else has the username.
    UsernameIsTaken,
    /// The address has as many registrations as it may have.
    AddressIsFull,
}

/// Steps 6 to 10 of [`register`]; the caller undoes what is left of them when they do not come to their end.
async fn write(
    app: &App,
    origin: &Origin,
    pending: &mut PendingUser,
    earlier: Option<&PendingUser>,
    expires_at: Timestamp,
) -> Result<Held> {
    let now = origin.now;
    let owner = &pending.user_id;
    if let Some(username) = &pending.username {
        let key = username_key(username);
        let identifiers = app.store.identifiers();
        let inherited = match earlier {
            Some(earlier) => {
                let from = &earlier.user_id;
                identifiers.pass_on(&key, from, owner, expires_at).await?
            }
            None => false,
        };
        if !inherited && !identifiers.reserve(&key, owner, expires_at, now).await? {
            return Ok(Held::UsernameIsTaken);
        }
    }
    let config = &app.settings.config.registration;
    let key = places(app, &pending.email);
    // The replaced one has its place until this one stands.
    let is_replaced_here = earlier.is_some_and(|earlier| earlier.email == pending.email);
    let capacity = config.max_pending_per_email.max(1) + i32::from(is_replaced_here);
    let places = app.store.places();
    let Some(others) = places.take(&key, owner, capacity, expires_at, now).await? else {
        return Ok(Held::AddressIsFull);
    };
    let is_other = |other: &UserId| earlier.is_none_or(|earlier| earlier.user_id != *other);
    pending.rivals = others.into_iter().filter(is_other).collect();
    app.store.pending().insert(pending).await?;
    let (pending, owner) = (&*pending, &pending.user_id);
    // The caller takes back what stands, if this fails (AUD-4).
    audit::record(app, origin, Event::by(owner, Action::Register)).await?;
    let intent = MailJob::Registered {
        registration: owner.clone(),
    };
    let lifetime = expires_at - now;
    let debug_otp =
        outbox::enqueue_codes(app, origin.into(), &pending.email, intent, lifetime).await?;
    Ok(Held::All(debug_otp))
}

/// The same person once more: the password fits a live registration of the address with the same username (D2), which is
/// not the one to be replaced.
async fn is_retry(
    app: &App,
    new: &NewUser,
    earlier: Option<&PendingUser>,
    now: Timestamp,
) -> Result<bool> {
    let username = new.username.as_ref().map(Username::canonical);
    for pending in app
        .store
        .pending()
        .list_live_by_email(new.email.canonical(), now)
        .await?
    {
        if earlier.is_none_or(|earlier| earlier.user_id != pending.user_id)
            && pending.username.as_ref().map(|name| name.to_lowercase()) == username
            && app
                .hasher
                .verify(new.password.as_bytes(), pending.password_hash.as_ref())
                .await?
                .matches
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Reserves a new user id (UID-1).
///
/// # Errors
/// `DatabaseError`: no free one was found; the database does not answer.
pub(super) async fn reserve_user_id(
    app: &App,
    role: Role,
    expires_at: Timestamp,
) -> Result<UserId> {
    for _ in 0..ID_TRIES {
        let user_id = UserId::generate(role, &app.rng);
        let key = user_id_key(user_id.as_str());
        if app
            .store
            .identifiers()
            .reserve_new(&key, &user_id, expires_at)
            .await?
        {
            return Ok(user_id);
        }
    }
    tracing::error!("no free user id was found in {ID_TRIES} tries");
    Err(Error::new(ErrorCode::DatabaseError).retry_after(1))
}

/// The key of the places that an address has for registrations.
pub(in crate::service) fn places(app: &App, email: &str) -> String {
    format!("registrations:{}", throttle::pseudonymize(app, email))
}

/// Frees everything that a registration holds, its code first; the registration itself goes last, so that what a crash
/// leaves is found by it.
///
/// # Errors
/// The database does not answer.
pub async fn undo(app: &App, pending: &PendingUser) -> Result<()> {
    use crate::domain::otp::OtpPurpose;
    app.store
        .challenges()
        .delete(OtpPurpose::Verification, &pending.user_id)
        .await?;
    release(app, pending).await
}

/// Frees the reservations and the place of a registration, and removes it.
///
/// # Errors
/// The database does not answer.
pub(in crate::service) async fn release(app: &App, pending: &PendingUser) -> Result<()> {
    app.fail_point.pass("undo:names")?;
    app.store
        .identifiers()
        .release_all(&pending.user_id)
        .await?;
    app.store
        .places()
        .leave(&places(app, &pending.email), &pending.user_id)
        .await?;
    app.fail_point.pass("undo:registration")?;
    app.store.pending().delete(&pending.user_id).await?;
    Ok(())
}

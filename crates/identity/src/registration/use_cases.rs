//! Registration: a pending user, its reservations and its first code.

mod replacing;

use crate::{
    accounts::rules::identifier::{email_key, user_id_key, username_key},
    actions,
    app::App,
    errors,
    mails::{documents::MailJob, outbox},
    password::rules::Password,
    registration::documents::PendingUser,
    settings::Disclosure,
    throttle::{self, PerIp},
};
use chrono::Duration;
use tokio::time::timeout;

use self::replacing::{earlier, forget, mark_replaced, note_rival, take_back};
use crypto::OpaqueToken;
use kernel::{
    clock::Timestamp,
    error::{Error, Result},
    ids::UserId,
    person::Person,
    request::Origin,
    role::Role,
    secret::Secret,
    secret_hash::PasswordHash,
    username::Username,
};
use platform::audit::{self, Event};

/// The data of a registration. Every value is parsed already, except the password.
#[derive(Debug)]
pub struct NewUser {
    /// Patient or doctor.
    pub role: Role,
    /// The person. The address is not proven yet.
    pub person: Person,
    /// The password; it is not checked against the policy yet.
    pub password: Password,
    /// The token of the person's earlier registration, as typed. The new registration replaces that one.
    pub replaces: Option<Secret>,
}

/// The content of the answer.
#[derive(Debug)]
pub struct Registered {
    /// The id that the account will have.
    pub user_id: UserId,
    /// Patient or doctor.
    pub role: Role,
    /// Lifetime of the registration.
    pub expires_in_minutes: i64,
    /// With this token, verify-otp looks only at this registration (D2).
    pub registration_token: Secret,
    /// The code, if `debug` is on.
    pub debug_otp: Option<Secret>,
}

/// How long the service tries to undo a registration when the database does not answer.
const UNDO_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(1);
/// How many user ids are tried before the registration fails (UID-1).
const ID_TRIES: usize = 20;

/// Registers a patient or a doctor:
///
/// 1. Throttle by the caller's IP address and by e-mail address.
/// 2. Hash the password in every case, so the time does not show whether the address has an account (ENUM-2).
/// 3. With `disclosure=contract`, answer 409 if the address has an account (D1).
/// 4. Reserve a user id.
/// 5. End the registration that this one replaces, if any.
/// 6. Reserve the username.
/// 7. Take one of the address's three slots (D2). The slots also name the other registrations of the address (REG-8).
/// 8. Insert the registration.
/// 9. Write the audit event.
/// 10. Enqueue one mail job for the first code (D11).
/// 11. Free the slot, the username and the code of the replaced registration.
///
/// If a step fails, the reservations of the earlier steps are released, and the replaced registration waits again.
/// After a crash, the reservations expire.
///
/// # Errors
/// `UserExists` if the address or the username is taken; `RateLimit`; `EmailError` if the outbox cannot store the mail
/// job.
pub async fn register(app: &App, origin: &Origin, new: NewUser) -> Result<Registered> {
    let now = origin.now;
    let config = &app.settings;
    let _slot = app.hasher.slot().await?;
    throttle::by_ip(app, origin, PerIp::Register).await?;
    let email = new.person.contact.email.canonical();
    let address = throttle::pseudonymize(app, email);
    let per_email = config.throttle.register_per_email;
    let key = format!("register:{address}");
    if let Err(refused) = throttle::count(app, origin, "register_per_email", &key, per_email).await
    {
        note_rival(app, email, now).await?;
        return Err(refused);
    }
    let password_hash = app.hasher.hash(new.password.as_bytes()).await?;
    let strict = config.registration.disclosure == Disclosure::Strict;
    let identifiers = app.store.identifiers();
    let taken = identifiers.is_taken(&email_key(email), now).await?;
    let earlier = earlier(app, &new, now).await?;
    if !strict && (taken || is_retry(app, &new, earlier.as_ref(), now).await?) {
        return Err(errors::USER_EXISTS.into());
    }
    let expires_at = now + Duration::minutes(config.registration.pending_minutes);
    let user_id = reserve_user_id(app, new.role, expires_at).await?;
    let proof = OpaqueToken::issue(&app.rng);
    let mut pending = pending_user(&new, user_id, password_hash, &proof, (origin, expires_at));
    let earlier = mark_replaced(app, earlier, &pending.user_id, now).await?;
    let mut answer = Registered {
        user_id: pending.user_id.clone(),
        role: new.role,
        expires_in_minutes: config.registration.pending_minutes,
        registration_token: Secret::new(proof.expose()),
        debug_otp: None,
    };
    let failed = match write(app, origin, &mut pending, earlier.as_ref(), expires_at).await {
        Ok(Outcome::Registered(debug_otp)) => {
            answer.debug_otp = debug_otp;
            if let Some(earlier) = &earlier
                && let Err(left) = forget(app, earlier).await
            {
                tracing::warn!(user_id = %earlier.user_id, error = %left, "a replaced registration is left to expire");
            }
            return Ok(answer);
        }
        // With `strict`, the caller does not learn that the address is full, but learns that the username is taken
        // (D2).
        Ok(Outcome::AddressIsFull) if strict => None,
        Ok(Outcome::UsernameIsTaken)
            if strict && is_retry(app, &new, earlier.as_ref(), now).await? =>
        {
            None
        }
        Ok(Outcome::AddressIsFull | Outcome::UsernameIsTaken) => Some(errors::USER_EXISTS.into()),
        Err(error) => Some(error),
    };
    // Without the database nothing can be released, and the caller has waited long enough (DB-2).
    let is_unavailable = |error: &Error| error.code == errors::DATABASE_ERROR;
    let undone = take_back(app, &pending, earlier.as_ref());
    let undone = if failed.as_ref().is_some_and(is_unavailable) {
        let in_time = timeout(UNDO_TIMEOUT, undone).await;
        in_time.unwrap_or_else(|_| Err(errors::DATABASE_ERROR.into()))
    } else {
        undone.await
    };
    if let Err(left) = undone {
        tracing::warn!(user_id = %pending.user_id, error = %left, "reservations are left to expire");
    }
    failed.map_or(Ok(answer), Err)
}

/// The pending user. If the person chose no language, it gets the browser's language.
fn pending_user(
    new: &NewUser,
    user_id: UserId,
    password_hash: PasswordHash,
    proof: &OpaqueToken,
    (origin, expires_at): (&Origin, Timestamp),
) -> PendingUser {
    let mut person = new.person.clone();
    let language = &mut person.fields.language;
    *language = language.take().or(origin.language.map(Into::into));
    PendingUser {
        id: user_id.clone(),
        user_id,
        person,
        password_hash: Some(password_hash),
        user_type: new.role,
        registration_digest: proof.digest().as_str().to_owned(),
        mail: None,
        rivals: Vec::new(),
        replaced_by: None,
        expires_at: Some(expires_at),
        activating_since: None,
        created_at: origin.now,
    }
}

/// How far the steps of `write` came.
enum Outcome {
    /// The registration is stored and its first code is on its way. With `debug` on, this is the code.
    Registered(Option<Secret>),
    /// Another account or registration has the username.
    UsernameIsTaken,
    /// The address has no free slot.
    AddressIsFull,
}

/// Steps 6 to 10 of [`register`]. If they fail, the caller of this function undoes the steps that were done.
async fn write(
    app: &App,
    origin: &Origin,
    pending: &mut PendingUser,
    earlier: Option<&PendingUser>,
    expires_at: Timestamp,
) -> Result<Outcome> {
    let now = origin.now;
    let owner = &pending.user_id;
    if let Some(username) = &pending.person.names.username {
        let key = username_key(username.as_str());
        let identifiers = app.store.identifiers();
        let inherited = match earlier {
            Some(earlier) => {
                let from = &earlier.user_id;
                identifiers.pass_on(&key, from, owner, expires_at).await?
            }
            None => false,
        };
        if !inherited && !identifiers.reserve(&key, owner, expires_at, now).await? {
            return Ok(Outcome::UsernameIsTaken);
        }
    }
    let config = &app.settings.registration;
    let key = slots_key(app, pending.email());
    // The replaced registration keeps its slot until this one is stored, so one more is allowed.
    let is_replaced_here = earlier.is_some_and(|earlier| earlier.email() == pending.email());
    let capacity = config.max_pending_per_email.max(1) + i32::from(is_replaced_here);
    let slots = app.store.registration_slots();
    let Some(others) = slots.take(&key, owner, capacity, expires_at, now).await? else {
        return Ok(Outcome::AddressIsFull);
    };
    let is_other = |other: &UserId| earlier.is_none_or(|earlier| earlier.user_id != *other);
    pending.rivals = others.into_iter().filter(is_other).collect();
    app.store.pending().insert(pending).await?;
    let (pending, owner) = (&*pending, &pending.user_id);
    // If this fails, the caller of this function undoes the steps before it (AUD-4).
    audit::record(app, origin, Event::by(owner, actions::REGISTER)).await?;
    let job = MailJob::Registered {
        registration: owner.clone(),
    };
    let lifetime = expires_at - now;
    let debug_otp =
        outbox::enqueue_codes(app, origin.into(), pending.email(), job, lifetime).await?;
    Ok(Outcome::Registered(debug_otp))
}

/// Whether the same person registers again: the password matches a live registration of the address with the same
/// username (D2), other than the one to be replaced.
async fn is_retry(
    app: &App,
    new: &NewUser,
    earlier: Option<&PendingUser>,
    now: Timestamp,
) -> Result<bool> {
    let username = |person: &Person| person.names.username.as_ref().map(Username::canonical);
    for pending in app
        .store
        .pending()
        .list_live_by_email(new.person.contact.email.canonical(), now)
        .await?
    {
        if earlier.is_none_or(|earlier| earlier.user_id != pending.user_id)
            && username(&pending.person) == username(&new.person)
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
/// `DatabaseError` if no free id was found.
pub(crate) async fn reserve_user_id(
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
    Err(Error::new(errors::DATABASE_ERROR).retry_after(1))
}

/// The key of the slots that an address has for registrations.
pub(crate) fn slots_key(app: &App, email: &str) -> String {
    format!("registrations:{}", throttle::pseudonymize(app, email))
}

/// Frees everything that a registration has reserved. It deletes the code first and the registration last. After a
/// crash in between, the sweep still finds the registration, and with it the rest.
pub async fn undo(app: &App, pending: &PendingUser) -> Result<()> {
    use crate::codes::documents::OtpPurpose;
    app.store
        .challenges()
        .delete(OtpPurpose::Verification, &pending.user_id)
        .await?;
    release(app, pending).await
}

/// Frees the reservations and the slot of a registration, and deletes it.
pub(crate) async fn release(app: &App, pending: &PendingUser) -> Result<()> {
    app.fail_point.pass("undo:names")?;
    app.store
        .identifiers()
        .release_all(&pending.user_id)
        .await?;
    app.store
        .registration_slots()
        .release(&slots_key(app, pending.email()), &pending.user_id)
        .await?;
    app.fail_point.pass("undo:registration")?;
    app.store.pending().delete(&pending.user_id).await?;
    Ok(())
}

//! Remembered devices, which replace the second factor and nothing else (MFA-20).

use chrono::Duration;
use crypto::OpaqueToken;

use crate::{
    accounts::documents::User,
    actions,
    app::App,
    errors,
    factors::{Proven, documents::KnownDevice, rules::proof_epoch::proof_epoch},
    letters::device_remembered,
    mails::outbox,
};
use kernel::{
    clock::Timestamp, error::Result, principal::Principal, request::Origin, secret::Secret,
};
use platform::audit::{self, Event};

/// A device that is remembered now.
#[derive(Debug)]
pub struct Remembered {
    /// What the device shows at its next login.
    pub token: Secret,
    /// Until when it counts.
    pub expires_at: Timestamp,
}

/// Remembers the device of a login. `None` if the role's devices are not remembered.
pub(crate) async fn remember(
    app: &App,
    origin: &Origin,
    proven: &mut Proven,
) -> Result<Option<Remembered>> {
    let user = proven.user();
    let days = app.settings.mfa.remember_days.of(user.user_type);
    if days == 0 {
        return Ok(None);
    }
    audit::record(
        app,
        origin,
        Event::by(&user.user_id, actions::DEVICE_REMEMBER),
    )
    .await?;
    outbox::notify(app, origin, user, device_remembered::job(origin.ip)).await?;
    let token = OpaqueToken::issue(&app.rng);
    let device = KnownDevice {
        id: token.digest().as_str().to_owned(),
        device_id: app.rng.uuid().to_string(),
        user_id: user.user_id.clone(),
        epoch: proof_epoch(user),
        name: proven.device_name().map(str::to_owned),
        ip: origin.ip.to_string(),
        user_agent: origin.user_agent.clone(),
        created_at: origin.now,
        last_used_at: origin.now,
        expires_at: origin.now + Duration::days(days),
    };
    app.store.known_devices().insert(&device).await?;
    proven.on_device(device.device_id);
    Ok(Some(Remembered {
        token: Secret::new(token.expose()),
        expires_at: device.expires_at,
    }))
}

/// The id of the account's device with this token. `None` if it is another account's, or does not count any more.
pub(crate) async fn recognize(
    app: &App,
    origin: &Origin,
    user: &User,
    token: &str,
) -> Result<Option<String>> {
    let days = app.settings.mfa.remember_days.of(user.user_type);
    let Some(token) = OpaqueToken::parse(token).filter(|_| days > 0) else {
        return Ok(None);
    };
    let (digest, epoch) = (token.digest().as_str(), proof_epoch(user));
    let devices = app.store.known_devices();
    let known = devices.recognize(digest, &user.user_id, &epoch, origin);
    Ok(known.await?.map(|device| device.device_id))
}

/// Forgets one of the caller's devices.
///
/// # Errors
/// `NotFound` if it is not the caller's.
pub async fn forget(app: &App, origin: &Origin, caller: &Principal, device_id: &str) -> Result<()> {
    let event = Event::by(&caller.user_id, actions::DEVICE_FORGET);
    audit::record(app, origin, event).await?;
    let devices = app.store.known_devices();
    if devices.delete(&caller.user_id, device_id).await? {
        Ok(())
    } else {
        Err(errors::NOT_FOUND.into())
    }
}

/// Forgets all of the caller's devices, and returns how many there were.
pub async fn forget_all(app: &App, origin: &Origin, caller: &Principal) -> Result<u64> {
    let event = Event::by(&caller.user_id, actions::DEVICE_FORGET);
    audit::record(app, origin, event).await?;
    Ok(app
        .store
        .known_devices()
        .delete_all(&caller.user_id)
        .await?)
}

/// The devices of an account that still count, newest first.
pub(crate) async fn list(app: &App, origin: &Origin, user: &User) -> Result<Vec<KnownDevice>> {
    let epoch = proof_epoch(user);
    let devices = app.store.known_devices();
    Ok(devices.list(&user.user_id, &epoch, origin.now).await?)
}

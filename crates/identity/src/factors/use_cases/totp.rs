//! Setting up an authenticator app, and removing it.

use chrono::Duration;
use url::Url;

use crate::{
    app::App,
    codes::rules::OtpCode,
    errors,
    factors::{
        Enrolled, add,
        documents::PendingTotp,
        enroller::{Enroller, Shown},
        remove,
        rules::{
            account_factors::Factor,
            totp::{QrPath, Seed, qr_path},
        },
        second_step,
    },
    settings::FactorKind,
    throttle::{self, PerIp, Writes},
};
use kernel::{
    error::{Error, Result},
    methods::Methods,
    principal::Principal,
    request::Origin,
    secret::Secret,
};

/// An authenticator app that was begun. It is shown once.
#[derive(Debug)]
pub struct Begun {
    /// The seed, as people type it.
    pub secret: Secret,
    /// What the QR code says.
    pub uri: Secret,
    /// The QR code.
    pub qr: QrPath,
    /// How long it can be confirmed.
    pub lifetime: Duration,
}

/// Begins an authenticator app, which replaces another that was begun:
///
/// 1. The limit of the caller's address.
/// 2. Who adds it: a caller with a fresh proof, or a login that waits for a first factor.
/// 3. The limit of the account's writes.
/// 4. A new seed, sealed, bound to who began it. It does not count until it is confirmed.
///
/// # Errors
/// `AccessDenied` if the clinic has no authenticator apps; those of [`Enroller::beginning`].
pub async fn begin(app: &App, origin: &Origin, shown: Shown<'_>) -> Result<Begun> {
    throttle::by_ip(app, origin, PerIp::Mfa).await?;
    let enroller = Enroller::beginning(app, origin, shown).await?;
    let user_id = enroller.user_id();
    if !app.settings.mfa.methods.contains(&FactorKind::Totp) {
        return Err(errors::ACCESS_DENIED.into());
    }
    throttle::by_account(app, origin, Writes::Changes, user_id).await?;
    let user = app.store.accounts().find_by_user_id(user_id).await?;
    let user = user.ok_or(errors::SESSION_ERROR)?;
    enroller.check(&user)?;
    let lifetime = Duration::minutes(app.settings.mfa.enrol_minutes);
    let seed = Seed::generate(&app.rng);
    let sealed = seed.seal(&app.master, user_id, &app.rng);
    let pending = PendingTotp {
        seed: sealed.map_err(Error::internal)?,
        bound_to: enroller.bound_to().to_owned(),
        attempts: 0,
        until: origin.now + lifetime,
    };
    let unshowable = || Error::internal("an authenticator app cannot be shown");
    let uri = seed.uri(&issuer(app), user.person.login_name());
    let uri = uri.ok_or_else(unshowable)?;
    let begun = Begun {
        secret: seed.shown().ok_or_else(unshowable)?,
        qr: qr_path(uri.expose()).ok_or_else(unshowable)?,
        uri,
        lifetime,
    };
    app.store.totps().begin(user_id, &pending).await?;
    Ok(begun)
}

/// What an app calls this service.
fn issuer(app: &App) -> String {
    let set = app.settings.mfa.totp_issuer.clone();
    let url = Url::parse(&app.settings.public_base_url).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or("clinic");
    set.unwrap_or_else(|| host.to_owned())
}

/// Confirms what the same session or login began, by its first code:
///
/// 1. The limit of the caller's address.
/// 2. A text that cannot be a code ends here, whoever sends it, and uses up no try (OTP-10).
/// 3. Who adds it; a login spends a try.
/// 4. A try of what was begun is spent, before the code is compared.
/// 5. The code. Its step is spent from here on (MFA-11).
/// 6. The rest, as in [`add`].
///
/// # Errors
/// `OtpError` if the code is wrong, or nothing was begun.
pub async fn confirm(
    app: &App,
    origin: &Origin,
    shown: Shown<'_>,
    code: Option<&OtpCode>,
) -> Result<Enrolled> {
    throttle::by_ip(app, origin, PerIp::Mfa).await?;
    let Some(code) = code else {
        let enroller = Enroller::unspent(app, origin, shown).await?;
        return Err(second_step::wrong_code(app, origin, enroller.user_id()).await);
    };
    let enroller = Enroller::finishing(app, origin, shown).await?;
    let (user_id, totps) = (enroller.user_id(), app.store.totps());
    let most = app.settings.mfa.max_attempts;
    let begun = totps.spend_pending(user_id, enroller.bound_to(), most, origin.now);
    let begun = begun.await?.ok_or(errors::OTP_ERROR)?;
    let seed = Seed::open(&begun.seed, &app.master, user_id).map_err(Error::internal)?;
    let window = app.settings.mfa.totp_window;
    let Some(step) = seed.matched_step(code, window, origin.now) else {
        return Err(second_step::wrong_code(app, origin, user_id).await);
    };
    let confirm = async || Ok(totps.confirm(user_id, &begun, step, origin.now).await?);
    add(
        app,
        origin,
        &enroller,
        Factor::Totp,
        Methods::totp(),
        confirm,
    )
    .await
}

/// Removes the caller's authenticator app.
///
/// # Errors
/// `NotFound` without one; `FactorRequired` if the role must have a factor, and this is the last one.
pub async fn delete(app: &App, origin: &Origin, caller: &Principal) -> Result<()> {
    throttle::by_account(app, origin, Writes::Changes, &caller.user_id).await?;
    let totps = app.store.totps();
    let row = totps.find(&caller.user_id).await?;
    if !remove(app, origin, caller, &Factor::Totp).await? {
        return Err(errors::NOT_FOUND.into());
    }
    if let Some(seed) = row.and_then(|row| row.seed) {
        totps.delete(&caller.user_id, &seed).await?;
    }
    Ok(())
}

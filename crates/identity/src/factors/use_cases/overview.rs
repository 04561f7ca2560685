//! What an account has, as its owner sees it.

use crate::{
    app::App,
    factors::{
        devices,
        documents::KnownDevice,
        fresh, recovery_codes,
        rules::{
            account_factors::AccountFactors,
            policy::{Need, need},
        },
    },
};
use kernel::{clock::Timestamp, error::Result, principal::Principal, request::Origin};

/// The factors and devices of an account.
#[derive(Debug)]
pub struct Overview {
    /// Whether its role must have a factor.
    pub required: bool,
    /// The authenticator app: when it was confirmed, and used last.
    pub totp: Option<(Option<Timestamp>, Option<Timestamp>)>,
    /// How many recovery codes are left.
    pub recovery_codes_left: u64,
    /// The remembered devices, newest first.
    pub devices: Vec<KnownDevice>,
    /// The remembered device of this session.
    pub current_device: Option<String>,
    /// Until when the last proof is fresh.
    pub fresh_until: Option<Timestamp>,
}

/// What the caller's account has.
pub async fn overview(app: &App, origin: &Origin, caller: &Principal) -> Result<Overview> {
    let (session, user) = fresh::read(app, caller).await?;
    let totp = if user.factors.has_totp() {
        let row = app.store.totps().find(&user.user_id).await?;
        row.map(|row| (row.confirmed_at, row.last_used_at))
    } else {
        None
    };
    let none = AccountFactors::default();
    let required = need(&none, user.user_type, &app.settings.mfa_required);
    Ok(Overview {
        required: required == Need::Enrolment,
        totp,
        recovery_codes_left: recovery_codes::count_left(app, &user).await?,
        devices: devices::list(app, origin, &user).await?,
        fresh_until: fresh::until(app, origin, &session, &user),
        current_device: session.device_id,
    })
}

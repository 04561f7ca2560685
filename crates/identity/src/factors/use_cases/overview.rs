//! What an account has, as its owner and as an administrator sees it.

use crate::{
    accounts::documents::User,
    app::App,
    factors::{
        devices,
        documents::KnownDevice,
        fresh,
        passkeys::{self, documents::Passkey},
        recovery_codes,
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
    /// The passkeys, oldest first.
    pub passkeys: Vec<Passkey>,
    /// How many recovery codes are left.
    pub recovery_codes_left: u64,
    /// The remembered devices, newest first.
    pub devices: Vec<KnownDevice>,
    /// The remembered device of this session.
    pub current_device: Option<String>,
    /// Until when the last proof is fresh.
    pub fresh_until: Option<Timestamp>,
}

/// The factors of an account as an administrator sees them: how many, and nothing that names or proves one.
#[derive(Debug)]
pub struct Summary {
    /// Whether a login needs one of them.
    pub enabled: bool,
    /// Whether its role must have a factor.
    pub required: bool,
    /// Whether there is an authenticator app.
    pub totp: bool,
    /// How many passkeys there are.
    pub passkeys: usize,
    /// How many recovery codes are left.
    pub recovery_codes_left: u64,
}

/// What an account has, by one read besides the account itself.
pub(crate) async fn summary(app: &App, user: &User) -> Result<Summary> {
    Ok(Summary {
        enabled: user.factors.has_any(),
        required: is_required(app, user),
        totp: user.factors.has_totp(),
        passkeys: user.factors.passkeys().count(),
        recovery_codes_left: recovery_codes::count_left(app, user).await?,
    })
}

/// Whether the role of an account must have a factor.
fn is_required(app: &App, user: &User) -> bool {
    let none = AccountFactors::default();
    need(&none, user.user_type, &app.settings.mfa_required) == Need::Enrolment
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
    Ok(Overview {
        required: is_required(app, &user),
        totp,
        passkeys: passkeys::list(app, &user).await?,
        recovery_codes_left: recovery_codes::count_left(app, &user).await?,
        devices: devices::list(app, origin, &user).await?,
        fresh_until: fresh::until(app, origin, &session, &user),
        current_device: session.device_id,
    })
}

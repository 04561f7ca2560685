//! Stands between the first proof and the session: no other way leads to one (MFA-8).

use chrono::Duration;
use crypto::OpaqueToken;
use serde_json::Value;

use crate::{
    accounts::documents::User,
    app::App,
    errors,
    factors::{
        devices,
        documents::{ChallengePurpose, LoginChallenge},
        passkeys,
        rules::{
            policy::{Need, need},
            proof_epoch::proof_epoch,
        },
    },
};
use kernel::{
    error::{Error, Result},
    methods::Methods,
    request::Origin,
    secret::Secret,
};

/// What was proven first, and from which device.
#[derive(Debug, Clone, Default)]
pub struct FirstProof {
    /// The methods.
    pub methods: Methods,
    /// What the client calls the device.
    pub device_name: Option<String>,
    /// The token of a remembered device.
    pub device_token: Option<Secret>,
}

impl FirstProof {
    /// A proof by these methods alone.
    #[must_use]
    pub fn by(methods: Methods) -> Self {
        Self {
            methods,
            ..Self::default()
        }
    }
}

/// An account that has proven everything it needs. Only this module makes one, and a session begins with nothing else.
#[derive(Debug)]
pub struct Proven {
    user: User,
    methods: Methods,
    is_fresh: bool,
    device_name: Option<String>,
    device_id: Option<String>,
}

impl Proven {
    /// The account as it was proven.
    #[must_use]
    pub fn user(&self) -> &User {
        &self.user
    }

    /// What was proven.
    #[must_use]
    pub fn methods(&self) -> Methods {
        self.methods
    }

    /// Whether the proof is one for changes of the account, too: the password where there is no factor, or a factor (D15).
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.is_fresh
    }

    /// What the client calls the device.
    #[must_use]
    pub fn device_name(&self) -> Option<&str> {
        self.device_name.as_deref()
    }

    /// The remembered device.
    #[must_use]
    pub fn device_id(&self) -> Option<&str> {
        self.device_id.as_deref()
    }

    /// The same on a remembered device.
    pub(super) fn on_device(&mut self, device_id: String) {
        self.device_id = Some(device_id);
    }

    /// An account that has proven a second factor, after everything that precedes the session was checked. `methods` include
    /// more than one factor.
    pub(crate) fn with_factor(user: User, methods: Methods, device_name: Option<String>) -> Self {
        Self {
            is_fresh: methods.are_multi_factor(),
            device_name,
            device_id: None,
            user,
            methods,
        }
    }
}

/// Lets a first proof pass where nothing more is needed: 1 what the account and its role need; 2 a remembered device, which
/// replaces a factor (MFA-20); 3 otherwise a challenge, which waits for the second step.
///
/// # Errors
/// `MfaRequired` or `MfaEnrolmentRequired`, with the token of the challenge.
pub async fn gate(app: &App, origin: &Origin, user: User, first: FirstProof) -> Result<Proven> {
    let need = need(&user.factors, user.user_type, &app.settings.mfa_required);
    let device_id = match &first.device_token {
        Some(token) if need == Need::Factor => {
            devices::recognize(app, origin, &user, token.expose()).await?
        }
        _ => None,
    };
    let purpose = match need {
        Need::Factor if device_id.is_none() => ChallengePurpose::Login,
        Need::Enrolment => ChallengePurpose::Enrol,
        Need::Factor | Need::Nothing => {
            return Ok(Proven {
                is_fresh: need == Need::Nothing && first.methods == Methods::PASSWORD,
                device_name: first.device_name,
                device_id,
                methods: first.methods,
                user,
            });
        }
    };
    let (token, lifetime, passkey) = begin(app, origin, &user, first, purpose).await?;
    let waiting = waiting(app, &user, purpose)
        .adding("mfa_token", token.expose())
        .adding("expires_in", lifetime.num_seconds());
    Err(match passkey {
        Some(options) => waiting.adding("passkey", options),
        None => waiting,
    })
}

/// Writes the challenge that waits for the second step, with the ceremony of a passkey if the account has one; what the
/// browser is asked then.
async fn begin(
    app: &App,
    origin: &Origin,
    user: &User,
    first: FirstProof,
    purpose: ChallengePurpose,
) -> Result<(OpaqueToken, Duration, Option<Value>)> {
    let minutes = match purpose {
        ChallengePurpose::Enrol => app.settings.mfa.enrol_minutes,
        _ => app.settings.mfa.challenge_minutes,
    };
    let lifetime = Duration::minutes(minutes);
    let token = OpaqueToken::issue(&app.rng);
    let id = token.digest().as_str().to_owned();
    let ceremony = match purpose {
        ChallengePurpose::Login => passkeys::begin_second_step(app, user, &id)?,
        _ => None,
    };
    let (state, options) = ceremony.map(|it| (it.state, it.options)).unzip();
    let challenge = LoginChallenge {
        id,
        purpose,
        user_id: Some(user.user_id.clone()),
        session_id: None,
        state,
        proof_epoch: proof_epoch(user),
        amr: first.methods,
        device_name: first.device_name,
        attempts: 0,
        used_at: None,
        expires_at: origin.now + lifetime,
    };
    app.store.login_challenges().insert(&challenge).await?;
    Ok((token, lifetime, options))
}

/// The answer to a login that waits, without its token.
fn waiting(app: &App, user: &User, purpose: ChallengePurpose) -> Error {
    if purpose == ChallengePurpose::Enrol {
        return Error::new(errors::MFA_ENROLMENT_REQUIRED).adding("methods", addable(app));
    }
    let days = app.settings.mfa.remember_days.of(user.user_type);
    Error::new(errors::MFA_REQUIRED)
        .adding("methods", provable(app, user))
        .adding("may_remember", days > 0)
        .adding("remember_days", days)
}

/// The kinds of factors that people can add, as `methods` names them: no passkeys where there are none (PK-16).
pub fn addable(app: &App) -> Vec<&'static str> {
    use crate::settings::FactorKind;
    let kinds = app.settings.mfa.methods.iter();
    let named = kinds.map(|kind| match kind {
        FactorKind::Totp => "totp",
        FactorKind::Passkey => "passkey",
    });
    here(app, named)
}

/// How the second step of an account can be proven, as `methods` names it: not by passkeys where there are none (PK-16).
pub(crate) fn provable(app: &App, user: &User) -> Vec<&'static str> {
    here(app, user.factors.methods().into_iter())
}

fn here(app: &App, methods: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let has_passkeys = app.relying_party.is_some();
    methods
        .filter(|method| has_passkeys || *method != "passkey")
        .collect()
}

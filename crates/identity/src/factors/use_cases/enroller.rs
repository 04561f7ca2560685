//! Who adds a factor: a caller with a session, or a login that waits for a first factor (MFA-17).

use crypto::OpaqueToken;

use crate::{
    accounts::documents::User,
    app::App,
    errors,
    factors::{
        dead_login,
        documents::{ChallengePurpose, LoginChallenge},
        fresh,
        rules::proof_epoch::proof_epoch,
    },
    sessions::authentication,
};
use kernel::{
    error::Result,
    ids::{SessionId, UserId},
    principal::Principal,
    request::Origin,
};

/// Who adds a factor.
#[derive(Debug)]
pub enum Enroller {
    /// A caller with a session.
    Session(Principal),
    /// A login that waits.
    Login {
        /// Its account.
        user_id: UserId,
        /// What it waits by.
        challenge: Box<LoginChallenge>,
    },
}

/// How the caller of an enrolment operation shows who they are. The token of a login comes first.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// The access token.
    pub bearer: Option<&'a str>,
    /// The token of a login that waits.
    pub mfa_token: Option<&'a str>,
}

impl<'a> Shown<'a> {
    /// What the request has.
    #[must_use]
    pub fn new(bearer: Option<&'a str>, mfa_token: Option<&'a str>) -> Self {
        Self { bearer, mfa_token }
    }
}

impl Enroller {
    /// Who may begin: a caller with a fresh proof, or a login that waits for its first factor.
    ///
    /// # Errors
    /// `AuthFailed`, `SessionError`, `ReauthRequired`.
    pub async fn beginning(app: &App, origin: &Origin, shown: Shown<'_>) -> Result<Self> {
        let Some(token) = shown.mfa_token else {
            let caller = caller(app, origin, shown).await?;
            fresh::require(app, origin, &caller).await?;
            return Ok(Self::Session(caller));
        };
        Self::open_login(app, origin, token).await
    }

    /// Who may finish, before anything is spent: a text that cannot be a code uses up no try (OTP-10).
    ///
    /// # Errors
    /// `AuthFailed`, `SessionError`.
    pub async fn unspent(app: &App, origin: &Origin, shown: Shown<'_>) -> Result<Self> {
        match shown.mfa_token {
            Some(token) => Self::open_login(app, origin, token).await,
            None => caller(app, origin, shown).await.map(Self::Session),
        }
    }

    /// A login that waits, without spending a try.
    async fn open_login(app: &App, origin: &Origin, token: &str) -> Result<Self> {
        let id = id_of(token)?;
        let challenges = app.store.login_challenges();
        let found = challenges.find(&id, ChallengePurpose::Enrol, origin.now);
        let found = found
            .await?
            .filter(|found| found.attempts < app.settings.mfa.max_attempts);
        Self::waiting(found)
    }

    /// Who may finish: the caller whose session began, or a login, which spends a try.
    ///
    /// # Errors
    /// `AuthFailed`, `SessionError`.
    pub async fn finishing(app: &App, origin: &Origin, shown: Shown<'_>) -> Result<Self> {
        let Some(token) = shown.mfa_token else {
            return caller(app, origin, shown).await.map(Self::Session);
        };
        let id = id_of(token)?;
        let (most, now) = (app.settings.mfa.max_attempts, origin.now);
        let challenges = app.store.login_challenges();
        let spent = challenges.spend_attempt(&id, ChallengePurpose::Enrol, most, now);
        Self::waiting(spent.await?)
    }

    fn waiting(found: Option<LoginChallenge>) -> Result<Self> {
        let challenge = Box::new(found.ok_or_else(dead_login)?);
        let user_id = challenge.user_id.clone().ok_or_else(dead_login)?;
        Ok(Self::Login { user_id, challenge })
    }

    /// Whether the account is as the login proved it; a session has no such condition.
    ///
    /// # Errors
    /// `AuthFailed` if it is not.
    pub fn check(&self, user: &User) -> Result<()> {
        match self {
            Self::Login { challenge, .. } if challenge.proof_epoch != proof_epoch(user) => {
                Err(dead_login())
            }
            _ => Ok(()),
        }
    }

    /// The account.
    #[must_use]
    pub fn user_id(&self) -> &UserId {
        match self {
            Self::Session(caller) => &caller.user_id,
            Self::Login { user_id, .. } => user_id,
        }
    }

    /// The session. `None` for a login.
    #[must_use]
    pub fn session_id(&self) -> Option<&SessionId> {
        match self {
            Self::Session(caller) => Some(&caller.session_id),
            Self::Login { .. } => None,
        }
    }

    /// What an enrolment that was begun is bound to: the session, or the login.
    #[must_use]
    pub fn bound_to(&self) -> &str {
        match self {
            Self::Session(caller) => caller.session_id.as_str(),
            Self::Login { challenge, .. } => &challenge.id,
        }
    }
}

async fn caller(app: &App, origin: &Origin, shown: Shown<'_>) -> Result<Principal> {
    let token = shown.bearer.ok_or(errors::AUTH_FAILED)?;
    authentication::authenticate(app, origin, token).await
}

/// The `_id` of the challenge with this token.
pub(crate) fn id_of(token: &str) -> Result<String> {
    let token = OpaqueToken::parse(token).ok_or_else(dead_login)?;
    Ok(token.digest().as_str().to_owned())
}

//! `/auth/reauthenticate`: proving again who is calling.

use crate::{
    app::App,
    errors,
    factors::{
        fresh,
        passkeys::{
            Ceremony,
            rules::{Refused, responses::Assertion},
        },
        reauthentication,
        second_step::SecondFactor,
    },
    http::Tag,
    password::rules::Password,
    permissions::FactorsSelf,
};
use std::sync::Arc;

use poem_openapi::{Object, OpenApi, payload::Json, types::Any};

use super::{one_factor, passkey};
use kernel::error::RuleViolation;
use serde_json::Value;
use web::{
    Body, Problem, RequestBody, RequestOrigin, Time, ValidationErrors, caller::Caller,
    problem::error_set,
};

/// The operations.
#[derive(Debug, Clone)]
pub struct ReauthenticationApi(pub Arc<App>);

error_set!(
    /// Asking what can be proven.
    BeginErrors = [] + BEARER
);
error_set!(
    /// Proving it.
    ProveErrors = [OTP_ERROR, PASSKEY_ERROR, NOT_FOUND, EMAIL_ERROR] + BODY + HASHING + BEARER + FRESH
);

#[OpenApi(tag = "Tag::Factors")]
impl ReauthenticationApi {
    /// How one can prove again who is calling
    #[oai(
        path = "/auth/reauthenticate/begin",
        method = "post",
        operation_id = "begin_reauthentication"
    )]
    async fn begin(
        &self,
        caller: Caller<FactorsSelf>,
        origin: RequestOrigin<'_>,
    ) -> Result<Json<ReauthenticationResponse>, Problem<BeginErrors>> {
        let (methods, ceremony) = reauthentication::begin(&self.0, &origin, &caller).await?;
        let seconds = fresh::lifetime(&self.0).num_seconds().unsigned_abs();
        let answer = ReauthenticationResponse::new(methods, seconds, ceremony);
        Ok(Json(answer))
    }

    /// Prove again who is calling
    ///
    /// By the password; with a second factor, by the password and `totp_code` or `recovery_code`. For a few minutes this
    /// session, and no other, can then change the account.
    #[oai(
        path = "/auth/reauthenticate",
        method = "post",
        operation_id = "reauthenticate"
    )]
    async fn prove(
        &self,
        caller: Caller<FactorsSelf>,
        origin: RequestOrigin<'_>,
        body: Body<ReauthenticateRequest>,
    ) -> Result<Json<ReauthenticateResponse>, Problem<ProveErrors>> {
        let (app, proof) = (&self.0, body.read_as(ReauthenticateRequest::command)?);
        let until = match proof {
            Proof::Passkey(id, answer) => {
                reauthentication::by_passkey(app, &origin, &caller, &id, &answer).await?
            }
            Proof::Password(password, factor) => {
                let (password, factor) = (password.as_ref(), factor.as_ref());
                reauthentication::reauthenticate(app, &origin, &caller, password, factor).await?
            }
        };
        Ok(Json(ReauthenticateResponse {
            success: true,
            message: "It is you".to_owned(),
            fresh_until: Time(until),
        }))
    }
}

/// How one can prove again who is calling.
#[derive(Debug, Object)]
struct ReauthenticationResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// `password`; with a second factor `totp`, `passkey`, `recovery_code`
    methods: Vec<String>,
    /// How long the proof counts
    max_age_seconds: u64,
    /// With a passkey: names the ceremony when it is finished
    #[oai(skip_serializing_if_is_none)]
    challenge_id: Option<String>,
    /// With a passkey: what the browser is asked (`PublicKeyCredentialRequestOptionsJSON`)
    #[oai(skip_serializing_if_is_none)]
    passkey: Option<Any<Value>>,
}

impl ReauthenticationResponse {
    fn new(methods: Vec<&'static str>, max_age_seconds: u64, ceremony: Option<Ceremony>) -> Self {
        let (id, options) = ceremony.map(|it| (it.challenge_id, it.options)).unzip();
        Self {
            challenge_id: id.map(|id| id.expose().to_owned()),
            passkey: options.map(Any),
            success: true,
            message: "Confirm that it is you".to_owned(),
            methods: methods.into_iter().map(str::to_owned).collect(),
            max_age_seconds,
        }
    }
}

/// A proof: the password, and `totp_code` or `recovery_code` where the account has a second factor; or a passkey alone.
#[derive(Debug, Object)]
struct ReauthenticateRequest {
    /// The password
    password: Option<String>,
    /// The six digits of the authenticator app
    totp_code: Option<String>,
    /// A recovery code
    recovery_code: Option<String>,
    /// What the browser gave for `passkey` of the answer that began it (`AuthenticationResponseJSON`)
    passkey: Option<Any<Value>>,
    /// With `passkey`: from the same answer
    challenge_id: Option<String>,
}

impl RequestBody for ReauthenticateRequest {
    // A password may consist of blanks only (D4).
    const BLANK_IS_NULL: bool = false;
}

/// What was shown.
enum Proof {
    /// A passkey, and the challenge that it answers.
    Passkey(String, Box<Result<Assertion, Refused>>),
    /// The password, if the text can be one, and a code.
    Password(Option<Password>, Option<SecondFactor>),
}

const PASSWORD_OR_PASSKEY: RuleViolation = RuleViolation::new(
    "one_of",
    "Either password, with a code if there is a factor, or challenge_id and passkey are needed",
);

impl ReauthenticateRequest {
    fn command(self, errors: &mut ValidationErrors) -> Option<Proof> {
        let has_code = self.totp_code.is_some() || self.recovery_code.is_some();
        match (self.password, self.challenge_id, self.passkey) {
            (None, Some(id), Some(answer)) if !has_code => {
                Some(Proof::Passkey(id, passkey(Some(answer), errors)?))
            }
            (Some(password), None, None) => {
                let (totp, recovery) = (self.totp_code.as_deref(), self.recovery_code.as_deref());
                let factor = has_code.then(|| one_factor(totp, recovery, errors));
                let password = Password::parse_login(&password);
                Some(Proof::Password(password, factor.flatten()))
            }
            _ if errors.contains("password") => None,
            _ => errors.take(Err(PASSWORD_OR_PASSKEY.at("password"))),
        }
    }
}

/// A fresh proof.
#[derive(Debug, Object)]
struct ReauthenticateResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// Until when it counts
    fresh_until: Time,
}

//! `/auth/reauthenticate`: proving again who is calling.

use crate::{
    app::App,
    errors,
    factors::{fresh, reauthentication, second_step::SecondFactor},
    http::Tag,
    password::rules::Password,
    permissions::FactorsSelf,
};
use std::sync::Arc;

use poem_openapi::{Object, OpenApi, payload::Json};

use super::one_factor;
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
    ProveErrors = [OTP_ERROR, EMAIL_ERROR] + BODY + HASHING + BEARER + FRESH
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
    ) -> Result<Json<ReauthenticationResponse>, Problem<BeginErrors>> {
        let methods = reauthentication::methods(&self.0, &caller).await?;
        let seconds = fresh::lifetime(&self.0).num_seconds().unsigned_abs();
        Ok(Json(ReauthenticationResponse::new(methods, seconds)))
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
        let (password, factor) = body.read_as(ReauthenticateRequest::command)?;
        let (password, factor) = (password.as_ref(), factor.as_ref());
        let until = reauthentication::reauthenticate(&self.0, &origin, &caller, password, factor);
        Ok(Json(ReauthenticateResponse {
            success: true,
            message: "It is you".to_owned(),
            fresh_until: Time(until.await?),
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
}

impl ReauthenticationResponse {
    fn new(methods: Vec<&'static str>, max_age_seconds: u64) -> Self {
        Self {
            success: true,
            message: "Confirm that it is you".to_owned(),
            methods: methods.into_iter().map(str::to_owned).collect(),
            max_age_seconds,
        }
    }
}

/// A proof: the password, and `totp_code` or `recovery_code` where the account has a second factor.
#[derive(Debug, Object)]
struct ReauthenticateRequest {
    /// The password
    password: String,
    /// The six digits of the authenticator app
    totp_code: Option<String>,
    /// A recovery code
    recovery_code: Option<String>,
}

impl RequestBody for ReauthenticateRequest {
    // A password may consist of blanks only (D4).
    const BLANK_IS_NULL: bool = false;
}

impl ReauthenticateRequest {
    #[expect(clippy::unnecessary_wraps, reason = "what `read_as` takes")]
    fn command(
        self,
        errors: &mut ValidationErrors,
    ) -> Option<(Option<Password>, Option<SecondFactor>)> {
        let has_factor = self.totp_code.is_some() || self.recovery_code.is_some();
        let (totp, recovery) = (self.totp_code.as_deref(), self.recovery_code.as_deref());
        let factor = has_factor.then(|| one_factor(totp, recovery, errors));
        Some((Password::parse_login(&self.password), factor.flatten()))
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

//! `/auth/login/mfa`: the second step of a login.

use crate::{
    app::App,
    errors,
    factors::{self, LoggedIn, SecondStep},
    http::{Tag, answer::TokenResponse, text::Text},
};
use std::sync::Arc;

use poem_openapi::{Object, OpenApi, payload::Json};

use super::one_factor;
use kernel::names::DeviceName;
use web::{Body, Problem, RequestBody, RequestOrigin, Time, ValidationErrors, problem::error_set};

/// The operation.
#[derive(Debug, Clone)]
pub struct SecondStepApi(pub Arc<App>);

error_set!(
    /// The second step.
    SecondStepErrors = [AUTH_FAILED, OTP_ERROR, EMAIL_ERROR] + BODY + DATABASE
);

#[OpenApi(tag = "Tag::Login")]
impl SecondStepApi {
    /// The second step of a login
    ///
    /// With the `mfa_token` of `MFA_REQUIRED`, and exactly one factor. Five wrong factors end the login; then, after five
    /// minutes, and after a change of the password or the factors, it is `AUTH_FAILED`: log in again.
    #[oai(
        path = "/auth/login/mfa",
        method = "post",
        operation_id = "login_second_step"
    )]
    async fn second_step(
        &self,
        origin: RequestOrigin<'_>,
        body: Body<SecondStepRequest>,
    ) -> Result<Json<SecondStepResponse>, Problem<SecondStepErrors>> {
        let step = body.read_as(SecondStepRequest::command)?;
        let done = factors::second_step(&self.0, &origin, step).await?;
        Ok(Json(done.into()))
    }
}

/// A second step: exactly one of `totp_code` and `recovery_code`.
#[derive(Debug, Object)]
struct SecondStepRequest {
    /// From `details` of `MFA_REQUIRED`
    mfa_token: String,
    /// The six digits of the authenticator app; blanks and dashes among them do not count
    totp_code: Option<String>,
    /// A recovery code; case, blanks and dashes do not count
    recovery_code: Option<String>,
    /// Whether this device needs no second factor from now on, for `remember_days`
    remember_device: Option<bool>,
    /// What the device is called in the lists of sessions and devices: any text, of which 100 characters are kept
    device_name: Option<Text<DeviceName>>,
}

impl RequestBody for SecondStepRequest {}

impl SecondStepRequest {
    fn command(self, errors: &mut ValidationErrors) -> Option<SecondStep> {
        let factor = one_factor(
            self.totp_code.as_deref(),
            self.recovery_code.as_deref(),
            errors,
        );
        let device = self.device_name.and_then(Text::value).flatten();
        Some(SecondStep {
            mfa_token: self.mfa_token,
            factor: factor?,
            remember: self.remember_device.unwrap_or_default(),
            device_name: device.map(Into::into),
        })
    }
}

/// Tokens for a session, and what became of the device and the recovery codes.
#[derive(Debug, Object)]
struct SecondStepResponse {
    #[oai(flatten)]
    tokens: TokenResponse,
    /// What the device sends with its next login, instead of a second factor
    #[oai(skip_serializing_if_is_none)]
    device_token: Option<String>,
    /// Until when it is remembered
    #[oai(skip_serializing_if_is_none)]
    device_expires_at: Option<Time>,
    /// How many recovery codes are left, if one was used
    #[oai(skip_serializing_if_is_none)]
    recovery_codes_left: Option<u64>,
}

impl From<LoggedIn> for SecondStepResponse {
    fn from(done: LoggedIn) -> Self {
        let LoggedIn {
            tokens,
            remembered,
            recovery_codes_left,
        } = done;
        Self {
            tokens: TokenResponse::new("Login successful", tokens),
            device_expires_at: remembered.as_ref().map(|device| Time(device.expires_at)),
            device_token: remembered.map(|device| device.token.expose().to_owned()),
            recovery_codes_left,
        }
    }
}

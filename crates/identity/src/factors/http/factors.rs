//! `/auth/mfa`: one's own second factors.

use crate::{
    app::App,
    codes::rules::OtpCode,
    errors,
    factors::{
        self, Enrolled, Overview,
        enroller::Shown,
        recovery_codes,
        rules::totp::DIGITS,
        totp::{self, Begun},
    },
    http::{
        Tag,
        answer::{Done, MaybeTokens},
    },
    permissions::FactorsSelf,
};
use std::sync::Arc;

use poem_openapi::{Object, OpenApi, payload::Json};

use super::devices::DeviceView;
use kernel::secret::Secret;
use web::{
    Body, Problem, RequestBody, RequestOrigin, Time,
    caller::{Caller, Fresh, OptionalToken},
    problem::error_set,
};

/// The operations.
#[derive(Debug, Clone)]
pub struct FactorsApi(pub Arc<App>);

error_set!(
    /// Reading.
    ReadErrors = [] + BEARER
);
error_set!(
    /// Beginning an authenticator app.
    BeginErrors = [] + BODY + BEARER + FRESH
);
error_set!(
    /// Confirming it.
    ConfirmErrors = [OTP_ERROR, EMAIL_ERROR] + BODY + BEARER
);
error_set!(
    /// Removing it.
    DeleteErrors = [NOT_FOUND, FACTOR_REQUIRED, EMAIL_ERROR] + BEARER + FRESH
);
error_set!(
    /// New recovery codes.
    CodesErrors = [FACTOR_REQUIRED, EMAIL_ERROR] + BEARER + FRESH
);
#[OpenApi(tag = "Tag::Factors")]
impl FactorsApi {
    /// One's own second factors and remembered devices
    #[oai(path = "/auth/mfa", method = "get", operation_id = "get_mfa")]
    async fn overview(
        &self,
        caller: Caller<FactorsSelf>,
        origin: RequestOrigin<'_>,
    ) -> Result<Json<MfaResponse>, Problem<ReadErrors>> {
        let overview = factors::overview(&self.0, &origin, &caller).await?;
        Ok(Json(overview.into()))
    }

    /// Begin an authenticator app
    ///
    /// By a caller with a fresh proof (`/auth/reauthenticate`), or with the `mfa_token` of `MFA_ENROLMENT_REQUIRED`. The seed
    /// is shown once, and counts when its first code confirms it. Beginning again replaces it.
    #[oai(
        path = "/auth/mfa/totp/begin",
        method = "post",
        operation_id = "begin_totp"
    )]
    async fn begin_totp(
        &self,
        header: OptionalToken,
        origin: RequestOrigin<'_>,
        body: Body<BeginTotpRequest>,
    ) -> Result<Json<BeginTotpResponse>, Problem<BeginErrors>> {
        let mfa_token = body.checked()?.mfa_token;
        let shown = Shown::new(header.0.as_deref(), mfa_token.as_deref());
        let begun = totp::begin(&self.0, &origin, shown).await?;
        Ok(Json(begun.into()))
    }

    /// Confirm the authenticator app by its first code
    ///
    /// In the session, or with the `mfa_token`, that began it. The first factor brings the recovery codes, which are shown
    /// this once; with the `mfa_token`, the login is complete.
    #[oai(
        path = "/auth/mfa/totp/confirm",
        method = "post",
        operation_id = "confirm_totp"
    )]
    async fn confirm_totp(
        &self,
        header: OptionalToken,
        origin: RequestOrigin<'_>,
        body: Body<ConfirmTotpRequest>,
    ) -> Result<Json<EnrolledResponse>, Problem<ConfirmErrors>> {
        let ConfirmTotpRequest {
            totp_code,
            mfa_token,
        } = body.checked()?;
        let code = OtpCode::parse(&totp_code, DIGITS);
        let shown = Shown::new(header.0.as_deref(), mfa_token.as_deref());
        let enrolled = totp::confirm(&self.0, &origin, shown, code.as_ref()).await?;
        Ok(Json(enrolled.into()))
    }

    /// Remove the authenticator app
    ///
    /// Every other session ends. The last factor of a role that must have one stays: add another first.
    #[oai(
        path = "/auth/mfa/totp",
        method = "delete",
        operation_id = "delete_totp"
    )]
    async fn delete_totp(
        &self,
        caller: Fresh<FactorsSelf>,
        origin: RequestOrigin<'_>,
    ) -> Result<Json<Done>, Problem<DeleteErrors>> {
        totp::delete(&self.0, &origin, &caller).await?;
        Ok(Json(Done::saying("Authenticator app removed")))
    }

    /// New recovery codes
    ///
    /// They are shown this once. The old ones do not count any more.
    #[oai(
        path = "/auth/mfa/recovery-codes",
        method = "post",
        operation_id = "renew_recovery_codes"
    )]
    async fn renew_codes(
        &self,
        caller: Fresh<FactorsSelf>,
        origin: RequestOrigin<'_>,
    ) -> Result<Json<RecoveryCodesResponse>, Problem<CodesErrors>> {
        let codes = recovery_codes::renew(&self.0, &origin, &caller).await?;
        Ok(Json(RecoveryCodesResponse {
            success: true,
            message: "New recovery codes".to_owned(),
            recovery_codes: exposed(&codes),
        }))
    }
}

fn exposed(codes: &[Secret]) -> Vec<String> {
    codes.iter().map(|code| code.expose().to_owned()).collect()
}

/// One's own second factors.
#[derive(Debug, Object)]
struct MfaResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// Whether the role must have a second factor
    required: bool,
    /// The authenticator app
    #[oai(nullable)]
    totp: Option<TotpView>,
    /// How many recovery codes are left
    recovery_codes_left: u64,
    /// The remembered devices, newest first
    devices: Vec<DeviceView>,
    /// Until when the last proof counts for what changes the account
    #[oai(nullable)]
    fresh_until: Option<Time>,
}

impl From<Overview> for MfaResponse {
    fn from(overview: Overview) -> Self {
        let Overview {
            required,
            totp,
            recovery_codes_left,
            devices,
            current_device,
            fresh_until,
        } = overview;
        let totp = totp.map(|(confirmed_at, last_used_at)| TotpView {
            confirmed_at: confirmed_at.map(Time),
            last_used_at: last_used_at.map(Time),
        });
        let current = current_device.as_deref();
        let devices = devices.into_iter();
        Self {
            success: true,
            message: "Second factors".to_owned(),
            required,
            totp,
            recovery_codes_left,
            devices: devices
                .map(|device| DeviceView::new(device, current))
                .collect(),
            fresh_until: fresh_until.map(Time),
        }
    }
}

/// An authenticator app.
#[derive(Debug, Object)]
struct TotpView {
    /// When it was confirmed
    #[oai(nullable)]
    confirmed_at: Option<Time>,
    /// When it was used last
    #[oai(nullable)]
    last_used_at: Option<Time>,
}

/// Who begins.
#[derive(Debug, Object)]
struct BeginTotpRequest {
    /// From `details` of `MFA_ENROLMENT_REQUIRED`; without it, the access token counts
    mfa_token: Option<String>,
}

impl RequestBody for BeginTotpRequest {
    const OPTIONAL: bool = true;
}

/// An authenticator app that was begun; shown once.
#[derive(Debug, Object)]
struct BeginTotpResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// The seed, in base32, to be typed
    secret: String,
    /// The same as an address, for a link on a telephone
    otpauth_uri: String,
    /// The same as a picture
    qr: QrView,
    /// Seconds in which it can be confirmed
    expires_in: u64,
}

/// A QR code as one path of an SVG.
#[derive(Debug, Object)]
struct QrView {
    /// The attribute `d` of the path
    path: String,
    /// Width and height of the `viewBox`, which begins at 0 0
    size: i32,
}

impl From<Begun> for BeginTotpResponse {
    fn from(begun: Begun) -> Self {
        let Begun {
            secret,
            uri,
            qr,
            lifetime,
        } = begun;
        Self {
            success: true,
            message: "Scan the code, then confirm it by its first six digits".to_owned(),
            secret: secret.expose().to_owned(),
            otpauth_uri: uri.expose().to_owned(),
            qr: QrView {
                path: qr.path.expose().to_owned(),
                size: qr.size,
            },
            expires_in: lifetime.num_seconds().unsigned_abs(),
        }
    }
}

/// The first code.
#[derive(Debug, Object)]
struct ConfirmTotpRequest {
    /// The six digits of the authenticator app
    totp_code: String,
    /// From `details` of `MFA_ENROLMENT_REQUIRED`; without it, the access token counts
    mfa_token: Option<String>,
}

impl RequestBody for ConfirmTotpRequest {}

/// A second factor was added; the tokens of the login that waited for it.
#[derive(Debug, Object)]
pub(crate) struct EnrolledResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// The first recovery codes of the account, shown this once
    #[oai(skip_serializing_if_is_none)]
    recovery_codes: Option<Vec<String>>,
    #[oai(flatten)]
    tokens: MaybeTokens,
}

impl From<Enrolled> for EnrolledResponse {
    fn from(enrolled: Enrolled) -> Self {
        let Enrolled {
            recovery_codes,
            tokens,
        } = enrolled;
        Self {
            success: true,
            message: "Second factor added".to_owned(),
            recovery_codes: recovery_codes.as_deref().map(exposed),
            tokens: tokens.into(),
        }
    }
}

/// New recovery codes.
#[derive(Debug, Object)]
struct RecoveryCodesResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// The codes, shown this once
    recovery_codes: Vec<String>,
}

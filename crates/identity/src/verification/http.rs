//! `/auth/generate-otp`, `/auth/send-otp`, `/auth/verify-otp`: from a registration to an account.

use crate::{
    app::App,
    codes::rules::OtpCode,
    errors,
    http::{
        Tag,
        answer::{CodeSent, TokenResponse, UserType},
        text::{AccountAddress, Text},
    },
    verification::{self, Next, Proof, Verified},
};
use std::sync::Arc;

use poem_openapi::{Object, OpenApi, payload::Json};

use kernel::secret::Secret;
use web::{Body, Problem, RequestBody, RequestOrigin, problem::error_set};

/// The operations.
#[derive(Debug, Clone)]
pub struct VerificationApi(pub Arc<App>);

error_set!(
    /// Asking for a code.
    CodeErrors = [EMAIL_ERROR] + BODY + DATABASE
);
error_set!(
    /// Proving an address.
    VerifyErrors = [OTP_ERROR, AUTH_FAILED, MFA_REQUIRED, MFA_ENROLMENT_REQUIRED] + BODY + DATABASE
);

#[OpenApi(tag = "Tag::Registration")]
impl VerificationApi {
    /// Send new codes for the registrations of an address
    ///
    /// The answer is the same whoever the address belongs to.
    #[oai(
        path = "/auth/generate-otp",
        method = "post",
        operation_id = "generate_otp"
    )]
    async fn generate_otp(
        &self,
        origin: RequestOrigin<'_>,
        body: Body<EmailRequest>,
    ) -> Result<Json<CodeSent>, Problem<CodeErrors>> {
        let email = body.read_as(|fields, _| fields.email.value())?;
        let code = verification::request_code(&self.0, &origin, &email).await?;
        Ok(Json(CodeSent::saying(
            "OTP sent successfully",
            code.as_ref(),
        )))
    }

    /// Prove an address, and log in
    ///
    /// With the `registration_token` of /auth/register, the try counts for that registration alone. A code without it proves
    /// the mailbox and not the password: if the address had another registration meanwhile, the account has no password
    /// yet, a link to set one is mailed, and there are no tokens. Nor does a doctor get tokens who has to be approved first
    /// (`auth.doctor_approval_required`). The same code for the same registration within ten minutes is 200 again, with
    /// tokens if the `registration_token` is sent.
    #[oai(
        path = "/auth/verify-otp",
        method = "post",
        operation_id = "verify_otp"
    )]
    async fn verify_otp(
        &self,
        origin: RequestOrigin<'_>,
        body: Body<VerifyRequest>,
    ) -> Result<Json<VerifyResponse>, Problem<VerifyErrors>> {
        let digits = self.0.settings.otp.length;
        let proof = body.read_as(|fields, _| fields.command(digits))?;
        let verified = verification::verify(&self.0, &origin, proof).await?;
        Ok(Json(verified.into()))
    }
}

/// An address.
#[derive(Debug, Object)]
pub(crate) struct EmailRequest {
    /// The address; up to 254 characters, 64 of them before the @
    pub(crate) email: Text<AccountAddress>,
}

impl RequestBody for EmailRequest {}

/// A code that was mailed.
#[derive(Debug, Object)]
struct VerifyRequest {
    /// The address that it was mailed to
    email: Text<AccountAddress>,
    /// The digits of the code; blanks, invisible characters and dashes among them do not count
    otp: String,
    /// From the answer to /auth/register
    registration_token: Option<String>,
}

impl RequestBody for VerifyRequest {}

impl VerifyRequest {
    fn command(self, digits: u32) -> Option<Proof> {
        Some(Proof {
            email: self.email.value()?,
            code: OtpCode::parse(&self.otp, digits),
            registration_token: self.registration_token.map(Secret::new),
        })
    }
}

/// The account, and tokens for its first session; none of them where a password is to be set first, for a doctor who waits
/// for approval, and for a code that came again without the registration's token.
#[derive(Debug, Object)]
struct VerifyResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// Always `verified`
    status: String,
    /// The user
    user_id: String,
    /// The user's role
    user_type: UserType,
    /// The same as `user_type`
    role: UserType,
    /// The username, or the e-mail address of somebody who has none
    username: String,
    /// First and last name
    full_name: String,
    /// A JWT for `Authorization: Bearer`
    #[oai(skip_serializing_if_is_none)]
    access_token: Option<String>,
    /// Always `bearer`
    #[oai(skip_serializing_if_is_none)]
    token_type: Option<String>,
    /// Seconds that the access token lives
    #[oai(skip_serializing_if_is_none)]
    expires_in: Option<u64>,
    /// Gives new tokens once, by /auth/refresh
    #[oai(skip_serializing_if_is_none)]
    refresh_token: Option<String>,
    /// Seconds that the refresh token lives
    #[oai(skip_serializing_if_is_none)]
    refresh_expires_in: Option<u64>,
    /// The session
    #[oai(skip_serializing_if_is_none)]
    session_id: Option<String>,
}

const VERIFIED: &str = "Email verified successfully";
const VERIFIED_AND_WAITING: &str =
    "Email verified successfully. You can log in once an administrator has approved your account.";
const VERIFIED_WITHOUT_PASSWORD: &str =
    "Email verified successfully. Choose your password by the link that we sent to your email.";
const VERIFIED_BEFORE: &str = "Email verified successfully. You can log in.";

impl From<Verified> for VerifyResponse {
    fn from(verified: Verified) -> Self {
        let Verified { user, next } = verified;
        let (message, tokens) = match next {
            Next::Tokens(tokens) => (VERIFIED, Some(TokenResponse::new(VERIFIED, *tokens))),
            Next::FirstPassword => (VERIFIED_WITHOUT_PASSWORD, None),
            Next::Approval => (VERIFIED_AND_WAITING, None),
            Next::Login => (VERIFIED_BEFORE, None),
        };
        let text = |field: fn(&TokenResponse) -> &String| tokens.as_ref().map(field).cloned();
        Self {
            success: true,
            message: message.to_owned(),
            status: "verified".to_owned(),
            full_name: user.person.names.full(),
            username: user.person.login_name().to_owned(),
            user_id: user.user_id.into(),
            user_type: user.user_type.into(),
            role: user.user_type.into(),
            access_token: text(|tokens| &tokens.access_token),
            token_type: text(|tokens| &tokens.token_type),
            expires_in: tokens.as_ref().map(|tokens| tokens.expires_in),
            refresh_token: text(|tokens| &tokens.refresh_token),
            refresh_expires_in: tokens.as_ref().map(|tokens| tokens.refresh_expires_in),
            session_id: text(|tokens| &tokens.session_id),
        }
    }
}

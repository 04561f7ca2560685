//! `/auth/generate-otp`, `/auth/send-otp`, `/auth/verify-otp`: from a registration to an account.

use std::sync::Arc;

use poem_openapi::{Object, OpenApi, payload::Json, types::Example};

use super::{
    Body, Problem, RequestBody, Tag,
    answer::{CodeSent, TokenResponse},
    problem::error_set,
};
use crate::{
    app::App,
    config::Secret,
    domain::{code::OtpCode, contact::EmailAddress, request::Origin},
    error::Error,
    service::verification::{self, Proof},
};

/// The operations.
#[derive(Debug, Clone)]
pub struct VerificationApi(pub Arc<App>);

error_set!(
    /// Asking for a code.
    CodeErrors = [EmailError] + BODY + DATABASE
);
error_set!(
    /// Proving an address.
    VerifyErrors = [OtpError, AuthFailed] + BODY + DATABASE
);

#[OpenApi]
impl VerificationApi {
    /// Send new codes for the registrations of an address
    ///
    /// The answer is the same whoever the address belongs to.
    #[oai(
        path = "/auth/generate-otp",
        method = "post",
        operation_id = "generate_otp",
        tag = "Tag::Registration"
    )]
    async fn generate_otp(
        &self,
        origin: &Origin,
        body: Body<EmailRequest>,
    ) -> Result<Json<CodeSent>, Problem<CodeErrors>> {
        let email = body.0.parse()?;
        let code = verification::request_code(&self.0, origin, &email).await?;
        Ok(Json(CodeSent::saying(
            "OTP sent successfully",
            code.as_ref(),
        )))
    }

    /// The same as /auth/generate-otp
    #[oai(
        path = "/auth/send-otp",
        method = "post",
        operation_id = "send_otp",
        tag = "Tag::Registration"
    )]
    async fn send_otp(
        &self,
        origin: &Origin,
        body: Body<EmailRequest>,
    ) -> Result<Json<CodeSent>, Problem<CodeErrors>> {
        self.generate_otp(origin, body).await
    }

    /// Prove an address, and log in
    ///
    /// With the `registration_token` of /auth/register, the try counts for that registration alone.
    #[oai(
        path = "/auth/verify-otp",
        method = "post",
        operation_id = "verify_otp",
        tag = "Tag::Registration"
    )]
    async fn verify_otp(
        &self,
        origin: &Origin,
        body: Body<VerifyRequest>,
    ) -> Result<Json<VerifyResponse>, Problem<VerifyErrors>> {
        let proof = body.0.parse(self.0.settings.config.otp.length)?;
        let tokens = verification::verify(&self.0, origin, proof).await?;
        Ok(Json(VerifyResponse::from(TokenResponse::new(
            "Email verified successfully",
            tokens,
        ))))
    }
}

/// An address.
#[derive(Debug, Object)]
#[oai(example)]
pub(super) struct EmailRequest {
    /// The address
    email: String,
}

impl RequestBody for EmailRequest {}

impl Example for EmailRequest {
    fn example() -> Self {
        Self {
            email: "jane@example.org".to_owned(),
        }
    }
}

impl EmailRequest {
    pub(super) fn parse(&self) -> Result<EmailAddress, Error> {
        EmailAddress::parse(&self.email).map_err(|fault| fault.at("email").into())
    }
}

/// A code that was mailed.
#[derive(Debug, Object)]
#[oai(example)]
struct VerifyRequest {
    /// The address that it was mailed to
    email: String,
    /// The six digits
    otp: String,
    /// From the answer to /auth/register
    registration_token: Option<String>,
}

impl RequestBody for VerifyRequest {}

impl Example for VerifyRequest {
    fn example() -> Self {
        Self {
            email: "jane@example.org".to_owned(),
            otp: "012345".to_owned(),
            registration_token: Some("b1VwJ0m3Jp9mB0T5x3k2sC6c0m9QdO2uF4yN8aZ1e7I".to_owned()),
        }
    }
}

impl VerifyRequest {
    fn parse(self, digits: u32) -> Result<Proof, Error> {
        let email = EmailAddress::parse(&self.email).map_err(|fault| fault.at("email"))?;
        Ok(Proof {
            email,
            code: OtpCode::parse(&self.otp, digits),
            registration_token: self.registration_token.map(Secret::new),
        })
    }
}

/// The account, and tokens for its first session.
#[derive(Debug, Object)]
#[oai(example)]
struct VerifyResponse {
    /// Always `verified`
    status: String,
    /// The tokens
    #[oai(flatten)]
    tokens: TokenResponse,
}

impl From<TokenResponse> for VerifyResponse {
    fn from(tokens: TokenResponse) -> Self {
        Self {
            status: "verified".to_owned(),
            tokens,
        }
    }
}

impl Example for VerifyResponse {
    fn example() -> Self {
        let tokens = TokenResponse {
            message: "Email verified successfully".to_owned(),
            ..TokenResponse::example()
        };
        Self::from(tokens)
    }
}

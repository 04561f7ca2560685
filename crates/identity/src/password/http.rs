//! `/auth/forgot-password`, `/auth/reset-password`, `/auth/change-password`.

use crate::{
    app::App,
    codes::rules::OtpCode,
    errors,
    http::{
        Tag,
        answer::{CodeSent, Done},
        text::{AccountAddress, Text},
    },
    password::{self, reset, rules::Password},
    permissions::PasswordSelf,
    verification::http::EmailRequest,
};
use std::sync::Arc;

use poem_openapi::{Object, OpenApi, payload::Json};

use kernel::{contact::EmailAddress, error::RuleViolation, text::is_blank};
use web::{
    Body, Problem, RequestBody, RequestOrigin, ValidationErrors, caller::Caller, problem::error_set,
};

/// The operations.
#[derive(Debug, Clone)]
pub struct PasswordApi(pub Arc<App>);

error_set!(
    /// Asking for a reset.
    ForgotErrors = [EMAIL_ERROR] + BODY + DATABASE
);
error_set!(
    /// Resetting.
    ResetErrors = [OTP_ERROR, EMAIL_ERROR] + BODY + HASHING + DATABASE
);
error_set!(
    /// Changing.
    ChangeErrors = [EMAIL_ERROR] + BODY + HASHING + BEARER + FRESH
);

#[OpenApi(tag = "Tag::Password")]
impl PasswordApi {
    /// Ask for a code and a link to set a new password
    ///
    /// The answer is the same whoever the address belongs to.
    #[oai(
        path = "/auth/forgot-password",
        method = "post",
        operation_id = "forgot_password"
    )]
    async fn forgot(
        &self,
        origin: RequestOrigin<'_>,
        body: Body<EmailRequest>,
    ) -> Result<Json<CodeSent>, Problem<ForgotErrors>> {
        let email = body.read_as(|fields, _| fields.email.value())?;
        let code = reset::request(&self.0, &origin, &email).await?;
        let message = "Password reset OTP sent to your email";
        Ok(Json(CodeSent::saying(message, code.as_ref())))
    }

    /// Set a new password by the mailed code or link
    ///
    /// `email`, `otp` and `new_password`; or `token`, `new_password` and `confirm_password`. Every session ends.
    #[oai(
        path = "/auth/reset-password",
        method = "post",
        operation_id = "reset_password"
    )]
    async fn reset(
        &self,
        origin: RequestOrigin<'_>,
        body: Body<ResetRequest>,
    ) -> Result<Json<Done>, Problem<ResetErrors>> {
        match body.read_as(|fields, errors| fields.command(errors, &self.0))? {
            Reset::ByCode { email, code, new } => {
                reset::by_code(&self.0, &origin, (&email, code.as_ref()), &new).await?;
            }
            Reset::ByLink { token, new } => {
                reset::by_link(&self.0, &origin, &token, &new).await?;
            }
        }
        Ok(Json(Done::saying("Password reset successfully")))
    }

    /// Change one's own password
    ///
    /// Every other session ends. An account with a second factor needs a fresh proof (`/auth/reauthenticate`).
    #[oai(
        path = "/auth/change-password",
        method = "post",
        operation_id = "change_password"
    )]
    async fn change(
        &self,
        caller: Caller<PasswordSelf>,
        origin: RequestOrigin<'_>,
        body: Body<ChangeRequest>,
    ) -> Result<Json<Done>, Problem<ChangeErrors>> {
        let ChangeRequest {
            current_password,
            new_password,
        } = body.checked()?;
        let current = Password::parse_login(&current_password);
        password::change(&self.0, &origin, &caller, current.as_ref(), &new_password).await?;
        Ok(Json(Done::saying("Password changed successfully")))
    }
}

/// A new password by code (`email`, `otp`) or by link (`token`, `confirm_password`).
#[derive(Debug, Object)]
struct ResetRequest {
    /// The address that the code was mailed to
    email: Option<Text<AccountAddress>>,
    /// The digits of the code; blanks, invisible characters and dashes among them do not count
    otp: Option<String>,
    /// From the link
    token: Option<String>,
    /// The new password: 8 to 128 characters, of staff and administrators 15; a clinic may ask for more
    new_password: Text<Password>,
    /// The same again; with `token`
    confirm_password: Option<String>,
}

impl RequestBody for ResetRequest {
    // A password may consist of blanks only, and both inputs are compared exactly as typed (D4).
    const BLANK_IS_NULL: bool = false;
}

enum Reset {
    ByCode {
        email: EmailAddress,
        code: Option<OtpCode>,
        new: Text<Password>,
    },
    ByLink {
        token: String,
        new: Text<Password>,
    },
}

const MISSING: RuleViolation = RuleViolation::new("missing", "This field is required");
const MISMATCH: RuleViolation =
    RuleViolation::new("password_mismatch", "The two passwords are not the same");
const EITHER: RuleViolation =
    RuleViolation::new("one_of", "Either email and otp, or token, but not both");

impl ResetRequest {
    fn command(self, errors: &mut ValidationErrors, app: &App) -> Option<Reset> {
        let new = self.new_password;
        // These rules hold for every account. The rules for one account are checked when the account is known.
        errors.check(&new, |new| reset::check_common_rules(app, new));
        let token = self.token.filter(|text| !is_blank(text));
        let by_link = token.is_some() || errors.contains("token");
        let (blank, email) = match self.email {
            Some(text) if is_blank(&text) => (Some(text), None),
            email => (None, email),
        };
        let has_code = self.otp.as_ref().is_some_and(|text| !is_blank(text));
        let is_mixed = by_link && (email.is_some() || has_code);
        match &self.confirm_password {
            _ if is_mixed => errors.add(EITHER.at("token")),
            Some(confirmed) if **confirmed != *new => errors.add(MISMATCH.at("confirm_password")),
            None if by_link => errors.add(MISSING.at("confirm_password")),
            _ => {}
        }
        if let Some(unused) = blank.as_ref().or(email.as_ref().filter(|_| by_link)) {
            errors.ignore(unused);
        }
        if by_link {
            return Some(Reset::ByLink { token: token?, new });
        }
        errors.list_texts();
        for (field, is_missing) in [("email", email.is_none()), ("otp", self.otp.is_none())] {
            if is_missing {
                errors.add(MISSING.at(field));
            }
        }
        Some(Reset::ByCode {
            email: email?.value()?,
            code: OtpCode::parse(&self.otp?, app.settings.otp.length),
            new,
        })
    }
}

/// A change of password.
#[derive(Debug, Object)]
struct ChangeRequest {
    /// The current password
    current_password: String,
    /// The new one: 8 to 128 characters, of staff and administrators 15; a clinic may ask for more
    new_password: Text<Password>,
}

impl RequestBody for ChangeRequest {}

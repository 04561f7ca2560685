//! `/auth/email/change`: another e-mail address.

use crate::{
    app::App,
    codes::rules::OtpCode,
    errors,
    http::{Tag, answer::Done, text::Text},
    own_account::{email, email_undo},
    permissions::AccountSelf,
    sessions::authentication,
};
use std::sync::Arc;

use poem_openapi::{Object, OpenApi, payload::Json};

use kernel::{contact::EmailAddress, error::RuleViolation, text::is_blank};
use web::{
    Body, Problem, RequestBody, RequestOrigin, ValidationErrors,
    caller::{Fresh, OptionalToken},
    problem::error_set,
};

/// The operations.
#[derive(Debug, Clone)]
pub struct EmailApi(pub Arc<App>);

error_set!(
    /// Asking.
    RequestErrors = [VERSION_CONFLICT, EMAIL_ERROR] + BODY + BEARER + FRESH
);
error_set!(
    /// Confirming.
    ConfirmErrors = [OTP_ERROR, USER_EXISTS, EMAIL_ERROR] + BODY + BEARER
);
error_set!(
    /// Undoing.
    UndoErrors = [OTP_ERROR, EMAIL_ERROR] + BODY + DATABASE
);

#[OpenApi(tag = "Tag::Account")]
impl EmailApi {
    /// Ask for another e-mail address
    ///
    /// A code and a link go to the new address; the old one holds until one of them is used. The answer is the same whoever
    /// the new address belongs to. Needs a fresh proof (`/auth/reauthenticate`).
    #[oai(
        path = "/auth/email/change",
        method = "post",
        operation_id = "change_email"
    )]
    async fn request(
        &self,
        caller: Fresh<AccountSelf>,
        origin: RequestOrigin<'_>,
        body: Body<EmailChangeRequest>,
    ) -> Result<Json<Done>, Problem<RequestErrors>> {
        let new = body.read_as(|fields, _| fields.new_email.value())?;
        email::request(&self.0, &origin, &caller, &new).await?;
        Ok(Json(Done::saying("Confirmation sent to the new address")))
    }

    /// Confirm the new e-mail address
    ///
    /// `otp` with an access token, or `token` from the link alone. Every other session ends, and the old address gets a link
    /// that undoes the change.
    #[oai(
        path = "/auth/email/change/confirm",
        method = "post",
        operation_id = "confirm_email_change"
    )]
    async fn confirm(
        &self,
        header: OptionalToken,
        origin: RequestOrigin<'_>,
        body: Body<EmailConfirmRequest>,
    ) -> Result<Json<EmailChangedResponse>, Problem<ConfirmErrors>> {
        let app = &self.0;
        let email = match body.read_as(EmailConfirmRequest::proof)? {
            Proof::Link(token) => email::confirm_by_link(app, &origin, &token).await?,
            Proof::Code(otp) => {
                let bearer = header.0.ok_or(errors::AUTH_FAILED)?;
                let caller = authentication::authenticate(app, &origin, &bearer).await?;
                let code = OtpCode::parse(&otp, app.settings.otp.length);
                email::confirm_by_code(app, &origin, &caller, code.as_ref()).await?
            }
        };
        Ok(Json(EmailChangedResponse::new(email)))
    }

    /// Undo a change of the e-mail address
    ///
    /// With the link that went to the old address. The account has that address again, every session ends, factors of after
    /// the change are void, and a link to a new password is mailed.
    #[oai(
        path = "/auth/email/change/undo",
        method = "post",
        operation_id = "undo_email_change"
    )]
    async fn undo(
        &self,
        origin: RequestOrigin<'_>,
        body: Body<LinkRequest>,
    ) -> Result<Json<Done>, Problem<UndoErrors>> {
        email_undo::undo(&self.0, &origin, &body.checked()?.token).await?;
        Ok(Json(Done::saying("Your e-mail address is restored")))
    }
}

/// Another address.
#[derive(Debug, Object)]
struct EmailChangeRequest {
    /// The new address
    new_email: Text<EmailAddress>,
}

impl RequestBody for EmailChangeRequest {}

/// What a link in a mail holds.
#[derive(Debug, Object)]
pub(super) struct LinkRequest {
    /// From the link, after `#token=`
    pub(super) token: String,
}

impl RequestBody for LinkRequest {}

/// The proof of a new address: `otp`, or `token`.
#[derive(Debug, Object)]
struct EmailConfirmRequest {
    /// The digits of the code; blanks, invisible characters and dashes among them do not count
    otp: Option<String>,
    /// From the link, after `#token=`
    token: Option<String>,
}

impl RequestBody for EmailConfirmRequest {}

enum Proof {
    Code(String),
    Link(String),
}

const EITHER: RuleViolation = RuleViolation::new("one_of", "Either otp, or token, but not both");

impl EmailConfirmRequest {
    fn proof(self, errors: &mut ValidationErrors) -> Option<Proof> {
        let given = |text: Option<String>| text.filter(|text| !is_blank(text));
        match (given(self.otp), given(self.token)) {
            (Some(otp), None) => Some(Proof::Code(otp)),
            (None, Some(token)) => Some(Proof::Link(token)),
            _ => {
                errors.add(EITHER.at("otp"));
                None
            }
        }
    }
}

/// The address is changed.
#[derive(Debug, Object)]
struct EmailChangedResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// The new address
    email: String,
}

impl EmailChangedResponse {
    fn new(email: String) -> Self {
        Self {
            success: true,
            message: "Your e-mail address is changed".to_owned(),
            email,
        }
    }
}

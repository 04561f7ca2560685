//! `/auth/account/delete`: the deletion of one's own account.

use super::email::LinkRequest;
use crate::{
    app::App,
    errors,
    http::{Tag, answer::Done},
    own_account::deletion,
    permissions::AccountSelf,
};
use std::sync::Arc;

use poem_openapi::{Object, OpenApi, payload::Json};

use kernel::clock::Timestamp;
use web::{Body, Problem, RequestOrigin, Time, caller::Fresh, problem::error_set};

/// The operations.
#[derive(Debug, Clone)]
pub struct DeletionApi(pub Arc<App>);

error_set!(
    /// Asking.
    RequestErrors = [VERSION_CONFLICT, EMAIL_ERROR] + BEARER + FRESH
);
error_set!(
    /// Confirming.
    ConfirmErrors = [OTP_ERROR, ACCESS_DENIED, EMAIL_ERROR] + BODY + DATABASE
);
error_set!(
    /// Calling it off.
    CancelErrors = [OTP_ERROR] + BODY + DATABASE
);

#[OpenApi(tag = "Tag::Account")]
impl DeletionApi {
    /// Ask for the deletion of one's own account
    ///
    /// A link that confirms it is mailed; nothing happens before. Which roles can do it is a setting; the last administrator
    /// cannot. Needs a fresh proof (`/auth/reauthenticate`).
    #[oai(
        path = "/auth/account/delete",
        method = "post",
        operation_id = "delete_account"
    )]
    async fn request(
        &self,
        caller: Fresh<AccountSelf>,
        origin: RequestOrigin<'_>,
    ) -> Result<Json<Done>, Problem<RequestErrors>> {
        deletion::request(&self.0, &origin, &caller).await?;
        Ok(Json(Done::saying("Confirmation sent to your address")))
    }

    /// Confirm the deletion
    ///
    /// With the link from the mail. Every session ends at once, and nobody logs in any more. A second mail has the link that
    /// calls the deletion off.
    #[oai(
        path = "/auth/account/delete/confirm",
        method = "post",
        operation_id = "confirm_account_deletion"
    )]
    async fn confirm(
        &self,
        origin: RequestOrigin<'_>,
        body: Body<LinkRequest>,
    ) -> Result<Json<DeletionResponse>, Problem<ConfirmErrors>> {
        let due_at = deletion::confirm(&self.0, &origin, &body.checked()?.token).await?;
        Ok(Json(DeletionResponse::new(due_at)))
    }

    /// Call the deletion off
    ///
    /// With the link from the second mail, until the account is deleted.
    #[oai(
        path = "/auth/account/delete/cancel",
        method = "post",
        operation_id = "cancel_account_deletion"
    )]
    async fn cancel(
        &self,
        origin: RequestOrigin<'_>,
        body: Body<LinkRequest>,
    ) -> Result<Json<Done>, Problem<CancelErrors>> {
        deletion::cancel(&self.0, &origin, &body.checked()?.token).await?;
        Ok(Json(Done::saying("Your account stays")))
    }
}

/// The account is closed.
#[derive(Debug, Object)]
struct DeletionResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// When the account is deleted; until then it can be called off
    deletes_at: Time,
}

impl DeletionResponse {
    fn new(due_at: Timestamp) -> Self {
        Self {
            success: true,
            message: "Your account is closed".to_owned(),
            deletes_at: Time(due_at),
        }
    }
}

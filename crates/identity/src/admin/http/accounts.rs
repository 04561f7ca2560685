//! `/admin/users`: changing other people's accounts.

use crate::{
    accounts::{
        NewColleague,
        documents::Status,
        rules::changes::{ReviewedLicense, StatusChange},
    },
    admin::{account_status, http::users::AccountResponse, users},
    app::App,
    errors,
    http::{
        Tag,
        answer::{Done, INVALID_USER_TYPE},
        text::{Colleague, GivenStatus, SeenLicense, Text, role, status},
    },
    permissions::{UsersHelp, UsersWrite},
    registration::http::{last_name, mobile_or_phone},
    sessions::http::LogoutAllResponse,
};
use std::sync::Arc;

use poem_openapi::{Object, OpenApi, param::Path, payload::Json, types::MaybeUndefined};

use kernel::{
    contact::{EmailAddress, Mobile},
    error::{Result, RuleViolation},
    ids::UserId,
    names::{LastName, PersonName},
    person::{Contact, Names, Person, RoleFields},
    role::Role,
    username::Username,
};
use web::{
    Body, Null, Problem, RequestBody, RequestOrigin, ValidationErrors,
    caller::{Caller, Fresh},
    problem::error_set,
};

/// The operations.
#[derive(Debug, Clone)]
pub struct AdminAccountsApi(pub Arc<App>);

error_set!(
    /// Inviting.
    CreateErrors = [USER_EXISTS, EMAIL_ERROR] + BODY + BEARER
);
error_set!(
    /// Changing.
    ChangeErrors = [USER_NOT_FOUND, VERSION_CONFLICT] + ID + BODY + BEARER
);
error_set!(
    /// What has no body.
    CallErrors = [USER_NOT_FOUND] + ID + BEARER
);
error_set!(
    /// Removing second factors.
    FactorsErrors = [USER_NOT_FOUND, EMAIL_ERROR] + ID + BEARER + FRESH
);
error_set!(
    /// Mailing a reset.
    ResetErrors = [USER_NOT_FOUND, VALIDATION_ERROR, EMAIL_ERROR] + ID + BEARER
);

#[OpenApi(tag = "Tag::Administration")]
impl AdminAccountsApi {
    /// Invite a colleague
    ///
    /// Makes an account without a password and mails a link, with which its owner sets one by /auth/reset-password.
    /// For administrators.
    #[oai(path = "/admin/users", method = "post", operation_id = "create_user")]
    async fn create(
        &self,
        caller: Caller<UsersWrite>,
        origin: RequestOrigin<'_>,
        body: Body<CreateRequest>,
    ) -> Result<Json<CreateResponse>, Problem<CreateErrors>> {
        let new = body.read_as(CreateRequest::command)?;
        let user_id = users::invite(&self.0, &origin, &caller, new).await?;
        Ok(Json(CreateResponse::new(user_id.into())))
    }

    /// Change what an account is and whether it may be used
    ///
    /// Its sessions end where something is taken away, or the role changes. Nobody changes their own account, and the
    /// last active administrator stays. An approval with `license_number` holds for that licence alone: 409 if the doctor
    /// has another one now. For administrators.
    #[oai(
        path = "/admin/users/:user_id",
        method = "patch",
        operation_id = "change_user"
    )]
    async fn change(
        &self,
        caller: Caller<UsersWrite>,
        origin: RequestOrigin<'_>,
        /// The account
        user_id: Path<String>,
        body: Body<StatusRequest>,
    ) -> Result<Json<AccountResponse>, Problem<ChangeErrors>> {
        let change = body.read_as(StatusRequest::command)?;
        let user_id = UserId::from_stored(user_id.0);
        let seen = account_status::change(&self.0, &origin, &caller, &user_id, &change).await?;
        Ok(Json(AccountResponse::new("User updated", seen)))
    }

    /// Delete an account
    ///
    /// Its sessions end, its address and username are free, its user id is never issued again. For administrators.
    #[oai(
        path = "/admin/users/:user_id",
        method = "delete",
        operation_id = "delete_user"
    )]
    async fn delete(
        &self,
        caller: Caller<UsersWrite>,
        origin: RequestOrigin<'_>,
        /// The account
        user_id: Path<String>,
    ) -> Result<Json<Done>, Problem<CallErrors>> {
        let user_id = UserId::from_stored(user_id.0);
        account_status::delete(&self.0, &origin, &caller, &user_id).await?;
        Ok(Json(Done::saying("User deleted")))
    }

    /// Forget an account's failed log-ins
    ///
    /// For administrators, and for staff where the account is a patient's, up to `throttle.desk_help_per_account`.
    #[oai(
        path = "/admin/users/:user_id/unlock",
        method = "post",
        operation_id = "unlock_user"
    )]
    async fn unlock(
        &self,
        caller: Caller<UsersHelp>,
        origin: RequestOrigin<'_>,
        /// The account
        user_id: Path<String>,
    ) -> Result<Json<Done>, Problem<CallErrors>> {
        let user_id = UserId::from_stored(user_id.0);
        users::unlock(&self.0, &origin, &caller, &user_id).await?;
        Ok(Json(Done::saying("User unlocked")))
    }

    /// Remove every second factor of an account
    ///
    /// Its recovery codes and remembered devices go too, its sessions end, and the owner is told. Nobody does it for
    /// themselves. For administrators with a fresh proof (`/auth/reauthenticate`).
    #[oai(
        path = "/admin/users/:user_id/reset-factors",
        method = "post",
        operation_id = "reset_factors"
    )]
    async fn reset_factors(
        &self,
        caller: Fresh<UsersWrite>,
        origin: RequestOrigin<'_>,
        /// The account
        user_id: Path<String>,
    ) -> Result<Json<Done>, Problem<FactorsErrors>> {
        let user_id = UserId::from_stored(user_id.0);
        users::reset_factors(&self.0, &origin, &caller, &user_id).await?;
        Ok(Json(Done::saying("Second factors reset")))
    }

    /// End all sessions of an account
    ///
    /// For administrators.
    #[oai(
        path = "/admin/users/:user_id/logout-all",
        method = "post",
        operation_id = "logout_user"
    )]
    async fn log_out(
        &self,
        caller: Caller<UsersWrite>,
        origin: RequestOrigin<'_>,
        /// The account
        user_id: Path<String>,
    ) -> Result<Json<LogoutAllResponse>, Problem<CallErrors>> {
        let user_id = UserId::from_stored(user_id.0);
        let count = users::log_out(&self.0, &origin, &caller, &user_id).await?;
        Ok(Json(LogoutAllResponse::new(count)))
    }

    /// Mail a password reset, or the invitation once more
    ///
    /// The password stays as it is until its owner sets another one. An address to which no mail can be sent is a fault of
    /// `email`. For administrators, and for staff where the account is a patient's, up to
    /// `throttle.desk_help_per_account`.
    #[oai(
        path = "/admin/users/:user_id/reset-password",
        method = "post",
        operation_id = "send_password_reset"
    )]
    async fn send_reset(
        &self,
        caller: Caller<UsersHelp>,
        origin: RequestOrigin<'_>,
        /// The account
        user_id: Path<String>,
    ) -> Result<Json<Done>, Problem<ResetErrors>> {
        let user_id = UserId::from_stored(user_id.0);
        users::send_reset(&self.0, &origin, &caller, &user_id).await?;
        Ok(Json(Done::saying("Password reset sent")))
    }
}

/// A colleague to be invited.
#[derive(Debug, Object)]
struct CreateRequest {
    /// Where the invitation goes; up to 254 characters, 64 of them before the @
    email: Text<EmailAddress>,
    /// `staff` or `admin`
    user_type: Text<Colleague>,
    /// Given name, 1 to 100 characters
    first_name: Text<PersonName>,
    /// Family name, up to 100 characters; a single name is enough
    last_name: Option<Text<LastName>>,
    /// 3 to 32 letters from a to z, digits, dots, dashes and underscores; some words are reserved
    username: Option<Text<Username>>,
    /// Telephone: 4 to 15 digits, with blanks, dashes, dots, slashes and parentheses, after a + if any; up to 40 characters
    mobile: Option<Text<Mobile>>,
    /// The same under an older name; `mobile` counts if both are there
    phone: Option<Text<Mobile>>,
}

impl RequestBody for CreateRequest {}

/// A role that an administrator can give: staff or admin.
fn colleague(name: &str) -> Result<Role, RuleViolation> {
    role(name)
        .ok()
        .filter(|role| role.is_privileged())
        .ok_or(INVALID_USER_TYPE)
}

impl CreateRequest {
    fn command(self, errors: &mut ValidationErrors) -> Option<NewColleague> {
        let role = errors.check(&self.user_type, colleague);
        let mobile = mobile_or_phone(self.mobile, self.phone, errors);
        Some(NewColleague {
            role: role?,
            person: Person {
                names: Names {
                    username: self.username.and_then(Text::value),
                    first_name: self.first_name.value()?,
                    last_name: last_name(self.last_name),
                },
                contact: Contact {
                    email: self.email.value()?,
                    mobile: mobile.and_then(Text::value),
                },
                fields: RoleFields::default(),
            },
        })
    }
}

/// The account that was made.
#[derive(Debug, Object)]
struct CreateResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// The account
    user_id: String,
    /// Always `invited`
    status: String,
}

impl CreateResponse {
    fn new(user_id: String) -> Self {
        Self {
            success: true,
            message: "User invited by email".to_owned(),
            user_id,
            status: Status::Invited.name().to_owned(),
        }
    }
}

/// What is to be changed; what is absent stays.
#[derive(Debug, Object)]
#[oai(rename = "StandingRequest")]
struct StatusRequest {
    /// `active` or `disabled`; an account whose invitation was not accepted becomes `invited` again rather than active
    status: Option<Text<GivenStatus>>,
    /// `staff` or `admin`, of staff and administrators
    user_type: Option<Text<Colleague>>,
    /// Doctors: the licence was seen
    approved: Option<bool>,
    /// With `approved` true: the licence number that was seen, `null` if there was none; a doctor who has another one now is
    /// not approved, and the answer is 409
    #[oai(nullable)]
    license_number: MaybeUndefined<Text<SeenLicense>>,
}

impl RequestBody for StatusRequest {
    const NULL: Null = Null::Refuse;
    const AT_LEAST: Option<usize> = Some(1);
}

const STATUS_INVALID: RuleViolation = RuleViolation::new("choice", "Must be active or disabled");
const SEEN_FOR_NOTHING: RuleViolation = RuleViolation::new(
    "not_applicable",
    "The licence that was seen belongs to an approval",
);
const NOTHING: RuleViolation =
    RuleViolation::new("missing", "At least one of status, user_type and approved");

impl StatusRequest {
    fn command(self, errors: &mut ValidationErrors) -> Option<StatusChange> {
        let says_seen = !self.license_number.is_undefined();
        let is_empty = self.status.is_none()
            && self.user_type.is_none()
            && self.approved.is_none()
            && !says_seen;
        if is_empty && errors.is_empty() {
            errors.add(NOTHING.at("body"));
        }
        let enabled = errors.check(self.status.as_ref(), |name| {
            let given = status(name).ok().filter(|it| Status::GIVEN.contains(it));
            given.map(|it| it == Status::Active).ok_or(STATUS_INVALID)
        });
        let role = errors.check(self.user_type.as_ref(), colleague);
        if says_seen && self.approved != Some(true) {
            errors.add(SEEN_FOR_NOTHING.at("license_number"));
        }
        let seen_license = match self.license_number {
            MaybeUndefined::Undefined => ReviewedLicense::NotGiven,
            MaybeUndefined::Null => ReviewedLicense::None,
            MaybeUndefined::Value(text) => text
                .value()?
                .map_or(ReviewedLicense::None, ReviewedLicense::Number),
        };
        Some(StatusChange {
            enabled,
            role,
            approved: self.approved,
            seen_license,
        })
    }
}

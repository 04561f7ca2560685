//! `/admin/pending-users`: registrations whose e-mail address is not proven yet.

use crate::{
    admin::{
        pending::{self, PendingPage},
        rules::filter::{PendingFilter, SearchText},
    },
    app::App,
    errors,
    http::{
        Tag,
        answer::{Done, UserType, shown_to},
    },
    permissions::{PendingDelete, PendingRead, PendingResend},
    registration::documents::PendingSummary,
};
use std::sync::Arc;

use poem_openapi::{
    Enum, Object, OpenApi,
    param::{Path, Query},
    payload::Json,
    types::MaybeUndefined,
};

use kernel::{
    clock::{Timestamp, seconds_until},
    ids::UserId,
    page::Key,
    person::{Names, Person, RoleFields},
    role::Role,
};
use mail::state::{CodeMail, MailState};
use web::{
    Problem, RequestOrigin, Time, ValidationErrors,
    caller::Caller,
    listing::{Asked, default_limit, page},
    problem::error_set,
};

/// The operations.
#[derive(Debug, Clone)]
pub struct AdminPendingApi(pub Arc<App>);

error_set!(
    /// Listing.
    ListErrors = [] + BEARER
);
error_set!(
    /// Removing.
    DeleteErrors = [USER_NOT_FOUND] + ID + BEARER
);
error_set!(
    /// Mailing a code.
    ResendErrors = [USER_NOT_FOUND, EMAIL_ERROR] + ID + BEARER
);

#[OpenApi(tag = "Tag::Administration")]
impl AdminPendingApi {
    /// Registrations that are not verified, newest first
    ///
    /// `is_pregnant` is there for administrators only. For staff and administrators.
    #[oai(
        path = "/admin/pending-users",
        method = "get",
        operation_id = "list_pending_users"
    )]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a parameter of the query"
    )]
    async fn list(
        &self,
        caller: Caller<PendingRead>,
        origin: RequestOrigin<'_>,
        /// Anywhere in the address, in any case; up to 254 characters
        email: Asked<SearchText>,
        /// `patient` or `doctor`; nobody else registers
        user_type: Asked<Role>,
        /// Those too that have expired and are not removed yet
        #[oai(default)]
        include_expired: Query<bool>,
        /// Rows of a page
        #[oai(
            default = "default_limit",
            validator(minimum(value = "1"), maximum(value = "100"))
        )]
        limit: Query<u32>,
        /// The `next_cursor` of the page before
        cursor: Asked<Key>,
    ) -> Result<Json<PendingResponse>, Problem<ListErrors>> {
        let mut errors = ValidationErrors::new();
        let page = page(&mut errors, limit.0, cursor);
        let filter = PendingFilter {
            email: email.value(&mut errors).flatten(),
            role: user_type.value(&mut errors),
            include_expired: include_expired.0,
        };
        let page = errors.finish(page)?;
        let found = pending::list(&self.0, &origin, &caller, &filter, &page).await?;
        Ok(Json(PendingResponse::new(found, origin.now)))
    }

    /// Remove a registration
    ///
    /// Its address and its username are free at once. For administrators.
    #[oai(
        path = "/admin/pending-users/:user_id",
        method = "delete",
        operation_id = "delete_pending_user"
    )]
    async fn delete(
        &self,
        caller: Caller<PendingDelete>,
        origin: RequestOrigin<'_>,
        /// The user id that the registration has
        user_id: Path<String>,
    ) -> Result<Json<Done>, Problem<DeleteErrors>> {
        let user_id = UserId::from_stored(user_id.0);
        pending::delete(&self.0, &origin, &caller, &user_id).await?;
        Ok(Json(Done::saying("Pending user removed")))
    }

    /// Mail a new code for a registration
    ///
    /// Within the limits per hour and day of its address. For staff and administrators.
    #[oai(
        path = "/admin/pending-users/:user_id/resend-otp",
        method = "post",
        operation_id = "resend_otp"
    )]
    async fn resend(
        &self,
        caller: Caller<PendingResend>,
        origin: RequestOrigin<'_>,
        /// The user id that the registration has
        user_id: Path<String>,
    ) -> Result<Json<ResendResponse>, Problem<ResendErrors>> {
        let user_id = UserId::from_stored(user_id.0);
        let pending = pending::resend_code(&self.0, &origin, &caller, &user_id).await?;
        Ok(Json(ResendResponse {
            success: true,
            message: "OTP sent successfully".to_owned(),
            user_id: pending.user_id.into(),
            email: pending.person.contact.email.display().to_owned(),
        }))
    }
}

/// A page of registrations.
#[derive(Debug, Object)]
struct PendingResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// Newest first
    pending_users: Vec<PendingView>,
    /// How many the whole list has, on all its pages
    total_count: u64,
    /// How many of them can still be verified
    active_count: u64,
    /// How many of them have expired; 0 without `include_expired`
    expired_count: u64,
    /// The `cursor` of the next page; null on the last one
    #[oai(nullable)]
    next_cursor: Option<String>,
    /// Whether there is a next page
    has_more: bool,
}

impl PendingResponse {
    fn new(page: PendingPage, now: Timestamp) -> Self {
        let PendingPage {
            listed,
            private,
            active,
            expired,
        } = page;
        let rows = listed.rows.into_iter();
        Self {
            success: true,
            message: "Pending users".to_owned(),
            pending_users: rows
                .map(|row| PendingView::new(row, private, now))
                .collect(),
            total_count: active + expired,
            active_count: active,
            expired_count: expired,
            has_more: listed.next.is_some(),
            next_cursor: listed.next.as_ref().map(Key::to_cursor),
        }
    }
}

/// Whether a registration can still be verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "lowercase")]
enum PendingStatus {
    /// It can.
    Pending,
    /// It cannot any more.
    Expired,
}

/// How far the mail with the newest code has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "lowercase")]
enum PendingMail {
    /// It will be sent, or tried again.
    Waiting,
    /// The mail server took it.
    Sent,
    /// It will not be tried again.
    Refused,
}

impl From<MailState> for PendingMail {
    fn from(state: MailState) -> Self {
        match state {
            MailState::Waiting => Self::Waiting,
            MailState::Sent => Self::Sent,
            MailState::Refused => Self::Refused,
        }
    }
}

/// A registration that is not verified.
#[derive(Debug, Object)]
struct PendingView {
    /// The user id that the account will have
    user_id: String,
    /// The username, if there is one
    #[oai(nullable)]
    username: Option<String>,
    /// The address, as it was typed
    email: String,
    /// Telephone
    #[oai(nullable)]
    mobile: Option<String>,
    /// Given name
    first_name: String,
    /// Family name; may be empty
    last_name: String,
    /// `patient` or `doctor`; nobody else registers
    user_type: UserType,
    /// Patients, for administrators only; null: not stated
    #[oai(nullable, skip_serializing_if = "MaybeUndefined::is_undefined")]
    is_pregnant: MaybeUndefined<bool>,
    /// Patients; `YYYY-MM-DD`
    #[oai(nullable, skip_serializing_if = "MaybeUndefined::is_undefined")]
    date_of_birth: MaybeUndefined<String>,
    /// Doctors
    #[oai(nullable, skip_serializing_if = "MaybeUndefined::is_undefined")]
    specialization: MaybeUndefined<String>,
    /// Doctors
    #[oai(nullable, skip_serializing_if = "MaybeUndefined::is_undefined")]
    license_number: MaybeUndefined<String>,
    /// Whether the mail with the newest code waits, was sent, or was refused and is not tried again
    mail: PendingMail,
    /// Why it was refused, in words; null unless it was
    #[oai(nullable)]
    mail_reason: Option<String>,
    /// When it was made
    created_at: Time,
    /// When it ends
    expires_at: Time,
    /// Whether it can still be verified
    status: PendingStatus,
    /// Seconds until it ends
    time_remaining: u64,
}

impl PendingView {
    fn new(row: PendingSummary, private: bool, now: Timestamp) -> Self {
        let PendingSummary {
            user_id,
            person,
            user_type,
            mail,
            expires_at,
            created_at,
        } = row;
        let (mail, reason) = CodeMail::shown(mail.as_ref(), expires_at, now);
        let Person {
            names,
            contact,
            fields,
        } = person;
        let Names {
            username,
            first_name,
            last_name,
        } = names;
        let RoleFields {
            is_pregnant,
            date_of_birth,
            specialization,
            license_number,
            language: _,
        } = fields;
        let patient = user_type == Role::Patient;
        let doctor = user_type == Role::Doctor;
        Self {
            user_id: user_id.into(),
            username: username.map(Into::into),
            email: contact.email.display().to_owned(),
            mobile: contact.mobile.map(Into::into),
            first_name: first_name.into(),
            last_name: last_name.into(),
            user_type: user_type.into(),
            mail: mail.into(),
            mail_reason: reason.map(|reason| reason.sentence().to_owned()),
            is_pregnant: shown_to(patient && private, is_pregnant),
            date_of_birth: shown_to(patient, date_of_birth),
            specialization: shown_to(doctor, specialization),
            license_number: shown_to(doctor, license_number),
            created_at: Time(created_at),
            expires_at: Time(expires_at),
            status: if expires_at > now {
                PendingStatus::Pending
            } else {
                PendingStatus::Expired
            },
            time_remaining: seconds_until(expires_at, now),
        }
    }
}

/// Where the code goes.
#[derive(Debug, Object)]
struct ResendResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// The registration
    user_id: String,
    /// Its address
    email: String,
}

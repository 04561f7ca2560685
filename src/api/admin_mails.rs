//! `/admin/mails`: the mails of all slices that do not arrive.

use std::sync::Arc;

use poem_openapi::{
    Enum, Object, OpenApi,
    param::{Path, Query},
    payload::Json,
};

use crate::program::Program;
use identity::{
    admin::mails,
    http::Tag,
    permissions::{MailsRead, MailsRetry},
};
use kernel::{
    errors,
    page::{Key, Listed},
};
use platform::outbox::undelivered::Undelivered;
use web::{
    Problem, RequestOrigin, Time, ValidationErrors,
    answer::Done,
    caller::Caller,
    listing::{Asked, default_limit, page},
    problem::error_set,
};

/// The operations.
#[derive(Debug, Clone)]
pub struct AdminMailsApi(pub Arc<Program>);

error_set!(
    /// Listing.
    ListErrors = [] + BEARER
);
error_set!(
    /// Trying again.
    RetryErrors = [VERSION_CONFLICT] + ID + BEARER
);

#[OpenApi(tag = "Tag::Administration")]
impl AdminMailsApi {
    /// Mails that do not arrive, newest first
    ///
    /// Those that a mail server refused for good, kept for `email.refused_days`, and those that have waited for more than
    /// ten minutes. For administrators.
    #[oai(path = "/admin/mails", method = "get", operation_id = "list_mails")]
    async fn list(
        &self,
        caller: Caller<MailsRead>,
        origin: RequestOrigin<'_>,
        /// Rows of a page
        #[oai(
            default = "default_limit",
            validator(minimum(value = "1"), maximum(value = "100"))
        )]
        limit: Query<u32>,
        /// The `next_cursor` of the page before
        cursor: Asked<Key>,
    ) -> Result<Json<MailsResponse>, Problem<ListErrors>> {
        let mut errors = ValidationErrors::new();
        let page = page(&mut errors, limit.0, cursor);
        let page = errors.finish(page)?;
        let listed = mails::list(&self.0.identity, &origin, &caller, &page).await?;
        Ok(Json(listed.into()))
    }

    /// Try a mail again now
    ///
    /// One that waits is brought forward. 409: its code has expired, or what it says is not true any more; a new code is
    /// sent by `/admin/pending-users/{user_id}/resend-otp`, a new link by `/admin/users/{user_id}/reset-password`. For
    /// administrators.
    #[oai(
        path = "/admin/mails/:mail_id/retry",
        method = "post",
        operation_id = "retry_mail"
    )]
    async fn retry(
        &self,
        caller: Caller<MailsRetry>,
        origin: RequestOrigin<'_>,
        /// The mail
        mail_id: Path<String>,
    ) -> Result<Json<Done>, Problem<RetryErrors>> {
        let program = &self.0;
        let slices = program.mail_jobs();
        mails::retry(&program.identity, &origin, &caller, &slices, &mail_id).await?;
        Ok(Json(Done::saying("The mail is tried again")))
    }
}

/// A page of mails.
#[derive(Debug, Object)]
struct MailsResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// Newest first
    mails: Vec<UndeliveredMail>,
    /// The `cursor` of the next page; null on the last one
    #[oai(nullable)]
    next_cursor: Option<String>,
    /// Whether there is a next page
    has_more: bool,
}

impl From<Listed<Undelivered>> for MailsResponse {
    fn from(listed: Listed<Undelivered>) -> Self {
        Self {
            success: true,
            message: "Mails".to_owned(),
            mails: listed.rows.into_iter().map(UndeliveredMail::from).collect(),
            has_more: listed.next.is_some(),
            next_cursor: listed.next.as_ref().map(Key::to_cursor),
        }
    }
}

/// How far a mail has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "lowercase")]
enum UndeliveredState {
    /// It will be tried again.
    Waiting,
    /// It will not be tried again.
    Refused,
}

/// A mail that does not arrive.
#[derive(Debug, Object)]
struct UndeliveredMail {
    /// The mail
    mail_id: String,
    /// What it is for, such as `verification`, `password_reset` or `appointment_reminder`
    kind: String,
    /// The account or registration that it is about; null if the request did not know it
    #[oai(nullable)]
    user_id: Option<String>,
    /// Where it goes
    email: String,
    /// Whether it waits, or was refused for good
    state: UndeliveredState,
    /// Why, in words
    reason: String,
    /// How often it was tried
    attempts: u32,
    /// When it was asked for
    created_at: Time,
    /// When it is tried again; null: not by itself
    #[oai(nullable)]
    next_attempt_at: Option<Time>,
}

const NOT_TRIED: &str = "not tried yet";
const NOT_TAKEN: &str = "not taken by the mail server so far";

impl From<Undelivered> for UndeliveredMail {
    fn from(mail: Undelivered) -> Self {
        let kind = mails::kind_of(&mail);
        let Undelivered {
            id,
            email,
            user_id,
            job: _,
            attempts,
            due_at,
            created_at,
            refusal,
        } = mail;
        let (state, reason) = match refusal {
            Some(refusal) => (UndeliveredState::Refused, refusal.reason.sentence()),
            None if attempts == 0 => (UndeliveredState::Waiting, NOT_TRIED),
            None => (UndeliveredState::Waiting, NOT_TAKEN),
        };
        Self {
            mail_id: id,
            kind,
            user_id: user_id.map(Into::into),
            email,
            state,
            reason: reason.to_owned(),
            attempts: attempts.max(0).unsigned_abs(),
            created_at: Time(created_at),
            next_attempt_at: due_at.map(Time),
        }
    }
}

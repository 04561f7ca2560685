//! The same action on many accounts or registrations, each as one call would do it.

use chrono::Duration;

use super::{account_status, pending, refused, users};
use crate::{
    actions,
    admin::rules::bulk::{PendingAction, Target, UserAction, is_time_over},
    app::App,
    errors,
    permissions::{PendingDelete, PendingResend},
    sessions::authentication::still_stands,
};
use kernel::{
    error::{Error, ErrorCode, Result},
    ids::UserId,
    principal::Principal,
    request::Origin,
    role::Needs,
};
use platform::audit::Event;

/// What became of one of them.
#[derive(Debug)]
pub struct Outcome {
    /// The account or the registration.
    pub user_id: UserId,
    /// Why it was refused; `None` if it was done.
    pub refusal: Option<Refusal>,
}

/// Why something was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The code that the call for it alone would have answered.
    pub code: ErrorCode,
    /// A sentence for people.
    pub message: String,
}

impl From<&Error> for Refusal {
    /// The sentence of a validation error is that of its first field.
    fn from(error: &Error) -> Self {
        let first = error.fields.first();
        Self {
            code: error.code,
            message: first.map_or_else(|| error.text().to_owned(), |it| it.message.to_string()),
        }
    }
}

/// Does `action` to each account, one after the other:
///
/// 1. Check that there is time left, that the database answers, and that the caller's session and role still stand.
/// 2. Do it as one call does, with all its guards and its audit event.
/// 3. Note what became of it. A refusal does not stop the others.
///
/// Everything can be repeated: what is done already is done again to no effect, or is refused as unknown.
pub async fn users(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    action: UserAction,
    targets: Vec<Target>,
) -> Vec<Outcome> {
    let mut run = Run::new(app, origin, caller);
    for target in targets {
        let done = match run.may_go_on().await {
            Ok(()) => act(app, origin, caller, action, &target).await,
            Err(error) => Err(error),
        };
        run.note(target.user_id, done);
    }
    run.outcomes
}

async fn act(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    action: UserAction,
    target: &Target,
) -> Result<()> {
    let user_id = &target.user_id;
    match action {
        UserAction::Disable | UserAction::Enable | UserAction::Approve => {
            let change = target.change(action);
            let changed = account_status::change(app, origin, caller, user_id, &change);
            changed.await.map(drop)
        }
        UserAction::LogOut => users::log_out(app, origin, caller, user_id).await.map(drop),
        UserAction::ResetPassword => users::send_reset(app, origin, caller, user_id).await,
        UserAction::Delete => account_status::delete(app, origin, caller, user_id).await,
    }
}

/// Does `action` to each registration, in the steps of [`users()`].
///
/// # Errors
/// `AccessDenied` if the caller's role does not have the permission of the action.
pub async fn registrations(
    app: &App,
    origin: &Origin,
    caller: &Principal,
    action: PendingAction,
    ids: Vec<UserId>,
) -> Result<Vec<Outcome>> {
    let permission = match action {
        PendingAction::Delete => PendingDelete::PERMISSION,
        PendingAction::Resend => PendingResend::PERMISSION,
    };
    if !caller.role.allows(permission) {
        let event = Event::of_admin(&caller.user_id, actions::ADMIN, None);
        let event = event.noting(permission.name);
        return Err(refused(app, origin, event, errors::ACCESS_DENIED.into()).await);
    }
    let mut run = Run::new(app, origin, caller);
    for user_id in ids {
        let done = match (run.may_go_on().await, action) {
            (Err(error), _) => Err(error),
            (Ok(()), PendingAction::Delete) => pending::delete(app, origin, caller, &user_id).await,
            (Ok(()), PendingAction::Resend) => {
                let sent = pending::resend_code(app, origin, caller, &user_id);
                sent.await.map(drop)
            }
        };
        run.note(user_id, done);
    }
    Ok(run.outcomes)
}

/// A request that does something to one after the other.
pub(super) struct Run<'a> {
    app: &'a App,
    origin: &'a Origin,
    caller: &'a Principal,
    is_database_lost: bool,
    outcomes: Vec<Outcome>,
}

impl<'a> Run<'a> {
    /// Nothing is done yet.
    pub(super) const fn new(app: &'a App, origin: &'a Origin, caller: &'a Principal) -> Self {
        Self {
            app,
            origin,
            caller,
            is_database_lost: false,
            outcomes: Vec::new(),
        }
    }

    /// Whether the next one may begin.
    ///
    /// # Errors
    /// `RequestTimeout` if there is not enough time left, `DatabaseError` if the database did not answer before, and
    /// `SessionError` if somebody has ended the caller's session or changed the role meanwhile.
    pub(super) async fn may_go_on(&self) -> Result<()> {
        let Self {
            app,
            origin,
            caller,
            ..
        } = *self;
        if self.is_database_lost {
            return Err(errors::DATABASE_ERROR.into());
        }
        let limit = app.settings.request_timeout_seconds;
        let limit = Duration::seconds(i64::try_from(limit).unwrap_or(i64::from(u32::MAX)));
        if is_time_over(app.clock.now() - origin.now, limit) {
            return Err(Error::new(errors::REQUEST_TIMEOUT).saying(NOT_BEGUN));
        }
        still_stands(app, caller, origin.now).await
    }

    /// Notes how one ended. Causes of errors of the service go to the log, because no answer shows them.
    pub(super) fn observe(&mut self, error: &Error) {
        self.is_database_lost |= error.code == errors::DATABASE_ERROR;
        if let Some(cause) = &error.source {
            let code = error.code.code();
            tracing::error!(code, %cause, "a part of a request for many failed");
        }
    }

    fn note(&mut self, user_id: UserId, done: Result<()>) {
        let refusal = done.err().map(|error| {
            self.observe(&error);
            Refusal::from(&error)
        });
        self.outcomes.push(Outcome { user_id, refusal });
    }
}

const NOT_BEGUN: &str = "The time of the request was over before this one began; send it again";

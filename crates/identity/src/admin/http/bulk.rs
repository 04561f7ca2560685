//! `/admin/users/bulk` and `/admin/pending-users/bulk`: the same action on many.

use crate::{
    accounts::rules::changes::ReviewedLicense,
    admin::{
        bulk::{self, Outcome},
        rules::bulk::{MOST, PendingAction, Target, UserAction, distinct},
    },
    app::App,
    http::{
        Tag,
        text::{SeenLicense, Text},
    },
    permissions::{PendingResend, UsersWrite},
};
use std::{collections::HashMap, sync::Arc};

use poem_openapi::{Object, OpenApi, payload::Json, types::MaybeUndefined};

use kernel::{
    error::{Result, RuleViolation},
    ids::UserId,
};
use web::{
    Body, Problem, RequestBody, RequestOrigin, ValidationErrors, caller::Caller, problem::error_set,
};

/// The operations.
#[derive(Debug, Clone)]
pub struct AdminBulkApi(pub Arc<App>);

error_set!(
    /// Doing the same to many.
    BulkErrors = [] + BODY + BEARER
);

#[OpenApi(tag = "Tag::Administration")]
impl AdminBulkApi {
    /// Do the same to many accounts
    ///
    /// Each account is handled as by the call for it alone, with the same refusals and the same records in the audit log; a
    /// refused one does not stop the others. `approve` takes `approvals`, all others take `user_ids`. After half of the
    /// request's time limit the rest is refused with `REQUEST_TIMEOUT`. Sending the same again is safe. For administrators.
    #[oai(
        path = "/admin/users/bulk",
        method = "post",
        operation_id = "change_users_in_bulk"
    )]
    async fn users(
        &self,
        caller: Caller<UsersWrite>,
        origin: RequestOrigin<'_>,
        body: Body<UsersBulkRequest>,
    ) -> Result<Json<BulkResponse>, Problem<BulkErrors>> {
        let (action, targets) = body.read_as(UsersBulkRequest::command)?;
        let outcomes = bulk::users(&self.0, &origin, &caller, action, targets).await;
        Ok(Json(outcomes.into()))
    }

    /// Do the same to many registrations
    ///
    /// As for accounts. `resend` is for staff and administrators, `delete` for administrators.
    #[oai(
        path = "/admin/pending-users/bulk",
        method = "post",
        operation_id = "change_pending_users_in_bulk"
    )]
    async fn registrations(
        &self,
        caller: Caller<PendingResend>,
        origin: RequestOrigin<'_>,
        body: Body<PendingBulkRequest>,
    ) -> Result<Json<BulkResponse>, Problem<BulkErrors>> {
        let (action, ids) = body.read_as(PendingBulkRequest::command)?;
        let outcomes = bulk::registrations(&self.0, &origin, &caller, action, ids).await?;
        Ok(Json(outcomes.into()))
    }
}

/// What is to be done to which accounts.
#[derive(Debug, Object)]
struct UsersBulkRequest {
    /// `disable`, `enable`, `logout`, `approve`, `reset_password` or `delete`
    action: Text<UserAction>,
    /// The accounts, 1 to 500; one that is named twice counts once. Not with `approve`
    user_ids: Option<Vec<Text<UserId>>>,
    /// With `approve`: the doctors, 1 to 500, each with the licence number that was seen
    approvals: Option<Vec<ApprovalRequest>>,
}

impl RequestBody for UsersBulkRequest {}

/// A doctor whose licence was seen.
#[derive(Debug, Object)]
struct ApprovalRequest {
    /// The doctor
    user_id: Text<UserId>,
    /// The licence number that was seen, `null` if there was none; a doctor who has another one now is refused with
    /// `VERSION_CONFLICT`
    #[oai(nullable)]
    license_number: MaybeUndefined<Text<SeenLicense>>,
}

/// What is to be done to which registrations.
#[derive(Debug, Object)]
struct PendingBulkRequest {
    /// `delete` or `resend`
    action: Text<PendingAction>,
    /// The registrations, 1 to 500; one that is named twice counts once
    user_ids: Vec<Text<UserId>>,
}

impl RequestBody for PendingBulkRequest {}

const MISSING: RuleViolation = RuleViolation::new("missing", "This field is required");
const NOBODY: RuleViolation = RuleViolation::new("too_few", "At least one");
const TOO_MANY: RuleViolation = RuleViolation::new("too_many", "At most 500 at once");
const NOT_HERE: RuleViolation = RuleViolation::new(
    "not_applicable",
    "approve takes approvals, every other action user_ids",
);
const TWO_LICENSES: RuleViolation = RuleViolation::new(
    "contradiction",
    "The same doctor is named with another licence number",
);

/// Checks how many there are.
fn count(errors: &mut ValidationErrors, field: &'static str, count: usize) {
    if count == 0 {
        errors.add(NOBODY.at(field));
    } else if count > MOST {
        errors.add(TOO_MANY.at(field));
    }
}

fn read_ids(errors: &mut ValidationErrors, ids: Vec<Text<UserId>>) -> Option<Vec<UserId>> {
    count(errors, "user_ids", ids.len());
    let ids: Option<Vec<_>> = ids.into_iter().map(Text::value).collect();
    let ids = ids?.into_iter().map(UserId::from_stored);
    Some(distinct(ids.collect()))
}

impl UsersBulkRequest {
    fn command(self, errors: &mut ValidationErrors) -> Option<(UserAction, Vec<Target>)> {
        // A field with a fault in it is absent here.
        let is_whole = errors.is_empty();
        let action = self.action.value();
        let (wanted, other) = if action == Some(UserAction::Approve) {
            ("approvals", "user_ids")
        } else {
            ("user_ids", "approvals")
        };
        let given = [
            ("user_ids", self.user_ids.is_some()),
            ("approvals", self.approvals.is_some()),
        ];
        for (field, is_given) in given {
            if is_given && field == other && action.is_some() {
                errors.add(NOT_HERE.at(field));
            } else if !is_given && field == wanted && is_whole {
                errors.add(MISSING.at(field));
            }
        }
        let ids = self.user_ids.map(|ids| read_ids(errors, ids));
        let approvals = self.approvals.map(|all| read_approvals(errors, all));
        let action = action?;
        if action == UserAction::Approve {
            return Some((action, approvals?));
        }
        let target = |user_id| Target {
            user_id,
            seen_license: ReviewedLicense::NotGiven,
        };
        Some((action, ids??.into_iter().map(target).collect()))
    }
}

fn read_approvals(errors: &mut ValidationErrors, all: Vec<ApprovalRequest>) -> Vec<Target> {
    count(errors, "approvals", all.len());
    let mut seen: HashMap<UserId, ReviewedLicense> = HashMap::new();
    let mut targets = Vec::new();
    for (number, approval) in all.into_iter().enumerate() {
        let seen_license = match approval.license_number {
            MaybeUndefined::Undefined => {
                errors.add(MISSING.at(format!("approvals.{number}.license_number")));
                continue;
            }
            MaybeUndefined::Null => Some(ReviewedLicense::None),
            MaybeUndefined::Value(text) => text
                .value()
                .map(|it| it.map_or(ReviewedLicense::None, ReviewedLicense::Number)),
        };
        let user_id = approval.user_id.value().map(UserId::from_stored);
        let (Some(user_id), Some(seen_license)) = (user_id, seen_license) else {
            continue; // The text has its error already.
        };
        match seen.get(&user_id) {
            Some(before) if *before != seen_license => {
                errors.add(TWO_LICENSES.at(format!("approvals.{number}.license_number")));
            }
            Some(_) => {}
            None => {
                seen.insert(user_id.clone(), seen_license.clone());
                targets.push(Target {
                    user_id,
                    seen_license,
                });
            }
        }
    }
    targets
}

impl PendingBulkRequest {
    fn command(self, errors: &mut ValidationErrors) -> Option<(PendingAction, Vec<UserId>)> {
        let ids = read_ids(errors, self.user_ids);
        Some((self.action.value()?, ids?))
    }
}

/// What became of each of them.
#[derive(Debug, Object)]
struct BulkResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// Each of them once, in the order of the request
    results: Vec<BulkResult>,
    /// How many were done
    done: u64,
    /// How many were refused
    refused: u64,
}

/// What became of one of them.
#[derive(Debug, Object)]
struct BulkResult {
    /// The user id
    user_id: String,
    /// `done` or `refused`
    outcome: String,
    /// The error code that the call for it alone would have answered; only if it was refused
    #[oai(skip_serializing_if_is_none)]
    code: Option<String>,
    /// Why it was refused, in a sentence for people
    #[oai(skip_serializing_if_is_none)]
    reason: Option<String>,
}

impl From<Vec<Outcome>> for BulkResponse {
    fn from(outcomes: Vec<Outcome>) -> Self {
        let results: Vec<_> = outcomes.into_iter().map(BulkResult::from).collect();
        let (mut done, mut refused) = (0, 0);
        for result in &results {
            *(if result.code.is_some() {
                &mut refused
            } else {
                &mut done
            }) += 1;
        }
        Self {
            success: true,
            message: format!("{done} done, {refused} refused"),
            results,
            done,
            refused,
        }
    }
}

impl From<Outcome> for BulkResult {
    fn from(Outcome { user_id, refusal }: Outcome) -> Self {
        let outcome = if refusal.is_some() { "refused" } else { "done" };
        let (code, reason) = refusal
            .map(|it| (it.code.code().to_owned(), it.message))
            .unzip();
        Self {
            user_id: user_id.into(),
            outcome: outcome.to_owned(),
            code,
            reason,
        }
    }
}

//! The same action on many accounts or registrations.

use std::collections::HashSet;

use chrono::Duration;

use crate::accounts::rules::changes::{ReviewedLicense, StatusChange};
use kernel::{error::RuleViolation, ids::UserId};

/// How many one request may name.
pub const MOST: usize = 500;

const ACTION_INVALID: RuleViolation = RuleViolation::new("choice", "This action is not known here");

/// What can be done to many accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserAction {
    /// Close them.
    Disable,
    /// Let their owners use them again.
    Enable,
    /// End their sessions.
    LogOut,
    /// Note that the licences of doctors were seen.
    Approve,
    /// Mail a reset to their owners.
    ResetPassword,
    /// Delete them.
    Delete,
}

impl UserAction {
    /// Each of them.
    pub const ALL: [Self; 6] = [
        Self::Disable,
        Self::Enable,
        Self::LogOut,
        Self::Approve,
        Self::ResetPassword,
        Self::Delete,
    ];

    /// Its name in requests.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::LogOut => "logout",
            Self::Approve => "approve",
            Self::ResetPassword => "reset_password",
            Self::Delete => "delete",
        }
    }

    /// The action of this name.
    ///
    /// # Errors
    /// `choice`.
    pub fn parse(name: &str) -> Result<Self, RuleViolation> {
        let mut all = Self::ALL.into_iter();
        all.find(|it| it.name() == name).ok_or(ACTION_INVALID)
    }
}

/// What can be done to many registrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PendingAction {
    /// Delete them.
    Delete,
    /// Mail new codes.
    Resend,
}

impl PendingAction {
    /// Each of them.
    pub const ALL: [Self; 2] = [Self::Delete, Self::Resend];

    /// Its name in requests.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::Resend => "resend",
        }
    }

    /// The action of this name.
    ///
    /// # Errors
    /// `choice`.
    pub fn parse(name: &str) -> Result<Self, RuleViolation> {
        let mut all = Self::ALL.into_iter();
        all.find(|it| it.name() == name).ok_or(ACTION_INVALID)
    }
}

/// One of the accounts, and what the administrator saw of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The account.
    pub user_id: UserId,
    /// The licence number that was seen, for an approval.
    pub seen_license: ReviewedLicense,
}

impl Target {
    /// The change of the account's status by `action`. Actions that change no status leave it empty.
    #[must_use]
    pub fn change(&self, action: UserAction) -> StatusChange {
        let enabled = match action {
            UserAction::Disable => Some(false),
            UserAction::Enable => Some(true),
            _ => None,
        };
        StatusChange {
            enabled,
            approved: (action == UserAction::Approve).then_some(true),
            seen_license: self.seen_license.clone(),
            ..StatusChange::default()
        }
    }
}

/// Each id once, in the order of its first mention.
#[must_use]
pub fn distinct(ids: Vec<UserId>) -> Vec<UserId> {
    let mut seen = HashSet::new();
    ids.into_iter()
        .filter(|id| seen.insert(id.clone()))
        .collect()
}

/// Whether a request that began `since` ago begins nothing more: after half of its time limit, so that its answer still
/// arrives.
#[must_use]
pub fn is_time_over(since: Duration, time_limit: Duration) -> bool {
    since >= time_limit / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_is_named_twice_counts_once() {
        let ids = |ids: &[&str]| ids.iter().copied().map(UserId::from_stored).collect();
        let given: Vec<_> = ids(&["PAT2", "PAT1", "PAT2", "PAT3", "PAT1"]);
        let expected: Vec<_> = ids(&["PAT2", "PAT1", "PAT3"]);
        assert_eq!(distinct(given), expected);
    }

    #[test]
    fn nothing_begins_after_half_of_the_time() {
        let limit = Duration::seconds(30);
        assert!(!is_time_over(Duration::milliseconds(14_999), limit));
        assert!(is_time_over(Duration::seconds(15), limit));
    }

    #[test]
    fn only_changes_of_status_are_changes() {
        let target = Target {
            user_id: UserId::from_stored("DOC1"),
            seen_license: ReviewedLicense::None,
        };
        let changes = UserAction::ALL.map(|it| target.change(it));
        let changes = changes.map(|it| (it.enabled, it.approved));
        let (none, approves) = ((None, None), (None, Some(true)));
        let (disables, enables) = ((Some(false), None), (Some(true), None));
        assert_eq!(changes, [disables, enables, none, approves, none, none]);
        let approval = target.change(UserAction::Approve);
        assert_eq!(approval.seen_license, ReviewedLicense::None); // ADM-6
    }
}

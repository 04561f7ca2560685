//! The texts of requests about accounts: for each type its schema in the OpenAPI document, and how it is read.

pub(super) use web::text::{FromText, FullName, Since, Text, Until, role};
use web::text::{address, any, texts, words};

use crate::{
    config::sections::MIN_PASSWORD,
    domain::{filter::SearchText, password::Password, user::Status},
    slices::SLICES,
};
use kernel::{contact::EmailAddress, error::RuleViolation, profile::LicenseNumber, role::Role};
use platform::{audit::record::Action, slice};
use poem_openapi::registry::MetaSchema;

/// The roles with which a person can register.
pub(super) enum Newcomer {}

/// The roles that an administrator can give.
pub(super) enum Colleague {}

/// The account statuses that an administrator can give.
pub(super) enum GivenStatus {}

/// An action of the audit trail.
pub(super) enum Recorded {}

/// The address of an account, which the older service may have accepted.
pub(super) enum AccountAddress {}

/// The licence number that an administrator has seen; blank if there was none.
pub(super) enum SeenLicense {}

const STATUS_INVALID: RuleViolation =
    RuleViolation::new("choice", "Must be active, invited or disabled");

const ACTION_INVALID: RuleViolation =
    RuleViolation::new("choice", "Must be an action of the audit trail");

texts! {
    AccountAddress => EmailAddress, address(), |typed| EmailAddress::of_account(typed);
    SeenLicense => Option<LicenseNumber>, any(), |typed| seen_license(typed);
    Status => Self, words(Self::ALL.iter().map(|status| status.name())), |typed| status(typed);
    Recorded => Action, words(slice::actions(SLICES).map(Action::name)), |typed| action(typed);
    SearchText => Option<Self>, any(), |typed| Self::parse(typed);
    // No maximum length: it is counted in NFC, which may be shorter than the typed text.
    Password => (), MetaSchema { min_length: Some(MIN_PASSWORD), ..any() }, |_| Ok(());
    Newcomer => (), words(Role::ALL.iter().filter(|role| !role.is_privileged()).map(|role| role.name())), |_| Ok(());
    Colleague => (), words(Role::ALL.iter().filter(|role| role.is_privileged()).map(|role| role.name())), |_| Ok(());
    GivenStatus => (), words(Status::GIVEN.iter().map(|status| status.name())), |_| Ok(());
}

/// An action by its name.
fn action(name: &str) -> Result<Action, RuleViolation> {
    let mut all = slice::actions(SLICES);
    all.find(|action| action.name() == name)
        .ok_or(ACTION_INVALID)
}

/// An account status by its name.
pub(super) fn status(name: &str) -> Result<Status, RuleViolation> {
    let mut all = Status::ALL.into_iter();
    all.find(|status| status.name() == name)
        .ok_or(STATUS_INVALID)
}

/// A blank text means the same as `null`.
fn seen_license(typed: &str) -> Result<Option<LicenseNumber>, RuleViolation> {
    let number = Some(typed).filter(|typed| !typed.trim().is_empty());
    number.map(LicenseNumber::parse).transpose()
}

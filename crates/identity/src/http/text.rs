//! The texts of requests about accounts: for each type its schema in the OpenAPI document, and how it is read.

pub(crate) use web::text::{FromText, FullName, Text, role};
use web::text::{address, any, texts, visible, words};

use crate::{
    accounts::documents::Status,
    admin::rules::{
        bulk::{PendingAction, UserAction},
        filter::SearchText,
    },
    factors::passkeys::rules::PasskeyName,
    password::rules::Password,
};
use crypto::settings::MIN_PASSWORD;
use kernel::{contact::EmailAddress, error::RuleViolation, profile::LicenseNumber, role::Role};
use poem_openapi::registry::MetaSchema;

/// The roles with which a person can register.
pub(crate) enum Newcomer {}

/// The roles that an administrator can give.
pub(crate) enum Colleague {}

/// The account statuses that an administrator can give.
pub(crate) enum GivenStatus {}

/// The address of an account, which the older service may have accepted.
pub(crate) enum AccountAddress {}

/// The licence number that an administrator has seen; blank if there was none.
pub(crate) enum SeenLicense {}

const STATUS_INVALID: RuleViolation =
    RuleViolation::new("choice", "Must be active, invited or disabled");

texts! {
    AccountAddress => EmailAddress, address(), |typed| EmailAddress::of_account(typed);
    SeenLicense => Option<LicenseNumber>, any(), |typed| seen_license(typed);
    Status => Self, words(Self::ALL.iter().map(|status| status.name())), |typed| status(typed);
    SearchText => Option<Self>, any(), |typed| Self::parse(typed);
    PasskeyName => Self, visible(), |typed| Self::parse(typed);
    // No maximum length: it is counted in NFC, which may be shorter than the typed text.
    Password => (), MetaSchema { min_length: Some(MIN_PASSWORD), ..any() }, |_| Ok(());
    Newcomer => (), words(Role::ALL.iter().filter(|role| !role.is_privileged()).map(|role| role.name())), |_| Ok(());
    Colleague => (), words(Role::ALL.iter().filter(|role| role.is_privileged()).map(|role| role.name())), |_| Ok(());
    UserAction => Self, words(Self::ALL.iter().map(|action| action.name())), |typed| Self::parse(typed);
    PendingAction => Self, words(Self::ALL.iter().map(|action| action.name())), |typed| Self::parse(typed);
    GivenStatus => (), words(Status::GIVEN.iter().map(|status| status.name())), |_| Ok(());
}

/// An account status by its name.
pub(crate) fn status(name: &str) -> Result<Status, RuleViolation> {
    let mut all = Status::ALL.into_iter();
    all.find(|status| status.name() == name)
        .ok_or(STATUS_INVALID)
}

/// A blank text means the same as `null`.
fn seen_license(typed: &str) -> Result<Option<LicenseNumber>, RuleViolation> {
    let number = Some(typed).filter(|typed| !typed.trim().is_empty());
    number.map(LicenseNumber::parse).transpose()
}

//! The texts of requests about the audit trail: their schema in the OpenAPI document, and how they are read.

use kernel::error::RuleViolation;
use platform::{audit::record::Action, slice};
use web::text::{texts, words};

use crate::slices::SLICES;

/// An action of the audit trail.
pub(super) enum Recorded {}

const ACTION_INVALID: RuleViolation =
    RuleViolation::new("choice", "Must be an action of the audit trail");

texts! {
    Recorded => Action, words(slice::actions(SLICES).map(Action::name)), |typed| action(typed);
}

/// An action by its name.
fn action(name: &str) -> Result<Action, RuleViolation> {
    let mut all = slice::actions(SLICES);
    all.find(|action| action.name() == name)
        .ok_or(ACTION_INVALID)
}

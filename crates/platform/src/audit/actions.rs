//! The actions of the platform itself.

use super::record::Action;

crate::actions! {
    /// An administrator, or staff, read or changed something; the detail says what.
    ADMIN = Action::new("admin");
    /// The service was started.
    START = Action::new("start");
    /// A signing key was made or retired.
    KEYS = Action::new("keys");
}

//! The actions of the platform itself.

use super::record::Action;

crate::actions! {
    /// A caller was refused because the role does not have the permission, which the detail names. An earlier
    /// version recorded everything that administrators did under this name; the detail says what.
    ADMIN = Action::new("admin");
    /// The service was started.
    START = Action::new("start");
    /// A signing key was made or retired.
    KEYS = Action::new("keys");
}

//! Changes of an account, by its owner or by an administrator.

use super::{
    profile::LicenseNumber,
    role::Role,
    user::{Status, User},
};

/// A change of an optional field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Clearable {
    /// The field does not change.
    #[default]
    Stays,
    /// The field becomes empty.
    Cleared,
    /// The field gets this value.
    Set(String),
}

/// A change of a profile by its owner. `None` does not change the field.
#[derive(Debug, Clone, Default)]
pub struct ProfileChange {
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Telephone number.
    pub mobile: Clearable,
    /// Language tag (BCP 47).
    pub language: Option<String>,
    /// Only patients have this.
    pub is_pregnant: Option<bool>,
    /// Only patients have this.
    pub date_of_birth: Clearable,
    /// Only doctors have this.
    pub specialization: Clearable,
    /// Only doctors have this.
    pub license_number: Clearable,
}

impl ProfileChange {
    /// Whether the change gives an approved doctor another name, specialization or license number than the approved one
    /// (ADM-6).
    #[must_use]
    pub fn withdraws_approval(&self, user: &User) -> bool {
        let is_other = |new: &Option<String>, old: &str| new.as_ref().is_some_and(|new| new != old);
        let differs = |new: &Clearable, old: &Option<String>| match new {
            Clearable::Stays => false,
            Clearable::Cleared => old.is_some(),
            Clearable::Set(new) => old.as_ref() != Some(new),
        };
        user.approved == Some(true)
            && (is_other(&self.first_name, &user.first_name)
                || is_other(&self.last_name, &user.last_name)
                || differs(&self.specialization, &user.fields.specialization)
                || differs(&self.license_number, &user.fields.license_number))
    }
}

/// The license number that an administrator saw. A [`StatusChange`] applies only to an account with that number
/// (ADM-6).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ReviewedLicense {
    /// The request does not say what the administrator saw.
    #[default]
    NotGiven,
    /// The account had no license number.
    None,
    /// The account had this license number.
    Text(String),
}

/// A change of another person's account by an administrator. `None` does not change the field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatusChange {
    /// Whether the account may be used. If it is enabled while its invitation is open, it becomes invited, not active.
    pub enabled: Option<bool>,
    /// The new role: staff or admin.
    pub role: Option<Role>,
    /// For doctors: whether the license was approved.
    pub approved: Option<bool>,
    /// The license number that the administrator saw.
    pub seen_license: ReviewedLicense,
}

impl StatusChange {
    /// Whether the account's sessions must end (ADM-3), because the account loses a permission, because its role changes,
    /// or because it is enabled again. In the last case, a crash may have left sessions when the account was disabled.
    #[must_use]
    pub fn ends_sessions_of(&self, user: &User) -> bool {
        self.enabled == Some(false)
            || (self.enabled == Some(true) && user.status == Status::Disabled)
            || self.approved == Some(false)
            || self.role.is_some_and(|role| role != user.user_type)
    }

    /// Whether the administrator saw another license number than the account has (ADM-6).
    #[must_use]
    pub fn saw_another_license(&self, user: &User) -> bool {
        let stored = user.fields.license_number.as_deref();
        // The stored number is normalized like typed input, because the administrator typed the number that was shown.
        let stored =
            stored.map(|text| LicenseNumber::parse(text).map_or(text.to_owned(), Into::into));
        match &self.seen_license {
            ReviewedLicense::NotGiven => false,
            ReviewedLicense::None => stored.is_some(),
            ReviewedLicense::Text(seen) => stored.as_ref() != Some(seen),
        }
    }

    /// Whether the change would disable an active administrator or take the role away.
    #[must_use]
    pub fn removes_an_administrator(&self) -> bool {
        self.enabled == Some(false) || self.role.is_some_and(|role| role != Role::Admin)
    }
}

//! Changes of an account: those that its owner makes, and those that an administrator makes.

use super::{
    profile::LicenseNumber,
    role::Role,
    user::{Status, User},
};

/// A change of a field that may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Clearable {
    /// It stays as it is.
    #[default]
    Stays,
    /// It becomes empty.
    Cleared,
    /// It becomes this.
    Set(String),
}

/// A change that its owner makes to a profile; `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct ProfileChange {
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Telephone.
    pub mobile: Clearable,
    /// BCP 47.
    pub language: Option<String>,
    /// Patients.
    pub is_pregnant: Option<bool>,
    /// Patients.
    pub date_of_birth: Clearable,
    /// Doctors.
    pub specialization: Clearable,
    /// Doctors.
    pub license_number: Clearable,
}

impl ProfileChange {
    /// Whether `user` is a doctor whose approval was for somebody else, or another licence, than it will be (ADM-6).
    #[must_use]
    pub fn takes_approval_back(&self, user: &User) -> bool {
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

/// What an administrator had before the eyes; [`StatusChange`] holds for that alone (ADM-6).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Seen {
    /// The request does not say what was seen.
    #[default]
    Nothing,
    /// That there was none.
    None,
    /// This.
    Text(String),
}

/// A change that an administrator makes to somebody else's account; `None` leaves it as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatusChange {
    /// May it be used? An account whose invitation was not accepted yet is invited again rather than active.
    pub enabled: Option<bool>,
    /// Staff or admin.
    pub role: Option<Role>,
    /// Doctors: the licence was seen.
    pub approved: Option<bool>,
    /// The licence that was seen.
    pub seen_license: Seen,
}

impl StatusChange {
    /// Whether the sessions of the account must end: something is taken away, or the role is another (ADM-3), or the
    /// account is switched on again, whose sessions a crash may have left when it was switched off.
    #[must_use]
    pub fn ends_sessions_of(&self, user: &User) -> bool {
        self.enabled == Some(false)
            || (self.enabled == Some(true) && user.status == Status::Disabled)
            || self.approved == Some(false)
            || self.role.is_some_and(|role| role != user.user_type)
    }

    /// Whether another licence was seen than the account has (ADM-6).
    #[must_use]
    pub fn saw_another_license(&self, user: &User) -> bool {
        let stored = user.fields.license_number.as_deref();
        // As somebody types it who reads it.
        let stored =
            stored.map(|text| LicenseNumber::parse(text).map_or(text.to_owned(), Into::into));
        match &self.seen_license {
            Seen::Nothing => false,
            Seen::None => stored.is_some(),
            Seen::Text(seen) => stored.as_ref() != Some(seen),
        }
    }

    /// Whether an active administrator would be one no more.
    #[must_use]
    pub fn takes_administration_away(&self) -> bool {
        self.enabled == Some(false) || self.role.is_some_and(|role| role != Role::Admin)
    }
}

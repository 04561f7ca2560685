//! Changes of an account, by its owner or by an administrator.

use bson::Bson;
use serde::Serialize;

use crate::accounts::documents::{Status, User};
use kernel::{
    contact::Mobile,
    names::{LastName, PersonName},
    profile::{DateOfBirth, Language, LicenseNumber, Specialization},
    role::Role,
};

/// A change of an optional field. In a document, a cleared field is null.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Clearable<T> {
    /// The field does not change.
    #[default]
    Stays,
    /// The field becomes empty.
    Cleared,
    /// The field gets this value.
    Set(T),
}

impl<T> Clearable<T> {
    /// Whether the field does not change.
    #[must_use]
    pub const fn stays(&self) -> bool {
        matches!(self, Self::Stays)
    }
}

/// A change of a profile by its owner, as a document of the fields that change.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ProfileChange {
    /// The fields that an administrator checks.
    #[serde(flatten)]
    pub reviewed: ReviewedChange,
    /// Telephone number.
    #[serde(skip_serializing_if = "Clearable::stays")]
    pub mobile: Clearable<Mobile>,
    /// Language tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Only patients have this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_pregnant: Option<bool>,
    /// Only patients have this.
    #[serde(skip_serializing_if = "Clearable::stays")]
    pub date_of_birth: Clearable<DateOfBirth>,
}

/// A change of the fields that an administrator checks before approving a doctor (ADM-6).
#[derive(Debug, Clone, Default, Serialize)]
pub struct ReviewedChange {
    /// Given name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<PersonName>,
    /// Family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<LastName>,
    /// Only doctors have this.
    #[serde(skip_serializing_if = "Clearable::stays")]
    pub specialization: Clearable<Specialization>,
    /// Only doctors have this.
    #[serde(skip_serializing_if = "Clearable::stays")]
    pub license_number: Clearable<LicenseNumber>,
}

impl ProfileChange {
    /// Whether it changes what others know the person by: the names, or the telephone number.
    #[must_use]
    pub const fn is_of_person(&self) -> bool {
        let ReviewedChange {
            first_name,
            last_name,
            ..
        } = &self.reviewed;
        first_name.is_some() || last_name.is_some() || !self.mobile.stays()
    }
}

impl ReviewedChange {
    /// Whether the change gives an approved doctor another name, specialization or license number than the approved one
    /// (ADM-6).
    #[must_use]
    pub fn withdraws_approval(&self, user: &User) -> bool {
        let (Ok(new), Ok(old)) = (
            bson::serialize_to_document(self),
            bson::serialize_to_document(&user.person),
        ) else {
            return false;
        };
        let is_other =
            |(field, value): (&String, &Bson)| old.get(field).unwrap_or(&Bson::Null) != value;
        user.approved == Some(true) && new.iter().any(is_other)
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
    Number(LicenseNumber),
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
        // The stored number is normalized like typed input, because the administrator typed the number that was shown.
        let stored = user.person.fields.license_number.as_ref();
        let stored =
            stored.map(|stored| LicenseNumber::parse(stored.as_str()).unwrap_or(stored.clone()));
        match &self.seen_license {
            ReviewedLicense::NotGiven => false,
            ReviewedLicense::None => stored.is_some(),
            ReviewedLicense::Number(seen) => stored.as_ref() != Some(seen),
        }
    }

    /// Whether the change would disable an active administrator or take the role away.
    #[must_use]
    pub fn removes_an_administrator(&self) -> bool {
        self.enabled == Some(false) || self.role.is_some_and(|role| role != Role::Admin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::whole_person::whole;
    use kernel::person::Person;

    #[test]
    fn a_change_has_the_field_names_of_a_person() {
        let Person {
            names,
            contact,
            fields,
        } = bson::deserialize_from_document(whole()).unwrap();
        let change = ProfileChange {
            reviewed: ReviewedChange {
                first_name: Some(names.first_name),
                last_name: Some(names.last_name),
                specialization: Clearable::Set(fields.specialization.unwrap()),
                license_number: Clearable::Set(fields.license_number.unwrap()),
            },
            mobile: Clearable::Set(contact.mobile.unwrap()),
            language: fields.language,
            is_pregnant: fields.is_pregnant,
            date_of_birth: Clearable::Set(fields.date_of_birth.unwrap()),
        };
        let mut kept = whole();
        for (field, value) in bson::serialize_to_document(&change).unwrap() {
            assert_eq!(kept.remove(&field), Some(value), "{field}");
        }
        assert_eq!(
            kept.keys().collect::<Vec<_>>(),
            ["username", "email", "email_display"]
        );
        let stays = bson::serialize_to_document(&ProfileChange::default()).unwrap();
        assert!(stays.is_empty(), "{stays}");
    }
}

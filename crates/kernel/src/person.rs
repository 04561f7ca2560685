//! A person: the values that a registration, an invitation and an account share. A document has them at its top level.

use serde::{Deserialize, Serialize};

use super::{
    contact::{EmailAddress, Mobile},
    names::{LastName, PersonName},
    profile::{DateOfBirth, Language, LicenseNumber, Specialization},
    username::Username,
};

/// What is known about a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The names.
    #[serde(flatten)]
    pub names: Names,
    /// How to reach the person.
    #[serde(flatten)]
    pub contact: Contact,
    /// The other fields.
    #[serde(flatten)]
    pub fields: RoleFields,
}

/// The names of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Names {
    /// As typed at registration; `identifiers` compares it in lower case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<Username>,
    /// Given name.
    pub first_name: PersonName,
    /// Family name; may be empty.
    pub last_name: LastName,
}

/// How to reach a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The e-mail address, two fields of the document.
    #[serde(flatten)]
    pub email: EmailAddress,
    /// Telephone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mobile: Option<Mobile>,
}

/// The fields that only patients or only doctors have, empty for the other roles; and the language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoleFields {
    /// Patients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_pregnant: Option<bool>,
    /// Patients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_of_birth: Option<DateOfBirth>,
    /// Doctors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub specialization: Option<Specialization>,
    /// Doctors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub license_number: Option<LicenseNumber>,
    /// All roles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
}

impl Names {
    /// Its fields in a document.
    pub const FIELDS: [&str; 3] = ["username", "first_name", "last_name"];

    /// The names by which people call the person, in their order.
    #[must_use]
    pub fn spoken(&self) -> [&str; 2] {
        [self.first_name.as_str(), self.last_name.as_str()]
    }

    /// The names by which people call the person, as one text.
    #[must_use]
    pub fn full(&self) -> String {
        self.spoken().join(" ").trim().to_owned()
    }
}

impl Contact {
    /// Its fields in a document.
    pub const FIELDS: [&str; 3] = ["email", "email_display", "mobile"];
}

impl RoleFields {
    /// Its fields in a document.
    pub const FIELDS: [&str; 5] = [
        "is_pregnant",
        "date_of_birth",
        "specialization",
        "license_number",
        "language",
    ];
}

impl Person {
    /// Its fields in a document, without those that the reader must not see.
    pub fn fields_without(hidden: &[&str]) -> impl Iterator<Item = &'static str> {
        [&Names::FIELDS[..], &Contact::FIELDS, &RoleFields::FIELDS]
            .concat()
            .into_iter()
            .filter(|field| !hidden.contains(field))
    }

    /// The name that the person types to log in: the username, or else the address as typed.
    #[must_use]
    pub fn login_name(&self) -> &str {
        let username = self.names.username.as_ref().map(Username::as_str);
        username.unwrap_or(self.contact.email.display())
    }
}

#[cfg(test)]
mod tests {
    use bson::doc;

    use super::*;

    /// A document with every field of a person.
    fn whole() -> bson::Document {
        doc! {
            "username": "jane.doe", "first_name": "Jane", "last_name": "Doe",
            "email": "jane@example.org", "email_display": "Jane@Example.org", "mobile": "+41 79 000 00 00",
            "is_pregnant": false, "date_of_birth": "1990-02-03", "specialization": "Cardiology",
            "license_number": "MD-1", "language": "en",
        }
    }

    // ADM-4
    #[test]
    fn the_listed_fields_are_those_of_the_document() {
        let person: Person = bson::deserialize_from_document(whole()).unwrap();
        let written = bson::serialize_to_document(&person).unwrap();
        assert_eq!(written, whole());
        let listed: Vec<&str> = Person::fields_without(&[]).collect();
        assert_eq!(listed, written.keys().collect::<Vec<_>>());
        assert!(Person::fields_without(&["mobile"]).all(|field| field != "mobile"));
    }

    #[test]
    fn absent_fields_are_empty_and_an_address_is_shown_as_stored() {
        let stored = doc! { "email": "Jane@Example.org" };
        let person: Person = bson::deserialize_from_document(stored).unwrap();
        assert_eq!(person.names, Names::default());
        assert_eq!(person.login_name(), "Jane@Example.org");
        assert!(bson::deserialize_from_document::<Person>(doc! {}).is_err());
    }
}

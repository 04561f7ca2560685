//! An account as its owner, staff and administrators see it.

use poem_openapi::{Object, types::MaybeUndefined};
use serde_json::Value;

use crate::{
    accounts::documents::{Status, User},
    admin::users::VisibleUser,
    http::answer::{UserType, shown_to},
};
use kernel::{
    person::{Contact, Names, Person, RoleFields},
    role::Role,
};
use web::Time;

/// Who reads an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Audience {
    Owner,
    Staff,
    /// Those who may see the private fields as well (ADM-5).
    Administrators,
}

/// An account as staff and administrators see it.
#[derive(Debug, Object)]
pub(crate) struct AccountView {
    /// The user
    user_id: String,
    /// The same as `user_id`
    id: String,
    /// The username, if there is one
    #[oai(nullable)]
    username: Option<String>,
    /// The e-mail address, as it was typed
    email: String,
    /// First and last name
    full_name: String,
    /// Given name
    first_name: String,
    /// Family name; may be empty
    last_name: String,
    /// Telephone; for administrators only
    #[oai(nullable, skip_serializing_if = "MaybeUndefined::is_undefined")]
    mobile: MaybeUndefined<String>,
    /// The same as `mobile`
    #[oai(nullable, skip_serializing_if = "MaybeUndefined::is_undefined")]
    phone: MaybeUndefined<String>,
    /// The language to write in, if one was chosen
    #[oai(nullable)]
    language: Option<String>,
    /// The role
    user_type: UserType,
    /// The same as `user_type`
    role: UserType,
    /// `active`, `invited` or `disabled`
    status: String,
    /// Whether `status` is `active`
    is_active: bool,
    /// Whether the e-mail address is proven
    is_verified: bool,
    /// When the account was made
    #[oai(nullable)]
    created_at: Option<Time>,
    /// When it was changed last
    #[oai(nullable, skip_serializing_if = "MaybeUndefined::is_undefined")]
    updated_at: MaybeUndefined<Time>,
    /// When its owner logged in last
    #[oai(nullable)]
    last_login_at: Option<Time>,
    /// Patients; for administrators only
    #[oai(skip_serializing_if_is_none)]
    is_pregnant: Option<bool>,
    /// Patients; `YYYY-MM-DD`
    #[oai(nullable, skip_serializing_if = "MaybeUndefined::is_undefined")]
    date_of_birth: MaybeUndefined<String>,
    /// Doctors
    #[oai(nullable, skip_serializing_if = "MaybeUndefined::is_undefined")]
    specialization: MaybeUndefined<String>,
    /// Doctors
    #[oai(nullable, skip_serializing_if = "MaybeUndefined::is_undefined")]
    license_number: MaybeUndefined<String>,
    /// Doctors: an administrator has seen the licence
    #[oai(skip_serializing_if_is_none)]
    approved: Option<bool>,
    /// When the account goes, as long as its owner can call the deletion off; for administrators only
    #[oai(skip_serializing_if_is_none)]
    deletes_at: Option<Time>,
}

impl From<VisibleUser> for AccountView {
    fn from(VisibleUser { user, private }: VisibleUser) -> Self {
        let audience = if private {
            Audience::Administrators
        } else {
            Audience::Staff
        };
        Self::new(user, audience)
    }
}

impl AccountView {
    /// The account as its owner sees it.
    pub(crate) fn of_owner(user: User) -> Self {
        Self::new(user, Audience::Owner)
    }

    fn new(user: User, audience: Audience) -> Self {
        let full_name = user.person.names.full();
        let User {
            id: _,
            user_id,
            person,
            password_hash: _,
            user_type,
            approved,
            is_verified,
            status,
            created_at,
            updated_at,
            last_login_at,
            sessions_at_most: _,
            lockout: _,
            second_step: _,
            login_addresses: _,
            login_devices: _,
            deletes_at,
            factors: _,
        } = user;
        let Person {
            names,
            contact,
            fields,
        } = person;
        let Names {
            username,
            first_name,
            last_name,
        } = names;
        let Contact { email, mobile } = contact;
        let RoleFields {
            is_pregnant,
            date_of_birth,
            specialization,
            license_number,
            language,
        } = fields;
        let private = audience != Audience::Staff;
        let patient = user_type == Role::Patient;
        let doctor = user_type == Role::Doctor;
        let mobile = shown_to(private, mobile);
        Self {
            id: user_id.to_string(),
            user_id: user_id.into(),
            username: username.map(Into::into),
            email: email.display().to_owned(),
            full_name,
            first_name: first_name.into(),
            last_name: last_name.into(),
            phone: mobile.clone(),
            mobile,
            language: language.map(Into::into),
            user_type: user_type.into(),
            role: user_type.into(),
            status: status.name().to_owned(),
            is_active: status == Status::Active,
            is_verified,
            created_at: created_at.map(Time),
            updated_at: shown_to(audience != Audience::Owner, updated_at.map(Time)),
            last_login_at: last_login_at.map(Time),
            is_pregnant: is_pregnant.or(Some(false)).filter(|_| patient && private),
            date_of_birth: shown_to(patient, date_of_birth),
            specialization: shown_to(doctor, specialization),
            license_number: shown_to(doctor, license_number),
            approved: approved.or(Some(false)).filter(|_| doctor),
            deletes_at: deletes_at
                .filter(|_| audience == Audience::Administrators)
                .map(Time),
        }
    }
}

/// An account as its owner sees it.
#[derive(Debug, Object)]
pub(crate) struct ProfileResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    #[oai(flatten)]
    account: AccountView,
}

impl ProfileResponse {
    pub(crate) fn new(message: &str, user: User) -> Self {
        Self {
            success: true,
            message: message.to_owned(),
            account: AccountView::new(user, Audience::Owner),
        }
    }

    /// Writes what differs for the owner into the schema, which has the words for administrators.
    pub(crate) fn describe(schema: &mut Value) {
        let Some(properties) = schema["properties"].as_object_mut() else {
            return;
        };
        properties.shift_remove("updated_at");
        properties.shift_remove("deletes_at");
        for (field, words) in [
            (
                "email",
                "The e-mail address, as it was typed at registration",
            ),
            ("mobile", "Telephone"),
            ("is_pregnant", "Patients"),
        ] {
            properties[field]["description"] = words.into();
        }
    }
}

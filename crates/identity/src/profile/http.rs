//! The caller's own profile, under its four paths.

use std::sync::Arc;

use poem_openapi::{Object, OpenApi, payload::Json, types::MaybeUndefined};

use crate::{
    accounts::{
        documents::User,
        http::ProfileResponse,
        rules::changes::{Clearable, ProfileChange, ReviewedChange},
    },
    app::App,
    http::{
        Tag,
        text::{FromText, FullName, Text},
    },
    permissions::ProfileSelf,
    profile,
    sessions::authentication,
};
use kernel::{
    contact::Mobile,
    error::RuleViolation,
    names::{LastName, PersonName},
    profile::{DateOfBirth, Language, LicenseNumber, Specialization},
    request::Origin,
    role::Role,
};
use web::{
    Body, Null, Problem, RequestBody, RequestOrigin, ValidationErrors, caller::Caller,
    problem::error_set,
};

/// The operations.
#[derive(Debug, Clone)]
pub struct ProfileApi(pub Arc<App>);

error_set!(
    /// Reading.
    ReadErrors = [] + BEARER
);
error_set!(
    /// Changing.
    ChangeErrors = [] + BODY + BEARER
);

type Read = Result<Json<ProfileResponse>, Problem<ReadErrors>>;
type Change = Result<Json<ProfileResponse>, Problem<ChangeErrors>>;

#[OpenApi(tag = "Tag::Profile")]
impl ProfileApi {
    /// One's own profile
    #[oai(path = "/auth/me", method = "get", operation_id = "auth_me")]
    async fn auth_me(&self, caller: Caller<ProfileSelf>) -> Read {
        let account = authentication::account_of(&self.0, &caller).await?;
        let user = User::clone(&account);
        Ok(Json(ProfileResponse::new("Profile", user)))
    }

    /// Change one's own profile
    #[oai(path = "/auth/me", method = "patch", operation_id = "change_auth_me")]
    async fn change_auth_me(
        &self,
        caller: Caller<ProfileSelf>,
        origin: RequestOrigin<'_>,
        body: Body<ProfileRequest>,
    ) -> Change {
        let change = body.read_as(|fields, errors| fields.command(errors, caller.role, &origin))?;
        let user = profile::change(&self.0, &origin, &caller, &change).await?;
        Ok(Json(ProfileResponse::new("Profile updated", user)))
    }
}

/// What is to be changed; what is absent stays. `null` clears the fields that may be empty, and so does an empty text.
#[derive(Debug, Object)]
struct ProfileRequest {
    /// Given name, 1 to 100 characters
    first_name: Option<Text<PersonName>>,
    /// Family name, up to 100 characters; `null` clears it
    #[oai(nullable)]
    last_name: MaybeUndefined<Text<LastName>>,
    /// Both names in one, the first word and the rest, if any, of up to 100 characters each; not together with either
    full_name: Option<Text<FullName>>,
    /// Telephone: 4 to 15 digits, with blanks, dashes, dots, slashes and parentheses, after a + if any; up to 40 characters;
    /// `null` clears it
    #[oai(nullable)]
    mobile: MaybeUndefined<Text<Mobile>>,
    /// The same under an older name; `mobile` counts if both are there
    #[oai(nullable)]
    phone: MaybeUndefined<Text<Mobile>>,
    /// The language to write in: `en`, `de`, `fr`, `es` or `hi`, a region after it (`de-CH`); another one, like `null`, is the
    /// same as absent
    #[oai(nullable)]
    language: MaybeUndefined<Text<Language>>,
    /// Patients; `null` is the same as absent
    #[oai(nullable)]
    is_pregnant: MaybeUndefined<bool>,
    /// Patients; `YYYY-MM-DD`, from 1900, not in the future; `null` clears it
    #[oai(nullable)]
    date_of_birth: MaybeUndefined<Text<DateOfBirth>>,
    /// Doctors; 1 to 100 characters; `null` clears it
    #[oai(nullable)]
    specialization: MaybeUndefined<Text<Specialization>>,
    /// Doctors; 1 to 100 characters; `null` clears it; a new one takes the approval back
    #[oai(nullable)]
    license_number: MaybeUndefined<Text<LicenseNumber>>,
}

impl RequestBody for ProfileRequest {
    const NULL: Null = Null::Refuse;
}

const NOT_YOURS: RuleViolation = RuleViolation::new(
    "not_applicable",
    "This field does not belong to your user type",
);
const ONE_NAME: RuleViolation =
    RuleViolation::new("one_of", "Either full_name, or first_name and last_name");

impl ProfileRequest {
    fn command(
        self,
        errors: &mut ValidationErrors,
        role: Role,
        origin: &Origin,
    ) -> Option<ProfileChange> {
        let (language, is_pregnant) = (self.language.take(), self.is_pregnant.take());
        let patients = [
            ("is_pregnant", is_pregnant.is_some()),
            ("date_of_birth", !self.date_of_birth.is_undefined()),
        ];
        let doctors = [
            ("specialization", !self.specialization.is_undefined()),
            ("license_number", !self.license_number.is_undefined()),
        ];
        for (fields, owner) in [(patients, Role::Patient), (doctors, Role::Doctor)] {
            for (field, given) in fields {
                if given && role != owner {
                    errors.add(NOT_YOURS.at(field));
                }
            }
        }
        if self.full_name.is_some() && (self.first_name.is_some() || !self.last_name.is_undefined())
        {
            errors.add(ONE_NAME.at("full_name"));
        }
        let mobile = match (self.mobile, self.phone) {
            (MaybeUndefined::Undefined, phone) => phone,
            (mobile, phone) => {
                if let MaybeUndefined::Value(phone) = &phone {
                    errors.ignore(phone);
                }
                mobile
            }
        };
        errors.list_texts();
        let date_of_birth = clearable(self.date_of_birth, |text| {
            errors.check(&text, |typed| DateOfBirth::parse(typed, origin.now))
        });
        let (first_name, last_name) = match (self.full_name, self.last_name) {
            (Some(full_name), _) => {
                let (first, last) = full_name.value()?;
                (Some(first), Some(last))
            }
            (None, last_name) => {
                let last = match last_name {
                    MaybeUndefined::Undefined => None,
                    MaybeUndefined::Null => Some(LastName::none()),
                    MaybeUndefined::Value(text) => text.value(),
                };
                (self.first_name.and_then(Text::value), last)
            }
        };
        Some(ProfileChange {
            reviewed: ReviewedChange {
                first_name,
                last_name,
                specialization: clearable(self.specialization, Text::value),
                license_number: clearable(self.license_number, Text::value),
            },
            mobile: clearable(mobile, Text::value),
            language: language.and_then(Text::value).flatten(),
            is_pregnant,
            date_of_birth,
        })
    }
}

/// A field that `null` clears.
fn clearable<T: FromText, V>(
    field: MaybeUndefined<Text<T>>,
    value: impl FnOnce(Text<T>) -> Option<V>,
) -> Clearable<V> {
    match field {
        MaybeUndefined::Undefined => Clearable::Stays,
        MaybeUndefined::Null => Clearable::Cleared,
        MaybeUndefined::Value(text) => value(text).map_or(Clearable::Stays, Clearable::Set),
    }
}

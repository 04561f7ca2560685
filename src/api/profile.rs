//! The caller's own profile, under its four paths.

use std::sync::Arc;

use poem_openapi::{Object, OpenApi, payload::Json, types::MaybeUndefined};

use super::{
    Body, Null, Problem, RequestBody, Tag, ValidationErrors,
    account_view::ProfileResponse,
    caller::{Caller, ProfileSelf},
    problem::error_set,
    text::{FullName, Text},
};
use crate::{
    app::App,
    domain::{
        account_changes::{Clearable, ProfileChange, ReviewedChange},
        contact::Mobile,
        names::{LastName, PersonName, split_full_name},
        profile::{DateOfBirth, Language, LicenseNumber, Specialization},
        request::Origin,
        role::Role,
        user::User,
    },
    error::{Error, RuleViolation},
    service::profile,
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

#[OpenApi]
impl ProfileApi {
    /// One's own profile
    #[oai(
        path = "/auth/me",
        method = "get",
        operation_id = "auth_me",
        tag = "Tag::Profile"
    )]
    #[expect(
        clippy::unused_async,
        reason = "what the framework calls a handler is async"
    )]
    async fn auth_me(&self, caller: Caller<ProfileSelf>) -> Read {
        Ok(own_profile(&caller))
    }

    /// Change one's own profile
    #[oai(
        path = "/auth/me",
        method = "patch",
        operation_id = "change_auth_me",
        tag = "Tag::Profile"
    )]
    async fn change_auth_me(
        &self,
        caller: Caller<ProfileSelf>,
        origin: &Origin,
        body: Body<ProfileRequest>,
    ) -> Change {
        self.change(&caller, origin, body).await
    }
}

fn own_profile(caller: &Caller<ProfileSelf>) -> Json<ProfileResponse> {
    Json(ProfileResponse::new("Profile", User::clone(&caller.user)))
}

impl ProfileApi {
    async fn change(
        &self,
        caller: &Caller<ProfileSelf>,
        origin: &Origin,
        body: Body<ProfileRequest>,
    ) -> Change {
        let (fields, errors) = body.with_errors();
        let change = fields.parse(errors, caller.role, origin)?;
        let user = profile::change(&self.0, origin, caller, &change).await?;
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
    fn parse(
        self,
        mut errors: ValidationErrors,
        role: Role,
        origin: &Origin,
    ) -> Result<ProfileChange, Error> {
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
        let first = errors.take_optional("first_name", self.first_name, |text| {
            PersonName::parse(&text)
        });
        let last = match self.last_name {
            MaybeUndefined::Undefined => None,
            MaybeUndefined::Null => Some(LastName::none()),
            MaybeUndefined::Value(text) => errors.take("last_name", LastName::parse(&text)),
        };
        let full = errors.take_optional("full_name", self.full_name, |text| split_full_name(&text));
        let language = language.and_then(|text| Language::parse(&text));
        let (telephone, mobile) = if self.mobile.is_undefined() {
            ("phone", self.phone)
        } else {
            ("mobile", self.mobile)
        };
        let mobile = clearable(&mut errors, telephone, mobile, Mobile::parse);
        let born = clearable(&mut errors, "date_of_birth", self.date_of_birth, |text| {
            DateOfBirth::parse(text, origin.now)
        });
        let speciality = clearable(
            &mut errors,
            "specialization",
            self.specialization,
            Specialization::parse,
        );
        let licence = clearable(
            &mut errors,
            "license_number",
            self.license_number,
            LicenseNumber::parse,
        );
        let (first, full) = errors.finish((first, full))?;
        let (first_name, last_name) = match full {
            Some((first, last)) => (Some(first), Some(last)),
            None => (first, last),
        };
        Ok(ProfileChange {
            reviewed: ReviewedChange {
                first_name,
                last_name,
                specialization: speciality,
                license_number: licence,
            },
            mobile,
            language,
            is_pregnant,
            date_of_birth: born,
        })
    }
}

/// Parses a field that `null` clears. If the value breaks a rule, the error is added to `errors` and the field stays as
/// it is.
fn clearable<T>(
    errors: &mut ValidationErrors,
    field: &'static str,
    value: MaybeUndefined<Text<T>>,
    parse: impl FnOnce(&str) -> Result<T, RuleViolation>,
) -> Clearable<T> {
    match value {
        MaybeUndefined::Undefined => Clearable::Stays,
        MaybeUndefined::Null => Clearable::Cleared,
        MaybeUndefined::Value(text) => match errors.take(field, parse(&text)) {
            Some(parsed) => Clearable::Set(parsed),
            None => Clearable::Stays,
        },
    }
}

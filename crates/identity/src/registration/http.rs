//! `/auth/register`, `/auth/signup`: from a form to a registration.

use crate::{
    app::App,
    errors,
    http::{
        Tag,
        answer::{INVALID_USER_TYPE, UserType},
        text::{FullName, Newcomer, Text, role},
    },
    password::rules::{Password, PasswordContext},
    registration::{self, NewUser, Registered},
};
use std::sync::Arc;

use poem_openapi::{Object, OpenApi, payload::Json};

use kernel::{
    contact::{EmailAddress, Mobile},
    error::{Error, RuleViolation},
    names::{LastName, PersonName},
    person::{Contact, Names, Person, RoleFields},
    profile::{DateOfBirth, Language, LicenseNumber, Specialization},
    request::Origin,
    role::Role,
    secret::Secret,
    username::Username,
};
use web::{
    Body, Problem, RequestBody, RequestOrigin, Unknown, ValidationErrors, problem::error_set,
};

/// The operations.
#[derive(Debug, Clone)]
pub struct RegistrationApi(pub Arc<App>);

error_set!(
    /// Registering.
    RegisterErrors = [USER_EXISTS, EMAIL_ERROR] + BODY + HASHING + DATABASE
);

#[OpenApi(tag = "Tag::Registration")]
impl RegistrationApi {
    /// Register a patient or a doctor
    ///
    /// Sends a code to the address. The account exists once the code is entered at /auth/verify-otp.
    #[oai(path = "/auth/register", method = "post", operation_id = "register")]
    async fn register(
        &self,
        origin: RequestOrigin<'_>,
        body: Body<RegisterRequest>,
    ) -> Result<Json<RegisterResponse>, Problem<RegisterErrors>> {
        let new = body
            .read_as(|fields, errors| fields.command(errors, &self.0, &origin))
            .map_err(name_the_user_type)?;
        let kind = if new.role == Role::Doctor {
            "Doctor"
        } else {
            "Patient"
        };
        let done = registration::register(&self.0, &origin, new).await?;
        let message =
            format!("{kind} registered successfully. Please verify the OTP sent to your email.");
        Ok(Json(RegisterResponse::new(message, done)))
    }

    /// Register a patient without a username
    ///
    /// For small forms: the first word of `full_name` is the first name; the e-mail address and the user id are the names
    /// to log in with.
    #[oai(path = "/auth/signup", method = "post", operation_id = "signup")]
    async fn signup(
        &self,
        origin: RequestOrigin<'_>,
        body: Body<SignupRequest>,
    ) -> Result<Json<RegisterResponse>, Problem<RegisterErrors>> {
        let new = body.read_as(|fields, errors| fields.command(errors, &self.0))?;
        let done = registration::register(&self.0, &origin, new).await?;
        let message = "OTP sent to your email for verification".to_owned();
        Ok(Json(RegisterResponse::new(message, done)))
    }
}

/// What somebody registers with.
#[derive(Debug, Object)]
struct RegisterRequest {
    /// 3 to 32 letters from a to z, digits, dots, dashes and underscores; some words are reserved. Without it the address and
    /// the user id are the names to log in with
    username: Option<Text<Username>>,
    /// The address that is to be proven; up to 254 characters, 64 of them before the @
    email: Text<EmailAddress>,
    /// Telephone: 4 to 15 digits, with blanks, dashes, dots, slashes and parentheses, after a + if any; up to 40 characters
    mobile: Option<Text<Mobile>>,
    /// The same under an older name; `mobile` counts if both are there
    phone: Option<Text<Mobile>>,
    /// 8 to 128 characters; a clinic may ask for more than 8
    password: Text<Password>,
    /// Given name, 1 to 100 characters
    first_name: Text<PersonName>,
    /// Family name, up to 100 characters; a single name is enough
    last_name: Option<Text<LastName>>,
    /// `patient` (default) or `doctor`
    user_type: Option<Text<Newcomer>>,
    /// The language to write in: `en`, `de`, `fr`, `es` or `hi`, a region after it (`de-CH`); another one is ignored. Without
    /// it that of `Accept-Language`
    language: Option<Text<Language>>,
    /// From the answer to an earlier registration of this person that still waits: this one takes its place, which keeps
    /// the username where the address was mistyped. One that is not known is as absent
    registration_token: Option<String>,
    /// Patients
    is_pregnant: Option<bool>,
    /// Patients; `YYYY-MM-DD`, from 1900, not in the future
    date_of_birth: Option<Text<String>>,
    /// Doctors; 1 to 100 characters
    specialization: Option<Text<String>>,
    /// Doctors; 1 to 100 characters
    license_number: Option<Text<String>>,
}

impl RequestBody for RegisterRequest {
    const UNKNOWN: Unknown = Unknown::Ignore;
}

impl RegisterRequest {
    fn command(self, errors: &mut ValidationErrors, app: &App, origin: &Origin) -> Option<NewUser> {
        let mobile = mobile_or_phone(self.mobile, self.phone, errors);
        let context = PasswordContext {
            username: self.username.as_deref().unwrap_or_default(),
            email: &self.email.to_lowercase(),
            first_name: &self.first_name,
            last_name: self.last_name.as_deref().unwrap_or_default(),
            mobile: mobile.as_deref().unwrap_or_default(),
            ..PasswordContext::default()
        };
        let password = errors.check(&self.password, |typed| app.policy.check(typed, &context));
        let role = match &self.user_type {
            Some(word) => errors.check(word, newcomer),
            None => Some(Role::Patient),
        };
        errors.list_texts();
        // Fields of the other user type are ignored; only a wrong JSON type was refused before (INJ-1).
        let of = |owner, text| Option::<Text<String>>::filter(text, |_| role == Some(owner));
        let born = of(Role::Patient, self.date_of_birth);
        let born = errors.check(born.as_ref(), |typed| DateOfBirth::parse(typed, origin.now));
        let speciality = of(Role::Doctor, self.specialization);
        let speciality = errors.check(speciality.as_ref(), Specialization::parse);
        let licence = of(Role::Doctor, self.license_number);
        let licence = errors.check(licence.as_ref(), LicenseNumber::parse);
        Some(NewUser {
            role: role?,
            person: Person {
                names: Names {
                    username: self.username.and_then(Text::value),
                    first_name: self.first_name.value()?,
                    last_name: last_name(self.last_name),
                },
                contact: Contact {
                    email: self.email.value()?,
                    mobile: mobile.and_then(Text::value),
                },
                fields: RoleFields {
                    is_pregnant: self.is_pregnant.filter(|_| role == Some(Role::Patient)),
                    date_of_birth: born,
                    specialization: speciality,
                    license_number: licence,
                    language: language(self.language),
                },
            },
            password: password?,
            replaces: self.registration_token.map(Secret::new),
        })
    }
}

/// The telephone number that is used: older clients call it `phone`.
pub(crate) fn mobile_or_phone(
    mobile: Option<Text<Mobile>>,
    phone: Option<Text<Mobile>>,
    errors: &mut ValidationErrors,
) -> Option<Text<Mobile>> {
    if let (Some(_), Some(phone)) = (&mobile, &phone) {
        errors.ignore(phone);
    }
    mobile.or(phone)
}

/// The last name, which is empty without one.
pub(crate) fn last_name(typed: Option<Text<LastName>>) -> LastName {
    typed.and_then(Text::value).unwrap_or_else(LastName::none)
}

/// A role with which a person can register: patient or doctor.
fn newcomer(name: &str) -> Result<Role, RuleViolation> {
    role(name)
        .ok()
        .filter(|role| !role.is_privileged())
        .ok_or(INVALID_USER_TYPE)
}

/// An error of the user type is named in the message of the answer too.
fn name_the_user_type(error: Error) -> Error {
    if error.fields.iter().any(|error| error.field == "user_type") {
        error.saying(INVALID_USER_TYPE.message)
    } else {
        error
    }
}

fn language(typed: Option<Text<Language>>) -> Option<Language> {
    typed.and_then(Text::value).flatten()
}

/// What a patient signs up with.
#[derive(Debug, Object)]
struct SignupRequest {
    /// The first word becomes the first name, the rest, if any, the last name; up to 100 characters each
    full_name: Text<FullName>,
    /// The address that is to be proven; up to 254 characters, 64 of them before the @
    email: Text<EmailAddress>,
    /// 8 to 128 characters; a clinic may ask for more than 8
    password: Text<Password>,
    /// As in /auth/register
    language: Option<Text<Language>>,
    /// As in /auth/register
    registration_token: Option<String>,
}

impl RequestBody for SignupRequest {
    const UNKNOWN: Unknown = Unknown::Ignore;
}

impl SignupRequest {
    fn command(self, errors: &mut ValidationErrors, app: &App) -> Option<NewUser> {
        let context = PasswordContext {
            email: &self.email.to_lowercase(),
            first_name: &self.full_name,
            ..PasswordContext::default()
        };
        errors.list_texts();
        let password = errors.check(&self.password, |typed| app.policy.check(typed, &context));
        let (first_name, last_name) = self.full_name.value()?;
        Some(NewUser {
            role: Role::Patient,
            person: Person {
                names: Names {
                    username: None,
                    first_name,
                    last_name,
                },
                contact: Contact {
                    email: self.email.value()?,
                    mobile: None,
                },
                fields: RoleFields {
                    is_pregnant: Some(false),
                    language: language(self.language),
                    ..RoleFields::default()
                },
            },
            password: password?,
            replaces: self.registration_token.map(Secret::new),
        })
    }
}

/// A registration that waits for its code.
#[derive(Debug, Object)]
struct RegisterResponse {
    /// Always true
    success: bool,
    /// A sentence for people
    message: String,
    /// The id that the account will have
    user_id: String,
    /// The role
    user_type: UserType,
    /// Always `pending_verification`
    status: String,
    /// Minutes until the registration ends
    expires_in_minutes: i64,
    /// Lets /auth/verify-otp look at this registration alone, and another registration take its place; keep it in the client
    registration_token: String,
    /// The code; only with `service.debug`, in development
    #[oai(skip_serializing_if_is_none)]
    debug_otp: Option<String>,
}

impl RegisterResponse {
    fn new(message: String, done: Registered) -> Self {
        let Registered {
            user_id,
            role,
            expires_in_minutes,
            registration_token,
            debug_otp,
        } = done;
        Self {
            success: true,
            message,
            user_id: user_id.into(),
            user_type: role.into(),
            status: "pending_verification".to_owned(),
            expires_in_minutes,
            registration_token: registration_token.expose().to_owned(),
            debug_otp: debug_otp.map(|code| code.expose().to_owned()),
        }
    }
}

//! `/auth/register`, `/auth/signup`: from a form to a registration.

use std::sync::Arc;

use poem_openapi::{Object, OpenApi, payload::Json};

use super::{
    Body, Problem, RequestBody, Tag, Unknown, ValidationErrors,
    answer::{INVALID_USER_TYPE, UserType},
    listing::role,
    problem::error_set,
    text::{FullName, Newcomer, Text},
};
use crate::{
    app::App,
    config::Secret,
    domain::{
        contact::{EmailAddress, Mobile},
        names::{LastName, PersonName, split_full_name},
        password::{Password, PasswordContext},
        person::{Contact, Names, Person, RoleFields},
        profile::{DateOfBirth, Language, LicenseNumber, Specialization},
        request::Origin,
        role::Role,
        username::Username,
    },
    error::{Error, RuleViolation},
    service::registration::{self, NewUser, Registered},
};

/// The operations.
#[derive(Debug, Clone)]
pub struct RegistrationApi(pub Arc<App>);

error_set!(
    /// Registering.
    RegisterErrors = [UserExists, EmailError] + BODY + HASHING + DATABASE
);

#[OpenApi]
impl RegistrationApi {
    /// Register a patient or a doctor
    ///
    /// Sends a code to the address. The account exists once the code is entered at /auth/verify-otp.
    #[oai(
        path = "/auth/register",
        method = "post",
        operation_id = "register",
        tag = "Tag::Registration"
    )]
    async fn register(
        &self,
        origin: &Origin,
        body: Body<RegisterRequest>,
    ) -> Result<Json<RegisterResponse>, Problem<RegisterErrors>> {
        let (fields, errors) = body.with_errors();
        let new = fields.parse(errors, &self.0, origin)?;
        let kind = if new.role == Role::Doctor {
            "Doctor"
        } else {
            "Patient"
        };
        let done = registration::register(&self.0, origin, new).await?;
        let message =
            format!("{kind} registered successfully. Please verify the OTP sent to your email.");
        Ok(Json(RegisterResponse::new(message, done)))
    }

    /// Register a patient without a username
    ///
    /// For small forms: the first word of `full_name` is the first name; the e-mail address and the user id are the names
    /// to log in with.
    #[oai(
        path = "/auth/signup",
        method = "post",
        operation_id = "signup",
        tag = "Tag::Registration"
    )]
    async fn signup(
        &self,
        origin: &Origin,
        body: Body<SignupRequest>,
    ) -> Result<Json<RegisterResponse>, Problem<RegisterErrors>> {
        let (fields, errors) = body.with_errors();
        let new = fields.parse(errors, &self.0)?;
        let done = registration::register(&self.0, origin, new).await?;
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
    date_of_birth: Option<String>,
    /// Doctors; 1 to 100 characters
    specialization: Option<String>,
    /// Doctors; 1 to 100 characters
    license_number: Option<String>,
}

impl RequestBody for RegisterRequest {
    const UNKNOWN: Unknown = Unknown::Ignore;
}

impl RegisterRequest {
    fn parse(
        self,
        mut errors: ValidationErrors,
        app: &App,
        origin: &Origin,
    ) -> Result<NewUser, Error> {
        let role = self
            .user_type
            .as_deref()
            .map_or(Ok(Role::Patient), newcomer);
        let (telephone, mobile) = mobile_or_phone(self.mobile, self.phone);
        let context = PasswordContext {
            username: self.username.as_deref().unwrap_or_default(),
            email: &self.email.to_lowercase(),
            first_name: &self.first_name,
            last_name: self.last_name.as_deref().unwrap_or_default(),
            mobile: mobile.as_deref().unwrap_or_default(),
            ..PasswordContext::default()
        };
        let password = choose(app, &self.password, &context, &mut errors);
        let is_patient = role == Ok(Role::Patient);
        let is_doctor = role == Ok(Role::Doctor);
        let role = errors.take("user_type", role);
        let username =
            errors.take_optional("username", self.username, |text| Username::parse(&text));
        let email = errors.take("email", EmailAddress::parse(&self.email));
        let mobile = errors.take_optional(telephone, mobile, |text| Mobile::parse(&text));
        let first_name = errors.take("first_name", PersonName::parse(&self.first_name));
        let last_name =
            errors.take_optional("last_name", self.last_name, |text| LastName::parse(&text));
        // Fields of the other user type are ignored; only a wrong JSON type was refused before (INJ-1).
        let born = self.date_of_birth.filter(|_| is_patient);
        let born = errors.take_optional("date_of_birth", born, |text| {
            DateOfBirth::parse(&text, origin.now)
        });
        let speciality = self.specialization.filter(|_| is_doctor);
        let speciality = errors.take_optional("specialization", speciality, |text| {
            Specialization::parse(&text)
        });
        let licence = self.license_number.filter(|_| is_doctor);
        let licence = errors.take_optional("license_number", licence, |text| {
            LicenseNumber::parse(&text)
        });
        let is_type_invalid = errors.contains("user_type");
        let values = (
            role, username, email, mobile, first_name, last_name, password, born, speciality,
            licence,
        );
        let (
            role,
            username,
            email,
            mobile,
            first_name,
            last_name,
            password,
            born,
            speciality,
            licence,
        ) = errors.finish(values).map_err(|error| {
            if is_type_invalid {
                error.saying(INVALID_USER_TYPE.message)
            } else {
                error
            }
        })?;
        Ok(NewUser {
            role,
            person: Person {
                names: Names {
                    username,
                    first_name,
                    last_name: last_name.unwrap_or_else(LastName::none),
                },
                contact: Contact { email, mobile },
                fields: RoleFields {
                    is_pregnant: self.is_pregnant.filter(|_| is_patient),
                    date_of_birth: born,
                    specialization: speciality,
                    license_number: licence,
                    language: language(self.language),
                },
            },
            password,
            replaces: self.registration_token.map(Secret::new),
        })
    }
}

/// The telephone number that is used, and the name of its field: older clients call it `phone`.
pub(super) fn mobile_or_phone<T>(mobile: Option<T>, phone: Option<T>) -> (&'static str, Option<T>) {
    match (mobile, phone) {
        (None, Some(phone)) => ("phone", Some(phone)),
        (mobile, _) => ("mobile", mobile),
    }
}

/// A role with which a person can register: patient or doctor.
fn newcomer(name: &str) -> Result<Role, RuleViolation> {
    role(name)
        .ok()
        .filter(|role| !role.is_privileged())
        .ok_or(INVALID_USER_TYPE)
}

/// The language, if it is known. An unknown one is ignored, because it is no reason to refuse a registration.
fn language(typed: Option<Text<Language>>) -> Option<Language> {
    typed.and_then(|typed| Language::parse(&typed))
}

fn choose(
    app: &App,
    typed: &str,
    context: &PasswordContext<'_>,
    errors: &mut ValidationErrors,
) -> Option<Password> {
    errors.take("password", app.policy.check(typed, context))
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
    fn parse(self, mut errors: ValidationErrors, app: &App) -> Result<NewUser, Error> {
        let names: Option<(PersonName, LastName)> =
            errors.take("full_name", split_full_name(&self.full_name));
        let email = errors.take("email", EmailAddress::parse(&self.email));
        let context = PasswordContext {
            email: &self.email.to_lowercase(),
            first_name: &self.full_name,
            ..PasswordContext::default()
        };
        let password = choose(app, &self.password, &context, &mut errors);
        let ((first_name, last_name), email, password) = errors.finish((names, email, password))?;
        Ok(NewUser {
            role: Role::Patient,
            person: Person {
                names: Names {
                    username: None,
                    first_name,
                    last_name,
                },
                contact: Contact {
                    email,
                    mobile: None,
                },
                fields: RoleFields {
                    is_pregnant: Some(false),
                    language: language(self.language),
                    ..RoleFields::default()
                },
            },
            password,
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

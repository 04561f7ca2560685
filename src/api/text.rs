//! Texts of requests: strings whose schema in the OpenAPI document describes what the domain accepts.

use std::{borrow::Cow, fmt, marker::PhantomData, ops::Deref};

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromJSON, ParseFromParameter, ParseResult, ToJSON, Type},
};
use serde_json::Value;

use crate::{
    clock::Timestamp,
    config::sections::MIN_PASSWORD,
    domain::{
        audit::Action,
        contact::{EmailAddress, Mobile},
        filter::SearchText,
        ids::UserId,
        names::{DeviceName, LastName, PersonName},
        page::{Key, MAX_CURSOR},
        password::Password,
        profile::{DateOfBirth, Language, LicenseNumber, Specialization},
        role::Role,
        user::Status,
        username::{self, Username},
    },
};

/// A text, as it was typed, that the domain will parse as a `T`. It accepts any string: the domain finds the errors, so
/// that the caller gets all errors of a request at once, in the domain's words.
pub(super) struct Text<T> {
    typed: String,
    read_as: PhantomData<fn() -> T>,
}

/// The schema of a text in the OpenAPI document. It forbids nothing that the domain accepts. It may allow texts that
/// the domain refuses, because no schema can express all rules of the domain.
pub(super) trait Limits {
    /// The schema of the text.
    fn limits() -> MetaSchema;
}

/// The roles with which a person can register.
pub(super) enum Newcomer {}

/// The roles that an administrator can give.
pub(super) enum Colleague {}

/// The account statuses that an administrator can give.
pub(super) enum GivenStatus {}

/// A first name and, after a blank, the last name.
pub(super) enum FullName {}

/// The licence number that an administrator has seen; blank if there was none.
pub(super) enum SeenLicense {}

/// The longest user id that a list can be filtered by.
pub(super) const MAX_USER_ID: usize = 64;

macro_rules! limits {
    ($($type:ty => $schema:expr,)+) => {
        $(impl Limits for $type {
            fn limits() -> MetaSchema {
                $schema
            }
        })+
    };
}

limits! {
    // Invisible characters around a username are dropped, and a text of such characters only is the same as absent.
    Username => pattern(format!(
        r"^[^A-Za-z0-9._-]*([A-Za-z0-9._-]{{{},{}}}[^A-Za-z0-9._-]*)?$",
        username::LENGTH.start(),
        username::LENGTH.end()
    )),
    // No maximum length: any number of characters may be dropped at the ends before the length is counted.
    EmailAddress => pattern("^[^@]+@[^@]+$".to_owned()),
    // No pattern: any number of separators may stand between the digits.
    Mobile => any(),
    // No maximum length: it is counted in NFC, which may be shorter than the typed text.
    Password => MetaSchema { min_length: Some(MIN_PASSWORD), ..any() },
    PersonName => visible(),
    LastName => any(),
    FullName => visible(),
    // A text that is too long is cut.
    DeviceName => any(),
    // An unknown language is ignored.
    Language => any(),
    // A blank text is the same as absent, here and below.
    DateOfBirth => pattern("^([^!-~]*|[0-9]{4}-[0-9]{2}-[0-9]{2})$".to_owned()),
    Specialization => any(),
    LicenseNumber => any(),
    SeenLicense => any(),
    Newcomer => words(Role::ALL.iter().filter(|role| !role.is_privileged()).map(|role| role.name())),
    Colleague => words(Role::ALL.iter().filter(|role| role.is_privileged()).map(|role| role.name())),
    GivenStatus => words(Status::GIVEN.iter().map(|status| status.name())),
    Role => words(Role::ALL.iter().map(|role| role.name())),
    Status => words(Status::ALL.iter().map(|status| status.name())),
    Action => words(Action::ALL.iter().map(|action| action.name())),
    Timestamp => pattern(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].+)?$".to_owned()),
    SearchText => any(),
    UserId => MetaSchema { max_length: Some(MAX_USER_ID), ..any() },
    Key => MetaSchema { max_length: Some(MAX_CURSOR), ..any() },
}

/// A parameter that may be empty, which is the same as absent.
impl<T: Limits> Limits for Option<T> {
    /// Marks the schema with `nullable`, the only mark that the framework has for this. `document` replaces it by what
    /// a parameter needs.
    fn limits() -> MetaSchema {
        MetaSchema {
            nullable: true,
            ..T::limits()
        }
    }
}

fn any() -> MetaSchema {
    MetaSchema::new("string")
}

fn pattern(pattern: String) -> MetaSchema {
    MetaSchema {
        pattern: Some(pattern),
        ..any()
    }
}

/// A text with at least one visible character. It has no maximum length, because the length is counted in NFC and
/// without the characters that are dropped at the ends, which no schema can express.
fn visible() -> MetaSchema {
    pattern(r"\S".to_owned())
}

fn words(words: impl Iterator<Item = &'static str>) -> MetaSchema {
    MetaSchema {
        enum_items: words.map(Value::from).collect(),
        ..any()
    }
}

impl<T> From<String> for Text<T> {
    fn from(typed: String) -> Self {
        Self {
            typed,
            read_as: PhantomData,
        }
    }
}

impl<T> From<&str> for Text<T> {
    fn from(typed: &str) -> Self {
        typed.to_owned().into()
    }
}

impl<T> From<Text<T>> for String {
    fn from(text: Text<T>) -> Self {
        text.typed
    }
}

impl<T> Deref for Text<T> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.typed
    }
}

/// Shows nothing of the text, which may be a password.
impl<T> fmt::Debug for Text<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Text(…)")
    }
}

impl<T: Limits> Type for Text<T> {
    const IS_REQUIRED: bool = true;

    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "string".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(T::limits()))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl<T: Limits> ParseFromJSON for Text<T> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        String::parse_from_json(value)
            .map(Self::from)
            .map_err(ParseError::propagate)
    }
}

impl<T: Limits> ParseFromParameter for Text<T> {
    fn parse_from_parameter(value: &str) -> ParseResult<Self> {
        Ok(value.into())
    }
}

impl<T: Limits> ToJSON for Text<T> {
    fn to_json(&self) -> Option<Value> {
        Some(Value::from(self.typed.as_str()))
    }
}

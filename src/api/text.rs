//! Texts of requests: strings of which the document says what the domain takes.

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

/// A text that the domain reads as a `T`, as it was typed: any string. What is wrong with it is the domain's to say, so
/// that every violation of a request is told at once, in the domain's words.
pub(super) struct Text<T> {
    typed: String,
    read_as: PhantomData<fn() -> T>,
}

/// What the document says of a text. It forbids nothing that the domain takes; it may allow what the domain refuses,
/// which has rules that no schema can say.
pub(super) trait Limits {
    /// The schema of the text.
    fn limits() -> MetaSchema;
}

/// The roles that somebody registers with.
pub(super) enum Newcomer {}

/// The roles that an administrator gives.
pub(super) enum Colleague {}

/// The states that an administrator gives.
pub(super) enum Standing {}

/// A first name and, after a gap, the rest.
pub(super) enum FullName {}

/// The licence that an administrator has seen; blank: there was none.
pub(super) enum SeenLicense {}

/// The longest id of a user that is looked for.
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
    // What shows nothing around it is dropped, and nothing else is there without one.
    Username => pattern(format!(
        r"^[^A-Za-z0-9._-]*([A-Za-z0-9._-]{{{},{}}}[^A-Za-z0-9._-]*)?$",
        username::LENGTH.start(),
        username::LENGTH.end()
    )),
    // Its length is counted without what is dropped at the ends, of which there may be any number.
    EmailAddress => pattern("^[^@]+@[^@]+$".to_owned()),
    // What may stand between the digits has no end.
    Mobile => any(),
    // At most is counted in NFC, which is shorter than what is typed.
    Password => MetaSchema { min_length: Some(MIN_PASSWORD), ..any() },
    PersonName => visible(),
    LastName => any(),
    FullName => visible(),
    // It is cut where it is too long.
    DeviceName => any(),
    // One that is not known is ignored.
    Language => any(),
    // A blank one is none, here and below.
    DateOfBirth => pattern("^([^!-~]*|[0-9]{4}-[0-9]{2}-[0-9]{2})$".to_owned()),
    Specialization => any(),
    LicenseNumber => any(),
    SeenLicense => any(),
    Newcomer => words(Role::ALL.iter().filter(|role| !role.is_privileged()).map(|role| role.name())),
    Colleague => words(Role::ALL.iter().filter(|role| role.is_privileged()).map(|role| role.name())),
    Standing => words(Status::GIVEN.iter().map(|status| status.name())),
    Role => words(Role::ALL.iter().map(|role| role.name())),
    Status => words(Status::ALL.iter().map(|status| status.name())),
    Action => words(Action::ALL.iter().map(|action| action.name())),
    Timestamp => pattern(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].+)?$".to_owned()),
    SearchText => any(),
    UserId => MetaSchema { max_length: Some(MAX_USER_ID), ..any() },
    Key => MetaSchema { max_length: Some(MAX_CURSOR), ..any() },
}

/// A parameter of which an empty one is the same as none.
impl<T: Limits> Limits for Option<T> {
    /// `nullable` is what the framework has for that; the document says it as a parameter does.
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

/// A text in which one sees something. How long it may be is counted in NFC and without what is dropped at its ends, which
/// no schema can say.
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

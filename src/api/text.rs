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
        contact::{EmailAddress, MAX_EMAIL, MOBILE, Mobile},
        filter::{MAX_SEARCH, SearchText},
        ids::UserId,
        names::{DeviceName, PersonName},
        page::{Key, MAX_CURSOR},
        password::Password,
        profile::{DateOfBirth, Language, LicenseNumber, Specialization},
        role::Role,
        text::MAX_LINE,
        user::Status,
        username::{self, Username},
    },
};

/// A text that the domain reads as a `T`, as it was typed: any string. What is wrong with it is the domain's to say, so
/// that every fault of a request is told at once, in the domain's words.
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
    Username => MetaSchema {
        min_length: Some(*username::LENGTH.start()),
        max_length: Some(*username::LENGTH.end()),
        ..pattern("^[A-Za-z0-9._-]+$".to_owned())
    },
    EmailAddress => MetaSchema { max_length: Some(MAX_EMAIL), ..pattern("^[^@]+@[^@]+$".to_owned()) },
    Mobile => pattern(format!(r"^\+?[0-9 ()-]{{{},{}}}$", MOBILE.start(), MOBILE.end())),
    // At most is counted in NFC, which is shorter than what is typed.
    Password => MetaSchema { min_length: Some(MIN_PASSWORD), ..any() },
    PersonName => line(),
    FullName => pattern(format!(
        r"^\s*\S{{1,{MAX_LINE}}}(\s+\S.{{0,{}}})?\s*$",
        MAX_LINE - 1
    )),
    DeviceName => blank_or_line(MAX_LINE),
    // One that is not known is ignored.
    Language => any(),
    DateOfBirth => pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}$".to_owned()),
    Specialization => line(),
    LicenseNumber => line(),
    Newcomer => words(Role::ALL.iter().filter(|role| !role.is_privileged()).map(|role| role.name())),
    Colleague => words(Role::ALL.iter().filter(|role| role.is_privileged()).map(|role| role.name())),
    Standing => words(Status::GIVEN.iter().map(|status| status.name())),
    Role => words(Role::ALL.iter().map(|role| role.name())),
    Status => words(Status::ALL.iter().map(|status| status.name())),
    Action => words(Action::ALL.iter().map(|action| action.name())),
    Timestamp => MetaSchema { format: Some("date-time"), ..any() },
    SearchText => blank_or_line(MAX_SEARCH),
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

/// A line of text, which is counted without the blanks around it.
fn line() -> MetaSchema {
    MetaSchema {
        min_length: Some(1),
        ..pattern(format!(r"^\s*\S.{{0,{}}}\s*$", MAX_LINE - 1))
    }
}

/// The same, where a blank one is none.
fn blank_or_line(most: usize) -> MetaSchema {
    pattern(format!(r"^\s*.{{0,{most}}}\s*$"))
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

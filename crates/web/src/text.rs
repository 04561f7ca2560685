//! Texts of requests. One table says, for each type of text, what its schema in the OpenAPI document is and which
//! function of the domain reads it.

use std::{borrow::Cow, cell::RefCell, fmt, ops::Deref};

use chrono::{DateTime, NaiveTime};
use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::Value;

use kernel::{
    clock::Timestamp,
    contact::{EmailAddress, Mobile},
    error::{FieldError, RuleViolation},
    ids::UserId,
    names::{DeviceName, LastName, PersonName, split_full_name},
    page::{Key, MAX_CURSOR},
    profile::{DateOfBirth, Language, LicenseNumber, Specialization, read_date},
    role::Role,
    username::{self, Username},
};

use crate::answer::INVALID_USER_TYPE;

/// A text of a body, read as a `T`. A text that breaks a rule is no reason to stop: [`collect`] notes the error with
/// the field's name, and the text stays, so that rules across fields are checked as well.
pub struct Text<T: FromText> {
    field: Cow<'static, str>,
    typed: String,
    value: Option<T::Value>,
}

/// How a text is read. The schema forbids nothing that the domain accepts. It may allow texts that the domain refuses,
/// because no schema can express all rules of the domain.
pub trait FromText {
    /// What the text becomes.
    type Value: Send + Sync;

    /// The schema of the text.
    fn limits() -> MetaSchema;

    /// The value of a typed text.
    fn read(typed: &str) -> Result<Self::Value, RuleViolation>;
}

/// A first name and, after a blank, the last name.
pub enum FullName {}

/// The beginning of a time range. A day means its beginning in UTC.
pub enum Since {}

/// The end of a time range. A day means its end in UTC, so the day is part of the range.
pub enum Until {}

/// The longest user id that a list can be filtered by.
const MAX_USER_ID: usize = 64;

const TIME_INVALID: RuleViolation = RuleViolation::new(
    "time_invalid",
    "Must be a time of RFC 3339, or a day written YYYY-MM-DD",
);
const ID_TOO_LONG: RuleViolation =
    RuleViolation::new("too_long", "Must have at most 64 characters");

/// The table of texts: for each type what it becomes, its schema, and how it is read.
#[macro_export]
macro_rules! texts {
    ($($type:ty => $value:ty, $schema:expr, |$typed:pat_param| $read:expr;)+) => {
        $(impl $crate::text::FromText for $type {
            type Value = $value;

            fn limits() -> poem_openapi::registry::MetaSchema {
                $schema
            }

            fn read($typed: &str) -> Result<$value, kernel::error::RuleViolation> {
                $read
            }
        })+
    };
}
pub use texts;

texts! {
    // Invisible characters around a username are dropped, and a text of such characters only is the same as absent.
    Username => Self, pattern(format!(
        r"^[^A-Za-z0-9._-]*([A-Za-z0-9._-]{{{},{}}}[^A-Za-z0-9._-]*)?$",
        username::LENGTH.start(),
        username::LENGTH.end()
    )), |typed| Self::parse(typed);
    EmailAddress => Self, address(), |typed| Self::parse(typed);
    // No pattern: any number of separators may stand between the digits.
    Mobile => Self, any(), |typed| Self::parse(typed);
    PersonName => Self, visible(), |typed| Self::parse(typed);
    LastName => Self, any(), |typed| Self::parse(typed);
    FullName => (PersonName, LastName), visible(), |typed| split_full_name(typed);
    // A text that is too long is cut.
    DeviceName => Option<Self>, any(), |typed| Ok(Self::of(typed));
    // An unknown language is ignored, because it is no reason to refuse a request.
    Language => Option<Self>, any(), |typed| Ok(Self::parse(typed));
    Specialization => Self, any(), |typed| Self::parse(typed);
    LicenseNumber => Self, any(), |typed| Self::parse(typed);
    Role => Self, words(Self::ALL.iter().map(|role| role.name())), |typed| role(typed);
    Since => Timestamp, time(), |typed| moment(typed, NaiveTime::MIN);
    Until => Timestamp, time(), |typed| moment(typed, end_of_day());
    UserId => String, MetaSchema { max_length: Some(MAX_USER_ID), ..any() }, |typed| user_id(typed);
    Key => Self, MetaSchema { max_length: Some(MAX_CURSOR), ..any() }, |typed| Self::parse(typed);

    // The rules of these need more than the text, so the operation itself checks them: `ValidationErrors::check`.
    String => (), any(), |_| Ok(());
    // A blank text is the same as absent.
    DateOfBirth => (), pattern("^([^!-~]*|[0-9]{4}-[0-9]{2}-[0-9]{2})$".to_owned()), |_| Ok(());
}

/// Any text.
pub fn any() -> MetaSchema {
    MetaSchema::new("string")
}

/// A text of a regular expression.
pub fn pattern(pattern: String) -> MetaSchema {
    MetaSchema {
        pattern: Some(pattern),
        ..any()
    }
}

/// No maximum length: any number of characters may be dropped at the ends before the length is counted.
pub fn address() -> MetaSchema {
    pattern("^[^@]+@[^@]+$".to_owned())
}

fn time() -> MetaSchema {
    pattern(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].+)?$".to_owned())
}

/// A text with at least one visible character. It has no maximum length, because the length is counted in NFC and
/// without the characters that are dropped at the ends, which no schema can express.
pub fn visible() -> MetaSchema {
    pattern(r"\S".to_owned())
}

/// One of several words.
pub fn words(words: impl Iterator<Item = &'static str>) -> MetaSchema {
    MetaSchema {
        enum_items: words.map(Value::from).collect(),
        ..any()
    }
}

/// The pattern of [`choice`], which no other text has.
const CHOICE: &str = r"\S+";

/// One of several words that are read in small and in capital letters, which no list of words can say.
pub fn choice() -> MetaSchema {
    pattern(CHOICE.to_owned())
}

/// Whether a text is one of several words, so that an empty one is an error and not the same as absent.
pub fn is_choice(schema: &MetaSchema) -> bool {
    !schema.enum_items.is_empty() || schema.pattern.as_deref() == Some(CHOICE)
}

/// A role by its name.
pub fn role(name: &str) -> Result<Role, RuleViolation> {
    let mut all = Role::ALL.into_iter();
    all.find(|role| role.name() == name)
        .ok_or(INVALID_USER_TYPE)
}

fn end_of_day() -> NaiveTime {
    NaiveTime::from_hms_milli_opt(23, 59, 59, 999).unwrap_or_default()
}

fn moment(text: &str, time_of_day: NaiveTime) -> Result<Timestamp, RuleViolation> {
    if let Some(day) = read_date(text) {
        return Ok(day.and_time(time_of_day).and_utc());
    }
    let at = DateTime::parse_from_rfc3339(text).map_err(|_| TIME_INVALID)?;
    Ok(at.to_utc())
}

/// A user id. The account need not exist.
fn user_id(text: &str) -> Result<String, RuleViolation> {
    if text.chars().count() <= MAX_USER_ID {
        Ok(text.to_owned())
    } else {
        Err(ID_TOO_LONG)
    }
}

thread_local! {
    /// The errors of the texts in the body that this thread parses now. poem-openapi has no place for them: it stops at
    /// the first error of a body.
    static FOUND: RefCell<Vec<FieldError>> = const { RefCell::new(Vec::new()) };
}

/// What `parse` returns, and the errors of the texts that it parsed.
pub fn collect<R>(parse: impl FnOnce() -> R) -> (R, Vec<FieldError>) {
    FOUND.take();
    let parsed = parse();
    (parsed, FOUND.take())
}

/// The input of a [`Text`], which the body's shape makes: the field's name and the typed text.
pub fn named(field: &str, typed: Value) -> Value {
    Value::Array(vec![field.into(), typed])
}

/// Marks the schema of a [`Text`]. The document does not show it.
pub const MARK: &str = "Text";

impl<T: FromText> Text<T> {
    /// The name of its field.
    pub fn field(&self) -> Cow<'static, str> {
        self.field.clone()
    }

    /// Whether the field had a text. If not, this is a placeholder, and the body already has an error.
    pub fn is_given(&self) -> bool {
        !self.field.is_empty()
    }

    /// The value; `None` if the text breaks a rule, which is an error of the body.
    pub fn value(self) -> Option<T::Value> {
        self.value
    }
}

/// The text as it was typed.
impl<T: FromText> Deref for Text<T> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.typed
    }
}

/// Shows nothing of the text, which may be a password.
impl<T: FromText> fmt::Debug for Text<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Text(…)")
    }
}

impl<T: FromText> Type for Text<T> {
    const IS_REQUIRED: bool = true;

    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "string".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            rust_typename: Some(MARK),
            ..T::limits()
        }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl<T: FromText> ParseFromJSON for Text<T> {
    /// Reads what [`named`] makes. Any other value stands for a missing text, or for a value that is no text; the body
    /// already has that error.
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let mut text = Self {
            field: Cow::Borrowed(""),
            typed: String::new(),
            value: None,
        };
        if let Some(Value::Array(parts)) = value
            && let Ok([Value::String(field), Value::String(typed)]) = <[Value; 2]>::try_from(parts)
        {
            (text.field, text.typed) = (field.into(), typed);
            match T::read(&text.typed) {
                Ok(value) => text.value = Some(value),
                Err(violation) => {
                    FOUND.with_borrow_mut(|found| found.push(violation.at(text.field())));
                }
            }
        }
        Ok(text)
    }
}

/// The framework asks for it, but no answer has a [`Text`].
impl<T: FromText> ToJSON for Text<T> {
    fn to_json(&self) -> Option<Value> {
        None
    }
}

//! A time in an answer: RFC 3339, in UTC with `Z`, with milliseconds.

use std::borrow::Cow;

use chrono::DateTime;
use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::Value;

use kernel::clock::{Timestamp, rfc3339};

/// A time; in the OpenAPI document a `string` of format `date-time`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time(pub Timestamp);

impl From<Timestamp> for Time {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

impl Type for Time {
    const IS_REQUIRED: bool = true;

    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "string_date-time".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        let schema = MetaSchema {
            example: Some(Value::from("2026-01-15T10:30:00.000Z")),
            ..MetaSchema::new_with_format("string", "date-time")
        };
        MetaSchemaRef::Inline(Box::new(schema))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for Time {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let parse = |text| DateTime::parse_from_rfc3339(text).ok();
        let at = value.as_ref().and_then(Value::as_str).and_then(parse);
        // The framework's own error message would repeat the value (INJ-5).
        at.map(|at| Self(at.to_utc()))
            .ok_or_else(|| ParseError::custom("not a time of RFC 3339"))
    }
}

impl ToJSON for Time {
    fn to_json(&self) -> Option<Value> {
        Some(Value::String(rfc3339(self.0)))
    }
}

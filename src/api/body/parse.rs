//! From a body's bytes to named values. No text of a parser leaves here (INJ-5).

use std::{collections::HashSet, fmt};

use percent_encoding::percent_decode_str;
use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

use crate::error::{Error, FieldError};

/// A JSON object; each name in it stands once. Deeper than 127 levels is refused.
pub(super) fn json(bytes: &[u8]) -> Result<Map<String, Value>, Error> {
    let malformed = |_| {
        let message = "The body is not valid JSON, or names a field twice";
        FieldError::new("body", "malformed", message)
    };
    match serde_json::from_slice(bytes).map_err(malformed)? {
        Unique(Value::Object(fields)) => Ok(fields),
        Unique(_) => Err(FieldError::new("body", "type", "The body must be a JSON object").into()),
    }
}

/// A form: its fields as strings, and the names that were given more than once.
pub(super) struct Form {
    pub(super) fields: Map<String, Value>,
    pub(super) repeated: HashSet<String>,
}

/// `application/x-www-form-urlencoded` (WHATWG URL 5.1), but text that is not UTF-8 is refused.
pub(super) fn form(bytes: &[u8]) -> Result<Form, Error> {
    let malformed = || FieldError::new("body", "malformed", "The body is not a valid form");
    let text = str::from_utf8(bytes).map_err(|_| malformed())?;
    let decode = |part: &str| {
        let spaced = part.replace('+', " ");
        let decoded = percent_decode_str(&spaced).decode_utf8();
        decoded.map(String::from).map_err(|_| malformed())
    };
    let mut form = Form {
        fields: Map::new(),
        repeated: HashSet::new(),
    };
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode(name)?, Value::String(decode(value)?));
        if form.fields.contains_key(&name) {
            form.repeated.insert(name);
        } else {
            form.fields.insert(name, value);
        }
    }
    Ok(form)
}

/// A JSON value in which no object names a field twice: two readers of such a body would not agree
/// on its meaning (ASVS 15.3.7).
struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor).map(Self)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Unique(value)) = items.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some((name, Unique(value))) = entries.next_entry::<String, _>()? {
            if fields.insert(name, value).is_some() {
                return Err(de::Error::custom("a name stands twice"));
            }
        }
        Ok(Value::Object(fields))
    }
}

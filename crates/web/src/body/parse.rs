//! Turns the bytes of a body into named values. The error messages of the parsers are dropped, because they repeat
//! input (INJ-5).

use std::collections::HashSet;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use kernel::{
    error::{Error, FieldError},
    json::Unique,
};

/// A JSON object in which each name occurs once. More than 127 levels are refused.
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
    pub fields: Map<String, Value>,
    pub repeated: HashSet<String>,
}

/// Parses `application/x-www-form-urlencoded` (WHATWG URL 5.1). Text that is not UTF-8 is refused.
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

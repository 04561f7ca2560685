//! Examples of each error, and of each operation's request and answer.

use kernel::{
    error::{Error, ErrorCode, FieldError},
    errors,
};
use std::collections::BTreeSet;

use chrono::{DateTime, Duration};
use poem_openapi::types::ToJSON;
use serde_json::{Map, Value, json};

use crate::{envelope::ErrorEnvelope, reader::Reader};

/// One example for each of `codes`, for `components/examples`.
pub(crate) fn of_errors(codes: &BTreeSet<ErrorCode>) -> Value {
    let example = |code: &ErrorCode| {
        let value = json!({ "summary": code.meaning().trim(), "value": envelope(*code) });
        (name(*code), value)
    };
    Value::Object(codes.iter().map(example).collect())
}

/// References to the examples of `codes`, for a media type.
pub(crate) fn references(codes: &[ErrorCode]) -> Value {
    let reference = |code: &ErrorCode| {
        let target = format!("#/components/examples/{}", name(*code));
        (code.code().to_owned(), json!({ "$ref": target }))
    };
    Value::Object(codes.iter().map(reference).collect())
}

/// The name of a code's example, such as `AuthFailed`. It is the name of the row, because two rows may have the same wire
/// code.
fn name(code: ErrorCode) -> String {
    let words = code
        .name()
        .split('_')
        .filter_map(|word| word.split_at_checked(1));
    words
        .flat_map(|(first, rest)| [first.to_owned(), rest.to_ascii_lowercase()])
        .collect()
}

fn envelope(code: ErrorCode) -> Option<Value> {
    let error = match code {
        errors::VALIDATION_ERROR => {
            FieldError::new("email", "missing", "This field is required").into()
        }
        errors::RATE_LIMIT => Error::rate_limit(60),
        errors::DATABASE_ERROR | errors::SERVICE_BUSY => Error::new(code).retry_after(5),
        _ => Error::new(code),
    };
    let at = DateTime::UNIX_EPOCH + Duration::seconds(1_768_473_000);
    let id = "8f14e45f-ceea-467f-9a7b-3c1d2e4f5a6b";
    ErrorEnvelope::new(&error, id, at, Reader::ENGLISH).to_json()
}

/// The examples of schemas, by the schema's name. They leave out an absent field of a request, and do not write null.
pub(crate) fn of_schemas(texts: &[&str]) -> Result<Map<String, Value>, serde_json::Error> {
    let mut all = Map::new();
    for text in texts {
        all.extend(serde_json::from_str::<Map<String, Value>>(text)?);
    }
    Ok(all)
}

/// The example of a media type's schema. `None` if the schema has none.
pub(crate) fn of_schema(schema: &Value, schemas: &Map<String, Value>) -> Option<Value> {
    resolve(schema, schemas)?.get("example").cloned()
}

/// The schema to which a reference points. A schema that is no reference is returned unchanged.
pub(crate) fn resolve<'a>(schema: &'a Value, schemas: &'a Map<String, Value>) -> Option<&'a Value> {
    match schema.get("$ref").and_then(Value::as_str) {
        Some(reference) => schemas.get(target(reference)),
        None => Some(schema),
    }
}

/// The name of the component to which a reference points.
pub(crate) fn target(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or_default()
}

//! Completes one operation of the document: its permission, its codes, its examples and its media types.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::{caller::SCHEME, document::examples, problem::CODES_MARKER, routes::codes_named};
use kernel::error::ErrorCode;
use platform::slice::Slices;

type Fields = Map<String, Value>;

const REQUEST_ID: &str = "X-Request-Id";

/// The headers of every answer, for `components/headers`.
pub(crate) fn headers() -> Value {
    json!({ REQUEST_ID: {
        "description": "The id of the request, the same as in the log: the caller's own, if it is 8 to 64 letters, digits and hyphens, or a new one",
        "required": true,
        "schema": { "type": "string" },
    } })
}

/// Adds what the framework could not write to `operation`, and adds the operation's codes to `named`.
pub(crate) fn finish(
    operation: &mut Fields,
    schemas: &Fields,
    slices: Slices,
    named: &mut BTreeSet<ErrorCode>,
) {
    show_permission(operation);
    show_empty_values(operation);
    show_request_id(operation);
    if let Some(body) = operation.get_mut("requestBody") {
        objects(body.get_mut("content")).for_each(|media_type| set_example(media_type, schemas));
    }
    for response in objects(operation.get_mut("responses")) {
        name_media_types(response);
        match take_codes(response, slices) {
            Some(codes) => {
                show_codes(response, &codes);
                named.extend(codes);
            }
            None => show_success(response, schemas),
        }
        let headers = response.entry("headers").or_insert_with(|| json!({}));
        headers[REQUEST_ID] = json!({ "$ref": format!("#/components/headers/{REQUEST_ID}") });
    }
}

/// The objects in an object.
pub(crate) fn objects(value: Option<&mut Value>) -> impl Iterator<Item = &mut Fields> {
    let fields = value.and_then(Value::as_object_mut).into_iter();
    let values = fields.flat_map(Fields::values_mut);
    values.filter_map(Value::as_object_mut)
}

/// Moves the permissions from the list of security schemes to the description and to `x-permission`: a word, or a list of
/// words of which one is enough.
fn show_permission(operation: &mut Fields) {
    let security = operation.entry("security").or_insert_with(|| json!([]));
    let Value::Array(security) = security else {
        return;
    };
    let named = |scheme: &Value| {
        let mut names = scheme.as_object().into_iter().flat_map(Map::keys);
        names.find(|name| *name != SCHEME).cloned()
    };
    let permissions: Vec<String> = security.iter().filter_map(named).collect();
    let text = permissions.join("` or `");
    let named_so = match <[String; 1]>::try_from(permissions) {
        Ok([permission]) => json!(permission),
        Err(none) if none.is_empty() => return,
        Err(several) => json!(several),
    };
    security.retain(|scheme| named(scheme).is_none());
    let before = operation.get("description").and_then(Value::as_str);
    let before = before.map_or_else(String::new, |text| format!("{text}\n\n"));
    let description = format!("{before}Needs the permission `{text}`.");
    operation.insert("description".to_owned(), description.into());
    operation.insert("x-permission".to_owned(), named_so);
}

/// Sets `allowEmptyValue` for a parameter that may be empty. Its schema can only say `nullable`, so this function
/// replaces that word.
fn show_empty_values(operation: &mut Fields) {
    let parameters = operation.get_mut("parameters");
    let parameters = parameters.and_then(Value::as_array_mut);
    for parameter in parameters.into_iter().flatten() {
        let schema = parameter.get_mut("schema").and_then(Value::as_object_mut);
        if schema.is_some_and(|schema| schema.shift_remove("nullable").is_some()) {
            parameter["allowEmptyValue"] = true.into();
        }
    }
}

/// Adds the header `X-Request-Id` to operations with several kinds of body, because openapi-python-client 0.29 forgets
/// an import at such an operation unless it has an optional parameter. Every operation accepts the header.
fn show_request_id(operation: &mut Fields) {
    let content = &operation.get("requestBody").unwrap_or(&Value::Null)["content"];
    if content.as_object().is_none_or(|kinds| kinds.len() < 2) {
        return;
    }
    let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
    if let Value::Array(parameters) = parameters {
        parameters.push(json!({
            "name": REQUEST_ID,
            "in": "header",
            "description": "An id of the caller's, of 8 to 64 letters, digits and hyphens, for the answer and the log; any other is replaced",
            "required": false,
            "schema": { "type": "string" },
        }));
    }
}

/// Removes the parameters of media types, because generators look for `application/json`.
fn name_media_types(response: &mut Fields) {
    if let Some(Value::Object(content)) = response.get_mut("content") {
        let bare = |(name, schema): (String, Value)| {
            let name = name.split(';').next().unwrap_or_default().to_owned();
            (name, schema)
        };
        *content = std::mem::take(content).into_iter().map(bare).collect();
    }
}

/// Takes the codes of an error response out of the marker header. `None` if the response is no error.
fn take_codes(response: &mut Fields, slices: Slices) -> Option<Vec<ErrorCode>> {
    let headers = response.get_mut("headers")?.as_object_mut()?;
    let marker = headers.shift_remove(CODES_MARKER)?;
    if headers.is_empty() {
        response.shift_remove("headers");
    }
    let names = marker["description"].as_str();
    Some(codes_named(names.unwrap_or_default(), slices))
}

fn show_codes(response: &mut Fields, codes: &[ErrorCode]) {
    let line = |code: &ErrorCode| format!("`{}`: {}", code.code(), code.meaning().trim());
    let lines: Vec<_> = codes.iter().map(line).collect();
    let mut names: Vec<_> = codes.iter().map(|code| code.code()).collect();
    // Two rows with different messages may have one code.
    names.dedup();
    response.insert("description".to_owned(), lines.join("\n\n").into());
    response.insert("x-error-codes".to_owned(), json!(names));
    for media_type in objects(response.get_mut("content")) {
        media_type.insert("examples".to_owned(), examples::references(codes));
    }
}

fn show_success(response: &mut Fields, schemas: &Fields) {
    let mut description = None;
    for media_type in objects(response.get_mut("content")) {
        let schema = media_type.get("schema");
        let schema = schema.and_then(|schema| examples::resolve(schema, schemas));
        description = description.or_else(|| schema?.get("description").cloned());
        set_example(media_type, schemas);
    }
    // The framework writes no description for an answer that is a plain type.
    let known = response.get("description");
    if known.is_none_or(|text| *text == json!("")) {
        let description = description.unwrap_or_else(|| "Success".into());
        response.insert("description".to_owned(), description);
    }
}

fn set_example(media_type: &mut Fields, schemas: &Fields) {
    let schema = media_type.get("schema");
    if let Some(example) = schema.and_then(|schema| examples::of_schema(schema, schemas)) {
        media_type.insert("example".to_owned(), example);
    }
}

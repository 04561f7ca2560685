//! Checks a JSON value against a schema of the OpenAPI document.

use serde_json::Value;

use super::resolve;

/// The places where `value` does not match `schema`.
pub(crate) fn schema_errors(
    document: &Value,
    schema: &Value,
    value: &Value,
    at: &str,
) -> Vec<String> {
    let base = resolve(document, schema);
    let nullable = schema["nullable"] == true || base["nullable"] == true;
    let kind = base["type"].as_str().unwrap_or("any");
    let fits = match kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    };
    if value.is_null() && nullable {
        return Vec::new();
    }
    let choice = base["enum"]
        .as_array()
        .is_none_or(|choices| choices.contains(value));
    if !fits || !choice {
        return vec![format!("{at} is no {kind}: {value}")];
    }
    let mut found = Vec::new();
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        found.extend(schema_errors(
            document,
            &base["items"],
            item,
            &format!("{at}.{index}"),
        ));
    }
    let Some(properties) = base["properties"].as_object() else {
        return found;
    };
    for name in base["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        if value.get(name).is_none() {
            found.push(format!("{at}.{name} is missing"));
        }
    }
    for (name, item) in value.as_object().unwrap() {
        match properties.get(name) {
            Some(property) => {
                found.extend(schema_errors(
                    document,
                    property,
                    item,
                    &format!("{at}.{name}"),
                ));
            }
            None => found.push(format!("{at}.{name} is not in the document")),
        }
    }
    found
}

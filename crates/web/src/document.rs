//! Makes the OpenAPI document: poem-openapi derives it from the handlers, and this module adds the rest.

mod examples;
mod operation;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    marker::PhantomData,
};

use poem::{endpoint::BoxEndpoint, http::Method};
use poem_openapi::{
    LicenseObject, OpenApi, OpenApiService,
    registry::{MetaApi, MetaPath, Registry},
};
use serde_json::{Map, Value, json};

use kernel::error::Cause;
use platform::slice::Slices;

/// What the document says besides the operations.
pub struct About {
    /// The title of the document and of the pages that show it.
    pub title: &'static str,
    /// The first paragraph.
    pub description: &'static str,
    /// The version of the service.
    pub version: &'static str,
    /// The address of the Apache licence.
    pub license_url: &'static str,
    /// The examples of schemas: JSON objects by the schema's name.
    pub examples: &'static [&'static str],
    /// The slices, whose error codes the operations can answer.
    pub slices: Slices,
    /// Changes a schema that the framework cannot write as it should be.
    pub describe: fn(&str, &mut Value),
}

/// The document of `T`. It needs only the type, so the service does not have to run.
///
/// Each path is in it once, also if several parts of `T` serve it. Each operation has examples of its request and its
/// answers. Each error response lists its codes in its description and in `x-error-codes`. Each operation that needs a
/// permission names it in `x-permission`.
///
/// # Errors
/// An error if the framework's text is not JSON.
pub fn document<T: OpenApi>(about: &About) -> Result<Value, Cause> {
    let service = OpenApiService::new(Shape::<T>(PhantomData), about.title, about.version)
        .description(about.description)
        .license(LicenseObject::new("Apache-2.0").url(about.license_url))
        .server("/")
        .server("/api/v1");
    let mut document: Value = serde_json::from_str(&service.spec())?;
    let taken = schemas_of_requests(&document, |_| true);
    let of_forms = schemas_of_requests(&document, |media_type| media_type != "application/json");
    let mut of_schemas = examples::of_schemas(about.examples)?;
    let mut schemas = Map::new();
    if let Some(Value::Object(known)) = document.pointer_mut("/components/schemas") {
        for (name, schema) in known.iter_mut() {
            tidy(schema);
            localize(schema);
            (about.describe)(name, schema);
            if let Some(example) = of_schemas.shift_remove(name) {
                schema["example"] = example;
            }
            if taken.contains(name) {
                show_rules(schema, of_forms.contains(name));
            }
        }
        schemas.clone_from(known);
    }
    let mut named = BTreeSet::new();
    for path in operation::objects(document.get_mut("paths")) {
        for operation in path.values_mut().filter_map(Value::as_object_mut) {
            operation::finish(operation, &schemas, about.slices, &mut named);
        }
    }
    if let Some(Value::Object(components)) = document.get_mut("components") {
        components.insert("examples".to_owned(), examples::of_errors(&named));
        components.insert("headers".to_owned(), operation::headers());
    }
    Ok(document)
}

/// The names of the schemas of request bodies whose media type is `wanted`.
fn schemas_of_requests(document: &Value, wanted: fn(&str) -> bool) -> HashSet<String> {
    let paths = document["paths"].as_object().into_iter();
    let operations = paths.flat_map(Map::values).filter_map(Value::as_object);
    operations
        .flat_map(Map::values)
        .filter_map(|operation| operation["requestBody"]["content"].as_object())
        .flatten()
        .filter(|(name, _)| wanted(name))
        .filter_map(|(_, media_type)| media_type["schema"]["$ref"].as_str())
        .map(|reference| examples::target(reference).to_owned())
        .collect()
}

/// Writes the rules that `body::rules` left in a request's schema in the words of OpenAPI. Unknown fields are refused,
/// unless a form has the same schema, because a form ignores them. `null` is the same as absent.
fn show_rules(schema: &mut Value, of_form: bool) {
    let Some(rules) = schema
        .as_object_mut()
        .and_then(|fields| fields.shift_remove("additionalProperties"))
    else {
        return;
    };
    if rules["readOnly"] == true && !of_form {
        schema["additionalProperties"] = false.into();
    }
    if rules["nullable"] == true {
        let required = schema["required"].clone();
        let is_required = |name: &str| {
            let mut names = required.as_array().into_iter().flatten();
            names.any(|known| known == name)
        };
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
        for (name, property) in properties.into_iter().flatten() {
            if !is_required(name) {
                property["nullable"] = true.into();
                if let Some(fields) = property.as_object_mut() {
                    name_type(fields);
                }
                // A list of words must contain null as well (OpenAPI 3.0.3, 4.7.24.1).
                if let Some(Value::Array(words)) = property.get_mut("enum") {
                    words.push(Value::Null);
                }
            }
        }
    }
}

/// Removes the framework's second copy of a field's description, because generators take it for another type. An object
/// that may be null says its type, because `nullable` means nothing without one (OpenAPI 3.0.3, 4.7.24.1).
fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::Array(parts)) = fields.get_mut("allOf") {
                let says_more = |part: &Value| {
                    let mut names = part.as_object().into_iter().flat_map(Map::keys);
                    names.any(|name| name != "description" && name != "nullable")
                };
                parts.retain(says_more);
                name_type(fields);
            }
            fields.values_mut().for_each(tidy);
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        _ => {}
    }
}

/// Puts `localized_message` beside the `message` of an answer: the program adds it to each one.
fn localize(schema: &mut Value) {
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    let Some(properties) = properties.filter(|them| them.contains_key("success")) else {
        return;
    };
    if let Some(place) = properties.keys().position(|name| name == "message") {
        let localized = json!({
            "type": "string",
            "description": "The `message` in the language that `Accept-Language` asks for: German, French, Spanish or Hindi",
        });
        properties.shift_insert(place + 1, "localized_message".to_owned(), localized);
    }
}

/// The type of a nullable reference to an object.
fn name_type(fields: &mut Map<String, Value>) {
    let is_reference = fields.contains_key("allOf") && !fields.contains_key("type");
    if is_reference && fields.get("nullable") == Some(&Value::Bool(true)) {
        fields.insert("type".to_owned(), "object".into());
    }
}

/// The type `T` without its handlers. Each path is in it once.
struct Shape<T>(PhantomData<T>);

impl<T: OpenApi> OpenApi for Shape<T> {
    fn meta() -> Vec<MetaApi> {
        let mut paths: Vec<MetaPath> = Vec::new();
        for path in T::meta().into_iter().flat_map(|api| api.paths) {
            match paths.iter_mut().find(|known| known.path == path.path) {
                Some(known) => known.operations.extend(path.operations),
                None => paths.push(path),
            }
        }
        vec![MetaApi { paths }]
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn add_routes(self, _: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {}
}

//! The OpenAPI document: what poem-openapi derives from the handlers, with what it cannot say
//! (contract.md 1, 1.5).

use std::{collections::HashMap, marker::PhantomData};

use poem::{endpoint::BoxEndpoint, http::Method};
use poem_openapi::{
    OpenApi, OpenApiService,
    registry::{MetaApi, MetaPath, Registry},
};
use serde_json::{Value, json};

use super::{VERSION, problem::CODES_MARKER, routes::codes_named};
use crate::error::{Cause, ErrorCode};

/// The title of the document and of the pages that show it.
pub const TITLE: &str = "Clinic identity service";

const DESCRIPTION: &str = "Registration, proof of e-mail addresses, login, sessions, and their \
administration. Every path answers at the root and under `/api/v1`. Every refusal has the one shape \
`ErrorEnvelope`; the codes that an operation can answer stand at its responses.";

/// The document of `T`, which is needed as a type only: nothing is started for it.
///
/// Each path stands once, also if several parts of `T` serve it. Each error response lists its codes
/// in its description and in `x-error-codes`.
///
/// # Errors
/// The framework gave no JSON.
pub fn document<T: OpenApi>() -> Result<Value, Cause> {
    let service = OpenApiService::new(Shape::<T>(PhantomData), TITLE, VERSION)
        .description(DESCRIPTION)
        .license("Apache-2.0")
        .server("/")
        .server("/api/v1");
    let mut document: Value = serde_json::from_str(&service.spec())?;
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    for (_, path) in paths {
        for (_, operation) in path.as_object_mut().into_iter().flatten() {
            let responses = operation["responses"].as_object_mut().into_iter().flatten();
            for (_, response) in responses {
                show_codes(response);
                name_media_types(response);
            }
        }
    }
    Ok(document)
}

/// Moves a response's codes from the header that carried them to where they are read.
fn show_codes(response: &mut Value) {
    let Some(headers) = response["headers"].as_object_mut() else {
        return;
    };
    let marker = headers.shift_remove(CODES_MARKER);
    if headers.is_empty() {
        response
            .as_object_mut()
            .map(|fields| fields.shift_remove("headers"));
    }
    let Some(marker) = marker else {
        return;
    };
    let codes = codes_named(marker["description"].as_str().unwrap_or_default());
    let line = |code: &ErrorCode| format!("`{}`: {}", code.code(), code.meaning().trim());
    let lines: Vec<_> = codes.iter().map(line).collect();
    let names: Vec<_> = codes.iter().map(|code| code.code()).collect();
    response["description"] = json!(lines.join("\n\n"));
    response["x-error-codes"] = json!(names);
}

/// Drops the parameters of media types: generators look for `application/json`.
fn name_media_types(response: &mut Value) {
    if let Some(content) = response["content"].as_object_mut() {
        let bare = |(name, schema): (String, Value)| {
            let name = name.split(';').next().unwrap_or_default().to_owned();
            (name, schema)
        };
        *content = std::mem::take(content).into_iter().map(bare).collect();
    }
}

/// `T` as a type, without its handlers, each path once.
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

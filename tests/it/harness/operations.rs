//! The operations of the OpenAPI document. Tests go through all of them, so that a new operation is tested at once.

use clinic_auth::{
    api::{self, Operations},
    slices::SLICES,
};
use kernel::role::Role;
use platform::slice;
use reqwest::{Method, RequestBuilder};
use serde_json::{Map, Value};

use super::{Answer, TestServer};

/// One operation of the document.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) method: Method,
    /// The path with its parameters in braces.
    pub(crate) template: String,
    pub(crate) spec: Value,
}

/// The OpenAPI document that the code generates.
pub(crate) fn document() -> Value {
    web::document::document::<Operations>(&api::ABOUT).unwrap()
}

/// Every operation of the document.
pub(crate) fn operations() -> Vec<Operation> {
    let mut all = Vec::new();
    for (template, item) in document()["paths"].as_object().unwrap() {
        for (method, spec) in item.as_object().unwrap() {
            all.push(Operation {
                id: spec["operationId"].as_str().unwrap().to_owned(),
                method: method.to_uppercase().parse().unwrap(),
                template: template.clone(),
                spec: spec.clone(),
            });
        }
    }
    all
}

/// The schema behind a reference.
pub(crate) fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let base = schema["allOf"].get(0).unwrap_or(schema);
    match base["$ref"].as_str() {
        Some(reference) => document.pointer(&reference[1..]).unwrap(),
        None => base,
    }
}

impl Operation {
    /// A path of the operation; its ids do not exist.
    pub(crate) fn path(&self) -> String {
        let known = |part| {
            if str::starts_with(part, '{') {
                "nobody"
            } else {
                part
            }
        };
        let parts: Vec<_> = self.template.split('/').map(known).collect();
        parts.join("/")
    }

    /// Whether it needs an access token.
    pub(crate) fn needs_token(&self) -> bool {
        let schemes = self.spec["security"].as_array().unwrap();
        !schemes.is_empty() && schemes.iter().all(|scheme| scheme.get("bearer").is_some())
    }

    /// The permissions of which a caller needs one.
    pub(crate) fn permissions(&self) -> Vec<&str> {
        match &self.spec["x-permission"] {
            Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
            one => one.as_str().into_iter().collect(),
        }
    }

    /// The first of them.
    pub(crate) fn permission(&self) -> Option<&str> {
        self.permissions().first().copied()
    }

    /// A role that may call it.
    pub(crate) fn caller(&self) -> Role {
        let permission = self.permission().unwrap_or_default();
        let may = |role: &Role| slice::permissions(SLICES, *role).any(|name| name == permission);
        let mut roles = [Role::Admin, Role::Doctor, Role::Patient].into_iter();
        roles.find(may).unwrap_or(Role::Admin)
    }

    /// The example of its JSON body, if it has a body.
    pub(crate) fn example(&self) -> Option<Map<String, Value>> {
        let json = self.spec["requestBody"]["content"].get("application/json")?;
        json["example"].as_object().cloned()
    }

    /// The schema of its JSON body.
    pub(crate) fn body_schema(&self, document: &Value) -> Value {
        resolve(
            document,
            &self.spec["requestBody"]["content"]["application/json"]["schema"],
        )
        .clone()
    }

    /// The responses, by status number.
    pub(crate) fn responses(&self) -> impl Iterator<Item = (u16, &Value)> {
        let responses = self.spec["responses"].as_object().unwrap().iter();
        responses.map(|(status, response)| (status.parse().unwrap(), response))
    }

    /// A request for it, without a body.
    pub(crate) fn request(&self, server: &TestServer) -> RequestBuilder {
        server
            .http
            .request(self.method.clone(), server.url(&self.path()))
    }

    /// Sends it with this access token and body.
    pub(crate) async fn send(&self, server: &TestServer, token: &str, body: &Value) -> Answer {
        Answer::of(self.request(server).bearer_auth(token).json(body)).await
    }
}

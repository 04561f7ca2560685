//! Hostile bodies and parameters, sent to every operation of the OpenAPI document (INJ-1 to INJ-6, WEB-9).

mod bodies;
mod fields;
mod parameters;

use kernel::role::Role;
use serde_json::{Value, json};

use crate::harness::{Answer, Operation, TestServer, document, many_requests, operations, resolve};

/// Text that no answer may repeat.
const CANARY: &str = "CanarY-7731";

/// A server with a token that opens every operation, and the operations that take a body.
struct Target {
    server: TestServer,
    admin: String,
    doctor: String,
    patient: String,
    operations: Vec<Operation>,
    document: Value,
}

impl Target {
    async fn new() -> Self {
        let server = TestServer::start_with(many_requests).await;
        let admin = server.token_of(Role::Admin).await;
        let doctor = server.token_of(Role::Doctor).await;
        let patient = server.token_of(Role::Patient).await;
        let with_body = operations()
            .into_iter()
            .filter(|operation| operation.example().is_some());
        let mut operations: Vec<_> = with_body.collect();
        // `logout` comes last, because it ends the session that the other operations need.
        operations.sort_by_key(|operation| operation.id == "logout");
        Self {
            server,
            admin,
            doctor,
            patient,
            operations,
            document: document(),
        }
    }

    /// The access token of a caller who may call the operation.
    fn token(&self, operation: &Operation) -> &str {
        match operation.caller() {
            Role::Doctor => &self.doctor,
            Role::Patient => &self.patient,
            Role::Admin | Role::Staff => &self.admin,
        }
    }

    async fn send(&self, operation: &Operation, body: &Value) -> Answer {
        operation
            .send(&self.server, self.token(operation), body)
            .await
    }

    /// Sends these bytes as the body.
    async fn send_bytes(
        &self,
        operation: &Operation,
        content_type: &str,
        body: impl Into<Vec<u8>>,
    ) -> Answer {
        let request = operation
            .request(&self.server)
            .bearer_auth(self.token(operation));
        Answer::of(
            request
                .header("Content-Type", content_type)
                .body(body.into()),
        )
        .await
    }

    fn fields(&self, operation: &Operation) -> Vec<Field> {
        let schema = operation.body_schema(&self.document);
        let required = |name: &String| {
            schema["required"]
                .as_array()
                .is_some_and(|all| all.contains(&json!(name)))
        };
        let field = |(name, property): (&String, &Value)| Field {
            name: name.clone(),
            kind: resolve(&self.document, property)["type"]
                .as_str()
                .unwrap_or("any")
                .to_owned(),
            required: required(name),
        };
        schema["properties"]
            .as_object()
            .into_iter()
            .flatten()
            .map(field)
            .collect()
    }
}

struct Field {
    name: String,
    kind: String,
    required: bool,
}

//! Fields of the wrong type, missing, null or unknown, and texts that an answer must not repeat.

use serde_json::{Map, Value, json};

use super::{CANARY, Target};
use crate::harness::{Operation, PASSWORD, registration};

/// The operation's example with one field changed.
fn with(operation: &Operation, field: &str, value: Value) -> Value {
    let mut body = operation.example().unwrap();
    body.insert(field.to_owned(), value);
    Value::Object(body)
}

/// An error of a rule across fields.
#[expect(
    clippy::ptr_arg,
    reason = "it is called for each element of a list of texts"
)]
fn is_pair_error(error: &String) -> bool {
    [" one_of", " missing", " empty"]
        .iter()
        .any(|kind| error.ends_with(kind))
}

#[tokio::test]
async fn a_string_field_accepts_only_a_string() {
    let target = Target::new().await;
    let values = [
        json!({ "$ne": CANARY }),
        json!([CANARY]),
        json!(31337.5),
        json!(true),
    ];
    for operation in &target.operations {
        for field in target
            .fields(operation)
            .iter()
            .filter(|field| field.kind == "string")
        {
            for value in &values {
                let answer = target
                    .send(operation, &with(operation, &field.name, value.clone()))
                    .await;
                answer.refused(422, "VALIDATION_ERROR"); // INJ-1
                let errors = answer.validation_errors();
                assert_eq!(
                    errors[0],
                    format!("{} type", field.name),
                    "{}",
                    operation.id
                );
                // Without this field, another one may be missed.
                assert!(
                    errors[1..].iter().all(is_pair_error),
                    "{} {errors:?}",
                    operation.id
                );
                assert!(!answer.raw.contains(CANARY) && !answer.raw.contains("31337.5")); // INJ-5
            }
        }
    }
}

#[tokio::test]
async fn null_is_refused_in_a_required_field() {
    let target = Target::new().await;
    for operation in &target.operations {
        for field in target
            .fields(operation)
            .iter()
            .filter(|field| field.required)
        {
            let answer = target
                .send(operation, &with(operation, &field.name, Value::Null))
                .await;
            answer.refused(422, "VALIDATION_ERROR");
            assert_eq!(
                answer.validation_errors(),
                [format!("{} null", field.name)],
                "{}",
                operation.id
            );
        }
    }
}

#[tokio::test]
async fn the_openapi_document_marks_the_nullable_fields() {
    let target = Target::new().await;
    for operation in &target.operations {
        for field in target.fields(operation) {
            let answer = target
                .send(operation, &with(operation, &field.name, Value::Null))
                .await;
            let refused = answer
                .validation_errors()
                .contains(&format!("{} null", field.name));
            let property = &operation.body_schema(&target.document)["properties"][&field.name];
            assert_eq!(
                property["nullable"] == true,
                !refused,
                "{} {}",
                operation.id,
                field.name
            );
        }
    }
}

#[tokio::test]
async fn null_means_absent_and_clears_a_field_in_a_change() {
    let target = Target::new().await;
    let mut body = registration("nulla");
    for field in [
        "user_type",
        "language",
        "is_pregnant",
        "date_of_birth",
        "specialization",
        "license_number",
    ] {
        body[field] = Value::Null;
    }
    let registered = target.server.post("/auth/register", body).await.expect(200);
    assert_eq!(registered.text("user_type"), "patient");
    let token = target.server.patient("jane").await.token();
    for (field, status) in [
        ("mobile", 200),
        ("date_of_birth", 200),
        ("first_name", 422),
        ("last_name", 200),
        ("full_name", 422),
    ] {
        target
            .server
            .patch_as(&token, "/auth/me", json!({ field: null }))
            .await
            .expect(status);
    }
    assert_eq!(
        target.server.get_as(&token, "/auth/me").await.body["mobile"],
        Value::Null
    );
}

#[tokio::test]
async fn all_fields_of_the_wrong_type_are_reported_together() {
    let target = Target::new().await;
    for operation in &target.operations {
        // What a passkey gives has no type here, because browsers add to it.
        let mut fields = target.fields(operation);
        fields.retain(|field| field.name != "passkey");
        if fields.is_empty() {
            continue;
        }
        let wrong: Map<_, _> = fields
            .iter()
            .map(|field| {
                let wrong = match field.kind.as_str() {
                    "object" => json!(CANARY),
                    _ => json!({ "$gt": CANARY }),
                };
                (field.name.clone(), wrong)
            })
            .collect();
        let answer = target.send(operation, &Value::Object(wrong)).await;
        answer.refused(422, "VALIDATION_ERROR");
        let expected: Vec<_> = fields
            .iter()
            .map(|field| format!("{} type", field.name))
            .collect();
        let errors = answer.validation_errors();
        assert!(errors.starts_with(&expected), "{} {errors:?}", operation.id);
        let mut rest = errors[expected.len()..].iter();
        assert!(rest.all(is_pair_error), "{} {errors:?}", operation.id);
        assert!(!answer.raw.contains(CANARY));
    }
}

#[tokio::test]
async fn all_missing_fields_are_reported_together() {
    let target = Target::new().await;
    for operation in &target.operations {
        let fields = target.fields(operation);
        let needed: Vec<_> = fields
            .iter()
            .filter(|field| field.required)
            .map(|field| format!("{} missing", field.name))
            .collect();
        if !needed.is_empty() {
            let answer = target.send(operation, &json!({})).await;
            answer.refused(422, "VALIDATION_ERROR");
            let errors = answer.validation_errors();
            assert!(errors.starts_with(&needed), "{} {errors:?}", operation.id);
            let rest = &errors[needed.len()..];
            assert!(rest.iter().all(is_pair_error), "{} {rest:?}", operation.id);
        }
    }
}

#[tokio::test]
async fn an_unknown_field_is_refused_with_few_exceptions() {
    let target = Target::new().await;
    for operation in &target.operations {
        let answer = target
            .send(
                operation,
                &with(operation, "is_superuser", json!({ "$ne": CANARY })),
            )
            .await;
        let refused = answer
            .validation_errors()
            .contains(&"is_superuser unknown".to_owned());
        // Browsers add fields to what a passkey gives.
        let lenient = ["register", "signup", "finish_passkey_login", "add_passkey"];
        let lenient = lenient.contains(&operation.id.as_str());
        assert_eq!(
            (refused, answer.status == 422),
            (!lenient, !lenient),
            "{}: {}",
            operation.id,
            answer.raw
        );
        assert!(!answer.raw.contains(CANARY));
        // The form and the JSON of login share one schema. The form ignores unknown fields, so the schema allows them.
        let documented = operation.body_schema(&target.document)["additionalProperties"] == false;
        assert_eq!(
            documented,
            refused && operation.id != "login" && operation.id != "login_json"
        );
    }
}

#[tokio::test]
async fn a_client_cannot_give_itself_permissions() {
    let target = Target::new().await;
    let mut body = registration("mallory");
    let claims = json!({
        "user_id": "ADM00000001", "_id": "x", "role": "admin", "is_verified": true, "status": "active", "approved": true,
        "password_hash": "x", "created_at": "1990-01-01T00:00:00Z", "session_id": "x", "permissions": ["users:write"],
    });
    body.as_object_mut()
        .unwrap()
        .extend(claims.as_object().unwrap().clone());
    let registered = target.server.post("/auth/register", body).await.expect(200);
    assert!(
        registered.text("user_id").starts_with("PAT")
            && registered.text("status") == "pending_verification"
    ); // INJ-4
    target
        .server
        .login("mallory", PASSWORD)
        .await
        .refused(401, "AUTH_FAILED");
    for role in ["admin", "staff", "Doctor", "patient ", ""] {
        let mut body = registration("eve");
        body["user_type"] = json!(role);
        let refused = target.server.post("/auth/register", body).await;
        assert!(
            refused.raw.contains("Invalid user type")
                && refused.validation_errors() == ["user_type user_type_invalid"]
        );
    }
}

#[tokio::test]
async fn a_refusal_never_repeats_the_text_that_was_sent() {
    let target = Target::new().await;
    let texts = [
        CANARY.to_owned(),
        format!("<script>{CANARY}</script>"),
        format!("{CANARY}\r\nX-Evil: 1"),
        format!("{CANARY}\u{0}'\"; $where"),
        CANARY.repeat(100),
    ];
    for operation in &target.operations {
        for field in target
            .fields(operation)
            .iter()
            .filter(|field| field.kind == "string")
        {
            for text in &texts {
                let answer = target
                    .send(operation, &with(operation, &field.name, json!(text)))
                    .await;
                assert!(
                    answer.status < 500,
                    "{} {}: {}",
                    operation.id,
                    field.name,
                    answer.raw
                );
                // The candidates of a duplicate are patients whom this caller has made.
                let is_shown = answer.status < 400 || answer.code() == "POSSIBLE_DUPLICATE";
                assert!(
                    is_shown || !answer.raw.contains("CanarY"),
                    "{} {}",
                    operation.id,
                    field.name
                ); // INJ-5
            }
        }
        let named = target
            .send(operation, &with(operation, CANARY, json!(1)))
            .await;
        assert!(
            named.status < 400 || !named.raw.contains(CANARY),
            "{}",
            operation.id
        );
    }
}

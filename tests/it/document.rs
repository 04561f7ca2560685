//! The OpenAPI document is correct and complete: it describes exactly what the service serves.

use clinic_auth::slices::SLICES;
use platform::slice;
use std::collections::BTreeSet;

use kernel::{error::ErrorCode, role::Role};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{
    Answer, Operation, PASSWORD, TestServer, document, operations, resolve, schema_errors,
};

/// The example that an entry of `examples` points to.
fn referenced_example<'a>(document: &'a Value, example: &'a Value) -> &'a Value {
    &resolve(document, example)["value"]
}

#[test]
fn the_committed_document_is_up_to_date() {
    let committed: Value = serde_json::from_str(include_str!("../../docs/openapi.json")).unwrap();
    assert!(
        committed == document(),
        "docs/openapi.json has drifted: run `cargo run -- openapi > docs/openapi.json`"
    );
}

#[tokio::test]
async fn the_service_answers_the_same_document() {
    let server = TestServer::start().await;
    for path in ["/openapi.json", "/api/v1/openapi.json"] {
        let answer = server.get(path).await.expect(200);
        assert!(answer.body == document());
        assert_eq!(
            answer.headers["content-type"],
            "application/json; charset=utf-8"
        );
    }
}

#[test]
fn the_document_names_its_version_and_both_roots() {
    let document = document();
    assert_eq!(document["openapi"], "3.0.0");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(
        document["servers"],
        json!([{ "url": "/" }, { "url": "/api/v1" }])
    );
    let scheme = &document["components"]["securitySchemes"];
    assert_eq!(
        (&scheme["bearer"]["type"], &scheme["bearer"]["scheme"]),
        (&json!("http"), &json!("bearer"))
    );
    assert_eq!(scheme.as_object().unwrap().len(), 1);
}

#[test]
fn each_operation_has_a_unique_id_a_known_tag_and_a_summary() {
    let document = document();
    let tags: Vec<_> = document["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| &tag["name"])
        .collect();
    let mut ids = BTreeSet::new();
    for operation in operations() {
        assert!(
            ids.insert(operation.id.clone()),
            "{} stands twice",
            operation.id
        );
        let own = operation.spec["tags"].as_array().unwrap();
        assert!(
            own.len() == 1 && tags.contains(&&own[0]),
            "{}",
            operation.id
        );
        assert!(
            operation.spec["summary"].as_str().unwrap().len() > 5,
            "{}",
            operation.id
        );
        assert!(operation.spec["security"].is_array(), "{}", operation.id);
        for parameter in operation.spec["parameters"]
            .as_array()
            .into_iter()
            .flatten()
        {
            assert!(
                parameter["description"].is_string(),
                "{} {}",
                operation.id,
                parameter["name"]
            );
        }
    }
}

#[test]
fn each_error_response_lists_and_shows_its_codes() {
    let document = document();
    for operation in operations() {
        for (status, response) in operation.responses().filter(|(status, _)| *status >= 400) {
            let content = &response["content"]["application/json"];
            assert_eq!(
                content["schema"]["$ref"],
                "#/components/schemas/ErrorEnvelope"
            );
            let codes = response["x-error-codes"].as_array().unwrap();
            assert!(
                !codes.is_empty() && content["examples"].as_object().unwrap().len() == codes.len()
            );
            for code in codes.iter().map(|code| code.as_str().unwrap()) {
                let row = |row: ErrorCode| row.code() == code && row.status() == status;
                assert!(
                    slice::errors(SLICES).any(row),
                    "{} {status} {code}",
                    operation.id
                );
                assert!(response["description"].as_str().unwrap().contains(code));
                let example = referenced_example(&document, &content["examples"][code]);
                assert_eq!(example["error"]["code"], code);
                assert_eq!(
                    schema_errors(&document, &content["schema"], example, code),
                    Vec::<String>::new()
                );
            }
        }
    }
}

#[test]
fn each_fixture_fits_the_schema_of_its_name() {
    let document = document();
    let fixtures = include_str!("../../src/api/examples.json");
    let fixtures: Value = serde_json::from_str(fixtures).unwrap();
    for (name, example) in fixtures.as_object().unwrap() {
        let schema = &document["components"]["schemas"][name];
        assert_eq!(&schema["example"], example, "{name}");
        let errors = schema_errors(&document, schema, example, name);
        assert_eq!(errors, Vec::<String>::new());
    }
}

#[test]
fn all_examples_match_their_schemas() {
    let document = document();
    for operation in operations() {
        // A redirection has no content.
        let answers = operation.responses().filter(|(status, _)| *status < 300);
        let contents = answers.map(|(_, response)| &response["content"]);
        let request = operation
            .spec
            .get("requestBody")
            .map(|body| &body["content"]);
        for content in contents.chain(request) {
            let types = content
                .as_object()
                .unwrap_or_else(|| panic!("{} has no content", operation.id));
            let shown = |kind: &Value| {
                kind.get("example")
                    .or_else(|| kind["schema"].get("example"))
                    .cloned()
            };
            assert!(
                types.values().any(|kind| shown(kind).is_some()),
                "{} has no example",
                operation.id
            );
            for kind in types.values() {
                let Some(example) = shown(kind) else { continue };
                let found = schema_errors(&document, &kind["schema"], &example, &operation.id);
                assert_eq!(found, Vec::<String>::new());
            }
        }
    }
}

#[test]
fn each_operation_documents_its_refusals() {
    for operation in operations() {
        let refusals = |status| operation.spec["responses"].get(status).is_some();
        assert_eq!(
            operation.needs_token(),
            operation.permission().is_some(),
            "{}",
            operation.id
        );
        if operation.needs_token() {
            assert!(
                refusals("401") && refusals("403") && refusals("429") && refusals("503"),
                "{}",
                operation.id
            );
        }
        assert!(
            refusals("422") && refusals("413") && refusals("500") && refusals("408"),
            "{}",
            operation.id
        );
        let with_body = operation.spec.get("requestBody").is_some();
        assert_eq!(refusals("415"), with_body, "{}", operation.id);
    }
}

#[test]
fn login_takes_json_and_a_form() {
    let operation = operations()
        .into_iter()
        .find(|operation| operation.id == "login")
        .unwrap();
    let content = operation.spec["requestBody"]["content"]
        .as_object()
        .unwrap();
    let types: Vec<_> = content.keys().map(String::as_str).collect();
    assert_eq!(
        types,
        ["application/json", "application/x-www-form-urlencoded"]
    );
}

#[tokio::test]
async fn every_path_is_served_with_exactly_its_methods() {
    let server = TestServer::start().await;
    let all = operations();
    for operation in &all {
        let siblings = all
            .iter()
            .filter(|other| other.template == operation.template);
        let mut methods: Vec<_> = siblings.map(|other| other.method.as_str()).collect();
        if methods.contains(&"GET") {
            methods.push("HEAD");
        }
        methods.sort_unstable();
        for method in [
            "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW",
        ] {
            let answer = server
                .ask(&format!("{method} {}", operation.path()), "")
                .await;
            assert_eq!(
                answer.status == 405,
                !methods.contains(&method),
                "{method} {}",
                operation.template
            );
            let allow = (answer.status == 405).then(|| methods.join(", "));
            assert_eq!(
                answer.header("allow"),
                allow.as_deref(),
                "{method} {}",
                operation.template
            );
        }
    }
}

#[tokio::test]
async fn an_id_with_invalid_characters_is_not_found() {
    let server = TestServer::start().await;
    let with_id = |operation: &Operation| operation.template.contains("_id}");
    let with_id: Vec<_> = operations().into_iter().filter(with_id).collect();
    assert!(with_id.len() > 5);
    for operation in with_id {
        let path = operation.path().replace("nobody", "no%20body");
        let answer = server
            .ask(&format!("{} {path}", operation.method), "")
            .await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "NOT_FOUND"));
        let named = &operation.spec["responses"]["404"]["x-error-codes"];
        let named = named.as_array().unwrap();
        assert!(named.contains(&json!("NOT_FOUND")), "{}", operation.id);
    }
}

#[test]
fn each_answer_documents_its_request_id() {
    let document = document();
    for operation in operations() {
        for (status, response) in operation.responses() {
            let header = resolve(&document, &response["headers"]["X-Request-Id"]);
            assert_eq!(header["required"], true, "{} {status}", operation.id);
        }
    }
}

/// Whether the path matches the template.
fn matches_template(template: &str, path: &str) -> bool {
    let fits = |(part, segment): (&str, &str)| part.starts_with('{') || part == segment;
    let (parts, segments) = (template.split('/'), path.split('/'));
    parts.clone().count() == segments.clone().count() && parts.zip(segments).all(fits)
}

const UNDOCUMENTED_PATHS: [&str; 12] = [
    "/health/redis",
    "/login",
    "/register",
    "/me",
    "/api",
    "/api/v2/health",
    "/swagger",
    "/graphql",
    "/.env",
    "/static",
    "/favicon.ico",
    "/dev",
];

#[tokio::test]
async fn undocumented_paths_are_not_served() {
    let server = TestServer::start().await;
    let mut guesses: BTreeSet<String> = UNDOCUMENTED_PATHS.map(str::to_owned).into();
    let all = operations(); // Made once, because that takes long.
    for path in all.iter().map(Operation::path) {
        let (parent, _) = path.rsplit_once('/').unwrap();
        guesses.extend([
            format!("{}/more", path.trim_end_matches('/')),
            format!("{path}s"),
            format!("{parent}/"),
        ]);
    }
    let is_served = |path: &str| {
        all.iter().any(|known| {
            matches_template(&known.template, path.trim_end_matches('/')) || path == "/"
        })
    };
    for path in guesses.iter().filter(|path| !is_served(path)) {
        for method in ["GET", "POST", "PATCH", "DELETE"] {
            let answer = server.ask(&format!("{method} {path}"), "").await;
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (404, "NOT_FOUND"),
                "{method} {path}"
            );
        }
    }
}

#[tokio::test]
async fn answers_match_the_document() {
    let (server, document) = (TestServer::start().await, document());
    for role in Role::ALL {
        let token = server.token_of(role).await;
        for operation in operations()
            .into_iter()
            .filter(|operation| operation.method == Method::GET)
        {
            let answer = Answer::of(operation.request(&server).bearer_auth(&token)).await;
            let schema = &operation.spec["responses"][answer.status.to_string()]["content"]["application/json"]
                ["schema"];
            if !schema.is_null() {
                assert_eq!(
                    schema_errors(&document, schema, &answer.body, &operation.id),
                    Vec::<String>::new()
                );
            }
        }
    }
}

#[tokio::test]
async fn answers_of_the_registration_match_the_document() {
    let (server, document) = (TestServer::start().await, document());
    let verified = server.patient("jane").await;
    let refreshed = server
        .post(
            "/auth/refresh",
            json!({ "refresh_token": verified.refresh_token() }),
        )
        .await;
    let token = refreshed.token();
    let answers = [
        ("verify_otp", verified),
        ("refresh", refreshed),
        ("register", server.register("june").await),
        ("signup", server.post("/auth/signup", json!({ "full_name": "Jo", "email": "jo@example.org", "password": "correct horse battery" })).await),
        ("login", server.login("jane", PASSWORD).await),
        ("send_otp", server.post("/auth/send-otp", json!({ "email": "jo@example.org" })).await),
        ("validate_token", server.post("/auth/validate-token", json!({ "token": token })).await),
        ("change_auth_me", server.patch_as(&token, "/auth/me", json!({ "mobile": null })).await),
        ("logout_all", server.call_as(&token, "/auth/logout-all").await),
    ];
    for (id, answer) in answers {
        let operation = operations()
            .into_iter()
            .find(|operation| operation.id == id)
            .unwrap();
        let schema = &operation.spec["responses"]["200"]["content"]["application/json"]["schema"];
        assert_eq!(
            schema_errors(&document, schema, &answer.expect(200).body, id),
            Vec::<String>::new()
        );
    }
}

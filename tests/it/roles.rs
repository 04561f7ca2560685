//! Who may do what, walked through the OpenAPI document: each guarded operation, each role (ADM-1).

use clinic_auth::domain::role::Role;
use serde_json::json;

use crate::harness::{Answer, Operation, TestServer, operations};

/// The permissions of each role, written out once more: the product's own table cannot prove itself.
fn may(role: Role, permission: &str) -> bool {
    let own = permission.ends_with(":self");
    let desk = ["pending:read", "pending:resend", "users:read", "stats:read"];
    match role {
        Role::Patient | Role::Doctor => own,
        Role::Staff => own || desk.contains(&permission),
        Role::Admin => true,
    }
}

fn guarded() -> Vec<Operation> {
    let all = operations().into_iter().filter(Operation::is_guarded);
    let all: Vec<_> = all.collect();
    assert!(
        all.len() > 10,
        "the document names almost nothing that is guarded"
    );
    all
}

fn shut_out(operation: &Operation, answer: &Answer, code: &str) {
    let Operation {
        id,
        method,
        template,
        ..
    } = operation;
    let told = (
        answer.status,
        answer.code(),
        answer.headers.contains_key("www-authenticate"),
    );
    assert_eq!(
        told,
        (401, code, true),
        "{id}: {method} {template} {}",
        answer.raw
    );
}

#[tokio::test]
async fn a_guarded_operation_needs_a_token() {
    let server = TestServer::start().await;
    for operation in guarded() {
        shut_out(
            &operation,
            &Answer::of(operation.request(&server)).await,
            "AUTH_FAILED",
        );
        let body = operation.request(&server).json(&json!({ "token": "x" }));
        shut_out(&operation, &Answer::of(body).await, "AUTH_FAILED");
    }
}

#[tokio::test]
async fn nothing_but_an_access_token_opens_a_guarded_operation() {
    let server = TestServer::start().await;
    let login = server.patient("jane").await;
    let (token, refresh) = (login.token(), login.refresh_token());
    let headers = [
        "Bearer garbage".to_owned(),
        "Bearer ".to_owned(),
        "Bearer a.b.c".to_owned(),
        format!("Bearer {refresh}"),
        format!("Basic {token}"),
        token.clone(),
        format!("Bearer {token} {token}"),
        format!("Bearer {}", &token[..token.len() - 2]),
    ];
    for operation in guarded() {
        for header in &headers {
            let request = operation.request(&server).header("Authorization", header);
            shut_out(&operation, &Answer::of(request).await, "AUTH_FAILED");
        }
        let elsewhere = operation
            .request(&server)
            .query(&[("token", &token), ("access_token", &token)]);
        let elsewhere = elsewhere.header("Cookie", format!("token={token}; access_token={token}"));
        shut_out(&operation, &Answer::of(elsewhere).await, "AUTH_FAILED"); // WEB-6
    }
}

#[tokio::test]
async fn the_token_of_an_ended_session_opens_nothing() {
    let server = TestServer::start().await;
    for role in Role::ALL {
        let token = server.token_of(role).await;
        server.call_as(&token, "/auth/logout").await.expect(200);
        for operation in guarded() {
            let answer = operation.send(&server, &token, &json!({})).await;
            shut_out(&operation, &answer, "SESSION_ERROR"); // SES-1
        }
    }
}

#[tokio::test]
async fn each_guarded_operation_names_its_permission_and_what_is_not_about_oneself_is_no_patients()
{
    for operation in guarded() {
        let permission = operation.permission().expect(&operation.id);
        let own = ["/auth/", "/users/me", "/user/profile"];
        let about_oneself = own.iter().any(|path| operation.template.starts_with(path));
        assert_eq!(
            permission.ends_with(":self"),
            about_oneself,
            "{}",
            operation.id
        );
        let statuses: Vec<u16> = operation.responses().map(|(status, _)| status).collect();
        assert!(
            statuses.contains(&401) && statuses.contains(&403),
            "{}",
            operation.id
        );
    }
    for operation in operations() {
        let somebody_elses = ["/admin", "/users"]
            .iter()
            .any(|root| operation.template.starts_with(root));
        assert!(
            !somebody_elses || operation.is_guarded(),
            "{}",
            operation.id
        );
    }
}

#[tokio::test]
async fn a_role_without_the_permission_is_refused_and_one_with_it_is_not() {
    let server = TestServer::start().await;
    for role in Role::ALL {
        let mut token = server.token_of(role).await;
        for operation in guarded() {
            let permission = operation.permission().unwrap();
            let answer = operation.send(&server, &token, &json!({})).await;
            if may(role, permission) {
                assert!(
                    ![401, 403].contains(&answer.status),
                    "{role:?} {}: {}",
                    operation.id,
                    answer.raw
                );
            } else {
                answer.refused(403, "ACCESS_DENIED");
            }
            if operation.id.starts_with("logout") {
                token = server.token_of(role).await;
            }
        }
    }
}

#[tokio::test]
async fn an_open_operation_asks_nobody_for_a_token() {
    let server = TestServer::start().await;
    for operation in operations()
        .into_iter()
        .filter(|operation| !operation.is_guarded())
    {
        if ["validate_token", "logout"].contains(&operation.id.as_str()) {
            continue; // A token is what they are asked about, in the body or in the header.
        }
        let bare = Answer::of(operation.request(&server)).await;
        assert!(
            ![401, 403].contains(&bare.status),
            "{}: {}",
            operation.id,
            bare.raw
        );
        let with_body = Answer::of(operation.request(&server).json(&json!({}))).await;
        assert!(
            ![401, 403].contains(&with_body.status),
            "{}: {}",
            operation.id,
            with_body.raw
        );
    }
}

#[tokio::test]
async fn a_token_is_told_exactly_what_its_role_may_do() {
    let server = TestServer::start().await;
    let documented = guarded();
    for role in Role::ALL {
        let token = json!({ "token": server.token_of(role).await });
        let told = server.post("/auth/validate-token", token).await.expect(200);
        let told: Vec<_> = told.body["permissions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap())
            .collect();
        assert!(told.iter().all(|name| may(role, name)), "{role:?} {told:?}");
        let mut needed = documented.iter().filter_map(Operation::permission);
        assert!(
            needed.all(|name| told.contains(&name) == may(role, name)),
            "{role:?} {told:?}"
        );
    }
}

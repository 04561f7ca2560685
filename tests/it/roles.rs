//! The permissions of each role, tested for each guarded operation of the OpenAPI document (ADM-1).

use kernel::role::Role;
use serde_json::json;

use crate::harness::{Answer, Operation, TestServer, operations};

/// The permissions of each role, written a second time, because the table of the service cannot prove itself.
fn may(role: Role, permission: &str) -> bool {
    let of_patients = ["patients:self", "appointments:self", "access-log:self"];
    let own = permission.ends_with(":self") && !of_patients.contains(&permission);
    let staff = [
        "pending:read",
        "pending:resend",
        "users:read",
        "users:help",
        "stats:read",
    ];
    let patient = [
        "clinical:read",
        "reports:list",
        "reports:stats",
        "appointments:read",
        "appointments:write",
    ];
    let doctor = [
        "patients:read",
        "patients:write",
        "clinical:read",
        "clinical:write",
        "reports:list",
        "reports:stats",
        "reports:sign",
        "appointments:read",
        "appointments:write",
        "schedules:write",
        "care:write",
    ];
    let desk = [
        "patients:read",
        "patients:write",
        "appointments:read",
        "appointments:write",
        "schedules:write",
        "care:write",
    ];
    let never_admin = [
        "appointments:write",
        "care:write",
        "patients:write",
        "clinical:read",
        "clinical:write",
        "reports:sign",
    ];
    match role {
        Role::Patient => own || of_patients.contains(&permission) || patient.contains(&permission),
        Role::Doctor => own || doctor.contains(&permission),
        Role::Staff => own || staff.contains(&permission) || desk.contains(&permission),
        Role::Admin => !of_patients.contains(&permission) && !never_admin.contains(&permission),
    }
}

fn guarded() -> Vec<Operation> {
    let all = operations().into_iter().filter(Operation::needs_token);
    let all: Vec<_> = all.collect();
    assert!(
        all.len() > 10,
        "the document names almost nothing that is guarded"
    );
    all
}

fn check_refused(operation: &Operation, answer: &Answer, code: &str) {
    let Operation {
        id,
        method,
        template,
        ..
    } = operation;
    let found = (
        answer.status,
        answer.code(),
        answer.headers.contains_key("www-authenticate"),
    );
    assert_eq!(
        found,
        (401, code, true),
        "{id}: {method} {template} {}",
        answer.raw
    );
}

#[tokio::test]
async fn a_guarded_operation_needs_a_token() {
    let server = TestServer::start().await;
    for operation in guarded() {
        check_refused(
            &operation,
            &Answer::of(operation.request(&server)).await,
            "AUTH_FAILED",
        );
        let body = operation.request(&server).json(&json!({ "token": "x" }));
        check_refused(&operation, &Answer::of(body).await, "AUTH_FAILED");
    }
}

#[tokio::test]
async fn a_guarded_operation_accepts_only_an_access_token() {
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
            check_refused(&operation, &Answer::of(request).await, "AUTH_FAILED");
        }
        let request = operation
            .request(&server)
            .query(&[("token", &token), ("access_token", &token)]);
        let request = request.header("Cookie", format!("token={token}; access_token={token}"));
        check_refused(&operation, &Answer::of(request).await, "AUTH_FAILED"); // WEB-6
    }
}

#[tokio::test]
async fn the_token_of_an_ended_session_is_refused_everywhere() {
    let server = TestServer::start().await;
    for role in Role::ALL {
        let token = server.token_of(role).await;
        server.call_as(&token, "/auth/logout").await.expect(200);
        for operation in guarded() {
            let answer = operation.send(&server, &token, &json!({})).await;
            check_refused(&operation, &answer, "SESSION_ERROR"); // SES-1
        }
    }
}

#[tokio::test]
async fn guarded_operations_name_a_permission_that_fits_their_path() {
    for operation in guarded() {
        let permission = operation.permission().expect(&operation.id);
        let own = ["/auth/", "/users/me", "/user/profile", "/patients/me/"];
        let own_account = own.iter().any(|path| operation.template.starts_with(path));
        assert_eq!(
            permission.ends_with(":self"),
            own_account,
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
        let other_accounts = ["/admin", "/users"]
            .iter()
            .any(|root| operation.template.starts_with(root));
        assert!(
            !other_accounts || operation.needs_token(),
            "{}",
            operation.id
        );
    }
}

#[tokio::test]
async fn a_role_may_call_exactly_the_operations_it_is_permitted() {
    let server = TestServer::start().await;
    for role in Role::ALL {
        let mut token = server.token_of(role).await;
        for operation in guarded() {
            let answer = operation.send(&server, &token, &json!({})).await;
            // Not the permission but the decision about the record refuses some roles here; the slice tests it.
            if ["list_accesses", "make_feed", "end_feed"].contains(&operation.id.as_str()) {
                continue;
            }
            // The setting `account.deletion_roles` decides (SELF-6).
            if operation.id == "delete_account" && role != Role::Patient {
                answer.refused(403, "ACCESS_DENIED");
                continue;
            }
            let mut permissions = operation.permissions().into_iter();
            if permissions.any(|permission| may(role, permission)) {
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
async fn an_open_operation_needs_no_token() {
    let server = TestServer::start().await;
    for operation in operations()
        .into_iter()
        .filter(|operation| !operation.needs_token())
    {
        // Some take another token in the body instead, so they refuse a request without either.
        if operation.spec["security"] != json!([]) {
            continue;
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
async fn token_validation_lists_exactly_the_permissions_of_the_role() {
    let server = TestServer::start().await;
    let documented = guarded();
    for role in Role::ALL {
        let token = json!({ "token": server.token_of(role).await });
        let answer = server.post("/auth/validate-token", token).await.expect(200);
        let listed: Vec<_> = answer.body["permissions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap())
            .collect();
        assert!(
            listed.iter().all(|name| may(role, name)),
            "{role:?} {listed:?}"
        );
        let mut needed = documented.iter().flat_map(Operation::permissions);
        assert!(
            needed.all(|name| listed.contains(&name) == may(role, name)),
            "{role:?} {listed:?}"
        );
    }
}

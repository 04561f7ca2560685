//! Parameters of lists: unknown ones, `skip` and days. Also the names of fields that older clients read in answers.

use chrono::Duration;
use serde_json::json;

use super::{clinic, column};
use crate::harness::{PASSWORD, TestServer, operations, registration};
use kernel::role::Role;

/// The only validation error of an answer, with its message.
fn only_error(answer: &crate::harness::Answer) -> String {
    answer.refused(422, "VALIDATION_ERROR");
    let error = &answer.body["error"]["details"]["validation_errors"][0];
    format!(
        "{}: {}",
        answer.validation_errors().join(", "),
        error["message"].as_str().unwrap()
    )
}

#[tokio::test]
async fn an_unknown_parameter_error_names_the_nearest_one() {
    let (server, admin) = clinic().await;
    for (path, name, nearest) in [
        ("/admin/users?user_typ=doctor", "user_typ", "user_type"),
        ("/users?Cursor=x", "(unknown)", "cursor"),
        ("/users/?lmit=3", "lmit", "limit"),
        ("/admin/pending-users?mail=a", "mail", "email"),
        ("/api/v1/admin/audit-log?acton=login", "acton", "action"),
    ] {
        let message = only_error(&server.get_as(&admin.token, path).await);
        let expected =
            format!("{name} unknown: This parameter is not known here; did you mean {nearest}?");
        assert_eq!(message, expected, "{path}");
    }
    let answer = server.get_as(&admin.token, "/auth/sessions?limit=3").await;
    assert_eq!(
        only_error(&answer),
        "limit unknown: This parameter is not known here"
    );
    let answer = server.get_as(&admin.token, "/users?a=1&b=2&limit=x").await;
    assert_eq!(answer.validation_errors(), ["a unknown", "b unknown"]);
}

#[tokio::test]
async fn only_lists_refuse_unknown_parameters() {
    let (server, admin) = clinic().await;
    let doctor = server.token_of(Role::Doctor).await;
    let patient = server.token_of(Role::Patient).await;
    let mut lists = 0;
    for operation in operations().iter().filter(|it| it.method == "GET") {
        let is_list = operation.id.contains("list_");
        let has_pages = operation.spec["parameters"]
            .to_string()
            .contains("\"cursor\"");
        assert!(is_list || !has_pages, "{}", operation.id);
        let request = operation.request(&server).query(&[("utm_source", "x")]);
        let token = match operation.caller() {
            Role::Doctor => &doctor,
            Role::Patient => &patient,
            Role::Admin | Role::Staff => &admin.token,
        };
        let known = crate::harness::Answer::of(request.bearer_auth(token)).await;
        assert_eq!(
            known.validation_errors() == ["utm_source unknown"],
            is_list,
            "{}",
            operation.id
        );
        lists += usize::from(is_list);
    }
    assert_eq!(lists, 13);
    // A caller who may not read a list learns nothing about its parameters.
    server.get("/users?x=1").await.refused(401, "AUTH_FAILED");
    let jane = server.patient("jane").await.token();
    server
        .get_as(&jane, "/users?x=1")
        .await
        .refused(403, "ACCESS_DENIED");
}

#[tokio::test]
async fn older_clients_page_by_skip() {
    let (server, admin) = clinic().await;
    for number in 0..4 {
        server.clock.advance(Duration::seconds(number % 2)); // Some accounts get the same time.
        server.patient(&format!("pat-{number}")).await;
        server.doctor(&format!("doc-{number}")).await;
    }
    let rows = server.app.store.raw("patients_v2");
    for number in 0..3 {
        // Some accounts of the older service have no date.
        let row = bson::doc! { "user_id": format!("PAT0000000{number}"), "email": format!("{number}@old.org") };
        rows.insert_one(row).await.unwrap();
    }
    for path in ["/admin/users", "/users/"] {
        let all = server
            .get_as(&admin.token, &format!("{path}?limit=100"))
            .await;
        let all = column(&all, "users", "user_id");
        assert_eq!(all.len(), 12);
        for skip in [0, 1, 5, 8, 9, 10, 11, 12, 13, 10_000] {
            let page = server
                .get_as(&admin.token, &format!("{path}?limit=4&skip={skip}"))
                .await
                .expect(200);
            let expected: Vec<_> = all.iter().skip(skip).take(4).cloned().collect();
            assert_eq!(column(&page, "users", "user_id"), expected, "{skip}");
            assert_eq!(page.body["has_more"], skip + 4 < 12, "{skip}");
            assert_eq!(page.body["total_count"], 12);
        }
        let doctors = server
            .get_as(&admin.token, &format!("{path}?user_type=doctor&skip=3"))
            .await;
        assert_eq!(column(&doctors, "users", "username"), ["doc-0"]);
        // The next pages are read by cursor.
        let page = server
            .get_as(&admin.token, &format!("{path}?limit=2&skip=3"))
            .await;
        let next = format!("{path}?limit=2&cursor={}", page.text("next_cursor"));
        let next = server.get_as(&admin.token, &next).await;
        assert_eq!(column(&next, "users", "user_id"), all[5..7]);
    }
}

#[tokio::test]
async fn an_invalid_skip_is_a_validation_error() {
    let (server, admin) = clinic().await;
    server.patient("jane").await;
    let page = server.get_as(&admin.token, "/users?limit=1").await;
    let cursor = page.text("next_cursor");
    for path in ["/users", "/admin/users"] {
        for bad in ["-1", "10001", "x", "1.5", "99999999999999999999"] {
            let answer = server
                .get_as(&admin.token, &format!("{path}?skip={bad}"))
                .await;
            assert_eq!(
                (answer.status, answer.validation_errors()),
                (422, vec!["skip invalid".to_owned()]),
                "{bad}"
            );
        }
        let both = server
            .get_as(&admin.token, &format!("{path}?skip=1&cursor={cursor}"))
            .await;
        assert_eq!(
            (both.status, both.validation_errors()),
            (422, vec!["skip one_of".to_owned()])
        );
    }
    let answer = server
        .get_as(&admin.token, "/admin/pending-users?skip=1")
        .await;
    assert_eq!(answer.validation_errors(), ["skip unknown"]);
}

#[tokio::test]
async fn days_in_the_audit_filter_include_both_ends() {
    let server = TestServer::start().await;
    let now = server.clock.now();
    let midnight = (now.date_naive() + chrono::Days::new(1))
        .and_hms_opt(0, 0, 0)
        .unwrap()
        .and_utc();
    let day = |days: i64| {
        (midnight + Duration::days(days))
            .format("%Y-%m-%d")
            .to_string()
    };
    // The last millisecond of a day, and the first and the last millisecond of the next day.
    for at in [
        midnight - Duration::milliseconds(1),
        midnight,
        midnight + Duration::days(1) - Duration::milliseconds(1),
    ] {
        server.advance(at - server.clock.now()).await;
        server
            .login("nobody", "a wrong password")
            .await
            .refused(401, "AUTH_FAILED");
    }
    server.advance(Duration::hours(1)).await;
    let admin = server.admin("boss").await;
    let count = async |filter: &str| {
        let path = format!("/admin/audit-log?action=login&{filter}");
        let answer = server.get_as(&admin.token, &path).await.expect(200);
        let outcomes = column(&answer, "entries", "outcome");
        outcomes
            .iter()
            .filter(|outcome| *outcome == "failure")
            .count()
    };
    assert_eq!(count(&format!("from={}", day(0))).await, 2);
    assert_eq!(count(&format!("to={}", day(-1))).await, 1);
    assert_eq!(count(&format!("from={}&to={}", day(0), day(0))).await, 2);
    assert_eq!(count(&format!("from={}&to={}", day(-1), day(0))).await, 3);
    assert_eq!(
        count(&format!("from={}T00:00:00.001Z&to={}", day(0), day(0))).await,
        1
    );
    for bad in [
        "2026-13-01",
        "2026-02-30",
        "2026-1-1",
        "20260101",
        "+2026-01-01",
        "2026-01-01T",
        "01.02.2026",
    ] {
        let answer = server
            .get_as(&admin.token, &format!("/admin/audit-log?from={bad}"))
            .await;
        assert_eq!(answer.validation_errors(), ["from time_invalid"], "{bad}");
    }
    let turned = format!("/admin/audit-log?from={}&to={}", day(1), day(0));
    assert_eq!(
        server
            .get_as(&admin.token, &turned)
            .await
            .validation_errors(),
        ["to range_invalid"]
    );
}

#[tokio::test]
async fn answers_have_the_names_that_older_clients_read() {
    let (server, admin) = clinic().await;
    let staff = server.staff(&admin, "desk").await;
    let verified = server.patient("jane").await;
    let login = server.login("jane", PASSWORD).await.expect(200);
    let refreshed = server.refresh(&login.refresh_token()).await.expect(200);
    for answer in [&verified, &login, &refreshed] {
        assert_eq!(
            (answer.text("role"), answer.text("username")),
            ("patient".into(), "jane".into())
        );
    }
    for path in [
        "/auth/me",
        "/users/me",
        "/user/profile",
        "/auth/user/profile",
    ] {
        let me = server.get_as(&login.token(), path).await.expect(200);
        assert_eq!(
            (&me.body["role"], &me.body["is_active"]),
            (&json!("patient"), &json!(true))
        );
        assert_eq!(me.body["phone"], "+41 79 000 00 00");
    }
    let jane = login.text("user_id");
    for path in [format!("/users/{jane}"), format!("/admin/users/{jane}")] {
        let full = server.get_as(&admin.token, &path).await.expect(200);
        let names = ["role", "is_active", "phone"].map(|name| full.body[name].clone());
        assert_eq!(
            names,
            [json!("patient"), json!(true), json!("+41 79 000 00 00")]
        );
        let part = server.get_as(&staff.token, &path).await.expect(200);
        assert!(
            part.body["is_active"] == true && part.body.get("phone").is_none(),
            "{}",
            part.raw
        );
    }
    let disabled = json!({ "status": "disabled" });
    let path = format!("/admin/users/{jane}");
    let changed = server
        .patch_as(&admin.token, &path, disabled)
        .await
        .expect(200);
    assert_eq!(
        (&changed.body["is_active"], &changed.body["status"]),
        (&json!(false), &json!("disabled"))
    );
    let list = server
        .get_as(&admin.token, "/users?q=jane")
        .await
        .expect(200);
    assert_eq!(
        (
            &list.body["users"][0]["is_active"],
            &list.body["users"][0]["role"]
        ),
        (&json!(false), &json!("patient"))
    );
}

#[tokio::test]
async fn an_account_without_username_shows_its_address() {
    let server = TestServer::start().await;
    let mut signup = registration("jane");
    signup =
        json!({ "full_name": "Jane", "email": "Jane@Example.org", "password": signup["password"] });
    server.post("/auth/signup", signup).await.expect(200);
    let otp = server.code_for("jane@example.org").await;
    let verified = server.verify("jane@example.org", &otp).await.expect(200);
    let login = server.login("jane@example.org", PASSWORD).await.expect(200);
    let refreshed = server.refresh(&login.refresh_token()).await.expect(200);
    for answer in [&verified, &login, &refreshed] {
        assert_eq!(answer.text("username"), "Jane@Example.org");
    }
    let me = server.get_as(&login.token(), "/auth/me").await.expect(200);
    assert!(me.body["username"].is_null() && me.body["phone"].is_null());
}

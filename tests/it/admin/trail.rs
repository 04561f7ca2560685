//! The audit trail contains every call of an administrator, and it can be read page by page.

use chrono::Duration;
use serde_json::{Value, json};

use super::{all_pages, clinic, column};
use crate::harness::{Person, TestServer};

/// The actions that the tests of the administration check.
pub(crate) const ACTIONS: [&str; 22] = [
    "admin",
    "role_change",
    "user_disable",
    "user_enable",
    "doctor_approve",
    "doctor_disapprove",
    "user_delete",
    "user_invite",
    "user_import",
    "user_unlock",
    "user_logout",
    "reset_start",
    "factors_reset",
    "pending_delete",
    "pending_resend",
    "pending_list",
    "user_list",
    "user_read",
    "mail_list",
    "mail_retry",
    "audit_read",
    "stats_read",
];

/// `action outcome detail` of the events that match the filter, newest first.
async fn trail(server: &TestServer, admin: &Person, filter: &str) -> Vec<String> {
    let path = format!("/admin/audit-log?limit=100&{filter}");
    let answer = server.get_as(&admin.token, &path).await.expect(200);
    let show = |entry: &Value| {
        let word = |name: &str| entry[name].as_str().unwrap_or("-").to_owned();
        format!("{} {} {}", word("action"), word("outcome"), word("detail"))
    };
    answer.body["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(show)
        .collect()
}

#[tokio::test]
async fn every_call_about_a_user_is_found_by_user_id() {
    let (server, admin) = clinic().await;
    let dana = server.staff(&admin, "dana").await.user_id;
    let path = format!("/admin/users/{dana}");
    server.get_as(&admin.token, &path).await.expect(200);
    for body in [
        json!({ "user_type": "admin" }),
        json!({ "status": "disabled" }),
        json!({ "status": "active" }),
    ] {
        server.patch_as(&admin.token, &path, body).await.expect(200);
    }
    for action in ["reset-password", "unlock", "logout-all"] {
        server
            .call_as(&admin.token, &format!("{path}/{action}"))
            .await
            .expect(200);
    }
    server.delete_as(&admin.token, &path).await.expect(200);
    let filter = format!("subject={dana}&actor={}", admin.user_id);
    let found: Vec<String> = trail(&server, &admin, &filter)
        .await
        .into_iter()
        .rev()
        .collect();
    let expected = [
        "user_invite success -",
        "user_read success -",
        "role_change success staff to admin",
        "user_disable success -",
        "user_enable success -",
        "reset_start success -",
        "user_unlock success -",
        "user_logout success -",
        "user_delete success -",
    ];
    assert_eq!(found, expected); // AUD-1
}

#[tokio::test]
async fn reading_private_fields_names_every_person_read() {
    let (server, admin) = clinic().await;
    let staff = server.staff(&admin, "desk").await;
    let jane = server.patient("jane").await.text("user_id");
    server
        .get_as(&admin.token, "/users?q=jane")
        .await
        .expect(200);
    server
        .get_as(&staff.token, "/users?q=jane")
        .await
        .expect(200);
    let of = |person: &Person| format!("action=user_list&actor={}", person.user_id);
    let by_admin = trail(&server, &admin, &of(&admin)).await;
    assert_eq!(by_admin[0], format!("user_list success {jane}")); // ADM-5
    assert_eq!(
        trail(&server, &admin, &of(&staff)).await[0],
        "user_list success -"
    );
}

// AUD-1
#[tokio::test]
async fn each_kind_of_administration_has_its_own_action() {
    let (server, admin) = clinic().await;
    let house = server.doctor("house").await.text("user_id");
    let jane = server.register("jane").await.text("user_id");
    let path = format!("/admin/users/{house}");
    let both = json!({ "approved": true, "status": "disabled" });
    server.patch_as(&admin.token, &path, both).await.expect(200);
    let withdrawn = json!({ "approved": false });
    let answer = server.patch_as(&admin.token, &path, withdrawn).await;
    answer.expect(200);
    let pending = format!("/admin/pending-users/{jane}");
    let resend = format!("{pending}/resend-otp");
    server.call_as(&admin.token, &resend).await.expect(200);
    server.delete_as(&admin.token, &pending).await.expect(200);
    for read in [
        "users",
        "pending-users",
        "collections-status",
        "mails",
        "audit-log",
    ] {
        let path = format!("/admin/{read}");
        server.get_as(&admin.token, &path).await.expect(200);
    }
    let filter = format!("actor={}&action=", admin.user_id);
    let count = async |action: &str| trail(&server, &admin, &format!("{filter}{action}")).await;
    for action in [
        "doctor_approve",
        "user_disable",
        "doctor_disapprove",
        "pending_resend",
        "pending_delete",
        "pending_list",
        "user_list",
        "mail_list",
        "stats_read",
        "audit_read",
    ] {
        let found = count(action).await;
        assert!(!found.is_empty(), "{action}");
        assert!(
            found[0].starts_with(&format!("{action} success")),
            "{found:?}"
        );
    }
    assert!(count("admin").await.is_empty());
}

#[tokio::test]
async fn refused_calls_are_recorded_as_refused() {
    let (server, admin) = clinic().await;
    let jane = server.patient("jane").await;
    server
        .get_as(&jane.token(), "/admin/users")
        .await
        .refused(403, "ACCESS_DENIED");
    let path = format!("/admin/users/{}", admin.user_id);
    server
        .delete_as(&admin.token, &path)
        .await
        .refused(403, "ACCESS_DENIED");
    server
        .get_as(&admin.token, "/users/PAT1")
        .await
        .refused(404, "USER_NOT_FOUND");
    let by_jane = trail(
        &server,
        &admin,
        &format!("action=admin&actor={}", jane.text("user_id")),
    )
    .await;
    assert_eq!(by_jane, ["admin failure users:read"]);
    let by_admin = trail(&server, &admin, &format!("actor={}", admin.user_id)).await;
    assert!(by_admin.contains(&"user_delete failure ACCESS_DENIED".to_owned()));
    assert!(by_admin.contains(&"user_read failure USER_NOT_FOUND".to_owned()));
}

#[tokio::test]
async fn a_record_holds_only_the_documented_fields() {
    let (server, admin) = clinic().await;
    server
        .get_as(&admin.token, "/admin/collections-status")
        .await
        .expect(200);
    let answer = server
        .get_as(&admin.token, "/admin/audit-log?action=stats_read&limit=1")
        .await;
    let entry = &answer.body["entries"][0];
    let fields: Vec<&str> = entry
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        fields.join(" "),
        "id at actor action subject outcome detail ip_address user_agent request_id"
    );
    assert_eq!(
        (&entry["actor"], &entry["ip_address"]),
        (&json!(admin.user_id), &json!("127.0.0.1"))
    );
    assert_eq!(entry["at"], kernel::clock::rfc3339(server.clock.now()));
}

#[tokio::test]
async fn a_time_range_includes_both_ends() {
    let (server, admin) = clinic().await;
    let start = server.clock.now();
    for _ in 0..3 {
        server.clock.advance(Duration::seconds(10));
        server
            .login("nobody", "a wrong password")
            .await
            .refused(401, "AUTH_FAILED");
    }
    let at = |seconds| kernel::clock::rfc3339(start + Duration::seconds(seconds));
    let count = |filter: String| {
        let (server, admin) = (&server, &admin);
        async move {
            trail(server, admin, &format!("action=login&{filter}"))
                .await
                .len()
        }
    };
    assert_eq!(count(format!("from={}&to={}", at(10), at(20))).await, 2);
    assert_eq!(count(format!("from={}", at(21))).await, 1);
    assert_eq!(count(format!("from={}&to={}", at(11), at(19))).await, 0);
}

#[tokio::test]
async fn all_invalid_filters_are_reported_together() {
    let (server, admin) = clinic().await;
    let path = format!(
        "/admin/audit-log?actor={}&action=dance&from=yesterday&to=2026-13-01T00:00:00Z&cursor=x",
        "a".repeat(65)
    );
    let answer = server.get_as(&admin.token, &path).await;
    answer.refused(422, "VALIDATION_ERROR");
    let errors = [
        "cursor cursor_invalid",
        "actor too_long",
        "action choice",
        "from time_invalid",
        "to time_invalid",
    ];
    assert_eq!(answer.validation_errors(), errors);
    let path = "/admin/audit-log?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z";
    let answer = server.get_as(&admin.token, path).await;
    assert_eq!(answer.validation_errors(), ["to range_invalid"]);
}

#[tokio::test]
async fn trail_pages_miss_nothing_while_reading_adds_records() {
    let (server, admin) = clinic().await;
    for number in 0..7 {
        server
            .login(&format!("nobody{number}"), "a wrong password")
            .await
            .refused(401, "AUTH_FAILED");
    }
    let other = server.another().await; // It has its own chain, at the same time.
    other
        .login("somebody", "a wrong password")
        .await
        .refused(401, "AUTH_FAILED");
    let path = "/admin/audit-log?action=login";
    let pages = all_pages(&server, &admin.token, path, ("entries", "id"), 2).await;
    let all = server
        .get_as(&admin.token, &format!("{path}&limit=100"))
        .await;
    assert_eq!(pages, column(&all, "entries", "id"));
    // Five of the seven (AUD-5), the one of the other instance, and the administrator's own.
    assert_eq!(pages.len(), 7);
}

#[tokio::test]
async fn a_call_that_cannot_be_audited_is_refused() {
    let (server, admin) = clinic().await;
    let jane = server.patient("jane").await;
    let path = format!("/admin/users/{}", jane.text("user_id"));
    crate::audit::closed::close(&server).await;
    let change = json!({ "status": "disabled" });
    let answer = server.patch_as(&admin.token, &path, change).await;
    answer.refused(503, "DATABASE_ERROR"); // AUD-4
    for read in [path.as_str(), "/users?q=jane"] {
        let answer = server.get_as(&admin.token, read).await;
        answer.refused(503, "DATABASE_ERROR");
        assert!(!answer.raw.contains("jane"), "{}", answer.raw);
    }
    server.get_as(&jane.token(), "/users/me").await.expect(200);
}

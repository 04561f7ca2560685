//! The same action on many accounts or registrations at once.

use chrono::Duration;
use identity::{
    accounts::rules::changes::ReviewedLicense,
    admin::{
        bulk::{self, Outcome},
        rules::bulk::{Target, UserAction},
    },
    sessions::authentication::authenticate,
};
use kernel::{ids::UserId, request::Origin};
use serde_json::{Value, json};

use super::{clinic, column};
use crate::harness::{Answer, PASSWORD, Person, TestServer};

const USERS: &str = "/admin/users/bulk";
const PENDING: &str = "/admin/pending-users/bulk";

async fn bulk(server: &TestServer, admin: &Person, action: &str, ids: &[&str]) -> Answer {
    let body = json!({ "action": action, "user_ids": ids });
    server.post_as(&admin.token, USERS, body).await
}

/// `user id: outcome code` of each result.
fn results(answer: &Answer) -> Vec<String> {
    let results = answer.body["results"].as_array().unwrap();
    let show = |it: &Value| {
        let word = |name: &str| it[name].as_str().unwrap_or_default().to_owned();
        let text = format!("{} {} {}", word("user_id"), word("outcome"), word("code"));
        text.trim_end().to_owned()
    };
    results.iter().map(show).collect()
}

/// `action outcome` of the audit events about `user_id`, newest first.
async fn trail(server: &TestServer, admin: &Person, user_id: &str) -> Vec<String> {
    let filter = format!("subject={user_id}&actor={}", admin.user_id);
    let path = format!("/admin/audit-log?{filter}");
    let answer = server.get_as(&admin.token, &path).await.expect(200);
    let actions = column(&answer, "entries", "action").into_iter();
    let outcomes = column(&answer, "entries", "outcome");
    actions
        .zip(outcomes)
        .map(|(action, outcome)| format!("{action} {outcome}"))
        .collect()
}

// ADM-3
#[tokio::test]
async fn refused_ones_do_not_stop_the_others() {
    let (server, admin) = clinic().await;
    let jane = server.patient("jane").await.text("user_id");
    let joe = server.patient("joe").await.text("user_id");
    let me = admin.user_id.as_str();
    let ids = [jane.as_str(), me, "PAT1", &joe, &jane];
    let answer = bulk(&server, &admin, "disable", &ids).await.expect(200);
    let expected = [
        format!("{jane} done"),
        format!("{me} refused ACCESS_DENIED"),
        "PAT1 refused USER_NOT_FOUND".to_owned(),
        format!("{joe} done"),
    ];
    assert_eq!(results(&answer), expected); // Twice named, once done.
    assert_eq!(
        (&answer.body["done"], &answer.body["refused"]),
        (&json!(2), &json!(2))
    );
    let reason = answer.body["results"][1]["reason"].as_str().unwrap();
    assert!(reason.contains("their own account"), "{reason}");
    for name in ["jane", "joe"] {
        let login = server.login(name, PASSWORD).await;
        login.refused(403, "ACCESS_DENIED");
    }
    // As one by one: an event of its own for each, also for the refused one.
    assert_eq!(
        trail(&server, &admin, &jane).await,
        ["user_disable success"]
    );
    assert_eq!(trail(&server, &admin, me).await[0], "user_disable failure");
}

// AUD-1
#[tokio::test]
async fn each_action_does_what_its_own_call_does() {
    let (server, admin) = clinic().await;
    let jane = server.patient("jane").await;
    let id = jane.text("user_id");
    for action in ["logout", "reset_password", "disable", "enable"] {
        let answer = bulk(&server, &admin, action, &[&id]).await.expect(200);
        assert_eq!(results(&answer), [format!("{id} done")], "{action}");
    }
    let me = server.get_as(&jane.token(), "/auth/me").await;
    me.refused(401, "SESSION_ERROR");
    server.link_token_for("jane@example.org").await;
    server.login("jane", PASSWORD).await.expect(200);
    bulk(&server, &admin, "delete", &[&id]).await.expect(200);
    server
        .login("jane", PASSWORD)
        .await
        .refused(401, "AUTH_FAILED");
    let again = bulk(&server, &admin, "delete", &[&id]).await.expect(200);
    assert_eq!(results(&again), [format!("{id} refused USER_NOT_FOUND")]);
    let expected = [
        "user_delete success",
        "user_enable success",
        "user_disable success",
        "reset_start success",
        "user_logout success",
    ];
    assert_eq!(trail(&server, &admin, &id).await, expected);
}

// ADM-6
#[tokio::test]
async fn an_approval_in_bulk_holds_for_the_license_seen() {
    let (server, admin) = clinic().await;
    let house = server.doctor("house").await.text("user_id");
    let wilson = server.doctor("wilson").await.text("user_id");
    let jane = server.patient("jane").await.text("user_id");
    let approvals = json!([
        { "user_id": house, "license_number": "MD-12345" },
        { "user_id": wilson, "license_number": null },
        { "user_id": jane, "license_number": null },
        { "user_id": house, "license_number": "MD-12345" },
    ]);
    let body = json!({ "action": "approve", "approvals": approvals });
    let answer = server.post_as(&admin.token, USERS, body).await.expect(200);
    let expected = [
        format!("{house} done"),
        format!("{wilson} refused VERSION_CONFLICT"),
        format!("{jane} refused VALIDATION_ERROR"),
    ];
    assert_eq!(results(&answer), expected);
    for (id, approved) in [(house, true), (wilson, false)] {
        let path = format!("/admin/users/{id}");
        let seen = server.get_as(&admin.token, &path).await.expect(200);
        assert_eq!(seen.body["approved"], approved);
    }
}

// INJ-6
#[tokio::test]
async fn a_bulk_request_reports_all_its_faults() {
    let (server, admin) = clinic().await;
    let many: Vec<String> = (0..501).map(|number| format!("PAT{number}")).collect();
    let of = |user: &str, license: Value| json!({ "user_id": user, "license_number": license });
    for (body, expected) in [
        (json!({}), "action missing"),
        (json!({ "action": "logout" }), "user_ids missing"),
        (json!({ "action": "dance" }), "action choice"),
        (
            json!({ "action": "disable", "user_ids": [] }),
            "user_ids too_few",
        ),
        (
            json!({ "action": "disable", "user_ids": many }),
            "user_ids too_many",
        ),
        (
            json!({ "action": "disable", "user_ids": [1, "x".repeat(65)] }),
            "user_ids.0 type, user_ids.1 too_long",
        ),
        (
            json!({ "action": "disable", "user_ids": ["x", "x".repeat(65)] }),
            "user_ids.1 too_long",
        ),
        (
            json!({ "action": "approve", "user_ids": ["DOC1"] }),
            "user_ids not_applicable, approvals missing",
        ),
        (
            json!({ "action": "disable", "user_ids": ["DOC1"], "approvals": [of("DOC1", json!("x"))] }),
            "approvals not_applicable",
        ),
        (
            json!({ "action": "approve", "approvals": [{ "user_id": "DOC1" }, of("DOC2", json!("1")), of("DOC2", json!("2"))] }),
            "approvals.0.license_number missing, approvals.2.license_number contradiction",
        ),
    ] {
        let answer = server.post_as(&admin.token, USERS, body).await;
        answer.refused(422, "VALIDATION_ERROR");
        assert_eq!(answer.validation_errors().join(", "), expected);
    }
    let body = json!({ "action": "approve", "user_ids": ["PAT1"] });
    let answer = server.post_as(&admin.token, PENDING, body).await;
    assert_eq!(answer.validation_errors(), ["action choice"]);
}

// ADM-1
#[tokio::test]
async fn registrations_are_resent_by_staff_deleted_by_admins() {
    let (server, admin) = clinic().await;
    let staff = server.staff(&admin, "desk").await;
    let jane = server.register("jane").await.expect(200).text("user_id");
    let joe = server.register("joe").await.expect(200).text("user_id");
    let body = |action: &str| json!({ "action": action, "user_ids": [&jane, "PAT1", &joe] });
    let before = server.mails_to("jane@example.org").await;
    let sent = server.post_as(&staff.token, PENDING, body("resend")).await;
    let expected = |what: &str| {
        let unknown = "PAT1 refused USER_NOT_FOUND".to_owned();
        [format!("{jane} {what}"), unknown, format!("{joe} {what}")]
    };
    assert_eq!(results(&sent.expect(200)), expected("done"));
    assert_eq!(server.mails_to("jane@example.org").await, before + 1);
    let refused = server.post_as(&staff.token, PENDING, body("delete")).await;
    refused.refused(403, "ACCESS_DENIED");
    let done = server.post_as(&admin.token, PENDING, body("delete")).await;
    assert_eq!(results(&done.expect(200)), expected("done"));
    server.register("jane").await.expect(200); // Her names are free again.
    let staff_users = json!({ "action": "disable", "user_ids": [&jane] });
    let refused = server.post_as(&staff.token, USERS, staff_users).await;
    refused.refused(403, "ACCESS_DENIED");
}

// ADM-3
#[tokio::test]
async fn two_bulks_that_remove_each_others_admins_leave_one() {
    let one = TestServer::start().await;
    let two = one.another().await;
    let mut all = Vec::new();
    for number in 0..6 {
        all.push(one.admin(&format!("admin{number}")).await);
    }
    let ids: Vec<&str> = all.iter().map(|it| it.user_id.as_str()).collect();
    // Each of two disables or deletes everybody; both list themselves too.
    let (first, second) = tokio::join!(
        bulk(&one, &all[0], "disable", &ids),
        bulk(&two, &all[1], "delete", &ids)
    );
    for answer in [&first, &second] {
        assert!([200, 401].contains(&answer.status), "{}", answer.raw);
    }
    let mut left = 0;
    for person in &all {
        let login = one.login(&person.email, PASSWORD).await;
        left += usize::from(login.status == 200 && login.text("user_type") == "admin");
    }
    assert_eq!(left, 1, "{} {}", first.raw, second.raw);
}

fn codes(outcomes: &[Outcome]) -> Vec<&str> {
    let code = |it: &Outcome| it.refusal.as_ref().map_or("done", |it| it.code.code());
    outcomes.iter().map(code).collect()
}

// AUD-4
#[tokio::test]
async fn a_bulk_stops_when_time_session_or_database_end() {
    let (server, admin) = clinic().await;
    let mut targets = Vec::new();
    for name in ["jane", "joe"] {
        let id = server.patient(name).await.text("user_id");
        targets.push(Target {
            user_id: UserId::from_stored(id),
            seen_license: ReviewedLicense::NotGiven,
        });
    }
    let app = &server.app;
    let now = server.clock.now();
    let origin = Origin::of_the_service("test".to_owned(), now);
    let caller = authenticate(app, &origin, &admin.token).await.unwrap();
    let disable = async |origin: &Origin| {
        bulk::users(app, origin, &caller, UserAction::Disable, targets.clone()).await
    };
    // The request began half of its time limit ago.
    let late = Origin::of_the_service("test".to_owned(), now - Duration::seconds(15));
    assert_eq!(codes(&disable(&late).await), ["REQUEST_TIMEOUT"; 2]);
    // What cannot be recorded is not done, and nothing is tried after it (AUD-4).
    server.fail_point.arm("audit:insert");
    assert_eq!(codes(&disable(&origin).await), ["DATABASE_ERROR"; 2]);
    for name in ["jane", "joe"] {
        server.login(name, PASSWORD).await.expect(200);
    }
    assert_eq!(codes(&disable(&origin).await), ["done"; 2]); // The same again.
    server
        .call_as(&admin.token, "/auth/logout-all")
        .await
        .expect(200);
    assert_eq!(codes(&disable(&origin).await), ["SESSION_ERROR"; 2]);
}

//! Pending registrations: list, remove, send the code again.

use chrono::Duration;
use serde_json::json;

use super::{all_pages, clinic, column};
use crate::harness::{TestServer, registration};

const ALL: &str = "/admin/pending-users";

async fn pending_ids(server: &TestServer, token: &str, query: &str) -> Vec<String> {
    let answer = server.get_as(token, &format!("{ALL}{query}")).await;
    column(&answer.expect(200), "pending_users", "username")
}

#[tokio::test]
async fn pending_users_are_listed_without_their_secrets() {
    let (server, admin) = clinic().await;
    let registered = server.register("jane").await.expect(200);
    server.clock.advance(Duration::minutes(10));
    let answer = server.get_as(&admin.token, ALL).await.expect(200);
    let row = &answer.body["pending_users"][0];
    assert_eq!(row["user_id"], registered.body["user_id"]);
    assert_eq!(
        (&row["status"], &row["time_remaining"]),
        (&json!("pending"), &json!(1200))
    );
    let shown: Vec<&str> = row
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let expected = "user_id username email mobile first_name last_name user_type is_pregnant date_of_birth mail mail_reason created_at expires_at status time_remaining";
    assert_eq!(shown.join(" "), expected); // ADM-4
    assert!(row["created_at"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test]
async fn expired_registrations_are_listed_only_on_demand() {
    let (server, admin) = clinic().await;
    server.register("early").await.expect(200);
    server.advance(Duration::minutes(29)).await;
    server.register("late").await.expect(200);
    server.advance(Duration::minutes(1)).await; // It expires exactly at this minute (REG-6).
    let admin = server.logged_in(&admin.email).await;
    let counts = |answer: &crate::harness::Answer| {
        ["total_count", "active_count", "expired_count"].map(|name| answer.body[name].as_u64())
    };
    let live = server.get_as(&admin.token, ALL).await.expect(200);
    assert_eq!(counts(&live), [Some(1), Some(1), Some(0)]);
    assert_eq!(column(&live, "pending_users", "username"), ["late"]);
    let all = server
        .get_as(&admin.token, &format!("{ALL}?include_expired=true"))
        .await;
    assert_eq!(counts(&all), [Some(2), Some(1), Some(1)]);
    assert_eq!(
        column(&all, "pending_users", "status"),
        ["pending", "expired"]
    );
}

#[tokio::test]
async fn the_email_filter_is_literal_and_ignores_case() {
    let (server, admin) = clinic().await;
    for name in ["anna.b", "annaxb", "o-plus"] {
        let mut body = registration(name);
        body["email"] = json!(format!("{}@Example.org", name.replace('-', "+")));
        server.post("/auth/register", body).await.expect(200);
    }
    let found = |query: &'static str| pending_ids(&server, &admin.token, query);
    assert_eq!(found("?email=ANNA.B").await, ["anna.b"]); // INJ-3
    assert_eq!(found("?email=o%2Bplus@EXAMPLE").await, ["o-plus"]);
    for nothing in [
        "?email=.*",
        "?email=^anna",
        "?email=(",
        "?email=a%7Cb",
        "?email=%5C",
    ] {
        assert!(found(nothing).await.is_empty(), "{nothing}");
    }
    assert_eq!(found("?email=").await.len(), 3);
}

#[tokio::test]
async fn all_invalid_filters_and_pages_are_reported_together() {
    let (server, admin) = clinic().await;
    let long = "a".repeat(255);
    let path = format!("{ALL}?email={long}&user_type=wizard&cursor=e30");
    let answer = server.get_as(&admin.token, &path).await;
    answer.refused(422, "VALIDATION_ERROR");
    let errors = [
        "cursor cursor_invalid",
        "email too_long",
        "user_type user_type_invalid",
    ];
    assert_eq!(answer.validation_errors(), errors);
    for query in [
        "?limit=0",
        "?limit=101",
        "?limit=x",
        "?limit=-1",
        "?include_expired=maybe",
        "?email=a%00b",
        "?email=a&email=b",
    ] {
        let path = format!("{ALL}{query}");
        server
            .get_as(&admin.token, &path)
            .await
            .refused(422, "VALIDATION_ERROR");
    }
}

#[tokio::test]
async fn the_role_filter_tells_doctors_from_patients() {
    let (server, admin) = clinic().await;
    server.register("jane").await.expect(200);
    let mut doctor = registration("house");
    doctor["user_type"] = json!("doctor");
    server.post("/auth/register", doctor).await.expect(200);
    assert_eq!(
        pending_ids(&server, &admin.token, "?user_type=doctor").await,
        ["house"]
    );
    assert_eq!(
        pending_ids(&server, &admin.token, "?user_type=patient").await,
        ["jane"]
    );
    assert_eq!(pending_ids(&server, &admin.token, "").await.len(), 2);
}

#[tokio::test]
async fn pages_show_all_registrations_from_newest_to_oldest() {
    let (server, admin) = clinic().await;
    for number in 0..7 {
        server.register(&format!("user{number}")).await.expect(200);
        server
            .clock
            .advance(Duration::seconds(i64::from(number % 2))); // Some registrations get the same time.
    }
    let found = all_pages(&server, &admin.token, ALL, ("pending_users", "username"), 2).await;
    let rows = server.get_as(&admin.token, ALL).await;
    assert_eq!(found, column(&rows, "pending_users", "username"));
    assert_eq!(found.len(), 7);
    assert_eq!(found[0], "user6");
}

#[tokio::test]
async fn new_registrations_do_not_shift_the_pages() {
    let (server, admin) = clinic().await;
    for name in ["one", "two", "three"] {
        server.register(name).await.expect(200);
        server.clock.advance(Duration::seconds(1));
    }
    let first = server.get_as(&admin.token, &format!("{ALL}?limit=2")).await;
    server.register("four").await.expect(200);
    let path = format!("{ALL}?limit=2&cursor={}", first.text("next_cursor"));
    let second = server.get_as(&admin.token, &path).await;
    assert_eq!(column(&second, "pending_users", "username"), ["one"]);
}

#[tokio::test]
async fn a_removed_registration_frees_its_names_at_once() {
    let (server, admin) = clinic().await;
    let registered = server.register("jane").await.expect(200);
    let otp = server.code_for("jane@example.org").await;
    let path = format!("{ALL}/{}", registered.text("user_id"));
    server.delete_as(&admin.token, &path).await.expect(200);
    let proof = json!({ "email": "jane@example.org", "otp": otp });
    server
        .post("/auth/verify-otp", proof)
        .await
        .refused(400, "OTP_ERROR");
    server
        .delete_as(&admin.token, &path)
        .await
        .refused(404, "USER_NOT_FOUND");
    server.patient("jane").await;
    assert_eq!(server.logged_in("jane").await.email, "jane");
}

#[tokio::test]
async fn a_removed_registration_no_longer_counts_for_its_address() {
    let (server, admin) = clinic().await;
    let register = |username: &str| {
        let mut body = registration("jane");
        body["username"] = json!(username);
        server.post("/auth/register", body)
    };
    let first = register("jane1").await.expect(200);
    register("jane2").await.expect(200);
    register("jane3").await.expect(200);
    register("jane4").await.refused(409, "USER_EXISTS"); // An address allows three registrations (D2).
    let path = format!("{ALL}/{}", first.text("user_id"));
    server.delete_as(&admin.token, &path).await.expect(200);
    register("jane5").await.expect(200);
}

#[tokio::test]
async fn an_account_is_not_a_pending_user() {
    let (server, admin) = clinic().await;
    let patient = server.patient("jane").await;
    let path = format!("{ALL}/{}", patient.text("user_id"));
    server
        .delete_as(&admin.token, &path)
        .await
        .refused(404, "USER_NOT_FOUND");
    let resend = format!("{path}/resend-otp");
    server
        .call_as(&admin.token, &resend)
        .await
        .refused(404, "USER_NOT_FOUND");
    server
        .login("jane", crate::harness::PASSWORD)
        .await
        .expect(200);
}

#[tokio::test]
async fn staff_resends_at_once_and_the_old_code_is_invalid() {
    let (server, admin) = clinic().await;
    let staff = server.staff(&admin, "desk").await;
    let registered = server.register("jane").await.expect(200);
    let old = server.code_for("jane@example.org").await;
    let path = format!("{ALL}/{}/resend-otp", registered.text("user_id"));
    let answer = server.call_as(&staff.token, &path).await.expect(200);
    assert_eq!(answer.text("email"), "jane@example.org");
    assert_eq!(answer.text("user_id"), registered.text("user_id"));
    let new = server.code_for("jane@example.org").await;
    let proof = |otp: &str| json!({ "email": "jane@example.org", "otp": otp });
    assert_eq!(server.mails_to("jane@example.org").await, 2);
    server
        .post("/auth/verify-otp", proof(&old))
        .await
        .refused(400, "OTP_ERROR"); // OTP-6
    server
        .post("/auth/verify-otp", proof(&new))
        .await
        .expect(200);
}

#[tokio::test]
async fn codes_sent_by_staff_count_for_the_hourly_limit() {
    let (server, admin) = clinic().await;
    let registered = server.register("jane").await.expect(200);
    let path = format!("{ALL}/{}/resend-otp", registered.text("user_id"));
    server.deliver().await;
    for _ in 0..8 {
        server.call_as(&admin.token, &path).await.expect(200);
        server.deliver().await;
    }
    assert_eq!(server.mails_to("jane@example.org").await, 5); // OTP-7
}

#[tokio::test]
async fn an_expired_registration_gets_no_code_and_can_be_removed() {
    let (server, admin) = clinic().await;
    let registered = server.register("jane").await.expect(200);
    server.advance(Duration::minutes(30)).await;
    let token = server.logged_in(&admin.email).await.token;
    let path = format!("{ALL}/{}", registered.text("user_id"));
    server
        .call_as(&token, &format!("{path}/resend-otp"))
        .await
        .refused(404, "USER_NOT_FOUND");
    server.delete_as(&token, &path).await.expect(200);
    assert!(
        pending_ids(&server, &token, "?include_expired=true")
            .await
            .is_empty()
    );
}

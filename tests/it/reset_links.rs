//! Reset links: how long they are valid, and that only one of several parallel uses succeeds (RST-1).

use chrono::Duration;
use futures_util::future::join_all;
use serde_json::json;

use super::reset::{JANE, NEW, request_reset};
use crate::harness::TestServer;

#[tokio::test]
async fn parallel_uses_of_a_link_are_audited_with_their_outcome() {
    let server = TestServer::start().await; // AUD-1
    let (_, link) = request_reset(&server).await;
    let tries = (0..6).map(|_| server.reset_by_link(&link, NEW));
    let answers = join_all(tries).await;
    let done = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(done, 1);
    let trail = server.stored("audit_log").await;
    let of = |outcome: &str| {
        let resets = trail
            .iter()
            .filter(|row| row.get_str("action").unwrap() == "password_reset");
        resets
            .filter(|row| row.get_str("outcome").unwrap() == outcome)
            .count()
    };
    assert_eq!(of("success") - of("failure"), 1, "{trail:?}");
    server.login("jane", NEW).await.expect(200);
}

#[tokio::test]
async fn a_link_may_expire_before_the_code() {
    let short = |settings: &mut clinic_auth::config::Settings| {
        settings.config.reset.link_minutes = 1;
    };
    let server = TestServer::start_with(short).await; // RST-1
    let (otp, link) = request_reset(&server).await;
    server.advance(Duration::minutes(1)).await;
    let late = server.reset_by_link(&link, NEW).await;
    late.refused(400, "OTP_ERROR");
    server.reset_by_code(JANE, &otp, NEW).await.expect(200);
}

#[tokio::test]
async fn an_empty_field_of_the_other_form_is_absent() {
    let server = TestServer::start().await;
    let (otp, link) = request_reset(&server).await;
    let mut by_link = json!({ "token": link, "new_password": "short", "email": "", "otp": " " });
    by_link["confirm_password"] = json!("short");
    let refused = server.post("/auth/reset-password", by_link).await;
    assert_eq!(
        refused.validation_errors(),
        ["new_password password_too_short"]
    );
    let by_code = json!({ "email": JANE, "otp": otp, "new_password": NEW, "token": "" });
    server
        .post("/auth/reset-password", by_code)
        .await
        .expect(200);
}

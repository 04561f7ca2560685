//! The export of what is stored about the caller (SELF-7).

use super::OLD;
use crate::harness::TestServer;

const EXPORT: &str = "/auth/export";

// SELF-7
#[tokio::test]
async fn an_export_has_all_of_the_caller_and_no_secret() {
    let server = TestServer::start().await;
    let admin = server.admin("boss").await;
    server.patient("other").await;
    let jane = server.jane().await;
    let id = jane.text("user_id");
    let path = format!("/admin/users/{id}");
    server.get_as(&admin.token, &path).await.expect(200);
    server.login("jane", "wrong").await.expect(401);
    let export = server.call_as(&jane.token(), EXPORT).await.expect(200);
    let attached = format!("attachment; filename=\"{id}.json\"");
    assert_eq!(export.headers["content-disposition"], attached.as_str());
    assert_eq!(export.headers["cache-control"], "no-store");
    assert_eq!(export.body["account"]["email"], OLD);
    assert_eq!(export.body["sessions"].as_array().unwrap().len(), 2);
    let audit = export.body["audit"].as_array().unwrap();
    let by = |action: &str| {
        let found = audit.iter().find(|row| row["action"] == action);
        found.unwrap_or_else(|| panic!("{action} is missing"))
    };
    assert_eq!(by("export")["by"], "you");
    assert_eq!(by("login")["by"], "nobody");
    assert_eq!(by("user_read")["by"], "another");
    assert!(by("user_read")["ip_address"].is_null() && by("user_read")["user_agent"].is_null());
    for of_others in [
        admin.user_id.as_str(),
        "boss@example.org",
        "other@example.org",
    ] {
        assert!(!export.raw.contains(of_others), "{of_others}");
    }
    let session = &server.stored("user_sessions").await[0];
    let refresh = session.get_document("refresh").unwrap();
    let account = &server.stored("patients_v2").await[0];
    for secret in [
        account.get_str("password_hash").unwrap(),
        refresh.get_str("current").unwrap(),
        "$argon2",
    ] {
        assert!(!export.raw.contains(secret), "{secret}");
    }
    let notices = server.mails_with_subject(OLD, "Your data was exported");
    assert_eq!(notices.await, 1);
}

// SELF-7
#[tokio::test]
async fn the_fourth_export_of_a_day_is_refused() {
    let server = TestServer::start().await;
    let token = server.jane().await.token();
    for _ in 0..3 {
        server.call_as(&token, EXPORT).await.expect(200);
    }
    let fourth = server.call_as(&token, EXPORT).await;
    fourth.refused(429, "RATE_LIMIT");
}

// SELF-7
#[tokio::test]
async fn the_smaller_limit_of_exports_decides() {
    for (of_a_day, throttle, allowed) in [(1, 3, 1), (9, 2, 2)] {
        let server = TestServer::start_with(|settings| {
            let config = &mut settings.config;
            config.account.export_per_day = of_a_day;
            config.throttle.identity.export_per_account.limit = throttle;
        })
        .await;
        let token = server.jane().await.token();
        for _ in 0..allowed {
            server.call_as(&token, EXPORT).await.expect(200);
        }
        let more = server.call_as(&token, EXPORT).await;
        more.refused(429, "RATE_LIMIT");
        let notices = server.mails_with_subject(OLD, "Your data was exported");
        assert_eq!(notices.await, allowed);
    }
}

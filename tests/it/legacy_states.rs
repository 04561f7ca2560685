//! Accounts of the older service that are not active: they are answered like disabled ones (LEG-1).

use bson::{Bson, Document, doc};
use serde_json::json;

use crate::harness::{Installation, PASSWORD, TestServer};

/// Fields of accounts that count as active.
fn active() -> Vec<Document> {
    let words = [
        "active",
        "verified",
        "approved",
        "enabled",
        "Active",
        " VERIFIED ",
        "",
    ];
    let mut all: Vec<Document> = words.iter().map(|word| doc! { "status": word }).collect();
    all.extend([
        doc! { "status": Bson::Null },
        doc! { "is_active": true },
        doc! { "is_active": Bson::Null },
        doc! { "is_active": "yes", "is_verified": 1 },
        doc! { "is_verified": Bson::Null },
    ]);
    all
}

/// Fields of accounts that count as disabled.
fn disabled() -> Vec<Document> {
    let words = [
        "deleted",
        "inactive",
        "suspended",
        "banned",
        "Disabled",
        "pending",
        "actif",
    ];
    let mut all: Vec<Document> = words.iter().map(|word| doc! { "status": word }).collect();
    all.extend([
        doc! { "status": 1 },
        doc! { "status": false },
        doc! { "status": ["active"] },
        doc! { "status": "active", "is_active": false },
        doc! { "is_active": "false" },
        doc! { "is_active": 0 },
        doc! { "status": "active", "is_verified": false },
        doc! { "is_verified": "no" },
    ]);
    all
}

async fn unset(server: &TestServer, user_id: &str) {
    let rows = server.app.store.raw("patients_v2");
    let bare = doc! { "$unset": { "status": "", "is_active": "", "is_verified": "" } };
    rows.update_one(doc! { "user_id": user_id }, bare)
        .await
        .unwrap();
}

/// A server that looks up the session of each request, and the id of a patient `jane`.
async fn jane() -> (TestServer, String) {
    let server = TestServer::start_with(|settings| {
        settings.config.sessions.revocation_lag_ms = 0;
        settings.config.throttle.identity.otp_request_per_ip.limit = 10_000;
        settings.config.otp.cooldown_seconds = 0;
        settings.config.otp.max_per_hour = 1000;
        settings.config.otp.max_per_day = 1000;
    })
    .await;
    let user_id = server.patient("jane").await.text("user_id");
    (server, user_id)
}

#[tokio::test]
async fn older_words_for_active_let_the_owner_log_in() {
    let (server, user_id) = jane().await;
    for fields in active() {
        unset(&server, &user_id).await;
        server.set_stored_account(&user_id, fields.clone()).await;
        let login = server.login("jane", PASSWORD).await;
        assert_eq!(login.status, 200, "{fields} {}", login.raw);
        let me = server.get_as(&login.token(), "/users/me").await.expect(200);
        assert_eq!(me.text("status"), "active", "{fields}");
    }
}

#[tokio::test]
async fn every_other_state_is_answered_like_a_disabled_account() {
    let (server, user_id) = jane().await;
    for fields in disabled() {
        unset(&server, &user_id).await;
        let session = server.login("jane", PASSWORD).await.expect(200);
        server.forgot("jane@example.org").await.expect(200);
        let (otp, link) = (
            server.code_for("jane@example.org").await,
            server.link_token_for("jane@example.org").await,
        );
        unset(&server, &user_id).await;
        server.set_stored_account(&user_id, fields.clone()).await;
        let login = server.login("jane", PASSWORD).await;
        assert_eq!(
            (login.status, login.code()),
            (403, "ACCESS_DENIED"),
            "{fields} {}",
            login.raw
        );
        server
            .login("jane", "wrong password")
            .await
            .refused(401, "AUTH_FAILED");
        let me = server.get_as(&session.token(), "/users/me").await;
        assert_eq!(
            (me.status, me.code()),
            (401, "SESSION_ERROR"),
            "{fields} {}",
            me.raw
        );
        let refreshed = server.refresh(&session.refresh_token()).await;
        refreshed.refused(401, "SESSION_ERROR");
        let new = "another good passphrase";
        server
            .reset_by_code("jane@example.org", &otp, new)
            .await
            .refused(400, "OTP_ERROR");
        server
            .reset_by_link(&link, new)
            .await
            .refused(400, "OTP_ERROR");
        let mails = server.mails_to("jane@example.org").await;
        server.forgot("jane@example.org").await.expect(200);
        assert_eq!(server.mails_to("jane@example.org").await, mails, "{fields}");
        server
            .app
            .store
            .raw("throttles")
            .delete_many(doc! {})
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn administrators_see_disabled_accounts_and_can_enable_them() {
    let (server, user_id) = jane().await;
    let admin = server.admin("boss").await;
    server.patient("other").await;
    let ids = async |filter: &str| -> Vec<String> {
        let path = format!("/admin/users?user_type=patient&{filter}");
        let page = server.get_as(&admin.token, &path).await.expect(200);
        let users = page.body["users"].as_array().unwrap();
        assert_eq!(page.body["total_count"], users.len(), "{}", page.raw);
        users
            .iter()
            .map(|user| user["user_id"].as_str().unwrap().to_owned())
            .collect()
    };
    for fields in disabled() {
        unset(&server, &user_id).await;
        server.set_stored_account(&user_id, fields.clone()).await;
        let disabled = ids("status=disabled").await;
        assert_eq!(disabled, std::slice::from_ref(&user_id), "{fields}");
        assert!(!ids("status=active").await.contains(&user_id), "{fields}");
        assert!(!ids("status=invited").await.contains(&user_id), "{fields}");
        let path = format!("/admin/users/{user_id}");
        let seen = server.get_as(&admin.token, &path).await.expect(200);
        assert_eq!(seen.text("status"), "disabled", "{fields}");
        let reset = server
            .call_as(&admin.token, &format!("{path}/reset-password"))
            .await;
        reset.refused(403, "ACCESS_DENIED");
        let enabled = server
            .patch_as(&admin.token, &path, json!({ "status": "active" }))
            .await;
        assert_eq!(enabled.expect(200).text("status"), "active", "{fields}");
        server.login("jane", PASSWORD).await.expect(200);
        let row = server.stored_account(&user_id).await;
        assert!(
            !row.contains_key("is_active") && row.get_bool("is_verified").unwrap(),
            "{row}"
        );
        assert!(ids("status=active").await.contains(&user_id), "{fields}");
    }
    for fields in active() {
        unset(&server, &user_id).await;
        server.set_stored_account(&user_id, fields.clone()).await;
        assert!(ids("status=active").await.contains(&user_id), "{fields}");
        assert!(ids("status=disabled").await.is_empty(), "{fields}");
    }
}

#[tokio::test]
async fn check_counts_accounts_by_state_and_hashes_that_never_verify() {
    let installation = Installation::new();
    let direct = installation.open().await;
    let states = [
        doc! { "status": "deleted" },
        doc! { "status": "Deleted" },
        doc! { "status": "suspended" },
        doc! { "is_active": false },
        doc! { "is_verified": false },
        doc! { "status": "disabled" },
        doc! { "password_hash": "5f4dcc3b5aa765d61d8327deb882cf99" },
        doc! { "password_hash": "pbkdf2:sha256:260000$x$y" },
        doc! { "password_hash": 7 },
        doc! {},
    ];
    let rows = (1..).zip(states).map(|(number, fields)| {
        let mut row = doc! {
            "user_id": format!("PAT{number:08}"), "email": format!("secret{number}@example.org"),
            "username": format!("secret{number}"),
            "password_hash": "$2b$05$86d3Ed8DSv2gBhbZWu2QFuQ.ew.kadDG/AzzY./.IN3RQOlLIcE/O",
        };
        row.extend(fields);
        row
    });
    let rows: Vec<Document> = rows.collect();
    direct
        .store
        .raw("patients_v2")
        .insert_many(rows)
        .await
        .unwrap();
    let printed = installation.run(&["check"]).await.success();
    for line in [
        "warn   accounts: 5 cannot log in, since",
        "2 have status \"deleted\"",
        "1 has status \"suspended\"",
        "1 has is_active false",
        "1 has is_verified false",
        "warn   passwords: 3 accounts have a hash that never verifies",
    ] {
        assert!(printed.contains(line), "{line} in {printed}");
    }
    assert!(
        !printed.contains("secret1") && !printed.contains("@example"),
        "{printed}"
    );
}

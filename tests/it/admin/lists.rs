//! The list of accounts: one order over three collections, filters, and fields that staff does not see.

use bson::doc;
use chrono::Duration;
use identity::admin::rules::filter::UserFilter;
use serde_json::json;

use super::{all_pages, clinic, column};
use crate::harness::{TestServer, registration};

async fn found(server: &TestServer, token: &str, query: &str) -> Vec<String> {
    let answer = server.get_as(token, &format!("/admin/users?{query}")).await;
    let mut found = column(&answer.expect(200), "users", "email");
    found.sort();
    found
        .into_iter()
        .map(|email| email.replace("@example.org", ""))
        .collect()
}

/// Stores an account as the older service did.
async fn store_older_patient(server: &TestServer, user_id: &str, created_at: Option<&str>) {
    let mut row =
        doc! { "user_id": user_id, "email": format!("{user_id}@Old.org"), "first_name": "Old" };
    if let Some(text) = created_at {
        row.insert("created_at", text);
    }
    server
        .app
        .store
        .raw("patients_v2")
        .insert_one(row)
        .await
        .unwrap();
}

#[tokio::test]
async fn accounts_of_all_roles_are_listed_newest_first_and_once() {
    let (server, admin) = clinic().await;
    for number in 0..3 {
        server.clock.advance(Duration::seconds(number % 2)); // Some accounts get the same time.
        server.patient(&format!("pat-{number}")).await;
        server.doctor(&format!("doc-{number}")).await;
    }
    server.staff(&admin, "desk").await;
    for path in ["/admin/users", "/users/"] {
        let all = server.get_as(&admin.token, path).await.expect(200);
        assert_eq!(
            (&all.body["total_count"], &all.body["total_is_estimate"]),
            (&json!(8), &json!(false))
        );
        let pages = all_pages(&server, &admin.token, path, ("users", "user_id"), 3).await;
        assert_eq!(pages, column(&all, "users", "user_id"));
        let mut times = column(&all, "users", "created_at");
        times.reverse();
        assert!(times.is_sorted() && times.len() == 8, "{times:?}");
    }
}

#[tokio::test]
async fn documents_without_a_date_are_listed_last() {
    let (server, admin) = clinic().await;
    for number in 0..5 {
        let text = (number % 2 == 0).then_some("2020-01-01T00:00:00");
        store_older_patient(&server, &format!("PAT0000000{number}"), text).await;
    }
    server.patient("jane").await;
    for limit in [1, 2, 3, 100] {
        let pages = all_pages(
            &server,
            &admin.token,
            "/admin/users",
            ("users", "user_id"),
            limit,
        )
        .await;
        let old = [
            "PAT00000004",
            "PAT00000003",
            "PAT00000002",
            "PAT00000001",
            "PAT00000000",
        ];
        assert_eq!(pages.len(), 7, "{pages:?}");
        assert_eq!(pages[2..], old, "{limit}");
    }
}

#[tokio::test]
async fn a_document_with_an_invalid_address_is_listed() {
    let (server, admin) = clinic().await;
    let document = doc! { "user_id": "PAT00000001", "email": 7, "created_at": bson::DateTime::from_millis(4_000_000_000_000) };
    server
        .app
        .store
        .raw("patients_v2")
        .insert_one(document)
        .await
        .unwrap();
    server.patient("jane").await;
    let pages = all_pages(&server, &admin.token, "/admin/users", ("users", "email"), 1).await;
    assert_eq!(pages, ["7", "jane@example.org", "boss@example.org"]);
}

#[tokio::test]
async fn a_prefix_finds_every_searchable_field_in_any_case() {
    let (server, admin) = clinic().await;
    let mut anna = registration("anna");
    anna["first_name"] = json!("Anna Maria");
    anna["last_name"] = json!("van Dyck");
    anna["username"] = json!("Blossom");
    server.account("anna", anna).await;
    let jane = server.patient("jane").await.text("user_id").to_lowercase();
    for query in [
        "q=ANNA@ex",
        "q=blos",
        "q=anna+m",
        "q=VAN+d",
        "q=anna+maria+van+d",
        "q=Anna+Maria+V",
        "q=anna+van",
    ] {
        assert_eq!(
            found(&server, &admin.token, query).await,
            ["anna"],
            "{query}"
        );
    }
    assert_eq!(
        found(&server, &admin.token, &format!("q={jane}")).await,
        ["jane"]
    );
    for query in [
        "q=nna",
        "q=.*",
        "q=^anna",
        "q=anna%24",
        "q=anna+von",
        "q=(",
        "q=[a-z]",
        "q=%5Canna",
    ] {
        assert!(
            found(&server, &admin.token, query).await.is_empty(),
            "{query}"
        ); // INJ-3
    }
}

#[tokio::test]
async fn staff_cannot_search_hidden_fields() {
    let (server, admin) = clinic().await;
    let staff = server.staff(&admin, "desk").await;
    server.patient("jane").await;
    for query in ["q=%2B41", "q=$argon2id", "q=+41%2079"] {
        assert!(
            found(&server, &staff.token, query).await.is_empty(),
            "{query}"
        ); // INJ-3
    }
}

#[tokio::test]
async fn role_and_status_filter_the_list() {
    let (server, admin) = clinic().await;
    let jane = server.patient("jane").await.text("user_id");
    server.doctor("house").await;
    server.staff(&admin, "desk").await;
    let invitation = crate::harness::invitation("guest", "staff");
    server
        .post_as(&admin.token, "/admin/users", invitation)
        .await
        .expect(200);
    let change = json!({ "status": "disabled" });
    server
        .patch_as(&admin.token, &format!("/admin/users/{jane}"), change)
        .await
        .expect(200);
    for (query, expected) in [
        ("user_type=patient", "jane"),
        ("user_type=doctor", "house"),
        ("user_type=staff", "desk guest"),
        ("user_type=admin", "boss"),
        ("status=disabled", "jane"),
        ("status=invited", "guest"),
        ("status=active", "boss desk house"),
        ("status=active&user_type=staff", "desk"),
        ("status=&user_type=&q=", "boss desk guest house jane"),
    ] {
        let found = found(&server, &admin.token, query).await;
        assert_eq!(found.join(" "), expected, "{query}");
    }
}

#[tokio::test]
async fn unknown_filter_values_are_validation_errors() {
    let (server, admin) = clinic().await;
    let path = "/admin/users?q=a%0Ab&user_type=root&status=alive&cursor=x";
    let answer = server.get_as(&admin.token, path).await;
    answer.refused(422, "VALIDATION_ERROR");
    let errors = [
        "cursor cursor_invalid",
        "q forbidden_character",
        "user_type user_type_invalid",
        "status choice",
    ];
    assert_eq!(answer.validation_errors(), errors);
}

#[tokio::test]
async fn private_fields_are_shown_only_to_administrators() {
    let (server, admin) = clinic().await;
    let staff = server.staff(&admin, "desk").await;
    let jane = server.patient("jane").await.text("user_id");
    for path in [format!("/admin/users/{jane}"), format!("/users/{jane}")] {
        let full = server.get_as(&admin.token, &path).await.expect(200);
        assert_eq!(
            (&full.body["is_pregnant"], &full.body["mobile"]),
            (&json!(false), &json!("+41 79 000 00 00"))
        );
        let part = server.get_as(&staff.token, &path).await.expect(200);
        assert_eq!(part.text("user_id"), jane);
        assert!(!part.raw.contains("is_pregnant") && !part.raw.contains("mobile")); // ADM-5
    }
    let full = server
        .get_as(&admin.token, "/users?q=jane")
        .await
        .expect(200);
    assert!(full.raw.contains("is_pregnant") && full.raw.contains("+41 79"));
    let part = server
        .get_as(&staff.token, "/users?q=jane")
        .await
        .expect(200);
    assert!(!part.raw.contains("is_pregnant") && !part.raw.contains("mobile"));
}

#[tokio::test]
async fn no_answer_contains_credentials() {
    let (server, admin) = clinic().await;
    let jane = server.patient("jane").await.text("user_id");
    for path in [
        "/admin/users",
        &format!("/admin/users/{jane}"),
        "/admin/audit-log",
        "/admin/pending-users",
    ] {
        let answer = server.get_as(&admin.token, path).await.expect(200);
        for secret in [
            "password_hash",
            "argon2",
            "digest",
            "\"mac\"",
            "otp_id",
            "previous",
        ] {
            assert!(!answer.raw.contains(secret), "{path} {secret}"); // ADM-4
        }
    }
}

#[tokio::test]
async fn an_unknown_account_is_not_found() {
    let (server, admin) = clinic().await;
    let registered = server.register("jane").await.expect(200).text("user_id");
    for user_id in ["PAT99999999", "nobody", registered.as_str()] {
        for path in ["/admin/users", "/users"] {
            let path = format!("{path}/{user_id}");
            server
                .get_as(&admin.token, &path)
                .await
                .refused(404, "USER_NOT_FOUND");
        }
    }
}

#[tokio::test]
async fn a_list_is_counted_only_up_to_a_limit() {
    let (server, _) = clinic().await;
    for number in 0..3 {
        server.patient(&format!("pat-{number}")).await;
    }
    let accounts = server.app.store.accounts();
    for (limit, count, is_estimate) in [(5, 4, false), (4, 4, false), (3, 3, true), (2, 2, true)] {
        let total = accounts.count(&UserFilter::default(), limit).await.unwrap();
        assert_eq!(
            (total.count, total.is_estimate),
            (count, is_estimate),
            "{limit}"
        );
    }
}

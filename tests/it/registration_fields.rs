//! The rules for the fields of a registration (ID-1 to ID-4, INJ-1).

use chrono::Duration;
use serde_json::{Value, json};

use crate::harness::{PASSWORD, TestServer, registration_with as with};

#[tokio::test]
async fn a_registration_as_staff_or_admin_is_refused() {
    let server = TestServer::start().await;
    for role in ["staff", "admin", "Patient", "", "superuser"] {
        let answer = server
            .post("/auth/register", with("jane", "user_type", json!(role)))
            .await;
        assert_eq!(answer.refused(422, "VALIDATION_ERROR"), "Invalid user type");
        assert_eq!(answer.body["detail"], "Invalid user type");
        assert_eq!(answer.validation_errors(), ["user_type user_type_invalid"]);
    }
    assert!(server.stored("pending_users").await.is_empty());
}

#[tokio::test]
async fn all_validation_errors_are_reported_together() {
    let server = TestServer::start().await;
    let body = json!({ "username": "x", "email": "no", "mobile": "phone", "password": "short",
        "first_name": "", "last_name": "a\u{202e}b", "date_of_birth": "3000-01-01" });
    let answer = server.post("/auth/register", body).await;
    answer.refused(422, "VALIDATION_ERROR");
    let mut fields: Vec<_> = answer
        .validation_errors()
        .iter()
        .map(|error| error.split(' ').next().unwrap().to_owned())
        .collect();
    fields.sort_unstable();
    let expected = [
        "date_of_birth",
        "email",
        "first_name",
        "last_name",
        "mobile",
        "password",
        "username",
    ];
    assert_eq!(fields, expected);
}

#[tokio::test]
async fn every_field_refuses_other_types() {
    let server = TestServer::start().await; // INJ-1
    for field in [
        "username",
        "email",
        "mobile",
        "password",
        "first_name",
        "last_name",
        "user_type",
    ] {
        for value in [json!({ "$ne": null }), json!(["a"]), json!(1), json!(true)] {
            let answer = server
                .post("/auth/register", with("jane", field, value))
                .await;
            answer.refused(422, "VALIDATION_ERROR");
            assert_eq!(answer.validation_errors(), [format!("{field} type")]);
        }
    }
}

#[tokio::test]
async fn null_means_absent_only_for_optional_fields() {
    let server = TestServer::start().await;
    let mut body = with("jane", "user_type", Value::Null);
    body["date_of_birth"] = Value::Null;
    body["language"] = Value::Null;
    body["mobile"] = Value::Null;
    let answer = server.post("/auth/register", body).await.expect(200);
    assert_eq!(answer.text("user_type"), "patient");
    let refused = server
        .post("/auth/register", with("john", "first_name", Value::Null))
        .await;
    assert_eq!(refused.validation_errors(), ["first_name null"]);
}

#[tokio::test]
async fn invalid_addresses_are_refused() {
    let server = TestServer::start().await; // ID-1
    for email in [
        "jane",
        "@example.org",
        "jane@",
        "jane@localhost",
        "jane@@example.org",
        "jane@exa mple.org",
        "jane@example.org\r\nBcc: x@example.org",
        "jane\u{0}@example.org",
        "\"jane\"@example.org",
        "jane(comment)@example.org",
        "jane@[127.0.0.1]",
        "j\u{e4}ne@example.org",
        ".jane@example.org",
        "ja ne@example.org",
    ] {
        let answer = server
            .post("/auth/register", with("jane", "email", json!(email)))
            .await;
        assert_eq!(
            answer.validation_errors(),
            ["email email_invalid"],
            "{email:?}"
        );
    }
    let long = format!("{}@example.org", "a".repeat(250));
    let answer = server
        .post("/auth/register", with("jane", "email", json!(long)))
        .await;
    assert_eq!(answer.validation_errors(), ["email email_too_long"]);
}

#[tokio::test]
async fn spellings_of_an_address_are_equal_and_shown_as_typed() {
    let server = TestServer::start().await; // ID-1
    server
        .register_at("Jane.Doe@B\u{fc}cher.example", "jane")
        .await
        .expect(200);
    let canonical = "jane.doe@xn--bcher-kva.example";
    let otp = server.code_for(canonical).await;
    let token = server
        .verify("JANE.DOE@B\u{dc}CHER.example", &otp)
        .await
        .expect(200)
        .token();
    let profile = server.get_as(&token, "/users/me").await.expect(200);
    assert_eq!(profile.text("email"), "Jane.Doe@B\u{fc}cher.example");
    server
        .register_at(canonical, "other")
        .await
        .refused(409, "USER_EXISTS");
    server
        .login("jane.doe@b\u{fc}cher.example", PASSWORD)
        .await
        .expect(200);
    // Only case is folded: these addresses belong to other people.
    server
        .register_at("janedoe@xn--bcher-kva.example", "another")
        .await
        .expect(200);
    server
        .register_at("jane.doe+x@xn--bcher-kva.example", "athird")
        .await
        .expect(200);
}

#[tokio::test]
async fn usernames_outside_the_pattern_are_refused() {
    let server = TestServer::start().await; // ID-2
    for name in [
        "ab",
        "a b",
        "jane@x",
        "\u{430}nna",
        "\u{ff41}nna",
        "x\u{0}yz",
        &"a".repeat(33),
    ] {
        let answer = server
            .post("/auth/register", with("jane", "username", json!(name)))
            .await;
        assert_eq!(
            answer.validation_errors(),
            ["username username_invalid"],
            "{name:?}"
        );
    }
    for name in [
        "PAT00000001",
        "doc1",
        "AdM12345678",
        "admin",
        "Root",
        "null",
    ] {
        let answer = server
            .post("/auth/register", with("jane", "username", json!(name)))
            .await;
        assert_eq!(
            answer.validation_errors(),
            ["username username_reserved"],
            "{name:?}"
        );
    }
}

#[tokio::test]
async fn the_form_of_an_identifier_decides_its_lookup() {
    let server = TestServer::start().await; // ID-3
    let user_id = server.patient("jane").await.text("user_id");
    for name in [
        "jane",
        "JANE",
        "Jane@example.org",
        "JANE@EXAMPLE.ORG",
        &user_id,
        &user_id.to_lowercase(),
    ] {
        assert_eq!(
            server
                .login(name, PASSWORD)
                .await
                .expect(200)
                .text("user_id"),
            user_id
        );
    }
}

#[tokio::test]
async fn names_and_numbers_have_limited_length_and_characters() {
    let server = TestServer::start().await; // ID-4
    let blank = with("jane", "first_name", json!("  "));
    let answer = server.post("/auth/register", blank).await;
    assert_eq!(answer.validation_errors(), ["first_name empty"]);
    for field in ["first_name", "last_name"] {
        for (value, kind) in [
            ("a\nb".to_owned(), "forbidden_character"),
            ("a\u{202e}b".to_owned(), "forbidden_character"),
            ("\u{e9}".repeat(101), "too_long"),
        ] {
            let answer = server
                .post("/auth/register", with("jane", field, json!(value)))
                .await;
            assert_eq!(answer.validation_errors(), [format!("{field} {kind}")]);
        }
    }
    for mobile in [
        "12",
        "++41791",
        "0791234x",
        "\u{2460}\u{2461}\u{2462}\u{2463}",
        &"1".repeat(21),
    ] {
        let answer = server
            .post("/auth/register", with("jane", "mobile", json!(mobile)))
            .await;
        assert_eq!(
            answer.validation_errors(),
            ["mobile mobile_invalid"],
            "{mobile:?}"
        );
    }
    let longest = with("jane", "first_name", json!("\u{e9}".repeat(100)));
    server.post("/auth/register", longest).await.expect(200);
}

#[tokio::test]
async fn a_date_of_birth_may_be_today_in_any_time_zone() {
    let server = TestServer::start().await;
    let in_utc = server.clock.now().date_naive();
    let evening = in_utc.and_hms_opt(23, 59, 59).unwrap().and_utc();
    server.advance(evening - server.clock.now()).await;
    let today = in_utc + Duration::days(1);
    let tomorrow = (today + Duration::days(1)).to_string();
    for (date, kind) in [
        (tomorrow.as_str(), "date_in_future"),
        ("1990-2-3", "date_invalid"),
        ("1990-02-30", "date_invalid"),
    ] {
        let answer = server
            .post("/auth/register", with("jane", "date_of_birth", json!(date)))
            .await;
        assert_eq!(
            answer.validation_errors(),
            [format!("date_of_birth {kind}")]
        );
    }
    let body = with("jane", "date_of_birth", json!(today.to_string()));
    server.post("/auth/register", body).await.expect(200);
}

#[tokio::test]
async fn an_unknown_language_is_ignored_by_a_registration() {
    let server = TestServer::start().await;
    let unknown = [
        "en_US",
        "xx-!!",
        "xx",
        "it",
        "",
        " ",
        "de_CH.UTF-8",
        "\u{0}",
        &"en-".repeat(300),
    ];
    for (n, language) in unknown.into_iter().enumerate() {
        let name = format!("jane{n}");
        let body = with(&name, "language", json!(language));
        server.post("/auth/register", body).await.expect(200);
        let stored = server.stored("pending_users").await;
        let row = stored
            .iter()
            .find(|row| row.get_str("username").unwrap() == name);
        assert!(!row.unwrap().contains_key("language"), "{language:?}");
    }
    let swiss = with("john", "language", json!("de-CH"));
    server.post("/auth/register", swiss).await.expect(200);
    let mail = server.mail_to("john@example.org").await;
    assert!(mail.subject.contains("Ihr"), "{}", mail.subject);
}

#[tokio::test]
async fn signup_accepts_a_language_and_ignores_an_unknown_one() {
    let server = TestServer::start().await;
    for (n, (language, subject)) in [("de", "Ihr"), ("xx-!!", "Your")].into_iter().enumerate() {
        let email = format!("jane{n}@example.org");
        let body = json!({ "full_name": "Jane Doe", "email": email, "password": PASSWORD,
            "language": language });
        server.post("/auth/signup", body).await.expect(200);
        let mail = server.mail_to(&email).await;
        assert!(mail.subject.contains(subject), "{}", mail.subject);
    }
}

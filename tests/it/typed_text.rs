//! Free text as people and their devices send it (ID-4, TXT-1): it is stored in NFC without invisible characters at the
//! ends, a single name is enough, and cosmetic fields never cause a refusal.

use bson::{Document, doc};
use serde_json::{Value, json};

use crate::harness::{
    PASSWORD, TestServer, invitation, many_requests, registration, registration_with as with,
};

async fn server() -> TestServer {
    TestServer::start_with(many_requests).await
}

/// Registers with `body`. Returns the stored document.
async fn registered(server: &TestServer, body: Value) -> Document {
    let answer = server.post("/auth/register", body).await.expect(200);
    let rows = server.app.store.raw("pending_users");
    let found = rows.find_one(doc! { "_id": answer.text("user_id") }).await;
    found.unwrap().unwrap()
}

/// Typed texts, and their stored forms.
const LINES: [(&str, &str); 12] = [
    ("Zoe\u{308}", "Zo\u{eb}"),
    ("Zo\u{eb}", "Zo\u{eb}"),
    ("A\u{30a}sa Angstro\u{308}m", "\u{c5}sa Angstr\u{f6}m"),
    (" Jane ", "Jane"),
    ("Jane\n", "Jane"),
    ("\r\n\tJane\u{2028}", "Jane"),
    (
        "\u{200f}\u{5d3}\u{5d5}\u{5d3}\u{200f}",
        "\u{5d3}\u{5d5}\u{5d3}",
    ),
    (
        "\u{202b}\u{645}\u{631}\u{64a}\u{645}\u{202c}",
        "\u{645}\u{631}\u{64a}\u{645}",
    ),
    ("\u{feff}Jane\u{200b}\u{2060}\u{ad}", "Jane"),
    ("\u{a0}O\u{2019}Neill\u{3000}", "O\u{2019}Neill"),
    (
        "\u{645}\u{6cc}\u{200c}\u{646}\u{627}",
        "\u{645}\u{6cc}\u{200c}\u{646}\u{627}",
    ),
    ("Anna 👩\u{200d}⚕\u{fe0f}", "Anna 👩\u{200d}⚕\u{fe0f}"),
];

#[tokio::test]
async fn names_are_stored_in_nfc_and_trimmed() {
    let server = server().await;
    for (n, (typed, expected)) in LINES.iter().enumerate() {
        let mut body = registration(&format!("user{n}"));
        for field in [
            "first_name",
            "last_name",
            "specialization",
            "license_number",
        ] {
            body[field] = json!(typed);
        }
        body["user_type"] = json!("doctor");
        let row = registered(&server, body).await;
        for field in [
            "first_name",
            "last_name",
            "specialization",
            "license_number",
        ] {
            assert_eq!(row.get_str(field).unwrap(), *expected, "{field} {typed:?}");
        }
    }
}

#[tokio::test]
async fn a_profile_an_invitation_and_a_signup_store_text_alike() {
    let server = server().await;
    let admin = server.admin("boss").await;
    let token = server.doctor("house").await.token();
    for (n, (typed, expected)) in LINES.iter().enumerate() {
        for field in [
            "first_name",
            "last_name",
            "specialization",
            "license_number",
        ] {
            let change = json!({ field: typed });
            let answer = server.patch_as(&token, "/auth/me", change).await;
            assert_eq!(answer.expect(200).text(field), *expected, "{field}");
        }
        let mut body = invitation(&format!("desk{n}"), "staff");
        body["first_name"] = json!(typed);
        body["last_name"] = json!(typed);
        let created = server.post_as(&admin.token, "/admin/users", body).await;
        let row = server
            .stored_account(&created.expect(200).text("user_id"))
            .await;
        assert_eq!(row.get_str("first_name").unwrap(), *expected);
        assert_eq!(row.get_str("last_name").unwrap(), *expected);
    }
    let signups = [
        ("Zoe\u{308} Mu\u{308}ller", "Zo\u{eb}", "M\u{fc}ller"),
        (
            "\u{200f}\u{5d3}\u{5d5}\u{5d3}\u{200f} \u{5dc}\u{5d5}\u{5d9}\n",
            "\u{5d3}\u{5d5}\u{5d3}",
            "\u{5dc}\u{5d5}\u{5d9}",
        ),
        ("Madonna \u{200b}", "Madonna", ""),
        ("\u{feff}Suharto", "Suharto", ""),
        ("Anna\u{a0}Maria Meier", "Anna", "Maria Meier"),
    ];
    for (n, (typed, first, last)) in signups.iter().enumerate() {
        let email = format!("sign{n}@example.org");
        let body = json!({ "full_name": typed, "email": email, "password": PASSWORD });
        server.post("/auth/signup", body).await.expect(200);
        let row = server.stored("pending_users").await;
        let row = row
            .iter()
            .find(|row| row.get_str("email").ok() == Some(&email));
        let row = row.unwrap();
        assert_eq!(row.get_str("first_name").unwrap(), *first);
        assert_eq!(row.get_str("last_name").unwrap(), *last);
    }
}

#[tokio::test]
async fn control_and_direction_characters_inside_a_name_are_refused() {
    let server = server().await;
    for inside in [
        "\n", "\u{0}", "\t", "\u{2028}", "\u{202e}", "\u{2066}", "\u{200f}",
    ] {
        for field in ["first_name", "last_name"] {
            let body = with("jane", field, json!(format!("a{inside}b")));
            let answer = server.post("/auth/register", body).await.expect(422);
            assert_eq!(
                answer.validation_errors(),
                [format!("{field} forbidden_character")]
            );
        }
    }
    for typed in [
        "Anna\nMeier",
        "Anna\n Meier",
        "Anna \u{202e}x\u{202c} Meier",
    ] {
        let body = json!({ "full_name": typed, "email": "a@example.org", "password": PASSWORD });
        let answer = server.post("/auth/signup", body).await.expect(422);
        assert_eq!(
            answer.validation_errors(),
            ["full_name forbidden_character"],
            "{typed:?}"
        );
    }
}

#[tokio::test]
async fn lengths_are_counted_as_they_are_stored() {
    let server = server().await;
    let blanks = " \u{200b}".repeat(200);
    let longest = format!("{blanks}{}{blanks}", "e\u{301}".repeat(100));
    let row = registered(&server, with("jane", "first_name", json!(longest))).await;
    assert_eq!(row.get_str("first_name").unwrap(), "\u{e9}".repeat(100));
    let body = with("john", "first_name", json!("e\u{301}".repeat(101)));
    let answer = server.post("/auth/register", body).await.expect(422);
    assert_eq!(answer.validation_errors(), ["first_name too_long"]);
}

/// The values that mean "no last name".
fn empty_values() -> [Value; 6] {
    [
        Value::Null,
        json!(""),
        json!("   "),
        json!("\u{a0}\n"),
        json!("\u{200f}\u{200b}"),
        json!("\u{2800}"),
    ]
}

#[tokio::test]
async fn a_single_name_is_enough_in_every_operation() {
    let server = server().await;
    let admin = server.admin("boss").await;
    let mut absent = registration("absent");
    absent.as_object_mut().unwrap().remove("last_name");
    let row = registered(&server, absent).await;
    assert_eq!(row.get_str("last_name").unwrap(), "");
    for (n, last) in empty_values().into_iter().enumerate() {
        let body = with(&format!("user{n}"), "last_name", last.clone());
        let row = registered(&server, body).await;
        assert_eq!(row.get_str("last_name").unwrap(), "", "{last}");
        let mut body = invitation(&format!("desk{n}"), "staff");
        body["last_name"] = last;
        let created = server.post_as(&admin.token, "/admin/users", body).await;
        let row = server
            .stored_account(&created.expect(200).text("user_id"))
            .await;
        assert_eq!(row.get_str("last_name").unwrap(), "");
    }
    let mut body = invitation("absent", "staff");
    body.as_object_mut().unwrap().remove("last_name");
    let created = server.post_as(&admin.token, "/admin/users", body).await;
    created.expect(200);
}

#[tokio::test]
async fn null_and_empty_text_clear_only_the_last_name() {
    let server = server().await;
    let token = server.patient("jane").await.token();
    for last in empty_values() {
        let named = json!({ "last_name": "Doe" });
        server.patch_as(&token, "/auth/me", named).await.expect(200);
        let change = json!({ "last_name": last });
        let answer = server
            .patch_as(&token, "/auth/me", change)
            .await
            .expect(200);
        assert_eq!(answer.text("last_name"), "");
        assert_eq!(answer.text("full_name"), "Jane");
    }
    for (first, error) in [
        (Value::Null, "null"),
        (json!(""), "empty"),
        (json!(" \u{200b}"), "empty"),
    ] {
        for field in ["first_name", "full_name"] {
            let change = json!({ field: first });
            let answer = server
                .patch_as(&token, "/auth/me", change)
                .await
                .expect(422);
            assert_eq!(answer.validation_errors(), [format!("{field} {error}")]);
        }
        let body = with("john", "first_name", first.clone());
        let answer = server.post("/auth/register", body).await.expect(422);
        assert_eq!(answer.validation_errors(), [format!("first_name {error}")]);
    }
    let both = json!({ "full_name": "A B", "last_name": null });
    let answer = server.patch_as(&token, "/auth/me", both).await;
    assert_eq!(answer.validation_errors(), ["full_name one_of"]);
}

#[tokio::test]
async fn an_empty_text_in_a_change_means_null() {
    let server = server().await;
    let patient = server.patient("jane").await.token();
    let doctor = server.doctor("house").await.token();
    for blank in ["", "  ", "\u{200f}"] {
        for (token, field, value) in [
            (&patient, "mobile", "+41 79 000 00 00"),
            (&patient, "date_of_birth", "1990-05-17"),
            (&doctor, "specialization", "Cardiology"),
            (&doctor, "license_number", "MD-1"),
        ] {
            let set = json!({ field: value });
            server.patch_as(token, "/auth/me", set).await.expect(200);
            let change = json!({ field: blank });
            let answer = server.patch_as(token, "/auth/me", change).await.expect(200);
            assert_eq!(answer.body[field], Value::Null, "{field} {blank:?}");
        }
        let change = json!({ "language": blank });
        server
            .patch_as(&patient, "/auth/me", change)
            .await
            .expect(200);
        let foreign = json!({ "license_number": blank });
        let answer = server.patch_as(&patient, "/auth/me", foreign).await;
        assert_eq!(
            answer.validation_errors(),
            ["license_number not_applicable"]
        );
    }
}

#[tokio::test]
async fn an_empty_choice_is_refused() {
    let server = server().await;
    let admin = server.admin("boss").await;
    let staff = server.staff(&admin, "desk").await;
    for blank in ["", " "] {
        let body = with("jane", "user_type", json!(blank));
        let answer = server.post("/auth/register", body).await.expect(422);
        assert_eq!(answer.validation_errors(), ["user_type user_type_invalid"]);
        let mut body = invitation("dana", "staff");
        body["user_type"] = json!(blank);
        let answer = server.post_as(&admin.token, "/admin/users", body).await;
        assert_eq!(answer.validation_errors(), ["user_type user_type_invalid"]);
        let path = format!("/admin/users/{}", staff.user_id);
        for (field, error) in [("status", "choice"), ("user_type", "user_type_invalid")] {
            let change = json!({ field: blank });
            let answer = server.patch_as(&admin.token, &path, change).await;
            assert_eq!(
                answer.expect(422).validation_errors(),
                [format!("{field} {error}")]
            );
        }
    }
}

#[tokio::test]
async fn an_empty_secret_does_not_count_as_absent() {
    let server = server().await;
    let token = server.patient("jane").await.token();
    let empty = json!({ "token": "" });
    let answer = server.post_as(&token, "/auth/validate-token", empty).await;
    answer.refused(401, "AUTH_FAILED");
    let body = json!({ "username": "jane", "password": "" });
    let answer = server.post("/auth/login", body).await;
    answer.refused(401, "AUTH_FAILED");
    let body = json!({ "username": "jane", "password": format!(" {PASSWORD} ") });
    let answer = server.post("/auth/login", body).await;
    answer.refused(401, "AUTH_FAILED"); // D4
    let blanks = "        \u{a0}\u{2003}";
    let reset = server.reset_by_link("unknown", blanks).await;
    assert!(!reset.raw.contains("confirm_password"), "{}", reset.raw);
}

#[tokio::test]
async fn any_text_is_accepted_as_device_name() {
    let server = server().await;
    server.patient("jane").await;
    let family = "👩\u{200d}👩\u{200d}👧\u{200d}👦";
    let cases = [
        ("  ".to_owned(), None),
        ("\u{200f}\u{202a}".to_owned(), None),
        ("\u{0}\u{1b}".to_owned(), None),
        (" Ward 3\n".to_owned(), Some("Ward 3".to_owned())),
        ("Wa\u{0}rd\t3".to_owned(), Some("Ward3".to_owned())),
        (
            "\u{202b}\u{5d4}\u{5d8}\u{5dc}\u{5e4}\u{5d5}\u{5df}\u{200f} \u{5e9}\u{5dc} \u{2067}\u{5d3}\u{5d5}\u{5d3}\u{2069}".to_owned(),
            Some("\u{5d4}\u{5d8}\u{5dc}\u{5e4}\u{5d5}\u{5df} \u{5e9}\u{5dc} \u{5d3}\u{5d5}\u{5d3}".to_owned()),
        ),
        ("Zoe\u{308}\u{2019}s iPhone".to_owned(), Some("Zo\u{eb}\u{2019}s iPhone".to_owned())),
        ("x".repeat(101), Some("x".repeat(100))),
        ("e\u{301}".repeat(150), Some("\u{e9}".repeat(100))),
        (format!("{} b", "x".repeat(99)), Some("x".repeat(99))),
        // The cut is never inside a visible character.
        (format!("{}{family}", "x".repeat(96)), Some("x".repeat(96))),
        (format!("{}🇨🇭", "x".repeat(99)), Some("x".repeat(99))),
        (format!("a{}", "\u{323}\u{301}".repeat(100)), Some("\u{1ea1}".to_owned())),
        ("x".repeat(20_000), Some("x".repeat(100))),
    ];
    for (typed, expected) in cases {
        let body = json!({ "username": "jane", "password": PASSWORD, "device_name": typed });
        let login = server.post("/auth/login", body).await;
        assert_eq!(login.status, 200, "{typed:?}: {}", login.raw);
        let session = server.stored_session(&login.text("session_id")).await;
        let stored = session.get_str("device_name").ok();
        if expected.as_deref() == Some("\u{1ea1}") {
            // A single visible character with two hundred marks is cut inside.
            let stored = stored.unwrap();
            assert!(stored.starts_with('\u{1ea1}') && stored.chars().count() <= 100);
        } else {
            assert_eq!(stored, expected.as_deref(), "{typed:?}");
        }
    }
    for other in [json!(1), json!(["a"]), json!({ "a": 1 }), json!(true)] {
        let body = json!({ "username": "jane", "password": PASSWORD, "device_name": other });
        let answer = server.post("/auth/login", body).await.expect(422); // INJ-1
        assert_eq!(answer.validation_errors(), ["device_name type"]);
    }
}

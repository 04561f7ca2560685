//! E-mail addresses and usernames as telephones send them: every operation drops invisible characters around them
//! (ID-1, ID-2).

use std::collections::BTreeSet;

use bson::{Document, doc};
use serde_json::{Value, json};

use crate::harness::{
    Answer, Installation, PASSWORD, TestServer, invitation, many_requests, operations, registration,
};

/// The characters that a keyboard, a clipboard or an autocorrection leaves before and after a word.
const AROUND: [(&str, &str); 13] = [
    (" ", ""),
    ("", " "),
    ("\t", "\r\n"),
    ("\u{a0}", "\u{a0}"),
    ("\u{3000}", "\u{2009}"),
    ("\u{200b}", "\u{200b}"),
    ("\u{feff}", ""),
    ("\u{2060}", "\u{2060}"),
    ("", "\u{ad}"),
    ("\u{200f}", "\u{200f}"),
    ("\u{202a}", "\u{202c}"),
    ("\u{2068}", "\u{2069}"),
    (" \u{feff}\u{202b}\n", "\u{200d}\u{85} \u{61c}"),
];

/// The word with all of these characters around it.
fn surrounded(word: &str) -> String {
    let before: String = AROUND.iter().map(|(before, _)| *before).collect();
    let after: String = AROUND.iter().map(|(_, after)| *after).collect();
    format!("{before}{word}{after}")
}

async fn server() -> TestServer {
    TestServer::start_with(|settings| {
        many_requests(settings);
        settings.config.lockout.max_failures = 1000;
        settings.config.lockout.hard_limit = 1000;
    })
    .await
}

async fn pending(server: &TestServer, user_id: &str) -> Document {
    let rows = server.app.store.raw("pending_users");
    let found = rows.find_one(doc! { "_id": user_id }).await;
    found.unwrap().unwrap()
}

/// The operations that take an address or a username, or search for one.
const OPERATIONS: [&str; 14] = [
    "register",
    "signup",
    "generate_otp",
    "send_otp",
    "verify_otp",
    "login",
    "login_json",
    "forgot_password",
    "reset_password",
    "create_user",
    "list_pending_users",
    "admin_list_users",
    "list_users",
    "login as a form",
];

/// The operations of the clinic's records that do: the slice has its own tests for them.
const OF_THE_CLINIC: [&str; 6] = [
    "change_patient",
    "create_patient",
    "intake_create_patient",
    "invite_patient",
    "list_doctors",
    "search_patients",
];

/// Calls `operation` with invisible characters around the name, and checks that they are dropped.
async fn check_operation(server: &TestServer, admin: &str, operation: &str) {
    let jane = surrounded("Jane@example.org");
    match operation {
        "register" => {
            let mut body = registration("Rita.R");
            body["email"] = json!(surrounded("Rita@example.org"));
            body["username"] = json!(surrounded("Rita.R"));
            let answer = server.post("/auth/register", body).await.expect(200);
            let row = pending(server, &answer.text("user_id")).await;
            assert_eq!(row.get_str("email").unwrap(), "rita@example.org");
            assert_eq!(row.get_str("email_display").unwrap(), "Rita@example.org");
            assert_eq!(row.get_str("username").unwrap(), "Rita.R");
        }
        "signup" => {
            let body = json!({ "full_name": "Sue", "email": surrounded("Sue@example.org"), "password": PASSWORD });
            let answer = server.post("/auth/signup", body).await.expect(200);
            let row = pending(server, &answer.text("user_id")).await;
            assert_eq!(row.get_str("email").unwrap(), "sue@example.org");
            assert_eq!(row.get_str("email_display").unwrap(), "Sue@example.org");
        }
        "generate_otp" | "send_otp" => {
            let name = operation.replace("_otp", "");
            server.register(&name).await.expect(200);
            let email = format!("{name}@example.org");
            let before = server.mails_to(&email).await;
            // The next code may be requested one minute after the previous one.
            server.advance(chrono::Duration::minutes(2)).await;
            let path = format!("/auth/{}", operation.replace('_', "-"));
            let body = json!({ "email": surrounded(&email) });
            server.post(&path, body).await.expect(200);
            assert_eq!(server.mails_to(&email).await, before + 1);
        }
        "verify_otp" => {
            server.register("vera").await.expect(200);
            let otp = server.code_for("vera@example.org").await;
            let verified = server.verify(&surrounded("VERA@example.org"), &otp).await;
            verified.expect(200);
        }
        "login" | "login_json" => {
            let path = format!("/auth/{}", operation.replace('_', "/"));
            for word in ["jane", "JANE@example.org"] {
                for field in ["username", "email"] {
                    let body = json!({ field: surrounded(word), "password": PASSWORD });
                    server.post(&path, body).await.expect(200);
                }
            }
        }
        "login as a form" => {
            for word in ["jane", "jane@example.org"] {
                let form = [
                    ("username", surrounded(word)),
                    ("password", PASSWORD.into()),
                ];
                let request = server.http.post(server.url("/auth/login")).form(&form);
                Answer::of(request).await.expect(200);
            }
        }
        "forgot_password" | "reset_password" => {
            let before = server.mails_to("jane@example.org").await;
            server.forgot(&jane).await.expect(200);
            assert_eq!(server.mails_to("jane@example.org").await, before + 1);
            let otp = server.code_for("jane@example.org").await;
            let reset = server.reset_by_code(&jane, &otp, PASSWORD).await;
            reset.expect(200);
            server.advance(chrono::Duration::minutes(2)).await;
        }
        "create_user" => {
            let mut body = invitation("dana", "staff");
            body["email"] = json!(surrounded("Dana@example.org"));
            body["username"] = json!(surrounded("dana"));
            let created = server.post_as(admin, "/admin/users", body).await;
            let row = server
                .stored_account(&created.expect(200).text("user_id"))
                .await;
            assert_eq!(row.get_str("email").unwrap(), "dana@example.org");
            assert_eq!(row.get_str("username").unwrap(), "dana");
        }
        "list_pending_users" => {
            server.register("penny").await.expect(200);
            let found = found_by(server, admin, "/admin/pending-users", "email", "PENNY@").await;
            assert_eq!(found["total_count"], 1);
            assert_eq!(found["pending_users"][0]["username"], "penny");
        }
        "admin_list_users" | "list_users" => {
            for word in ["jane@exam", "jane"] {
                let path = if operation == "list_users" {
                    "/users"
                } else {
                    "/admin/users"
                };
                let found = found_by(server, admin, path, "q", word).await;
                let mut users = found["users"].as_array().unwrap().iter();
                assert!(users.any(|user| user["username"] == "jane"), "{word}");
            }
        }
        other => panic!("{other} takes a name, and no test says how"),
    }
}

async fn found_by(
    server: &TestServer,
    admin: &str,
    path: &str,
    parameter: &str,
    word: &str,
) -> Value {
    let request = server
        .http
        .get(server.url(path))
        .query(&[(parameter, surrounded(word))]);
    let answer = Answer::of(request.bearer_auth(admin)).await;
    answer.expect(200).body
}

#[tokio::test]
async fn every_operation_ignores_invisible_characters_around_names() {
    let server = server().await;
    let admin = server.admin("boss").await.token;
    server.patient("jane").await;
    for operation in OPERATIONS {
        check_operation(&server, &admin, operation).await;
    }
}

#[test]
fn every_operation_that_takes_a_name_is_listed() {
    let document = crate::harness::document();
    let mut taking = BTreeSet::new();
    for operation in operations() {
        let body = operation.example().is_some();
        let properties = body.then(|| operation.body_schema(&document)["properties"].clone());
        let takes = |name| properties.as_ref().is_some_and(|all| all[name].is_object());
        let parameters = operation.spec["parameters"].as_array().cloned();
        let looks = parameters.into_iter().flatten().any(|parameter| {
            parameter["in"] == "query"
                && ["email", "q"].contains(&parameter["name"].as_str().unwrap())
        });
        if takes("email") || takes("username") || looks {
            taking.insert(operation.id);
        }
    }
    for id in OF_THE_CLINIC {
        assert!(taking.remove(id), "{id}");
    }
    let listed: BTreeSet<String> = OPERATIONS[..13].iter().map(|&id| id.to_owned()).collect();
    assert_eq!(taking, listed);
}

#[tokio::test]
async fn each_invisible_character_around_a_name_is_dropped() {
    let server = server().await;
    server.patient("jane").await;
    let user_id = server.login("jane", PASSWORD).await.text("user_id");
    for (n, (before, after)) in AROUND.iter().enumerate() {
        let around = |word: &str| format!("{before}{word}{after}");
        for word in ["jane", "jane@example.org", user_id.as_str()] {
            let login = server.login(&around(word), PASSWORD).await;
            assert_eq!(login.status, 200, "{:?}", around(word));
        }
        let mut body = registration(&format!("kim{n}"));
        let email = format!("kim{n}@example.org");
        body["email"] = json!(around(&email));
        body["username"] = json!(around(&format!("kim{n}")));
        let answer = server.post("/auth/register", body).await.expect(200);
        let row = pending(&server, &answer.text("user_id")).await;
        assert_eq!(row.get_str("email_display").unwrap(), email);
        assert_eq!(row.get_str("username").unwrap(), format!("kim{n}"));
    }
}

#[tokio::test]
async fn a_taken_name_is_recognized_with_characters_around_it() {
    let server = server().await;
    server.patient("jane").await;
    let mut body = registration("other");
    body["email"] = json!(surrounded("jane@example.org"));
    server
        .post("/auth/register", body)
        .await
        .refused(409, "USER_EXISTS");
    let mut body = registration("other");
    body["username"] = json!(surrounded("JANE"));
    server
        .post("/auth/register", body)
        .await
        .refused(409, "USER_EXISTS");
}

#[tokio::test]
async fn a_blank_inside_a_name_is_refused() {
    let server = server().await;
    server.patient("jane").await;
    for inside in [" ", "\u{a0}", "\u{200b}", "\u{ad}", "\u{202e}", "\u{feff}"] {
        for (field, word, error) in [
            ("username", format!("ja{inside}ne"), "username_invalid"),
            (
                "email",
                format!("ja{inside}ne@example.org"),
                "email_invalid",
            ),
            (
                "email",
                format!("jane@exam{inside}ple.org"),
                "email_invalid",
            ),
        ] {
            let mut body = registration("other");
            body[field] = json!(word);
            let answer = server.post("/auth/register", body).await.expect(422);
            assert_eq!(
                answer.validation_errors(),
                [format!("{field} {error}")],
                "{word:?}"
            );
            let login = server.login(&word, PASSWORD).await;
            login.refused(401, "AUTH_FAILED");
        }
    }
}

#[tokio::test]
async fn failures_under_every_spelling_lock_one_account() {
    let server = TestServer::start().await; // LCK-2
    server.patient("jane").await;
    for (before, after) in &AROUND[4..9] {
        let name = format!("{before}jane{after}");
        server
            .login(&name, "wrong")
            .await
            .refused(401, "AUTH_FAILED");
    }
    server
        .login("jane", PASSWORD)
        .await
        .refused(429, "RATE_LIMIT");
}

#[tokio::test]
async fn an_older_name_with_invisible_characters_is_found() {
    let server = server().await;
    let user_id = server.patient("jane").await.text("user_id");
    let older = doc! { "username": "Old.Name\u{200b} ", "email": "\u{feff}Old@Example.org " };
    server.set_stored_account(&user_id, older).await;
    let again = server.another().await;
    let stop = tokio_util::sync::CancellationToken::new();
    let visit = identity::startup::visit_accounts(&again.app, &stop).await;
    visit.unwrap();
    for name in [
        "old.name",
        " OLD.NAME\u{200b}",
        "old@example.org",
        "\u{200f}old@example.org",
    ] {
        let login = again.login(name, PASSWORD).await.expect(200);
        assert_eq!(login.text("user_id"), user_id, "{name:?}");
    }
}

#[tokio::test]
async fn create_admin_drops_invisible_characters_around_names() {
    let installation = Installation::new();
    let email = surrounded("boss@example.org");
    let arguments = [
        "create-admin",
        "--email",
        &email,
        "--username",
        &surrounded("boss"),
    ];
    installation.run(&arguments).await.success();
    let again = ["create-admin", "--email", "boss@example.org"];
    let refused = installation.run(&again).await.failure();
    assert!(refused.contains("already exists"), "{refused}");
    let named = [
        "create-admin",
        "--email",
        "b@example.org",
        "--username",
        "boss",
    ];
    assert!(
        installation
            .run(&named)
            .await
            .failure()
            .contains("already exists")
    );
    let blank = [
        "create-admin",
        "--email",
        "c@example.org",
        "--username",
        " \u{200b}",
    ];
    installation.run(&blank).await.success();
}

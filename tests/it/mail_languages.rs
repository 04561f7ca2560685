//! The language of a mail is the account's, else the request's, else English. No answer shows which one it was.

use kernel::mail_language::MailLanguage;
use serde_json::{Value, json};

use crate::{
    harness::{Answer, PASSWORD, TestServer, invitation, registration, registration_with},
    smtp_server::{SmtpServer, Tls},
};

const JANE: &str = "jane@example.org";

/// A `POST` by a browser with these accepted languages.
async fn post_with_languages(
    server: &TestServer,
    languages: &str,
    path: &str,
    body: Value,
) -> Answer {
    let request = server.http.post(server.url(path)).json(&body);
    Answer::of(request.header("Accept-Language", languages)).await
}

/// The subject of the newest mail to Jane.
async fn subject(server: &TestServer) -> String {
    server.mail_to(JANE).await.subject
}

/// Registers Jane and proves her address.
async fn register_jane(server: &TestServer, languages: &str, body: Value) {
    post_with_languages(server, languages, "/auth/register", body)
        .await
        .expect(200);
    let proof = json!({ "email": JANE, "otp": server.code_for(JANE).await });
    server.post("/auth/verify-otp", proof).await.expect(200);
}

fn jane_with_language(language: &str) -> Value {
    registration_with("jane", "language", language.into())
}

async fn forgot_password(server: &TestServer, languages: &str) -> Answer {
    let body = json!({ "email": JANE });
    post_with_languages(server, languages, "/auth/forgot-password", body).await
}

#[tokio::test]
async fn the_chosen_language_wins_over_the_browsers() {
    let server = TestServer::start().await;
    register_jane(&server, "fr", jane_with_language("de-CH")).await;
    assert_eq!(subject(&server).await, "Ihr Bestätigungscode");
}

#[tokio::test]
async fn without_a_choice_the_browsers_language_is_stored() {
    let server = TestServer::start().await;
    register_jane(&server, "it, hi;q=0.9, en;q=0.5", registration("jane")).await;
    assert_eq!(subject(&server).await, "आपका सत्यापन कोड");
    forgot_password(&server, "fr").await.expect(200);
    assert_eq!(subject(&server).await, "अपना पासवर्ड रीसेट करें");
    let token = server.login("jane", PASSWORD).await.expect(200).token();
    let profile = server.get_as(&token, "/users/me").await.expect(200);
    assert_eq!(profile.text("language"), "hi");
}

#[tokio::test]
async fn without_a_stored_language_a_mail_uses_the_requests() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    forgot_password(&server, "es-MX").await.expect(200);
    assert_eq!(subject(&server).await, "Restablezca su contraseña");
}

#[tokio::test]
async fn a_reader_of_other_languages_gets_english() {
    let server = TestServer::start().await;
    for languages in ["it, pt-BR;q=0.8", "*", "\u{ff}"] {
        let email = format!("jane{}@example.org", languages.len());
        let name = format!("jane{}", languages.len());
        let body = registration_with(&name, "email", email.as_str().into());
        post_with_languages(&server, languages, "/auth/register", body)
            .await
            .expect(200);
        assert_eq!(
            server.mail_to(&email).await.subject,
            "Your verification code"
        );
    }
}

#[tokio::test]
async fn notices_use_the_changed_language_of_the_profile() {
    let server = TestServer::start().await;
    register_jane(&server, "en", registration("jane")).await;
    let token = server.login("jane", PASSWORD).await.expect(200).token();
    let change = server
        .http
        .patch(server.url("/users/me"))
        .bearer_auth(&token);
    Answer::of(change.json(&json!({ "language": "fr-CA" })))
        .await
        .expect(200);
    server
        .change_password(&token, PASSWORD, "another long enough one")
        .await
        .expect(200);
    assert_eq!(subject(&server).await, "Votre mot de passe a été modifié");
}

#[tokio::test]
async fn an_invitation_uses_the_language_of_the_inviter() {
    let server = TestServer::start().await;
    let admin = server.admin("root").await;
    let request = server.http.post(server.url("/admin/users"));
    let request = request
        .bearer_auth(&admin.token)
        .header("Accept-Language", "de");
    Answer::of(request.json(&invitation("jane", "staff")))
        .await
        .expect(200);
    let mail = server.mail_to(JANE).await;
    assert_eq!(mail.subject, "Ihr neues Konto");
    assert!(
        mail.text.starts_with("Guten Tag Dana Desk,\n"),
        "{}",
        mail.text
    );
    assert!(mail.text.contains("3 Tage gültig"), "{}", mail.text);
}

#[tokio::test]
async fn a_notice_of_a_login_after_failures_names_the_ip_address() {
    let server = TestServer::start().await;
    register_jane(&server, "en", jane_with_language("es")).await;
    for _ in 0..3 {
        server.login("jane", "not her password").await;
    }
    server.login("jane", PASSWORD).await.expect(200);
    let mail = server.mail_to(JANE).await;
    assert_eq!(
        mail.subject,
        "Nuevo inicio de sesión tras intentos fallidos"
    );
    assert!(
        mail.text
            .replace('\n', " ")
            .contains("la dirección IP 127.0.0.1."),
        "{}",
        mail.text
    );
}

#[tokio::test]
async fn a_reset_request_is_the_same_for_any_address() {
    let server = TestServer::start().await;
    register_jane(&server, "en", jane_with_language("de")).await;
    server.deliver().await;
    let mut rows = Vec::new();
    for email in [JANE, "john@example.org"] {
        let body = json!({ "email": email });
        let answer = post_with_languages(&server, "fr", "/auth/forgot-password", body).await;
        assert!(!answer.headers.contains_key("content-language")); // ENUM-3
        let mut row = server.stored("mail_outbox").await.remove(0);
        for own in ["_id", "email"] {
            row.remove(own);
        }
        rows.push((answer.expect(200).raw, row));
        server.deliver().await;
    }
    assert_eq!(rows[0], rows[1]);
    assert_eq!(rows[0].1.get_str("language").unwrap(), "fr");
}

#[tokio::test]
async fn a_mail_in_any_language_is_sent_in_ascii() {
    let smtp = SmtpServer::start(Tls::None).await;
    let port = smtp.address.port();
    let server = TestServer::start_with(move |settings| {
        settings.mail_by_smtp = true;
        let email = &mut settings.config.email;
        "127.0.0.1".clone_into(&mut email.smtp_host);
        email.smtp_port = port;
        email.tls = clinic_auth::config::sections::SmtpTls::None;
        email.from = Some("Praxis Müller <no-reply@clinic.example>".to_owned());
    })
    .await;
    for language in MailLanguage::ALL {
        let name = format!("jane-{}", language.tag());
        let body = registration_with(&name, "language", language.tag().into());
        server.post("/auth/register", body).await.expect(200);
        server.deliver().await;
        let wire = smtp.received().last().unwrap().wire.clone();
        assert!(wire.is_ascii() && wire.lines().all(|line| line.len() <= 998));
        let (headers, _) = wire.split_once("\r\n\r\n").unwrap();
        assert!(
            !headers.contains(&name.to_uppercase()) && headers.lines().all(|line| line.len() <= 78)
        ); // MAIL-3
        assert_eq!(decoded_subject(headers), subject_in(language));
    }
}

fn subject_in(language: MailLanguage) -> &'static str {
    match language {
        MailLanguage::English => "Your verification code",
        MailLanguage::German => "Ihr Bestätigungscode",
        MailLanguage::French => "Votre code de vérification",
        MailLanguage::Spanish => "Su código de verificación",
        MailLanguage::Hindi => "आपका सत्यापन कोड",
    }
}

/// The subject as a mail program shows it: encoded words are decoded from base64 (RFC 2047), other words stay.
fn decoded_subject(headers: &str) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let unfolded = headers.replace("\r\n ", " ");
    let line = unfolded
        .lines()
        .find_map(|line| line.strip_prefix("Subject: "));
    let words = line.unwrap().split(' ').map(|word| {
        let encoded = word
            .strip_prefix("=?utf-8?b?")
            .and_then(|word| word.strip_suffix("?="));
        match encoded {
            Some(encoded) => (true, STANDARD.decode(encoded).unwrap()),
            None => (false, word.as_bytes().to_vec()),
        }
    });
    let mut text = Vec::new();
    let mut before = None;
    for (encoded, word) in words {
        // A blank between two encoded words is not part of the text.
        if before.is_some_and(|before| !(before && encoded)) {
            text.push(b' ');
        }
        text.extend(word);
        before = Some(encoded);
    }
    String::from_utf8(text).unwrap()
}

//! The languages of the mails on the patients' pages and in answers: which one a request gets, what caches are told, and
//! that the catalogue has the sentences that the service says.

use std::{collections::BTreeSet, fs, path::Path};

use clinic_auth::sentences::OF_ANSWERS;
use kernel::mail_language::MailLanguage;
use reqwest::header::{ACCEPT_LANGUAGE, CONTENT_LANGUAGE, VARY};
use serde_json::json;

use crate::harness::TestServer;

async fn page(server: &TestServer, name: &str, asked: &str) -> reqwest::Response {
    let request = server.http.get(server.url(&format!("/static/{name}")));
    request.header(ACCEPT_LANGUAGE, asked).send().await.unwrap()
}

fn varies(answer: &reqwest::Response) -> bool {
    let lines = answer.headers().get_all(VARY).iter();
    let mut lines = lines.filter_map(|line| line.to_str().ok());
    lines.any(|line| line.eq_ignore_ascii_case("accept-language"))
}

#[tokio::test]
async fn patients_pages_speak_the_language_that_is_asked_for() {
    let server = TestServer::start().await;
    for (asked, tag, title) in [
        ("de-CH, en;q=0.5", "de", "Neues Passwort festlegen"),
        ("it, hi;q=0.8, fr;q=0.7", "hi", "नया पासवर्ड सेट करें"),
        ("es;q=0.2, *;q=0.1", "es", "Establecer una contraseña nueva"),
        ("fr;q=0.2, *", "en", "Set a new password"),
        ("it", "en", "Set a new password"),
    ] {
        let answer = page(&server, "reset.html", asked).await;
        assert!(varies(&answer), "{asked}");
        assert_eq!(answer.headers()[CONTENT_LANGUAGE], tag, "{asked}");
        let text = answer.text().await.unwrap();
        assert!(text.contains(&format!("<html lang=\"{tag}\"")), "{asked}");
        assert!(text.contains(&format!("<title>{title}</title>")), "{asked}");
    }
    // Those who work here read English.
    let answer = page(&server, "admin.html", "de").await;
    assert!(!varies(&answer) && answer.headers().get(CONTENT_LANGUAGE).is_none());
    assert!(answer.text().await.unwrap().contains("<html lang=\"en\""));
}

#[tokio::test]
async fn the_sentences_of_scripts_come_by_a_name_that_is_kept() {
    let server = TestServer::start().await;
    let text = page(&server, "otp.html", "fr").await.text().await.unwrap();
    let file = text.split("data-words=\"./").nth(1).unwrap();
    let file = file.split('"').next().unwrap();
    let answer = page(&server, file, "de").await;
    let kept = answer.headers()["cache-control"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(kept.contains("immutable"), "{kept}");
    assert!(!varies(&answer), "the name says the language");
    let text = answer.text().await.unwrap();
    assert!(text.starts_with("export default {") && text.contains("Copié."));
}

#[tokio::test]
async fn answers_and_errors_have_a_localized_message_if_it_is_asked_for() {
    let server = TestServer::start().await;
    let ask = |asked: &'static str, path: &str, body: serde_json::Value| {
        let request = server.http.post(server.url(path)).json(&body);
        request.header(ACCEPT_LANGUAGE, asked).send()
    };
    let login = json!({ "username": "nobody", "password": "wrong password" });
    let answer = ask("de-AT;q=0.9, en;q=0.1", "/auth/login", login.clone())
        .await
        .unwrap();
    assert!(varies(&answer));
    let answer: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(answer["detail"], "Invalid credentials");
    assert_eq!(answer["error"]["message"], "Invalid credentials");
    let localized = &answer["error"]["localized_message"];
    assert_eq!(localized, "Die Anmeldedaten sind nicht gültig");

    let faulty = json!({ "email": "no address" });
    let answer = ask("es", "/auth/forgot-password", faulty).await.unwrap();
    let answer: serde_json::Value = answer.json().await.unwrap();
    let fault = &answer["error"]["details"]["validation_errors"][0];
    assert_eq!(fault["message"], "Must be an e-mail address");
    assert_eq!(
        fault["localized_message"],
        "Debe ser una dirección de correo"
    );

    let known = json!({ "email": "somebody@example.org" });
    let answer = ask("hi", "/auth/forgot-password", known.clone())
        .await
        .unwrap();
    assert!(varies(&answer));
    let answer: serde_json::Value = answer.json().await.unwrap();
    assert!(answer["message"].as_str().unwrap().contains("OTP"));
    assert!(
        answer["localized_message"]
            .as_str()
            .unwrap()
            .contains("पासवर्ड")
    );

    // Caches must know it of the English answer too, which has no other sentence.
    for (path, body) in [("/auth/login", login), ("/auth/forgot-password", known)] {
        let answer = ask("en, de;q=0.5", path, body).await.unwrap();
        assert!(varies(&answer), "{path}");
        assert!(!answer.text().await.unwrap().contains("localized_message"));
    }
}

/// The texts in the sources of the slices and of what they stand on, each number and each value as `#`.
fn texts_in_sources() -> BTreeSet<String> {
    fn collect(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                collect(&entry.path(), found);
            } else if entry.path().extension().is_some_and(|kind| kind == "rs") {
                let text = fs::read_to_string(entry.path()).unwrap();
                found.extend(text.split('"').map(pattern));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeSet::new();
    for folder in [
        "crates/kernel/src",
        "crates/web/src",
        "crates/identity/src",
        "crates/clinic/src",
        "src/api",
    ] {
        collect(&root.join(folder), &mut found);
    }
    found
}

/// The text on one line, each number and each value as `#`.
fn pattern(text: &str) -> String {
    let mut written = String::new();
    let mut depth = 0_usize;
    let mut lines = text.split("\\\n");
    let first = lines.next().unwrap_or_default().to_owned();
    let joined = lines.fold(first, |text, line| text + line.trim_start());
    for c in joined.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ if depth > 0 => continue,
            c if c.is_ascii_digit() => {}
            c => {
                written.push(c);
                continue;
            }
        }
        if !written.ends_with('#') {
            written.push('#');
        }
    }
    written
}

#[test]
fn the_service_says_every_sentence_of_the_catalogue() {
    let said = texts_in_sources();
    let all = OF_ANSWERS.iter().copied().flatten();
    let unused: Vec<_> = all
        .map(|sentence| sentence.of(MailLanguage::English))
        .filter(|text| !said.contains(&pattern(text)))
        // Its first word is a value.
        .filter(|text| !text.contains(" registered successfully. "))
        .collect();
    assert_eq!(unused, Vec::<&&str>::new());
}

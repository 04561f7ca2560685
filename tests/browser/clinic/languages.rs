//! The patients' pages in other languages: they fit the narrowest window, and no English sentence is left.

use clinic_auth::sentences::{OF_PAGES, Sentence};
use kernel::mail_language::MailLanguage;
use serde_json::json;

use super::{Clinic, at};
use crate::{
    harness::{PASSWORD, eventually},
    page::{Page, Window::Phone},
};

/// A page for somebody whose browser asks for a language.
struct Reader {
    page: Page,
    language: MailLanguage,
}

impl Reader {
    async fn open(clinic: &Clinic, language: MailLanguage) -> Self {
        let page = Page::open(&clinic.server, Phone, "/health").await;
        let headers = json!({ "headers": { "Accept-Language": language.tag() } });
        page.driver.devtools("Network.enable", json!({})).await;
        page.driver
            .devtools("Network.setExtraHTTPHeaders", headers)
            .await;
        Self { page, language }
    }

    /// The sentence of the catalogue with this English text.
    fn word(&self, english: &str) -> &'static str {
        clinic_auth::sentences::of_page(english, self.language).unwrap()
    }

    /// Goes to a page of its own, not to another part of the same.
    async fn go(&self, name: &str) {
        self.page.go(&format!("/static/{name}")).await;
    }

    async fn fill(&self, id: &str, text: &str) {
        let focus =
            format!("const it = document.getElementById({id:?}); it.value = ''; it.focus()");
        self.page.script(&focus).await;
        self.page.types(text).await;
    }

    /// Presses the button with this English text, when it is there.
    async fn press(&self, english: &str) {
        let word = json!(self.word(english));
        let press = format!(
            "const shown = [...document.querySelectorAll('button')].filter((it) => it.offsetParent && !it.disabled);
            const found = shown.find((it) => it.textContent.trim() === {word});
            found?.click();
            return Boolean(found);"
        );
        eventually(english, async || {
            let is_pressed = self.page.script(&press).await;
            (is_pressed == true).then_some(())
        })
        .await;
    }

    /// Waits for a sentence, by its English text up to the first value in it.
    async fn sees(&self, english: &str) {
        let words = self.word(english).split("{{").max_by_key(|part| part.len());
        let words = words.unwrap().split("}}").last().unwrap();
        self.page.sees(words.trim()).await;
    }

    async fn log_in(&self, name: &str) {
        self.fill("login-name", name).await;
        self.fill("login-password", PASSWORD).await;
        self.press("Log in").await;
    }

    /// Checks what is shown now.
    async fn check(&self, state: &str) {
        let text = self.page.text().await;
        let is_said = |sentence: &&Sentence| {
            let is_long = sentence.en.len() > 12 && sentence.en.contains(' ');
            let other = sentence.of(self.language);
            let start = sentence.en.split(['{', '<']).next().unwrap().trim();
            is_long && start.len() > 12 && *other != sentence.en && text.contains(start)
        };
        let left = OF_PAGES.iter().copied().flatten().filter(is_said);
        let left: Vec<_> = left.map(|sentence| sentence.en).collect();
        assert_eq!(left, Vec::<&str>::new(), "{state}");
        self.page
            .check(&format!("{state}-{}", self.language.tag()))
            .await;
    }
}

async fn read(language: MailLanguage) {
    let clinic = Clinic::open().await;
    clinic.book(&clinic.keller, &clinic.maria, 7, "09:00").await;
    let reader = Reader::open(&clinic, language).await;
    let Reader { page, .. } = &reader;

    reader.go("reset.html").await;
    reader.sees("Forgotten password").await;
    reader.check("reset").await;
    clinic.server.forgot("maria@example.org").await.expect(200);
    let token = clinic.server.link_token_for("maria@example.org").await;
    reader
        .go(&format!(
            "account-link.html?do=cancel-deletion#token={token}"
        ))
        .await;
    reader.sees("Keep your account").await;
    reader.check("account-link").await;
    page.go("/health").await;
    reader.go(&format!("reset.html#token={token}")).await;
    for id in ["new-password", "confirm-password"] {
        reader.fill(id, "password").await;
    }
    reader.press("Set the password").await;
    reader.sees("One field needs another look.").await;
    let fault = clinic_auth::sentences::localize(
        "This password is among the most common ones; choose another",
        language,
    );
    page.sees(&fault.unwrap()).await;
    page.clear_console_messages().await;
    reader.check("reset-refused").await;

    reader.go("otp.html").await;
    reader.fill("email", "maria@example.org").await;
    reader.fill("otp", "123456").await;
    reader.press("Verify").await;
    reader
        .sees("This does not work any more: it is wrong, was used already, or is too old.")
        .await;
    page.clear_console_messages().await;
    reader.check("otp").await;

    reader.go("account.html").await;
    reader.log_in("maria").await;
    reader.sees("Where you are logged in").await;
    reader.sees("Logged in:").await;
    reader.check("account").await;
    reader.press("Set up an app").await;
    reader.sees("The six digits that the app shows now.").await;
    reader.check("account-app").await;

    reader.go("sessions.html").await;
    reader.log_in("maria").await;
    reader.sees("Logged in:").await;
    reader.check("sessions").await;

    reader.go("my.html").await;
    reader.log_in("maria").await;
    reader.sees("Cancel …").await;
    reader.check("my").await;
    reader.press("Book").await;
    page.body().press_beginning("Anna Keller").await;
    reader.sees("{{ n }} times free").await;
    page.script("document.querySelector('.day').click()").await;
    page.body().press("10:00").await;
    reader.sees("Held for you: {{ time }} left").await;
    reader.check("my-booking").await;
    reader.press("Book this time").await;
    reader.sees("Booked: {{ when }}.").await;
    reader.check("my-booked").await;
    reader.press("Who looked").await;
    reader.sees("Saw:").await;
    reader.check("my-log").await;
    let booked = clinic.appointments(&clinic.maria).await;
    assert!(
        booked
            .iter()
            .any(|row| row["local_start"] == at(5, "10:00"))
    );
}

#[tokio::test]
async fn a_patient_reads_every_page_in_german_on_a_telephone() {
    Box::pin(read(MailLanguage::German)).await;
}

#[tokio::test]
async fn a_patient_reads_every_page_in_hindi_on_a_telephone() {
    Box::pin(read(MailLanguage::Hindi)).await;
}

//! A patient's own record: late changes, the calendar, reports, who looked, and whom the pages refuse.

use chrono::Duration;
use serde_json::{Value, json};

use super::{Clinic, log_in};
use crate::{
    harness::PASSWORD,
    page::{Page, Window::Phone},
};

impl Clinic {
    /// A report about `maria`, signed or not.
    async fn report(&self, words: &str, signed: bool) {
        let post = async |path: String, body: Value| {
            self.server.post_as(&self.keller.token, &path, body).await
        };
        let body = json!({ "patient_id": self.maria, "session_type": "consultation" });
        let started = post("/consultation/start".to_owned(), body)
            .await
            .expect(200);
        let session = started.text("session_id");
        post(format!("/consultation/{session}/stop"), json!({}))
            .await
            .expect(200);
        let body = json!({
            "session_id": session, "report_type": "consultation", "status": "completed", "generated_content": words,
        });
        let written = post("/reports".to_owned(), body).await.expect(200);
        if signed {
            let body = json!({ "password": PASSWORD, "version": written.body["version"] });
            let path = format!("/reports/{}/sign", written.text("report_id"));
            post(path, body).await.expect(200);
        }
    }
}

// APT-16, APT-18, REP-8, AUDX-4
#[tokio::test]
async fn a_patient_reads_what_is_meant_for_patients() {
    let clinic = Clinic::open().await;
    // Less than a day ahead, and a little more.
    clinic.book(&clinic.keller, &clinic.maria, 5, "16:00").await;
    clinic.book(&clinic.keller, &clinic.maria, 6, "08:30").await;
    clinic.report("Blood pressure is well.", true).await;
    clinic.report("Only a draft.", false).await;

    let page = clinic.as_maria(Phone).await;
    page.sees("It begins in less than 24 hours").await;
    page.sees("Please call the clinic").await;
    page.check_everywhere("my-visits").await;
    let body = page.body();
    // The second one may still be cancelled when the page is drawn, and not any more when the button is pressed.
    clinic.server.advance(Duration::hours(2)).await;
    body.press("Cancel …").await;
    page.part("Cancel this appointment?")
        .press("Cancel the appointment")
        .await;
    body.says("It was not cancelled").await;
    body.says("please call the clinic").await;
    page.clear_console_messages().await;
    let visits = clinic.appointments(&clinic.maria).await;
    assert!(visits.iter().all(|visit| visit["status"] == "confirmed"));

    page.part("In your own calendar")
        .press("Make an address")
        .await;
    body.says("It is shown only now").await;
    let feed = page
        .script("return document.querySelector('#calendar-address code').textContent")
        .await;
    let feed = feed
        .as_str()
        .unwrap()
        .rsplit("/appointments/")
        .next()
        .unwrap()
        .to_owned();
    let calendar = clinic
        .server
        .get(&format!("/appointments/{feed}"))
        .await
        .expect(200);
    assert_eq!(calendar.raw.matches("BEGIN:VEVENT").count(), 2);
    page.check_everywhere("my-calendar").await;

    body.press("Reports").await;
    page.sees("Consultation").await;
    body.press("Read").await;
    page.sees("Blood pressure is well.").await;
    page.check_everywhere("my-report").await;
    assert_eq!(page.text().await.matches("Only a draft.").count(), 0);
    let [name, paper] = page.printed("Print or save as PDF").await;
    assert!(
        name.starts_with("REP") && !name.contains("Brunner"),
        "{name}"
    );
    for words in ["Maria Brunner", "Anna Keller", "Blood pressure is well."] {
        assert!(paper.contains(words), "{words} in {paper}");
    }
    body.press("Back to the list").await;
    assert_eq!(
        page.script("return document.querySelectorAll('#report-list li').length")
            .await,
        1
    );

    body.press("Who looked").await;
    page.sees("Anna Keller").await;
    page.sees("treats you").await;
    page.sees("for the clinic’s office work").await;
    page.check_everywhere("my-log").await;
    body.press("Log out").await;
    page.sees("You are logged out.").await;
    let left = page.script("return document.body.textContent").await;
    assert!(!left.as_str().unwrap().contains("Blood pressure"));
}

// ACC-9
#[tokio::test]
async fn each_page_sends_others_to_their_own() {
    let clinic = Clinic::open().await;
    let page = Page::open(&clinic.server, Phone, "/static/my.html").await;
    page.check_everywhere("my-login").await;
    log_in(&page, "My appointments and record", &clinic.desk.email).await;
    page.sees("This page is for patients.").await;
    page.body().press("another page").await;
    page.sees("For doctors and for the desk.").await;
    log_in(&page, "Clinic", "maria").await;
    page.sees("This page is for doctors and the desk.").await;
    page.has_quiet_console().await;
    page.body().press("a page of their own").await;
    page.sees("For patients: book").await;
    page.body().press("Administration").await;
    page.sees("run its accounts").await;
    page.body().press("Clinic").await;
    page.sees("For doctors and for the desk.").await;
}

//! Booking on a telephone: doctor, day, time, and one booking whatever happens on the way.

use chrono::Duration;
use fantoccini::key::Key;
use serde_json::json;

use super::{Clinic, at};
use crate::{
    harness::PASSWORD,
    page::{
        Page,
        Window::{self, Phone},
    },
};

/// Goes as far as the question whether the time is right.
async fn choose(page: &Page, day: &str, time: &str) {
    let body = page.body();
    body.press("Book").await;
    body.press_beginning("Anna Keller").await;
    body.press_beginning(day).await;
    body.press(time).await;
}

/// The service gets the next booking, and its answer is lost.
const LOSE_THE_ANSWER: &str = "
    const real = window.fetch;
    window.fetch = async (address, options) => {
      const answer = await real(address, options);
      if (options.method !== 'POST' || !String(address).endsWith('/appointments')) return answer;
      window.fetch = real;
      throw new TypeError('lost');
    };";

// APT-8, APT-9, APT-16
#[tokio::test]
async fn a_patient_books_moves_and_cancels_on_a_telephone() {
    let clinic = Clinic::open().await;
    let page = clinic.as_maria(Phone).await;
    page.sees("You have no appointment.").await;
    choose(&page, "Tue6 Mar", "10:00").await;
    page.sees("Is this right?").await;
    page.sees("Held for you: ").await;
    page.picture("my-booking").await;
    let body = page.body();
    body.fill("What is it about? (optional)", "Check-up").await;
    page.script(LOSE_THE_ANSWER).await;
    body.press("Book this time").await;
    body.says("it is never booked twice").await;
    body.press("Book this time").await;
    body.says("Booked: Tuesday, 6 March 2035, 10:00–10:30 (WAT, Lagos).")
        .await;
    let booked = clinic.appointments(&clinic.maria).await;
    assert_eq!(booked.len(), 1);
    assert_eq!(booked[0]["local_start"], at(6, "10:00"));
    page.picture("my-appointments").await;

    body.press("Move …").await;
    body.press_beginning("Wed7 Mar").await;
    body.press("11:00").await;
    body.press("Move to this time").await;
    body.says("Moved: Wednesday, 7 March 2035, 11:00–11:30")
        .await;
    body.press("Cancel …").await;
    let question = page.part("Cancel this appointment?");
    question.fill("Why? (optional)", "I am abroad").await;
    page.check("my-cancel").await;
    question.press("Cancel the appointment").await;
    body.says("Your appointment is cancelled.").await;
    body.press("Show the last 12 months").await;
    page.sees("Why: I am abroad").await;
    let gone = clinic.appointments(&clinic.maria).await;
    assert_eq!(gone.len(), 1);
    assert_eq!(gone[0]["status"], "cancelled");
    assert_eq!(gone[0]["local_start"], at(7, "11:00"));
    page.check_everywhere("my-past").await;
}

// APT-1, APT-8
#[tokio::test]
async fn a_taken_or_expired_time_is_told_and_another_offered() {
    let clinic = Clinic::open().await;
    let page = clinic.as_maria(Phone).await;
    let body = page.body();
    body.press("Book").await;
    body.press_beginning("Anna Keller").await;
    body.press_beginning("Tue6 Mar").await;
    page.sees("10:00").await;
    // Somebody else is faster.
    clinic.book(&clinic.keller, &clinic.zoe, 6, "10:00").await;
    body.press("10:00").await;
    body.says("10:00 has just been taken. Choose another time.")
        .await;
    page.refused(409, "/appointments/holds").await;
    assert!(!body.offers("10:00").await);
    page.check_everywhere("my-times").await;

    body.press("10:30").await;
    page.sees("Held for you: ").await;
    let five = Duration::minutes(5) + Duration::seconds(1);
    clinic.server.advance(five).await;
    page.script("const real = Date.now; Date.now = () => real() + 301_000;")
        .await;
    body.says("is free again. Choose a time.").await;
    // It is free for others, and for the one who was slow as well.
    body.press_beginning("Tue6 Mar").await;
    body.press("10:30").await;
    page.sees("Is this right?").await;
    body.press("Book this time").await;
    body.says("Booked: Tuesday, 6 March 2035, 10:30–11:00")
        .await;
    assert_eq!(clinic.appointments(&clinic.maria).await.len(), 1);
}

#[tokio::test]
async fn no_network_books_nothing_and_loses_nothing() {
    let clinic = Clinic::open().await;
    let page = clinic.as_maria(Phone).await;
    choose(&page, "Tue6 Mar", "10:00").await;
    let body = page.body();
    body.fill("What is it about? (optional)", "Check-up").await;
    page.connected(false).await;
    body.press("Book this time").await;
    body.says("No answer came").await;
    assert!(clinic.appointments(&clinic.maria).await.is_empty());
    page.connected(true).await;
    page.clear_console_messages().await;
    body.press("Book this time").await;
    body.says("Booked: ").await;
    let booked = clinic.appointments(&clinic.maria).await;
    assert_eq!(booked[0]["title"], "Check-up");

    // The session is revoked while the next one is filled in: nothing is booked, and nothing stays on the page.
    choose(&page, "Wed7 Mar", "09:00").await;
    page.sees("Is this right?").await;
    let ended = json!({ "username": "maria", "password": PASSWORD });
    let other = clinic.server.post("/auth/login", ended).await.token();
    clinic
        .server
        .post_as(&other, "/auth/logout-all", json!({}))
        .await
        .expect(200);
    body.press("Book this time").await;
    page.sees("Your session has ended. Log in again.").await;
    let left = page.script("return document.body.textContent").await;
    assert!(!left.as_str().unwrap().contains("Keller"));
    page.clear_console_messages().await;
    page.check("my-ended").await;
    assert_eq!(clinic.appointments(&clinic.maria).await.len(), 1);
}

// APT-11, APT-14
#[tokio::test]
async fn a_patient_books_by_keyboard_in_another_zone_with_large_letters() {
    let clinic = Clinic::open().await;
    let page = Page::open(&clinic.server, Window::Phone, "/static/my.html").await;
    page.time_zone("America/Los_Angeles").await;
    page.tab_to("Username").await;
    page.types("maria").await;
    page.tab_to("Password").await;
    page.types(PASSWORD).await;
    page.key(Key::Enter).await;
    page.sees("You have no appointment.").await;
    page.enlarge().await;
    page.fits("my-appointments with large letters").await;
    page.tab_to("Book an appointment").await;
    page.key(Key::Enter).await;
    page.sees("Which doctor?").await;
    page.tab_to("Anna Keller").await;
    page.key(Key::Enter).await;
    page.sees("Which day?").await;
    page.tab_to("Tue6 Mar").await;
    page.key(Key::Enter).await;
    page.sees("Clocks of the clinic (WAT, Lagos)").await;
    page.fits("my-times with large letters").await;
    page.tab_to("10:00").await;
    page.key(Key::Enter).await;
    page.sees("Is this right?").await;
    page.fits("my-booking with large letters").await;
    page.tab_to("Book this time").await;
    page.key(Key::Enter).await;
    page.body()
        .says("Booked: Tuesday, 6 March 2035, 10:00–10:30")
        .await;
    page.fits("my-booked with large letters").await;
    assert_eq!(
        clinic.appointments(&clinic.maria).await[0]["local_start"],
        at(6, "10:00")
    );
}

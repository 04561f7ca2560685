//! What patients are told by mail, and their calendar feeds.

use chrono::Duration;
use clinic::appointments::use_cases::notices;
use platform::outbox;
use serde_json::json;
use testkit::Answer;

use crate::{
    booking_desk::{at, book, open, slot, with},
    harness::{ADMIN, Clinic, DESK, DOCTOR, PATIENT},
};

/// Sends what is due, and returns the subjects of all mails so far.
async fn subjects(clinic: &Clinic) -> Vec<String> {
    outbox::tick(&clinic.platform, &[&*clinic.app])
        .await
        .unwrap();
    let sent = clinic.mails.sent();
    sent.into_iter().map(|(mail, _)| mail.subject).collect()
}

fn kinds(subjects: &[String]) -> Vec<&str> {
    subjects
        .iter()
        .map(|it| it.split(':').next().unwrap())
        .collect()
}

const CONFIRMED: &str = "Your appointment is confirmed";
const CHANGED: &str = "Your appointment has changed";
const CANCELLED: &str = "Your appointment is cancelled";
const REMINDER: &str = "Reminder of your appointment";

// APT-14, MAIL-6
#[tokio::test]
async fn a_mail_says_when_in_subject_and_text_and_nothing_else() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({})).await;
    let start = at(&clinic, 3, 9, 0);
    let body = with(
        slot(DOCTOR, start),
        json!({ "title": "Xylograph", "description": "Yttrium" }),
    );
    book(&clinic, PATIENT, body).await.expect(201);
    subjects(&clinic).await;
    let mail = clinic.mails.last_to("jane@example.org").unwrap();
    let shown = clinic
        .app
        .zone
        .shown(start, kernel::mail_language::MailLanguage::English);
    assert_eq!(mail.subject, format!("{CONFIRMED}: {}", shown.line));
    assert!(
        mail.text.contains(&shown.line) && mail.html.contains(&shown.line),
        "{}",
        mail.text
    );
    assert!(shown.line.contains("Zurich") && shown.line.contains(shown.weekday));
    for word in ["Xylograph", "Yttrium", "Ada", "Cardiology"] {
        assert!(
            !format!("{}{}{}", mail.subject, mail.text, mail.html).contains(word),
            "{word}"
        );
    }
}

// APT-17
#[tokio::test]
async fn a_patient_is_reminded_once_of_what_stands() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({})).await;
    let start = at(&clinic, 3, 9, 0);
    book(&clinic, PATIENT, slot(DOCTOR, start))
        .await
        .expect(201);
    assert_eq!(kinds(&subjects(&clinic).await), [CONFIRMED]);
    clinic
        .clock
        .advance(start - Duration::hours(24) - Duration::seconds(1) - clinic.clock.now());
    assert_eq!(kinds(&subjects(&clinic).await), [CONFIRMED]);
    clinic.clock.advance(Duration::seconds(2));
    for _ in 0..2 {
        notices::tick(&clinic.app, clinic.clock.now())
            .await
            .unwrap();
        assert_eq!(kinds(&subjects(&clinic).await), [CONFIRMED, REMINDER]);
    }
}

// APT-17
#[tokio::test]
async fn nobody_is_reminded_of_what_was_cancelled() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({})).await;
    let start = at(&clinic, 3, 9, 0);
    let booked = book(&clinic, PATIENT, slot(DOCTOR, start))
        .await
        .expect(201);
    let path = format!("/appointments/{}", booked.text("appointment_id"));
    clinic.delete(PATIENT, &path).await.expect(200);
    // The confirmation was not sent yet, and is not true any more.
    assert_eq!(kinds(&subjects(&clinic).await), [CANCELLED]);
    clinic
        .clock
        .advance(start - Duration::hours(23) - clinic.clock.now());
    assert_eq!(kinds(&subjects(&clinic).await), [CANCELLED]);
}

// APT-17
#[tokio::test]
async fn a_moved_appointment_is_reminded_of_at_its_new_time() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({})).await;
    let (start, later) = (at(&clinic, 3, 9, 0), at(&clinic, 5, 9, 0));
    let booked = book(&clinic, PATIENT, slot(DOCTOR, start))
        .await
        .expect(201);
    subjects(&clinic).await;
    let path = format!("/appointments/{}", booked.text("appointment_id"));
    let moved = json!({ "start_time": later.to_rfc3339() });
    clinic.patch(PATIENT, &path, moved).await.expect(200);
    assert_eq!(kinds(&subjects(&clinic).await), [CONFIRMED, CHANGED]);
    clinic
        .clock
        .advance(start - Duration::hours(20) - clinic.clock.now());
    assert_eq!(kinds(&subjects(&clinic).await), [CONFIRMED, CHANGED]);
    clinic
        .clock
        .advance(later - Duration::hours(20) - clinic.clock.now());
    assert_eq!(
        kinds(&subjects(&clinic).await),
        [CONFIRMED, CHANGED, REMINDER]
    );
}

// APT-17
#[tokio::test]
async fn after_an_outage_nobody_is_reminded_of_the_past() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({})).await;
    let start = at(&clinic, 3, 9, 0);
    book(&clinic, PATIENT, slot(DOCTOR, start))
        .await
        .expect(201);
    subjects(&clinic).await;
    clinic
        .clock
        .advance(start + Duration::minutes(1) - clinic.clock.now());
    assert_eq!(kinds(&subjects(&clinic).await), [CONFIRMED]);
}

// APT-6, APT-17
#[tokio::test]
async fn a_tick_writes_the_mails_of_a_request_that_broke_off() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({})).await;
    let booked = book(&clinic, PATIENT, slot(DOCTOR, at(&clinic, 3, 9, 0)))
        .await
        .expect(201);
    let id = booked.text("appointment_id");
    assert_eq!(kinds(&subjects(&clinic).await), [CONFIRMED]);
    // As if the request had broken off after the insertion, once before its mail was sent and once after.
    let rows = clinic.database.raw("appointments").await;
    let broken = bson::doc! { "$set": { "to_notify": &id } };
    rows.update_one(bson::doc! { "_id": &id }, broken)
        .await
        .unwrap();
    assert_eq!(
        notices::tick(&clinic.app, clinic.clock.now())
            .await
            .unwrap(),
        1
    );
    assert_eq!(kinds(&subjects(&clinic).await), [CONFIRMED]);
    let unsent = bson::doc! { "$set": { "to_notify": &id }, "$unset": { "sent": "" } };
    rows.update_one(bson::doc! { "_id": &id }, unsent)
        .await
        .unwrap();
    assert_eq!(
        notices::tick(&clinic.app, clinic.clock.now())
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        notices::tick(&clinic.app, clinic.clock.now())
            .await
            .unwrap(),
        0
    );
    assert_eq!(kinds(&subjects(&clinic).await), [CONFIRMED, CONFIRMED]);
}

async fn calendar(clinic: &Clinic, url: &str, etag: Option<&str>) -> Answer {
    let path = url.strip_prefix("http://localhost").unwrap();
    let request = clinic.http.get(clinic.url(path));
    let request = match etag {
        Some(etag) => request.header("If-None-Match", etag),
        None => request,
    };
    Answer::of(request).await
}

// APT-18, APT-20
#[tokio::test]
async fn a_feed_shows_times_to_whoever_has_its_address() {
    let clinic = Clinic::start().await;
    open(&clinic, DOCTOR, json!({})).await;
    let start = at(&clinic, 3, 9, 0);
    let booked = book(&clinic, PATIENT, slot(DOCTOR, start))
        .await
        .expect(201);
    let url = clinic
        .post(PATIENT, "/appointments/feed", json!({}))
        .await
        .expect(200)
        .text("url");
    let feed = calendar(&clinic, &url, None).await.expect(200);
    assert_eq!(feed.headers["content-type"], "text/calendar; charset=utf-8");
    let lines: Vec<&str> = feed.raw.split("\r\n").collect();
    assert!(
        lines.contains(&format!("DTSTART:{}", start.format("%Y%m%dT%H%M%SZ")).as_str()),
        "{}",
        feed.raw
    );
    assert!(lines.contains(&"SUMMARY:Appointment") && lines.contains(&"SEQUENCE:1"));
    assert!(!feed.raw.contains("Checkup") && !feed.raw.contains("Ada"));
    let etag = feed.headers["etag"].to_str().unwrap().to_owned();
    calendar(&clinic, &url, Some(&etag)).await.expect(304);
    let path = format!("/appointments/{}", booked.text("appointment_id"));
    clinic.delete(PATIENT, &path).await.expect(200);
    // APT-19
    let feed = calendar(&clinic, &url, Some(&etag)).await.expect(200);
    assert!(feed.raw.contains("STATUS:CANCELLED\r\n") && feed.raw.contains("SEQUENCE:2\r\n"));
    let token = url.rsplit('/').next().unwrap().trim_end_matches(".ics");
    assert_eq!(token.len(), 43);
    let stored = clinic.database.raw("calendar_feeds").await;
    let stored = stored.find_one(bson::doc! {}).await.unwrap().unwrap();
    assert!(!stored.to_string().contains(token));
    let second = clinic
        .post(DOCTOR, "/appointments/feed", json!({ "detail": "doctor" }))
        .await;
    let of_doctor = calendar(&clinic, &second.expect(200).text("url"), None)
        .await
        .expect(200);
    assert!(
        of_doctor.raw.contains("SUMMARY:Appointment: Ada Lovelace"),
        "{}",
        of_doctor.raw
    );
    clinic
        .delete(PATIENT, "/appointments/feed")
        .await
        .expect(200);
    calendar(&clinic, &url, None)
        .await
        .refused(404, "RECORD_NOT_FOUND");
    for caller in [DESK, ADMIN] {
        clinic
            .post(caller, "/appointments/feed", json!({}))
            .await
            .refused(403, "ACCESS_DENIED");
    }
    let new = clinic
        .post(PATIENT, "/appointments/feed", json!({}))
        .await
        .expect(200)
        .text("url");
    let newer = clinic
        .post(PATIENT, "/appointments/feed", json!({}))
        .await
        .expect(200)
        .text("url");
    calendar(&clinic, &new, None)
        .await
        .refused(404, "RECORD_NOT_FOUND");
    calendar(&clinic, &newer, None).await.expect(200);
}

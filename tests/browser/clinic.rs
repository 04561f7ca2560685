//! `clinic.html` for doctors and the desk, and `my.html` for patients, in a clinic whose clock stands at half past seven
//! on a Monday.

mod booking;
mod desk;
mod doctor;
mod languages;
mod record;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use kernel::clock::Clock;
use mail::MemoryMailer;
use serde_json::{Value, json};

use crate::{
    harness::{Answer, Database, PASSWORD, Person, TestServer, many_requests, registration},
    page::{Page, Window},
};

/// A zone that never changes its clocks and is one hour ahead of UTC.
const ZONE: &str = "Africa/Lagos";
/// A Monday, so far ahead that no test runs after it.
const MONDAY: &str = "2035-03-05T07:30:00+01:00";

/// A service with two approved doctors, a desk, a patient with an account, `maria`, and one without.
struct Clinic {
    server: TestServer,
    desk: Person,
    keller: Person,
    mehta: Person,
    maria: String,
    zoe: String,
}

impl Clinic {
    async fn open() -> Self {
        let clock = Clock::manual();
        let monday: DateTime<Utc> = MONDAY.parse().unwrap();
        clock.advance(monday - clock.now());
        let database = Arc::new(Database::new());
        let server = TestServer::start_on(database, clock, MemoryMailer::new(), |settings| {
            settings.config.service.debug = true;
            settings.config.clinic.time_zone = Some(ZONE.to_owned());
            // Two Chromiums start beside it, and perhaps a build.
            settings.config.database.limits.server_selection_ms = 60_000;
            many_requests(settings);
        })
        .await;
        let admin = server.admin("ada").await;
        let desk = server.staff(&admin, "petra").await;
        let keller = doctor(&server, &admin, "Anna", "Keller", "Internal medicine").await;
        let mehta = doctor(&server, &admin, "Rohan", "Mehta", "Paediatrics").await;
        let body = named("maria", "Maria", "Brunner");
        let maria = server.account("maria", body).await.text("user_id");
        let clinic = Self {
            zoe: String::new(),
            server,
            desk,
            keller,
            mehta,
            maria,
        };
        let zoe = clinic
            .patient("Zoë", "Łukasz-Müller", "1990-05-17", &clinic.keller)
            .await;
        Self { zoe, ..clinic }
    }

    /// Registers a patient without an account at the desk.
    async fn patient(&self, first: &str, last: &str, born: &str, doctor: &Person) -> String {
        let body = json!({
            "first_name": first, "last_name": last, "date_of_birth": born, "sex": "female",
            "phone": "+41 79 000 00 01", "doctor_id": doctor.user_id, "confirm_duplicate": true,
        });
        self.by_desk("/patients", body)
            .await
            .expect(201)
            .text("patient_id")
    }

    async fn by_desk(&self, path: &str, body: Value) -> Answer {
        self.server.post_as(&self.desk.token, path, body).await
    }

    /// The desk books half an hour in the week of [`MONDAY`].
    async fn book(&self, doctor: &Person, patient: &str, day: u32, time: &str) -> Value {
        let body = json!({
            "title": "Blood pressure", "doctor_id": doctor.user_id, "patient_id": patient,
            "start_time": at(day, time), "duration_minutes": 30,
        });
        self.by_desk("/appointments", body).await.expect(201).body
    }

    /// The appointments of a patient that are not held only, as the desk reads them.
    async fn appointments(&self, patient: &str) -> Vec<Value> {
        let path = format!("/appointments?patient_id={patient}");
        // The first token has expired when a test has moved the clock.
        let desk = self.server.logged_in(&self.desk.email).await;
        let all = self.server.get_as(&desk.token, &path).await.expect(200);
        let all = all.body["appointments"].as_array().unwrap().clone();
        all.into_iter()
            .filter(|row| row["status"] != "held")
            .collect()
    }

    /// Opens `clinic.html` as somebody who works here.
    async fn work(&self, window: Window, who: &Person) -> Page {
        let page = Page::open(&self.server, window, "/static/clinic.html").await;
        log_in(&page, "Clinic", &who.email).await;
        page
    }

    /// Opens `my.html` as `maria`.
    async fn as_maria(&self, window: Window) -> Page {
        let page = Page::open(&self.server, window, "/static/my.html").await;
        log_in(&page, "My appointments and record", "maria").await;
        page.sees("Next appointment").await;
        page
    }
}

/// A moment of the week of [`MONDAY`], by the day of the month.
fn at(day: u32, time: &str) -> String {
    format!("2035-03-{day:02}T{time}:00+01:00")
}

fn named(username: &str, first: &str, last: &str) -> Value {
    let mut body = registration(username);
    body["first_name"] = json!(first);
    body["last_name"] = json!(last);
    body
}

/// An approved doctor who works from 8 to 12 and from 13 to 17 o'clock.
async fn doctor(
    server: &TestServer,
    admin: &Person,
    first: &str,
    last: &str,
    specialization: &str,
) -> Person {
    let username = first.to_lowercase();
    let mut body = named(&username, first, last);
    body["user_type"] = json!("doctor");
    body["specialization"] = json!(specialization);
    body["license_number"] = json!("MD-12345");
    let id = server.account(&username, body).await.text("user_id");
    let approval = json!({ "approved": true });
    server
        .patch_as(&admin.token, &format!("/admin/users/{id}"), approval)
        .await
        .expect(200);
    let doctor = server.logged_in(&format!("{username}@example.org")).await;
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday"];
    let hours = [("08:00", "12:00"), ("13:00", "17:00")];
    let weekly: Vec<Value> = days
        .iter()
        .flat_map(|day| hours.map(|(from, to)| json!({ "day": day, "from": from, "to": to })))
        .collect();
    let body = json!({ "time_zone": ZONE, "weekly": weekly, "slot_minutes": 30, "capacity": 1 });
    let request = server
        .http
        .put(server.url(&format!("/doctors/{id}/schedule")))
        .bearer_auth(&doctor.token)
        .json(&body);
    Answer::of(request).await.expect(200);
    doctor
}

async fn log_in(page: &Page, part: &str, name: &str) {
    let login = page.part(part);
    login.fill("Username, e-mail or user id", name).await;
    login.fill("Password", PASSWORD).await;
    login.press("Log in").await;
}

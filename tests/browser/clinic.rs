//! `clinic.html` for doctors and the desk, and `my.html` for patients.

use chrono::Duration;
use identity::accounts;
use kernel::role::Role;
use serde_json::{Value, json};

use crate::{
    accounts::debug_server,
    harness::{PASSWORD, TestServer},
    page::{
        Page,
        Window::{self, Desktop, Phone},
    },
};

/// An approved doctor's address, password and access token.
struct Doctor {
    email: String,
    password: String,
    token: String,
}

async fn doctor(server: &TestServer) -> Doctor {
    let demo = accounts::create_demo(&server.app, Role::Doctor)
        .await
        .unwrap();
    let password = demo.password.expose().to_owned();
    let token = server.login(&demo.email, &password).await.token();
    Doctor {
        email: demo.email,
        password,
        token,
    }
}

/// The id of a patient of the doctor.
async fn patient(server: &TestServer, doctor: &Doctor) -> String {
    let body = json!({
        "first_name": "Zoë", "last_name": "Łukasz-Müller", "date_of_birth": "1990-05-17", "sex": "female",
    });
    let made = server.post_as(&doctor.token, "/patients", body).await;
    made.expect(201).text("patient_id")
}

/// An appointment of the patient tomorrow.
async fn book(server: &TestServer, doctor: &Doctor, patient: &str) -> Value {
    let start = server.clock.now() + Duration::days(1);
    let body = json!({
        "title": "Control", "patient_id": patient, "start_time": start.to_rfc3339(), "duration_minutes": 30,
    });
    let made = server.post_as(&doctor.token, "/appointments", body).await;
    made.expect(201).body
}

async fn log_in(page: &Page, part: &str, name: &str, password: &str) {
    let login = page.part(part);
    login.fill("Username, e-mail or user id", name).await;
    login.fill("Password", password).await;
    login.press("Log in").await;
}

async fn doctor_journey(window: Window) {
    let server = debug_server().await;
    let doctor = doctor(&server).await;
    let patient = patient(&server, &doctor).await;
    book(&server, &doctor, &patient).await;
    let page = Page::open(&server, window, "/static/clinic.html").await;
    page.check("clinic-login").await;
    log_in(&page, "Clinic", &doctor.email, &doctor.password).await;
    page.sees("Waiting for your signature").await;
    page.picture("clinic-today").await;

    page.body().press("Patients").await;
    page.sees("Zoë Łukasz-Müller").await;
    page.picture("clinic-patients").await;
    page.has_quiet_console().await;
}

#[tokio::test]
async fn a_doctor_finds_the_day_and_a_patient_at_a_desk() {
    doctor_journey(Desktop).await;
}

#[tokio::test]
async fn a_doctor_finds_the_day_and_a_patient_on_a_telephone() {
    doctor_journey(Phone).await;
}

// ACC-11
#[tokio::test]
async fn a_doctor_who_is_not_approved_is_told_so() {
    let server = debug_server().await;
    server.doctor("gregor").await;
    let page = Page::open(&server, Desktop, "/static/clinic.html").await;
    log_in(&page, "Clinic", "gregor@example.org", PASSWORD).await;
    page.sees("Your approval is still open").await;
    // The refusals that tell the page so.
    page.clear_console_messages().await;
    page.check("clinic-waiting").await;
}

async fn patient_journey(window: Window) {
    let server = debug_server().await;
    let doctor = doctor(&server).await;
    let patient = server.patient("maria").await.text("user_id");
    let desk = server.token_of(Role::Staff).await;
    let body = json!({ "doctor_id": doctor_id(&server, &doctor).await, "kind": "treating", "reason": "referred" });
    let path = format!("/patients/{patient}/care-team");
    server.post_as(&desk, &path, body).await.expect(200);
    book(&server, &doctor, &patient).await;
    let page = Page::open(&server, window, "/static/my.html").await;
    page.check("my-login").await;
    log_in(&page, "My appointments and record", "maria", PASSWORD).await;
    page.sees("Next appointment").await;
    page.sees("Control").await;
    page.picture("my-appointments").await;
    page.body().press("Who looked").await;
    page.sees("Who looked at my record").await;
    page.check("my-log").await;
    page.has_quiet_console().await;
}

async fn doctor_id(server: &TestServer, doctor: &Doctor) -> String {
    server
        .get_as(&doctor.token, "/auth/me")
        .await
        .text("user_id")
}

#[tokio::test]
async fn a_patient_sees_the_next_appointment_at_a_desk() {
    patient_journey(Desktop).await;
}

#[tokio::test]
async fn a_patient_sees_the_next_appointment_on_a_telephone() {
    patient_journey(Phone).await;
}

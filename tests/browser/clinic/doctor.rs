//! A doctor's morning.

use serde_json::{Value, json};

use super::{Clinic, log_in};
use crate::{
    accounts::debug_server,
    harness::PASSWORD,
    page::{Page, Window::Desktop},
};

#[tokio::test]
async fn a_doctor_works_through_a_morning() {
    let clinic = Clinic::open().await;
    let noa = clinic
        .patient("Noa", "Cohen", "2004-11-11", &clinic.keller)
        .await;
    for (patient, day, time) in [
        (&clinic.zoe, 5, "08:00"),
        (&clinic.maria, 5, "08:30"),
        (&noa, 5, "10:00"),
        (&clinic.maria, 5, "14:00"),
        (&noa, 6, "09:00"),
        (&clinic.maria, 6, "11:30"),
        (&clinic.maria, 7, "08:30"),
        (&noa, 7, "13:30"),
        (&clinic.zoe, 8, "11:00"),
        (&noa, 8, "15:00"),
        (&clinic.maria, 9, "09:30"),
    ] {
        clinic.book(&clinic.keller, patient, day, time).await;
    }
    let page = clinic.work(Desktop, &clinic.keller).await;
    page.sees("Nothing waits. Every report is signed.").await;
    page.picture("clinic-today").await;
    let body = page.body();
    body.press("Week").await;
    page.sees("Times in WAT, Lagos").await;
    page.picture("clinic-week").await;

    body.press("Today").await;
    page.sees("next").await;
    page.types("s").await;
    page.sees("Chief complaint").await;
    page.types("Dry cough").await; // The focus is there.
    body.fill("Notes", "Lungs clear").await;
    page.sees("Saved at").await;
    page.picture("clinic-patient").await;
    body.press("Stop").await;
    page.sees("The consultation has ended").await;

    body.press("Write the report").await;
    page.sees("Notes of the consultation").await;
    body.press("Take them over").await;
    assert_eq!(body.value("Report").await, "Dry cough\n\nLungs clear");
    body.press("Add a diagnosis").await;
    page.types("Acute bronchitis").await;
    page.check_everywhere("clinic-writing").await;
    body.press("Save the report").await;
    let report = page.part("Consultation, Zoë Łukasz-Müller");
    report.says("Read it once more, then sign it.").await;
    report
        .fill("Your password, to sign", "not my password")
        .await;
    report.press("Sign the report").await;
    page.sees("Not signed: this is not your password.").await;
    page.refused(401, "/sign").await;
    report.fill("Your password, to sign", PASSWORD).await;
    report.press("Sign the report").await;
    report.says("The patient can read it now.").await;

    let [name, paper] = page.printed("Print").await;
    assert!(name.starts_with("REP") && !name.contains("Zoë"), "{name}");
    for words in [
        "Zoë Łukasz-Müller",
        "1990-05-17",
        "Anna Keller",
        "Acute bronchitis",
    ] {
        assert!(paper.contains(words), "{words} in {paper}");
    }
    report.press("Close").await;
    page.sees("08:00–08:30 done").await;
    page.check_everywhere("clinic-patient").await;

    let visits = clinic.appointments(&clinic.zoe).await;
    assert_eq!(visits[0]["status"], "completed");
    let path = format!("/reports/list?patient_id={}", clinic.zoe);
    let reports = clinic.server.get_as(&clinic.keller.token, &path).await;
    assert_eq!(reports.expect(200).body["reports"][0]["status"], "signed");
}

#[tokio::test]
async fn a_doctor_finds_patients_and_reports_on_every_screen() {
    let clinic = Clinic::open().await;
    clinic.book(&clinic.keller, &clinic.zoe, 5, "08:00").await;
    let page = clinic.work(Desktop, &clinic.keller).await;
    page.sees("Waiting for your signature").await;
    page.check_everywhere("clinic-today").await;
    let body = page.body();
    body.press("Patients").await;
    body.press("Zoë Łukasz-Müller").await;
    page.sees("Symptoms").await;
    body.press("Add a symptom").await;
    let symptom = page.part("Add a symptom");
    symptom.fill("Symptom", "Cough").await;
    page.check_everywhere("clinic-symptom").await;
    symptom.press("Save").await;
    body.says("Cough is written down.").await;
    body.press("Back").await;
    page.sees("Two letters are enough").await;
    page.check_everywhere("clinic-patients").await;
    body.press("Reports").await;
    page.sees("The last 30 days").await;
    page.check_everywhere("clinic-reports").await;
    body.press("Week").await;
    page.sees("Times in WAT, Lagos").await;
    page.check_everywhere("clinic-week").await;
    body.press("Hours and time off").await;
    page.sees("Time zone of the place").await;
    page.check_everywhere("clinic-hours").await;
    page.part("Hours and time off").press("Close").await;
    page.enlarge().await;
    for (part, words) in [
        ("Today", "Waiting for your signature"),
        ("Week", "Times in WAT, Lagos"),
        ("Reports", "The last 30 days"),
        ("Patients", "Two letters are enough"),
        ("Zoë Łukasz-Müller", "Symptoms"),
    ] {
        body.press(part).await;
        page.sees(words).await;
        page.fits(&format!("{part} with large letters")).await;
    }
}

// ACC-11
#[tokio::test]
async fn a_doctor_who_is_not_approved_is_told_so() {
    let server = debug_server().await;
    let admin = server.admin("ada").await;
    let gregor = server.doctor("gregor").await.text("user_id");
    let page = Page::open(&server, Desktop, "/static/clinic.html").await;
    page.check_everywhere("clinic-login").await;
    log_in(&page, "Clinic", "gregor").await;
    page.sees("Your approval is still open").await;
    page.sees("an administrator of the clinic compares your licence number")
        .await;
    page.sees("MD-12345").await;
    // The refusals that tell the page so.
    page.clear_console_messages().await;
    page.check_everywhere("clinic-waiting").await;

    let approval = json!({ "approved": true });
    let path = format!("/admin/users/{gregor}");
    let approved = server.patch_as(&admin.token, &path, approval).await;
    assert_eq!(approved.expect(200).body["success"], Value::Bool(true));
    page.body().press("Look again").await;
    page.sees("Waiting for your signature").await;
    page.sees("Book an appointment").await;
}

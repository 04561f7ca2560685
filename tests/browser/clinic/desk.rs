//! The desk: a day from the first arrival to the last telephone call.

use fantoccini::key::Key;
use serde_json::json;

use super::{Clinic, at};
use crate::{it::harness::eventually, page::Window::Desktop};

#[tokio::test]
async fn a_desk_works_through_its_day() {
    let clinic = Clinic::open().await;
    clinic.book(&clinic.keller, &clinic.zoe, 5, "08:00").await;
    clinic.book(&clinic.keller, &clinic.maria, 5, "08:30").await;
    let open = json!({
        "title": "My knee", "patient_id": clinic.zoe, "start_time": at(5, "14:00"), "duration_minutes": 30,
    });
    clinic.by_desk("/appointments", open).await.expect(201);
    clinic.book(&clinic.mehta, &clinic.zoe, 5, "16:00").await;

    let page = clinic.work(Desktop, &clinic.desk).await;
    page.sees("Arrivals").await;
    let day = page.body();
    // APT-23
    day.press("Hours of a doctor").await;
    let hours = page.part("Hours and time off");
    hours.choose("Doctor", "Rohan Mehta (Paediatrics)").await;
    page.set("off-from", "2035-03-05T13:00").await;
    page.set("off-to", "2035-03-05T17:00").await;
    hours.press("Add").await;
    page.sees("Mon 5 Mar, 16:00").await;
    page.refused(409, "/exceptions").await;
    hours.press("Keep the appointments that fall into it").await;
    hours.press("Add").await;
    hours.says("The time off is added.").await;
    hours.press("Close").await;
    page.sees("Time off 13:00–17:00").await;
    page.picture("clinic-day").await;

    day.press("Arrived: Zoë Łukasz-Müller, 08:00").await;
    day.says("Zoë Łukasz-Müller is here.").await;
    day.press("Choose a doctor for Zoë Łukasz-Müller, 14:00")
        .await;
    let asked = page.part("Move Zoë Łukasz-Müller");
    asked
        .choose("Doctor", "Anna Keller (Internal medicine)")
        .await;
    asked.press("Move").await;
    day.says("The appointment is moved.").await;
    day.press("Confirm: Zoë Łukasz-Müller, 14:00").await;
    day.says("is confirmed.").await;

    // Somebody on the telephone who was never here.
    day.press("Book an appointment").await;
    let booking = page.part("Book an appointment");
    booking.fill("Patient", "Nia Okafor").await;
    page.sees("Nobody is found.").await;
    booking.press("Register a new patient …").await;
    let form = page.part("Register a patient");
    assert_eq!(form.value("Last name").await, "Okafor");
    page.set("person-birth", "2001-04-01").await;
    form.choose("Sex", "female").await;
    form.choose("Doctor", "Rohan Mehta (Paediatrics)").await;
    form.press("Register").await;
    page.sees("born 2001-04-01").await;
    booking.choose("Doctor", "Rohan Mehta (Paediatrics)").await;
    booking.press("09:30").await;
    page.has_quiet_console().await;
    booking.press("Book").await;
    day.says("Booked: Nia Okafor, Mon 5 Mar, 09:30–10:00 with Rohan Mehta.")
        .await;

    // A time that is taken, another one, and then none.
    day.press("Maria Brunner").await;
    let visit = page.part("Maria Brunner");
    visit.press("Move …").await;
    let asked = page.part("Move Maria Brunner");
    page.set("booking-time", "08:00").await;
    asked.press("Move").await;
    asked.says("This time is taken").await;
    page.refused(409, "/appointments/").await;
    asked.press("10:00").await;
    asked.press("Move").await;
    visit.says("Moved.").await;
    visit.press("Cancel …").await;
    let question = page.part("Cancel the appointment?");
    question.fill("Reason (optional)", "Has a cold").await;
    question.press("Cancel the appointment").await;
    visit.says("The appointment is cancelled.").await;
    visit.press("Close").await;

    page.enlarge().await;
    page.fits("clinic-day with large letters").await;
    let maria = &clinic.appointments(&clinic.maria).await[0];
    assert_eq!(maria["status"], "cancelled");
    assert_eq!(maria["cancel_reason"], "Has a cold");
    assert_eq!(maria["local_start"], at(5, "10:00"));
    let zoe = clinic.appointments(&clinic.zoe).await;
    assert_eq!(zoe.len(), 3);
    assert_eq!(zoe[0]["status"], "arrived");
    assert_eq!(zoe[1]["status"], "confirmed");
    assert_eq!(zoe[1]["doctor_id"], clinic.keller.user_id);
    page.has_quiet_console().await;
}

// PAT-11, ACC-4
#[tokio::test]
async fn the_desk_finds_a_patient_before_making_another() {
    let clinic = Clinic::open().await;
    clinic.book(&clinic.keller, &clinic.maria, 7, "09:00").await;
    let page = clinic.work(Desktop, &clinic.desk).await;
    page.sees("Nobody is expected.").await;
    let day = page.body();
    day.press("Register a patient").await;
    let form = page.part("Register a patient");
    form.fill("First name", "Zoe").await;
    form.fill("Last name", "Lukasz-Muller").await;
    page.set("person-birth", "1990-05-17").await;
    form.choose("Sex", "female").await;
    form.press("Register").await;
    page.sees("Choose the doctor who will see the patient.")
        .await;
    form.choose("Doctor", "Anna Keller (Internal medicine)")
        .await;
    form.press("Register").await;
    page.sees("Is it one of these?").await;
    page.refused(409, "/patients").await;
    page.check_everywhere("clinic-twins").await;
    day.press("Open the record of Zoë Łukasz-Müller").await;
    page.sees("Care team").await;
    assert!(!page.text().await.contains("Symptoms"));
    page.check_everywhere("clinic-record").await;
    assert!(!day.offers("Unlock login").await); // She has no account.

    // One key leads to the search, and what is typed there never stands in the address.
    page.types("/").await;
    page.sees("Two letters are enough").await;
    page.types("luk").await;
    page.sees("One patient is found.").await;
    page.check_everywhere("clinic-search").await;
    let address = page.script("return location.href").await;
    assert!(address.as_str().unwrap().ends_with("/static/clinic.html"));
    page.key(Key::Enter).await;
    page.sees("Care team").await;

    // What was searched before is marked, so that the next name takes its place.
    page.types("/").await;
    let marked =
        "return document.activeElement.id === 'patients-search' && getSelection().toString()";
    eventually("the marked search", async || {
        (page.script(marked).await == "luk").then_some(())
    })
    .await;
    page.types("brunn").await;
    page.sees("Maria Brunner").await;
    page.sees("One patient is found.").await;
    page.key(Key::Enter).await;
    page.sees("Account\nyes").await;
    day.press("Unlock login").await;
    page.sees("Maria Brunner can log in again").await;
    day.press("Send password reset").await;
    page.part("Send a password reset?").press("Send").await;
    page.sees("A password reset is on its way to Maria Brunner.")
        .await;
    page.check_everywhere("clinic-account").await;
}

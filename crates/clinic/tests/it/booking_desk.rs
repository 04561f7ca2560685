//! What the tests of appointments share: schedules, times and bookings.

use chrono::{Duration, NaiveDate};
use kernel::clock::Timestamp;
use serde_json::{Value, json};
use testkit::Answer;

use crate::harness::{Clinic, DESK, DOCTOR, PATIENT};

/// A week of a doctor: every day from 08:00 to 18:00, slots of 30 minutes, no notice.
pub(crate) async fn open(clinic: &Clinic, doctor: &str, more: Value) {
    let days = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let weekly: Vec<Value> = days
        .iter()
        .map(|day| json!({ "day": day, "from": "08:00", "to": "18:00" }))
        .collect();
    let mut body = json!({
        "time_zone": "Europe/Zurich", "weekly": weekly, "slot_minutes": 30, "min_notice_minutes": 0,
    });
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    let path = format!("/doctors/{doctor}/schedule");
    clinic.put(DESK, &path, body).await.expect(200);
}

/// The local day some days after today.
pub(crate) fn day(clinic: &Clinic, days: i64) -> NaiveDate {
    clinic.app.zone.date(clinic.clock.now()) + Duration::days(days)
}

/// The instant of a local time some days after today.
pub(crate) fn at(clinic: &Clinic, days: i64, hour: u32, minute: u32) -> Timestamp {
    let wall = day(clinic, days).and_hms_opt(hour, minute, 0).unwrap();
    clinic.app.zone.offered(wall).unwrap()
}

/// A booking of a slot of 30 minutes.
pub(crate) fn slot(doctor: &str, start: Timestamp) -> Value {
    json!({
        "title": "Checkup", "doctor_id": doctor, "start_time": start.to_rfc3339(), "duration_minutes": 30,
    })
}

/// Books as `caller`.
pub(crate) async fn book(clinic: &Clinic, caller: &str, body: Value) -> Answer {
    clinic.post(caller, "/appointments", body).await
}

/// The body with more fields.
pub(crate) fn with(mut body: Value, more: Value) -> Value {
    let body_fields = body.as_object_mut().unwrap();
    if let Value::Object(more) = more {
        body_fields.extend(more);
    }
    body
}

/// The local times of a day at which [`DOCTOR`] is free.
pub(crate) async fn free(clinic: &Clinic, days: i64) -> Vec<String> {
    let day = day(clinic, days);
    let path = format!("/appointments/slots?doctor_id={DOCTOR}&from={day}&to={day}");
    let answer = clinic.get(PATIENT, &path).await.expect(200);
    let slots = answer.body["slots"].as_array().unwrap();
    let local = |slot: &Value| slot["local_start"].as_str().unwrap()[11..16].to_owned();
    slots.iter().map(local).collect()
}

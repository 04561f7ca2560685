//! The people of the measurement, and what they book.

use chrono::{NaiveDate, TimeDelta};
use kernel::clock::Clock;
use serde_json::json;

use crate::{
    client::{Bytes, post, request},
    growth::administrator,
    records::patient_id,
    service::{Installation, PASSWORD, Service, registration},
};

/// The people of the measurement.
pub(super) struct Staff {
    pub(super) doctor: String,
    pub(super) doctor_token: String,
    pub(super) admin_token: String,
}

impl Staff {
    /// A doctor who is approved and works at every hour, and an administrator.
    pub(super) async fn enter(home: &Installation, service: &Service) -> Self {
        let mut body = registration("measured");
        body["user_type"] = "doctor".into();
        body["license_number"] = "GE-1234".into();
        body["specialization"] = "Neurology".into();
        let registered = service.ask(&post("/auth/register", None, &body)).await;
        let proof = json!({ "email": "measured@example.org", "otp": registered["debug_otp"] });
        let verified = service.ask(&post("/auth/verify-otp", None, &proof)).await;
        let doctor = verified["user_id"].as_str().unwrap().to_owned();
        let admin_token = administrator(home, service, 0).await;
        let path = format!("/admin/users/{doctor}");
        let approval = json!({ "approved": true, "license_number": "GE-1234" });
        let approve = request("PATCH", &path, Some(&admin_token), &approval);
        service.ask(&approve).await;
        let mut staff = Self {
            doctor,
            doctor_token: String::new(),
            admin_token,
        };
        staff.log_in(service).await;
        let days = [
            "monday",
            "tuesday",
            "wednesday",
            "thursday",
            "friday",
            "saturday",
            "sunday",
        ];
        let hours = days.map(|day| json!({ "day": day, "from": "00:00", "to": "24:00" }));
        let week = json!({ "weekly": hours, "slot_minutes": 30, "max_days_ahead": 730 });
        let path = format!("/doctors/{}/schedule", staff.doctor);
        let put = request("PUT", &path, Some(&staff.doctor_token), &week);
        service.ask(&put).await;
        staff
    }

    pub(super) async fn log_in(&mut self, service: &Service) {
        let body = json!({ "username": "measured", "password": PASSWORD });
        let answer = service.ask(&post("/auth/login", None, &body)).await;
        answer["access_token"]
            .as_str()
            .unwrap()
            .clone_into(&mut self.doctor_token);
    }
}

pub(super) fn today() -> NaiveDate {
    Clock::default().now().date_naive()
}

/// A booking of the measured doctor, `slots` half hours after midnight of the next day.
pub(super) fn booking(staff: &Staff, patient: usize, slots: usize) -> Bytes {
    let midnight = today().and_hms_opt(0, 0, 0).unwrap().and_utc();
    let start =
        midnight + TimeDelta::days(1) + TimeDelta::minutes(30 * i64::try_from(slots).unwrap());
    let body = json!({
        "title": "Control", "patient_id": patient_id(patient), "start_time": start.to_rfc3339(),
        "duration_minutes": 30,
    });
    post("/appointments", Some(&staff.doctor_token), &body)
}

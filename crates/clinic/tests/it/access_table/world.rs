//! The records behind the table, and a request for each of its cells.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use chrono::Duration;
use clinic::people::Doctor;
use kernel::{clock::Timestamp, ids::UserId};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::Answer;
use web::document::{About, document};

use crate::{
    booking_desk::{at, day, open, slot, with},
    harness::{
        Clinic, DESK, DOCTOR, OTHER_DOCTOR, OTHER_PATIENT, PASSWORD, PATIENT, SLICES, treat,
    },
    reports::{report, session, sign},
};

/// What stands in the clinical parts of the patient's record.
pub(super) const CLINICAL_WORDS: [&str; 3] = ["vertigo", "headache", "migraine"];
/// These, and her name.
pub(super) const WORDS: [&str; 4] = ["vertigo", "headache", "migraine", "Jane"];
/// A doctor who has nothing to do with either patient.
const COLLEAGUE: &str = "DOC00000004";

/// A call: method, path and body.
type Request = (Method, String, Option<Value>);

/// A clinic in which `DOCTOR` treats `PATIENT`, and `OTHER_DOCTOR` treats `OTHER_PATIENT`.
pub(super) struct World {
    clinic: Clinic,
    patient: UserId,
    /// What the row at hand uses up, until a caller has done so.
    kept: Mutex<Option<String>>,
    /// How many times were taken: each booking has its own.
    taken: AtomicUsize,
}

/// Every operation of the clinic's part of the OpenAPI document.
pub(super) fn operations() -> BTreeSet<String> {
    let about = About {
        title: "",
        description: "",
        version: "",
        license_url: "",
        examples: &[clinic::http::EXAMPLES],
        slices: SLICES,
        describe: |_, _| {},
    };
    let document = document::<clinic::http::Handlers>(&about).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let operations = paths
        .values()
        .flat_map(|path| path.as_object().unwrap().values());
    let id = |operation: &Value| operation["operationId"].as_str().unwrap().to_owned();
    operations.map(id).collect()
}

impl World {
    pub(super) async fn start() -> Self {
        let many = |settings: &mut clinic::settings::Settings| {
            settings.throttle.booking_per_account.limit = 10_000;
        };
        let clinic = Clinic::start_with(many).await;
        let colleague = UserId::from_stored(COLLEAGUE);
        let doctor = Doctor {
            doctor_id: colleague.clone(),
            name: "Rosalind Franklin".to_owned(),
            specialization: None,
            is_approved: true,
        };
        clinic
            .people
            .doctors
            .lock()
            .unwrap()
            .insert(colleague, doctor);
        clinic::tick(&clinic.app).await.unwrap();
        let patient = UserId::from_stored(PATIENT);
        treat(&clinic, DOCTOR, &patient).await;
        treat(&clinic, OTHER_DOCTOR, &UserId::from_stored(OTHER_PATIENT)).await;
        for doctor in [DOCTOR, COLLEAGUE] {
            open(&clinic, doctor, json!({})).await;
        }
        let world = Self {
            patient,
            kept: Mutex::default(),
            taken: AtomicUsize::new(0),
            clinic,
        };
        // What lists and histories show.
        for row in [
            "change_symptom",
            "get_appointment",
            "get_report that is signed",
        ] {
            world.made(row).await;
        }
        world
    }

    /// The answer to a cell's request. What the row uses up is made anew after a success, so that no caller is refused for
    /// what another one did before.
    pub(super) async fn ask(&self, name: &str, caller: Option<&str>) -> Answer {
        let (method, path, body) = request(self, name, caller).await;
        let mut request = self.clinic.http.request(method, self.clinic.url(&path));
        if let Some(caller) = caller {
            request = request.bearer_auth(caller);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = Answer::of(request).await;
        if answer.status < 300 {
            self.next_row();
        }
        answer
    }

    /// Forgets what the row before used.
    pub(super) fn next_row(&self) {
        *self.kept.lock().unwrap() = None;
    }

    async fn kept(&self, name: &str) -> String {
        let kept = self.kept.lock().unwrap().clone();
        let kept = match kept {
            Some(kept) => kept,
            None => self.made(name).await,
        };
        *self.kept.lock().unwrap() = Some(kept.clone());
        kept
    }

    /// What a row uses up: a path, or the id of a consultation. Empty for a row that uses nothing up.
    async fn made(&self, name: &str) -> String {
        let (clinic, patient) = (&self.clinic, format!("/patients/{PATIENT}"));
        match name.trim_start_matches("intake_") {
            "end_care" => {
                let path = format!("{patient}/care-team");
                clinic.post(DESK, &path, care(DOCTOR)).await.expect(200);
                format!("{path}/{DOCTOR}")
            }
            "change_symptom" | "remove_symptom" => {
                let path = format!("{patient}/symptoms");
                let symptom = json!({ "symptom_name": "vertigo" });
                let added = clinic.post(DOCTOR, &path, symptom).await.expect(200);
                let all = added.body["symptoms"].as_array().unwrap();
                let id = all.last().unwrap()["symptom_id"].as_str().unwrap();
                format!("{path}/{id}")
            }
            "stop_consultation"
            | "pause_consultation"
            | "change_consultation"
            | "consultation_status"
            | "get_consultation"
            | "create_report" => session(clinic, &self.patient, "consultation").await,
            "resume_consultation" => {
                let id = session(clinic, &self.patient, "consultation").await;
                let path = format!("/consultation/{id}/pause");
                clinic.post(DOCTOR, &path, json!({})).await.expect(200);
                id
            }
            "change_report"
            | "sign_report"
            | "get_report that is a draft"
            | "print_report that is a draft" => {
                format!("/reports/{}", report(clinic, &self.patient).await)
            }
            "amend_report" | "get_report that is signed" | "print_report that is signed" => {
                let id = report(clinic, &self.patient).await;
                sign(clinic, &id, 1).await.expect(200);
                format!("/reports/{id}")
            }
            "get_appointment" | "change_appointment" | "cancel_appointment" => {
                let booked = clinic
                    .post(DESK, "/appointments", self.booking(DOCTOR))
                    .await;
                format!(
                    "/appointments/{}",
                    booked.expect(201).text("appointment_id")
                )
            }
            "release_time" => {
                let held = clinic
                    .post(PATIENT, "/appointments/holds", self.hold())
                    .await;
                format!("/appointments/holds/{}", held.expect(201).text("hold_id"))
            }
            "calendar_feed" => {
                let made = clinic.post(PATIENT, "/appointments/feed", json!({})).await;
                let url = made.expect(200).text("url");
                format!("/appointments/feed/{}", url.rsplit('/').next().unwrap())
            }
            "remove_exception" => {
                let path = format!("/doctors/{DOCTOR}/exceptions");
                let made = clinic.post(DESK, &path, self.off()).await.expect(200);
                let all = made.body["exceptions"].as_array().unwrap();
                let text = |field: &str| all.last().unwrap()[field].as_str().unwrap().to_owned();
                format!("{path}?from={}&to={}&kind=off", text("from"), text("to"))
            }
            _ => String::new(),
        }
    }

    fn next(&self) -> usize {
        self.taken.fetch_add(1, Ordering::Relaxed)
    }

    /// A time that nothing else takes.
    fn time(&self) -> Timestamp {
        let number = self.next();
        let half_hours = i32::try_from(number % 20).unwrap();
        let days = i64::try_from(3 + number / 20).unwrap();
        at(&self.clinic, days, 8, 0) + Duration::minutes(30) * half_hours
    }

    fn booking(&self, doctor: &str) -> Value {
        with(slot(doctor, self.time()), json!({ "patient_id": PATIENT }))
    }

    fn hold(&self) -> Value {
        let start = self.time();
        let end = (start + Duration::minutes(30)).to_rfc3339();
        json!({ "doctor_id": DOCTOR, "start_time": start.to_rfc3339(), "end_time": end })
    }

    /// A day off on which nothing is booked.
    fn off(&self) -> Value {
        let off = day(&self.clinic, i64::try_from(100 + self.next()).unwrap());
        json!({ "from": off, "to": off, "kind": "off" })
    }

    async fn version(&self) -> Value {
        let path = format!("/patients/{PATIENT}");
        let read = self.clinic.get(DESK, &path).await.expect(200);
        read.body["version"].clone()
    }
}

/// The request of a cell.
async fn request(world: &World, name: &str, caller: Option<&str>) -> Request {
    let get = |path: &str| (Method::GET, path.to_owned(), None);
    let post = |path: &str, body: Value| (Method::POST, path.to_owned(), Some(body));
    let patch = |path: &str, body: Value| (Method::PATCH, path.to_owned(), Some(body));
    let delete = |path: &str| (Method::DELETE, path.to_owned(), None);
    let (patient, hours) = (format!("/patients/{PATIENT}"), format!("/doctors/{DOCTOR}"));
    let himself = caller.filter(|it| it.starts_with("DOC")).unwrap_or(DOCTOR);
    let signature = json!({ "version": 1, "password": PASSWORD });
    let migraine = json!({ "version": 1, "additional_notes": "migraine" });
    let vertigo = json!({ "symptom_name": "vertigo" });
    let kept = &*world.kept(name).await;
    match name {
        "list_patients" => get("/patients/list"),
        "search_patients" => get("/patients/search?q=jane"),
        "list_reports" => get("/reports/list"),
        "report_stats" => get("/reports/stats"),
        "list_appointments" => get("/appointments"),
        "list_own_accesses" => get("/patients/me/access-log"),
        "list_reports of her" => get(&format!("/reports/list?patient_id={PATIENT}")),
        "report_stats of her" => get(&format!("/reports/stats?patient_id={PATIENT}")),
        "list_appointments of her" => get(&format!("/appointments?patient_id={PATIENT}")),
        "create_patient" => post("/patients", max(caller)),
        "intake_create_patient" => post("/intake/patients", max(caller)),
        "get_patient" => get(&patient),
        "change_patient" => patch(
            &patient,
            json!({ "version": world.version().await, "sex": "other" }),
        ),
        "invite_patient" => post(&format!("{patient}/invite"), json!({})),
        "get_care_team" => get(&format!("{patient}/care-team")),
        "give_care" => post(&format!("{patient}/care-team"), care(COLLEAGUE)),
        "list_accesses" => get(&format!("{patient}/access-log")),
        "add_symptom" => post(&format!("{patient}/symptoms"), vertigo),
        "intake_add_symptom" => post(&format!("/intake{patient}/symptoms"), vertigo),
        "change_symptom" => patch(kept, json!({ "notes": "vertigo" })),
        "intake_change_symptom" => patch(&format!("/intake{kept}"), json!({ "notes": "vertigo" })),
        "intake_remove_symptom" => delete(&format!("/intake{kept}")),
        "start_consultation" => post(
            "/consultation/start",
            json!({ "patient_id": PATIENT, "force": true, "chief_complaint": "headache" }),
        ),
        "stop_consultation" => post(&format!("/consultation/{kept}/stop"), json!({})),
        "pause_consultation" => post(&format!("/consultation/{kept}/pause"), json!({})),
        "resume_consultation" => post(&format!("/consultation/{kept}/resume"), json!({})),
        "change_consultation" => patch(
            &format!("/consultation/{kept}"),
            json!({ "notes": "migraine" }),
        ),
        "consultation_status" => get(&format!("/consultation/{kept}/status")),
        "get_consultation" => get(&format!("/consultation/detail/{kept}")),
        "list_consultations" => get(&format!("/consultation/history/{PATIENT}")),
        "create_report" => post(
            "/reports",
            json!({ "session_id": kept, "report_type": "consultation", "generated_content": "migraine" }),
        ),
        "change_report" => patch(kept, migraine),
        "sign_report" => post(&format!("{kept}/sign"), signature),
        "amend_report" => post(&format!("{kept}/amend"), with(signature, migraine)),
        "get_report that is signed"
        | "get_report that is a draft"
        | "get_appointment"
        | "calendar_feed" => get(kept),
        "print_report that is signed" | "print_report that is a draft" => {
            get(&format!("{kept}/print"))
        }
        "book_appointment" => post("/appointments", world.booking(himself)),
        "book_appointment of a colleague" => post("/appointments", world.booking(COLLEAGUE)),
        "change_appointment" => patch(kept, json!({ "title": "Control" })),
        "end_care" | "remove_symptom" | "cancel_appointment" | "release_time"
        | "remove_exception" => delete(kept),
        "hold_time" => post("/appointments/holds", world.hold()),
        "free_slots" => {
            let day = day(&world.clinic, 3);
            get(&format!(
                "/appointments/slots?doctor_id={DOCTOR}&from={day}&to={day}"
            ))
        }
        "make_feed" => post("/appointments/feed", json!({})),
        "end_feed" => delete("/appointments/feed"),
        "list_doctors" => get("/doctors"),
        "get_schedule" => get(&format!("{hours}/schedule")),
        "replace_schedule" => {
            let weekly = json!([{ "day": "monday", "from": "08:00", "to": "18:00" }]);
            let body =
                json!({ "time_zone": "Europe/Zurich", "weekly": weekly, "slot_minutes": 30 });
            (Method::PUT, format!("{hours}/schedule"), Some(body))
        }
        "get_exceptions" => get(&format!("{hours}/exceptions")),
        "add_exception" => post(&format!("{hours}/exceptions"), world.off()),
        _ => panic!("no request for the row {name}"),
    }
}

/// A new patient, of the caller or of a doctor.
fn max(caller: Option<&str>) -> Value {
    let mut body =
        json!({ "name": "Max Moritz", "age": 40, "sex": "male", "confirm_duplicate": true });
    if caller == Some(DESK) {
        body["doctor_id"] = json!(OTHER_DOCTOR);
    }
    body
}

fn care(doctor: &str) -> Value {
    json!({ "doctor_id": doctor, "kind": "covering", "reason": "holiday" })
}

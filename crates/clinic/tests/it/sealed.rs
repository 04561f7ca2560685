//! Nothing of a patient stands in the database, its files, the log or the audit trail in a readable form.

use std::{
    collections::BTreeSet,
    io::{self, Write},
    sync::{Arc, Mutex},
};

use aho_corasick::AhoCorasick;
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use bson::doc;
use futures_util::TryStreamExt;
use serde_json::json;
use testkit::Answer;

use crate::harness::{Clinic, DESK, DOCTOR, PASSWORD};

/// Each is written into one field; all of them are long enough that no chance makes them.
const WORDS: [&str; 20] = [
    "Zwetschgenkönig",
    "Quittenbaumer",
    "pflaumenpost",
    "Kirschenallee",
    "Mirabellenarzt",
    "Holunderkopfweh",
    "Schlehenabende",
    "Sanddornsorge",
    "Brombeerklage",
    "Himbeernotiz",
    "Heidelbeerbefund",
    "Johannisdiagnose",
    "Stachelbeerpille",
    "Vogelbeerrat",
    "Preiselnachtrag",
    "Moosbeerplan",
    "Wacholdertermin",
    "Hagebuttengrund",
    "Apfelbeervermerk",
    "Felsenbirnabsage",
];

/// The forms in which a word could stand somewhere.
fn forms(word: &str) -> Vec<Vec<u8>> {
    let mut forms = Vec::new();
    for word in [
        word.to_owned(),
        word.to_lowercase(),
        word.replace('ö', "o"),
        word.to_uppercase(),
    ] {
        forms.push(word.as_bytes().to_vec());
        forms.push(word.encode_utf16().flat_map(u16::to_le_bytes).collect());
        forms.push(word.encode_utf16().flat_map(u16::to_be_bytes).collect());
        // The letters of a base64 text depend on where the word begins in it.
        for before in 0..3 {
            let text = STANDARD_NO_PAD.encode([&vec![b' '; before][..], word.as_bytes()].concat());
            forms.push(text[(before * 4).div_ceil(3)..text.len() - 2].into());
        }
    }
    forms
}

/// Finds the words in each of their forms.
struct Finder {
    forms: AhoCorasick,
    words: Vec<&'static str>,
}

impl Finder {
    fn new() -> Self {
        let each = WORDS
            .into_iter()
            .flat_map(|word| forms(word).into_iter().map(move |form| (form, word)));
        let (forms, words): (Vec<_>, Vec<_>) = each.unzip();
        Self {
            forms: AhoCorasick::new(forms).unwrap(),
            words,
        }
    }

    /// The words that stand in `place` in some form.
    fn found(&self, place: &[u8]) -> BTreeSet<&'static str> {
        let matches = self.forms.find_iter(place);
        matches
            .map(|it| self.words[it.pattern().as_usize()])
            .collect()
    }
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Makes a patient, finds it, and is refused another one. Returns the id.
async fn make(clinic: &Clinic) -> String {
    let [
        name,
        family,
        mail,
        street,
        referrer,
        symptom,
        note,
        trigger,
        ..,
    ] = WORDS;
    let made = json!({
        "first_name": name, "last_name": family, "date_of_birth": "1990-05-17", "sex": "female",
        "email": format!("{mail}@example.org"), "address": format!("{street} 1"), "referred_by": referrer,
        "symptoms": [{ "symptom_name": symptom, "notes": note }],
        "precipitating_factor": { "narrative": trigger, "tags": [trigger] },
    });
    let request = clinic
        .http
        .post(clinic.url("/patients"))
        .bearer_auth(DOCTOR);
    let made = Answer::of(
        request
            .header("Idempotency-Key", "once-and-again")
            .json(&made),
    )
    .await
    .expect(201);
    let patient = made.text("patient_id");
    clinic
        .get(DOCTOR, &format!("/patients/search?q={family}"))
        .await
        .expect(200);
    clinic
        .get(DESK, &format!("/patients/search?q={mail}@example.org"))
        .await
        .expect(200);
    clinic
        .get(DESK, &format!("/patients/list?search={family}"))
        .await
        .expect(200);
    // What is refused shows nothing either.
    let wrong = json!({ "first_name": name, "last_name": family, "date_of_birth": trigger, "sex": symptom });
    clinic.post(DOCTOR, "/patients", wrong).await.expect(422);
    patient
}

/// Treats the patient: a consultation, and a report that is signed and amended.
async fn treat(clinic: &Clinic, patient: &str) {
    let [
        ..,
        complaint,
        notes,
        finding,
        diagnosis,
        pill,
        advice,
        addition,
        plan,
        _,
        _,
        _,
        _,
    ] = WORDS;
    let start =
        json!({ "patient_id": patient, "session_type": "emergency", "chief_complaint": complaint });
    let session = clinic
        .post(DOCTOR, "/consultation/start", start)
        .await
        .expect(200)
        .text("session_id");
    let stop = json!({ "notes": notes });
    clinic
        .post(DOCTOR, &format!("/consultation/{session}/stop"), stop)
        .await
        .expect(200);
    let report = json!({
        "session_id": session, "report_type": "consultation", "generated_content": finding,
        "diagnoses": [{ "diagnosis": diagnosis }], "medication_plan": [{ "drug_name": pill }],
        "recommendations": [{ "recommendation": advice }], "follow_up_plan": plan,
    });
    let report = clinic
        .post(DOCTOR, "/reports", report)
        .await
        .expect(200)
        .text("report_id");
    let path = format!("/reports/{report}");
    let sign = json!({ "version": 1, "password": PASSWORD });
    clinic
        .post(DOCTOR, &format!("{path}/sign"), sign)
        .await
        .expect(200);
    let amend = json!({ "version": 1, "password": PASSWORD, "additional_notes": addition });
    clinic
        .post(DOCTOR, &format!("{path}/amend"), amend)
        .await
        .expect(200);
    clinic.get(DOCTOR, &format!("{path}/print")).await;
}

/// Books an appointment for the patient, notes something and cancels it.
async fn book(clinic: &Clinic, patient: &str) {
    let [.., title, reason, remark, cancel] = WORDS;
    // The mails of an appointment go to the address, so that one is removed before.
    let record = clinic
        .get(DOCTOR, &format!("/patients/{patient}"))
        .await
        .expect(200);
    let change = json!({ "email": null, "version": record.body["version"] });
    clinic
        .patch(DOCTOR, &format!("/patients/{patient}"), change)
        .await
        .expect(200);
    let start = clinic.clock.now() + chrono::Duration::days(3);
    let booking = json!({
        "title": title, "description": reason, "patient_id": patient, "doctor_id": DOCTOR,
        "start_time": start, "duration_minutes": 30,
    });
    let booked = clinic
        .post(DESK, "/appointments", booking)
        .await
        .expect(201)
        .text("appointment_id");
    let path = format!("/appointments/{booked}");
    clinic
        .patch(DESK, &path, json!({ "notes": remark }))
        .await
        .expect(200);
    let cancelled = json!({ "status": "cancelled", "cancel_reason": cancel });
    clinic.patch(DESK, &path, cancelled).await;
    clinic
        .delete(DESK, &format!("{path}?reason={cancel}"))
        .await;
}

// ENC-1
#[tokio::test]
async fn known_words_stand_nowhere_in_a_readable_form() {
    let log = Log::default();
    let writer = log.clone();
    let lines = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
    let lines = lines.with_writer(move || writer.clone()).finish();
    let _until_here = tracing::subscriber::set_default(lines);
    let clinic = Clinic::start().await;
    let patient = make(&clinic).await;
    treat(&clinic, &patient).await;
    book(&clinic, &patient).await;

    let mut places = vec![("the log".to_owned(), log.0.lock().unwrap().clone())];
    assert!(String::from_utf8_lossy(&places[0].1).contains("request answered"));
    let names = serde_json::to_value(clinic.app.store.names()).unwrap();
    let names = names
        .as_object()
        .unwrap()
        .values()
        .map(|name| name.as_str().unwrap());
    let mut documents = 0;
    for collection in names.chain(["audit_log", "mail_outbox", "throttles"]) {
        let rows = clinic.database.raw(collection).await;
        let rows: Vec<_> = rows
            .find(doc! {})
            .await
            .unwrap()
            .try_collect()
            .await
            .unwrap();
        documents += rows.len();
        for row in rows {
            let bytes = bson::serialize_to_vec(&row).unwrap();
            // As JSON as well: the extended form shows binaries as base64.
            let text = serde_json::to_vec(&row).unwrap();
            places.push((collection.to_owned(), [bytes, text].concat()));
        }
    }
    assert!(documents > 20, "{documents}");
    for file in std::fs::read_dir(clinic.database.folder()).unwrap() {
        let path = file.unwrap().path();
        places.push((path.display().to_string(), std::fs::read(&path).unwrap()));
    }
    let finder = Finder::new();
    for (place, bytes) in places {
        assert_eq!(finder.found(&bytes), BTreeSet::new(), "in {place}");
    }
}

#[test]
fn the_search_for_words_finds_each_form() {
    let (finder, word) = (Finder::new(), WORDS[0]);
    for form in forms(word) {
        let place = [b"x\0", &form[..], b"y"].concat();
        assert_eq!(finder.found(&place), BTreeSet::from([word]));
    }
    let base64 = STANDARD_NO_PAD.encode(format!("{{\"name\":\"{word}\"}}"));
    assert_eq!(finder.found(base64.as_bytes()), BTreeSet::from([word]));
}

//! Writes very many patients and reports directly into the database, sealed as the service seals them.

use std::{ops::Range, sync::Arc};

use bson::{Document, serialize_to_document};
use chrono::{Duration, TimeDelta};
use clinic::{
    app::App,
    consultations::{
        ChiefComplaint, ConsultationId, SessionType,
        course::{ConsultationStatus, Course},
        documents::{Consultation, ConsultationText},
    },
    list_keys::list_key,
    patients::{
        birth::Birth,
        care::Care,
        clinical::Clinical,
        record::PatientRecord,
        relations::relation,
        values::Sex,
        who::{PatientNames, Who},
    },
    records::{self, new_record},
    reports::{
        content::{Confidence, ReportContent},
        documents::{Report, ReportDetails},
        status::ReportStatus,
    },
    sealing::Collection,
};
use clinic_auth::program::{Overrides, Program};
use kernel::{
    clock::Timestamp,
    contact::{EmailAddress, Mobile},
    ids::UserId,
    profile::DateOfBirth,
};

use super::service::Installation;

/// How many rows are written at once.
const BATCH: usize = 1000;
/// Patients of each doctor.
pub(crate) const PER_DOCTOR: usize = 2000;
/// Reports of each patient of the measured doctor.
pub(crate) const REPORTS_EACH: usize = 10;

const CLINIC: &str = "CLN00000001";
const FIRST: [&str; 8] = [
    "Anna", "Zoë", "Łukasz", "Nguyễn", "Øyvind", "Maria", "Jürgen", "Chloé",
];
const LAST: [&str; 10] = [
    "Müller",
    "O’Connor",
    "Straße",
    "Đặng",
    "Rossi",
    "Keller",
    "Nowak",
    "Ångström",
    "Meier",
    "Silva",
];

/// The way to write them, in this process.
pub(crate) struct Records {
    program: Arc<Program>,
    doctor: UserId,
    now: Timestamp,
}

impl Records {
    /// Opens the database of `home`. With the embedded store no service may run.
    pub(crate) async fn open(home: &Installation, doctor: &str) -> Self {
        let program = Program::build(home.settings(), Overrides::default())
            .await
            .unwrap();
        program.prepare().await.unwrap();
        Self {
            now: program.identity.clock.now(),
            doctor: UserId::from_stored(doctor),
            program,
        }
    }

    pub(crate) async fn close(self) {
        self.program.close().await;
    }

    /// The clinic's context.
    pub(crate) fn app(&self) -> &Arc<App> {
        self.program.clinic.as_ref().unwrap()
    }

    /// Adds the patients of these numbers with a doctor each; the first ones are those of the measured doctor, with reports.
    pub(crate) async fn fill(&self, numbers: Range<usize>) {
        let mut next = numbers.start;
        let mut made = self.make(next..(next + BATCH).min(numbers.end));
        while next < numbers.end {
            next = (next + BATCH).min(numbers.end);
            let batch = made.await.unwrap();
            // The next batch is sealed while this one is written.
            made = self.make(next..(next + BATCH).min(numbers.end));
            self.write(batch).await;
        }
    }

    fn make(&self, numbers: Range<usize>) -> tokio::task::JoinHandle<Batch> {
        let (app, doctor, now) = (Arc::clone(self.app()), self.doctor.clone(), self.now);
        tokio::task::spawn_blocking(move || {
            let mut batch = Batch::default();
            for number in numbers {
                add(&app, &mut batch, number, &doctor, now);
            }
            batch
        })
    }

    async fn write(&self, batch: Batch) {
        let store = &self.app().store;
        let names = store.names();
        for (name, rows) in [
            (&names.patient_records, batch.records),
            (&names.care_relations, batch.relations),
            (&names.consultations, batch.consultations),
            (&names.reports, batch.reports),
        ] {
            if !rows.is_empty() {
                store.raw(name).insert_many(rows).await.unwrap();
            }
        }
    }
}

/// The documents of some patients.
#[derive(Default)]
struct Batch {
    records: Vec<Document>,
    relations: Vec<Document>,
    consultations: Vec<Document>,
    reports: Vec<Document>,
}

/// An id of nine digits, because the service issues ids of eight.
pub(crate) fn patient_id(number: usize) -> String {
    format!("PAT{number:09}")
}

fn add(app: &App, batch: &mut Batch, number: usize, measured: &UserId, now: Timestamp) {
    let id = UserId::from_stored(patient_id(number).as_str());
    // Each patient has its own time, and all are older than those that are made later.
    let made = now - Duration::seconds(i64::try_from(number).unwrap());
    let who = who(number, now);
    let record = new_record(app, &id, &who, &Clinical::default(), made).unwrap();
    let is_measured = number < PER_DOCTOR;
    let doctor = if is_measured {
        measured.clone()
    } else {
        UserId::from_stored(format!("DOC{:09}", number / PER_DOCTOR).as_str())
    };
    let relation = relation(app, &doctor, &record, &who, Care::created(made)).unwrap();
    if is_measured {
        for turn in 0..REPORTS_EACH {
            add_report(app, batch, &record, &doctor, turn);
        }
    }
    batch.records.push(serialize_to_document(&record).unwrap());
    batch
        .relations
        .push(serialize_to_document(&relation).unwrap());
}

fn who(number: usize, now: Timestamp) -> Who {
    let (first, last) = (
        FIRST[number % FIRST.len()],
        LAST[number / FIRST.len() % LAST.len()],
    );
    // Further words make the names many, as those of a real clinic are.
    let last = format!("{last} {}", word(number / 80 % 9973));
    let year = 1930 + number % 90;
    let born = format!("{year}-{:02}-{:02}", 1 + number % 12, 1 + number % 28);
    let email = format!("crowd{number}@example.org");
    let phone = format!("+4179{:07}", number % 10_000_000);
    Who {
        names: PatientNames::parse(None, Some(first), Some(&last)).unwrap(),
        birth: Birth::Date(DateOfBirth::parse(&born, now).unwrap()),
        sex: Sex::parse("female").unwrap(),
        phone: Some(Mobile::parse(&phone).unwrap()),
        email: Some(EmailAddress::parse(&email).unwrap()),
        address: None,
        referred_by: None,
        emergency_contact: None,
        language: None,
    }
}

/// A made-up word of five letters.
fn word(number: usize) -> String {
    const LETTERS: [&str; 10] = ["ba", "ne", "ri", "so", "tu", "ka", "le", "mi", "do", "va"];
    let digits = [
        number / 1000 % 10,
        number / 100 % 10,
        number / 10 % 10,
        number % 10,
    ];
    digits.map(|digit| LETTERS[digit]).concat()
}

fn add_report(app: &App, batch: &mut Batch, patient: &PatientRecord, doctor: &UserId, turn: usize) {
    let key = records::text_key(app, patient).unwrap();
    let hours = i64::try_from(turn * 24 * 9 + 1).unwrap();
    let started = patient.created_at - TimeDelta::hours(hours);
    let ended = started + TimeDelta::minutes(20);
    let unique = app.rng.uuid().simple().to_string().to_uppercase();
    let session_id = format!("CS-{}-{}", started.format("%Y%m%d"), &unique[..8]);
    let session_id = ConsultationId::parse(&session_id).unwrap();
    let text = ConsultationText {
        chief_complaint: ChiefComplaint::parse("Headache since Monday").unwrap(),
        ..ConsultationText::default()
    };
    let place = Collection::Consultations.place(session_id.as_str());
    let lists = |owner: &UserId| list_key(&[CLINIC, owner.as_str()], started, session_id.as_str());
    let consultation = Consultation {
        clinic_id: CLINIC.to_owned(),
        patient_id: patient.patient_id.clone(),
        doctor_id: doctor.clone(),
        session_type: SessionType::Consultation,
        course: Course {
            status: ConsultationStatus::Completed,
            started_at: started,
            ended_at: Some(ended),
            paused_at: None,
            paused_millis: 0,
        },
        text: key.seal(place, &text, &app.rng).unwrap(),
        open_key: None,
        forced: false,
        appointment_id: None,
        by_patient: lists(&patient.patient_id),
        by_doctor: lists(doctor),
        version: 1,
        updated_at: ended,
        session_id,
    };
    let content = ReportContent {
        generated_content: "The patient was seen, examined and sent home. ".repeat(10),
        ..ReportContent::default()
    };
    let details = ReportDetails {
        confidence: Some(Confidence::parse(0.9).unwrap()),
        ..ReportDetails::default()
    };
    let status = ReportStatus::Completed;
    let report = Report::new(
        &consultation,
        status,
        &details,
        &content,
        &key,
        &app.rng,
        ended,
    )
    .unwrap();
    batch
        .consultations
        .push(serialize_to_document(&consultation).unwrap());
    batch.reports.push(serialize_to_document(&report).unwrap());
}

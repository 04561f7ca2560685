//! The process is killed at random moments while appointments are booked (APT-6).

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use bson::{Document, doc};
use chrono::DurationRound;
use futures_util::{TryStreamExt, future::join_all};
use kernel::{
    clock::{Clock, Timestamp},
    random::SharedRng,
};
use serde_json::{Value, json};

use crate::{
    Plan,
    it::harness::{Answer, Installation, Process, eventually},
    mailbox::Mailbox,
    people::unthrottled,
};

/// The latest time of a kill; the bookings of a round take about as long.
const LATEST_KILL_MS: u64 = 400;
const PATIENTS: usize = 8;
/// Slots of a round; two patients want each.
const SLOTS: usize = 6;

pub(crate) async fn on_the_embedded_store(plan: Plan) -> String {
    rounds(Installation::embedded(), plan.rounds).await
}

pub(crate) async fn on_mongodb(plan: Plan) -> String {
    let given = std::env::var("TEST_MONGO_URI").is_ok();
    assert!(given, "TEST_MONGO_URI is not set");
    rounds(Installation::new(), plan.rounds).await
}

/// Somebody at the desk, and whom the desk books.
struct Desk {
    credentials: Value,
    doctor: String,
    patients: Vec<String>,
    first: Timestamp,
}

impl Desk {
    async fn of(home: &Installation, process: &Process) -> Self {
        let printed = home.run(&["demo-data"]).await.success();
        let row = |role: &str| {
            let line = printed.lines().find(|line| line.starts_with(role)).unwrap();
            line.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let (desk, doctor) = (row("staff"), row("doctor"));
        let mut desk = Self {
            credentials: json!({ "username": desk[1], "password": desk.last().unwrap() }),
            doctor: doctor[1].clone(),
            patients: Vec::new(),
            first: whole_hour(Clock::default().now() + chrono::Duration::days(30)),
        };
        let token = desk.token(process).await;
        for number in 0..PATIENTS {
            let body = json!({
                "name": format!("Booker Nr{number}"), "age": 20 + number * 9, "sex": "other",
                "email": format!("booker{number}@example.org"), "doctor_id": desk.doctor,
            });
            let request = process.request("POST", "/patients").bearer_auth(&token);
            let made = Answer::of(request.json(&body)).await.expect(201);
            desk.patients.push(made.text("patient_id"));
        }
        desk
    }

    async fn token(&self, process: &Process) -> String {
        let login = process.post("/auth/login", self.credentials.clone()).await;
        login.expect(200).token()
    }

    /// Everything that a round wants to book.
    fn wanted(&self, round: usize) -> Vec<Value> {
        let want = |number: usize| {
            let slot = i32::try_from(round * SLOTS + number % SLOTS).unwrap();
            let patient = (round + number) % PATIENTS;
            json!({
                "title": "Visit", "patient_id": self.patients[patient], "doctor_id": self.doctor,
                "start_time": self.first + chrono::Duration::minutes(30) * slot, "duration_minutes": 30,
            })
        };
        (0..2 * SLOTS).map(want).collect()
    }
}

/// The hour of a time: slots begin at multiples of five minutes, so two of them share no cell.
fn whole_hour(at: Timestamp) -> Timestamp {
    at.duration_trunc(chrono::Duration::hours(1)).unwrap()
}

async fn book(process: &Process, token: &str, body: &Value) -> Option<Answer> {
    let request = process.request("POST", "/appointments").bearer_auth(token);
    Answer::try_of(request.json(body)).await.ok()
}

async fn rounds(home: Installation, rounds: usize) -> String {
    let mailbox = Mailbox::start().await;
    let home = mailbox
        .configure(unthrottled(home))
        .with("CLINIC_AUTH__EMAIL__LEASE_SECONDS", "4");
    let mut process = home.serve_ready().await;
    let desk = Desk::of(&home, &process).await;
    let rng = SharedRng::from_system().unwrap();
    let mut cut_off = 0;
    for round in 0..rounds {
        let (token, wanted) = (desk.token(&process).await, desk.wanted(round));
        let bookings = join_all(wanted.iter().map(|body| book(&process, &token, body)));
        let delay = Duration::from_millis(rng.below(LATEST_KILL_MS));
        let kill = async {
            tokio::time::sleep(delay).await;
            process.signal("KILL");
        };
        let (answers, ()) = tokio::join!(bookings, kill);
        let ended = std::mem::replace(&mut process, home.serve_ready().await);
        drop(ended);
        cut_off += answers.iter().filter(|answer| answer.is_none()).count();
        for (answer, body) in answers.into_iter().zip(&wanted) {
            let again = book(&process, &token, body).await.unwrap();
            match answer.map(|answer| answer.status) {
                // Who has the time keeps it.
                Some(201) => {
                    again.refused(409, "SLOT_TAKEN");
                }
                _ => assert!([201, 409].contains(&again.status), "{}", again.body),
            }
        }
    }
    let booked = check(&home, &desk, rounds).await;
    let mails = eventually("a mail for each booking", async || {
        let (mut mails, again) = mailbox.of_addresses();
        // The patient of the demonstration has appointments as well.
        mails.retain(|to, _| to.starts_with("booker"));
        (mails == booked).then_some(again)
    })
    .await;
    process.stop().await;
    format!(
        "{rounds} kills; {cut_off} bookings cut off; {} slots, each with one appointment and its mail; mails that came \
         twice under one id: {mails}",
        rounds * SLOTS
    )
}

/// Each slot has one live appointment, with all its cells and nobody else's. Returns how many each address has.
async fn check(home: &Installation, desk: &Desk, rounds: usize) -> BTreeMap<String, usize> {
    let direct = home.open().await;
    let rows = direct.store.raw("appointments");
    let first = bson::DateTime::from_chrono(desk.first);
    let found = rows
        .find(doc! { "start": { "$gte": first } })
        .await
        .unwrap();
    let found: Vec<Document> = found.try_collect().await.unwrap();
    let mut slots = BTreeSet::new();
    let mut booked = BTreeMap::new();
    for row in &found {
        let start = row.get_datetime("start").unwrap().timestamp_millis();
        let patient = row.get_str("patient_id").unwrap();
        let cells = (0..6).map(|cell| start / 300_000 + cell);
        let mut expected: Vec<_> = [desk.doctor.as_str(), patient]
            .iter()
            .flat_map(|person| cells.clone().map(move |cell| format!("{person}/{cell}")))
            .collect();
        let mut holds: Vec<_> = row
            .get_array("holds")
            .unwrap()
            .iter()
            .map(|it| it.as_str().unwrap().to_owned())
            .collect();
        expected.sort();
        holds.sort();
        assert_eq!(holds, expected);
        assert!(slots.insert(start), "two at one time");
        let number = desk.patients.iter().position(|it| it == patient).unwrap();
        *booked
            .entry(format!("booker{number}@example.org"))
            .or_default() += 1;
    }
    assert_eq!(slots.len(), rounds * SLOTS);
    booked
}

//! Races of appointments: requests split over two instances, then the end state through the API.

use chrono::{DateTime, Duration, Utc};
use futures_util::{StreamExt, future::join_all, stream};
use kernel::ids::UserId;
use platform::outbox;
use serde_json::{Value, json};
use testkit::Answer;

use crate::{
    booking_desk::{at, book, day, open, slot},
    harness::{Clinic, DESK, DOCTOR, PATIENT},
};

/// Requests in flight at once.
pub(crate) const AT_ONCE: usize = 64;

/// Two instances, and patients of [`DOCTOR`].
pub(crate) struct Two {
    pub(crate) a: Clinic,
    pub(crate) b: Clinic,
    pub(crate) patients: Vec<UserId>,
}

impl Two {
    pub(crate) async fn start(patients: usize) -> Self {
        let a = Clinic::start().await;
        let b = a.another().await;
        open(&a, DOCTOR, json!({})).await;
        let mut made = Vec::new();
        for number in 0..patients {
            made.push(
                a.patient_of(DOCTOR, &format!("Patient N{}", letters(number)))
                    .await,
            );
        }
        Self {
            a,
            b,
            patients: made,
        }
    }

    pub(crate) fn instance(&self, number: usize) -> &Clinic {
        if number.is_multiple_of(2) {
            &self.a
        } else {
            &self.b
        }
    }

    /// The live appointments, as patient, start and end.
    pub(crate) async fn live(&self) -> Vec<(String, DateTime<Utc>, DateTime<Utc>)> {
        let mut live = Vec::new();
        let mut query = "/appointments?limit=100".to_owned();
        loop {
            let page = self.a.get(DESK, &query).await.expect(200);
            for row in page.body["appointments"].as_array().unwrap() {
                let text = |field: &str| row[field].as_str().unwrap().to_owned();
                if ["pending", "confirmed", "arrived"].contains(&row["status"].as_str().unwrap()) {
                    let time = |field: &str| text(field).parse().unwrap();
                    live.push((text("user_id"), time("start_time"), time("end_time")));
                }
            }
            match page.body["pagination"]["next_cursor"].as_str() {
                Some(cursor) => query = format!("/appointments?limit=100&cursor={cursor}"),
                None => return live,
            }
        }
    }
}

fn letters(mut number: usize) -> String {
    let mut text = String::new();
    loop {
        text.push(char::from(b'a' + u8::try_from(number % 26).unwrap()));
        number /= 26;
        if number == 0 {
            return text;
        }
    }
}

#[track_caller]
pub(crate) fn winners<'a>(answers: &'a [Answer], won: u16, code: &str) -> Vec<&'a Answer> {
    for answer in answers.iter().filter(|answer| answer.status != won) {
        answer.refused(409, code);
    }
    answers
        .iter()
        .filter(|answer| answer.status == won)
        .collect()
}

pub(crate) fn intersect(
    a: (DateTime<Utc>, DateTime<Utc>),
    b: (DateTime<Utc>, DateTime<Utc>),
) -> bool {
    a.0 < b.1 && b.0 < a.1
}

// APT-1
#[tokio::test]
async fn one_of_200_parallel_bookings_gets_a_slot() {
    let two = Two::start(200).await;
    let start = at(&two.a, 3, 9, 0);
    let tries =
        two.patients.iter().enumerate().map(|(number, patient)| {
            book(two.instance(number), patient.as_str(), slot(DOCTOR, start))
        });
    let answers = join_all(tries).await;
    let won = winners(&answers, 201, "SLOT_TAKEN");
    assert_eq!(won.len(), 1);
    let live = two.live().await;
    assert_eq!(
        live,
        [(won[0].text("user_id"), start, start + Duration::minutes(30))]
    );
}

// APT-2, APT-4
#[tokio::test]
async fn of_2000_random_bookings_no_two_intersect() {
    let two = Two::start(40).await;
    let rng = &two.a.platform.rng;
    let first = at(&two.a, 3, 8, 0);
    let tries: Vec<(usize, Value)> = (0..2000)
        .map(|number| {
            let patient = &two.patients[usize::try_from(rng.below(40)).unwrap()];
            let start = first + Duration::minutes(i64::try_from(rng.below(3 * 24 * 60)).unwrap());
            let minutes = 5 + rng.below(116);
            let body = json!({
                "title": "Random", "patient_id": patient, "doctor_id": DOCTOR,
                "start_time": start.to_rfc3339(), "duration_minutes": minutes,
            });
            (number, body)
        })
        .collect();
    let answers: Vec<Answer> = stream::iter(tries)
        .map(|(number, body)| book(two.instance(number), DESK, body))
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let won = winners(&answers, 201, "SLOT_TAKEN").len();
    let live = two.live().await;
    assert!(won == live.len() && won > 20, "{won} {}", live.len());
    for (i, a) in live.iter().enumerate() {
        for b in &live[i + 1..] {
            // All are of one doctor.
            assert!(!intersect((a.1, a.2), (b.1, b.2)), "{a:?} {b:?}");
        }
    }
}

// APT-5
#[tokio::test]
async fn one_of_30_moves_to_a_slot_wins_and_29_stay() {
    let two = Two::start(30).await;
    let target = at(&two.a, 6, 9, 0);
    let mut made = Vec::new();
    for (number, patient) in two.patients.iter().enumerate() {
        let start = at(&two.a, 3, 8, 0)
            + Duration::minutes(30) * i32::try_from(number % 20).unwrap()
            + Duration::days(i64::try_from(number / 20).unwrap());
        let booked = book(&two.a, patient.as_str(), slot(DOCTOR, start))
            .await
            .expect(201);
        made.push((booked.text("appointment_id"), patient, start));
    }
    let pair = &two;
    let moves = made.iter().enumerate().map(|(number, (id, patient, _))| {
        let body = json!({ "start_time": target.to_rfc3339() });
        let path = format!("/appointments/{id}");
        async move {
            pair.instance(number)
                .patch(patient.as_str(), &path, body)
                .await
        }
    });
    let answers = join_all(moves).await;
    assert_eq!(winners(&answers, 200, "SLOT_TAKEN").len(), 1);
    let live = two.live().await;
    assert_eq!(live.len(), 30);
    for (_, patient, start) in &made {
        let now = live
            .iter()
            .find(|(who, ..)| who == patient.as_str())
            .unwrap()
            .1;
        assert!(now == *start || now == target);
    }
    assert_eq!(
        live.iter().filter(|(_, start, _)| *start == target).count(),
        1
    );
    // The 29 still hold their time.
    let kept = live
        .iter()
        .find(|(_, start, _)| *start != target)
        .unwrap()
        .1;
    book(&two.a, PATIENT, slot(DOCTOR, kept))
        .await
        .refused(409, "SLOT_TAKEN");
}

// APT-5
#[tokio::test]
async fn a_swap_of_two_appointments_loses_neither() {
    let two = Two::start(2).await;
    for round in 0..10 {
        let times = [at(&two.a, 3 + round, 9, 0), at(&two.a, 3 + round, 10, 0)];
        let mut paths = Vec::new();
        for (patient, start) in two.patients.iter().zip(times) {
            let booked = book(&two.a, patient.as_str(), slot(DOCTOR, start))
                .await
                .expect(201);
            paths.push(format!("/appointments/{}", booked.text("appointment_id")));
        }
        let body = |start: DateTime<Utc>| json!({ "start_time": start.to_rfc3339() });
        let (first, second) = (two.patients[0].as_str(), two.patients[1].as_str());
        let (a, b) = tokio::join!(
            two.a.patch(first, &paths[0], body(times[1])),
            two.b.patch(second, &paths[1], body(times[0])),
        );
        assert!(winners(&[a, b], 200, "SLOT_TAKEN").is_empty());
        for (path, start) in paths.iter().zip(times) {
            let seen = two.a.get(DESK, path).await.expect(200);
            assert_eq!(
                seen.text("start_time").parse::<DateTime<Utc>>().unwrap(),
                start
            );
            two.a.delete(DESK, path).await.expect(200);
        }
    }
}

// APT-23
#[tokio::test]
async fn a_booking_and_time_off_never_both_stand_unseen() {
    let two = Two::start(1).await;
    let path = format!("/doctors/{DOCTOR}/exceptions");
    for round in 0..20 {
        let (date, start) = (day(&two.a, 3 + round), at(&two.a, 3 + round, 9, 0));
        let off = json!({ "from": date, "to": date, "kind": "off" });
        let (booked, written) = tokio::join!(
            book(&two.a, two.patients[0].as_str(), slot(DOCTOR, start)),
            two.b.post(DESK, &path, off),
        );
        let stands = booked.status == 201;
        let is_off = written.status == 200;
        assert!(
            !(stands && is_off),
            "{round}: {} {}",
            booked.raw,
            written.raw
        );
        let is_listed = two.live().await.iter().any(|row| row.1 == start);
        assert_eq!(is_listed, stands, "{round}");
    }
}

// APT-23
#[tokio::test]
async fn a_move_and_time_off_never_both_stand_unseen() {
    let two = Two::start(1).await;
    let path = format!("/doctors/{DOCTOR}/exceptions");
    let patient = two.patients[0].as_str();
    let first = slot(DOCTOR, at(&two.a, 3, 9, 0));
    let booked = book(&two.a, patient, first).await.expect(201);
    let own = format!("/appointments/{}", booked.text("appointment_id"));
    for round in 0..20 {
        let (date, start) = (day(&two.a, 4 + round), at(&two.a, 4 + round, 9, 0));
        let off = json!({ "from": date, "to": date, "kind": "off" });
        let (moved, written) = tokio::join!(
            two.a
                .patch(patient, &own, json!({ "start_time": start.to_rfc3339() })),
            two.b.post(DESK, &path, off),
        );
        let live = two.live().await;
        assert_eq!(live.len(), 1, "{round}: {}", moved.raw);
        assert!(
            !(live[0].1 == start && written.status == 200),
            "{round}: {}",
            moved.raw
        );
        assert_eq!(live[0].1 == start, moved.status == 200, "{round}");
    }
}

// APT-17
#[tokio::test]
async fn no_reminder_follows_a_cancellation() {
    let two = Two::start(0).await;
    for round in 0..10 {
        let start = at(&two.a, 3, 9, 0) + Duration::minutes(30) * round;
        let booked = book(&two.a, PATIENT, slot(DOCTOR, start)).await.expect(201);
        outbox::tick(&two.a.platform, &[&*two.a.app]).await.unwrap();
        let path = format!("/appointments/{}", booked.text("appointment_id"));
        let back = start - Duration::hours(20) - two.a.clock.now();
        two.a.clock.advance(back);
        let before = two.a.mails.sent().len();
        let jobs: [&dyn outbox::MailJobs; 1] = [&*two.b.app];
        let (cancel, tick) = (
            two.a.delete(DESK, &path),
            outbox::tick(&two.b.platform, &jobs),
        );
        let mut between = before;
        if round % 2 == 0 {
            let (cancelled, ticked) = tokio::join!(cancel, tick);
            cancelled.expect(200);
            ticked.unwrap();
            between = two.a.mails.sent().len();
        } else {
            // At the earliest, the reminder is decided when the cancellation has been answered.
            cancel.await.expect(200);
            tick.await.unwrap();
        }
        outbox::tick(&two.a.platform, &[&*two.a.app]).await.unwrap();
        let sent = two.a.mails.sent();
        let after: Vec<_> = sent[between..]
            .iter()
            .map(|(mail, _)| mail.subject.as_str())
            .collect();
        assert!(
            after.iter().all(|it| !it.starts_with("Reminder")),
            "{before} {after:?}"
        );
        two.a.clock.advance(-back);
    }
}

// APT-9
#[tokio::test]
async fn twenty_equal_requests_make_one_appointment() {
    let two = Two::start(0).await;
    let body = slot(DOCTOR, at(&two.a, 3, 9, 0));
    let tries = (0..20).map(|number| {
        let clinic = two.instance(number);
        let request = clinic
            .http
            .post(clinic.url("/appointments"))
            .bearer_auth(PATIENT);
        Answer::of(
            request
                .header("Idempotency-Key", "key-of-twenty")
                .json(&body),
        )
    });
    let answers = join_all(tries).await;
    for answer in &answers {
        assert_eq!(
            (answer.status, &answer.body),
            (201, &answers[0].body),
            "{}",
            answer.raw
        );
    }
    assert_eq!(two.live().await.len(), 1);
}

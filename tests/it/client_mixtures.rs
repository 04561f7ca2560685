//! Bodies of registrations and logins as older clients and telephones mix them, five hundred of each: the answer and what
//! is stored are those of the rules, field by field.

use std::collections::BTreeMap;

use bson::doc;
use clinic_auth::random::SharedRng;
use serde_json::{Map, Value, json};

use crate::harness::{PASSWORD, TestServer, many_requests};

async fn server() -> TestServer {
    TestServer::start_with(|settings| {
        many_requests(settings);
        settings.config.throttle.login_per_ip.limit = 10_000;
        settings.config.throttle.failed_names_per_ip.limit = 10_000;
        // Ending the oldest session at each login is what other tests are for.
        settings.config.sessions.max_per_user = 1000;
        settings.config.lockout.max_failures = 10_000;
        settings.config.lockout.hard_limit = 10_000;
    })
    .await
}

/// What a field of a mixture is, and what becomes of it.
#[derive(Debug, Clone)]
enum Outcome {
    Absent,
    Kept(String),
    Fault(&'static str),
}
use Outcome::{Absent, Fault, Kept};

fn kept(text: &str) -> Outcome {
    Kept(text.to_owned())
}

/// Draws of one seed.
struct Dice(SharedRng);

impl Dice {
    fn pick<T: Clone>(&self, all: &[T]) -> T {
        let n = self.0.below(all.len() as u64);
        all[usize::try_from(n).unwrap()].clone()
    }

    /// One of the good ones, mostly.
    fn draw(
        &self,
        good: &[(Option<Value>, Outcome)],
        bad: &[(Option<Value>, Outcome)],
    ) -> (Option<Value>, Outcome) {
        if self.0.below(12) == 0 {
            self.pick(bad)
        } else {
            self.pick(good)
        }
    }

    /// With what shows nothing around it, or not.
    fn around(&self, word: &str) -> Option<Value> {
        let around = [
            "",
            "",
            " ",
            "\n",
            "\u{a0}",
            "\u{200b}",
            "\u{200f}",
            "\u{feff}",
            "\u{2060} ",
            "\u{ad}",
        ];
        Some(json!(format!(
            "{}{word}{}",
            self.pick(&around),
            self.pick(&around)
        )))
    }
}

fn nothing() -> Vec<(Option<Value>, Outcome)> {
    let blanks = ["", " ", "\u{a0}\n", "\u{200b}\u{200f}"];
    let blanks = blanks.iter().map(|blank| (Some(json!(blank)), Absent));
    blanks
        .chain([(None, Absent), (Some(Value::Null), Absent)])
        .collect()
}

fn no_text() -> Vec<(Option<Value>, Outcome)> {
    let values = [json!(1), json!(true), json!(["a"]), json!({ "$ne": "" })];
    values.map(|value| (Some(value), Fault("type"))).to_vec()
}

fn or_nothing(good: Vec<(Option<Value>, Outcome)>) -> Vec<(Option<Value>, Outcome)> {
    let times = [good.clone(), good].concat();
    [times, nothing()].concat()
}

/// A body, and what becomes of its fields in the order in which faults are told.
fn registration_of(dice: &Dice, n: usize) -> (Map<String, Value>, Vec<(&'static str, Outcome)>) {
    let needed = vec![(None, Fault("missing")), (Some(Value::Null), Fault("null"))];
    let (email, name) = (format!("user{n}@example.org"), format!("user{n}"));
    let is_doctor = dice.pick(&[None, Some(false), Some(true)]);
    let of_doctor = |outcome: Outcome| {
        if is_doctor == Some(true) {
            outcome
        } else {
            Absent
        }
    };
    let of_patient = |outcome: Outcome| {
        if is_doctor == Some(true) {
            Absent
        } else {
            outcome
        }
    };
    let bad_email = [
        (Some(json!("")), Fault("email_invalid")),
        (
            Some(json!(format!("us er{n}@example.org"))),
            Fault("email_invalid"),
        ),
    ];
    let bad_name = [(Some(json!("us er")), Fault("username_invalid"))];
    let bad_number = [(Some(json!("call me")), Fault("mobile_invalid"))];
    let bad_first = [(Some(json!(" \u{200b}")), Fault("empty"))];
    let bad_last = [(Some(json!("a\u{202e}b")), Fault("forbidden_character"))];
    let bad_choice = [
        (Some(json!("")), Fault("user_type_invalid")),
        (Some(json!("Doctor")), Fault("user_type_invalid")),
    ];
    let numbers = [
        "+41 (0)79 123 45 67",
        "０９０－１２３４－５６７８",
        "06.12.34.56.78",
    ];
    let numbers: Vec<_> = numbers
        .iter()
        .map(|it| (dice.around(it), kept(it)))
        .collect();
    let mobile = dice.draw(
        &or_nothing(numbers.clone()),
        &[&bad_number[..], &no_text()].concat(),
    );
    let phone = dice.draw(
        &or_nothing(numbers),
        &[&bad_number[..], &no_text()].concat(),
    );
    let names = vec![
        (dice.around("Zoe\u{308}"), kept("Zo\u{eb}")),
        (dice.around("Jane"), kept("Jane")),
        (
            dice.around("\u{5d3}\u{5d5}\u{5d3}"),
            kept("\u{5d3}\u{5d5}\u{5d3}"),
        ),
    ];
    let role = match is_doctor {
        None => (dice.pick(&[None, Some(Value::Null)]), Absent),
        Some(false) => (Some(json!("patient")), kept("patient")),
        Some(true) => (Some(json!("doctor")), kept("doctor")),
    };
    let drawn = [
        (
            "username",
            dice.draw(
                &or_nothing(vec![(dice.around(&name), Kept(name))]),
                &[&bad_name[..], &no_text()].concat(),
            ),
        ),
        (
            "email",
            dice.draw(
                &[(dice.around(&email), Kept(email))],
                &[&bad_email[..], &needed, &no_text()].concat(),
            ),
        ),
        ("mobile", mobile),
        ("phone", phone),
        (
            "first_name",
            dice.draw(&names, &[&bad_first[..], &needed, &no_text()].concat()),
        ),
        (
            "last_name",
            dice.draw(&or_nothing(names), &[&bad_last[..], &no_text()].concat()),
        ),
        ("user_type", dice.draw(&[role], &bad_choice)),
        (
            "date_of_birth",
            dice.draw(
                &or_nothing(vec![(
                    Some(json!("1990-05-17")),
                    of_patient(kept("1990-05-17")),
                )]),
                &no_text(),
            ),
        ),
        (
            "specialization",
            dice.draw(
                &or_nothing(vec![(
                    dice.around("Kardiologie"),
                    of_doctor(kept("Kardiologie")),
                )]),
                &no_text(),
            ),
        ),
        (
            "license_number",
            dice.draw(
                &or_nothing(vec![(dice.around("MD 1"), of_doctor(kept("MD 1")))]),
                &no_text(),
            ),
        ),
    ];
    let mut body = Map::new();
    body.insert("password".to_owned(), json!(PASSWORD));
    body.insert("confirm_password".to_owned(), json!(PASSWORD));
    let mut expected = Vec::new();
    for (field, (value, outcome)) in drawn {
        if let Some(value) = value {
            body.insert(field.to_owned(), value);
        }
        expected.push((field, outcome));
    }
    // The telephone that counts is the first that is not absent.
    let is = |at: usize| !matches!(expected[at].1, Absent);
    if is(2) {
        // A telephone of the wrong type is none, and what is wrong with the other is told as well.
        if ![2, 3]
            .iter()
            .any(|&at| matches!(expected[at].1, Fault("type")))
        {
            expected[3].1 = Absent;
        }
    } else if let Kept(number) = expected[3].1.clone() {
        (expected[2].1, expected[3].1) = (Kept(number), Absent);
    }
    (body, expected)
}

#[tokio::test]
async fn five_hundred_mixtures_of_a_registration_are_answered_by_the_rules() {
    let server = server().await;
    let dice = Dice(SharedRng::seeded(1107));
    let mut accepted = 0;
    for n in 0..500 {
        let (body, expected) = registration_of(&dice, n);
        let faults = expected
            .iter()
            .filter_map(|(field, outcome)| match outcome {
                Fault(kind) => Some(format!("{field} {kind}")),
                _ => None,
            });
        let mut faults: Vec<_> = faults.collect();
        faults.sort_unstable();
        let answer = server
            .post("/auth/register", Value::Object(body.clone()))
            .await;
        let mut told = answer.faults();
        told.sort_unstable();
        let status = if faults.is_empty() { 200 } else { 422 };
        assert_eq!(
            (answer.status, &told),
            (status, &faults),
            "{body:?}: {}",
            answer.raw
        );
        if status == 422 {
            continue;
        }
        accepted += 1;
        let rows = server.app.store.raw("pending_users");
        let row = rows.find_one(doc! { "_id": answer.text("user_id") }).await;
        let row = row.unwrap().unwrap();
        for (field, outcome) in expected {
            let stored = row.get_str(field).ok();
            match (field, outcome) {
                ("phone", _) => assert_eq!(stored, None),
                ("user_type", Absent) => assert_eq!(stored, Some("patient")),
                ("last_name", Absent) => assert_eq!(stored, Some("")),
                (_, Kept(text)) => assert_eq!(stored, Some(text.as_str()), "{field} {body:?}"),
                (_, _) => assert_eq!(stored, None, "{field} {body:?}"),
            }
        }
    }
    assert!((150..450).contains(&accepted), "{accepted} were accepted");
}

#[tokio::test]
async fn five_hundred_mixtures_of_a_login_are_answered_by_the_rules() {
    let server = server().await;
    let user_id = server.patient("jane").await.text("user_id");
    let dice = Dice(SharedRng::seeded(2211));
    let mut statuses = BTreeMap::new();
    for _ in 0..500 {
        let right = |word: &str| (dice.around(word), kept(word));
        let known = vec![right("jane"), right("JANE@example.org"), right(&user_id)];
        let unknown = vec![right("ja ne"), right("nobody@example.org")];
        let name = dice.draw(&known, &[&unknown[..], &no_text()].concat());
        let (name, other) = (name, dice.draw(&nothing(), &known));
        let (username, email) = dice.pick(&[(name.clone(), other.clone()), (other, name)]);
        let password = dice.draw(
            &[(Some(json!(PASSWORD)), kept(PASSWORD))],
            &[
                (Some(json!(format!(" {PASSWORD}"))), kept("wrong")),
                (Some(json!("")), kept("wrong")),
                (None, Fault("missing")),
                (Some(Value::Null), Fault("null")),
                (Some(json!(7)), Fault("type")),
            ],
        );
        let devices = vec![
            (
                dice.around("Zoe\u{308}\u{2019}s phone"),
                kept("Zo\u{eb}\u{2019}s phone"),
            ),
            (
                Some(json!("\u{202b}\u{5d3}\u{202c}\u{5d5}\t\u{5d3}")),
                kept("\u{5d3}\u{5d5}\u{5d3}"),
            ),
            (Some(json!("x".repeat(300))), Kept("x".repeat(100))),
        ];
        let device = dice.draw(&or_nothing(devices), &no_text());
        let fields = [
            ("username", &username),
            ("email", &email),
            ("password", &password),
            ("device_name", &device),
        ];
        let mut body = Map::new();
        let mut faults = Vec::new();
        for (field, (value, outcome)) in fields {
            if let Some(value) = value {
                body.insert(field.to_owned(), value.clone());
            }
            if let Fault(kind) = outcome {
                faults.push(format!("{field} {kind}"));
            }
        }
        let is = |outcome: &Outcome| !matches!(outcome, Absent);
        if is(&username.1) == is(&email.1)
            && !matches!((&username.1, &email.1), (Fault(_), _) | (_, Fault(_)))
        {
            faults.push("username one_of".to_owned());
        }
        faults.sort_unstable();
        let names = [&username.1, &email.1];
        let is_known = names.iter().any(|it| matches!(it, Kept(name) if !["ja ne", "nobody@example.org"].contains(&name.as_str())));
        let is_right = matches!(&password.1, Kept(word) if word == PASSWORD);
        let status = match (faults.is_empty(), is_known && is_right) {
            (false, _) => 422,
            (true, false) => 401,
            (true, true) => 200,
        };
        let answer = server
            .post("/auth/login", Value::Object(body.clone()))
            .await;
        let mut told = answer.faults();
        told.sort_unstable();
        assert_eq!(
            (answer.status, &told),
            (status, &faults),
            "{body:?}: {}",
            answer.raw
        );
        *statuses.entry(status).or_insert(0) += 1;
        if status == 200 {
            assert_eq!(answer.text("user_id"), user_id);
            let session = server.stored_session(&answer.text("session_id")).await;
            let stored = session.get_str("device_name").ok();
            match device.1 {
                Kept(name) => assert_eq!(stored, Some(name.as_str())),
                _ => assert_eq!(stored, None),
            }
        }
    }
    assert!(statuses.len() == 3 && statuses[&200] > 200, "{statuses:?}");
}

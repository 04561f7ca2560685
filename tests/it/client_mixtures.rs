//! Five hundred random bodies of registrations and of logins, as older clients and telephones send them. The answer and
//! the stored account must follow the rules for each field.

use std::collections::BTreeMap;

use bson::doc;
use kernel::random::SharedRng;
use serde_json::{Map, Value, json};

use crate::harness::{PASSWORD, TestServer, many_requests};

async fn server() -> TestServer {
    TestServer::start_with(|settings| {
        many_requests(settings);
        settings.config.throttle.identity.login_per_ip.limit = 10_000;
        settings.config.throttle.identity.failed_names_per_ip.limit = 10_000;
        // The limit of sessions is not tested here.
        settings.config.sessions.max_per_user = 1000;
        settings.config.lockout.max_failures = 10_000;
        settings.config.lockout.hard_limit = 10_000;
    })
    .await
}

/// The expected result of a field.
#[derive(Debug, Clone)]
enum Outcome {
    Absent,
    Kept(String),
    Invalid(&'static str),
}
use Outcome::{Absent, Invalid, Kept};

/// The value of a field and its expected result. `None` if the field is left out.
type Drawn = (Option<Value>, Outcome);

fn kept(text: &str) -> Outcome {
    Kept(text.to_owned())
}

fn invalid(value: Value, error: &'static str) -> Drawn {
    (Some(value), Invalid(error))
}

/// Random choices from one seed.
struct Dice(SharedRng);

impl Dice {
    fn pick<T: Clone>(&self, all: &[T]) -> T {
        let n = self.0.below(all.len() as u64);
        all[usize::try_from(n).unwrap()].clone()
    }

    /// Mostly a good value, sometimes a bad one.
    fn draw(&self, good: &[Drawn], bad: &[Drawn]) -> Drawn {
        if self.0.below(12) == 0 {
            self.pick(bad)
        } else {
            self.pick(good)
        }
    }

    /// A good value or no value; sometimes a bad value or a value that is not a text.
    fn draw_optional(&self, good: Vec<Drawn>, bad: &[Drawn]) -> Drawn {
        let good = [good.clone(), good, absent_values()].concat();
        self.draw(&good, &[bad, &not_texts()].concat())
    }

    /// A good value; sometimes a bad value, no value or a value that is not a text.
    fn draw_needed(&self, good: &[Drawn], bad: &[Drawn]) -> Drawn {
        let missing = [
            (None, Invalid("missing")),
            (Some(Value::Null), Invalid("null")),
        ];
        self.draw(good, &[bad, &missing, &not_texts()].concat())
    }

    /// The word, sometimes with invisible characters around it. Its expected result is `outcome`.
    fn with_invisible(&self, word: &str, outcome: Outcome) -> Drawn {
        const INVISIBLE: [&str; 10] = [
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
        let text = format!("{}{word}{}", self.pick(&INVISIBLE), self.pick(&INVISIBLE));
        (Some(json!(text)), outcome)
    }
}

fn absent_values() -> Vec<Drawn> {
    let blanks = ["", " ", "\u{a0}\n", "\u{200b}\u{200f}"];
    let blanks = blanks.iter().map(|blank| (Some(json!(blank)), Absent));
    blanks
        .chain([(None, Absent), (Some(Value::Null), Absent)])
        .collect()
}

fn not_texts() -> Vec<Drawn> {
    let values = [json!(1), json!(true), json!(["a"]), json!({ "$ne": "" })];
    values.map(|value| invalid(value, "type")).to_vec()
}

/// The fields with names, address and telephone.
fn person(dice: &Dice, n: usize) -> Vec<(&'static str, Drawn)> {
    let (email, name) = (format!("user{n}@example.org"), format!("user{n}"));
    let bad_email = [
        invalid(json!(""), "email_invalid"),
        invalid(json!(format!("us er{n}@example.org")), "email_invalid"),
    ];
    let numbers = [
        "+41 (0)79 123 45 67",
        "０９０－１２３４－５６７８",
        "06.12.34.56.78",
    ];
    let number = || {
        numbers
            .iter()
            .map(|it| dice.with_invisible(it, kept(it)))
            .collect()
    };
    let bad_number = [invalid(json!("call me"), "mobile_invalid")];
    let names = vec![
        dice.with_invisible("Zoe\u{308}", kept("Zo\u{eb}")),
        dice.with_invisible("Jane", kept("Jane")),
        dice.with_invisible("\u{5d3}\u{5d5}\u{5d3}", kept("\u{5d3}\u{5d5}\u{5d3}")),
    ];
    let username = vec![dice.with_invisible(&name, kept(&name))];
    let email = [dice.with_invisible(&email, kept(&email))];
    let bad_username = [invalid(json!("us er"), "username_invalid")];
    let bad_first = [invalid(json!(" \u{200b}"), "empty")];
    let bad_last = [invalid(json!("a\u{202e}b"), "forbidden_character")];
    vec![
        ("mobile", dice.draw_optional(number(), &bad_number)),
        ("phone", dice.draw_optional(number(), &bad_number)),
        ("username", dice.draw_optional(username, &bad_username)),
        ("email", dice.draw_needed(&email, &bad_email)),
        ("first_name", dice.draw_needed(&names, &bad_first)),
        ("last_name", dice.draw_optional(names, &bad_last)),
    ]
}

/// The role and its fields. The fields of the other role are ignored.
fn role(dice: &Dice) -> Vec<(&'static str, Drawn)> {
    let role = dice.pick(&[None, Some("patient"), Some("doctor")]);
    let is_doctor = role == Some("doctor");
    let of = |doctors: bool, text: &str| {
        if doctors == is_doctor {
            kept(text)
        } else {
            Absent
        }
    };
    let chosen = match role {
        None => (dice.pick(&[None, Some(Value::Null)]), Absent),
        Some(role) => (Some(json!(role)), kept(role)),
    };
    let bad_choice = ["", "Doctor"].map(|word| invalid(json!(word), "user_type_invalid"));
    let born = vec![(Some(json!("1990-05-17")), of(false, "1990-05-17"))];
    let field = vec![dice.with_invisible("Kardiologie", of(true, "Kardiologie"))];
    let license = vec![dice.with_invisible("MD 1", of(true, "MD 1"))];
    vec![
        ("user_type", dice.draw(&[chosen], &bad_choice)),
        ("date_of_birth", dice.draw_optional(born, &[])),
        ("specialization", dice.draw_optional(field, &[])),
        ("license_number", dice.draw_optional(license, &[])),
    ]
}

/// A body and the expected results of its fields.
fn registration_of(dice: &Dice, n: usize) -> (Map<String, Value>, Vec<(&'static str, Outcome)>) {
    let mut body = Map::new();
    body.insert("password".to_owned(), json!(PASSWORD));
    body.insert("confirm_password".to_owned(), json!(PASSWORD));
    let mut expected = Vec::new();
    for (field, (value, outcome)) in person(dice, n).into_iter().chain(role(dice)) {
        if let Some(value) = value {
            body.insert(field.to_owned(), value);
        }
        expected.push((field, outcome));
    }
    // The first telephone field that is present counts. A value of the wrong type does not count, and errors of the
    // other field are reported too.
    match (expected[0].1.clone(), expected[1].1.clone()) {
        (Invalid("type") | Absent, Invalid(_)) | (_, Invalid("type")) | (Absent, Absent) => {}
        (Absent, Kept(number)) => (expected[0].1, expected[1].1) = (Kept(number), Absent),
        (_, _) => expected[1].1 = Absent,
    }
    (body, expected)
}

#[tokio::test]
async fn random_registrations_are_answered_by_the_rules() {
    let server = server().await;
    let dice = Dice(SharedRng::seeded(1107));
    let mut accepted = 0;
    for n in 0..500 {
        let (body, expected) = registration_of(&dice, n);
        let errors = expected
            .iter()
            .filter_map(|(field, outcome)| match outcome {
                Invalid(kind) => Some(format!("{field} {kind}")),
                _ => None,
            });
        let mut errors: Vec<_> = errors.collect();
        errors.sort_unstable();
        let answer = server
            .post("/auth/register", Value::Object(body.clone()))
            .await;
        let mut reported = answer.validation_errors();
        reported.sort_unstable();
        let status = if errors.is_empty() { 200 } else { 422 };
        assert_eq!(
            (answer.status, &reported),
            (status, &errors),
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

/// Names without an account.
const UNKNOWN: [&str; 2] = ["ja ne", "nobody@example.org"];

#[tokio::test]
async fn random_logins_are_answered_by_the_rules() {
    let server = server().await;
    let user_id = server.patient("jane").await.text("user_id");
    let dice = Dice(SharedRng::seeded(2211));
    let mut statuses = BTreeMap::new();
    for _ in 0..500 {
        let right = |word: &str| dice.with_invisible(word, kept(word));
        let known = [right("jane"), right("JANE@example.org"), right(&user_id)];
        let unknown = UNKNOWN.map(right);
        let name = dice.draw(&known, &[&unknown[..], &not_texts()].concat());
        let other = dice.draw(&absent_values(), &known);
        let (username, email) = dice.pick(&[(name.clone(), other.clone()), (other, name)]);
        let password = dice.draw_needed(
            &[(Some(json!(PASSWORD)), kept(PASSWORD))],
            &[
                (Some(json!(format!(" {PASSWORD}"))), kept("wrong")),
                (Some(json!("")), kept("wrong")),
            ],
        );
        let devices = vec![
            dice.with_invisible("Zoe\u{308}\u{2019}s phone", kept("Zo\u{eb}\u{2019}s phone")),
            (
                Some(json!("\u{202b}\u{5d3}\u{202c}\u{5d5}\t\u{5d3}")),
                kept("\u{5d3}\u{5d5}\u{5d3}"),
            ),
            (Some(json!("x".repeat(300))), Kept("x".repeat(100))),
        ];
        let device = dice.draw_optional(devices, &[]);
        let fields = [
            ("username", &username),
            ("email", &email),
            ("password", &password),
            ("device_name", &device),
        ];
        let mut body = Map::new();
        let mut errors = Vec::new();
        for (field, (value, outcome)) in fields {
            if let Some(value) = value {
                body.insert(field.to_owned(), value.clone());
            }
            if let Invalid(kind) = outcome {
                errors.push(format!("{field} {kind}"));
            }
        }
        let is = |outcome: &Outcome| !matches!(outcome, Absent);
        if is(&username.1) == is(&email.1)
            && !matches!((&username.1, &email.1), (Invalid(_), _) | (_, Invalid(_)))
        {
            errors.push("username one_of".to_owned());
        }
        errors.sort_unstable();
        let names = [&username.1, &email.1];
        let is_known = names
            .iter()
            .any(|it| matches!(it, Kept(name) if !UNKNOWN.contains(&name.as_str())));
        let is_right = matches!(&password.1, Kept(word) if word == PASSWORD);
        let status = match (errors.is_empty(), is_known && is_right) {
            (false, _) => 422,
            (true, false) => 401,
            (true, true) => 200,
        };
        let answer = server
            .post("/auth/login", Value::Object(body.clone()))
            .await;
        let mut reported = answer.validation_errors();
        reported.sort_unstable();
        assert_eq!(
            (answer.status, &reported),
            (status, &errors),
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

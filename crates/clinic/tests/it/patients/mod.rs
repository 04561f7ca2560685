//! Patients: their records, lists, search, care, and who looked at them.

mod access;
mod audit;
mod care;
mod change;
mod create;
mod list;
mod registered;
mod search;

use serde_json::{Value, json};
use testkit::Answer;

use crate::harness::Clinic;

/// A patient for `POST /patients`.
fn anna() -> Value {
    json!({
        "name": "Anna Müller", "date_of_birth": "1990-05-17", "sex": "Female",
        "phone": "079 000 00 01", "email": "Anna@Example.org",
    })
}

/// `value` with these fields.
fn with(mut value: Value, fields: Value) -> Value {
    if let Value::Object(fields) = fields {
        value.as_object_mut().unwrap().extend(fields);
    }
    value
}

/// A named person with a birth date of their own, so that no two of them are possible duplicates.
fn person(name: &str, number: usize) -> Value {
    let (month, day, year) = (number % 12 + 1, number / 12 % 28 + 1, 1930 + number / 336);
    json!({ "name": name, "sex": "unknown", "date_of_birth": format!("{year}-{month:02}-{day:02}") })
}

impl Clinic {
    /// Makes a patient and returns the id.
    async fn make(&self, token: &str, patient: Value) -> String {
        let made = self.post(token, "/patients", patient).await.expect(201);
        made.text("patient_id")
    }

    /// `POST /patients` with an idempotency key.
    async fn make_once(&self, token: &str, key: &str, patient: &Value) -> Answer {
        let request = self.http.post(self.url("/patients")).bearer_auth(token);
        Answer::of(request.header("Idempotency-Key", key).json(patient)).await
    }

    /// The records of the audit trail with this action, oldest first.
    async fn trail(&self, action: &str) -> Vec<bson::Document> {
        let rows = self.server.database.raw("audit_log").await;
        let found = rows
            .find(bson::doc! { "action": action })
            .sort(bson::doc! { "at": 1, "_id": 1 });
        futures_util::TryStreamExt::try_collect(found.await.unwrap())
            .await
            .unwrap()
    }
}

/// The names of the rows of a list.
fn names(answer: &Answer) -> Vec<String> {
    let rows = answer.body["patients"].as_array().unwrap();
    rows.iter()
        .map(|row| row["name"].as_str().unwrap().to_owned())
        .collect()
}

//! The personal fields of pending registrations, and who may read them (ADM-5).

use serde_json::{Value, json};

use super::clinic;
use crate::harness::{Person, TestServer, registration, registration_with};

/// Registers a pregnant patient, a patient who left the field out, and a doctor. Returns their ids, newest first.
async fn pending_users(server: &TestServer) -> [String; 3] {
    let mut pregnant = registration_with("petra", "is_pregnant", json!(true));
    pregnant["date_of_birth"] = json!("1990-05-17");
    let mut doctor = registration("house");
    doctor["user_type"] = json!("doctor");
    doctor["specialization"] = json!("Cardiology");
    doctor["license_number"] = json!("MD-12345");
    let mut ids = Vec::new();
    for body in [pregnant, registration("silent"), doctor] {
        server.clock.advance(chrono::Duration::seconds(1));
        ids.insert(
            0,
            server
                .post("/auth/register", body)
                .await
                .expect(200)
                .text("user_id"),
        );
    }
    ids.try_into().unwrap()
}

const FIELDS: [&str; 4] = [
    "is_pregnant",
    "date_of_birth",
    "specialization",
    "license_number",
];

async fn rows(server: &TestServer, person: &Person) -> Vec<Vec<Option<Value>>> {
    let answer = server
        .get_as(&person.token, "/admin/pending-users")
        .await
        .expect(200);
    let rows = answer.body["pending_users"].as_array().unwrap();
    let fields = |row: &Value| FIELDS.iter().map(|name| row.get(name).cloned()).collect();
    rows.iter().map(fields).collect()
}

/// The detail of the newest audit event by `person`.
async fn newest_detail(server: &TestServer, admin: &Person, person: &Person) -> String {
    let path = format!(
        "/admin/audit-log?actor={}&action=pending_list&limit=1",
        person.user_id
    );
    let answer = server.get_as(&admin.token, &path).await.expect(200);
    answer.body["entries"][0]["detail"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn unanswered_fields_of_a_registration_are_null() {
    let (server, admin) = clinic().await;
    pending_users(&server).await;
    let some = |value: Value| Some(value);
    let null = || Some(Value::Null);
    let [doctor, silent, pregnant] = rows(&server, &admin).await.try_into().unwrap();
    assert_eq!(
        doctor,
        [
            None,
            None,
            some(json!("Cardiology")),
            some(json!("MD-12345"))
        ]
    );
    assert_eq!(silent, [null(), null(), None, None]);
    assert_eq!(
        pregnant,
        [some(json!(true)), some(json!("1990-05-17")), None, None]
    );
}

#[tokio::test]
async fn staff_does_not_see_the_pregnancy_field() {
    let (server, admin) = clinic().await;
    let staff = server.staff(&admin, "desk").await;
    pending_users(&server).await;
    let answer = server
        .get_as(&staff.token, "/admin/pending-users")
        .await
        .expect(200);
    assert!(!answer.raw.contains("is_pregnant"), "{}", answer.raw);
    let [doctor, silent, pregnant] = rows(&server, &staff).await.try_into().unwrap();
    assert_eq!(
        doctor[2..],
        [Some(json!("Cardiology")), Some(json!("MD-12345"))]
    );
    assert_eq!(
        (&silent[1], &pregnant[1]),
        (&Some(Value::Null), &Some(json!("1990-05-17")))
    );
}

#[tokio::test]
async fn reading_private_registration_fields_is_audited() {
    let (server, admin) = clinic().await;
    let staff = server.staff(&admin, "desk").await;
    let ids = pending_users(&server).await;
    rows(&server, &admin).await;
    rows(&server, &staff).await;
    let expected = ids.join(" ");
    assert_eq!(newest_detail(&server, &admin, &admin).await, expected);
    // The telephone number is private too.
    assert_eq!(newest_detail(&server, &admin, &staff).await, expected);
}

#[tokio::test]
async fn an_unanswered_pregnancy_field_becomes_false() {
    let (server, _) = clinic().await;
    let silent = server.patient("silent").await;
    let me = server.get_as(&silent.token(), "/auth/me").await.expect(200);
    assert_eq!(me.body["is_pregnant"], false);
}

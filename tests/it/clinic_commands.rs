//! The commands of the clinic's records, beside a running service.

use std::sync::Arc;

use bson::doc;
use clinic_auth::config::{FieldSecret, Settings};
use identity::accounts;
use kernel::{role::Role, secret::Secret};
use serde_json::{Value, json};

use crate::{
    binary::run,
    harness::{Answer, Installation, MASTER, PASSWORD, TestServer},
};

/// A server whose master secret the configuration of a command accepts.
pub(crate) async fn start() -> TestServer {
    let strong = |settings: &mut Settings| settings.secrets.master.current = Secret::new(MASTER);
    TestServer::start_with(strong).await
}

// PAT-11
#[tokio::test]
async fn an_import_reports_refused_rows_by_line_and_no_patient() {
    let server = start().await;
    let doctor = accounts::create_demo(&server.app, Role::Doctor).await;
    let doctor = doctor.unwrap().user_id;
    let csv = "name;date_of_birth;sex;shoe\nAnna Müller;1990-05-17;female;38\nOtto Frei;1890-05-17;male;44\n";
    std::fs::write(server.database.folder().join("patients.csv"), csv).unwrap();
    let import = [
        "import",
        "patients",
        "patients.csv",
        "--doctor",
        doctor.as_str(),
    ];
    let rows = server.program.clinic.as_ref().unwrap().store.patients();
    let mut printed = String::new();
    for (arguments, code, last) in [
        (
            &[&import[..], &["--dry-run"]].concat(),
            1,
            "1 patients can be imported, 1 rows would be refused; nothing was written",
        ),
        (
            &import.to_vec(),
            1,
            "1 patients were imported, 1 rows were refused",
        ),
        (
            &import.to_vec(),
            1,
            "0 patients were imported, 2 rows were refused",
        ),
    ] {
        let had = rows.any().await.unwrap();
        let ran = run(&server, arguments).await;
        assert_eq!(
            (ran.code, ran.out.lines().last()),
            (code, Some(last)),
            "{}",
            ran.err
        );
        assert_eq!(ran.err, "");
        assert_eq!(
            rows.any().await.unwrap(),
            had || arguments.len() == import.len()
        );
        printed += &ran.out;
    }
    assert!(printed.contains("line 3  date_of_birth: "), "{printed}");
    assert!(printed.contains("(possible_duplicate)"), "{printed}");
    assert!(printed.contains("columns 4 are not known"), "{printed}");
    for word in ["Müller", "Frei", "1890", "shoe"] {
        assert!(!printed.contains(word), "{printed}");
    }
    let unknown = run(&server, &["import", "patients", "nothing.csv"]).await;
    assert_eq!(unknown.code, 1);
    assert!(
        unknown.err.contains("nothing.csv cannot be read"),
        "{}",
        unknown.err
    );
}

#[tokio::test]
async fn demo_data_makes_a_living_clinic_once() {
    let home = Installation::new();
    let printed = home.run(&["demo-data"]).await.success();
    let again = home.run(&["demo-data"]).await.success();
    let (people, told) = printed.trim_end().rsplit_once('\n').unwrap();
    assert!(told.starts_with("The clinic has 200 patients, "), "{told}");
    let stands = "\nThe clinic stands already; nothing was changed.\n";
    assert_eq!(again, format!("{people}{stands}"));
    let process = home.serve_ready().await;
    let mut seen = Vec::new();
    for line in people.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [role, user_id, email, "password", password] = words[..] else {
            panic!("{line}")
        };
        let by_id = json!({ "email": user_id, "password": password });
        process.post("/auth/login", by_id).await.expect(200);
        let by_email = json!({ "email": email, "password": password });
        let token = process
            .post("/auth/login", by_email)
            .await
            .expect(200)
            .token();
        let get = async |path: &str| {
            let request = process.request("GET", path).bearer_auth(&token);
            Answer::of(request).await
        };
        seen.push(role.to_owned());
        match role {
            "doctor" => {
                let patients = get("/patients/list").await.expect(200);
                let total = patients.body["pagination"]["total"].as_i64().unwrap();
                assert!(total >= 99, "{total}");
                let stats = get("/reports/stats").await.expect(200).body;
                let by_status = stats["by_status"].as_object().unwrap();
                assert!(by_status["signed"].as_i64().unwrap() > 20, "{stats}");
                let mut each = by_status.values().map(|count| count.as_i64().unwrap());
                assert!(
                    by_status.len() == 5 && each.all(|count| count > 0),
                    "{stats}"
                );
                assert!(
                    stats["average_confidence"].as_f64().unwrap() > 0.6,
                    "{stats}"
                );
            }
            "staff" => {
                let found = get("/patients/search?q=muller").await.expect(200);
                assert!(found.body["count"].as_i64().unwrap() >= 2);
                let all = get("/appointments?limit=100").await.expect(200);
                let rows = all.body["appointments"].as_array().unwrap();
                assert!(rows.len() == 100 || rows.len() > 60, "{}", rows.len());
                // ACC-4
                let complaint = |row: &Value| row["title"].as_str().unwrap().contains(',');
                assert!(!rows.iter().any(complaint), "{rows:?}");
            }
            "patient" => {
                let own = get("/appointments").await.expect(200);
                assert!(!own.body["appointments"].as_array().unwrap().is_empty());
                let reports = get("/reports/list").await.expect(200).body;
                assert_eq!(reports["reports"][0]["status"], "signed");
            }
            "admin" => {
                let days = get("/admin/activity").await.expect(200).body;
                let (today, before) = days["days"].as_array().unwrap().split_last().unwrap();
                let busy = |day: &Value| day["logins"].as_i64().unwrap() > 0;
                assert!(before.len() == 29 && before.iter().all(busy), "{days}");
                // The second call has added nothing: a working day has 52 logins and at most 10 more.
                let most = before.iter().map(|day| day["logins"].as_i64().unwrap());
                assert!(most.max().unwrap() < 63 && today["logins"] == 10, "{days}");
            }
            _ => {}
        }
    }
    assert_eq!(seen, ["patient", "doctor", "doctor", "staff", "admin"]);
    let trail = home.run(&["audit", "verify"]).await.success();
    assert!(trail.contains("nothing was altered"), "{trail}");
}

// APT-13
#[tokio::test]
async fn check_names_appointments_whose_local_time_has_changed() {
    let server = start().await;
    let doctor = accounts::create_demo(&server.app, Role::Doctor).await;
    let doctor = doctor.unwrap().user_id;
    let desk = server.token_of(Role::Staff).await;
    let patient =
        json!({ "name": "Anna Frei", "age": 40, "sex": "female", "doctor_id": doctor.as_str() });
    let patient = server
        .post_as(&desk, "/patients", patient)
        .await
        .expect(201)
        .text("patient_id");
    let mut booked = Vec::new();
    for day in [10, 11] {
        let start = server.clock.now() + chrono::Duration::days(day);
        let body = json!({
            "title": "Visit", "patient_id": patient, "doctor_id": doctor.as_str(), "start_time": start,
            "duration_minutes": 30,
        });
        let made = server
            .post_as(&desk, "/appointments", body)
            .await
            .expect(201);
        booked.push(made.text("appointment_id"));
    }
    let quiet = run(&server, &["check"]).await;
    assert!(!quiet.out.contains("local time"), "{}", quiet.out);
    // As if the rules of the zone had been others when it was booked.
    let direct = server.database.open().await;
    let rows = direct.store.raw("appointments");
    let update = doc! { "$set": { "local": "2020-01-01T09:00:00+01:00" } };
    rows.update_one(doc! { "_id": &booked[0] }, update)
        .await
        .unwrap();
    let warned = run(&server, &["check"]).await;
    let expected = format!(
        "warn   appointments: 1 begin at another local time than when they were booked, because the rules of their time zone have changed: {}\n",
        booked[0]
    );
    assert!(warned.out.contains(&expected), "{}", warned.out);
}

// ENC-5
#[tokio::test]
async fn another_field_key_is_told_and_is_no_wrong_password() {
    let server = start().await;
    server.patient("jane").await;
    let (database, clock) = (Arc::clone(&server.database), server.clock.clone());
    let other = TestServer::start_unprepared(database, clock, server.mails.clone(), |settings| {
        settings.secrets.master.current = Secret::new(MASTER);
        settings.secrets.field = Some(FieldSecret {
            current: Secret::new("another field key of 32 bytes or even more"),
            previous: None,
        });
    })
    .await;
    other.program.prepare().await.unwrap();
    assert_eq!(other.get("/health/ready").await.status, 503);
    assert_eq!(other.login("jane", PASSWORD).await.status, 503);
    let told = run(&other, &["check"]).await;
    assert_eq!(told.code, 1);
    let fault = "FAULT  field key: this is not the key that sealed the records, fingerprint ";
    assert!(told.out.contains(fault), "{}", told.out);
    let refused = run(&other, &["records", "check"]).await;
    assert_eq!(refused.code, 1);
    assert!(
        refused
            .err
            .contains("this is not the key that sealed the records"),
        "{}",
        refused.err
    );
}

// ENC-4
#[tokio::test]
async fn a_rewrap_by_command_ends_the_need_of_the_older_key() {
    let server = start().await;
    let doctor = accounts::create_demo(&server.app, Role::Doctor).await;
    let doctor = doctor.unwrap().user_id;
    let desk = server.token_of(Role::Staff).await;
    let patient =
        json!({ "name": "Anna Frei", "age": 40, "sex": "female", "doctor_id": doctor.as_str() });
    server
        .post_as(&desk, "/patients", patient)
        .await
        .expect(201);
    let changed = server
        .another_with(|settings| {
            settings.secrets.master.current = Secret::new(MASTER);
            let older = settings.secrets.field.take().unwrap().current;
            settings.secrets.field = Some(FieldSecret {
                current: Secret::new("a newer field key of 32 bytes or even more"),
                previous: Some(older),
            });
        })
        .await;
    let before = run(&changed, &["check"]).await.out;
    assert!(
        before.contains("warn   field key: 1 records need "),
        "{before}"
    );
    let done = run(&changed, &["keys", "rewrap"]).await;
    assert_eq!((done.code, done.err.as_str()), (0, ""));
    assert!(
        done.out
            .starts_with("1 records, 1 keys were wrapped with the field key "),
        "{}",
        done.out
    );
    let after = run(&changed, &["check"]).await.out;
    assert!(
        after.contains("nothing needs FIELD_ENCRYPTION_KEY_PREVIOUS any more"),
        "{after}"
    );
    let checked = run(&changed, &["records", "check"]).await;
    assert_eq!(checked.code, 0, "{}", checked.out);
    assert!(
        checked.out.contains("everything opens and fits"),
        "{}",
        checked.out
    );
}

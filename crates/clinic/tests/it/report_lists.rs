//! The list of reports and their numbers, through the API.

use std::fmt::Write as _;

use chrono::Duration;
use kernel::ids::UserId;
use serde_json::{Value, json};

use crate::{
    harness::{ADMIN, Clinic, DESK, DOCTOR, OTHER_DOCTOR},
    reports::{report, session, sign},
};

/// A clinic whose doctor has 24 reports of three patients, on several days, of several kinds and states.
async fn with_reports() -> (Clinic, Vec<UserId>) {
    let clinic = Clinic::start_with(|settings| {
        settings.throttle.patient_read_per_account.limit = 1_000_000;
    })
    .await;
    let mut patients = Vec::new();
    for name in ["Anna Müller", "Eva Berg", "Ida Roth"] {
        patients.push(clinic.patient_of(DOCTOR, name).await);
    }
    let kinds = ["consultation", "new_patient", "followup", "emergency"];
    let types = ["summary", "consultation", "referral"];
    for n in 0..24_usize {
        clinic.clock.advance(Duration::hours(7));
        let session = session(&clinic, &patients[n % 3], kinds[n / 2 % 4]).await;
        let mut body = json!({"session_id": session, "report_type": types[n % 5 % 3]});
        match n % 4 {
            0 => {}
            1 => body["status"] = json!("generating"),
            _ => {
                body["generated_content"] = json!("migraine");
                body["confidence_score"] = json!(f64::from(u32::try_from(n).unwrap()) / 100.0);
            }
        }
        let made = clinic.post(DOCTOR, "/reports", body).await.expect(200);
        let id = made.text("report_id");
        if n % 4 == 3 {
            sign(&clinic, &id, 1).await.expect(200);
        }
        if n % 8 == 1 {
            let body = json!({"version": 1, "status": "failed"});
            clinic
                .patch(DOCTOR, &format!("/reports/{id}"), body)
                .await
                .expect(200);
        }
    }
    (clinic, patients)
}

/// All rows of a list, and its total, by pages of `limit`.
async fn walk(clinic: &Clinic, caller: &str, query: &str, limit: u32) -> (Vec<Value>, u64) {
    let (mut rows, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/reports/list?limit={limit}&cursor={cursor}&{query}");
        let page = clinic.get(caller, &path).await.expect(200).body;
        rows.extend(page["reports"].as_array().unwrap().iter().cloned());
        match page["pagination"]["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return (rows, page["pagination"]["total"].as_u64().unwrap()),
        }
    }
}

fn ids(rows: &[Value]) -> Vec<&str> {
    rows.iter()
        .map(|row| row["report_id"].as_str().unwrap())
        .collect()
}

// REP-1, REP-2
#[tokio::test]
async fn totals_equal_a_full_walk_under_random_filters() {
    let (clinic, patients) = with_reports().await;
    let rng = &clinic.server.platform.rng;
    let (all, total) = walk(&clinic, DOCTOR, "", 100).await;
    assert_eq!((all.len(), total), (24, 24));
    let times: Vec<&str> = all
        .iter()
        .map(|row| row["created_at"].as_str().unwrap())
        .collect();
    let choose = |of: &[&str]| {
        let index = usize::try_from(rng.below(of.len() as u64)).unwrap();
        of[index].to_owned()
    };
    let named: Vec<&str> = patients.iter().map(UserId::as_str).collect();
    for round in 0..150 {
        let mut filters: Vec<(&str, String)> = Vec::new();
        let mut with = |name, of: &[&str]| {
            if rng.below(3) == 0 {
                filters.push((name, choose(of)));
            }
        };
        with("patient_id", &named);
        with(
            "status",
            &["pending", "generating", "completed", "failed", "signed"],
        );
        with(
            "session_type",
            &["consultation", "new_patient", "followup", "emergency"],
        );
        with("report_type", &["summary", "consultation", "referral"]);
        with("date_from", &times[12..]);
        with("date_to", &times[..12]);
        let fits = |row: &&Value| {
            filters.iter().all(|(name, value)| match *name {
                "date_from" => row["created_at"].as_str() >= Some(value),
                "date_to" => row["created_at"].as_str() < Some(value),
                name => row[name] == **value,
            })
        };
        let expected: Vec<Value> = all.iter().filter(fits).cloned().collect();
        let mut query = String::new();
        for (name, value) in &filters {
            write!(query, "{name}={value}&").unwrap();
        }
        // Every tenth list is walked in small pages.
        let limit = if round % 10 == 0 { 3 } else { 100 };
        let caller = [DOCTOR, ADMIN][round % 2];
        let (rows, total) = walk(&clinic, caller, &query, limit).await;
        assert_eq!(ids(&rows), ids(&expected), "{round} {query}");
        assert_eq!(total, expected.len() as u64, "{round} {query}");
    }
}

// REP-3
#[tokio::test]
async fn the_numbers_are_those_of_the_list() {
    let (clinic, patients) = with_reports().await;
    for (caller, query) in [
        (DOCTOR, String::new()),
        (ADMIN, String::new()),
        (ADMIN, format!("doctor_id={DOCTOR}")),
        (DOCTOR, format!("patient_id={}", patients[1])),
    ] {
        let (rows, total) = walk(&clinic, caller, &query, 100).await;
        let stats = clinic
            .get(caller, &format!("/reports/stats?{query}"))
            .await
            .expect(200)
            .body;
        assert_eq!(
            (&stats["total"], &stats["total_reports"]),
            (&json!(total), &json!(total))
        );
        let mut sum = 0;
        for (status, count) in stats["by_status"].as_object().unwrap() {
            let of = rows.iter().filter(|row| row["status"] == **status).count();
            assert_eq!(*count, json!(of), "{status}");
            sum += of;
        }
        assert_eq!(sum, rows.len());
        let week = clinic.clock.now() - Duration::days(7);
        let week = kernel::clock::rfc3339(week);
        let recent = rows
            .iter()
            .filter(|row| row["created_at"].as_str() >= Some(&week))
            .count();
        assert_eq!(
            (&stats["recent_reports"], &stats["recent_7_days"]),
            (&json!(recent), &json!(recent))
        );
        let days = stats["by_day"].as_array().unwrap();
        let counted: u64 = days.iter().map(|day| day["count"].as_u64().unwrap()).sum();
        assert_eq!((days.len(), counted), (30, total));
        let scores: Vec<f64> = rows
            .iter()
            .filter_map(|row| row["confidence_score"].as_f64())
            .collect();
        let average = scores.iter().sum::<f64>() / f64::from(u32::try_from(scores.len()).unwrap());
        assert_eq!(
            stats["avg_confidence"],
            json!((average * 100.0).round() / 100.0)
        );
    }
    let none = clinic
        .get(OTHER_DOCTOR, "/reports/stats")
        .await
        .expect(200)
        .body;
    assert_eq!(
        (&none["average_confidence"], &none["avg_confidence"]),
        (&json!(0.0), &Value::Null)
    );
}

// REP-1
#[tokio::test]
async fn a_bad_filter_is_told_with_its_field() {
    let clinic = Clinic::start().await;
    let path = "/reports/list?status=Signed&session_type=x&report_type=x&date_from=x&date_to=x&patient_id=me&limit=0";
    let errors = clinic.get(DOCTOR, path).await.validation_errors();
    let fields: Vec<&str> = errors
        .iter()
        .filter_map(|it| it.split(' ').next())
        .collect();
    let expected = [
        "limit",
        "patient_id",
        "status",
        "session_type",
        "report_type",
        "date_from",
        "date_to",
    ];
    assert_eq!(fields, expected);
    let errors = clinic
        .get(DOCTOR, "/reports/list?state=signed")
        .await
        .validation_errors();
    assert_eq!(errors, ["state unknown"]);
}

// REP-1
#[tokio::test]
async fn a_date_is_the_clinics_day() {
    let clinic = Clinic::start().await;
    let patient = clinic.patient_of(DOCTOR, "Anna Müller").await;
    let id = report(&clinic, &patient).await;
    let today = clinic.app.zone.date(clinic.clock.now());
    let (before, after) = (today.pred_opt().unwrap(), today.succ_opt().unwrap());
    for (from, to, found) in [
        (today, today, 1),
        (before, before, 0),
        (after, after, 0),
        (before, after, 1),
    ] {
        let (rows, total) = walk(
            &clinic,
            DOCTOR,
            &format!("date_from={from}&date_to={to}"),
            10,
        )
        .await;
        assert_eq!((rows.len(), total), (found, found as u64), "{from} {to}");
    }
    let page = clinic
        .get(DOCTOR, "/reports/list?status=completed&report_type=")
        .await
        .expect(200)
        .body;
    assert_eq!(page["filters_applied"], json!({"status": "completed"}));
    assert_eq!(page["reports"][0]["report_id"], id);
}

// ACC-7
#[tokio::test]
async fn a_filter_with_another_doctor_or_patient_is_refused() {
    let clinic = Clinic::start().await;
    let patient = clinic.patient_of(DOCTOR, "Anna Müller").await;
    report(&clinic, &patient).await;
    for path in ["/reports/list", "/reports/stats"] {
        let doctor = format!("{path}?doctor_id={DOCTOR}");
        clinic.get(DOCTOR, &doctor).await.expect(200);
        clinic
            .get(OTHER_DOCTOR, &doctor)
            .await
            .refused(403, "ACCESS_DENIED");
        for patient in [patient.as_str(), "PAT77777777"] {
            let path = format!("{path}?patient_id={patient}");
            clinic
                .get(OTHER_DOCTOR, &path)
                .await
                .refused(404, "RECORD_NOT_FOUND");
        }
        clinic.get(DESK, path).await.refused(403, "ACCESS_DENIED");
    }
    let path = format!("/reports/list?patient_id={patient}");
    clinic
        .get(crate::harness::PATIENT, &path)
        .await
        .refused(404, "RECORD_NOT_FOUND");
    let (rows, total) = walk(&clinic, OTHER_DOCTOR, "", 10).await;
    assert_eq!((rows.len(), total), (0, 0));
}

// AUDX-2
#[tokio::test]
async fn a_page_is_one_record_with_its_patients() {
    let clinic = Clinic::start().await;
    let (anna, eva) = (
        clinic.patient_of(DOCTOR, "Anna Müller").await,
        clinic.patient_of(DOCTOR, "Eva Berg").await,
    );
    for patient in [&anna, &eva, &anna] {
        report(&clinic, patient).await;
    }
    let before = clinic.audit().await.len();
    clinic.get(DOCTOR, "/reports/list").await.expect(200);
    let records = clinic.audit().await;
    assert_eq!(records.len(), before + 1);
    let mut expected = [anna.as_str(), eva.as_str()];
    expected.sort_unstable();
    let last = records.last().unwrap();
    assert_eq!(
        (&last["subjects"], &last["part"]),
        (&json!(expected), &json!("drafts"))
    );
}

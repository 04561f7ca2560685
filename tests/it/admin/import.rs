//! Invitations from a CSV file.

use chrono::Duration;
use identity::{
    admin::import::{self, RowOutcome},
    sessions::authentication::authenticate,
};
use kernel::request::Origin;
use reqwest::header::CONTENT_TYPE;
use serde_json::Value;

use super::clinic;
use crate::harness::{Answer, Person, TestServer};

const PATH: &str = "/admin/users/import";

async fn import(server: &TestServer, admin: &Person, query: &str, csv: &str) -> Answer {
    let request = server.http.post(server.url(&format!("{PATH}{query}")));
    let request = request
        .header(CONTENT_TYPE, "text/csv; charset=utf-8")
        .body(csv.to_owned());
    Answer::of(request.bearer_auth(&admin.token)).await
}

/// `row outcome code: column field type, …` of each row.
fn rows(answer: &Answer) -> Vec<String> {
    let show = |row: &Value| {
        let faults = row["faults"].as_array().unwrap().iter().map(|fault| {
            let word = |name: &str| fault[name].as_str().unwrap().to_owned();
            let column = fault["column"].as_u64().unwrap_or(0);
            format!("{column} {} {}", word("field"), word("type"))
        });
        let faults = faults.collect::<Vec<_>>().join(", ");
        let code = row["code"].as_str().unwrap_or_default();
        let outcome = row["outcome"].as_str().unwrap();
        let text = format!("{} {outcome} {code} {faults}", row["row"]);
        text.trim_end().to_owned()
    };
    let rows = answer.body["rows"].as_array();
    rows.unwrap_or_else(|| panic!("no rows in {}", answer.raw))
        .iter()
        .map(show)
        .collect()
}

const FILE: &str = "\u{feff}first_name;email;user_type;username;note\r\n\
    Dana;dana@example.org;staff;;\r\n\
    \"Eve; the second\";eve@example.org;admin;eve;x\r\n\
    Boss;BOSS@example.org;admin;;\r\n\
    ;nobody;patient;eve;\r\n\
    Dan;dana@example.org;staff;jane;\r\n\
    Ann;ann@example.org;staff;jane;\r\n";

// REG-2
#[tokio::test]
async fn an_import_invites_what_its_dry_run_announced() {
    let (server, admin) = clinic().await;
    server.patient("jane").await;
    let before = server.accounts_stored().await;
    let dry = import(&server, &admin, "?dry_run=true", FILE).await;
    let told = |word: &str| {
        [
            format!("2 {word}"),
            format!("3 {word}"),
            "4 refused USER_EXISTS 2 email taken".to_owned(),
            "5 refused VALIDATION_ERROR 1 first_name missing, 2 email email_invalid, 3 user_type user_type_invalid, 4 username repeated".to_owned(),
            "6 refused VALIDATION_ERROR 2 email repeated".to_owned(),
            "7 refused VALIDATION_ERROR 4 username repeated".to_owned(),
        ]
    };
    let mut faults = rows(&dry.expect(200));
    faults.sort();
    assert_eq!(faults, told("would_invite"));
    assert_eq!(server.accounts_stored().await, before);
    assert_eq!(server.mails_to("dana@example.org").await, 0);
    let done = import(&server, &admin, "", FILE).await.expect(200);
    assert_eq!(rows(&done), told("invited"));
    assert_eq!(done.body["invited"], 2);
    assert_eq!(done.body["skipped_columns"], serde_json::json!([5]));
    assert_eq!(server.accounts_stored().await, before + 2);
    let token = server.link_token_for("eve@example.org").await;
    let eve = server.accept("eve@example.org", &token).await;
    assert!(eve.user_id.starts_with("ADM"));
    // Sending the same again invites nobody twice.
    let again = import(&server, &admin, "", FILE).await.expect(200);
    let expected = [
        "2 refused USER_EXISTS 2 email taken",
        "3 refused USER_EXISTS 2 email taken, 4 username taken",
    ];
    assert_eq!(rows(&again)[..2], expected);
    assert_eq!(server.mails_to("dana@example.org").await, 1);
    let path = "/admin/audit-log?action=user_import";
    let trail = server.get_as(&admin.token, path).await.expect(200);
    let details = super::column(&trail, "entries", "detail");
    assert_eq!(details, ["6 rows", "6 rows", "dry run, 6 rows"]); // AUD-1
}

// WEB-9
#[tokio::test]
async fn a_file_that_cannot_be_read_is_refused_whole() {
    let (server, admin) = clinic().await;
    for (csv, expected) in [
        (
            "",
            "body column_missing, body column_missing, body column_missing",
        ),
        ("email,user_type,first_name\n", "body empty"),
    ] {
        let answer = import(&server, &admin, "", csv).await;
        answer.refused(422, "VALIDATION_ERROR");
        assert_eq!(answer.validation_errors().join(", "), expected);
    }
    // A misspelt dry run is not taken for an import.
    let answer = import(&server, &admin, "?dryrun=true", FILE).await;
    assert_eq!(answer.validation_errors(), ["dryrun unknown"]);
    let large = |bytes: usize| "x".repeat(bytes);
    let fits = import(&server, &admin, "", &large(256 * 1024)).await;
    fits.refused(422, "VALIDATION_ERROR");
    let answer = import(&server, &admin, "", &large(256 * 1024 + 1)).await;
    answer.refused(413, "PAYLOAD_TOO_LARGE");
    let json = server
        .post_as(&admin.token, PATH, serde_json::json!({}))
        .await;
    json.refused(415, "UNSUPPORTED_MEDIA_TYPE");
    let request = server.http.post(server.url(PATH)).bearer_auth(&admin.token);
    let latin = request
        .header(CONTENT_TYPE, "text/csv")
        .body(b"\xfc".to_vec());
    let answer = Answer::of(latin).await;
    assert_eq!(answer.validation_errors(), ["body not_utf8"]);
    let staff = server.staff(&admin, "desk").await;
    let answer = import(&server, &staff, "?dry_run=true", FILE).await;
    answer.refused(403, "ACCESS_DENIED");
}

// AUD-4
#[tokio::test]
async fn an_import_begins_no_row_after_half_of_its_time() {
    let (server, admin) = clinic().await;
    let (app, now) = (&server.app, server.clock.now());
    let late = Origin::of_the_service("test".to_owned(), now - Duration::seconds(15));
    let caller = authenticate(app, &late, &admin.token).await.unwrap();
    let file = "email,user_type,first_name\ndana@example.org,staff,Dana\n";
    let report = import::import(app, &late, &caller, file, false).await;
    let rows = report.unwrap().rows;
    let [row] = &rows[..] else { panic!("{rows:?}") };
    let RowOutcome::Refused { refusal, .. } = &row.outcome else {
        panic!("{row:?}")
    };
    assert_eq!(refusal.code.code(), "REQUEST_TIMEOUT");
    assert_eq!(server.mails_to("dana@example.org").await, 0);
}

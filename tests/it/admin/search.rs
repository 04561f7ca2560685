//! Search for accounts by words of names in every spelling and by telephone digits; older accounts (TXT-1, INJ-3).

use bson::{Document, doc, oid::ObjectId};
use identity::startup::{self, Visit};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::column;
use crate::harness::{Person, TestServer, many_requests, registration};

/// Starts a server for many people, with an administrator.
async fn clinic() -> (TestServer, Person) {
    let server = TestServer::start_with(many_requests).await;
    let admin = server.admin("boss").await;
    (server, admin)
}

/// The registration of the person `number`. Address and username do not contain the name.
fn registration_of(number: usize, first: &str, last: &str) -> Value {
    let mut body = registration(&format!("x{number:02}"));
    body["first_name"] = json!(first);
    body["last_name"] = json!(last);
    body["mobile"] = json!("9999");
    body
}

/// The usernames that `q` finds, sorted.
async fn found(server: &TestServer, token: &str, q: &str) -> Vec<String> {
    let request = server.http.get(server.url("/admin/users"));
    let request = request.query(&[("q", q)]).bearer_auth(token);
    let answer = crate::harness::Answer::of(request).await.expect(200);
    let mut found = column(&answer, "users", "username");
    assert_eq!(answer.body["total_count"], found.len(), "{q}");
    found.sort();
    found
}

/// A first name, a last name, and search texts that find only this person.
const PEOPLE: [(&str, &str, &[&str]); 14] = [
    (
        "Zoe\u{308}",
        "Ayar",
        &["zoë", "ZOE", "zoe\u{308}", "ayar zoë"],
    ),
    (
        "Conor",
        "O\u{2019}Brien",
        &[
            "o'brien",
            "obrien",
            "O\u{2019}Brien",
            "O\u{2bc}BRIEN",
            "o`bri",
            "brien",
            "con o\u{b4}b",
        ],
    ),
    (
        "María José",
        "García Núñez",
        &[
            "garcia maria",
            "maria garcia",
            "nunez jose",
            "GAR MAR",
            "Núñez, María",
        ],
    ),
    (
        "Jörg",
        "Müller",
        &["jorg muller", "joerg", "JÖRG", "mueller jo"],
    ),
    ("Karl", "Weiß", &["weiss", "weiß", "WEISS", "WEI\u{1e9e}"]),
    (
        "Işıl",
        "Yıldız",
        &["isil yildiz", "ışıl", "YILDIZ", "YİL", "ISIL"],
    ),
    (
        "Фёдор",
        "Достоевский",
        &["федор", "ДОСТОЕВСКИЙ", "дост фёд"],
    ),
    ("कमला", "देवी", &["कमला", "देवी कम"]),
    ("कमली", "शर्मा", &["कमली", "शर्मा"]),
    ("E", "Q", &["e q", "q"]),
    ("小明", "王", &["王小明", "小明王", "王 小明", "小"]),
    (
        "Anne-Marie",
        "D'Angelo",
        &[
            "marie",
            "annemarie",
            "anne-marie",
            "anne\u{2011}m",
            "angelo",
            "dangelo",
        ],
    ),
    ("Łukasz", "Sørensen", &["lukasz", "sorensen", "SØRENSEN ł"]),
    ("مُحَمَّد", "علي", &["محمد", "علي محمد"]),
];

#[tokio::test]
async fn a_name_is_found_in_every_spelling() {
    let (server, admin) = clinic().await;
    for (number, (first, last, _)) in PEOPLE.iter().enumerate() {
        server
            .account(
                &format!("x{number:02}"),
                registration_of(number, first, last),
            )
            .await;
    }
    for (number, (first, last, queries)) in PEOPLE.iter().enumerate() {
        let full_names = [
            format!("{first} {last}"),
            format!("{last} {first}"),
            format!("{last}, {first}"),
        ];
        for q in queries
            .iter()
            .copied()
            .chain(full_names.iter().map(String::as_str))
        {
            let found = found(&server, &admin.token, q).await;
            assert_eq!(found, [format!("x{number:02}")], "{q}");
        }
    }
}

#[tokio::test]
async fn each_word_must_match() {
    let (server, admin) = clinic().await;
    server
        .account("x00", registration_of(0, "Jörg", "Müller"))
        .await;
    server
        .account("x01", registration_of(1, "Jana", "Mueller"))
        .await;
    server
        .account("x02", registration_of(2, "Jana", "Muster"))
        .await;
    let of = async |q: &str| found(&server, &admin.token, q).await.join(" ");
    assert_eq!(of("müller").await, "x00 x01");
    assert_eq!(of("mueller").await, "x00 x01");
    assert_eq!(of("j mu").await, "x00 x01 x02");
    assert_eq!(of("jana mu").await, "x01 x02");
    assert_eq!(of("jana müller x01@example.org").await, "x01");
    assert_eq!(of("X02@EXAMPLE jan").await, "x02");
    assert_eq!(of("muellers").await, "");
    assert_eq!(of("jana jorg").await, "");
    for nothing in [
        ".*",
        "^jana",
        "jana$",
        "j.na",
        "[a-z]",
        "(",
        "\\jana",
        "jana|jorg",
        "%",
        "_",
        "*",
        "-",
        "'",
        "jana *",
        "ana",
    ] {
        assert_eq!(of(nothing).await, "", "{nothing}"); // INJ-3
    }
}

#[tokio::test]
async fn only_administrators_search_by_telephone_digits() {
    let (server, admin) = clinic().await;
    let staff = server.staff(&admin, "desk").await;
    // The number 030 901820 in Devanagari digits.
    let german = "\u{966}\u{969}\u{966} \u{96f}\u{966}\u{967}\u{96e}\u{968}\u{966}";
    for (number, mobile) in ["+41 79 123 45 67", german, "0041 (0)44 555-66"]
        .iter()
        .enumerate()
    {
        let mut body = registration_of(number, "Ann", "Bell");
        body["mobile"] = json!(mobile);
        server.account(&format!("x{number:02}"), body).await;
    }
    for (q, expected) in [
        ("+41791234567", "x00"),
        ("+41 79 123", "x00"),
        ("0041 79 123", "x00"),
        ("00 41 (0)79", "x00"),
        ("079 123 45 67", "x00"),
        ("(079) 123-45", "x00"),
        ("41 79", "x00"),
        ("79123", "x00"),
        ("\u{ff0b}\u{ff14}\u{ff11} 79 12", "x00"),
        ("\u{ff10}\u{ff17}\u{ff19}-\u{ff11}\u{ff12}\u{ff13}", "x00"),
        ("+49 30 9018", "x01"),
        ("030/90", "x01"),
        ("044 555", "x02"),
        ("+41 44.555", "x02"),
        ("+41", "x00 x02"),
        ("bell 079 123", "x00"),
        ("ann +41 (0)44", "x02"),
        ("\u{660}\u{667}\u{669} \u{661}\u{662}\u{663}", "x00"),
        ("079 124", ""),
        ("1234567", ""),
    ] {
        assert_eq!(
            found(&server, &admin.token, q).await.join(" "),
            expected,
            "{q}"
        );
        assert_eq!(found(&server, &staff.token, q).await.join(" "), "", "{q}");
    }
    assert_eq!(found(&server, &staff.token, "ann").await.len(), 3);
}

#[tokio::test]
async fn leading_digits_find_addresses_and_usernames() {
    let (server, admin) = clinic().await;
    let staff = server.staff(&admin, "desk").await;
    let mut body = registration_of(0, "Ann", "Bell");
    body["username"] = json!("007-bond");
    server.account("x00", body).await;
    for token in [&admin.token, &staff.token] {
        for q in ["007", "007-b", "00"] {
            assert_eq!(found(&server, token, q).await, ["007-bond"], "{q}");
        }
    }
}

#[tokio::test]
async fn a_changed_name_is_found_and_the_old_one_is_not() {
    let (server, admin) = clinic().await;
    let anna = server
        .account("x00", registration_of(0, "Anna", "Meier"))
        .await
        .token();
    let change = json!({ "last_name": "Sørby", "mobile": "+47 22 33 44 55" });
    server.patch_as(&anna, "/auth/me", change).await.expect(200);
    let of = async |q: &str| found(&server, &admin.token, q).await.join(" ");
    assert_eq!(
        (of("sorby anna").await, of("meier").await),
        ("x00".into(), String::new())
    );
    assert_eq!(
        (of("22 33").await, of("999").await),
        ("x00".into(), String::new())
    );
    let change = json!({ "mobile": null, "full_name": "Inès" });
    server.patch_as(&anna, "/auth/me", change).await;
    let colleague = json!({
        "email": "new@example.org", "user_type": "staff", "username": "new-one",
        "first_name": "Zdeněk", "last_name": "Čapek",
    });
    server
        .post_as(&admin.token, "/admin/users", colleague)
        .await
        .expect(200);
    assert_eq!(of("capek zde").await, "new-one");
}

#[tokio::test]
async fn parallel_name_changes_keep_the_search_words_correct() {
    let (server, admin) = clinic().await;
    let other = server.another().await;
    let anna = server
        .account("x00", registration_of(0, "Anna", "Meier"))
        .await
        .token();
    let changes = (0..8).map(|number| {
        let (at, field) = if number % 2 == 0 {
            (&server, "first_name")
        } else {
            (&other, "last_name")
        };
        at.patch_as(
            &anna,
            "/auth/me",
            json!({ field: format!("Name{}", (b'a' + number) as char) }),
        )
    });
    for answer in futures_util::future::join_all(changes).await {
        answer.expect(200);
    }
    let me = server
        .get_as(&admin.token, "/admin/users?q=x00")
        .await
        .expect(200);
    let name = me.body["users"][0]["full_name"].as_str().unwrap();
    assert_eq!(found(&server, &admin.token, name).await, ["x00"]);
    for gone in ["anna", "meier"] {
        assert!(
            found(&server, &admin.token, gone).await.is_empty(),
            "{gone}"
        );
    }
}

/// An account that a version without the search stored.
fn without_search_words(number: u8, first: &str, last: &str) -> Document {
    doc! {
        "_id": ObjectId::from_bytes([number; 12]), "user_id": format!("PAT000000{number:02}"),
        "email": format!("Old{number:02}@Old.org"), "username": format!("old{number:02}"),
        "first_name": first, "last_name": last, "mobile": 41_790_000_000_i64 + i64::from(number),
    }
}

async fn older_accounts(server: &TestServer) {
    let rows = server.app.store.raw("patients_v2");
    for number in 0..15 {
        let row = without_search_words(
            number,
            "Zoe\u{308}",
            &format!("Name{}", (b'a' + number) as char),
        );
        rows.insert_one(row).await.unwrap();
    }
}

async fn visit(server: &TestServer) -> Visit {
    startup::visit_accounts(&server.app, &CancellationToken::new())
        .await
        .unwrap()
}

#[tokio::test]
async fn older_accounts_are_found_after_the_pass() {
    let (server, admin) = clinic().await;
    older_accounts(&server).await;
    server
        .account("x00", registration_of(0, "Zoë", "New"))
        .await;
    assert!(matches!(visit(&server).await, Visit::Done(15)));
    assert_eq!(found(&server, &admin.token, "zoe").await.len(), 15 + 1);
    assert_eq!(found(&server, &admin.token, "nameb zoë").await, ["old01"]);
    assert_eq!(
        found(&server, &admin.token, "079 000 00 07").await,
        ["old07"]
    );
    assert_eq!(found(&server, &admin.token, "old03@old").await, ["old03"]);
    // A second run has nothing left to do.
    assert!(matches!(visit(&server).await, Visit::Done(0)));
}

#[tokio::test]
async fn an_interrupted_pass_continues_on_another_instance() {
    let (server, admin) = clinic().await;
    older_accounts(&server).await;
    let other = server.another().await;
    server.fail_point.arm("backfill:batch");
    let stop = CancellationToken::new();
    startup::visit_accounts(&server.app, &stop)
        .await
        .unwrap_err();
    // The interrupted instance still has the lease.
    assert!(matches!(visit(&other).await, Visit::Elsewhere));
    other.advance(chrono::Duration::seconds(16)).await;
    visit(&other).await;
    let token = other.logged_in(&admin.email).await.token;
    assert_eq!(found(&other, &token, "zoe").await.len(), 15);
}

#[tokio::test]
async fn a_pass_does_not_overwrite_a_changed_name() {
    let (server, admin) = clinic().await;
    let anna = server
        .account("x00", registration_of(0, "Anna", "Meier"))
        .await;
    let stale = doc! { "search": ["old"] };
    server
        .set_stored_account(&anna.text("user_id"), stale)
        .await;
    let change = json!({ "last_name": "Berg" });
    let token = anna.token();
    let change = server.patch_as(&token, "/auth/me", change);
    let (visited, changed) = tokio::join!(visit(&server), change);
    changed.expect(200);
    assert!(matches!(visited, Visit::Done(_)));
    assert_eq!(found(&server, &admin.token, "berg anna").await, ["x00"]);
    assert!(found(&server, &admin.token, "meier").await.is_empty());
}

#[tokio::test]
async fn a_deleted_account_is_not_found() {
    let (server, admin) = clinic().await;
    let anna = server
        .account("x00", registration_of(0, "Anna", "Meier"))
        .await
        .text("user_id");
    assert_eq!(found(&server, &admin.token, "meier").await.len(), 1);
    let path = format!("/admin/users/{anna}");
    server.delete_as(&admin.token, &path).await.expect(200);
    assert!(found(&server, &admin.token, "meier").await.is_empty());
}

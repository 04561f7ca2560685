//! The search for patients.

use serde_json::{Value, json};

use super::{anna, names, person, with};
use crate::harness::{Clinic, DESK, DOCTOR, OTHER_DOCTOR};

async fn find(clinic: &Clinic, caller: &str, q: &str) -> Vec<String> {
    names(&search(clinic, caller, q).await)
}

async fn search(clinic: &Clinic, caller: &str, q: &str) -> testkit::Answer {
    let request = clinic
        .http
        .get(clinic.url("/patients/search"))
        .bearer_auth(caller);
    testkit::Answer::of(request.query(&[("q", q)]))
        .await
        .expect(200)
}

// PAT-6, PAT-7
#[tokio::test]
async fn names_are_found_in_any_spelling_and_order() {
    let clinic = Clinic::start().await;
    let table = [
        (
            "Anna Müller",
            &[
                "muller",
                "MÜLLER",
                "Mueller",
                "mu\u{308}ller",
                "an mü",
                "müller anna",
                "anna m",
            ][..],
        ),
        ("Ola Øster", &["oster", "Øster", "ola o"]),
        ("Łukasz Kowal", &["lukasz", "łuk"]),
        ("Eva Straße", &["strasse", "STRASSE"]),
        ("Đặng Nguyễn", &["dang", "nguyen"]),
        ("Sean O’Connor", &["oconnor", "o'connor", "O’Connor"]),
    ];
    for (number, (name, _)) in table.iter().enumerate() {
        clinic.make(DOCTOR, person(name, number)).await;
    }
    for (name, all) in table {
        for q in all {
            for caller in [DOCTOR, DESK] {
                assert!(
                    find(&clinic, caller, q).await.contains(&name.to_owned()),
                    "{caller} {q}"
                );
            }
            assert!(find(&clinic, OTHER_DOCTOR, q).await.is_empty(), "{q}");
        }
    }
    for literal in ["%%", ".*", "$ne", "an%", "a.*a"] {
        assert!(find(&clinic, DESK, literal).await.is_empty(), "{literal}");
    }
}

// PAT-8, PAT-9
#[tokio::test]
async fn contacts_birth_and_id_find_the_patient() {
    let clinic = Clinic::start().await;
    let id = clinic.make(DOCTOR, anna()).await;
    clinic.make(OTHER_DOCTOR, person("Otto Frei", 1)).await;
    for (q, kind) in [
        ("079 000 00 01", "phone"),
        ("+41 79 000 00 01", "phone"),
        ("0041790000001", "phone"),
        ("(079) 000-00-01", "phone"),
        ("0001", "phone"),
        ("000001", "phone"),
        ("ANNA@example.org", "email"),
        ("anna@", "email"),
        ("1990-05-17", "date_of_birth"),
        ("17.05.1990", "date_of_birth"),
        (id.as_str(), "patient_id"),
        (&id.to_lowercase(), "patient_id"),
        ("anna", "name"),
    ] {
        for caller in [DOCTOR, DESK] {
            let found = search(&clinic, caller, q).await;
            assert_eq!(names(&found), ["Anna Müller"], "{caller} {q}");
            assert_eq!(found.body["patients"][0]["match"], kind, "{q}");
        }
        assert!(find(&clinic, OTHER_DOCTOR, q).await.is_empty(), "{q}");
    }
    let found = search(&clinic, DESK, "anna").await;
    let mut fields: Vec<_> = found.body["patients"][0]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    fields.sort();
    assert_eq!(
        fields,
        [
            "age",
            "date_of_birth",
            "id",
            "match",
            "name",
            "patient_id",
            "phone",
            "sex"
        ]
    );
}

// PAT-10
#[tokio::test]
async fn sound_alikes_come_last_and_only_where_asked_or_alone() {
    let clinic = Clinic::start().await;
    clinic.make(DOCTOR, person("Anna Meier", 1)).await;
    clinic.make(DOCTOR, person("Eva Maier", 2)).await;
    let kinds = |answer: &testkit::Answer| -> Vec<Value> {
        let rows = answer.body["patients"].as_array().unwrap();
        rows.iter().map(|row| row["match"].clone()).collect()
    };
    for caller in [DOCTOR, DESK] {
        assert_eq!(find(&clinic, caller, "meier").await, ["Anna Meier"]);
        let fuzzy = clinic
            .get(caller, "/patients/search?q=meier&fuzzy=true")
            .await
            .expect(200);
        assert_eq!(names(&fuzzy), ["Anna Meier", "Eva Maier"]);
        assert_eq!(kinds(&fuzzy), ["name", "sounds_like"]);
        let alone = search(&clinic, caller, "meyer").await;
        assert_eq!(kinds(&alone), ["sounds_like", "sounds_like"]);
    }
}

// PAT-9
#[tokio::test]
async fn the_best_hits_come_first_and_no_more_than_asked() {
    let clinic = Clinic::start().await;
    for (number, name) in ["Annabel Frei", "Anna Frei", "Frei Anna"]
        .into_iter()
        .enumerate()
    {
        clinic.make(DOCTOR, person(name, number)).await;
    }
    assert_eq!(
        find(&clinic, DOCTOR, "anna frei").await,
        ["Anna Frei", "Frei Anna", "Annabel Frei"]
    );
    let two = clinic.get(DOCTOR, "/patients/search?q=anna&limit=2").await;
    assert_eq!(two.body["count"], 2);
}

// ENC-7
#[tokio::test]
async fn two_doctors_of_one_name_share_no_token() {
    let clinic = Clinic::start().await;
    clinic.make(DOCTOR, anna()).await;
    let other = with(anna(), json!({ "confirm_duplicate": true }));
    clinic.make(OTHER_DOCTOR, other).await;
    let rows = clinic.server.database.raw("care_relations").await;
    let rows: Vec<bson::Document> =
        futures_util::TryStreamExt::try_collect(rows.find(bson::doc! {}).await.unwrap())
            .await
            .unwrap();
    let tokens = |row: &bson::Document| row.get_array("tokens").unwrap().clone();
    let (one, other) = (tokens(&rows[0]), tokens(&rows[1]));
    assert!(one.len() > 10);
    assert!(one.iter().all(|token| !other.contains(token)));
}

//! Measures whether a login with an unknown name takes as long as one with a wrong password (ENUM-2).

use std::time::Instant;

use serde_json::json;

use super::{
    client::{Bytes, Connection, post},
    page::Table,
    ratios::millis,
    service::{Installation, Place},
};

/// How many pairs of an unknown name and a wrong password are measured.
const PAIRS: usize = 250;
/// If the absolute z is greater, the two are distinguishable (two-sided, p < 0.01).
const DISTINGUISHABLE: f64 = 2.58;

pub(crate) async fn measure(place: &Place) -> Vec<Table> {
    // No account is locked here, because a locked name is answered without a hash.
    let open = json!({ "lockout": { "max_failures": 1_000_000, "hard_limit": 1_000_000 } });
    let home = Installation::new(place.clone(), &open);
    let service = home.start().await;
    let jane = service.person("jane").await;
    let mut connection = Connection::to(service.address);
    let mut timed = async |name: &str| {
        let body = json!({ "username": name, "password": "not the password" });
        let request: Bytes = post("/auth/login", None, &body);
        let began = Instant::now();
        assert_eq!(connection.send(&request).await.unwrap().status, 401);
        millis(began.elapsed())
    };
    let (mut unknown, mut wrong) = (Vec::new(), Vec::new());
    // Each side has one name, because a second failure of a name costs more than its first. They are interleaved, and
    // neither is always the first, so that other work of the machine affects both in the same way.
    for turn in 0..PAIRS {
        if turn % 2 == 0 {
            unknown.push(timed("nobody").await);
            wrong.push(timed(&jane.name).await);
        } else {
            wrong.push(timed(&jane.name).await);
            unknown.push(timed("nobody").await);
        }
    }
    drop(service);
    home.drop_data().await;
    let z = rank_test(&unknown, &wrong);
    let (unknown, wrong) = (median(&mut unknown), median(&mut wrong));
    let rows = [
        (
            "unknown name, median",
            format!("{unknown:.2} ms"),
            String::new(),
        ),
        (
            "wrong password, median",
            format!("{wrong:.2} ms"),
            String::new(),
        ),
        (
            "difference of the medians",
            format!("{:.2} ms", (unknown - wrong).abs()),
            "10 ms, or 10 %".to_owned(),
        ),
        (
            "rank test (Mann-Whitney), absolute z",
            format!("{:.2}", z.abs()),
            format!("{DISTINGUISHABLE} (p = 0.01)"),
        ),
    ];
    vec![Table::new(
        &format!(
            "ENUM-2, {PAIRS} interleaved logins each, one at a time: {}",
            place.name()
        ),
        &["measure", "measured", "at most"],
        rows.map(|(what, found, most)| vec![what.to_owned(), found, most])
            .to_vec(),
    )]
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// The normal approximation of the Mann-Whitney U test; 0 if `one` is as often above `other` as below.
fn rank_test(one: &[f64], other: &[f64]) -> f64 {
    let wins: f64 = one
        .iter()
        .flat_map(|a| other.iter().map(move |b| a.total_cmp(b)))
        .map(|order| match order {
            std::cmp::Ordering::Greater => 1.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Less => 0.0,
        })
        .sum();
    let count = |times: &[f64]| f64::from(u32::try_from(times.len()).unwrap());
    let (n, m) = (count(one), count(other));
    (wins - n * m / 2.0) / (n * m * (n + m + 1.0) / 12.0).sqrt()
}

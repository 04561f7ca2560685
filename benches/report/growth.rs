//! Measures how the cost of requests grows with ten times the accounts and sessions.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{
    PEOPLE,
    client::{Bytes, get, post},
    crowd,
    page::Table,
    ratios::{millis, rate_in_turn, validations},
    service::{Installation, Person, Place, Service},
};

const SMALL: usize = 100_000;
const LARGE: usize = 1_000_000;
/// Accounts on a page, so that the smaller number of accounts fills two thousand pages.
const PER_PAGE: usize = 40;
const PAGES: usize = 2000;
/// A page is read this often; the median counts.
const READS: usize = 25;
const ADMIN_PASSWORD: &str = "a long administrator password";

pub(crate) async fn measure(place: &Place) -> Vec<Table> {
    let home = Installation::new(place.clone(), &json!({}));
    let mut service = home.start().await;
    let mut people = service.people(PEOPLE).await;
    let mut costs = Vec::new();
    let mut begin = 0;
    for accounts in [SMALL, LARGE] {
        drop(service);
        {
            let (store, _embedded) = home.store().await;
            crowd::fill(&store, &people[0], begin, accounts).await;
            store.close().await;
        }
        begin = accounts;
        service = home.start().await;
        people = log_in_again(&service, people).await;
        costs.push(measure_costs(&home, &service, &people, accounts).await);
    }
    drop(service);
    home.drop_data().await;
    let (large, small) = (costs.pop().unwrap(), costs.pop().unwrap());
    let rows = small
        .into_iter()
        .zip(large)
        .map(|((what, small, must), (_, large, _))| {
            let measured = [small, large].map(|cost| format!("{:.3} ms", millis(cost)));
            let ratio = large.as_secs_f64() / small.as_secs_f64();
            let [small, large] = measured;
            vec![
                what.to_owned(),
                small,
                large,
                format!("{ratio:.2}"),
                format!("{must:.1}"),
            ]
        });
    vec![Table::new(
        &format!("Growth, accounts with a session each: {}", place.name()),
        &["request", "100,000", "1,000,000", "ratio", "at most"],
        rows.collect(),
    )]
}

/// Logs the people in again at a new process, which has nothing of them in memory.
async fn log_in_again(service: &Service, people: Vec<Person>) -> Vec<Person> {
    let mut found = Vec::with_capacity(people.len());
    for person in people {
        let answer = service.ask(&person.login()).await;
        let token = answer["access_token"].as_str().unwrap().to_owned();
        found.push(Person { token, ..person });
    }
    found
}

type Cost = (&'static str, Duration, f64);

async fn measure_costs(
    home: &Installation,
    service: &Service,
    people: &[Person],
    accounts: usize,
) -> Vec<Cost> {
    let me = |person: &Person| get("/users/me", Some(&person.token));
    let me: Vec<Bytes> = people.iter().map(me).collect();
    let first_use = median_of_each(service, &me).await;
    let each = |rate: f64| Duration::from_secs_f64(1.0 / rate);
    let validated = each(rate_in_turn(service, &validations(people)).await);
    let read = each(rate_in_turn(service, &me).await);
    let logins: Vec<Bytes> = people.iter().map(Person::login).collect();
    let login = each(rate_in_turn(service, &logins).await);
    let token = administrator(home, service, accounts).await;
    let first = format!("/admin/users?limit={PER_PAGE}");
    let mut path = first.clone();
    for _ in 1..PAGES {
        let page = service.ask(&get(&path, Some(&token))).await;
        let cursor = page["next_cursor"].as_str().unwrap();
        path = format!("{first}&cursor={cursor}");
    }
    vec![
        ("validate-token (32 connections)", validated, 1.3),
        ("`GET /users/me` (32 connections)", read, 1.3),
        ("`GET /users/me`, first use of a session", first_use, 1.3),
        ("login (32 connections)", login, 1.3),
        (
            "`GET /admin/users`, first page",
            page(service, &first, &token).await,
            2.0,
        ),
        (
            "`GET /admin/users`, page 2,000 by cursor",
            page(service, &path, &token).await,
            2.0,
        ),
    ]
}

async fn median_of_each(service: &Service, requests: &[Bytes]) -> Duration {
    let mut times = Vec::new();
    for request in requests {
        times.push(timed(service, request).await);
    }
    median(times)
}

async fn page(service: &Service, path: &str, token: &str) -> Duration {
    let request = get(path, Some(token));
    let mut times = Vec::new();
    for _ in 0..READS {
        times.push(timed(service, &request).await);
    }
    median(times)
}

pub(crate) async fn timed(service: &Service, request: &Bytes) -> Duration {
    let began = Instant::now();
    service.ask(request).await;
    began.elapsed()
}

pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Creates an administrator with `create-admin`. Returns the access token.
pub(crate) async fn administrator(
    home: &Installation,
    service: &Service,
    accounts: usize,
) -> String {
    let email = format!("admin{accounts}@example.org");
    let made = home
        .command(&["create-admin", "--email", &email])
        .output()
        .unwrap();
    let text = String::from_utf8(made.stdout).unwrap();
    let token = text.split_once("token=").map(|(_, rest)| rest.trim());
    let token = token.unwrap_or_else(|| panic!("no link: {text}"));
    let body = json!({ "token": token, "new_password": ADMIN_PASSWORD, "confirm_password": ADMIN_PASSWORD });
    service
        .ask(&post("/auth/reset-password", None, &body))
        .await;
    let body = json!({ "email": email, "password": ADMIN_PASSWORD });
    let answer: Value = service.ask(&post("/auth/login", None, &body)).await;
    answer["access_token"].as_str().unwrap().to_owned()
}

//! Measures this version and earlier ones beside each other: `BENCH_BEFORE` is a list of them, `NAME=BINARY;NAME=BINARY`.

use std::path::PathBuf;

use serde_json::json;

use super::{
    PEOPLE,
    client::{Bytes, get},
    page::{Row, Table},
    ratios::{ROUND, in_turn, median_of, validations},
    service::{BINARY, Installation, Person, Place, Service, open_throttles},
};

/// The limits that both versions know and that would end the load.
const THROTTLES: [&str; 4] = [
    "register_per_ip",
    "otp_verify_per_ip",
    "login_per_ip",
    "global",
];

/// A version that runs, with people who are logged in.
struct Version {
    home: Installation,
    service: Service,
    people: Vec<Person>,
}

impl Version {
    async fn start(binary: PathBuf, place: &Place, name: &str) -> Self {
        let config = json!({
            "service": { "host": "127.0.0.1", "debug": true },
            "database": { "database_name": format!("bench_{name}_{}", std::process::id()) },
            "throttle": open_throttles(&THROTTLES),
        });
        let home = Installation::of(binary, place.clone(), &config);
        let service = home.start().await;
        let people = service.people(PEOPLE).await;
        Self {
            home,
            service,
            people,
        }
    }

    async fn rate(&self, requests: &[Bytes]) -> f64 {
        in_turn(self.service.address, requests, ROUND).await
    }

    async fn end(self) {
        drop(self.service);
        self.home.drop_data().await;
    }
}

/// A table for each earlier version; none when no one is named.
pub(crate) async fn measure(place: &Place) -> Vec<Table> {
    let mut tables = Vec::new();
    for named in std::env::var("BENCH_BEFORE").unwrap_or_default().split(';') {
        if let Some((name, binary)) = named.split_once('=') {
            let title = format!("Beside {name}: {}", place.name());
            let rows = beside(PathBuf::from(binary), place).await;
            tables.push(Table::ratios(&title, &rows));
        }
    }
    tables
}

async fn beside(earlier: PathBuf, place: &Place) -> Vec<Row> {
    let before = Version::start(earlier, place, "before").await;
    let now = Version::start(PathBuf::from(BINARY), place, "now").await;
    let mut rows = Vec::new();
    for (what, requests) in REQUESTS {
        let (ours, theirs) = (requests(&now.people), requests(&before.people));
        let figure = median_of(
            async || now.rate(&ours).await,
            async || before.rate(&theirs).await,
        )
        .await;
        rows.push(Row::new(what, figure, Some(0.95)));
    }
    now.end().await;
    before.end().await;
    rows
}

type Requests = fn(&[Person]) -> Vec<Bytes>;

const REQUESTS: [(&str, Requests); 3] = [
    ("validate-token", validations),
    ("`GET /users/me`", |people| {
        let me = |person: &Person| get("/users/me", Some(&person.token));
        people.iter().map(me).collect()
    }),
    ("logins", |people| {
        people.iter().map(Person::login).collect()
    }),
];

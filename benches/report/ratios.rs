//! Compares the service with the limits of the machine. Also measures its memory, its start, its size, and the database
//! round trips of each request.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    CONNECTIONS, PEOPLE, SPAN,
    client::{Bytes, get, load, post},
    limits,
    page::{Figure, Row, Table},
    service::{BINARY, Installation, PASSWORD, Person, Place, Service, registration},
};

/// Measures requests per second, memory and round trips.
pub(crate) async fn measure(place: &Place) -> Vec<Table> {
    let home = Installation::new(place.clone(), &json!({}));
    let service = home.start().await;
    let idle = service.memory();
    let people = service.people(PEOPLE).await;

    let bare = limits::BareRoute::start().await;
    let health = [get("/health", None)];
    let to_service = async |requests: &[Bytes]| in_turn(service.address, requests, ROUND).await;
    let rate_of_health = async || to_service(&health).await;
    let rate_of_bare = async || in_turn(bare.1, &health, ROUND).await;
    let of_bare = median_of(rate_of_health, rate_of_bare).await;
    drop(bare);
    let validate = validations(&people);
    let of_validate = median_of(async || to_service(&validate).await, rate_of_health).await;
    let me = |person: &Person| get("/users/me", Some(&person.token));
    let me: Vec<Bytes> = people.iter().map(me).collect();
    let of_me = median_of(async || to_service(&me).await, rate_of_health).await;
    let logins: Vec<Bytes> = people.iter().map(Person::login).collect();
    let rate_of_hashes = async || limits::hashes(ROUND);
    let of_logins = median_of(async || to_service(&logins).await, rate_of_hashes).await;

    let mut rows = vec![
        Row::new("`GET /health` ÷ bare poem-openapi route", of_bare, None),
        Row::new("validate-token ÷ `/health`", of_validate, Some(0.60)),
        Row::new("`GET /users/me` ÷ `/health`", of_me, Some(0.50)),
        // The embedded store writes one operation at a time, so it decides the rate there and not the hashes.
        Row::new(
            "logins ÷ argon2id hashes",
            of_logins,
            matches!(place, Place::Mongo(_)).then_some(0.85),
        ),
    ];
    if let Place::Mongo(_) = place {
        let (store, _) = home.store().await;
        let found = limits::find_one(&store, CONNECTIONS, SPAN).await;
        let of_find_one = Figure {
            measured: of_validate.measured,
            limit: found,
        };
        let what = "validate-token ÷ driver `find_one`";
        rows.push(Row::new(what, of_find_one, None));
    }
    let trips = trips(&service, &people).await;
    drop(service);
    home.drop_data().await;
    let title = |what: &str| format!("{what}: {}", place.name());
    vec![
        Table::ratios(&title("Requests a second"), &rows),
        Table::new(
            &title("Memory"),
            &["measure", "MiB", "at most"],
            vec![vec![
                "resident, idle after the start".into(),
                format!("{idle:.1}"),
                "40".into(),
            ]],
        ),
        Table::new(
            &title("Database round trips per request"),
            &["request", "round trips"],
            trips,
        ),
    ]
}

pub(crate) fn validations(people: &[Person]) -> Vec<Bytes> {
    let body = |person: &Person| json!({ "token": person.token });
    let request = |person| post("/auth/validate-token", None, &body(person));
    people.iter().map(request).collect()
}

/// How many of these requests succeed per second, sent in turn. A failed request ends the run.
pub(crate) async fn rate_in_turn(service: &Service, requests: &[Bytes]) -> f64 {
    // The first round is not measured, because the first use of a session reads the database.
    in_turn(service.address, requests, SPAN / 4).await;
    in_turn(service.address, requests, SPAN).await
}

pub(crate) async fn in_turn(address: SocketAddr, requests: &[Bytes], span: Duration) -> f64 {
    let next = |turn: usize| requests[turn % requests.len()].clone();
    let found = load(address, CONNECTIONS, span, next).await;
    found.expect_all_200("load").rate()
}

/// How often a figure and its limit are measured.
const ROUNDS: usize = 7;
pub(crate) const ROUND: Duration = Duration::from_secs(2);

/// Measures a figure and its limit alternately, because a machine is not equally fast all the time. Returns the round
/// with the median ratio.
pub(crate) async fn median_of(
    measure: impl AsyncFn() -> f64,
    limit: impl AsyncFn() -> f64,
) -> Figure {
    measure().await;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let limit = limit().await;
        let measured = measure().await;
        rounds.push(Figure { measured, limit });
    }
    rounds.sort_by(|a, b| a.ratio().total_cmp(&b.ratio()));
    rounds[ROUNDS / 2]
}

/// The database round trips per request, one request at a time. The service counts them in
/// `clinic_auth_database_operations_total`.
async fn trips(service: &Service, people: &[Person]) -> Vec<Vec<String>> {
    const TIMES: u32 = 20;
    let mut rows = Vec::new();
    let mut row = async |name: &str, operation: &str, requests: Vec<Bytes>| {
        let metric = format!("clinic_auth_database_operations_total{{operation=\"{operation}\"");
        let before = service.metric(&metric).await;
        let count = f64::from(u32::try_from(requests.len()).unwrap());
        for request in requests {
            service.ask(&request).await;
        }
        let each = (service.metric(&metric).await - before) / count;
        rows.push(vec![name.to_owned(), format!("{each:.1}")]);
    };
    let numbered = |make: &dyn Fn(u32) -> Bytes| (0..TIMES).map(make).collect::<Vec<_>>();
    let one = &people[0];
    let registered = |turn| {
        post(
            "/auth/register",
            None,
            &registration(&format!("trip{turn}")),
        )
    };
    row("register", "register", numbered(&registered)).await;
    let mut proofs = Vec::new();
    for turn in 0..TIMES {
        let name = format!("proof{turn}");
        let answer = service
            .ask(&post("/auth/register", None, &registration(&name)))
            .await;
        let body = json!({ "email": format!("{name}@example.org"), "otp": answer["debug_otp"] });
        proofs.push(post("/auth/verify-otp", None, &body));
    }
    row("verify-otp", "verify_otp", proofs).await;
    row(
        "login",
        "login",
        numbered(&|turn| people[turn as usize + 1].login()),
    )
    .await;
    let mut refreshes = Vec::new();
    for person in &people[50..60] {
        let answer = service.ask(&person.login()).await;
        let body = json!({ "refresh_token": answer["refresh_token"] });
        refreshes.push(post("/auth/refresh", None, &body));
    }
    row("refresh", "refresh", refreshes).await;
    let token = |_| post("/auth/validate-token", None, &json!({ "token": one.token }));
    row(
        "validate-token, session in memory",
        "validate_token",
        numbered(&token),
    )
    .await;
    row(
        "`GET /users/me`, session in memory",
        "users_me",
        numbered(&|_| get("/users/me", Some(&one.token))),
    )
    .await;
    row(
        "forgot-password",
        "forgot_password",
        numbered(&|turn| {
            post(
                "/auth/forgot-password",
                None,
                &json!({ "email": format!("person{turn}@example.org") }),
            )
        }),
    )
    .await;
    let change = json!({ "current_password": PASSWORD, "new_password": "another horse battery" });
    row(
        "change-password",
        "change_password",
        vec![post("/auth/change-password", Some(&one.token), &change)],
    )
    .await;
    row(
        "logout",
        "logout",
        vec![post("/auth/logout", Some(&people[2].token), &Value::Null)],
    )
    .await;
    rows
}

/// Measures the time from the start of the process until it is ready, with `accounts` accounts in the embedded store.
pub(crate) async fn start(accounts: usize) -> Table {
    const TIMES: usize = 5;
    let home = Installation::new(Place::Embedded, &json!({}));
    let service = home.start().await;
    let model = service.person("model").await;
    drop(service);
    {
        let (store, _embedded) = home.store().await;
        super::crowd::fill(&store, &model, 0, accounts).await;
        store.close().await;
    }
    let mut times = Vec::new();
    for _ in 0..TIMES {
        let began = Instant::now();
        let service = home.start().await;
        times.push(began.elapsed());
        drop(service);
    }
    times.sort_unstable();
    let size = std::fs::metadata(BINARY).map_or(0, |file| file.len() / 1024);
    let mib = f64::from(u32::try_from(size).unwrap()) / 1024.0;
    Table::new(
        "Start and size",
        &["measure", "measured", "at most"],
        vec![
            vec![
                format!(
                    "start to ready, embedded store with {accounts} accounts (median of {TIMES})"
                ),
                format!("{:.0} ms", millis(times[TIMES / 2])),
                "500 ms".into(),
            ],
            vec![
                "release binary".into(),
                format!("{mib:.1} MiB"),
                "32 MiB".into(),
            ],
        ],
    )
}

pub(crate) fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

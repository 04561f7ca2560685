//! How near the service comes to the limits; its memory, its start, its size; round trips of each request.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{
    CONNECTIONS, PEOPLE, SPAN,
    client::{Bytes, get, load, post},
    limits,
    page::{Row, Table},
    service::{BINARY, Home, PASSWORD, Person, Place, Service, registration},
};

/// Requests a second, hashes a second.
pub(crate) async fn measure(place: &Place) -> Vec<Table> {
    let home = Home::new(place.clone(), &json!({}));
    let service = home.start().await;
    let idle = service.memory();
    let people = service.people(PEOPLE).await;

    let bare = limits::BareRoute::start().await;
    let health = get("/health", None);
    let bare_rate = load(bare.1, CONNECTIONS, SPAN, |_| health.clone()).await;
    let bare_rate = bare_rate.all_good("bare route").rate();
    drop(bare);
    let health_rate = load(service.address, CONNECTIONS, SPAN, |_| health.clone()).await;
    let health_rate = health_rate.all_good("health").rate();

    let validate = validations(&people);
    let validated = turns(&service, &validate).await;
    let me: Vec<Bytes> = people
        .iter()
        .map(|p| get("/users/me", Some(&p.token)))
        .collect();
    let me = turns(&service, &me).await;

    let hashes = limits::hashes(SPAN);
    let logins: Vec<Bytes> = people.iter().map(Person::login).collect();
    let logins = turns(&service, &logins).await;

    let mut rows = vec![
        Row::new(
            "`GET /health` ÷ bare poem-openapi route",
            health_rate,
            bare_rate,
            None,
        ),
        Row::new(
            "validate-token ÷ `/health`",
            validated,
            health_rate,
            Some(0.60),
        ),
        Row::new("`GET /users/me` ÷ `/health`", me, health_rate, Some(0.50)),
        Row::new("logins ÷ argon2id hashes", logins, hashes, Some(0.90)),
    ];
    if let Place::Mongo(_) = place {
        let (store, _) = home.store().await;
        let found = limits::find_one(&store, CONNECTIONS, SPAN).await;
        rows.push(Row::new(
            "validate-token ÷ driver `find_one`",
            validated,
            found,
            None,
        ));
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

/// A second of these requests in turn; each must succeed.
pub(crate) async fn turns(service: &Service, requests: &[Bytes]) -> f64 {
    let next = |turn: usize| requests[turn % requests.len()].clone();
    // Once around first: what is read at the first use is not what is measured.
    load(service.address, CONNECTIONS, SPAN / 4, next).await;
    let found = load(service.address, CONNECTIONS, SPAN, next).await;
    found.all_good("load").rate()
}

/// Counted by the service itself, `clinic_auth_database_operations_total`; one request at a time.
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

/// From the start of the process to the first "ready", with so many accounts in the embedded store.
pub(crate) async fn start(accounts: usize) -> Table {
    const TIMES: usize = 5;
    let home = Home::new(Place::Embedded, &json!({}));
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
                "30 MiB".into(),
            ],
        ],
    )
}

pub(crate) fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

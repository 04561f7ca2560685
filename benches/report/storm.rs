//! Sends ten times more logins than the machine can hash. People who are logged in must hardly notice it.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::{Duration, Instant},
};

use clinic_auth::config::sections;
use serde_json::json;
use tokio::{task::LocalSet, time::MissedTickBehavior};

use super::{
    CONNECTIONS, PEOPLE, SPAN,
    client::{Bytes, Connection, Measured, load},
    limits,
    page::Table,
    ratios::{millis, rate_in_turn, validations},
    service::{Installation, Person, Place, Service},
};

/// How many times the possible rate of logins is sent.
const TIMES: f64 = 10.0;
/// How many connections ignore `Retry-After` and ask again at once.
const INSISTENT: usize = 512;
/// Requests per second of people who are logged in, in the paced run.
const PACE: f64 = 500.0;

pub(crate) async fn measure(place: &Place) -> Vec<Table> {
    let home = Installation::new(place.clone(), &json!({}));
    let service = home.start().await;
    let people = service.people(PEOPLE).await;
    let idle = service.memory();
    let validate = validations(&people);
    let logins: Vec<Bytes> = people.iter().map(Person::login).collect();
    let capacity = rate_in_turn(&service, &logins).await;
    let mut calm = paced(&service, &validate, PACE, SPAN).await;
    let local = LocalSet::new();
    let (mut paced_found, mut busy, stormed, peak) = local
        .run_until(async {
            let offered = offer(&service, &logins, TIMES * capacity);
            tokio::time::sleep(SPAN / 4).await;
            let paced_found = paced(&service, &validate, PACE, SPAN).await;
            let next = |turn: usize| validate[turn % validate.len()].clone();
            let busy = load(service.address, CONNECTIONS, SPAN, next).await;
            let peak = offered.peak.get();
            let stormed = offered.end().await;
            (paced_found, busy, stormed, peak)
        })
        .await;
    let recovered = recovery(&service, &people[0], &validate[0]).await;
    let next = |turn: usize| logins[turn % logins.len()].clone();
    let insistent = load(service.address, INSISTENT, SPAN, next).await;
    let threads = limits::cores();
    let argon2 = f64::from(sections::Argon2::default().memory_kib) / 1024.0;
    let allowed = idle + f64::from(u32::try_from(threads).unwrap()) * argon2 + 60.0;
    let refused = stormed.count_of(503);
    drop(service);
    home.drop_data().await;
    let failures = stormed.failures + paced_found.failures + busy.failures + insistent.failures;
    let rows = [
        (
            "logins a second: can be done",
            format!("{capacity:.0}"),
            String::new(),
        ),
        (
            "logins a second: answered 200 in the storm",
            format!("{:.0}", stormed.rate()),
            String::new(),
        ),
        (
            "logins a second: answered 200 of 512 connections that never pause",
            format!("{:.0}", insistent.rate()),
            String::new(),
        ),
        (
            "logins a second: refused with `SERVICE_BUSY` and `Retry-After`",
            format!("{:.0}", refused / stormed.seconds),
            String::new(),
        ),
        (
            "answers of 500 and above without `Retry-After`, or none",
            failures.to_string(),
            "0".into(),
        ),
        (
            "validate-token p99, calm, 500 requests a second",
            format!("{:.1} ms", calm.within(0.99)),
            String::new(),
        ),
        (
            "validate-token p99, storm, 500 requests a second",
            format!("{:.1} ms", paced_found.within(0.99)),
            "50 ms".into(),
        ),
        (
            "validate-token p99, storm, 32 connections that never pause",
            format!("{:.1} ms", busy.within(0.99)),
            "50 ms".into(),
        ),
        (
            "validate-token a second meanwhile",
            format!("{:.0}", busy.rate()),
            String::new(),
        ),
        (
            "a login is answered 200, a token within 50 ms, after the storm's end",
            format!("{:.0} ms", millis(recovered)),
            "2000 ms".into(),
        ),
        (
            "resident memory at most",
            format!("{peak:.0} MiB"),
            format!("{allowed:.0} MiB"),
        ),
    ];
    let rows = rows.map(|(what, found, must)| vec![what.to_owned(), found, must]);
    vec![Table::new(
        &format!(
            "A storm of logins, {TIMES} times the capacity: {}",
            place.name()
        ),
        &["measure", "measured", "must"],
        rows.to_vec(),
    )]
}

/// Sends requests at a steady pace, independently of the answers.
async fn paced(service: &Service, requests: &[Bytes], pace: f64, span: Duration) -> Measured {
    let local = LocalSet::new();
    local
        .run_until(async {
            let offered = offer(service, requests, pace);
            tokio::time::sleep(span).await;
            offered.end().await
        })
        .await
}

/// Requests that are sent until `end` is called.
struct Offer {
    stop: Rc<Cell<bool>>,
    began: Instant,
    found: Rc<RefCell<Measured>>,
    running: Rc<Cell<usize>>,
    peak: Rc<Cell<f64>>,
}

fn offer(service: &Service, requests: &[Bytes], pace: f64) -> Offer {
    let offer = Offer {
        stop: Rc::default(),
        began: Instant::now(),
        found: Rc::default(),
        running: Rc::default(),
        peak: Rc::default(),
    };
    let (address, requests) = (service.address, requests.to_vec());
    let (stop, found, running) = (
        offer.stop.clone(),
        offer.found.clone(),
        offer.running.clone(),
    );
    let idle: Rc<RefCell<Vec<Connection>>> = Rc::default();
    tokio::task::spawn_local(async move {
        // The timer's resolution is a millisecond, so each tick sends several requests.
        let mut ticks = tokio::time::interval(Duration::from_millis(2));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let (mut owed, mut turn) = (0.0, 0);
        while !stop.get() {
            ticks.tick().await;
            owed += pace * 0.002;
            while owed >= 1.0 {
                owed -= 1.0;
                turn += 1;
                let request = requests[turn % requests.len()].clone();
                let (found, running, idle) = (found.clone(), running.clone(), idle.clone());
                running.set(running.get() + 1);
                tokio::task::spawn_local(async move {
                    let spare = idle.borrow_mut().pop();
                    let mut connection = spare.unwrap_or_else(|| Connection::to(address));
                    let sent = Instant::now();
                    let answer = connection.send(&request).await;
                    found.borrow_mut().note(&answer, sent);
                    idle.borrow_mut().push(connection);
                    running.set(running.get() - 1);
                });
            }
        }
    });
    let (stop, peak) = (offer.stop.clone(), offer.peak.clone());
    let memory = service.memory_reader();
    tokio::task::spawn_local(async move {
        while !stop.get() {
            peak.set(peak.get().max(memory()));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    offer
}

impl Offer {
    /// Stops sending, and waits for the answers that are still open.
    async fn end(self) -> Measured {
        self.stop.set(true);
        while self.running.get() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let mut found = self.found.take();
        // The rate counts those answers too.
        found.seconds = self.began.elapsed().as_secs_f64();
        found
    }
}

/// The time from the last answer of the storm until a login succeeds and a token is checked within 50 ms.
async fn recovery(service: &Service, person: &Person, validate: &Bytes) -> Duration {
    let began = Instant::now();
    loop {
        let login = service.send(&person.login()).await.status;
        let sent = Instant::now();
        let valid = service.send(validate).await.status;
        if (login, valid) == (200, 200) && sent.elapsed() < Duration::from_millis(50) {
            return began.elapsed();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

//! Measures the clinic's lists, searches, records and bookings with few and with very many patients.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use bson::{Document, doc};
use chrono::{NaiveDate, TimeDelta};
use clinic::{patients::record::PatientRecord, records::load_page};
use futures_util::future::{join_all, try_join_all};
use kernel::{clock::Clock, ids::UserId};
use serde_json::json;

use super::{
    CONNECTIONS, SPAN,
    client::{Bytes, get, load, post, rate, request},
    growth::{administrator, median, timed},
    page::{Figure, Row, Table},
    ratios::millis,
    records::{PER_DOCTOR, Records, patient_id},
    service::{Installation, PASSWORD, Place, Service, registration},
};

/// Patients when growth is measured: on the embedded store the first two. `BENCH_PATIENTS` replaces the last one.
const SIZES: [usize; 3] = [1_000, 100_000, 1_000_000];
const PER_PAGE: usize = 20;
/// Pages of the clinic's list; the last one is read by its cursor.
const PAGES: usize = 2000;
/// A request is sent this often, one at a time.
const READS: usize = 200;
/// Bookings of one moment.
const AT_ONCE: usize = 200;
/// Appointments of the month whose slots are asked for.
const IN_A_MONTH: usize = 400;
/// Data keys that are warm when the memory is read.
const WARM: usize = 10_000;

/// The people of the measurement.
struct Staff {
    doctor: String,
    doctor_token: String,
    admin_token: String,
}

pub(crate) async fn measure(place: &Place) -> Vec<Table> {
    let home = Installation::new(place.clone(), &json!({ "clinic": { "time_zone": "UTC" } }));
    let mut service = home.start().await;
    let mut staff = staff(&home, &service).await;
    let sizes = sizes(place);
    let mut costs = Vec::new();
    let mut begin = 0;
    for &size in &sizes {
        drop(service);
        let records = Records::open(&home, &staff.doctor).await;
        records.fill(begin..size).await;
        records.close().await;
        begin = size;
        service = home.start().await;
        staff.log_in(&service).await;
        costs.push(costs_of(&service, &staff, size).await);
    }
    let size = *sizes.last().unwrap();
    let memory = warm(&service, &staff, size).await;
    let rows = ratios(&home, &service, &staff, size).await;
    drop(service);
    let sealing = sealing(&home, &staff).await;
    home.drop_data().await;
    let title = |what: &str| format!("The clinic, {what}: {}", place.name());
    let mut head = vec!["request".to_owned()];
    head.extend(sizes.iter().map(|size| format!("{size} patients")));
    head.extend(["last ÷ the one before".to_owned(), "at most".to_owned()]);
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    vec![
        Table::new(
            &title("median and p99, one at a time"),
            &head,
            growth(&costs),
        ),
        Table::ratios(&title("requests a second with the most patients"), &rows),
        Table::new(
            &title("other figures"),
            &["measure", "measured", "at most"],
            [memory, sealing].concat(),
        ),
    ]
}

fn sizes(place: &Place) -> Vec<usize> {
    let last = std::env::var("BENCH_PATIENTS")
        .ok()
        .map(|it| it.parse().unwrap());
    match (last, place) {
        (Some(last), _) => vec![SIZES[0], last],
        (None, Place::Mongo(_)) => SIZES.to_vec(),
        (None, Place::Embedded) => SIZES[..2].to_vec(),
    }
}

async fn staff(home: &Installation, service: &Service) -> Staff {
    let mut body = registration("measured");
    body["user_type"] = "doctor".into();
    body["license_number"] = "GE-1234".into();
    body["specialization"] = "Neurology".into();
    let registered = service.ask(&post("/auth/register", None, &body)).await;
    let proof = json!({ "email": "measured@example.org", "otp": registered["debug_otp"] });
    let verified = service.ask(&post("/auth/verify-otp", None, &proof)).await;
    let doctor = verified["user_id"].as_str().unwrap().to_owned();
    let admin_token = administrator(home, service, 0).await;
    let path = format!("/admin/users/{doctor}");
    let approval = json!({ "approved": true, "license_number": "GE-1234" });
    let approve = request("PATCH", &path, Some(&admin_token), &approval);
    service.ask(&approve).await;
    let mut staff = Staff {
        doctor,
        doctor_token: String::new(),
        admin_token,
    };
    staff.log_in(service).await;
    let days = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let hours = days.map(|day| json!({ "day": day, "from": "00:00", "to": "24:00" }));
    let week = json!({ "weekly": hours, "slot_minutes": 30, "max_days_ahead": 730 });
    let path = format!("/doctors/{}/schedule", staff.doctor);
    let put = request("PUT", &path, Some(&staff.doctor_token), &week);
    service.ask(&put).await;
    staff
}

impl Staff {
    async fn log_in(&mut self, service: &Service) {
        let body = json!({ "username": "measured", "password": PASSWORD });
        let answer = service.ask(&post("/auth/login", None, &body)).await;
        answer["access_token"]
            .as_str()
            .unwrap()
            .clone_into(&mut self.doctor_token);
    }
}

/// A request, its median and its 99th percentile in milliseconds, and how much slower it may become.
struct Cost {
    what: &'static str,
    median: f64,
    p99: f64,
    at_most: &'static str,
}

async fn costs_of(service: &Service, staff: &Staff, size: usize) -> Vec<Cost> {
    let (doctor, admin) = (&*staff.doctor_token, &*staff.admin_token);
    let list = format!("/patients/list?limit={PER_PAGE}");
    let second = next_page(service, &list, doctor).await;
    let reports = "/reports/list?limit=20";
    let found = format!("/patients/list?limit={PER_PAGE}&search=mu");
    let one = format!("/patients/{}", patient_id(7));
    let requests = [
        (
            "a doctor's list, page of 20",
            &*list,
            doctor,
            "1.3, and 500 ms",
        ),
        ("the second page", &*second, doctor, "1.3, and 100 ms"),
        (
            "search, 2 letters",
            "/patients/search?q=mu",
            doctor,
            "1.3, and 25 ms",
        ),
        ("the list, searched", &*found, doctor, "200 ms"),
        ("one patient", &*one, doctor, ""),
        ("the clinic's list, first page", &*list, admin, ""),
        ("reports, page of 20", reports, doctor, "1.3, and 500 ms"),
        (
            "reports, filtered",
            "/reports/list?limit=20&status=completed",
            doctor,
            "200 ms",
        ),
        ("statistics of reports", "/reports/stats", doctor, "1000 ms"),
    ];
    let mut costs = Vec::new();
    for (what, path, token, at_most) in requests {
        costs.push(cost(service, what, &get(path, Some(token)), at_most).await);
    }
    if size >= PAGES * PER_PAGE {
        let mut path = list.clone();
        for _ in 1..PAGES {
            path = next_page(service, &path, admin).await;
        }
        let what = "the clinic's list, page 2,000 by cursor";
        let at_most = "1.5 × its first page";
        costs.push(cost(service, what, &get(&path, Some(admin)), at_most).await);
    }
    costs
}

async fn next_page(service: &Service, path: &str, token: &str) -> String {
    let page = service.ask(&get(path, Some(token))).await;
    let first = path.split("&cursor=").next().unwrap();
    match page["pagination"]["next_cursor"].as_str() {
        Some(cursor) => format!("{first}&cursor={cursor}"),
        None => path.to_owned(),
    }
}

async fn cost(
    service: &Service,
    what: &'static str,
    request: &Bytes,
    at_most: &'static str,
) -> Cost {
    let mut times = Vec::new();
    for _ in 0..READS {
        times.push(timed(service, request).await);
    }
    times.sort_unstable();
    Cost {
        what,
        p99: millis(times[READS * 99 / 100]),
        median: millis(median(times)),
        at_most,
    }
}

fn growth(costs: &[Vec<Cost>]) -> Vec<Vec<String>> {
    let (last, before) = (costs.last().unwrap(), &costs[costs.len() - 2]);
    let row = |cost: &Cost| {
        let of = |size: &Vec<Cost>| {
            let known = size.iter().find(|it| it.what == cost.what);
            known.map_or_else(String::new, |it| {
                format!("{:.1}, {:.1} ms", it.median, it.p99)
            })
        };
        let ratio = before.iter().find(|it| it.what == cost.what);
        let ratio = ratio.map_or_else(String::new, |it| format!("{:.2}", cost.median / it.median));
        let mut cells = vec![cost.what.to_owned()];
        cells.extend(costs.iter().map(of));
        cells.extend([ratio, cost.at_most.to_owned()]);
        cells
    };
    last.iter().map(row).collect()
}

/// How much more memory the service uses with many warm data keys.
async fn warm(service: &Service, staff: &Staff, size: usize) -> Vec<Vec<String>> {
    let token = &*staff.admin_token;
    let read = async |numbers: std::ops::Range<usize>| {
        for chunk in numbers.collect::<Vec<_>>().chunks(CONNECTIONS) {
            let one = |number: &usize| {
                let request = get(&format!("/patients/{}", patient_id(*number)), Some(token));
                async move { service.send(&request).await.status }
            };
            assert!(
                join_all(chunk.iter().map(one))
                    .await
                    .iter()
                    .all(|it| *it == 200)
            );
        }
    };
    let keys = WARM.min(size / 2);
    // The first reads fill buffers that have nothing to do with keys.
    read(0..keys / 10).await;
    let before = service.memory();
    read(keys / 10..keys + keys / 10).await;
    let more = service.memory() - before;
    vec![vec![
        format!("memory of {keys} warm data keys, MiB"),
        format!("{more:.1}"),
        "10".to_owned(),
    ]]
}

async fn ratios(home: &Installation, service: &Service, staff: &Staff, size: usize) -> Vec<Row> {
    let token = &*staff.doctor_token;
    let many = PER_DOCTOR.min(size);
    let all_200 = async |requests: &[Bytes]| {
        let next = |turn: usize| requests[turn % requests.len()].clone();
        let address = service.address;
        load(address, CONNECTIONS, SPAN / 4, next).await;
        load(address, CONNECTIONS, SPAN, next)
            .await
            .expect_all_200("load")
            .rate()
    };
    let ids: Vec<String> = (0..many).map(patient_id).collect();
    let one = |id: &String| get(&format!("/patients/{id}"), Some(token));
    let ones: Vec<Bytes> = ids.iter().map(one).collect();
    let list = [get(
        &format!("/patients/list?limit={PER_PAGE}"),
        Some(token),
    )];
    let slots = slots(service, staff).await;
    let measured = [
        all_200(&list).await,
        all_200(&ones).await,
        bookings(service, staff, many).await,
        all_200(&slots).await,
    ];
    let race = race(service, staff).await;
    if matches!(home.place(), Place::Embedded) {
        // The service has the store, so the bare driver cannot measure its limits beside it.
        return vec![
            Row::alone("a doctor's list", measured[0]),
            Row::alone("one patient", measured[1]),
            Row::alone("bookings", measured[2]),
            Row::alone("slots of a month with 400 appointments", measured[3]),
            Row::new(
                "200 bookings of different slots ÷ 200 of one, in time",
                race,
                Some(0.67),
            ),
        ];
    }
    let limits = Limits::of(home, staff).await;
    let of = |what, measured, limit, must| Row::new(what, Figure { measured, limit }, Some(must));
    vec![
        of(
            "a doctor's list ÷ the same commands by the driver",
            measured[0],
            limits.list,
            0.60,
        ),
        of(
            "one patient ÷ driver `find_one`",
            measured[1],
            limits.find_one,
            0.30,
        ),
        of(
            "bookings ÷ driver inserts with 12 cells",
            measured[2],
            limits.insert,
            0.30,
        ),
        of(
            "slots of a month with 400 appointments × 15 ÷ driver `find_one`",
            measured[3] * 15.0,
            limits.find_one,
            1.0,
        ),
        Row::new(
            "200 bookings of different slots ÷ 200 of one, in time",
            race,
            Some(0.67),
        ),
    ]
}

fn today() -> NaiveDate {
    Clock::default().now().date_naive()
}

/// A booking of the measured doctor, `slots` half hours after midnight of the next day.
fn booking(staff: &Staff, patient: usize, slots: usize) -> Bytes {
    let midnight = today().and_hms_opt(0, 0, 0).unwrap().and_utc();
    let start =
        midnight + TimeDelta::days(1) + TimeDelta::minutes(30 * i64::try_from(slots).unwrap());
    let body = json!({
        "title": "Control", "patient_id": patient_id(patient), "start_time": start.to_rfc3339(),
        "duration_minutes": 30,
    });
    post("/appointments", Some(&staff.doctor_token), &body)
}

/// Half hours that no other part of the measurement books.
const FIRST_RACE: usize = 48 * 40;
const FIRST_BOOKING: usize = 48 * 60;

/// Bookings per second, of one time and one patient each.
async fn bookings(service: &Service, staff: &Staff, many: usize) -> f64 {
    let turn = Cell::new(0);
    let next = |_| {
        let slot = turn.get();
        turn.set(slot + 1);
        booking(staff, slot % many, FIRST_BOOKING + slot)
    };
    let done = load(service.address, CONNECTIONS, SPAN, next).await;
    assert_eq!(done.failures, 0);
    done.count_of(201) / SPAN.as_secs_f64()
}

/// The time of 200 bookings of different slots, and of 200 of one slot, of which one wins.
async fn race(service: &Service, staff: &Staff) -> Figure {
    let run = async |requests: Vec<Bytes>, winners: usize| {
        let began = Instant::now();
        let send = |request: Bytes| async move { service.send(&request).await.status };
        let answers = join_all(requests.into_iter().map(send)).await;
        let won = answers.iter().filter(|status| **status == 201).count();
        assert_eq!(won, winners);
        began.elapsed().as_secs_f64()
    };
    let many = (0..AT_ONCE).map(|turn| booking(staff, turn, FIRST_RACE + turn));
    let different = run(many.collect(), AT_ONCE).await;
    let same = (0..AT_ONCE).map(|turn| booking(staff, turn, FIRST_RACE + AT_ONCE));
    let of_one = run(same.collect(), 1).await;
    Figure {
        measured: different,
        limit: of_one,
    }
}

/// Books the appointments of a month, and returns the request for its free slots.
async fn slots(service: &Service, staff: &Staff) -> [Bytes; 1] {
    for slot in 0..IN_A_MONTH {
        let answer = service.send(&booking(staff, slot, slot * 3)).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
    }
    let from = today() + TimeDelta::days(1);
    let (to, doctor) = (from + TimeDelta::days(30), &staff.doctor);
    let path = format!("/appointments/slots?doctor_id={doctor}&from={from}&to={to}");
    [get(&path, Some(&staff.doctor_token))]
}

/// What the bare driver does per second.
struct Limits {
    list: f64,
    find_one: f64,
    insert: f64,
}

impl Limits {
    async fn of(home: &Installation, staff: &Staff) -> Self {
        let records = Records::open(home, &staff.doctor).await;
        let store = &records.app().store;
        let names = store.names();
        let (patients, relations) = (
            &store.raw(&names.patient_records),
            &store.raw(&names.care_relations),
        );
        let (notes, cells) = (&store.raw("bench_notes"), &store.raw("bench_cells"));
        let index = mongodb::IndexModel::builder().keys(doc! { "holds": 1 });
        let unique = mongodb::options::IndexOptions::builder()
            .unique(true)
            .build();
        cells
            .create_index(index.options(unique).build())
            .await
            .unwrap();
        let by_doctor = format!("CLN00000001/{}/", staff.doctor);
        let range = doc! { "by_doctor": { "$gte": &by_doctor, "$lt": format!("{by_doctor}~") } };
        let range = &range;
        let list = rate(CONNECTIONS, SPAN, |_| async move {
            let page = relations.find(range.clone()).sort(doc! { "by_doctor": -1 });
            let page = page.limit(i64::try_from(PER_PAGE).unwrap());
            let rows: Vec<Document> = futures_util::TryStreamExt::try_collect(page.await.unwrap())
                .await
                .unwrap();
            let one = |row: &Document| {
                let id = row.get_str("patient_id").unwrap().to_owned();
                async move { patients.find_one(doc! { "_id": id }).await }
            };
            try_join_all(rows.iter().map(one)).await.unwrap();
            relations
                .count_documents(range.clone())
                .limit(10_001)
                .await
                .unwrap();
            notes
                .insert_one(doc! { "text": "x".repeat(300) })
                .await
                .unwrap();
        })
        .await;
        let id = &patient_id(7);
        let find_one = rate(CONNECTIONS, SPAN, |_| async move {
            let found = patients.find_one(doc! { "_id": id }).await.unwrap();
            assert!(found.is_some());
        })
        .await;
        let turn = &Cell::new(0);
        let insert = rate(CONNECTIONS, SPAN, |_| async move {
            let number = turn.replace(turn.get() + 1);
            let holds: Vec<String> = (0..12).map(|cell| format!("{number}/{cell}")).collect();
            let row = doc! { "holds": holds, "text": "x".repeat(600) };
            cells.insert_one(row).await.unwrap();
        })
        .await;
        cells.drop().await.unwrap();
        notes.drop().await.unwrap();
        records.close().await;
        Self {
            list,
            find_one,
            insert,
        }
    }
}

/// The time of a page of records that are read and opened, and of one that is only read.
async fn sealing(home: &Installation, staff: &Staff) -> Vec<Vec<String>> {
    let records = Records::open(home, &staff.doctor).await;
    let app = &**records.app();
    let ids: Vec<UserId> = (0..PER_PAGE)
        .map(|number| UserId::from_stored(patient_id(number).as_str()))
        .collect();
    let ids = &ids;
    let rows = &app
        .store
        .rows::<PatientRecord>(&app.store.names().patient_records);
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..READS {
        let began = Instant::now();
        let one = |id: &UserId| rows.find_one(doc! { "_id": id.as_str() }).into_future();
        try_join_all(ids.iter().map(one)).await.unwrap();
        times[0].push(began.elapsed());
        let began = Instant::now();
        assert_eq!(load_page(app, ids).await.unwrap().len(), PER_PAGE);
        times[1].push(began.elapsed());
    }
    records.close().await;
    let [read, opened] = times.map(|times: Vec<Duration>| millis(median(times)));
    vec![vec![
        format!("a page of {PER_PAGE} opened ÷ only read ({opened:.2} and {read:.2} ms)"),
        format!("{:.2}", opened / read),
        "1.25".to_owned(),
    ]]
}

//! Requests per second, beside what the bare driver does.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use bson::{Document, doc};
use chrono::TimeDelta;
use futures_util::future::{join_all, try_join_all};

use super::{
    PER_PAGE,
    staff::{Staff, booking, today},
};
use crate::{
    CONNECTIONS,
    client::{Bytes, get, load, rate},
    page::{Figure, Row},
    records::{PER_DOCTOR, Records, patient_id},
    service::{Installation, Place, Service},
};

/// Bookings of one moment.
const AT_ONCE: usize = 200;
/// Appointments of the month whose slots are asked for.
const IN_A_MONTH: usize = 400;

pub(super) async fn ratios(
    home: &Installation,
    service: &Service,
    staff: &Staff,
    (size, span): (usize, Duration),
) -> Vec<Row> {
    let token = &*staff.doctor_token;
    let many = PER_DOCTOR.min(size);
    let all_200 = async |requests: &[Bytes]| {
        let next = |turn: usize| requests[turn % requests.len()].clone();
        let address = service.address;
        load(address, CONNECTIONS, span / 4, next).await;
        load(address, CONNECTIONS, span, next)
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
        bookings(service, staff, (many, span)).await,
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
    let limits = Limits::of(home, staff, span).await;
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

/// Half hours that no other part of the measurement books.
const FIRST_RACE: usize = 48 * 40;
const FIRST_BOOKING: usize = 48 * 60;

/// Bookings per second, of one time and one patient each.
async fn bookings(service: &Service, staff: &Staff, (many, span): (usize, Duration)) -> f64 {
    let turn = Cell::new(0);
    let next = |_| {
        let slot = turn.get();
        turn.set(slot + 1);
        booking(staff, slot % many, FIRST_BOOKING + slot)
    };
    let done = load(service.address, CONNECTIONS, span, next).await;
    assert_eq!(done.failures, 0);
    done.count_of(201) / span.as_secs_f64()
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
    async fn of(home: &Installation, staff: &Staff, span: Duration) -> Self {
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
        let list = rate(CONNECTIONS, span, |_| async move {
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
        let find_one = rate(CONNECTIONS, span, |_| async move {
            let found = patients.find_one(doc! { "_id": id }).await.unwrap();
            assert!(found.is_some());
        })
        .await;
        let turn = &Cell::new(0);
        let insert = rate(CONNECTIONS, span, |_| async move {
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

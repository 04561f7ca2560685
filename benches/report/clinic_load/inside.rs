//! What the service's memory and its sealing cost.

use std::time::{Duration, Instant};

use bson::doc;
use clinic::{patients::record::PatientRecord, records::load_page};
use futures_util::future::{join_all, try_join_all};
use kernel::ids::UserId;

use super::{PER_PAGE, staff::Staff};
use crate::{
    CONNECTIONS,
    client::get,
    growth::median,
    ratios::millis,
    records::{Records, patient_id},
    service::{Installation, Service},
};

/// Data keys that are warm when the memory is read.
const WARM: usize = 10_000;

/// How much more memory the service uses with many warm data keys.
pub(super) async fn warm(service: &Service, staff: &Staff, size: usize) -> Vec<Vec<String>> {
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

/// The time of a page of records that are read and opened, and of one that is only read.
pub(super) async fn sealing(home: &Installation, staff: &Staff, reads: usize) -> Vec<Vec<String>> {
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
    for _ in 0..reads {
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

//! Measures how fast the service is and how it behaves under load. The release binary runs in its own process and gets
//! its requests from this one, on MongoDB (`BENCH_MONGO_URI`) and on the embedded store. `scripts/bench` runs this
//! program, which writes docs/performance.md.
//!
//! Arguments: the parts to measure (all without arguments); `page` writes the page; `clinic-check` measures few patients on
//! the first store, and fails if a ratio is missed by a factor.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a measurement that cannot go on ends, and prints what it found"
)]

mod beside;
mod client;
mod clinic_load;
mod crowd;
mod growth;
mod limits;
mod page;
mod ratios;
mod records;
mod service;
mod storm;
mod timing;

use std::time::Duration;

use self::{page::Table, service::Place};

/// How many requests are sent at the same time.
const CONNECTIONS: usize = 32;
/// People who are logged in.
const PEOPLE: usize = 200;
/// How long each figure is measured.
const SPAN: Duration = Duration::from_secs(6);
/// How many accounts the store has when the start is measured.
const ACCOUNTS_AT_START: usize = 10_000;

const PARTS: [&str; 7] = [
    "ratios", "beside", "storm", "start", "growth", "timing", "clinic",
];

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    if arguments.iter().any(|word| word == limits::BARE) {
        return limits::bare();
    }
    // One thread is enough to send the requests, and leaves the rest of the machine to the service.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let stores: Vec<Place> = std::env::var("BENCH_MONGO_URI")
        .ok()
        .map(Place::Mongo)
        .into_iter()
        .chain([Place::Embedded])
        .collect();
    if arguments.iter().any(|word| word == "clinic-check") {
        let (tables, missed) = runtime.block_on(clinic_load::check(&stores[0]));
        for table in &tables {
            println!("{}", table.text());
        }
        assert!(missed.is_empty(), "missed by far:\n{}", missed.join("\n"));
        return;
    }
    for part in PARTS {
        let named = arguments.iter().any(|word| word == part);
        if named || arguments.is_empty() {
            let tables = runtime.block_on(measure(part, &stores));
            for table in &tables {
                println!("{}", table.text());
            }
            page::keep(part, &tables);
        }
    }
    if arguments.is_empty() || arguments.iter().any(|word| word == "page") {
        page::write(&PARTS);
    }
}

async fn measure(part: &str, stores: &[Place]) -> Vec<Table> {
    let mut tables = Vec::new();
    for store in stores {
        // Most parts measure only MongoDB if there is one, because the embedded store is for one small clinic.
        let first = std::ptr::eq(store, &raw const stores[0]);
        match part {
            "ratios" => tables.extend(ratios::measure(store).await),
            "beside" => tables.extend(beside::measure(store).await),
            "storm" if first => tables.extend(storm::measure(store).await),
            "growth" if first => tables.extend(growth::measure(store).await),
            "timing" if first => tables.extend(timing::measure(store).await),
            "clinic" => tables.extend(clinic_load::measure(store).await),
            "start" if first => tables.push(ratios::start(ACCOUNTS_AT_START).await),
            _ => {}
        }
    }
    tables
}

//! How fast the service is and how it holds out: the release binary as a process of its own, loaded from this one, on
//! MongoDB (`BENCH_MONGO_URI`) and on the embedded store. `scripts/bench` runs it; docs/performance.md is what it writes.
//!
//! Arguments: the parts to measure, all if none; `page` writes the page.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a measurement that cannot go on ends, and prints what it found"
)]

mod client;
mod crowd;
mod growth;
mod limits;
mod page;
mod ratios;
mod service;
mod storm;
mod timing;

use std::time::Duration;

use self::{page::Table, service::Place};

/// Requests at a time.
const CONNECTIONS: usize = 32;
/// People who are logged in.
const PEOPLE: usize = 200;
/// How long each figure is measured.
const SPAN: Duration = Duration::from_secs(6);
/// Accounts in the store that is started.
const ACCOUNTS_AT_START: usize = 10_000;

const PARTS: [&str; 5] = ["ratios", "storm", "start", "growth", "timing"];

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    if arguments.iter().any(|word| word == limits::BARE) {
        return limits::bare();
    }
    // One thread is enough for the load, and leaves the rest of the machine to the service.
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
        // Where there is a MongoDB, it is the one that is measured; the embedded store is for one small clinic.
        let first = std::ptr::eq(store, &raw const stores[0]);
        match part {
            "ratios" => tables.extend(ratios::measure(store).await),
            "storm" if first => tables.extend(storm::measure(store).await),
            "growth" if first => tables.extend(growth::measure(store).await),
            "timing" if first => tables.extend(timing::measure(store).await),
            "start" if first => tables.push(ratios::start(ACCOUNTS_AT_START).await),
            _ => {}
        }
    }
    tables
}

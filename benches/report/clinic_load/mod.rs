//! Measures the clinic's lists, searches, records and bookings with few and with very many patients.

mod costs;
mod inside;
mod rates;
mod staff;

use std::time::Duration;

use serde_json::json;

use self::staff::Staff;
use super::{
    SPAN,
    page::Table,
    records::{PER_DOCTOR, Records},
    service::{Installation, Place},
};

/// Patients when growth is measured: on the embedded store the first two. `BENCH_PATIENTS` replaces the last one.
const SIZES: [usize; 3] = [1_000, 100_000, 1_000_000];
const PER_PAGE: usize = 20;
/// How many times its limit the growth of a request may be on a machine that does other things as well.
const BUSY: f64 = 2.0;

/// How much is measured.
pub(crate) struct Extent {
    /// Patients when growth is measured.
    sizes: Vec<usize>,
    /// A request is sent this often, one at a time.
    reads: usize,
    /// How long requests are counted.
    span: Duration,
}

impl Extent {
    fn whole(place: &Place) -> Self {
        let last = std::env::var("BENCH_PATIENTS").ok();
        let sizes = match (last.map(|it| it.parse().unwrap()), place) {
            (Some(last), _) => vec![SIZES[0], last],
            (None, Place::Mongo(_)) => SIZES.to_vec(),
            (None, Place::Embedded) => SIZES[..2].to_vec(),
        };
        Self {
            sizes,
            reads: 200,
            span: SPAN,
        }
    }

    /// As much as fits into two minutes without an optimized build.
    fn small() -> Self {
        Self {
            sizes: vec![PER_DOCTOR, 10_000],
            reads: 40,
            span: Duration::from_secs(2),
        }
    }
}

/// Everything, for the page.
pub(crate) async fn measure(place: &Place) -> Vec<Table> {
    let extent = Extent::whole(place);
    measured(place, &extent, true).await.0
}

/// The ratios with 10,000 patients, for an unoptimized build. Returns the tables, and the requests whose growth is more than
/// [`BUSY`] times their limit.
pub(crate) async fn check(place: &Place) -> (Vec<Table>, Vec<String>) {
    measured(place, &Extent::small(), false).await
}

async fn measured(place: &Place, extent: &Extent, is_whole: bool) -> (Vec<Table>, Vec<String>) {
    let home = Installation::new(place.clone(), &json!({ "clinic": { "time_zone": "UTC" } }));
    let mut service = home.start().await;
    let mut staff = Staff::enter(&home, &service).await;
    let mut costs = Vec::new();
    let mut begin = 0;
    for &size in &extent.sizes {
        drop(service);
        let records = Records::open(&home, &staff.doctor).await;
        records.fill(begin..size).await;
        records.close().await;
        begin = size;
        service = home.start().await;
        staff.log_in(&service).await;
        costs.push(costs::of(&service, &staff, (size, extent.reads)).await);
    }
    // Memory and sealing say nothing of an unoptimized build.
    let mut others = Vec::new();
    if is_whole {
        others.extend(inside::warm(&service, &staff, begin).await);
    }
    let rows = rates::ratios(&home, &service, &staff, (begin, extent.span)).await;
    drop(service);
    if is_whole {
        others.extend(inside::sealing(&home, &staff, extent.reads).await);
    }
    home.drop_data().await;
    let missed = costs::missed(&costs, BUSY);
    let title = |what: &str| format!("The clinic, {what}: {}", place.name());
    let mut tables = vec![
        costs::table(
            &title("median and p99, one at a time"),
            &extent.sizes,
            &costs,
        ),
        Table::ratios(&title("requests a second with the most patients"), &rows),
    ];
    if is_whole {
        let head = ["measure", "measured", "at most"];
        tables.push(Table::new(&title("other figures"), &head, others));
    }
    (tables, missed)
}

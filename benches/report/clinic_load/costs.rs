//! What single requests cost with few and with many patients.

use super::{PER_PAGE, staff::Staff};
use crate::{
    client::{Bytes, get},
    growth::{median, timed},
    page::Table,
    ratios::millis,
    records::patient_id,
    service::Service,
};

/// Pages of the clinic's list; the last one is read by its cursor.
const PAGES: usize = 2000;

const FIRST_PAGE: &str = "the clinic's list, first page";
const LAST_PAGE: &str = "the clinic's list, page 2,000 by cursor";

/// How much slower a request may be with ten times the patients, and how many milliseconds its 99th percentile may take.
type AtMost = (Option<f64>, Option<f64>);

/// A request, and its median and its 99th percentile in milliseconds.
pub(super) struct Cost {
    what: &'static str,
    median: f64,
    p99: f64,
    at_most: AtMost,
}

pub(super) async fn of(
    service: &Service,
    staff: &Staff,
    (size, reads): (usize, usize),
) -> Vec<Cost> {
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
            (Some(1.3), Some(500.0)),
        ),
        (
            "the second page",
            &*second,
            doctor,
            (Some(1.3), Some(100.0)),
        ),
        (
            "search, 2 letters",
            "/patients/search?q=mu",
            doctor,
            (Some(1.3), Some(25.0)),
        ),
        ("the list, searched", &*found, doctor, (None, Some(200.0))),
        ("one patient", &*one, doctor, (None, None)),
        (FIRST_PAGE, &*list, admin, (None, None)),
        (
            "reports, page of 20",
            reports,
            doctor,
            (Some(1.3), Some(500.0)),
        ),
        (
            "reports, filtered",
            "/reports/list?limit=20&status=completed",
            doctor,
            (None, Some(200.0)),
        ),
        (
            "statistics of reports",
            "/reports/stats",
            doctor,
            (None, Some(1000.0)),
        ),
    ];
    let mut costs = Vec::new();
    for (what, path, token, at_most) in requests {
        costs.push(cost(service, what, &get(path, Some(token)), (reads, at_most)).await);
    }
    if size >= PAGES * PER_PAGE {
        let mut path = list.clone();
        for _ in 1..PAGES {
            path = next_page(service, &path, admin).await;
        }
        let path = get(&path, Some(admin));
        costs.push(cost(service, LAST_PAGE, &path, (reads, (None, None))).await);
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
    (reads, at_most): (usize, AtMost),
) -> Cost {
    let mut times = Vec::new();
    for _ in 0..reads {
        times.push(timed(service, request).await);
    }
    times.sort_unstable();
    Cost {
        what,
        p99: millis(times[reads * 99 / 100]),
        median: millis(median(times)),
        at_most,
    }
}

/// The last size beside the one before it.
fn pairs(costs: &[Vec<Cost>]) -> impl Iterator<Item = (&Cost, Option<&Cost>)> {
    let (last, before) = (&costs[costs.len() - 1], &costs[costs.len() - 2]);
    let known = |cost: &Cost| before.iter().find(|it| it.what == cost.what);
    last.iter().map(move |cost| (cost, known(cost)))
}

/// How much slower a request became; page 2,000 is compared with the first page.
fn slower(costs: &[Vec<Cost>], cost: &Cost, before: Option<&Cost>) -> Option<(f64, f64)> {
    let last = &costs[costs.len() - 1];
    if cost.what == LAST_PAGE {
        let first = last.iter().find(|it| it.what == FIRST_PAGE);
        return first.map(|first| (cost.median / first.median, 1.5));
    }
    Some((cost.median / before?.median, cost.at_most.0?))
}

/// The table of the growth.
pub(super) fn table(title: &str, sizes: &[usize], costs: &[Vec<Cost>]) -> Table {
    let mut head = vec!["request".to_owned()];
    head.extend(sizes.iter().map(|size| format!("{size} patients")));
    head.extend(["last ÷ the one before", "at most"].map(str::to_owned));
    let row = |(cost, before): (&Cost, Option<&Cost>)| {
        let of = |size: &Vec<Cost>| {
            let known = size.iter().find(|it| it.what == cost.what);
            known.map_or_else(String::new, |it| {
                format!("{:.1}, {:.1} ms", it.median, it.p99)
            })
        };
        let ratio = before.map_or_else(String::new, |it| format!("{:.2}", cost.median / it.median));
        let mut cells = vec![cost.what.to_owned()];
        cells.extend(costs.iter().map(of));
        cells.extend([ratio, at_most(cost)]);
        cells
    };
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    Table::new(title, &head, pairs(costs).map(row).collect())
}

fn at_most(cost: &Cost) -> String {
    match cost.at_most {
        _ if cost.what == LAST_PAGE => "1.5 × its first page".to_owned(),
        (Some(ratio), Some(millis)) => format!("{ratio}, and {millis} ms"),
        (Some(ratio), None) => ratio.to_string(),
        (None, Some(millis)) => format!("{millis} ms"),
        (None, None) => String::new(),
    }
}

/// The requests whose growth is more than `factor` times its limit.
pub(super) fn missed(costs: &[Vec<Cost>], factor: f64) -> Vec<String> {
    let of = |(cost, before): (&Cost, Option<&Cost>)| {
        let (ratio, most) = slower(costs, cost, before)?;
        let text = || format!("{}: {ratio:.2} times, at most {most}", cost.what);
        (ratio > most * factor).then(text)
    };
    pairs(costs).filter_map(of).collect()
}

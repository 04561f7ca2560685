//! The tables, which are stored between the parts, and the page that is made of them.

use std::{fmt::Write as _, fs, path::PathBuf, process::Command};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use kernel::clock::Clock;

use super::limits;

/// A measured value and its limit.
#[derive(Clone, Copy)]
pub(crate) struct Figure {
    pub(crate) measured: f64,
    pub(crate) limit: f64,
}

impl Figure {
    pub(crate) fn ratio(self) -> f64 {
        self.measured / self.limit
    }
}

/// A named figure with the ratio that it must reach.
pub(crate) struct Row {
    what: &'static str,
    figure: Figure,
    must: Option<f64>,
}

impl Row {
    pub(crate) const fn new(what: &'static str, figure: Figure, must: Option<f64>) -> Self {
        Self { what, figure, must }
    }

    /// A figure without a limit.
    pub(crate) const fn alone(what: &'static str, measured: f64) -> Self {
        let limit = f64::NAN;
        Self::new(what, Figure { measured, limit }, None)
    }

    fn cells(&self) -> Vec<String> {
        vec![
            self.what.to_owned(),
            number(self.figure.measured, 0),
            number(self.figure.limit, 0),
            number(self.figure.ratio(), 2),
            self.must
                .map_or_else(String::new, |must| format!("≥ {must:.2}")),
        ]
    }
}

/// A number; nothing if there is none.
fn number(value: f64, digits: usize) -> String {
    if value.is_nan() {
        String::new()
    } else {
        format!("{value:.digits$}")
    }
}

/// A table of the page.
#[derive(Serialize, Deserialize)]
pub(crate) struct Table {
    title: String,
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(title: &str, head: &[&str], rows: Vec<Vec<String>>) -> Self {
        Self {
            title: title.to_owned(),
            head: head.iter().map(ToString::to_string).collect(),
            rows,
        }
    }

    pub(crate) fn ratios(title: &str, rows: &[Row]) -> Self {
        let head = ["measure", "measured", "limit", "ratio", "must reach"];
        Self::new(title, &head, rows.iter().map(Row::cells).collect())
    }

    pub(crate) fn text(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let rule = vec!["---".to_owned(); self.head.len()];
        let rows: String = self.rows.iter().map(|row| line(row)).collect();
        format!(
            "### {}\n\n{}{}{rows}",
            self.title,
            line(&self.head),
            line(&rule)
        )
    }
}

/// The tables of a part and the day of its last run.
#[derive(Serialize, Deserialize)]
struct Stored {
    day: NaiveDate,
    tables: Vec<Table>,
}

fn stored_file(part: &str) -> PathBuf {
    let folder = root().join("target/report");
    fs::create_dir_all(&folder).unwrap();
    folder.join(format!("{part}.json"))
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Stores the tables of a part for the page.
pub(crate) fn keep(part: &str, tables: Vec<Table>) {
    let day = Clock::default().now().date_naive();
    let stored = serde_json::to_string(&Stored { day, tables });
    fs::write(stored_file(part), stored.unwrap()).unwrap();
}

const BEGIN: &str = "## The machine\n";
const END: &str = "## How it is done\n";

/// Writes the stored tables into docs/performance.md, in place of what stands between these two headings.
pub(crate) fn write(parts: &[&str]) {
    let page = root().join("docs/performance.md");
    let old = fs::read_to_string(&page).unwrap();
    let (head, rest) = old.split_once(BEGIN).unwrap();
    let (_, tail) = rest.split_once(END).unwrap();
    let mut text = format!("{head}{BEGIN}\n{}\n## Measured\n", machine());
    for part in parts {
        let Ok(stored) = fs::read_to_string(stored_file(part)) else {
            writeln!(text, "\n`{part}` was not measured.").unwrap();
            continue;
        };
        let stored: Stored = serde_json::from_str(&stored).unwrap();
        writeln!(text, "\n`{part}`, on {}:", stored.day).unwrap();
        for table in stored.tables {
            text.push('\n');
            text.push_str(&table.text());
        }
    }
    fs::write(page, format!("{text}\n{END}{tail}")).unwrap();
}

fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib = memory
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB"));
    let gib = kib
        .and_then(|kib| kib.parse::<f64>().ok())
        .unwrap_or_default()
        / 1_048_576.0;
    let compiler = Command::new("rustc").arg("--version").output();
    let compiler = compiler.map_or_else(
        |_| String::new(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    );
    format!(
        "{} cores ({}), {gib:.0} GiB, Linux, {compiler}. Service, load and database share the machine.\n",
        limits::cores(),
        model.map_or("unknown", |(_, name)| name),
    )
}

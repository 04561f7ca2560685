//! The tables, which are stored between the parts, and the page that is made of them.

use std::{fmt::Write as _, fs, path::PathBuf, process::Command};

use serde::{Deserialize, Serialize};

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

fn stored_file(part: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/report");
    fs::create_dir_all(&folder).unwrap();
    folder.join(format!("{part}.json"))
}

/// Stores the tables of a part for the page.
pub(crate) fn keep(part: &str, tables: &[Table]) {
    fs::write(stored_file(part), serde_json::to_string(tables).unwrap()).unwrap();
}

/// Writes docs/performance.md from the stored tables.
pub(crate) fn write(parts: &[&str]) {
    let mut text = format!("{HEAD}{}\n## Measured\n", machine());
    for part in parts {
        let Ok(tables) = fs::read_to_string(stored_file(part)) else {
            writeln!(text, "\n`{part}` was not measured.").unwrap();
            continue;
        };
        for table in serde_json::from_str::<Vec<Table>>(&tables).unwrap() {
            text.push('\n');
            text.push_str(&table.text());
        }
    }
    text.push_str(TAIL);
    let page = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/performance.md");
    fs::write(page, text).unwrap();
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

const HEAD: &str = "# Performance

Written by `scripts/bench`: every table is from its last run. The ratios carry over to other machines, the figures do
not; each ratio is one to a limit that was measured in the same run, by the same load, in seven turns of two seconds each,
of which the one with the middle ratio is shown:

- `GET /health` of the service itself, everything that any request goes through, and beside it a route of the framework
  with nothing of ours around it;
- argon2id hashes a second at the default cost, one thread per core, nothing else running;
- `find_one` by `_id` of the bare driver.

The load is a process of its own: 32 connections that send their next request when the last one is answered, 200 people,
every answer checked. Limits per caller are out of the way, since all of it comes from one address; everything else is as
delivered. What is fast and why: [architecture.md](architecture.md) says where a request goes; the [end of this
page](#how-it-is-done) says what was measured and kept.

## To repeat it

```sh
scripts/bench            # every part, about a quarter of an hour
scripts/bench ratios     # one part: ratios, beside, storm, start, growth, timing, clinic
scripts/bench ci         # the clinic's ratios with 10,000 patients, as .ci/run does it
cargo bench --bench micro
```

## The machine

";

const TAIL: &str = "
## How it is done

- A good token is known by its SHA-256 (`crypto/keys.rs`): a signature costs more than the rest of the request. Its
  expiry and its key are looked at each time; a key that is removed ends its tokens at once.
- A live session and its user are kept in memory (`app/session_cache.rs`): validate-token and `GET /users/me` make no
  round trip. Whatever changes one of them makes every instance read it anew (D10), but for a login, which is
  noted there: while logins made memory forget, a storm of them took the 99th percentile of token checks to 80 ms.
- A login makes 5 round trips, whatever was typed; register 10 (and 5 more with debug on, as here: the mail worker's step runs
  within the request then), verify-otp 20, a refresh 4, a logout 2: `tests/it/metrics/round_trips.rs` counts them and names each.
  Limits per address are counted in the process
  ([ADR 0020](adr/0020-limits-per-address-are-counted-in-the-process.md)), and an account's document holds its lockout counter
  ([ADR 0019](adr/0019-the-login-is-one-page.md)), so that the try and the look at the account are one round trip.
- Hashes run on threads of their own (`crypto/hash_pool.rs`) with a lower priority than those that answer requests, and
  keep the memory of the last hash for the next one. Of more logins than can be hashed within `password.hash_queue_ms`,
  those beyond are refused before they cost anything, so that a storm is cheap; and after a quarter of a second, since
  callers that ask again at once took the processor from the hashes before: 512 of them left 14 logins a second of 70.
- The release build is small before fast (`Cargo.toml`): only what a request spends its time in is built for speed.
- What looks through all accounts after a start rests nine tenths of the time (`service/startup.rs`): before it did, the
  table of growth showed a search over a million accounts and nothing else.

## The house, before and after

What the rebuilding of the code costs and gives, step by step. The first column is the version of 2026-11-29.

| | before | words, login, limits, trail, feed | one person, one reading, first walls | must be |
| --- | --- | --- | --- | --- |
| round trips of a login alone, known name | 7 | 5 | 5 | ≤ 5 |
| round trips of register, refresh, logout | 11, 5, 4 | 10, 4, 2 | 10, 4, 2 | |
| production lines of code (no comments, blanks, tests) | 28,614 | 28,814 | 27,417 | ≤ 25,180 |
| files of source for a new letter; with a code or a link | 11; 12 | 11; 12 | 3; 5 | ≤ 5 |
| files of source for an optional field of a person (`middle_name`) | 16 | 16 | 7 | ≤ 8 |
| release binary, MiB | 31.2 | 29.1 | not measured | ≤ 30 |
| logins ÷ argon2id, MongoDB | 0.92 | 0.85 | not measured | ≥ 0.85 |

The lines are not few enough yet: group commit, packs, lanes, remembered names and the pool of mail connections went; the
seals, counted refusals and the limits of RL-7 to RL-10 came. 27,417 counts `src/` and `crates/`.

## What a login costs

This was counted before the login became one page, by processor time while 32 connections log in (2026-11-28, two cores for the load, MongoDB and the service; a
machine that was a third slower than the week before; medians of five runs of three seconds, before and after logins wrote
together):

| a login costs, ms | alone, 8 round trips | together, 2 round trips |
| --- | --- | --- |
| hash | 23.1 | 25.0 |
| the service's other threads | 2.1 | 1.0 |
| MongoDB | 7.3 | 2.8 |
| argon2id limit, nothing else running | 28.7 | 29.0 |

A hash is cheaper than in the limit, which asks for fresh memory each time: that makes up for the rest. Of MongoDB's time
for a command six tenths are the command itself (0.4 to 0.6 ms in this engine), whatever is in it; a statement more costs
0.1 to 0.4 ms. What is left are one read of the account and seven commands for eight logins.

Tried and not kept: huge pages for the memory of the hashes (with glibc's `hugetlb` tunable, and asked for by hand: 80
hashes a second with and without); one thread for requests instead of one per core, which gives some more logins and a
fifth fewer token checks.
";

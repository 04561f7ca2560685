//! Fault scenarios that take minutes: killed processes, stopped databases, silent sockets; on loopback and with limits.
//! `scripts/faults` runs them. Each scenario prints one line with its figures.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a scenario that cannot go on fails, and its lines are the report"
)]

mod bookings;
mod clock;
mod database;
mod instances;
#[expect(
    dead_code,
    unused_imports,
    reason = "the harness of the integration tests; the scenarios use a part of it"
)]
#[path = "../it"]
mod it {
    pub(crate) mod harness;
    pub(crate) mod smtp_server;
}
mod kill;
mod load;
mod mailbox;
mod mongo;
mod people;
mod rolling;
mod smtp;
mod soak;
mod sockets;

use std::{
    future::Future,
    pin::Pin,
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::Parser;
use tokio::{task::LocalSet, time::timeout};

/// Faults, one line for each scenario.
#[derive(Debug, Clone, Parser)]
struct Plan {
    /// Scenarios to run; all but the soak if none is given
    scenarios: Vec<String>,
    /// Kills of the process in each kill scenario
    #[arg(long, default_value_t = 100)]
    rounds: usize,
    /// Shorter limits for slow sockets than the defaults
    #[arg(long)]
    short: bool,
    /// Minutes of the soak
    #[arg(long, default_value_t = 10)]
    minutes: u64,
    /// Print the names of the scenarios
    #[arg(long)]
    list: bool,
}

impl Plan {
    /// The time after which a scenario has failed: a kill and the start after it take some two seconds.
    fn longest(&self, scenario: &str) -> Duration {
        let kills = u64::try_from(self.rounds).unwrap() * 8;
        let soak = if scenario == "soak" {
            self.minutes * 60
        } else {
            0
        };
        Duration::from_secs(5 * 60 + kills + soak)
    }
}

/// The figures of a scenario that succeeded. A scenario that fails panics.
type Figures = Pin<Box<dyn Future<Output = String>>>;

struct Scenario {
    name: &'static str,
    what: &'static str,
    run: fn(Plan) -> Figures,
}

macro_rules! scenarios {
    ($($name:literal $what:literal $run:path;)*) => {
        &[$(Scenario { name: $name, what: $what, run: |plan| Box::pin($run(plan)) }),*]
    };
}

const SCENARIOS: &[Scenario] = scenarios! {
    "kill" "kill -9 during verify, reset, refresh and mail, embedded store" kill::on_the_embedded_store;
    "kill-mongodb" "the same on MongoDB" kill::on_mongodb;
    "bookings" "kill -9 during bookings, embedded store" bookings::on_the_embedded_store;
    "bookings-mongodb" "the same on MongoDB" bookings::on_mongodb;
    "database" "MongoDB stopped for 10 s, then killed, under load" database::run;
    "smtp" "mail server refusing, hanging, slow, answering 451" smtp::run;
    "sockets" "500 slow headers, 200 slow bodies, 1,000 idle sockets" sockets::run;
    "clock" "the system clock set back an hour" clock::run;
    "revocation" "what ends on one of three instances ends on all" instances::revocation;
    "limits" "throttles and lockouts of three instances" instances::limits;
    "mails" "each mail of three instances once" instances::mails;
    "refresh" "20 refreshes at once over three instances" instances::refresh_storm;
    "rolling" "a rolling restart under load" rolling::run;
    "soak" "memory and files over minutes of load" soak::run;
};

#[tokio::main]
async fn main() -> ExitCode {
    let plan = Plan::parse();
    if plan.list {
        for scenario in SCENARIOS {
            println!("{:<16} {}", scenario.name, scenario.what);
        }
        return ExitCode::SUCCESS;
    }
    let known = |name: &String| SCENARIOS.iter().any(|scenario| scenario.name == name);
    if let Some(unknown) = plan.scenarios.iter().find(|name| !known(name)) {
        eprintln!("there is no scenario {unknown}; --list names them");
        return ExitCode::from(2);
    }
    let mut failed = 0;
    for scenario in SCENARIOS {
        let Scenario { name, run, .. } = scenario;
        let wanted = match plan.scenarios.as_slice() {
            [] => *name != "soak",
            some => some.iter().any(|some| some == name),
        };
        if !wanted {
            continue;
        }
        let begin = Instant::now();
        // A scenario fails by a panic, and the panic hook has printed it.
        let here = LocalSet::new();
        let task = here.spawn_local(run(plan.clone()));
        let done = timeout(plan.longest(name), here.run_until(task)).await;
        let seconds = begin.elapsed().as_secs();
        let failure = match done {
            Ok(Ok(figures)) => {
                println!("ok      {name:<16} {seconds:>4} s  {figures}");
                continue;
            }
            Ok(Err(_)) => "see above",
            Err(_) => "did not end",
        };
        failed += 1;
        println!("FAILED  {name:<16} {seconds:>4} s  {failure}");
    }
    ExitCode::from(u8::from(failed > 0))
}

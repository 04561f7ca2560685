//! `clinic-auth hash-tune`: measures how long hashing a password takes on this machine, and proposes settings (HASH-1).

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Result, anyhow};
use clinic_auth::config::{
    Peppers,
    sections::{Argon2, Password},
};
use crypto::Hasher;
use kernel::{metrics::Metrics, random::SharedRng};

use super::say;

/// The costs to try: the table of OWASP ASVS 5.0 (appendix C) and stronger ones, each about twice the one before.
const COSTS: [(u32, u32); 7] = [
    (19_456, 2),
    (47_104, 2),
    (65_536, 3),
    (131_072, 3),
    (262_144, 3),
    (262_144, 6),
    (524_288, 6),
];
/// The longest time that a login may wait for its hash.
const MAX_TIME: Duration = Duration::from_millis(500);
/// How many hashes are measured for each cost; the median counts.
const RUNS: usize = 5;

/// Prints the time of each cost up to the first that is too slow, and then the strongest cost before it.
pub(crate) async fn hash_tune() -> Result<ExitCode> {
    let mut best = Argon2::default();
    say("memory_kib  iterations  milliseconds for a hash");
    for (memory_kib, iterations) in COSTS {
        let cost = Argon2 {
            memory_kib,
            iterations,
            parallelism: 1,
        };
        let took = median(&cost).await?;
        let millis = took.as_millis();
        say(&format!("{memory_kib:>10}  {iterations:>10}  {millis:>23}"));
        if took > MAX_TIME {
            break;
        }
        best = cost;
    }
    say(&format!(
        "\nThe strongest that takes no more than {} ms, for config.json:\n\
         \"argon2\": {{ \"memory_kib\": {}, \"iterations\": {}, \"parallelism\": 1 }}\n\
         It was measured with nothing else running: a login takes longer when many come at once. Each hashing thread \
         (password.hash_threads) needs {} MiB. Accounts change over with their next login.",
        MAX_TIME.as_millis(),
        best.memory_kib,
        best.iterations,
        best.memory_kib / 1024
    ));
    Ok(ExitCode::SUCCESS)
}

async fn median(cost: &Argon2) -> Result<Duration> {
    let settings = Password {
        argon2: cost.clone(),
        hash_threads: Some(1),
        ..Password::default()
    };
    let (rng, metrics) = (SharedRng::from_system()?, Metrics::new()?);
    let hasher = Hasher::new(&settings, &Peppers::default(), rng, metrics)?;
    let mut times = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let started = Instant::now();
        let done = hasher.hash(b"correct horse battery staple").await;
        done.map_err(|_| anyhow!("not enough memory for {} KiB", cost.memory_kib))?;
        times.push(started.elapsed());
    }
    times.sort_unstable();
    Ok(times[RUNS / 2])
}

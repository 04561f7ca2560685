//! Minutes of load. Memory and open files must not grow.

use std::{fs, sync::Arc, time::Duration};

use crate::{
    Plan,
    it::harness::{Installation, Process},
    load::{Load, Rules},
    people::{base_of, patient, with_codes},
};

/// The number of samples in a run, at equal distances.
const SAMPLES: u64 = 40;
/// How much more the last quarter may need than the second one, when the caches are already full.
const GROWTH_PERCENT: u64 = 5;
const GROWTH_KIB: u64 = 2048;
const GROWTH_FILES: u64 = 4;

struct Sample {
    resident_kib: u64,
    files: u64,
}

pub(crate) async fn run(plan: Plan) -> String {
    let home = with_codes(Installation::new());
    let process = home.serve_ready().await;
    let names: Vec<String> = (0..4).map(|number| format!("person{number}")).collect();
    for name in &names {
        patient(&process, name).await;
    }
    let base = base_of(&process);
    let rules = Rules {
        within: Duration::from_secs(5),
        may_be_unavailable: false,
    };
    let load = Load::start(names, &(Arc::new(move || base.clone()) as _), rules);
    let mut samples = Vec::new();
    for _ in 0..SAMPLES {
        let pause = Duration::from_secs(plan.minutes * 60) / u32::try_from(SAMPLES).unwrap();
        tokio::time::sleep(pause).await;
        samples.push(sample(&process));
    }
    let noted = load.end().await;
    assert!(noted.failures.is_empty(), "{:#?}", noted.failures);
    let quarter = samples.len() / 4;
    let mean = |samples: &[Sample], of: fn(&Sample) -> u64| {
        samples.iter().map(of).sum::<u64>() / u64::try_from(samples.len()).unwrap()
    };
    let (second, last) = (&samples[quarter..quarter * 2], &samples[quarter * 3..]);
    let memory = [second, last].map(|samples| mean(samples, |sample| sample.resident_kib));
    let files = [second, last].map(|samples| mean(samples, |sample| sample.files));
    assert!(
        memory[1] <= memory[0] + memory[0] * GROWTH_PERCENT / 100 + GROWTH_KIB,
        "memory grew from {} to {} KiB",
        memory[0],
        memory[1]
    );
    assert!(
        files[1] <= files[0] + GROWTH_FILES,
        "open files grew: {files:?}"
    );
    format!(
        "{} minutes, {} requests {:?}; resident memory in the second quarter {} KiB, in the last {} KiB; open files {} and {}",
        plan.minutes,
        noted.requests(),
        noted.statuses,
        memory[0],
        memory[1],
        files[0],
        files[1]
    )
}

fn sample(process: &Process) -> Sample {
    let folder = format!("/proc/{}", process.id());
    let status = fs::read_to_string(format!("{folder}/status")).unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let resident = resident.unwrap().trim().trim_end_matches(" kB");
    Sample {
        resident_kib: resident.parse().unwrap(),
        files: fs::read_dir(format!("{folder}/fd")).unwrap().count() as u64,
    }
}

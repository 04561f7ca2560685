//! A rolling restart under load behind a load balancer that watches `/health/ready` (LIFE-1).

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use crate::{
    Plan,
    it::harness::{Installation, Process, eventually},
    load::{Load, Rules, Target},
    people::{base_of, patient, with_codes},
};

/// The pause between two probes of the balancer.
const PROBE: Duration = Duration::from_millis(200);
/// How long an instance still answers after SIGTERM, so that the balancer notices its end.
const DRAIN_SECONDS: &str = "2";

/// A load balancer, which sends requests only to instances that are ready.
#[derive(Clone, Default)]
struct Balancer {
    ready: Arc<Mutex<Vec<String>>>,
    next: Arc<AtomicUsize>,
}

impl Balancer {
    fn target(&self) -> Target {
        let Self { ready, next } = self.clone();
        Arc::new(move || {
            let ready = ready.lock().unwrap();
            assert!(!ready.is_empty(), "no instance is ready");
            ready[next.fetch_add(1, Ordering::Relaxed) % ready.len()].clone()
        })
    }

    /// Probes an instance until it has ended, and adds or removes it by the answer.
    fn watch(&self, base: &str) {
        let (ready, base) = (Arc::clone(&self.ready), base.to_owned());
        tokio::spawn(async move {
            let http = reqwest::Client::builder().no_proxy().build().unwrap();
            loop {
                let answer = http.get(format!("{base}/health/ready")).send().await;
                let is_ready = answer.as_ref().is_ok_and(|answer| answer.status() == 200);
                {
                    let mut ready = ready.lock().unwrap();
                    ready.retain(|known| *known != base);
                    if is_ready {
                        ready.push(base.clone());
                    }
                }
                if answer.is_err() {
                    return;
                }
                tokio::time::sleep(PROBE).await;
            }
        });
    }

    async fn wait_for(&self, instances: usize) {
        eventually("enough ready instances", async || {
            (self.ready.lock().unwrap().len() == instances).then_some(())
        })
        .await;
    }
}

pub(crate) async fn run(_: Plan) -> String {
    let given = std::env::var("TEST_MONGO_URI").is_ok();
    assert!(given, "TEST_MONGO_URI is not set");
    let home =
        with_codes(Installation::new()).with("CLINIC_AUTH__SERVICE__DRAIN_SECONDS", DRAIN_SECONDS);
    let balancer = Balancer::default();
    let mut instances: Vec<Process> = Vec::new();
    for _ in 0..3 {
        let process = home.serve_ready().await;
        balancer.watch(&base_of(&process));
        instances.push(process);
    }
    let names: Vec<String> = (0..6).map(|number| format!("person{number}")).collect();
    for name in &names {
        patient(&instances[0], name).await;
    }
    balancer.wait_for(3).await;
    let rules = Rules {
        within: Duration::from_secs(5),
        may_be_unavailable: false,
    };
    let load = Load::start(names, &balancer.target(), rules);
    let mut restarts = 0;
    for _ in 0..2 {
        for instance in &mut instances {
            let before = load.requests();
            let successor = home.serve_ready().await;
            let old = std::mem::replace(instance, successor);
            old.stop().await;
            balancer.watch(&base_of(instance));
            balancer.wait_for(3).await;
            assert!(load.requests() > before, "nobody worked meanwhile");
            restarts += 1;
        }
    }
    let noted = load.end().await;
    assert!(noted.failures.is_empty(), "{:#?}", noted.failures);
    format!(
        "{restarts} restarts, {} requests {:?}, slowest {:.1?}, none failed",
        noted.requests(),
        noted.statuses,
        noted.slowest
    )
}

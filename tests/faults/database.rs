//! MongoDB is stopped for ten seconds, then killed and started again, while people use the service (DB-2, DB-3).

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bson::doc;
use clinic_auth::config::StoreAddress;
use kernel::secret::Secret;

use crate::{
    Plan,
    it::harness::{Database, Direct, Installation, PASSWORD, Process, eventually},
    load::{Load, Noted, Rules},
    mongo::Mongo,
    people::{base_of, login, patient, refresh, with_codes},
};

const QUIET: Duration = Duration::from_secs(3);
const STOPPED: Duration = Duration::from_secs(10);
const KILLED: Duration = Duration::from_secs(5);
/// The time within which the service must recover (DB-2).
const RECOVERY: Duration = Duration::from_secs(10);

pub(crate) async fn run(_: Plan) -> String {
    let mut mongo = Mongo::start().await;
    let database = Arc::new(Database::embedded());
    let home = with_codes(Installation::on(Arc::clone(&database)))
        .with("MONGO_URI", &mongo.uri())
        .with("CLINIC_AUTH__SESSIONS__MAX_PER_USER", "10000");
    let process = home.serve_ready().await;
    // Few people, so that the hashing threads keep up; this scenario does not test their queue.
    let names: Vec<String> = (0..4).map(|number| format!("person{number}")).collect();
    for name in &names {
        patient(&process, name).await;
    }
    let base = base_of(&process);
    let rules = Rules {
        within: Duration::from_secs(5),
        may_be_unavailable: true,
    };
    let load = Load::start(names, &(Arc::new(move || base.clone()) as _), rules);
    tokio::time::sleep(QUIET).await;
    mongo.signal("STOP");
    tokio::time::sleep(STOPPED).await;
    mongo.signal("CONT");
    let after_stop = recovery(&process).await;
    tokio::time::sleep(QUIET).await;
    mongo.signal("KILL");
    tokio::time::sleep(KILLED).await;
    mongo.start_again().await;
    let after_kill = recovery(&process).await;
    tokio::time::sleep(QUIET).await;
    let noted = load.end().await;

    assert!(noted.failures.is_empty(), "{:#?}", noted.failures);
    assert!(noted.statuses.contains_key(&503), "nobody noticed");
    let address = StoreAddress::Uri(Secret::new(mongo.uri()));
    let direct = Direct::open(&address, database.name()).await;
    check_confirmed_data(&noted, &direct, &process).await;
    format!(
        "{} requests {:?}, slowest {:.1?}; recovery after the stop {after_stop:.1?}, after the kill {after_kill:.1?}; \
         {} registrations, {} logouts, {} refreshes kept",
        noted.requests(),
        noted.statuses,
        noted.slowest,
        noted.registered.len(),
        noted.ended.len(),
        noted.live.len(),
    )
}

/// Measures how long it takes until a login succeeds.
async fn recovery(process: &Process) -> Duration {
    let begin = Instant::now();
    eventually("a log-in after the return", async || {
        let answer = login(process, "person0", PASSWORD).await;
        (answer.status == 200).then_some(())
    })
    .await;
    let took = begin.elapsed();
    assert!(took <= RECOVERY, "{took:?}");
    took
}

/// Checks that the database contains everything that the answers confirmed.
async fn check_confirmed_data(noted: &Noted, direct: &Direct, process: &Process) {
    for id in &noted.registered {
        let found = direct.find("pending_users", doc! { "user_id": id }).await;
        assert!(found.is_some(), "the registration {id} is lost");
    }
    for session in &noted.ended {
        let live = doc! { "_id": session, "is_active": true };
        let found = direct.find("user_sessions", live).await;
        assert!(found.is_none(), "the end of {session} is lost");
    }
    for token in &noted.live {
        refresh(process, token).await.expect(200);
    }
}

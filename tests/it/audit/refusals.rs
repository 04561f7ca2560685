//! Refusals of strangers have a chain of their own. Five are recorded, and the others are counted (AUD-5).

use bson::{Document, doc};
use chrono::Duration;
use identity::actions;
use identity::maintenance;
use kernel::{ids::UserId, request::Origin};
use platform::audit::{self, Event, record::Action};

use super::{all, audit_log, faults, seal_now, verified};
use crate::harness::{PASSWORD, TestServer};

async fn refuse(server: &TestServer, ip: &str, subject: Option<&UserId>, action: Action) {
    let (ip, now) = (ip.parse().unwrap(), server.clock.now());
    let origin = Origin::new(ip, "agent", "request".to_owned(), now);
    let event = Event::refused(subject, action);
    audit::record_refusal(&server.app, &origin, event).await;
}

async fn records_of_trail(server: &TestServer, trail: &str) -> Vec<Document> {
    let mut records = super::records(server).await;
    records.retain(|record| record.get_str("chain").unwrap().starts_with(trail));
    records
}

fn refusal_counts(server: &TestServer) -> mongodb::Collection<Document> {
    server.app.store.raw("audit_refusals")
}

/// The number of round trips to the database since the start.
fn trips(server: &TestServer) -> u64 {
    server.app.metrics.database_duration.get_sample_count()
}

/// Ends the window and runs the job.
async fn close(server: &TestServer) {
    server.advance(Duration::minutes(13)).await;
    maintenance::tick(&server.app).await.unwrap();
}

#[tokio::test]
async fn many_refusals_become_five_records_and_one_count() {
    let server = TestServer::start().await;
    for _ in 0..1000 {
        refuse(&server, "192.0.2.1", None, actions::LOGIN).await;
    }
    assert_eq!(records_of_trail(&server, "refusals-").await.len(), 5);
    close(&server).await;
    let records = records_of_trail(&server, "refusals-").await;
    assert_eq!(records.len(), 6);
    let sum = |record: &&Document| record.get_i64("count").is_ok_and(|count| count == 995);
    let sum = records.iter().find(sum).unwrap();
    assert_eq!(sum.get_str("ip").unwrap(), "192.0.2.1");
    assert!(sum.get_str("detail").unwrap().starts_with("995 more"));
    assert_eq!(all(&refusal_counts(&server)).await.len(), 0);
    assert_eq!(faults(&verified(&server).await), Vec::<String>::new());
}

#[tokio::test]
async fn each_address_kind_and_window_has_five_records_of_its_own() {
    let server = TestServer::start().await;
    let mut wanted = 0;
    for (ip, action) in [
        ("192.0.2.1", actions::LOGIN),
        ("192.0.2.1", actions::CODE_FAILED),
        ("192.0.2.2", actions::LOGIN),
    ] {
        for _ in 0..7 {
            refuse(&server, ip, None, action).await;
        }
        wanted += 5;
        assert_eq!(records_of_trail(&server, "refusals-").await.len(), wanted);
    }
    close(&server).await;
    refuse(&server, "192.0.2.1", None, actions::LOGIN).await;
    assert_eq!(
        records_of_trail(&server, "refusals-").await.len(),
        wanted + 3 + 1
    );
}

#[tokio::test]
async fn a_refusal_is_one_write_for_known_and_unknown_subjects() {
    // ENUM-2, ENUM-8
    let server = TestServer::start().await;
    let jane = UserId::from_stored(server.patient("jane").await.text("user_id"));
    for action in [actions::LOGIN, actions::CODE_FAILED, actions::LOCK] {
        for (ip, subject) in [("192.0.2.1", Some(&jane)), ("192.0.2.2", None)] {
            for n in 0..8 {
                let before = trips(&server);
                refuse(&server, ip, subject, action).await;
                assert_eq!(trips(&server) - before, 1, "{action:?} {subject:?} {n}");
            }
        }
    }
}

#[tokio::test]
async fn a_lock_is_in_the_main_trail_and_further_tries_are_counted() {
    let server = TestServer::start().await;
    let jane = UserId::from_stored(server.patient("jane").await.text("user_id"));
    for _ in 0..20 {
        refuse(&server, "192.0.2.1", Some(&jane), actions::LOCK).await;
    }
    let locks = |records: Vec<Document>| {
        let is_lock = |record: &&Document| record.get_str("action").unwrap() == "lock";
        records.iter().filter(is_lock).count()
    };
    assert_eq!(locks(records_of_trail(&server, "main-").await), 1);
    assert_eq!(locks(records_of_trail(&server, "refusals-").await), 5);
    let row = all(&refusal_counts(&server)).await.remove(0);
    assert_eq!(row.get_i64("count").unwrap(), 14);
}

#[tokio::test]
async fn records_of_refusals_are_kept_for_ninety_days() {
    let server = TestServer::start().await;
    server.login("nobody", PASSWORD).await.expect(401);
    for trail in ["refusals-", "main-"] {
        let record = records_of_trail(&server, trail).await.remove(0);
        let ends = record.get_datetime("expires_at").unwrap().to_chrono();
        let is_short = ends - server.clock.now() == Duration::days(90);
        assert_eq!(is_short, trail == "refusals-");
    }
}

#[tokio::test]
async fn expired_refusals_leave_no_gap_in_the_main_trail() {
    let server = TestServer::start().await;
    refuse(&server, "192.0.2.1", None, actions::LOGIN).await;
    seal_now(&server).await;
    server.advance(Duration::days(91)).await;
    let refusals = doc! { "action": "login" };
    audit_log(&server).delete_many(refusals).await.unwrap();
    assert_eq!(faults(&verified(&server).await), Vec::<String>::new());
}

#[tokio::test]
async fn a_count_becomes_one_record_when_its_job_is_repeated() {
    let server = TestServer::start().await;
    for _ in 0..9 {
        refuse(&server, "192.0.2.1", None, actions::LOGIN).await;
    }
    server.fail_point.arm("refusals:delete");
    server.advance(Duration::minutes(13)).await;
    maintenance::tick(&server.app).await.unwrap_err();
    assert_eq!(all(&refusal_counts(&server)).await.len(), 1);
    close(&server).await;
    assert_eq!(all(&refusal_counts(&server)).await.len(), 0);
    assert_eq!(records_of_trail(&server, "refusals-").await.len(), 6);
    assert_eq!(faults(&verified(&server).await), Vec::<String>::new());
}

#[tokio::test]
async fn failed_logins_count_the_same_before_and_after_merging() {
    let server = TestServer::start().await;
    for _ in 0..12 {
        refuse(&server, "192.0.2.1", None, actions::LOGIN).await;
    }
    let since = server.clock.now() - Duration::hours(1);
    let failed = async || server.app.store.count_failed_logins(since).await.unwrap();
    assert_eq!(failed().await, 12);
    close(&server).await;
    assert_eq!(failed().await, 12);
}

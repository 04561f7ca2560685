//! The counts of the last 30 days.

use bson::doc;
use chrono::Duration;
use kernel::role::Role;
use serde_json::Value;

use super::clinic;
use crate::harness::{Answer, PASSWORD, TestServer};

const ACTIVITY: &str = "/admin/activity";

/// The days that an administrator sees, oldest first: date, logins, failed logins, registrations, mails.
fn days(answer: &Answer) -> Vec<(String, [u64; 4])> {
    let days = answer.body["days"].as_array().unwrap();
    let fields = ["logins", "failed_logins", "registrations", "mails_sent"];
    let counts = |day: &Value| fields.map(|field| day[field].as_u64().unwrap());
    days.iter()
        .map(|day| (day["date"].as_str().unwrap().to_owned(), counts(day)))
        .collect()
}

async fn seen(server: &TestServer, token: &str) -> Vec<(String, [u64; 4])> {
    days(&server.get_as(token, ACTIVITY).await.expect(200))
}

#[tokio::test]
async fn days_are_counted_by_all_instances_together() {
    let (server, admin) = clinic().await;
    let other = server.another().await;
    server.deliver().await;
    let before = seen(&server, &admin.token).await;
    let [logins, failed, registrations, mails] = before[29].1;
    server.patient("jane").await;
    other.register("john").await.expect(200);
    server.deliver().await;
    for at in [&server, &other, &other] {
        at.login("jane", PASSWORD).await.expect(200);
        for name in ["jane", "nobody"] {
            at.login(name, "a wrong password").await;
        }
    }
    other.program.tick().await.unwrap();
    let now = seen(&server, &admin.token).await;
    let more = [logins + 3, failed + 6, registrations + 2, mails + 2];
    assert_eq!(now[29], (server.clock.now().date_naive().to_string(), more));
    // Tomorrow it is yesterday, and after 30 days it is not shown.
    server.advance(Duration::days(1)).await;
    let token = server.token_of(Role::Admin).await;
    assert_eq!(seen(&server, &token).await[28], now[29]);
    server.advance(Duration::days(29)).await;
    let token = server.token_of(Role::Admin).await;
    let later = seen(&server, &token).await;
    assert_eq!(later.len(), 30);
    assert!(later.iter().all(|day| day.0 != now[29].0));
}

#[tokio::test]
async fn counts_whose_write_failed_are_added_later() {
    let (server, admin) = clinic().await;
    let before = seen(&server, &admin.token).await[29].1[0];
    server.login(&admin.email, PASSWORD).await.expect(200);
    server.fail_point.arm("activity:add");
    server.program.tick().await.unwrap_err();
    assert_eq!(seen(&server, &admin.token).await[29].1[0], before + 1);
    // A document of another shape is made anew (DB-7).
    let text = doc! { "logins": "many" };
    server.change_stored("daily_counts", doc! {}, text).await;
    assert_eq!(seen(&server, &admin.token).await[29].1[0], 0);
    server.login(&admin.email, PASSWORD).await.expect(200);
    assert_eq!(seen(&server, &admin.token).await[29].1[0], 1);
}

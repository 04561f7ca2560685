//! The last active administrator stays, whoever tries, however many at once, on whichever instance (ADM-3).

use futures_util::future::join_all;
use serde_json::json;

use crate::harness::{Answer, PASSWORD, Person, TestServer};

/// How an administrator is taken away.
const WAYS: [&str; 3] = ["demote", "disable", "delete"];

async fn take_away(at: &TestServer, actor: &Person, target: &Person, way: &str) -> Answer {
    let path = format!("/admin/users/{}", target.user_id);
    match way {
        "demote" => {
            at.patch_as(&actor.token, &path, json!({ "user_type": "staff" }))
                .await
        }
        "disable" => {
            at.patch_as(&actor.token, &path, json!({ "status": "disabled" }))
                .await
        }
        _ => at.delete_as(&actor.token, &path).await,
    }
}

/// Who of them still comes in as an administrator.
async fn still_admins(server: &TestServer, all: &[Person]) -> usize {
    let mut count = 0;
    for person in all {
        let login = server.login(&person.email, PASSWORD).await;
        if login.status == 200 && login.text("user_type") == "admin" {
            let path = "/admin/audit-log";
            server.get_as(&login.token(), path).await.expect(200);
            count += 1;
        }
    }
    count
}

#[tokio::test]
async fn of_two_administrators_who_remove_each_other_at_once_one_remains() {
    for way in WAYS {
        let one = TestServer::start().await;
        let two = one.another().await;
        for round in 0..2 {
            let a = one.admin(&format!("a{way}{round}")).await;
            let b = one.admin(&format!("b{way}{round}")).await;
            remove_everybody_else(&one, &a, &b).await;
            let (first, second) =
                tokio::join!(take_away(&one, &a, &b, way), take_away(&two, &b, &a, way));
            let statuses = [first.status, second.status];
            assert!(
                statuses.contains(&200),
                "{way}: {} {}",
                first.raw,
                second.raw
            );
            assert_ne!(
                first.status, second.status,
                "{way}: {} {}",
                first.raw, second.raw
            );
            assert_eq!(still_admins(&one, &[a, b]).await, 1, "{way}");
        }
    }
}

/// Leaves `a` and `b` as the only active administrators.
async fn remove_everybody_else(server: &TestServer, a: &Person, b: &Person) {
    let all = server
        .get_as(
            &a.token,
            "/admin/users?user_type=admin&status=active&limit=100",
        )
        .await;
    for user_id in super::each(&all, "users", "user_id") {
        if user_id != a.user_id && user_id != b.user_id {
            let path = format!("/admin/users/{user_id}");
            server.delete_as(&a.token, &path).await.expect(200);
        }
    }
}

#[tokio::test]
async fn however_many_administrators_remove_each_other_at_once_one_remains() {
    let one = TestServer::start().await;
    let two = one.another().await;
    let mut all = Vec::new();
    for number in 0..6 {
        all.push(one.admin(&format!("admin{number}")).await);
    }
    let mut tries = Vec::new();
    for (number, actor) in all.iter().enumerate() {
        for (other, target) in all.iter().enumerate().filter(|(other, _)| *other != number) {
            let at = if (number + other).is_multiple_of(2) {
                &one
            } else {
                &two
            };
            tries.push(take_away(at, actor, target, WAYS[(number + other) % 3]));
        }
    }
    let answers = join_all(tries).await;
    let odd = answers
        .iter()
        .find(|answer| ![200, 401, 403, 404].contains(&answer.status));
    assert!(odd.is_none(), "{odd:?}");
    assert_eq!(still_admins(&one, &all).await, 1);
}

#[tokio::test]
async fn only_active_administrators_count_as_another_one() {
    let server = TestServer::start().await;
    let (a, b) = (server.admin("a").await, server.admin("b").await);
    let c = server.admin("c").await;
    let invitation = crate::harness::invitation("guest", "admin");
    server
        .post_as(&a.token, "/admin/users", invitation)
        .await
        .expect(200);
    take_away(&server, &a, &b, "disable").await.expect(200);
    // The token of somebody who has just been demoted may still be on its way.
    let path = format!("/admin/users/{}", a.user_id);
    let (first, second) = tokio::join!(
        take_away(&server, &a, &c, "demote"),
        server.patch_as(&c.token, &path, json!({ "status": "disabled" }))
    );
    assert_ne!(first.status, second.status);
    assert_eq!(still_admins(&server, &[a, b, c]).await, 1);
}

#[tokio::test]
async fn a_removal_that_died_half_way_only_makes_the_guard_stricter_for_a_while() {
    let server = TestServer::start().await;
    let (a, b) = (server.admin("a").await, server.admin("b").await);
    let (id, now) = (
        clinic_auth::domain::ids::UserId::from_stored(a.user_id.as_str()),
        server.clock.now(),
    );
    let guard = server.app.store.last_admin();
    let passage = guard.pass(&id, "died", now).await.unwrap();
    assert_eq!(passage, clinic_auth::store::last_admin::Passage::Open);
    take_away(&server, &a, &b, "demote")
        .await
        .refused(403, "ACCESS_DENIED");
    server.advance(chrono::Duration::minutes(5)).await;
    take_away(&server, &a, &b, "demote").await.expect(200);
    assert_eq!(still_admins(&server, &[a, b]).await, 1);
}

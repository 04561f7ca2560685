//! The last active administrator cannot be removed, not even by parallel requests on several instances (ADM-3).

use futures_util::future::join_all;
use serde_json::json;

use crate::harness::{Answer, PASSWORD, Person, TestServer};

/// The ways to remove an administrator.
const WAYS: [&str; 3] = ["demote", "disable", "delete"];

async fn remove(at: &TestServer, actor: &Person, target: &Person, way: &str) -> Answer {
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

/// How many of them can still log in as an administrator.
async fn count_admins(server: &TestServer, all: &[Person]) -> usize {
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
async fn one_of_two_admins_who_remove_each_other_remains() {
    for way in WAYS {
        let one = TestServer::start().await;
        let two = one.another().await;
        for round in 0..2 {
            let a = one.admin(&format!("a{way}{round}")).await;
            let b = one.admin(&format!("b{way}{round}")).await;
            remove_all_others(&one, &a, &b).await;
            let (first, second) =
                tokio::join!(remove(&one, &a, &b, way), remove(&two, &b, &a, way));
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
            assert_eq!(count_admins(&one, &[a, b]).await, 1, "{way}");
        }
    }
}

/// Leaves `a` and `b` as the only active administrators.
async fn remove_all_others(server: &TestServer, a: &Person, b: &Person) {
    let all = server
        .get_as(
            &a.token,
            "/admin/users?user_type=admin&status=active&limit=100",
        )
        .await;
    for user_id in super::column(&all, "users", "user_id") {
        if user_id != a.user_id && user_id != b.user_id {
            let path = format!("/admin/users/{user_id}");
            server.delete_as(&a.token, &path).await.expect(200);
        }
    }
}

#[tokio::test]
async fn one_of_many_admins_who_remove_each_other_remains() {
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
            tries.push(remove(at, actor, target, WAYS[(number + other) % 3]));
        }
    }
    let answers = join_all(tries).await;
    let unexpected = answers
        .iter()
        .find(|answer| ![200, 401, 403, 404].contains(&answer.status));
    assert!(unexpected.is_none(), "{unexpected:?}");
    assert_eq!(count_admins(&one, &all).await, 1);
}

#[tokio::test]
async fn only_active_administrators_count_for_the_last_one() {
    let server = TestServer::start().await;
    let (a, b) = (server.admin("a").await, server.admin("b").await);
    let c = server.admin("c").await;
    let invitation = crate::harness::invitation("guest", "admin");
    server
        .post_as(&a.token, "/admin/users", invitation)
        .await
        .expect(200);
    remove(&server, &a, &b, "disable").await.expect(200);
    // A demoted administrator may still send requests with the old token.
    let path = format!("/admin/users/{}", a.user_id);
    let (first, second) = tokio::join!(
        remove(&server, &a, &c, "demote"),
        server.patch_as(&c.token, &path, json!({ "status": "disabled" }))
    );
    assert_ne!(first.status, second.status);
    assert_eq!(count_admins(&server, &[a, b, c]).await, 1);
}

#[tokio::test]
async fn an_interrupted_removal_blocks_others_only_for_a_while() {
    let server = TestServer::start().await;
    let (a, b) = (server.admin("a").await, server.admin("b").await);
    let (id, now) = (
        kernel::ids::UserId::from_stored(a.user_id.as_str()),
        server.clock.now(),
    );
    let guard = server.app.store.last_admin();
    let passage = guard.pass(&id, "died", now).await.unwrap();
    assert_eq!(passage, identity::admin::store::last_admin::Passage::Open);
    remove(&server, &a, &b, "demote")
        .await
        .refused(403, "ACCESS_DENIED");
    server.advance(chrono::Duration::minutes(5)).await;
    remove(&server, &a, &b, "demote").await.expect(200);
    assert_eq!(count_admins(&server, &[a, b]).await, 1);
}

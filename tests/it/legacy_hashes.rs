//! Password hashes of other programs and other costs: their owners log in, and the hashes are renewed (HASH-2).

use bson::doc;
use futures_util::future::join_all;
use kernel::secret::Secret;
use serde_json::json;

use crate::harness::{PASSWORD, TestServer, eventually};

/// Hashes of [`PASSWORD`] made by other programs, one for each prefix of bcrypt.
const BCRYPT: [&str; 3] = [
    "$2a$05$7LaXDk7jnJASGUxiNbTBqeWcDp0.liwlhZ1U7//PNC96E/bGPhmka",
    "$2b$05$86d3Ed8DSv2gBhbZWu2QFuQ.ew.kadDG/AzzY./.IN3RQOlLIcE/O",
    "$2y$05$abcdefghijklmnopqrstuuD3mHdCr44zlIZ.VZCaYRpfQhXMYnEo.",
];

/// The bcrypt hash of 72 times `a`.
const BCRYPT_OF_72_BYTES: &str = "$2b$05$OpbMUrKemI07x3.zxoOmZOYmH4nx4y37UMhmYIo0jrQo.NbMhWuR2";

async fn patient_with_hash(hash: &str) -> (TestServer, String) {
    let server = TestServer::start().await;
    let id = server.patient("jane").await.text("user_id");
    let fields = doc! { "password_hash": hash };
    server.set_stored_account(&id, fields).await;
    (server, id)
}

async fn stored_hash(server: &TestServer, id: &str) -> String {
    let account = server.stored_account(id).await;
    account.get_str("password_hash").unwrap().to_owned()
}

#[tokio::test]
async fn a_bcrypt_hash_logs_its_owner_in_and_becomes_argon2id() {
    for hash in BCRYPT {
        let (server, id) = patient_with_hash(hash).await;
        server
            .login("jane", "wrong")
            .await
            .refused(401, "AUTH_FAILED");
        assert_eq!(stored_hash(&server, &id).await, hash);
        server.login("jane", PASSWORD).await.expect(200);
        let new = stored_hash(&server, &id).await;
        assert!(new.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{new}");
        server.login("jane", PASSWORD).await.expect(200);
        assert_eq!(stored_hash(&server, &id).await, new);
    }
}

#[tokio::test]
async fn bytes_that_bcrypt_ignored_count_after_the_first_login() {
    let (server, _) = patient_with_hash(BCRYPT_OF_72_BYTES).await;
    let typed = format!("{}x", "a".repeat(72));
    server.login("jane", &typed).await.expect(200);
    server.login("jane", &"a".repeat(72)).await.expect(401);
    server.login("jane", &typed).await.expect(200);
}

#[tokio::test]
async fn twenty_logins_at_once_on_a_bcrypt_hash_all_succeed() {
    let (server, id) = patient_with_hash(BCRYPT[1]).await;
    let other = server.another().await;
    server.advance(chrono::Duration::seconds(1)).await; // The session of verify-otp becomes the oldest.
    let logins = (0..20).map(|n| [&server, &other][n % 2].login("jane", PASSWORD));
    for answer in join_all(logins).await {
        let token = answer.expect(200).token();
        server.get_as(&token, "/auth/me").await.expect(200);
    }
    assert!(stored_hash(&server, &id).await.starts_with("$argon2id$"));
}

#[tokio::test]
async fn a_new_pepper_keeps_logins_and_renews_the_stored_hash() {
    let (server, id) = patient_with_hash(BCRYPT[0]).await;
    server.login("jane", PASSWORD).await.expect(200);
    let plain = stored_hash(&server, &id).await;
    let peppered = server
        .another_with(|settings| settings.secrets.peppers.current = Some(Secret::new("one")))
        .await;
    peppered.login("jane", PASSWORD).await.expect(200);
    let first = stored_hash(&server, &id).await;
    assert!(
        !plain.contains("keyid=") && first.contains(",keyid="),
        "{first}"
    );
    let refused = server.login("jane", PASSWORD).await;
    refused.refused(401, "AUTH_FAILED");
    let next = server
        .another_with(|settings| {
            settings.secrets.peppers.current = Some(Secret::new("two"));
            settings.secrets.peppers.previous = Some(Secret::new("one"));
        })
        .await;
    next.login("jane", "wrong")
        .await
        .refused(401, "AUTH_FAILED");
    assert_eq!(stored_hash(&server, &id).await, first);
    next.login("jane", PASSWORD).await.expect(200);
    next.login("jane", PASSWORD).await.expect(200);
    assert_ne!(stored_hash(&server, &id).await, first);
}

#[tokio::test]
async fn a_hash_of_another_cost_is_renewed_at_login() {
    let (server, id) = patient_with_hash(BCRYPT[0]).await;
    server.login("jane", PASSWORD).await.expect(200);
    let costlier = server
        .another_with(|settings| settings.config.password.argon2.iterations = 2)
        .await;
    costlier.login("jane", PASSWORD).await.expect(200);
    assert!(stored_hash(&server, &id).await.contains("$m=64,t=2,p=1$"));
}

// Instances with different settings renew each other's hashes. Neither may treat that as a change of the password.
#[tokio::test]
async fn logins_succeed_on_instances_with_different_costs() {
    let (server, _) = patient_with_hash(BCRYPT[1]).await;
    let costlier = server
        .another_with(|settings| settings.config.password.argon2.iterations = 2)
        .await;
    let logins = (0..12).map(|n| [&server, &costlier][n % 2].login("jane", PASSWORD));
    for answer in join_all(logins).await {
        answer.expect(200);
    }
}

#[tokio::test]
async fn the_owner_of_a_bcrypt_hash_can_change_the_password() {
    let (server, _) = patient_with_hash(BCRYPT[2]).await;
    let token = server.login("jane", PASSWORD).await.expect(200).token();
    let change = json!({ "current_password": PASSWORD, "new_password": "another long secret" });
    let changed = server.post_as(&token, "/auth/change-password", change);
    changed.await.expect(200);
    server
        .login("jane", PASSWORD)
        .await
        .refused(401, "AUTH_FAILED");
    server
        .login("jane", "another long secret")
        .await
        .expect(200);
}

/// Changes the password of an account with a bcrypt hash. Between the check of the current password and the update,
/// another request replaces the stored hash by `meanwhile`.
async fn change_while_the_hash_becomes(meanwhile: &str) -> (TestServer, crate::harness::Answer) {
    let (server, id) = patient_with_hash(BCRYPT[0]).await;
    let token = server.login("jane", PASSWORD).await.expect(200).token();
    server
        .set_stored_account(&id, doc! { "password_hash": BCRYPT[0] })
        .await;
    // The audit event is written between the check and the update. There the change is held up.
    let held = server.fail_point.hold().await;
    let hashed = server.app.hasher.hashes_done();
    let change = server.change_password(&token, PASSWORD, "another long secret");
    let interfere = async {
        let new = async || (server.app.hasher.hashes_done() > hashed).then_some(());
        eventually("the new password to be hashed", new).await;
        server
            .set_stored_account(&id, doc! { "password_hash": meanwhile })
            .await;
        drop(held);
    };
    let (answer, ()) = tokio::join!(change, interfere);
    (server, answer)
}

#[tokio::test]
async fn a_renewed_hash_does_not_fail_a_password_change() {
    // Another hash of the same password is not another password (HASH-2).
    let (server, answer) = change_while_the_hash_becomes(BCRYPT[1]).await;
    answer.expect(200);
    server.login("jane", PASSWORD).await.expect(401);
    server
        .login("jane", "another long secret")
        .await
        .expect(200);
}

#[tokio::test]
async fn a_change_does_not_undo_a_concurrent_one() {
    // PW-7
    let (server, answer) = change_while_the_hash_becomes(BCRYPT_OF_72_BYTES).await;
    answer.refused(401, "AUTH_FAILED");
    server.login("jane", &"a".repeat(72)).await.expect(200);
}

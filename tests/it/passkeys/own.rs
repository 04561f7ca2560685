//! One's own passkeys: names, number, removal.

use bson::doc;
use chrono::Duration;
use futures_util::future::join_all;
use identity::startup;
use serde_json::json;
use testkit::authenticator::{Behaviour, SoftPasskey, encode};
use tokio_util::sync::CancellationToken;

use super::honest;
use crate::harness::{PASSWORD, TestServer};

// PK-10
#[tokio::test]
async fn a_passkey_is_renamed_and_removed_by_its_owner_only() {
    let server = TestServer::start().await;
    let (jane, theo) = (server.fresh("jane").await, server.fresh("theo").await);
    let mut passkey = server.add_passkey(&jane, &honest()).await;
    let other = server.add_passkey(&jane, &honest()).await;
    let path = format!("/auth/passkeys/{}", passkey.id());
    let name = json!({ "name": "Blue key" });
    for path in [&path, "/auth/passkeys/AAAA"] {
        let renamed = server.patch_as(&theo, path, name.clone()).await;
        renamed.refused(404, "PASSKEY_ERROR");
        server
            .delete_as(&theo, path)
            .await
            .refused(404, "PASSKEY_ERROR");
    }
    server.patch_as(&jane, &path, name).await.expect(200);
    let stored = server.stored("passkeys").await;
    let names: Vec<_> = stored
        .iter()
        .map(|row| row.get_str("name").unwrap())
        .collect();
    assert!(
        names.contains(&"Blue key") && names.contains(&"Passkey 2"),
        "{names:?}"
    );
    for (bad, kind) in [
        ("", "empty"),
        (&*"x".repeat(61), "too_long"),
        ("a\u{202e}b", "forbidden_character"),
    ] {
        let renamed = server.patch_as(&jane, &path, json!({ "name": bad })).await;
        assert_eq!(renamed.validation_errors(), [format!("name {kind}")]);
    }

    let removed = server.delete_as(&jane, &path).await.expect(200);
    assert_eq!(
        removed.body["accepted"],
        json!({
            "rpId": "localhost", "userId": encode(&passkey.handle),
            "allAcceptedCredentialIds": [other.id()],
        })
    );
    let refused = server.log_in_by(&mut passkey, &honest()).await;
    refused.refused(400, "PASSKEY_ERROR");
    server
        .delete_as(&jane, &path)
        .await
        .refused(404, "PASSKEY_ERROR");
    assert_eq!(server.stored("passkeys").await.len(), 1);
}

// PK-10
#[tokio::test]
async fn an_account_has_no_more_passkeys_than_it_may() {
    let server = TestServer::start_with(|settings| {
        settings.config.passkeys.max_per_user = 1;
    })
    .await;
    let jane = server.fresh("jane").await;
    let mut begun = Vec::new();
    for _ in 0..3 {
        let answer = server.begin_passkey(&jane).await.expect(200);
        let (_, made) = SoftPasskey::create(&answer.body["public_key"], &honest());
        begun.push((answer, made));
    }
    // Two at once, and one after them.
    let last = begun.pop().unwrap();
    let finishes = begun
        .iter()
        .map(|(begun, made)| server.finish_passkey(&jane, begun, made));
    let answers = join_all(finishes).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    // The loser found no room, or its ceremony was void already, as all are after a change of the factors.
    assert!([[200, 401], [200, 409]].contains(&[statuses[0], statuses[1]]));
    let added = "A second factor was added to your account";
    let mails = || server.mails_with_subject("jane@example.org", added);
    // MFA-26: the loser, which may have begun its change, is none of them.
    let before = mails().await;
    assert_eq!(before, 1);
    let refused = server.finish_passkey(&jane, &last.0, &last.1).await;
    refused.refused(401, "AUTH_FAILED");
    assert_eq!(mails().await, before);
    server
        .begin_passkey(&jane)
        .await
        .refused(409, "PASSKEY_ERROR");
    let mfa = server.get_as(&jane, "/auth/mfa").await.expect(200);
    assert_eq!(mfa.body["passkeys"].as_array().unwrap().len(), 1);
    assert_eq!(server.stored("passkeys").await.len(), 1);
}

// PK-10: a crash between the two writes of a registration leaves a passkey that the account does not name.
#[tokio::test]
async fn a_passkey_that_never_counted_proves_nothing_and_goes() {
    let server = TestServer::start().await;
    let jane = server.fresh("jane").await;
    let user_id = server.get_as(&jane, "/users/me").await.text("user_id");
    let mut left = server.add_passkey(&jane, &honest()).await;
    let kept = server.add_passkey(&jane, &honest()).await;
    let named = doc! { "factors": [format!("passkey:{}", kept.id())] };
    server.set_stored_account(&user_id, named).await;
    let refused = server.log_in_by(&mut left, &honest()).await;
    refused.refused(400, "PASSKEY_ERROR");
    let waiting = server.login("jane", PASSWORD).await.expect(403);
    let details = &waiting.body["error"]["details"];
    let answer = left.sign(&details["passkey"], &honest());
    let step = json!({ "mfa_token": details["mfa_token"], "passkey": answer });
    let refused = server.post("/auth/login/mfa", step).await;
    refused.refused(400, "PASSKEY_ERROR");
    let never = CancellationToken::default();
    let visit = || startup::visit_accounts(&server.app, &never);
    // Its request may still be at work.
    Box::pin(visit()).await.unwrap();
    assert_eq!(server.stored("passkeys").await.len(), 2);
    server.advance(Duration::seconds(36)).await;
    Box::pin(visit()).await.unwrap();
    let ids: Vec<_> = server.stored("passkeys").await;
    let ids: Vec<_> = ids.iter().map(|row| row.get_str("_id").unwrap()).collect();
    assert_eq!(ids, [kept.id()]);
}

// PK-4
#[tokio::test]
async fn a_passkey_of_any_account_is_not_registered_again() {
    let server = TestServer::start().await;
    let (jane, theo) = (server.fresh("jane").await, server.fresh("theo").await);
    let same = Behaviour {
        id: vec![7; 16],
        ..honest()
    };
    server.add_passkey(&jane, &same).await;
    let mut answers = Vec::new();
    for token in [&jane, &theo] {
        let begun = server.begin_passkey(token).await.expect(200);
        let excluded = begun.body["public_key"]["excludeCredentials"]
            .as_array()
            .unwrap();
        let own = json!({ "type": "public-key", "id": encode(&same.id) });
        assert_eq!(excluded.contains(&own), token == &jane);
        let (_, answer) = SoftPasskey::create(&begun.body["public_key"], &same);
        let refused = server.finish_passkey(token, &begun, &answer).await;
        refused.refused(409, "PASSKEY_ERROR");
        answers.push(refused.body["error"]["message"].clone());
    }
    assert_eq!(answers[0], answers[1]);
}

// MFA-5, MFA-26
#[tokio::test]
async fn adding_and_removing_ends_other_sessions_and_is_mailed() {
    let server = TestServer::start().await;
    let jane = server.fresh("jane").await;
    let other = server.login("jane", PASSWORD).await.expect(200).token();
    let passkey = server.add_passkey(&jane, &honest()).await;
    server
        .get_as(&other, "/users/me")
        .await
        .refused(401, "SESSION_ERROR");
    let mails = async |subject| server.mails_with_subject("jane@example.org", subject).await;
    assert_eq!(mails("A second factor was added to your account").await, 1);
    let path = format!("/auth/passkeys/{}", passkey.id());
    server.delete_as(&jane, &path).await.expect(200);
    assert_eq!(
        mails("A second factor was removed from your account").await,
        1
    );
    let trail = server.stored("audit_log").await;
    let actions: Vec<_> = trail
        .iter()
        .map(|it| it.get_str("action").unwrap())
        .collect();
    for action in ["passkey_add", "passkey_remove"] {
        assert!(actions.contains(&action), "{actions:?}");
    }
}

/// The actions on passkeys that the trail records.
pub(crate) const ACTIONS: [&str; 3] = ["passkey_add", "passkey_login", "passkey_remove"];

// AUD-1
#[tokio::test]
async fn every_action_on_passkeys_is_recorded() {
    let server = TestServer::start().await;
    let jane = server.fresh("jane").await;
    let mut passkey = server.add_passkey(&jane, &honest()).await;
    let login = server.log_in_by(&mut passkey, &honest()).await.expect(200);
    let path = format!("/auth/passkeys/{}", passkey.id());
    server.delete_as(&login.token(), &path).await.expect(200);
    let trail = server.stored("audit_log").await;
    for action in ACTIONS {
        let is_it = |row: &&bson::Document| row.get_str("action").ok() == Some(action);
        let subjects: Vec<_> = trail.iter().filter(is_it).collect();
        assert_eq!(subjects.len(), 1, "{action}");
    }
}

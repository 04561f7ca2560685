//! Answers of browsers that are not accepted: one answer for all of them.

use serde_json::{Value, json};
use testkit::authenticator::{Behaviour, SoftPasskey, encode};

use super::honest;
use crate::harness::TestServer;

/// A name, and what the authenticator does.
type Lie = (&'static str, fn(&mut Behaviour));

// PK-2, PK-3, PK-5, PK-6, PK-12
#[tokio::test]
async fn every_login_that_is_not_verified_gets_the_same_answer() {
    let server = TestServer::start().await;
    let (jane, theo) = (server.fresh("jane").await, server.fresh("theo").await);
    let mut passkey = server.add_passkey(&jane, &honest()).await;
    let others = server.add_passkey(&theo, &honest()).await;
    let lies: [Lie; 6] = [
        ("origin", |it| {
            "http://localhost:5002".clone_into(&mut it.origin);
        }),
        ("relying party", |it| {
            it.rp_id = Some("127.0.0.1".to_owned());
        }),
        ("frame", |it| {
            it.client_data = json!({ "topOrigin": "https://a.example" });
        }),
        ("user present", |it| it.user_present = false),
        ("user verified", |it| it.user_verified = false),
        ("user handle", |it| it.with_handle = false),
    ];
    let mut answers = Vec::new();
    for (what, lie) in lies {
        let mut behaviour = honest();
        lie(&mut behaviour);
        answers.push((what, server.log_in_by(&mut passkey, &behaviour).await));
    }
    // Another owner's handle, an unknown passkey, another key.
    let mut stolen = passkey.clone();
    stolen.handle.clone_from(&others.handle);
    answers.push(("handle", server.log_in_by(&mut stolen, &honest()).await));
    let mut unknown = passkey.clone();
    unknown.id = vec![9; 16];
    answers.push(("unknown", server.log_in_by(&mut unknown, &honest()).await));
    let mut forged = passkey.clone();
    forged.key = others.key.clone();
    answers.push(("forged", server.log_in_by(&mut forged, &honest()).await));
    for (what, answer) in &answers {
        answer.refused(400, "PASSKEY_ERROR");
        let mut error = answer.body["error"].clone();
        let mut first = answers[0].1.body["error"].clone();
        for error in [&mut error, &mut first] {
            error.as_object_mut().unwrap().remove("request_id");
        }
        assert_eq!(error, first, "{what}");
    }
    server.log_in_by(&mut passkey, &honest()).await.expect(200);
}

// PK-6
#[tokio::test]
async fn an_answer_without_a_part_is_a_validation_error() {
    let server = TestServer::start().await;
    let begun = server.begin_login().await;
    let whole = json!({
        "id": "AAAA", "rawId": "AAAA", "type": "public-key",
        "response": { "clientDataJSON": "e30", "authenticatorData": "AAAA", "signature": "AAAA" },
    });
    let without = |part: &str, of_response: bool| {
        let mut credential = whole.clone();
        let object = if of_response {
            &mut credential["response"]
        } else {
            &mut credential
        };
        object.as_object_mut().unwrap().remove(part);
        credential
    };
    for (credential, field) in [
        (
            without("signature", true),
            "credential.response.signature missing",
        ),
        (
            without("authenticatorData", true),
            "credential.response.authenticatorData missing",
        ),
        (without("rawId", false), "credential.rawId missing"),
        (without("response", false), "credential.response missing"),
        (json!("x"), "credential type"),
    ] {
        let refused = server.finish_login(&begun, &credential).await;
        refused.refused(422, "VALIDATION_ERROR");
        assert_eq!(refused.validation_errors(), [field]);
    }
    let refused = server.post("/auth/passkeys/login/finish", json!({})).await;
    let missing = ["challenge_id missing", "credential missing"];
    assert_eq!(refused.validation_errors(), missing);
    // The challenge was not touched.
    server
        .finish_login(&begun, &whole)
        .await
        .refused(400, "PASSKEY_ERROR");
}

// PK-14
#[tokio::test]
async fn hostile_and_huge_registrations_are_refused() {
    let server = TestServer::start().await;
    let jane = server.fresh("jane").await;
    let tries: [fn(&mut Value); 6] = [
        |it| it["response"]["attestationObject"] = json!("gYGBgYGBgYGBgQ"),
        |it| it["response"]["attestationObject"] = json!(encode(&[0x9b; 9])),
        |it| it["response"]["attestationObject"] = json!("A".repeat(40_000)),
        |it| it["response"]["attestationObject"] = json!("not base64url!"),
        |it| it["response"]["clientDataJSON"] = json!(encode(&[0xff; 3000])),
        |it| it["id"] = json!(""),
    ];
    for (number, spoil) in tries.into_iter().enumerate() {
        let begun = server.begin_passkey(&jane).await.expect(200);
        let (_, mut answer) = SoftPasskey::create(&begun.body["public_key"], &honest());
        spoil(&mut answer);
        let refused = server.finish_passkey(&jane, &begun, &answer).await;
        assert_eq!(refused.status, 400, "{number} {}", refused.raw);
    }
    let begun = server.begin_passkey(&jane).await.expect(200);
    let (_, mut answer) = SoftPasskey::create(&begun.body["public_key"], &honest());
    answer["response"]["attestationObject"] = json!("A".repeat(100_000));
    let refused = server.finish_passkey(&jane, &begun, &answer).await;
    refused.refused(413, "PAYLOAD_TOO_LARGE");
}

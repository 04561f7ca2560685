//! What is stored about second factors, and what is not.

use bson::{Bson, doc};
use chrono::Duration;
use kernel::secret::Secret;
use serde_json::json;

use crate::{
    binary::run,
    clinic_commands::start,
    harness::{MASTER, PASSWORD, TestServer, collections, values},
};

// MFA-2, MFA-9, MFA-13, MFA-14, MFA-20
#[tokio::test]
async fn no_token_code_or_seed_is_stored_in_the_clear() {
    let server = TestServer::start().await;
    server.patient("jane").await;
    let login = server.login("jane", PASSWORD).await.expect(200).token();
    let begun = server
        .call_as(&login, "/auth/mfa/totp/begin")
        .await
        .expect(200);
    let secret = begun.text("secret");
    let app = crate::harness::Authenticator::new(&secret);
    let code = json!({ "totp_code": app.code(server.clock.now()) });
    let confirmed = server
        .post_as(&login, "/auth/mfa/totp/confirm", code)
        .await
        .expect(200);
    server.advance(Duration::seconds(30)).await;
    let token = server.mfa_token("jane").await;
    let code = app.code(server.clock.now());
    let fields = json!({ "totp_code": code, "remember_device": true });
    let device = server.second_step_with(&token, fields).await.expect(200);
    let code = confirmed.body["recovery_codes"][0].as_str().unwrap();
    let waits = server.mfa_token("jane").await;
    server
        .second_step_with(&waits, json!({ "recovery_code": code }))
        .await
        .expect(200);
    let mut secrets = vec![secret, token, waits, device.text("device_token")];
    secrets.extend([code.to_owned(), code.replace('-', "")]);
    for collection in collections(&server.app.store) {
        for row in server.stored(&collection).await {
            for value in values(&Bson::Document(row)) {
                let text = value.to_string();
                let shown = secrets.iter().find(|secret| text.contains(secret.as_str()));
                assert_eq!(shown, None, "in {collection}");
            }
        }
    }
}

// MFA-13
#[tokio::test]
async fn a_seed_moved_to_another_account_does_not_open() {
    let server = TestServer::start().await;
    let jane = server.secured("jane").await;
    let ben = server.secured("ben").await;
    let rows = server.app.store.raw("second_factors");
    let id = |user_id: &str| doc! { "_id": format!("totp:{user_id}") };
    let janes = rows.find_one(id(&jane.user_id)).await.unwrap().unwrap();
    let seed = janes.get_document("seed").unwrap().clone();
    server
        .change_stored("second_factors", id(&ben.user_id), doc! { "seed": seed })
        .await;
    let waits = server.mfa_token("ben").await;
    server
        .second_step(&waits, &server.totp(&jane))
        .await
        .refused(400, "OTP_ERROR");
    server.log_in_with_totp(&jane).await.expect(200);
}

// MFA-13, KEY-3: one change of the master secret; the seed is sealed anew when it is used.
#[tokio::test]
async fn factors_survive_a_change_of_the_master_secret() {
    let server = TestServer::start().await;
    let jane = server.secured("jane").await;
    let secret = |name: &str| kernel::secret::Secret::new(name.repeat(40));
    let with = async |current: &str, previous: &str| {
        let (current, previous) = (secret(current), secret(previous));
        let changed = server.another_with(move |settings| {
            settings.secrets.master.current = current;
            settings.secrets.master.previous = Some(previous);
        });
        changed.await
    };
    let second = with("n", "m").await;
    let waits = second.mfa_token("jane").await;
    let code = json!({ "recovery_code": jane.recovery_codes[0] });
    second.second_step_with(&waits, code).await.expect(200);
    second.log_in_with_totp(&jane).await.expect(200);
    server.advance(Duration::seconds(30)).await;
    let third = with("o", "n").await;
    third.log_in_with_totp(&jane).await.expect(200);
}

// MFA-13, KEY-3: the second change, for people who did not log in between the two.
#[tokio::test]
async fn seeds_that_were_sealed_anew_survive_the_next_change() {
    let server = start().await;
    let jane = server.secured("jane").await;
    let changed = async |current: &str, previous: &str| {
        let (current, previous) = (Secret::new(current), Secret::new(previous));
        let with = server.another_with(move |settings| {
            settings.secrets.master.current = current;
            settings.secrets.master.previous = Some(previous);
        });
        with.await
    };
    let (newer, newest) = (
        "a newer master secret of more than 32 bytes",
        "the newest master secret of more than 32 bytes",
    );
    let second = changed(newer, MASTER).await;
    let needed = run(&second, &["check"]).await.out;
    let warning = "warn   keys: 1 seeds of authenticator apps need JWT_SECRET_PREVIOUS";
    assert!(needed.contains(warning), "{needed}");
    let done = run(&second, &["keys", "rewrap"]).await;
    assert_eq!((done.code, done.err.as_str()), (0, ""));
    let said = "1 seeds of authenticator apps were sealed with the master secret ";
    assert!(done.out.starts_with(said), "{}", done.out);
    assert!(!run(&second, &["check"]).await.out.contains("seeds"));
    let third = changed(newest, newer).await;
    third.log_in_with_totp(&jane).await.expect(200);

    // Without the secret that sealed it.
    let lost = changed(MASTER, "a secret of more than 32 bytes that sealed nothing").await;
    let done = run(&lost, &["keys", "rewrap"]).await;
    let fault = format!("FAULT  the seed of {} does not open", jane.user_id);
    assert_eq!(done.code, 1);
    assert!(done.out.contains(&fault), "{}", done.out);
}

// DB-7: the account lists a factor that this version does not know, and login does not become easier.
#[tokio::test]
async fn an_unreadable_list_of_factors_is_a_factor() {
    let server = TestServer::start().await;
    let jane = server.secured("jane").await;
    for odd in [Bson::Null, 1.into(), Bson::Array(vec!["sms".into()])] {
        server
            .set_stored_account(&jane.user_id, doc! { "factors": odd })
            .await;
        let waits = server.mfa_token("jane").await;
        server
            .second_step(&waits, &server.totp(&jane))
            .await
            .refused(400, "OTP_ERROR");
    }
}

//! A patient who changes the account's name or telephone number is found by the new ones in the clinic.

use serde_json::json;

use crate::harness::{PASSWORD, TestServer};
use kernel::role::Role;

// PAT-6, PAT-8
#[tokio::test]
async fn a_changed_account_is_found_by_its_new_name_alone() {
    let server = TestServer::start().await;
    let patient = server.patient("jane").await;
    let (id, token) = (patient.text("user_id"), patient.token());
    let desk = server.token_of(Role::Staff).await;
    let doctor = server.doctor("ada").await.text("user_id");
    let approved = identity_approves(&server, &doctor).await;
    let path = format!("/patients/{id}/care-team");
    let body = json!({ "doctor_id": doctor, "kind": "treating", "reason": "first visit" });
    server.post_as(&desk, &path, body).await.expect(200);
    let finds = async |who: &str, q: &str| {
        let found = server
            .get_as(who, &format!("/patients/search?q={q}"))
            .await
            .expect(200);
        found.body["count"].as_i64().unwrap()
    };
    assert_eq!(
        (finds(&desk, "doe").await, finds(&approved, "doe").await),
        (1, 1)
    );
    let version = server
        .get_as(&desk, &format!("/patients/{id}"))
        .await
        .expect(200)
        .body["version"]
        .clone();
    let change =
        json!({ "first_name": "Zoë", "last_name": "Brändli", "mobile": "+41 44 555 66 77" });
    server
        .patch_as(&token, "/users/me", change)
        .await
        .expect(200);

    // The instance that made the change is gone; another one finishes.
    let other = server.another().await;
    other.program.tick().await.unwrap();
    for who in [&desk, &approved] {
        for (q, count) in [
            ("doe", 0),
            ("brandli", 1),
            ("%2B41445556677", 1),
            ("%2B41790000000", 0),
        ] {
            assert_eq!(finds(who, q).await, count, "{q}");
        }
    }
    let read = async || {
        server
            .get_as(&desk, &format!("/patients/{id}"))
            .await
            .expect(200)
            .body
    };
    let followed = read().await;
    assert_ne!(followed["version"], version);
    server.program.tick().await.unwrap();
    assert_eq!(read().await["version"], followed["version"]);

    // What the desk changes stays at the version that the answer told.
    let change = json!({ "last_name": "Frei", "version": followed["version"] });
    let changed = server
        .patch_as(&desk, &format!("/patients/{id}"), change)
        .await
        .expect(200);
    server.program.tick().await.unwrap();
    assert_eq!(read().await["version"], changed.body["version"]);
    assert_eq!(finds(&approved, "frei").await, 1);
}

/// The token of a doctor whom an administrator has approved.
async fn identity_approves(server: &TestServer, doctor: &str) -> String {
    let admin = server.token_of(Role::Admin).await;
    let path = format!("/admin/users/{doctor}");
    server
        .patch_as(&admin, &path, json!({ "approved": true }))
        .await
        .expect(200);
    server.login("ada", PASSWORD).await.expect(200).token()
}

//! The clinic's records joined with the accounts: what only the whole program shows.

use chrono::Duration;
use identity::accounts;
use kernel::role::Role;
use serde_json::{Value, json};

use crate::{
    harness::{PASSWORD, TestServer},
    own_account::{NEW, OLD},
};

// E1
#[tokio::test]
async fn the_desk_finds_a_patient_who_registered() {
    let server = TestServer::start().await;
    let admin = server.admin("boss").await;
    let desk = server.staff(&admin, "desk").await.token;
    let jane = server.patient("jane").await.text("user_id");
    server.program.tick().await.unwrap();
    for path in ["/patients/list", "/patients/search?q=do+ja"] {
        let found = server.get_as(&desk, path).await.expect(200).body;
        assert_eq!(found["patients"][0]["patient_id"], jane, "{path}");
        assert_eq!(found["patients"].as_array().unwrap().len(), 1, "{path}");
    }
}

/// The ids of the patients whom the desk finds by an address.
async fn by_address(server: &TestServer, desk: &str, address: &str) -> Vec<Value> {
    server.program.tick().await.unwrap();
    let path = format!("/patients/search?q={address}");
    let found = server.get_as(desk, &path).await.expect(200).body;
    let rows = found["patients"].as_array().unwrap();
    rows.iter().map(|row| row["patient_id"].clone()).collect()
}

// E13, PAT-9
#[tokio::test]
async fn a_patient_is_found_by_the_address_of_the_account() {
    let server = TestServer::start().await;
    let admin = server.admin("boss").await;
    let desk = server.staff(&admin, "desk").await.token;
    let jane = server.jane().await;
    let her = [Value::from(jane.text("user_id"))];
    assert_eq!(by_address(&server, &desk, OLD).await, her);
    let undo = server.moved(&jane).await;
    assert_eq!(by_address(&server, &desk, NEW).await, her);
    assert!(by_address(&server, &desk, OLD).await.is_empty());
    server.undo_email(&undo).await.expect(200);
    assert_eq!(by_address(&server, &desk, OLD).await, her);
    assert!(by_address(&server, &desk, NEW).await.is_empty());
}

// E1, E13
#[tokio::test]
async fn an_invitation_is_sent_again_to_its_address_alone() {
    let server = TestServer::start().await;
    let admin = server.admin("boss").await;
    let desk = server.staff(&admin, "desk").await.token;
    let doctor = accounts::create_demo(&server.app, Role::Doctor).await;
    let doctor = doctor.unwrap().user_id;
    let anna =
        json!({ "name": "Anna Frei", "age": 40, "sex": "female", "doctor_id": doctor.as_str() });
    let made = server.post_as(&desk, "/patients", anna).await.expect(201);
    let id = made.text("patient_id");
    let path = format!("/patients/{id}/invite");
    let invite = async |body: Value| server.post_as(&desk, &path, body).await;
    let address = "anna@example.org";
    let body = json!({ "email": address });
    invite(body.clone()).await.expect(200);
    assert_eq!(by_address(&server, &desk, address).await, [id.as_str()]);
    for (body, mails) in [(body, 2), (json!({}), 3)] {
        server.deliver().await;
        server.advance(Duration::minutes(2)).await;
        invite(body).await.expect(200);
        assert_eq!(server.mails_to(address).await, mails);
    }
    let refused = invite(json!({ "email": "ana@example.org" })).await;
    assert!(
        refused
            .refused(409, "STATE_CONFLICT")
            .contains("another address")
    );
    let token = server.link_token_for(address).await;
    let set = json!({ "token": token, "new_password": PASSWORD, "confirm_password": PASSWORD });
    server.post("/auth/reset-password", set).await.expect(200);
    let refused = invite(json!({})).await;
    assert!(
        refused
            .refused(409, "STATE_CONFLICT")
            .contains("has an account")
    );
}

// E2
#[tokio::test]
async fn the_older_emrs_client_gets_its_envelope() {
    let older = |settings: &mut clinic_auth::config::Settings| {
        settings.config.clinic.older_envelope = true;
    };
    let server = TestServer::start_with(older).await;
    server.patient("jane").await;
    for path in ["/auth/login", "/api/v1/auth/login/json/"] {
        let login = serde_json::json!({ "username": "jane", "password": PASSWORD });
        let login = server.post(path, login).await.expect(200);
        let id = login.headers["x-request-id"].to_str().unwrap();
        assert_eq!(
            (&login.body["status"], &login.body["request_id"]),
            (&Value::from("success"), &Value::from(id))
        );
        let token = login.body["data"]["access_token"].as_str().unwrap();
        let list = server
            .get_as(token, "/api/v1/appointments/")
            .await
            .expect(200);
        let list = &list.body["data"];
        assert!(list["items"].is_array() && list["items"] == list["appointments"]);
        assert!(list["pagination"].is_object());
        // Refusals and the answers about accounts stay as they are.
        let refused = server.get_as(token, "/appointments/APT1").await;
        assert_eq!(
            refused.refused(404, "RECORD_NOT_FOUND"),
            refused.text("detail")
        );
        let profile = server.get_as(token, "/auth/me").await.expect(200);
        assert_eq!(profile.text("username"), "jane");
    }
    let plain = server.another().await;
    plain.login("jane", PASSWORD).await.expect(200).token();
}

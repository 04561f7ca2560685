//! The clinic's records joined with the accounts: what only the whole program shows.

use serde_json::Value;

use crate::harness::{PASSWORD, TestServer};

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

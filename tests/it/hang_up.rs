//! A request is completed even if its client hangs up.

use clinic_auth::config::Settings;
use serde_json::json;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::harness::{PASSWORD, TestServer, eventually};

/// Allows one hash at a time and makes a hash slow.
fn slow_hashing(settings: &mut Settings) {
    let password = &mut settings.config.password;
    password.hash_threads = Some(1);
    password.argon2.memory_kib = 65_536;
    password.argon2.iterations = 32;
}

// Otherwise a few impatient people would lock their accounts, and then their whole IP address (LCK-1, RL-4).
#[tokio::test]
async fn a_right_password_after_a_hang_up_is_no_failed_login() {
    let server = TestServer::start().await;
    let id = server.patient("jane").await.text("user_id");
    let slow = server.another_with(slow_hashing).await;
    let row = async || {
        let account = slow.stored_account(&id).await;
        account.get_document("lockout").is_ok().then_some(())
    };
    let impatient = async {
        while slow.app.hasher.hashes_done() == 0 {
            tokio::task::yield_now().await;
        }
        let body = json!({ "username": "jane", "password": PASSWORD }).to_string();
        let address = slow.url("").replace("http://", "");
        let mut stream = TcpStream::connect(address.trim_end_matches('/'))
            .await
            .unwrap();
        let request = format!(
            "POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        eventually("a try that is taken", row).await;
    };
    let (nobody, ()) = tokio::join!(slow.login("nobody", "wrong"), impatient);
    nobody.expect(401);
    eventually("the try given back", async || {
        row().await.is_none().then_some(())
    })
    .await;
    let names = slow.stored("throttles").await.into_iter();
    let names: Vec<_> = names
        .filter_map(|row| row.get_array("names").ok().cloned())
        .collect();
    assert_eq!(names.concat().len(), 1, "nobody's alone");
}

//! What a login writes to the account, and when it writes nothing (SES-1, SES-4).

use bson::doc;
use identity::accounts::documents::User;
use kernel::ids::UserId;

use crate::harness::{PASSWORD, TestServer};

async fn account(server: &TestServer, user_id: &str) -> User {
    let user_id = UserId::from_stored(user_id.to_owned());
    let found = server.app.store.accounts().find_by_user_id(&user_id).await;
    found.unwrap().unwrap()
}

// SES-1, SES-4
#[tokio::test]
async fn a_login_is_not_noted_on_an_account_changed_meanwhile() {
    let server = TestServer::start().await;
    let id = server.patient("jane").await.text("user_id");
    let proven = account(&server, &id).await;
    let note = async || {
        let accounts = server.app.store.accounts();
        let noted = accounts.note_login(&proven, ("address", "device"), 20, server.clock.now());
        noted.await.unwrap()
    };
    let before = proven.sessions_at_most.unwrap();
    assert_eq!(note().await.unwrap().sessions_at_most, Some(before + 1));
    for change in [
        doc! { "password_hash": "another" },
        doc! { "status": "disabled" },
        doc! { "status": "deleted" },
        doc! { "is_active": false },
    ] {
        let mut whole = server.stored_account(&id).await;
        whole.remove("_id");
        server.set_stored_account(&id, change.clone()).await;
        assert!(note().await.is_none(), "{change}");
        whole.insert("is_active", true);
        server.set_stored_account(&id, whole).await;
    }
    assert!(note().await.is_some());
}

// LCK-1
#[tokio::test]
async fn a_successful_login_removes_the_accounts_counter() {
    let server = TestServer::start().await;
    let id = server.patient("jane").await.text("user_id");
    server.login("jane", "wrong").await.expect(401);
    let counter = server.stored_account(&id).await;
    let counter = counter.get_document("lockout").unwrap().clone();
    assert_eq!(counter.get_i32("failures").unwrap(), 1);
    server.login("jane", PASSWORD).await.expect(200);
    assert!(!server.stored_account(&id).await.contains_key("lockout"));
}

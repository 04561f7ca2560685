//! Races of changes of one's own account, over two instances.

use chrono::Duration;
use futures_util::future::{join, join_all, join3};
use identity::maintenance;
use kernel::role::Role;
use serde_json::json;

use super::{NEW, OLD};
use crate::{
    harness::{PASSWORD, TestServer, many_requests},
    two_clocks::instances_apart,
};

// SELF-2
#[tokio::test]
async fn forty_accounts_that_confirm_one_address_give_it_to_one() {
    let server = TestServer::start_with(many_requests).await;
    let other = server.another_with(many_requests).await;
    let mut changes = Vec::new();
    for _ in 0..40 {
        let token = server.token_of(Role::Patient).await;
        server.change_email(&token, NEW).await.expect(200);
        let code = server.code_for(NEW).await;
        changes.push((token, code));
    }
    let tries = changes.iter().enumerate().map(|(n, (token, code))| {
        let instance = if n % 2 == 0 { &server } else { &other };
        instance.confirm_email(token, code)
    });
    let answers = join_all(tries).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    let count = |status: u16| statuses.iter().filter(|it| **it == status).count();
    assert_eq!((count(200), count(409)), (1, 39), "{statuses:?}");
    let mut with_it = 0;
    for (token, _) in &changes {
        let me = other.get_as(token, "/users/me").await.expect(200);
        with_it += usize::from(me.text("email") == NEW);
    }
    assert_eq!(with_it, 1);
}

// SELF-2, SELF-3
#[tokio::test]
async fn a_confirmation_and_a_registration_share_no_address() {
    let server = TestServer::start().await;
    let other = server.another().await;
    let jane = server.jane().await;
    server.change_email(&jane.token(), NEW).await.expect(200);
    let code = server.code_for(NEW).await;
    let stranger = server.register_at(NEW, "stranger").await.expect(200);
    let otp = server.code_for(NEW).await;
    let token = stranger.text("registration_token");
    let (confirmed, made) = join(
        server.confirm_email(&jane.token(), &code),
        other.verify_with(&token, NEW, &otp),
    )
    .await;
    let won = [confirmed.status, made.status];
    assert!([[200, 400], [409, 200]].contains(&won), "{won:?}");
    let jane_has = server
        .get_as(&jane.token(), "/users/me")
        .await
        .text("email");
    assert_eq!(jane_has == NEW, won[0] == 200);
    assert_eq!(
        server.accounts_stored().await,
        if won[0] == 200 { 1 } else { 2 }
    );
    assert_eq!(
        server.login_status(OLD).await,
        if won[0] == 200 { 401 } else { 200 }
    );
}

// SELF-3
#[tokio::test]
async fn of_many_undos_and_confirmations_one_each_is_done() {
    let server = TestServer::start().await;
    let other = server.another().await;
    let jane = server.jane().await;
    server.change_email(&jane.token(), NEW).await.expect(200);
    let link = server.link_token_for(NEW).await;
    let path = "/auth/email/change/confirm";
    let both = |n: usize| if n.is_multiple_of(2) { &server } else { &other };
    let tries = (0..8).map(|n| both(n).use_link(path, &link));
    let done = join_all(tries).await;
    assert_eq!(done.iter().filter(|it| it.status == 200).count(), 1);
    let undo = server.link_token_for(OLD).await;
    let tries = (0..8).map(|n| both(n).undo_email(&undo));
    let (done, _) = join(join_all(tries), server.change_email(&jane.token(), NEW)).await;
    assert_eq!(done.iter().filter(|it| it.status == 200).count(), 1);
    let reset = server.link_token_for(OLD).await;
    server.reset_by_link(&reset, PASSWORD).await.expect(200);
    assert_eq!(server.login_status(OLD).await, 200);
    assert_eq!(server.login_status(NEW).await, 401);
}

// SELF-5
#[tokio::test]
async fn a_login_during_a_confirmed_deletion_leaves_no_session() {
    let server = TestServer::start().await;
    let other = server.another().await;
    let jane = server.jane().await;
    server.ask_deletion(&jane.token()).await.expect(200);
    let link = server.link_token_for(OLD).await;
    let logins = (0..8).map(|_| other.login("jane", PASSWORD));
    let (logins, confirmed) = join(join_all(logins), server.confirm_deletion(&link)).await;
    confirmed.expect(200);
    other.read_revocations().await;
    for login in logins.iter().filter(|login| login.status == 200) {
        let me = other.get_as(&login.token(), "/users/me").await;
        me.refused(401, "SESSION_ERROR");
    }
    assert_eq!(other.login_status("jane").await, 403);
}

// SELF-8
#[tokio::test]
async fn a_cancel_and_a_due_deletion_or_an_administrator_never_half() {
    let server = TestServer::start().await;
    let other = server.another().await;
    let admin = server.admin("boss").await;
    let jane = server.jane().await;
    let path = format!("/admin/users/{}", jane.text("user_id"));
    server.ask_deletion(&jane.token()).await.expect(200);
    let link = server.link_token_for(OLD).await;
    server.confirm_deletion(&link).await.expect(200);
    let cancel = server.link_token_for(OLD).await;
    let disable = json!({ "status": "disabled" });
    let (cancelled, disabled) = join(
        other.cancel_deletion(&cancel),
        server.patch_as(&admin.token, &path, disable),
    )
    .await;
    disabled.expect(200);
    assert!([200, 400].contains(&cancelled.status));
    // Whoever was first: the administrator's decision stands, and nothing is left of the deletion.
    assert_eq!(other.login_status("jane").await, 403);
    let account = &server.stored("patients_v2").await[0];
    assert!(!account.contains_key("deletion"), "{account}");
    let deleted = join(
        server.delete_as(&admin.token, &path),
        other.cancel_deletion(&cancel),
    )
    .await;
    deleted.0.expect(200);
    assert_eq!(server.login_status("jane").await, 401);
}

// SELF-3: the owner undoes the first change while a stranger confirms a second one.
#[tokio::test]
async fn an_undo_and_a_later_confirmation_leave_the_old_address() {
    let server = TestServer::start().await;
    let other = server.another().await;
    let jane = server.jane().await;
    let undo = server.moved(&jane).await;
    let third = "jane.third@example.org";
    server.change_email(&jane.token(), third).await.expect(200);
    let code = server.code_for(third).await;
    let (undone, confirmed) = join(
        server.undo_email(&undo),
        other.confirm_email(&jane.token(), &code),
    )
    .await;
    undone.expect(200);
    assert!(
        [200, 400, 401].contains(&confirmed.status),
        "{}",
        confirmed.raw
    );
    server.sweep_later().await;
    let reset = server.link_token_for(OLD).await;
    server.reset_by_link(&reset, PASSWORD).await.expect(200);
    assert_eq!(other.login_status(OLD).await, 200);
    for gone in [NEW, third] {
        assert_eq!(other.login_status(gone).await, 401, "{gone}");
        let (name, _) = gone.split_once('@').unwrap();
        server.register_at(gone, name).await.expect(200);
    }
}

// SELF-8: for one instance the day has come, and for the other one the deletion can still be called off.
#[tokio::test]
async fn a_deletion_that_is_due_goes_or_is_called_off_never_half() {
    let (server, ahead) = instances_apart(1).await;
    for name in ["jane", "ben", "zoe"] {
        server.patient(name).await;
        let token = server.login(name, PASSWORD).await.expect(200).token();
        server.ask_deletion(&token).await.expect(200);
        let email = format!("{name}@example.org");
        let link = server.link_token_for(&email).await;
        server.confirm_deletion(&link).await.expect(200);
        let cancel = server.link_token_for(&email).await;
        let nearly = Duration::days(14) - Duration::seconds(1);
        server.advance(nearly).await;
        ahead.advance(nearly).await;
        let at_once = join3(
            server.cancel_deletion(&cancel),
            maintenance::tick(&ahead.app),
            maintenance::tick(&ahead.app),
        );
        let (cancelled, one, two) = Box::pin(at_once).await;
        one.and(two).unwrap();
        let is_back = cancelled.status == 200;
        let login = server.login_status(name).await;
        assert_eq!(login, if is_back { 200 } else { 401 }, "{}", cancelled.raw);
        assert!(server.stored("account_deletions").await.is_empty());
        let accounts = server.stored("patients_v2").await;
        let theirs = accounts
            .iter()
            .filter(|it| it.get_str("email").unwrap() == email);
        assert_eq!(theirs.count(), usize::from(is_back), "{name}");
    }
}

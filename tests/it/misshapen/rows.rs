//! Malformed documents of the service's own collections: counters, leases, mails, the audit trail, revocations, keys
//! (DB-7).

use super::*;

async fn ids(server: &TestServer, collection: &str) -> Vec<String> {
    let rows = server.stored(collection).await;
    let ids = rows.iter().filter_map(|row| row.get_str("_id").ok());
    ids.map(str::to_owned).collect()
}

/// Begins a counter of every kind. Returns the path of a second administrator's account.
async fn begin_counters(server: &TestServer, admin: &Person) -> String {
    server.patient("jane").await;
    let colleague = invitation("dana", "admin");
    let dana = server.post_as(&admin.token, "/admin/users", colleague);
    let dana = format!("/admin/users/{}", dana.await.expect(200).text("user_id"));
    for user_type in ["staff", "admin"] {
        let change = json!({ "user_type": user_type });
        server
            .patch_as(&admin.token, &dana, change)
            .await
            .expect(200);
    }
    server.login("jane", "wrong").await.expect(401);
    server.login("nobody", "wrong").await.expect(401);
    server.register("new").await.expect(200);
    for email in ["new@example.org", "nobody@example.org"] {
        server.verify(email, "000000").await.expect(400);
    }
    let jane = "jane@example.org";
    server.forgot(jane).await.expect(200);
    let reset = server.reset_by_code(jane, "000000", "another good one");
    reset.await.expect(400);
    server.deliver().await;
    dana
}

#[tokio::test]
async fn malformed_counters_cause_no_500_and_no_hang() {
    let server = server().await;
    let admin = boss(&server).await;
    let dana = begin_counters(&server, &admin).await;
    let user_type = async |name: &str| {
        let change = json!({ "user_type": name });
        server.patch_as(&admin.token, &dana, change).await
    };
    let original = server.stored("throttles").await;
    let mut counters = ids(&server, "throttles").await;
    for kind in [
        "lock:",
        "guard:",
        "registrations:",
        "wrong-codes:",
        "codes:",
        "register:",
    ] {
        let has = counters.iter().any(|id| id.starts_with(kind));
        assert!(has, "{kind} in {counters:?}");
    }
    // One of each kind is enough.
    let kind = |id: &String| {
        id.split(':')
            .take(2)
            .take_while(|part| part.len() < 20)
            .collect::<String>()
    };
    counters.sort_by_key(kind);
    counters.dedup_by_key(|id| kind(id));
    for id in counters {
        // Earlier rounds may have deleted this row.
        let row = original
            .iter()
            .find(|row| row.get_str("_id").is_ok_and(|found| found == id))
            .unwrap();
        let rows = server.app.store.raw("throttles");
        let back = rows
            .replace_one(doc! { "_id": id.as_str() }, row.clone())
            .upsert(true);
        back.await.unwrap();
        mutate(&server, "throttles", id.as_str(), async |case| {
            let wrong = server.login("jane", "wrong");
            case.ask("wrong", &[401, 429], wrong).await;
            case.ask("nobody", &[401, 429], server.login("nobody", "wrong"))
                .await;
            case.ask("right", &[200, 429], server.login("jane", PASSWORD))
                .await;
            let both = async {
                let jane = server.login("jane@example.org", PASSWORD);
                tokio::join!(jane, server.login("boss@example.org", PASSWORD))
            };
            for answer in <[Answer; 2]>::from(case.within_limit("together", both).await) {
                assert!(
                    [200, 429].contains(&answer.status),
                    "{}: {}",
                    case.what,
                    answer.raw
                );
            }
            let again = server.register_at("new@example.org", "newer");
            case.ask("register", &[200, 409, 429], again).await;
            case.ask(
                "verify",
                &[400, 429],
                server.verify("new@example.org", "000000"),
            )
            .await;
            let reset = server.reset_by_code("jane@example.org", "000000", "another good one");
            case.ask("reset", &[400, 429], reset).await;
            case.ask("forgot", &[200, 429], server.forgot("jane@example.org"))
                .await;
            case.within_limit("mail", server.deliver()).await;
            case.ask("demote", &[200], user_type("staff")).await;
            case.ask("promote", &[200], user_type("admin")).await;
            let held = doc! { "email": "new@example.org", "username": "newer" };
            server
                .app
                .store
                .raw("pending_users")
                .delete_many(held)
                .await
                .unwrap();
            let held = doc! { "_id": "username:newer" };
            server
                .app
                .store
                .raw("identifiers")
                .delete_many(held)
                .await
                .unwrap();
            let tries = doc! { "_id": { "$regex": "^lock:" } };
            server
                .app
                .store
                .raw("throttles")
                .delete_many(tries)
                .await
                .unwrap();
        })
        .await;
    }
}

#[tokio::test]
async fn a_malformed_lease_expires() {
    let server = server().await;
    server.patient("jane").await;
    let rows = server.app.store.raw("throttles");
    for other in replacements() {
        let mut row = doc! { "_id": "lease:backfill", "holder": "an instance that is gone" };
        row.extend(other.clone().map(|other| ("expires_at".to_owned(), other)));
        rows.delete_one(doc! { "_id": "lease:backfill" })
            .await
            .unwrap();
        rows.insert_one(row).await.unwrap();
        let visit = startup::visit_accounts(&server.app, &CancellationToken::default()).await;
        assert!(matches!(visit.unwrap(), Visit::Done(_)), "{other:?}");
    }
}

#[tokio::test]
async fn a_malformed_mail_does_not_delay_the_others() {
    let server = server().await;
    server.register("jane").await.expect(200);
    let id = ids(&server, "mail_outbox").await.pop().unwrap();
    let mut number = 0;
    let number = &mut number;
    let counter = std::cell::RefCell::new(number);
    mutate(&server, "mail_outbox", id.as_str(), async |case| {
        let name = {
            let mut number = counter.borrow_mut();
            **number += 1;
            format!("later{number}")
        };
        server.register(&name).await.expect(200);
        let tick = case.within_limit("mail", outbox::tick(&server.app)).await;
        tick.unwrap_or_else(|error| panic!("{}: {error:?}", case.what));
        while outbox::tick(&server.app).await.unwrap() > 0 {}
        platform::outbox::watch(&server.app).await.unwrap();
        let email = format!("{name}@example.org");
        assert!(server.mails.last_to(&email).is_some(), "{}", case.what);
    })
    .await;
}

#[tokio::test]
async fn a_malformed_audit_trail_is_listed_and_continued() {
    let server = server().await;
    server.patient("jane").await;
    let admin = boss(&server).await;
    maintenance::tick(&server.app).await.unwrap();
    for collection in ["audit_log", "audit_heads", "audit_seals"] {
        let id = ids(&server, collection).await.pop().unwrap();
        mutate(&server, collection, id.as_str(), async |case| {
            delete_counters(&server).await;
            case.ask(
                "list",
                &[200],
                server.get_as(&admin.token, "/admin/audit-log"),
            )
            .await;
            case.ask("login", &[200], server.login("jane", PASSWORD))
                .await;
            case.within_limit("tick", maintenance::tick(&server.app))
                .await
                .unwrap();
            if collection != "audit_log" {
                let job = seal::seal(&server.app, server.clock.now());
                case.within_limit("seal", job).await.unwrap();
            }
        })
        .await;
    }
}

#[tokio::test]
async fn malformed_revocations_and_keys_are_read() {
    let server = server().await;
    let token = server.patient("jane").await.token();
    let change = json!({ "first_name": "June" });
    let changed = server.patch_as(&token, "/users/me", change).await;
    changed.expect(200);
    server.call_as(&token, "/auth/logout-all").await.expect(200);
    for collection in ["revocations", "user_sessions"] {
        let id = ids(&server, collection).await.pop().unwrap();
        mutate(&server, collection, id.as_str(), async |case| {
            let follow = sessions::follow_revocations(&server.app, server.clock.now());
            case.within_limit("follow", follow).await.unwrap();
        })
        .await;
    }
    for id in ids(&server, "signing_keys").await {
        mutate(&server, "signing_keys", id.as_str(), async |case| {
            delete_counters(&server).await;
            case.within_limit("keys", keys::refresh(&server.app))
                .await
                .unwrap();
            case.within_limit("start", keys::prepare(&server.app))
                .await
                .unwrap();
            let login = case
                .ask("login", &[200], server.login("jane", PASSWORD))
                .await;
            case.ask("me", &[200], server.get_as(&login.token(), "/users/me"))
                .await;
            case.ask("keys", &[200], server.get("/.well-known/jwks.json"))
                .await;
        })
        .await;
    }
}

#[tokio::test]
async fn malformed_identifiers_are_repaired() {
    let server = server().await;
    let user_id = server.patient("jane").await.text("user_id");
    let names = [
        "email:jane@example.org".to_owned(),
        format!("user_id:{user_id}"),
    ];
    for name in names {
        let typed = name.split_once(':').unwrap().1.to_owned();
        mutate(&server, "identifiers", name.as_str(), async |case| {
            delete_counters(&server).await;
            case.ask("login", &[200, 401], server.login(&typed, PASSWORD))
                .await;
            case.ask("login", &[200], server.login("jane", PASSWORD))
                .await;
            case.ask("forgot", &[200], server.forgot("jane@example.org"))
                .await;
            case.ask(
                "register",
                &[200, 409],
                server.register_at("jane@example.org", "other"),
            )
            .await;
            case.within_limit("mail", server.deliver()).await;
            if case.what.contains(" expires_at") {
                return;
            }
            let stop = CancellationToken::default();
            let look = startup::visit_accounts(&server.app, &stop);
            case.within_limit("start", look).await.unwrap();
            assert_eq!(server.app.readiness.phase(), Phase::Ready);
            let login = case
                .ask("login", &[200], server.login(&typed, PASSWORD))
                .await;
            assert_eq!(login.text("user_id"), user_id, "{}", case.what);
        })
        .await;
    }
}

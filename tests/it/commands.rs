//! The commands beside `serve`: what they print, their exit codes, and that they work beside each other.

use bson::doc;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{Home, Process};

const NEW: &str = "a long enough new password";

/// Sets the password by the link that a command printed, and logs in with it.
async fn accepts(process: &Process, printed: &str, email: &str) -> String {
    let (_, token) = printed.split_once("/static/reset.html#token=").unwrap();
    let token = token.split_whitespace().next().unwrap();
    let body = json!({ "token": token, "new_password": NEW, "confirm_password": NEW });
    process.post("/auth/reset-password", body).await.expect(200);
    let typed = json!({ "email": email, "password": NEW });
    process
        .post("/auth/login", typed)
        .await
        .expect(200)
        .text("user_type")
}

#[tokio::test]
async fn create_admin_prints_a_link_that_makes_an_administrator() {
    let home = Home::new();
    let asked = [
        "create-admin",
        "--email",
        "Boss@Example.org",
        "--username",
        "boss",
    ];
    let printed = home.run(&asked).await.good(); // ADM-2
    let process = home.serve_ready().await;
    let typed = json!({ "username": "boss", "password": NEW });
    process
        .post("/auth/login", typed)
        .await
        .refused(401, "AUTH_FAILED");
    assert_eq!(
        accepts(&process, &printed, "boss@example.org").await,
        "admin"
    );
}

#[tokio::test]
async fn the_link_of_create_admin_works_once() {
    let home = Home::new();
    let printed = home
        .run(&["create-admin", "--email", "boss@example.org"])
        .await
        .good();
    let process = home.serve_ready().await;
    accepts(&process, &printed, "boss@example.org").await;
    let (_, token) = printed.split_once("#token=").unwrap();
    let body = json!({ "token": token.trim(), "new_password": NEW, "confirm_password": NEW });
    process
        .post("/auth/reset-password", body)
        .await
        .refused(400, "OTP_ERROR"); // RST-1
}

#[tokio::test]
async fn parallel_create_admins_of_one_address_make_one_account() {
    let home = Home::new();
    let spellings = [
        "boss@example.org",
        "BOSS@example.org",
        "Boss@Example.Org",
        "boss@EXAMPLE.org",
    ];
    let asked = spellings.map(|email| ["create-admin", "--email", email]);
    let ended = join_all(asked.iter().map(|asked| home.run(asked))).await; // ADM-2
    let process = home.serve_ready().await;
    let (made, refused): (Vec<_>, Vec<_>) = ended.into_iter().partition(|one| one.code == Some(0));
    for one in refused {
        let complaint = one.bad();
        assert!(
            complaint.contains("an account with this email or username already exists"),
            "{complaint}"
        );
    }
    let staff = home
        .open()
        .await
        .store
        .raw("staff_v2")
        .count_documents(doc! {})
        .await;
    assert_eq!((made.len(), staff.unwrap()), (1, 1));
    assert_eq!(
        accepts(&process, &made[0].stdout, "boss@example.org").await,
        "admin"
    );
}

#[tokio::test]
async fn create_admin_refuses_what_is_no_address() {
    let complaint = Home::new()
        .run(&["create-admin", "--email", "boss"])
        .await
        .bad();
    assert!(complaint.contains("--email"), "{complaint}");
}

#[tokio::test]
async fn create_admin_without_a_database_says_so() {
    let home = Home::new().with("MONGO_URI", "mongodb://127.0.0.1:1/");
    let complaint = home
        .run(&["create-admin", "--email", "boss@example.org"])
        .await
        .bad();
    assert!(
        complaint.contains("the database cannot be used"),
        "{complaint}"
    );
}

#[tokio::test]
async fn the_accounts_of_demo_data_log_in() {
    let home = Home::new();
    let printed = home.run(&["demo-data"]).await.good();
    let process = home.serve_ready().await;
    let mut roles = Vec::new();
    for line in printed.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [_, user_id, email, "password", password] = words[..] else {
            panic!("{line}")
        };
        for name in [user_id, email] {
            let typed = json!({ "email": name, "password": password });
            roles.push(
                process
                    .post("/auth/login", typed)
                    .await
                    .expect(200)
                    .text("user_type"),
            );
        }
    }
    assert_eq!(
        roles,
        ["patient", "patient", "doctor", "doctor", "admin", "admin"]
    );
}

#[tokio::test]
async fn demo_data_is_refused_in_production() {
    let complaint = Home::new().in_production().run(&["demo-data"]).await.bad();
    assert!(
        complaint.contains("demo data is for development only"),
        "{complaint}"
    );
}

#[tokio::test]
async fn openapi_prints_what_the_service_answers() {
    let home = Home::new();
    let printed: Value = serde_json::from_str(&home.run(&["openapi"]).await.good()).unwrap();
    let answered = home
        .serve()
        .await
        .get("/openapi.json")
        .await
        .expect(200)
        .body;
    assert_eq!(printed, answered);
}

#[tokio::test]
async fn check_says_that_all_is_well() {
    let printed = Home::new().run(&["check"]).await.good();
    for told in [
        "ok     configuration",
        "ok     database",
        "ok     keys",
        "ok     mail",
    ] {
        assert!(printed.contains(told), "{printed}");
    }
    assert!(!printed.contains("FAULT"), "{printed}");
}

#[tokio::test]
async fn check_warns_of_the_embedded_stores_open_port() {
    let printed = Home::embedded().run(&["check"]).await.good();
    assert!(
        printed.contains("warn   store: embedded at data/clinic.db"),
        "{printed}"
    );
    assert!(printed.contains("open to every local user"), "{printed}");
}

#[tokio::test]
async fn check_fails_without_a_database_and_says_what_to_do() {
    let home = Home::new().with("MONGO_URI", "mongodb://ana:hush@127.0.0.1:1/");
    let printed = home.run(&["check"]).await.bad();
    assert!(printed.contains("FAULT  database"), "{printed}");
    assert!(
        printed.contains("MONGO_URI") && !printed.contains("hush"),
        "{printed}"
    );
}

#[tokio::test]
async fn check_warns_of_an_address_that_weakens_what_is_acknowledged() {
    for weak in ["w=1", "w=0", "journal=false"] {
        let uri = format!("mongodb://127.0.0.1:1/?{weak}");
        let printed = Home::new()
            .with("MONGO_URI", &uri)
            .run(&["check"])
            .await
            .bad(); // DB-3
        assert!(
            printed.contains(&format!("warn   store: MONGO_URI has {weak}")),
            "{printed}"
        );
    }
}

#[tokio::test]
async fn check_fails_where_no_mail_can_be_sent() {
    let home = Home::new()
        .with("SMTP_HOST", "127.0.0.1")
        .with("SMTP_PORT", "1")
        .with("CLINIC_AUTH__EMAIL__TLS", "none");
    let printed = home.run(&["check"]).await.bad();
    assert!(
        printed.contains("FAULT  mail") && printed.contains("ok     database"),
        "{printed}"
    );
}

#[tokio::test]
async fn check_tells_every_fault_of_the_configuration() {
    let home = Home::new()
        .with("CLINIC_AUTH__OTP__LENGHT", "6")
        .with("ENVIRONMENT", "prod");
    let printed = home.run(&["check"]).await.bad(); // CFG-1
    assert!(
        printed.contains("FAULT  configuration: ENVIRONMENT"),
        "{printed}"
    );
    assert!(
        printed.contains("OTP__LENGHT") && printed.contains("OTP__LENGTH"),
        "{printed}"
    );
}

//! The process is killed at random moments while a verify, a reset, a refresh and a mail are under way (LIFE-2).

use std::time::Duration;

use bson::doc;
use clinic_auth::random::SharedRng;
use futures_util::{TryStreamExt, future::join_all};
use serde_json::json;

use crate::{
    Plan,
    it::harness::{Answer, Direct, Home, PASSWORD, Process, eventually, registration},
    mailbox::{Mailbox, RESET, VERIFY},
    people::{login, me, refresh, unthrottled, verify},
};

/// The requests of a round take about as long.
const LATEST_KILL_MS: u64 = 400;

pub(crate) async fn on_the_embedded_store(plan: Plan) -> String {
    rounds(Home::embedded(), plan.rounds).await
}

pub(crate) async fn on_mongodb(plan: Plan) -> String {
    let given = std::env::var("TEST_MONGO_URI").is_ok();
    assert!(given, "TEST_MONGO_URI is not set");
    rounds(Home::new(), plan.rounds).await
}

/// Who is there in every round.
struct Cast {
    mailbox: Mailbox,
    home: Home,
    /// The password of `bob`, who resets it in each round.
    password: String,
    /// The refresh token of `carol`, who uses it in each round.
    token: String,
    /// Registrations that were acknowledged: their mail must come.
    promised: Vec<String>,
    cut: Cut,
}

/// How many requests got no answer.
#[derive(Default)]
struct Cut {
    verify: usize,
    reset: usize,
    refresh: usize,
    register: usize,
}

async fn rounds(home: Home, rounds: usize) -> String {
    let mailbox = Mailbox::start().await;
    let home = mailbox
        .for_home(unthrottled(home))
        .with("CLINIC_AUTH__EMAIL__LEASE_SECONDS", "4")
        // A start and several log-ins come before the token whose refresh was cut off is shown again.
        .with("CLINIC_AUTH__SESSIONS__REUSE_GRACE_SECONDS", "600");
    let mut process = home.serve_ready().await;
    for name in ["bob", "carol"] {
        let body = registration(name);
        process.post("/auth/register", body).await.expect(200);
        let otp = mailbox.code(&format!("{name}@example.org"), VERIFY).await;
        verify(&process, name, &otp).await.expect(200);
    }
    let mut cast = Cast {
        token: login(&process, "carol", PASSWORD).await.refresh_token(),
        mailbox,
        home,
        password: PASSWORD.to_owned(),
        promised: Vec::new(),
        cut: Cut::default(),
    };
    let rng = SharedRng::from_system().unwrap();
    for number in 0..rounds {
        let delay = Duration::from_millis(rng.below(LATEST_KILL_MS));
        process = cast.round(process, number, delay).await;
    }
    let again = everything_is_in_order(&cast, &process, rounds).await;
    process.stop().await;
    let Cut {
        verify,
        reset,
        refresh,
        register,
    } = cast.cut;
    format!(
        "{rounds} kills; cut off: {verify} verifies, {reset} resets, {refresh} refreshes, {register} registrations; \
         {rounds} accounts, no orphans; mails that came twice under one id: {again}"
    )
}

impl Cast {
    /// Four requests at once, a kill, a start, and what must hold at once; the process after it.
    async fn round(&mut self, process: Process, number: usize, delay: Duration) -> Process {
        let (ann, mia) = (format!("ann{number}"), format!("mia{number}"));
        let new = format!("a long password number {number}");
        let body = registration(&ann);
        process.post("/auth/register", body).await.expect(200);
        let bob = json!({ "email": "bob@example.org" });
        process.post("/auth/forgot-password", bob).await.expect(200);
        let session = login(&process, "bob", &self.password).await.expect(200);
        let otp = self
            .mailbox
            .code(&format!("{ann}@example.org"), VERIFY)
            .await;
        let reset_otp = self.mailbox.code("bob@example.org", RESET).await;

        let requests = [
            (
                "/auth/verify-otp",
                json!({ "email": format!("{ann}@example.org"), "otp": otp }),
            ),
            (
                "/auth/reset-password",
                json!({ "email": "bob@example.org", "otp": reset_otp, "new_password": new }),
            ),
            ("/auth/refresh", json!({ "refresh_token": self.token })),
            ("/auth/register", registration(&mia)),
        ];
        let requests =
            requests.map(|(path, body)| Answer::perhaps(process.request("POST", path).json(&body)));
        let kill = async {
            tokio::time::sleep(delay).await;
            process.signal("KILL");
        };
        let (answers, ()) = tokio::join!(join_all(requests), kill);
        drop(process);
        let [verified, reset, refreshed, registered] = answers.try_into().unwrap();

        let process = self.home.serve_ready().await;
        self.verified(&process, &ann, &otp, verified).await;
        self.reset(&process, &new, &session.token(), reset).await;
        self.refreshed(&process, refreshed).await;
        match registered {
            Ok(answer) => {
                answer.expect(200);
                self.promised.push(format!("{mia}@example.org"));
            }
            Err(_) => self.cut.register += 1,
        }
        process
    }

    async fn verified(
        &mut self,
        process: &Process,
        ann: &str,
        otp: &str,
        answer: reqwest::Result<Answer>,
    ) {
        if let Ok(answer) = answer {
            answer.expect(200);
            login(process, ann, PASSWORD).await.expect(200);
        } else {
            self.cut.verify += 1;
            // Used up by the cut-off one: the sweeper finishes (REG-5).
            let again = verify(process, ann, otp).await;
            if again.status != 200 {
                again.refused(400, "OTP_ERROR");
            }
        }
    }

    /// Either password is the right one, never both or none; with the new one no old session lives.
    async fn reset(
        &mut self,
        process: &Process,
        new: &str,
        session: &str,
        answer: reqwest::Result<Answer>,
    ) {
        let acknowledged = answer.is_ok();
        match answer {
            Ok(answer) => drop(answer.expect(200)),
            Err(_) => self.cut.reset += 1,
        }
        let with_new = login(process, "bob", new).await;
        if acknowledged || with_new.status == 200 {
            with_new.expect(200);
            let with_old = login(process, "bob", &self.password).await;
            with_old.refused(401, "AUTH_FAILED");
            me(process, session).await.refused(401, "SESSION_ERROR"); // RST-4
            new.clone_into(&mut self.password);
        }
        login(process, "bob", &self.password).await.expect(200);
    }

    /// The token whose refresh was cut off still opens the session, whichever is the current one (RT-5).
    async fn refreshed(&mut self, process: &Process, answer: reqwest::Result<Answer>) {
        if let Ok(answer) = answer {
            self.token = answer.expect(200).refresh_token();
        } else {
            self.cut.refresh += 1;
        }
        let answer = refresh(process, &self.token).await.expect(200);
        self.token = answer.refresh_token();
        me(process, &answer.token()).await.expect(200);
    }
}

/// After the sweeper: one account for each `ann`, with its names and nothing else; every promised mail once. How many
/// mails came twice under one id.
async fn everything_is_in_order(cast: &Cast, process: &Process, rounds: usize) -> usize {
    let direct = cast.home.open().await;
    for number in 0..rounds {
        let name = format!("ann{number}");
        // Looked for where it stands: logins that come too early would lock the account that is waited for (LCK-1).
        eventually(&format!("an account of {name}"), async || {
            let account = doc! { "username": &name };
            (count(&direct, "patients_v2", account).await == 1).then_some(())
        })
        .await;
        login(process, &name, PASSWORD).await.expect(200);
    }
    eventually(
        "the end of every registration that was verified",
        async || {
            let activating = doc! { "activating_since": { "$exists": true } };
            (count(&direct, "pending_users", activating).await == 0).then_some(())
        },
    )
    .await;
    let accounts = rows(&direct, "patients_v2").await;
    assert_eq!(accounts.len(), rounds + 2);
    let mut owners: Vec<String> = accounts
        .iter()
        .map(|row| row.get_str("user_id").unwrap().to_owned())
        .collect();
    owners.sort();
    let mut active = Vec::new();
    for row in rows(&direct, "identifiers").await {
        let owner = row.get_str("owner").unwrap().to_owned();
        if row.get_str("state").unwrap() == "active" {
            active.push(owner);
        } else {
            let name = row.get_str("_id").unwrap();
            let verified = owners.contains(&owner) || name.starts_with("username:ann");
            assert!(!verified, "an orphan: {name}");
            assert!(row.get_datetime("expires_at").is_ok(), "{name} never ends");
        }
    }
    active.sort();
    active.dedup_by_key(|owner| owner.clone());
    assert_eq!(active, owners);

    let promised = || cast.promised.iter().map(String::as_str);
    eventually("every promised mail", async || {
        let (census, _) = cast.mailbox.census(VERIFY);
        promised().all(|to| census.contains_key(to)).then_some(())
    })
    .await;
    let (census, again) = cast.mailbox.census(VERIFY);
    for (to, mails) in census {
        assert_eq!(mails, 1, "different mails to {to}");
    }
    again
}

async fn rows(direct: &Direct, collection: &str) -> Vec<bson::Document> {
    let rows = direct.store.raw(collection);
    rows.find(doc! {})
        .await
        .unwrap()
        .try_collect()
        .await
        .unwrap()
}

async fn count(direct: &Direct, collection: &str, filter: bson::Document) -> usize {
    let rows = direct.store.raw(collection);
    let found: Vec<bson::Document> = rows
        .find(filter)
        .await
        .unwrap()
        .try_collect()
        .await
        .unwrap();
    found.len()
}

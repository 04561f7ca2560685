//! The process is killed at random moments while a verify, a reset, a refresh and a mail are under way (LIFE-2).

use std::time::Duration;

use bson::doc;
use futures_util::{TryStreamExt, future::join_all};
use kernel::random::SharedRng;
use serde_json::json;

use crate::{
    Plan,
    it::harness::{Answer, Direct, Installation, PASSWORD, Process, eventually, registration},
    mailbox::{Mailbox, RESET, VERIFY},
    people::{login, me, refresh, unthrottled, verify},
};

/// The latest time of a kill; the requests of a round take about as long.
const LATEST_KILL_MS: u64 = 400;

pub(crate) async fn on_the_embedded_store(plan: Plan) -> String {
    rounds(Installation::embedded(), plan.rounds).await
}

pub(crate) async fn on_mongodb(plan: Plan) -> String {
    let given = std::env::var("TEST_MONGO_URI").is_ok();
    assert!(given, "TEST_MONGO_URI is not set");
    rounds(Installation::new(), plan.rounds).await
}

/// The state that is carried from round to round.
struct State {
    mailbox: Mailbox,
    home: Installation,
    /// The password of `bob`, who resets it in each round.
    password: String,
    /// The refresh token of `carol`, who uses it in each round.
    token: String,
    /// Addresses of confirmed registrations. Each must get its mail.
    confirmed: Vec<String>,
    interrupted: Interrupted,
}

/// How many requests got no answer.
#[derive(Default)]
struct Interrupted {
    verify: usize,
    reset: usize,
    refresh: usize,
    register: usize,
}

async fn rounds(home: Installation, rounds: usize) -> String {
    let mailbox = Mailbox::start().await;
    let home = mailbox
        .configure(unthrottled(home))
        .with("CLINIC_AUTH__EMAIL__LEASE_SECONDS", "4")
        // A start and several logins happen before the token of the interrupted refresh is used again.
        .with("CLINIC_AUTH__SESSIONS__REUSE_GRACE_SECONDS", "600");
    let mut process = home.serve_ready().await;
    for name in ["bob", "carol"] {
        let body = registration(name);
        process.post("/auth/register", body).await.expect(200);
        let otp = mailbox.code(&format!("{name}@example.org"), VERIFY).await;
        verify(&process, name, &otp).await.expect(200);
    }
    let mut state = State {
        token: login(&process, "carol", PASSWORD).await.refresh_token(),
        mailbox,
        home,
        password: PASSWORD.to_owned(),
        confirmed: Vec::new(),
        interrupted: Interrupted::default(),
    };
    let rng = SharedRng::from_system().unwrap();
    for number in 0..rounds {
        let delay = Duration::from_millis(rng.below(LATEST_KILL_MS));
        process = state.round(process, number, delay).await;
    }
    let again = check_everything(&state, &process, rounds).await;
    process.stop().await;
    let Interrupted {
        verify,
        reset,
        refresh,
        register,
    } = state.interrupted;
    format!(
        "{rounds} kills; cut off: {verify} verifies, {reset} resets, {refresh} refreshes, {register} registrations; \
         {rounds} accounts, no orphans; mails that came twice under one id: {again}"
    )
}

impl State {
    /// Sends four requests in parallel, kills the process, starts it again and checks the results.
    /// Returns the new process.
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
            requests.map(|(path, body)| Answer::try_of(process.request("POST", path).json(&body)));
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
                self.confirmed.push(format!("{mia}@example.org"));
            }
            Err(_) => self.interrupted.register += 1,
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
            self.interrupted.verify += 1;
            // The interrupted request may have consumed the code. Then the sweeper finishes the registration (REG-5).
            let again = verify(process, ann, otp).await;
            if again.status != 200 {
                again.refused(400, "OTP_ERROR");
            }
        }
    }

    /// Exactly one of the two passwords works. If it is the new one, the old sessions have ended.
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
            Err(_) => self.interrupted.reset += 1,
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

    /// The token of an interrupted refresh still continues the session (RT-5).
    async fn refreshed(&mut self, process: &Process, answer: reqwest::Result<Answer>) {
        if let Ok(answer) = answer {
            self.token = answer.expect(200).refresh_token();
        } else {
            self.interrupted.refresh += 1;
        }
        let answer = refresh(process, &self.token).await.expect(200);
        self.token = answer.refresh_token();
        me(process, &answer.token()).await.expect(200);
    }
}

/// Waits for the sweeper, then checks that each `ann` has one account with its names, that nothing else is left, and
/// that every confirmed mail came. Returns how many mails came twice under one id.
async fn check_everything(state: &State, process: &Process, rounds: usize) -> usize {
    let direct = state.home.open().await;
    for number in 0..rounds {
        let name = format!("ann{number}");
        // The account is searched in the database, because logins that fail before it exists would lock it (LCK-1).
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

    let confirmed = || state.confirmed.iter().map(String::as_str);
    eventually("every confirmed mail", async || {
        let (census, _) = state.mailbox.census(VERIFY);
        confirmed().all(|to| census.contains_key(to)).then_some(())
    })
    .await;
    let (census, again) = state.mailbox.census(VERIFY);
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

//! The system clock is set back by an hour while the service runs. Stored states decide, not the time (TIME-1).

use std::{fs, path::PathBuf};

use serde_json::json;

use crate::{
    Plan,
    it::harness::{Answer, Installation, PASSWORD, Process, eventually, registration},
    people::{call, logged_in, login, me, patient, refresh, verify, with_codes},
};

const NEW: &str = "another long password";

/// The library that shows a process another time: the Debian package libfaketime.
fn library() -> PathBuf {
    let folders = fs::read_dir("/usr/lib").unwrap().flatten();
    let paths = folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"));
    let mut found = paths.filter(|path| path.exists());
    found.next().expect("libfaketime is not installed")
}

pub(crate) async fn run(_: Plan) -> String {
    let home = with_codes(Installation::new());
    let clock = home.path().join("clock");
    let set = |offset: &str| fs::write(&clock, offset).unwrap();
    set("+0");
    let home = home
        .with("LD_PRELOAD", library().to_str().unwrap())
        .with("FAKETIME_TIMESTAMP_FILE", clock.to_str().unwrap())
        .with("FAKETIME_NO_CACHE", "1")
        .with("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    let process = home.serve_ready().await;

    let jane = patient(&process, "jane").await;
    let consumed = Consumed::now(&process).await;
    let before = time_of(&process).await;
    set("-1h");
    eventually("the earlier time", async || {
        (time_of(&process).await < before).then_some(())
    })
    .await;
    consumed.check_unusable(&process).await;

    // An access token from the future is refused (JWT-5), but its refresh token still works.
    let refused = me(&process, &jane.token()).await;
    refused.refused(401, "AUTH_FAILED");
    let jane = refresh(&process, &jane.refresh_token()).await.expect(200);
    me(&process, &jane.token()).await.expect(200);
    patient(&process, "late").await;
    logged_in(&process, "late").await;
    let (mails, body) = (mails_in(&home), json!({ "email": "late@example.org" }));
    process
        .post("/auth/forgot-password", body)
        .await
        .expect(200);
    eventually("a mail by the earlier time", async || {
        (mails_in(&home) > mails).then_some(())
    })
    .await;
    // The account that was locked before stays locked, and a reset unlocks it.
    login(&process, "kim", PASSWORD)
        .await
        .refused(429, "RATE_LIMIT");
    reset(&process, "kim").await;
    login(&process, "kim", NEW).await.expect(200);

    set("+0");
    eventually("the time of before", async || {
        (time_of(&process).await > before).then_some(())
    })
    .await;
    consumed.check_unusable(&process).await;
    let jane = refresh(&process, &jane.refresh_token()).await.expect(200);
    me(&process, &jane.token()).await.expect(200);
    process.stop().await;
    "used codes, consumed refresh tokens and ended sessions stay so, before and after; log-in, registration, refresh, \
     reset and mail go on; access tokens of before are refused until they are refreshed"
        .to_owned()
}

/// The time in an answer of the service.
async fn time_of(process: &Process) -> String {
    let answer = process.get("/nowhere").await.expect(404);
    answer.body["error"]["timestamp"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn mails_in(home: &Installation) -> usize {
    fs::read_dir(home.path().join("data/outbox")).map_or(0, Iterator::count)
}

async fn reset_code(process: &Process, name: &str) -> String {
    let body = json!({ "email": format!("{name}@example.org") });
    let answer = process.post("/auth/forgot-password", body).await;
    answer.expect(200).text("debug_otp")
}

async fn reset_with(process: &Process, name: &str, otp: &str) -> Answer {
    let email = format!("{name}@example.org");
    let body = json!({ "email": email, "otp": otp, "new_password": NEW });
    process.post("/auth/reset-password", body).await
}

async fn reset(process: &Process, name: &str) -> String {
    let otp = reset_code(process, name).await;
    reset_with(process, name, &otp).await.expect(200);
    otp
}

/// Codes, tokens and sessions that were consumed or ended before the clock changes.
struct Consumed {
    code: String,
    reset_code: String,
    /// The refresh token of a session that a replay ended.
    refresh_token: String,
    /// The tokens of a session that was logged out.
    access: Answer,
}

impl Consumed {
    async fn now(process: &Process) -> Self {
        let registered = process.post("/auth/register", registration("ann")).await;
        let code = registered.expect(200).text("debug_otp");
        let access = verify(process, "ann", &code).await.expect(200);
        let out = call(process, "POST", "/auth/logout", &access.token()).await;
        out.expect(200);
        let reset_code = reset(process, "ann").await;
        patient(process, "kim").await;
        let first = logged_in(process, "kim").await.refresh_token();
        let second = refresh(process, &first).await.expect(200).refresh_token();
        refresh(process, &second).await.expect(200);
        let replayed = refresh(process, &first).await;
        replayed.refused(401, "SESSION_ERROR");
        for _ in 0..5 {
            let wrong = login(process, "kim", "wrong all along").await;
            wrong.refused(401, "AUTH_FAILED");
        }
        login(process, "kim", PASSWORD)
            .await
            .refused(429, "RATE_LIMIT");
        Self {
            code,
            reset_code,
            refresh_token: second,
            access,
        }
    }

    async fn check_unusable(&self, process: &Process) {
        // Within ten minutes the same code may be entered again, but it gives no tokens (REG-5).
        let again = verify(process, "ann", &self.code).await;
        assert!(again.status == 200 || again.status == 400, "{}", again.raw);
        assert_eq!(again.body.get("access_token"), None);
        let again = reset_with(process, "ann", &self.reset_code).await;
        again.refused(400, "OTP_ERROR");
        let again = refresh(process, &self.refresh_token).await;
        again.refused(401, "SESSION_ERROR");
        let again = refresh(process, &self.access.refresh_token()).await;
        again.refused(401, "SESSION_ERROR");
        me(process, &self.access.token()).await.expect(401);
    }
}

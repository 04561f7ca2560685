//! People who use the service all the time, and a judge who notes every answer and every promise in them.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::task::JoinHandle;

use crate::it::harness::{Answer, PASSWORD, registration};

/// What the answers were, and what they promised.
#[derive(Default)]
pub(crate) struct Noted {
    pub(crate) statuses: BTreeMap<u16, usize>,
    pub(crate) slowest: Duration,
    /// Answers that nobody may get.
    pub(crate) faults: Vec<String>,
    /// User ids of acknowledged registrations.
    pub(crate) registered: Vec<String>,
    /// Refresh tokens that were the last thing heard of their sessions.
    pub(crate) live: Vec<String>,
    /// Sessions whose end was acknowledged.
    pub(crate) ended: Vec<String>,
}

impl Noted {
    pub(crate) fn requests(&self) -> usize {
        self.statuses.values().sum()
    }
}

/// Where the next request goes: one address, or what a load balancer chooses.
pub(crate) type Target = Arc<dyn Fn() -> String + Send + Sync>;

/// The people at work.
pub(crate) struct Load {
    noted: Arc<Mutex<Noted>>,
    stop: Arc<AtomicBool>,
    people: Vec<JoinHandle<()>>,
}

/// Which answers are none.
#[derive(Clone, Copy)]
pub(crate) struct Rules {
    /// No answer may take longer.
    pub(crate) within: Duration,
    /// 503 with `Retry-After` is an answer.
    pub(crate) may_be_away: bool,
}

impl Load {
    /// Lets people, each with an account `NAME`, work against `target`.
    pub(crate) fn start(names: Vec<String>, target: &Target, rules: Rules) -> Self {
        let (noted, stop) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let people = names.into_iter().map(|name| {
            let person = Person {
                name,
                target: Arc::clone(target),
                rules,
                noted: Arc::clone(&noted),
                http: reqwest::Client::builder()
                    .no_proxy()
                    .timeout(Duration::from_secs(60))
                    .build()
                    .unwrap(),
            };
            let stop = Arc::clone(&stop);
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    person.comes_by().await;
                }
            })
        });
        let people = people.collect();
        Self {
            noted,
            stop,
            people,
        }
    }

    /// How many answers there were so far.
    pub(crate) fn requests(&self) -> usize {
        self.noted.lock().unwrap().requests()
    }

    /// Everybody finishes what they are at.
    pub(crate) async fn end(self) -> Noted {
        self.stop.store(true, Ordering::Relaxed);
        for person in self.people {
            person.await.unwrap();
        }
        std::mem::take(&mut *self.noted.lock().unwrap())
    }
}

static VISITORS: AtomicUsize = AtomicUsize::new(0);

struct Person {
    name: String,
    target: Target,
    rules: Rules,
    noted: Arc<Mutex<Noted>>,
    http: reqwest::Client,
}

impl Person {
    /// Registers somebody else, logs in, looks at the profile, refreshes, and logs out every second time.
    async fn comes_by(&self) {
        let visitor = VISITORS.fetch_add(1, Ordering::Relaxed);
        let body = registration(&format!("visitor{visitor}"));
        if let Some(answer) = self.asks(self.post("/auth/register").json(&body)).await
            && answer.status == 200
        {
            self.note(|noted| noted.registered.push(answer.text("user_id")));
        }
        let typed = json!({ "username": self.name, "password": PASSWORD });
        let login = self.asks(self.post("/auth/login").json(&typed)).await;
        let Some(login) = login.filter(|login| login.status == 200) else {
            return;
        };
        let (token, session) = (login.token(), login.text("session_id"));
        for _ in 0..4 {
            self.asks(self.get("/users/me").bearer_auth(&token)).await;
            self.asks(self.get("/auth/sessions").bearer_auth(&token))
                .await;
        }
        let shown = json!({ "refresh_token": login.refresh_token() });
        let refreshed = self.asks(self.post("/auth/refresh").json(&shown)).await;
        let Some(refreshed) = refreshed.filter(|refreshed| refreshed.status == 200) else {
            return;
        };
        if visitor.is_multiple_of(2) {
            let token = refreshed.refresh_token();
            self.note(|noted| noted.live.push(token));
            return;
        }
        let logout = self.post("/auth/logout").bearer_auth(refreshed.token());
        let out = self.asks(logout).await;
        if out.is_some_and(|out| out.status == 200) {
            self.note(|noted| noted.ended.push(session));
        }
    }

    /// Sends it and judges the answer. Nothing: there was none.
    async fn asks(&self, request: reqwest::RequestBuilder) -> Option<Answer> {
        let what = request.try_clone().and_then(|request| request.build().ok());
        let path = what
            .map(|request| request.url().path().to_owned())
            .unwrap_or_default();
        let begin = Instant::now();
        let answer = Answer::perhaps(request).await;
        let took = begin.elapsed();
        let fault = match &answer {
            Err(error) => Some(format!("no answer after {took:?}: {error:?}")),
            Ok(answer) if took > self.rules.within => {
                Some(format!("{} after {took:?}: {}", answer.status, answer.raw))
            }
            Ok(answer) if answer.status < 500 => None,
            Ok(answer)
                if self.rules.may_be_away
                    && answer.status == 503
                    && answer.headers.contains_key("retry-after") =>
            {
                None
            }
            Ok(answer) => Some(format!("{}: {}", answer.status, answer.raw)),
        };
        let answer = answer.ok();
        let away = answer.as_ref().is_none_or(|answer| answer.status >= 500);
        self.note(|noted| {
            noted
                .faults
                .extend(fault.map(|fault| format!("{path} {fault}")));
            noted.slowest = noted.slowest.max(took);
            if let Some(answer) = &answer {
                *noted.statuses.entry(answer.status).or_default() += 1;
            }
        });
        if away {
            // A client that is told to come back later does not hammer.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        answer
    }

    fn post(&self, path: &str) -> reqwest::RequestBuilder {
        self.http.post(format!("{}{path}", (self.target)()))
    }

    fn get(&self, path: &str) -> reqwest::RequestBuilder {
        self.http.get(format!("{}{path}", (self.target)()))
    }

    fn note(&self, what: impl FnOnce(&mut Noted)) {
        what(&mut self.noted.lock().unwrap());
    }
}

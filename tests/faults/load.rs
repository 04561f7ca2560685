//! A load of simulated people who use the service all the time. It checks every answer, and notes the facts that the
//! answers confirmed.

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

/// The answers, and the facts that they confirmed.
#[derive(Default)]
pub(crate) struct Noted {
    pub(crate) statuses: BTreeMap<u16, usize>,
    pub(crate) slowest: Duration,
    /// Answers that break the rules.
    pub(crate) failures: Vec<String>,
    /// User ids of confirmed registrations.
    pub(crate) registered: Vec<String>,
    /// The last refresh token of each session that was not ended.
    pub(crate) live: Vec<String>,
    /// Sessions whose end was confirmed.
    pub(crate) ended: Vec<String>,
}

impl Noted {
    pub(crate) fn requests(&self) -> usize {
        self.statuses.values().sum()
    }
}

/// Returns the address for the next request: always the same, or the choice of a load balancer.
pub(crate) type Target = Arc<dyn Fn() -> String + Send + Sync>;

/// The running load.
pub(crate) struct Load {
    noted: Arc<Mutex<Noted>>,
    stop: Arc<AtomicBool>,
    people: Vec<JoinHandle<()>>,
}

/// The rules that each answer must follow.
#[derive(Clone, Copy)]
pub(crate) struct Rules {
    /// The longest time that an answer may take.
    pub(crate) within: Duration,
    /// Whether 503 with `Retry-After` is allowed.
    pub(crate) may_be_unavailable: bool,
}

impl Load {
    /// Starts one simulated person for each account in `names`.
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
                    person.visit().await;
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

    /// Stops the load after the requests that are under way.
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
    /// Registers another person, logs in, reads the profile, refreshes, and logs out every second time.
    async fn visit(&self) {
        let visitor = VISITORS.fetch_add(1, Ordering::Relaxed);
        let body = registration(&format!("visitor{visitor}"));
        if let Some(answer) = self.send(self.post("/auth/register").json(&body)).await
            && answer.status == 200
        {
            self.note(|noted| noted.registered.push(answer.text("user_id")));
        }
        let credentials = json!({ "username": self.name, "password": PASSWORD });
        let login = self.send(self.post("/auth/login").json(&credentials)).await;
        let Some(login) = login.filter(|login| login.status == 200) else {
            return;
        };
        let (token, session) = (login.token(), login.text("session_id"));
        for _ in 0..4 {
            self.send(self.get("/users/me").bearer_auth(&token)).await;
            self.send(self.get("/auth/sessions").bearer_auth(&token))
                .await;
        }
        let shown = json!({ "refresh_token": login.refresh_token() });
        let refreshed = self.send(self.post("/auth/refresh").json(&shown)).await;
        let Some(refreshed) = refreshed.filter(|refreshed| refreshed.status == 200) else {
            return;
        };
        if visitor.is_multiple_of(2) {
            let token = refreshed.refresh_token();
            self.note(|noted| noted.live.push(token));
            return;
        }
        let logout = self.post("/auth/logout").bearer_auth(refreshed.token());
        let out = self.send(logout).await;
        if out.is_some_and(|out| out.status == 200) {
            self.note(|noted| noted.ended.push(session));
        }
    }

    /// Sends a request and checks the answer. `None` if there was no answer.
    async fn send(&self, request: reqwest::RequestBuilder) -> Option<Answer> {
        let what = request.try_clone().and_then(|request| request.build().ok());
        let path = what
            .map(|request| request.url().path().to_owned())
            .unwrap_or_default();
        let begin = Instant::now();
        let answer = Answer::try_of(request).await;
        let took = begin.elapsed();
        let failure = match &answer {
            Err(error) => Some(format!("no answer after {took:?}: {error:?}")),
            Ok(answer) if took > self.rules.within => {
                Some(format!("{} after {took:?}: {}", answer.status, answer.raw))
            }
            Ok(answer) if answer.status < 500 => None,
            Ok(answer)
                if self.rules.may_be_unavailable
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
                .failures
                .extend(failure.map(|failure| format!("{path} {failure}")));
            noted.slowest = noted.slowest.max(took);
            if let Some(answer) = &answer {
                *noted.statuses.entry(answer.status).or_default() += 1;
            }
        });
        if away {
            // A good client waits before it tries again.
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

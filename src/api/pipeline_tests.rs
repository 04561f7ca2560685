//! Tests of the pipeline, over real connections to a small API.

mod answers;
mod requests;

use crate::{
    api::{Tag, pages::Pages},
    config::{Config, Environment, MasterSecret, Peppers, Secrets},
};
use kernel::{clock::Clock, errors, random::SharedRng, secret::Secret};
use poem::IntoEndpoint;
use poem_openapi::{
    Object, OpenApi, OpenApiService,
    param::{Path, Query},
    payload::Json,
};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_util::task::TaskTracker;
use web::{
    Body, Problem, RequestBody, RequestOrigin, connections, document::document, problem::error_set,
};

use super::*;

error_set!(Demo = [AUTH_FAILED] + BODY);

struct Api;

#[derive(Object)]
struct Note {
    text: String,
    count: Option<u32>,
}

impl RequestBody for Note {}

#[expect(
    clippy::unused_async,
    reason = "what the framework calls a handler is async"
)]
#[OpenApi]
impl Api {
    /// Writes a note
    #[oai(
        path = "/auth/note",
        method = "post",
        operation_id = "note",
        tag = "Tag::System"
    )]
    async fn note(&self, note: Body<Note>) -> Result<Json<usize>, Problem<Demo>> {
        Ok(Json(note.checked()?.text.len()))
    }

    /// Refuses
    #[oai(
        path = "/auth/refused",
        method = "get",
        operation_id = "refused",
        tag = "Tag::System"
    )]
    async fn refused(&self) -> Result<Json<usize>, Problem<Demo>> {
        Err(errors::AUTH_FAILED.into())
    }

    /// Finds a thing
    #[oai(
        path = "/things/:id",
        method = "get",
        operation_id = "thing",
        tag = "Tag::System"
    )]
    async fn thing(
        &self,
        id: Path<String>,
        limit: Query<Option<u8>>,
    ) -> Result<Json<String>, Problem<Demo>> {
        Ok(Json(format!("{} {:?}", id.0, limit.0)))
    }

    /// Panics
    #[oai(
        path = "/panic",
        method = "get",
        operation_id = "panic",
        tag = "Tag::System"
    )]
    async fn panic(&self) -> Result<Json<usize>, Problem<Demo>> {
        panic!("canary in a panic");
    }

    /// Never answers
    #[oai(
        path = "/never",
        method = "get",
        operation_id = "never",
        tag = "Tag::System"
    )]
    async fn never(&self) -> Result<Json<usize>, Problem<Demo>> {
        std::future::pending().await
    }
}

/// A path that another part of the API serves too.
struct More;

#[expect(
    clippy::unused_async,
    reason = "what the framework calls a handler is async"
)]
#[OpenApi]
impl More {
    /// Deletes a thing
    #[oai(
        path = "/things/:id",
        method = "delete",
        operation_id = "delete_thing",
        tag = "Tag::System"
    )]
    async fn delete(
        &self,
        id: Path<String>,
        origin: RequestOrigin<'_>,
    ) -> Result<Json<String>, Problem<Demo>> {
        Ok(Json(format!("{} {}", id.0, origin.ip)))
    }
}

type All = (Api, More, Pages);

fn settings() -> Settings {
    let mut config = Config::default();
    config.service.request_timeout_seconds = 1;
    config.service.body_limit_bytes = 1000;
    config.throttle.identity.trusted_proxies = vec!["127.0.0.1".to_owned()];
    Settings {
        config,
        secrets: Secrets {
            master: MasterSecret {
                current: Secret::new(""),
                previous: None,
            },
            peppers: Peppers::default(),
            field: None,
            smtp_user: None,
            smtp_password: None,
        },
        store: crate::config::StoreAddress::Embedded(std::path::PathBuf::new()),
        log_filter: None,
        obsolete: Vec::new(),
        ignored: Vec::new(),
        environment: Environment::Development,
        mail_by_smtp: false,
        cors_origins: vec!["http://app.example".to_owned(), "null".to_owned()],
    }
}

async fn start(settings: Settings) -> std::net::SocketAddr {
    let pages = Pages::new(|| document::<All>(&ABOUT), &settings);
    let operations = OpenApiService::new((Api, More, pages), "", "").into_endpoint();
    let rng = SharedRng::seeded(1);
    let pipeline = Pipeline::new(
        operations,
        Routes::of::<All>(SLICES),
        TaskTracker::new(),
        &pipeline_settings(&settings),
        Clock::manual(),
        rng,
    )
    .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        connections::serve(
            listener,
            pipeline,
            &settings.config.service,
            kernel::networks::Networks::default(),
            std::future::pending(),
        )
        .await;
    });
    address
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    fn code(&self) -> String {
        let json: Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!(json["success"], false);
        assert_eq!(
            json["error"]["request_id"],
            self.header("x-request-id").unwrap()
        );
        json["error"]["code"].as_str().unwrap().to_owned()
    }
}

/// Sends bytes to a new service and reads until it closes the connection.
async fn send_to(address: std::net::SocketAddr, request: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // A server that refuses early still lets its client finish, so that the answer is not lost.
    stream.write_all(request).await.unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

async fn ask(line: &str, headers: &str) -> Answer {
    let request = format!("{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
    send_to(start(settings()).await, request.as_bytes()).await
}

async fn post(headers: &str, body: &str) -> Answer {
    let request =
        format!("POST /auth/note HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n{body}");
    send_to(start(settings()).await, request.as_bytes()).await
}

async fn post_json(body: &str) -> Answer {
    let headers = format!(
        "Content-Type: application/json\r\nContent-Length: {}\r\n",
        body.len()
    );
    post(&headers, body).await
}

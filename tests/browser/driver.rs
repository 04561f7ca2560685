//! The browser of one test: chromedriver, a Chromium with its own profile, and the commands that fantoccini lacks.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
};

use fantoccini::{Client, ClientBuilder, wd::WebDriverCompatibleCommand};
use hyper::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use url::{ParseError, Url};

const ARGUMENTS: [&str; 9] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-device-scale-factor=1",
];

/// The browser. It ends with the test.
pub(crate) struct Driver {
    pub(crate) client: Client,
    session: String,
    process: Process,
    _profile: TempDir,
}

struct Process {
    child: Child,
    port: u16,
}

impl Driver {
    /// Starts a new browser.
    pub(crate) async fn start() -> Self {
        let profile = TempDir::new().unwrap();
        let process = Process::start();
        let data = format!("--user-data-dir={}", profile.path().display());
        let arguments: Vec<&str> = ARGUMENTS.into_iter().chain([data.as_str()]).collect();
        let wanted = json!({
            "browserName": "chrome",
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(wanted.as_object().unwrap().clone())
            .connect(&format!("http://127.0.0.1:{}", process.port))
            .await
            .unwrap();
        Self {
            session: client.session_id().await.unwrap().unwrap(),
            client,
            process,
            _profile: profile,
        }
    }

    /// Sends a command of the Chrome `DevTools` protocol.
    pub(crate) async fn devtools(&self, method: &str, parameters: Value) -> Value {
        let body = json!({ "cmd": method, "params": parameters });
        self.issue("goog/cdp/execute", body).await
    }

    /// Warnings and errors on the console since the last call.
    pub(crate) async fn console_messages(&self) -> Vec<String> {
        let entries = self.issue("se/log", json!({ "type": "browser" })).await;
        let entries = entries.as_array().unwrap().iter();
        let bad = entries.filter(|entry| {
            ["SEVERE", "WARNING"]
                .map(Value::from)
                .contains(&entry["level"])
        });
        bad.map(|entry| entry["message"].as_str().unwrap().to_owned())
            .collect()
    }

    async fn issue(&self, path: &str, body: Value) -> Value {
        self.command(Method::POST, path, Some(body)).await
    }

    /// Sends a command that `WebDriver` itself does not define, with a path below the session's URL.
    pub(crate) async fn command(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let command = Extension {
            method,
            path: path.to_owned(),
            body,
        };
        self.client.issue_cmd(command).await.unwrap()
    }
}

/// A command that `WebDriver` does not define, with a path below the session's URL.
#[derive(Debug)]
struct Extension {
    method: Method,
    path: String,
    body: Option<Value>,
}

impl WebDriverCompatibleCommand for Extension {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let body = self.body.as_ref().map(Value::to_string);
        (self.method.clone(), body)
    }
}

impl Process {
    fn start() -> Self {
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("chromedriver is needed in PATH: {error}"));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.find_map(|line| {
            let line = line.unwrap();
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse().ok()
        });
        // A thread reads the rest of the output, so that chromedriver does not block.
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            port: port.unwrap(),
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Ends Chromium without async code, because the runtime may have ended when the test failed.
        let request = format!(
            "DELETE /session/{} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            self.session
        );
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.process.port)) {
            let _ = stream.write_all(request.as_bytes());
            let _ = stream.read(&mut [0; 512]);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

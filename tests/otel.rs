//! Traces reach a collector, with the request id and without anything secret (LOG-2). Needs the feature `otel`.
#![cfg(feature = "otel")]
#![expect(
    clippy::unwrap_used,
    reason = "a helper that cannot continue fails its test"
)]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
};

use tempfile::TempDir;

const REQUEST_ID: &str = "trace-4f1d9a7c";
const PASSWORD: &str = "canary-password-7391";
const EMAIL: &str = "canary@example.org";

/// A collector that answers 200. Its address, and the path and body of each request.
fn collector() -> (String, Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (sender, received) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, sender) = (BufReader::new(stream.unwrap()), sender.clone());
            thread::spawn(move || {
                while let Some(request) = read_request(&mut stream) {
                    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
                    stream.get_mut().write_all(answer).unwrap();
                    if sender.send(request).is_err() {
                        return;
                    }
                }
            });
        }
    });
    (address, received)
}

fn read_request(stream: &mut BufReader<TcpStream>) -> Option<(String, Vec<u8>)> {
    let mut line = String::new();
    stream.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).ok()?;
        let Some((name, value)) = header.split_once(':') else {
            break;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some((path, body))
}

/// Starts the service on a free port. Returns the process and its address.
fn service(folder: &TempDir, endpoint: &str) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_clinic-auth"))
        .current_dir(folder.path())
        .env_clear()
        .env("PORT", "0")
        .env("CLINIC_AUTH__SERVICE__HOST", "127.0.0.1")
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address = lines
        .find_map(|line| {
            line.unwrap()
                .split_once("listening on ")
                .map(|(_, at)| at.to_owned())
        })
        .unwrap();
    thread::spawn(move || lines.for_each(drop));
    (child, address)
}

fn post(address: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: x\r\nX-Request-Id: {REQUEST_ID}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_trace_has_the_request_id_and_no_secrets() {
    let (folder, (endpoint, received)) = (TempDir::new().unwrap(), collector());
    let (mut child, address) = service(&folder, &endpoint);
    let body = format!(r#"{{"email":"{EMAIL}","password":"{PASSWORD}"}}"#);
    let answer = post(&address, "/auth/login?token=canary-token", &body);
    assert!(answer.contains(REQUEST_ID), "{answer}");
    // At its end the service sends the remaining traces.
    Command::new("kill")
        .arg(child.id().to_string())
        .status()
        .unwrap();
    assert!(child.wait().unwrap().success());

    let sent: Vec<_> = received.try_iter().collect();
    assert!(!sent.is_empty() && sent.iter().all(|(path, _)| path == "/v1/traces"));
    let text = sent.iter().map(|(_, body)| String::from_utf8_lossy(body));
    let text = text.collect::<String>();
    for expected in [
        REQUEST_ID,
        "clinic-auth",
        "request_id",
        "/auth/login",
        "request answered",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    for secret in [PASSWORD, EMAIL, "canary"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}

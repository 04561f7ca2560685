//! The scenario's own MongoDB, which it may stop and kill: `mongod` of PATH, or the script `REAL_MONGO`, which answers
//! `start --port N --data DIR` with an address.

use std::{
    fs,
    net::TcpStream,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;
use tokio::task::spawn_blocking;

use crate::it::harness::eventually;

/// The running server.
pub(crate) struct Mongo {
    port: u16,
    data: TempDir,
    child: Option<Child>,
}

impl Mongo {
    pub(crate) async fn start() -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let mut mongo = Self {
            port,
            data: TempDir::new().unwrap(),
            child: None,
        };
        mongo.start_again().await;
        mongo
    }

    /// A standalone server loses confirmed writes at a kill, unless it must write its journal first (`journal=true`).
    pub(crate) fn uri(&self) -> String {
        format!(
            "mongodb://127.0.0.1:{}/?directConnection=true&journal=true",
            self.port
        )
    }

    /// Starts the server on its data, and waits until it accepts connections.
    pub(crate) async fn start_again(&mut self) {
        let (port, data) = (self.port.to_string(), self.data.path());
        if let Ok(script) = std::env::var("REAL_MONGO") {
            let mut command = Command::new(script);
            command.args(["start", "--port", &port, "--data"]).arg(data);
            let started = spawn_blocking(move || command.stdout(Stdio::null()).status().unwrap());
            assert!(started.await.unwrap().success());
        } else {
            let mut command = Command::new("mongod");
            command.args(["--bind_ip", "127.0.0.1", "--port", &port, "--dbpath"]);
            let started = command.arg(data).stdout(Stdio::null()).spawn();
            self.child = Some(started.expect("neither REAL_MONGO nor a mongod in PATH"));
        }
        let address = format!("127.0.0.1:{}", self.port);
        eventually("a connection to MongoDB", async || {
            TcpStream::connect(&address).ok()
        })
        .await;
    }

    /// Sends a signal to the process that listens.
    pub(crate) fn signal(&self, name: &str) {
        let pid = listener(self.port).expect("MongoDB does not listen");
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &pid])
            .status();
        assert!(sent.unwrap().success());
    }
}

impl Drop for Mongo {
    fn drop(&mut self) {
        if let Some(pid) = listener(self.port) {
            // A stopped process reacts only to SIGKILL. The process may have ended already.
            let _ = Command::new("kill").args(["-KILL", &pid]).status();
        }
        if let Some(mut child) = self.child.take() {
            let _ = child.wait();
        }
    }
}

/// The process that listens on a port of 127.0.0.1, found in /proc.
fn listener(port: u16) -> Option<String> {
    let sockets = fs::read_to_string("/proc/net/tcp").unwrap();
    let inode = sockets.lines().skip(1).find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let listens = fields[1].ends_with(&format!(":{port:04X}")) && fields[3] == "0A";
        listens.then(|| format!("socket:[{}]", fields[9]))
    })?;
    for process in fs::read_dir("/proc").unwrap().flatten() {
        let Ok(files) = fs::read_dir(process.path().join("fd")) else {
            continue; // The entry is not a process, or the process has ended.
        };
        let mut links = files
            .flatten()
            .filter_map(|file| fs::read_link(file.path()).ok());
        if links.any(|link| link.as_os_str() == inode.as_str()) {
            return Some(process.file_name().to_string_lossy().into_owned());
        }
    }
    None
}

//! What this machine decides: the public address, the port, the folder of the data.

use std::{
    fs::DirBuilder,
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::fs::DirBuilderExt,
    path::Path,
    time::Duration,
};

use clinic_auth::config::{Environment, Settings, StoreAddress};

use super::Report;

/// Links in mails begin with it; another host than this machine without https is a error of the configuration already.
pub(super) fn public_address(settings: &Settings, report: &mut Report) {
    let address = &settings.config.service.public_base_url;
    if settings.environment == Environment::Production && !address.starts_with("https://") {
        report.problem(
            "public address",
            &format!("links in mails would begin with {address}, which is not https and leads to this machine only"),
            "set CLINIC_AUTH__SERVICE__PUBLIC_BASE_URL to the address that people use, such as \
             https://accounts.clinic.example",
        );
    } else {
        report.good(
            "public address",
            &format!("links in mails begin with {address}"),
        );
    }
}

/// What was given and is not read.
pub(super) fn ignored(settings: &Settings, report: &mut Report) {
    for key in &settings.obsolete {
        let text = format!("{key} is of an earlier version and is ignored");
        report.warn("configuration", &text, "remove it");
    }
    for (name, right) in &settings.ignored {
        let text = format!("{name} is set and is ignored");
        report.warn(
            "variables",
            &text,
            &format!("set {right} in its place, if it was meant for this service"),
        );
    }
}

/// The service speaks no TLS itself, so https means a proxy; unless that is trusted, it is everybody's address (RL-2).
pub(super) fn proxies(settings: &Settings, report: &mut Report) {
    let config = &settings.config;
    if config.service.public_base_url.starts_with("https://")
        && config.throttle.trusted_proxies.is_empty()
    {
        report.warn(
            "proxies",
            "people come by https, through a proxy that is not trusted: everybody has its address, and shares its limits",
            "set throttle.trusted_proxies to the proxy's address, and throttle.forwarded_header to the header that it writes",
        );
    }
}

/// Whether the service could listen, or is there already.
pub(super) fn port(settings: &Settings, report: &mut Report) {
    let service = &settings.config.service;
    let (host, port) = (service.host.as_str(), service.port);
    let at = format!("{host}:{port}");
    match TcpListener::bind((host, port)) {
        Ok(_) if port == 0 => report.good("port", "any that is free"),
        Ok(_) => report.good("port", &format!("{at} is free")),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            if is_this_service(host, port).unwrap_or(false) {
                report.good("port", &format!("{at} is held by this service, which is running"));
            } else {
                report.problem(
                    "port",
                    &format!("{at} is taken by another program"),
                    &format!("end that program (`ss -ltnp 'sport = :{port}'` shows it), or set PORT to a free port"),
                );
            }
        }
        Err(error) => report.problem(
            "port",
            &format!("nothing can listen on {at} ({})", error.kind()),
            "set service.host to an address of this machine (0.0.0.0 is all of them); ports below 1024 need a \
             permission of their own",
        ),
    }
}

/// Asks whoever listens for `/health`.
fn is_this_service(host: &str, port: u16) -> io::Result<bool> {
    const PATIENCE: Duration = Duration::from_secs(2);
    let host = match host {
        "0.0.0.0" => "127.0.0.1",
        "::" => "::1",
        host => host,
    };
    let mut stream = TcpStream::connect((host, port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    // Whoever does not speak HTTP may go on for ever; an answer of ours is short.
    let read = stream.take(8192).read_to_end(&mut answer);
    let ours = String::from_utf8_lossy(&answer).contains(r#""service":"clinic-auth""#);
    read.map(|_| ours)
}

/// Whether the folder of the embedded store can be written; true where another database is used.
pub(super) fn data_folder(settings: &Settings, report: &mut Report) -> bool {
    let StoreAddress::Embedded(path) = &settings.store else {
        return true;
    };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let shown = folder.display();
    match write_into(folder) {
        Ok(()) => {
            report.good("data folder", &format!("{shown} can be written"));
            true
        }
        Err(error) => {
            report.problem(
                "data folder",
                &format!("{shown} cannot be written ({})", error.kind()),
                "make it a folder that the user that runs the service may write (chown), name another one by \
                 database.embedded_path, or set MONGO_URI",
            );
            false
        }
    }
}

/// The folder is made as the service would make it.
fn write_into(folder: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    tempfile::tempfile_in(folder).map(drop)
}

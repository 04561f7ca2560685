//! The checks of this machine: the public address, the port, the folder of the data.

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
use identity::{
    factors::passkeys::rules::relying_party::{Off, RelyingParty},
    settings::FactorKind,
};

/// Checks the address that links in mails begin with. An address of another host without https is already an error of
/// the configuration.
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
        let text = format!("links in mails begin with {address}");
        report.good("public address", &text);
    }
}

/// Checks whether there are passkeys, and of which site (PK-16).
pub(super) fn passkeys(settings: &Settings, report: &mut Report) {
    let config = &settings.config;
    match RelyingParty::new(&config.service.public_base_url, &config.passkeys) {
        Ok(site) => report.good("passkeys", &format!("they are bound to {}", site.id)),
        Err(off @ Off::Disabled) => report.good("passkeys", &format!("there are none: {off}")),
        Err(off) => report.warn(
            "passkeys",
            &format!("there are none: {off}"),
            "set service.public_base_url to a host name (on this machine http://localhost with the port), or \
             passkeys.enabled to false",
        ),
    }
}

/// Warns of keys and variables that are set and not read.
pub(super) fn ignored(settings: &Settings, report: &mut Report) {
    for key in &settings.obsolete {
        let text = format!("{key} is of an earlier version and is ignored");
        report.warn("configuration", &text, "remove it");
    }
    for (name, right) in &settings.ignored {
        let text = format!("{name} is set and is ignored");
        let remedy = format!("set {right} in its place, if it was meant for this service");
        report.warn("variables", &text, &remedy);
    }
}

/// Warns if the proxy is not trusted. The service itself has no TLS, so https means that there is a proxy. If it is not
/// trusted, all callers seem to have its address (RL-2).
pub(super) fn proxies(settings: &Settings, report: &mut Report) {
    let config = &settings.config;
    if config.service.public_base_url.starts_with("https://")
        && config.throttle.identity.trusted_proxies.is_empty()
    {
        report.warn(
            "proxies",
            "people come by https, through a proxy that is not trusted: everybody has its address, and shares its limits",
            "set throttle.trusted_proxies to the proxy's address, and throttle.forwarded_header to the header that it writes",
        );
    }
}

/// Says which roles must have a second factor (D13), and whether they can set one up: without a kind that is there, they
/// could never log in (MFA-17).
pub(super) fn second_factors(settings: &Settings, report: &mut Report) {
    let (required, config) = (settings.mfa_required(), &settings.config);
    if required.is_empty() {
        return;
    }
    let names: Vec<_> = required.iter().map(|role| role.name()).collect();
    let must = format!("{} must have one", names.join(", "));
    let site = RelyingParty::new(&config.service.public_base_url, &config.passkeys);
    match site {
        Err(off) if !config.mfa.methods.contains(&FactorKind::Totp) => report.problem(
            "second factors",
            &format!("{must}, and cannot set one up: mfa.methods has passkeys alone, and there are none ({off})"),
            "add \"totp\" to mfa.methods, or turn passkeys on (passkeys.enabled, and a host name in \
             service.public_base_url), or set mfa.required_roles to []",
        ),
        _ => report.good(
            "second factors",
            &format!("{must}, and set it up at their next login"),
        ),
    }
}

/// Checks whether the service can listen, or is already running.
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

/// Asks the program that listens on the port for `/health`.
fn is_this_service(host: &str, port: u16) -> io::Result<bool> {
    const READ_TIMEOUT: Duration = Duration::from_secs(2);
    let host = match host {
        "0.0.0.0" => "127.0.0.1",
        "::" => "::1",
        host => host,
    };
    let mut stream = TcpStream::connect((host, port))?;
    stream.set_read_timeout(Some(READ_TIMEOUT))?;
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    // Another program may send without an end, so only this many bytes are read; our answer is shorter.
    let read = stream.take(8192).read_to_end(&mut answer);
    let ours = String::from_utf8_lossy(&answer).contains(r#""service":"clinic-auth""#);
    read.map(|_| ours)
}

/// Checks whether the folder of the embedded store can be written. True if another database is used.
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

/// Creates the folder as the service would, and writes a file into it.
fn write_into(folder: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    tempfile::tempfile_in(folder).map(drop)
}

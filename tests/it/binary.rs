//! Runs a command of the real binary on the database of a test's server.

use std::process::Output;

use clinic_auth::config::StoreAddress;

use crate::harness::TestServer;

/// The output of the command and its exit code.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs `clinic-auth` with these arguments and this master secret.
pub(crate) async fn run_with_secret(server: &TestServer, secret: &str, arguments: &[&str]) -> Ran {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_clinic-auth"));
    command
        .args(arguments)
        .current_dir(server.database.folder())
        .env_clear()
        .env("JWT_SECRET", secret)
        .env("PORT", "0")
        .env(
            "CLINIC_AUTH__DATABASE__DATABASE_NAME",
            server.database.name(),
        );
    if let Some(previous) = &server.program.settings.secrets.master.previous {
        command.env("JWT_SECRET_PREVIOUS", previous.expose());
    }
    if let Some(field) = &server.program.settings.secrets.field {
        command.env("FIELD_ENCRYPTION_KEY", field.current.expose());
        if let Some(previous) = &field.previous {
            command.env("FIELD_ENCRYPTION_KEY_PREVIOUS", previous.expose());
        }
    }
    match server.database.address() {
        StoreAddress::Uri(uri) => command.env("MONGO_URI", uri.expose()),
        StoreAddress::Embedded(path) => command.env("CLINIC_AUTH__DATABASE__EMBEDDED_PATH", path),
    };
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().await.unwrap();
    Ran {
        code: status.code().unwrap(),
        out: String::from_utf8(stdout).unwrap(),
        err: String::from_utf8(stderr).unwrap(),
    }
}

/// Runs `clinic-auth` with these arguments and the server's own master secret.
pub(crate) async fn run(server: &TestServer, arguments: &[&str]) -> Ran {
    let secret = server.program.settings.secrets.master.current.clone();
    run_with_secret(server, secret.expose(), arguments).await
}

//! The commands. Each reads the settings, calls the library and prints the result.

mod audit;
mod check;
mod factors;
mod hash_tune;
pub(crate) mod help;
mod keys;
mod progress;

use identity::errors;
use std::{
    io::{self, Write},
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, bail};
use clinic_auth::{
    api::{self, Operations},
    config::{Environment, Settings, Sources, StoreAddress},
    program::{Overrides, Program},
    server::Server,
    telemetry,
};
use identity::{
    accounts::{self, FirstLink},
    app::App,
    letters,
    startup::{self, Pass, Which},
};
use kernel::{
    clock::rfc3339, contact::EmailAddress, error::RuleViolation, role::Role, text::is_blank,
    username::Username,
};
use platform::readiness::Phase;
use tokio::signal::unix::{SignalKind, signal};

pub(crate) use audit::{AuditCommand, audit};
pub(crate) use check::check;
pub(crate) use factors::{FactorsCommand, factors};
pub(crate) use hash_tune::hash_tune;
pub(crate) use keys::{KeysCommand, keys};
use progress::Progress;

/// Prints a line for the caller of the command.
pub(crate) fn say(text: &str) {
    // The reader of a pipe may close it, which is no error.
    let _ = writeln!(io::stdout(), "{text}");
}

/// Prints a line about an error.
pub(crate) fn print_error(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

fn settings() -> Result<Settings> {
    Settings::load(&Sources::from_process())
        .map_err(|errors| anyhow!("The configuration has faults:\n{errors}"))
}

/// Runs the service until SIGTERM or SIGINT. A second signal ends the process at once.
pub(crate) async fn serve() -> Result<ExitCode> {
    let settings = settings()?;
    telemetry::start_log(settings.environment, settings.log_filter.as_deref());
    let program = Program::build(settings, Overrides::default()).await?;
    let mut term = signal(SignalKind::terminate())?;
    let mut int = signal(SignalKind::interrupt())?;
    let host = &program.settings.config.service.host;
    let port = program.settings.config.service.port;
    let server = Server::bind(Arc::clone(&program)).await;
    let server = server.with_context(|| format!("cannot listen on {host}:{port}"))?;
    announce(&program, server.address()?.port());
    let shutdown = async move {
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
        }
        tokio::spawn(async move {
            tokio::select! {
                _ = term.recv() => {}
                _ = int.recv() => {}
            }
            std::process::exit(1);
        });
    };
    server.run(shutdown).await.map_err(|cause| anyhow!(cause))?;
    Ok(ExitCode::SUCCESS)
}

fn announce(program: &Program, port: u16) {
    let (app, settings) = (&program.identity, &program.settings);
    match &settings.store {
        StoreAddress::Uri(_) => {
            let database = &settings.config.database.limits.database_name;
            tracing::info!(database, "store: MongoDB (MONGO_URI)");
            if let Some(other) = settings.other_database() {
                tracing::warn!(
                    other,
                    database,
                    "MONGO_URI names a database that is not the one in use (database.database_name)"
                );
            }
        }
        StoreAddress::Embedded(path) => tracing::info!(
            path = %path.display(),
            "store: embedded, for one small clinic; its loopback port is open to every local user of this machine"
        ),
    }
    for key in &settings.obsolete {
        tracing::warn!(key, "a key of an earlier version is ignored");
    }
    for (variable, right) in &settings.ignored {
        tracing::warn!(
            variable,
            right,
            "a variable that looks like one of ours is ignored"
        );
    }
    tracing::info!("mail: {}", app.mailer.describe());
    tracing::info!(fingerprint = %app.master.current_id(), "master secret");
    let base = format!("http://localhost:{port}");
    tracing::info!("listening on {}:{port}", settings.config.service.host);
    if settings.docs_enabled() {
        tracing::info!("docs: {base}/docs and {base}/redoc");
    }
    if settings.test_pages_enabled() {
        tracing::info!("test page: {base}/test");
    }
}

/// The application for a command that only reads. The database need not be prepared.
async fn connected() -> Result<Arc<Program>> {
    let program = Program::build(settings()?, Overrides::default()).await?;
    program.identity.store.resolve().await?;
    Ok(program)
}

/// The application with a prepared database, for a command that works beside a running service.
async fn prepared() -> Result<Arc<Program>> {
    let program = Program::build(settings()?, Overrides::default()).await?;
    match prepare(&program.identity, Which::New).await {
        Ok(Phase::Ready) => Ok(program),
        Ok(Phase::Blocked(why)) => bail!("the database cannot be used: {why}"),
        Ok(Phase::Starting | Phase::Stopping) => {
            bail!("another instance is preparing the database, try again in a moment")
        }
        Err(cause) => bail!("the database cannot be used: {cause}"),
    }
}

/// How long a command waits for another instance that is preparing the database, or that ended during the preparation.
const PREPARE_TIMEOUT: Duration = Duration::from_secs(20);

/// Prepares the database. If another instance is preparing it, the command waits. `which` accounts are
/// checked for missing identifiers.
///
/// # Errors
/// The reason why the database cannot be used, in words.
pub(crate) async fn prepare(app: &App, which: Which) -> Result<Phase, String> {
    let deadline = Instant::now() + PREPARE_TIMEOUT;
    loop {
        let mut progress = None;
        let mut watch = |pass: &Pass| {
            let progress = progress.get_or_insert_with(|| Progress::of(pass.total, "accounts"));
            progress.reach(pass.seen);
        };
        startup::prepare_watched(app, which, &mut watch)
            .await
            .map_err(|error| {
                let cause = error.source.as_ref().map(ToString::to_string);
                cause.unwrap_or_else(|| error.to_string())
            })?;
        let phase = app.readiness.phase();
        if phase != Phase::Starting || Instant::now() > deadline {
            return Ok(phase);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Creates an administrator, and prints or mails the link to set the password.
pub(crate) async fn create_admin(email: &str, username: Option<&str>) -> Result<ExitCode> {
    let wrong = |option| move |rule: RuleViolation| anyhow!("{option}: {}", rule.message);
    let email = EmailAddress::parse(email).map_err(wrong("--email"))?;
    let username = username.filter(|name| !is_blank(name)).map(Username::parse);
    let username = username.transpose().map_err(wrong("--username"))?;
    let program = prepared().await?;
    let done = create_admin_in(&program.identity, &email, username.as_ref()).await;
    program.close().await;
    done.map(|()| ExitCode::SUCCESS)
}

async fn create_admin_in(
    app: &App,
    email: &EmailAddress,
    username: Option<&Username>,
) -> Result<()> {
    let made = accounts::create_admin(app, email, username).await;
    let user_id = made.map_err(|error| match error.code {
        errors::USER_EXISTS => anyhow!("an account with this email or username already exists"),
        _ => anyhow!(error).context("the administrator was not created"),
    })?;
    say(&format!("Administrator {user_id} was created."));
    let link = accounts::first_link(app, &user_id, email).await;
    let how = how_to_ask_for_a_link(app);
    let link = link.with_context(|| format!("there is no link to set the password yet; {how}"))?;
    print_link(app, link);
    Ok(())
}

/// Tells the owner of an account without a password how to get a link. The page that it names exists in production too.
fn how_to_ask_for_a_link(app: &App) -> String {
    let base = app.settings.public_base_url.trim_end_matches('/');
    format!("ask for one later on {base}/static/reset.html")
}

fn print_link(app: &App, link: FirstLink) {
    match link {
        FirstLink::Shown(link) => say(&format!(
            "Open this link within {} hours to set the password:\n{}",
            app.settings.registration.invitation_hours,
            link.expose()
        )),
        FirstLink::Mailed => say("The link to set the password was mailed."),
        FirstLink::Waiting { until, reason } => {
            say(&format!(
                "The link to set the password is not mailed yet. While the service runs, it goes on trying until {}.",
                rfc3339(until)
            ));
            match reason {
                Some(error) => say(&format!(
                    "Cause: {error}.\nTo do: {}. `clinic-auth check` tries the mail server again.",
                    error.remedy()
                )),
                None => say(
                    "The mail server lets this service in; if the mail does not come, the service's log says why.",
                ),
            }
        }
        FirstLink::Refused { reason } => say(&format!(
            "The link to set the password was not mailed. Cause: {}.\nTo do: look at the address, and at the mail \
             server's own log; then {}",
            reason.sentence(),
            how_to_ask_for_a_link(app)
        )),
        FirstLink::TooMany => say(&format!(
            "No link to set the password was made: there were too many for this address (otp.max_per_hour, \
             otp.max_per_day); {}",
            how_to_ask_for_a_link(app)
        )),
    }
}

/// Creates demo accounts and prints their passwords once.
pub(crate) async fn demo_data() -> Result<ExitCode> {
    if settings()?.environment == Environment::Production {
        bail!("demo data is for development only (ENVIRONMENT)");
    }
    let program = prepared().await?;
    for role in [Role::Patient, Role::Doctor, Role::Admin] {
        let demo = accounts::create_demo(&program.identity, role).await;
        let demo = demo.context("a demo account was not created")?;
        say(&format!(
            "{:<8} {}  {}  password {}",
            role.name(),
            demo.user_id,
            demo.email,
            demo.password.expose()
        ));
    }
    program.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Prints the OpenAPI document, which `/openapi.json` answers too.
pub(crate) fn openapi() -> Result<ExitCode> {
    let document =
        web::document::document::<Operations>(&api::ABOUT).map_err(|cause| anyhow!(cause))?;
    say(&serde_json::to_string_pretty(&document)?);
    Ok(ExitCode::SUCCESS)
}

/// Prints `docs/errors.md`.
pub(crate) fn errors() -> ExitCode {
    say(api::errors_page().trim_end());
    ExitCode::SUCCESS
}

/// Prints `docs/mails.md`.
pub(crate) fn mails() -> Result<ExitCode> {
    say(mail::message::examples::page(&letters::ALL)?.trim_end());
    Ok(ExitCode::SUCCESS)
}

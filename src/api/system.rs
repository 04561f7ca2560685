//! `/`, `/health`, `/health/ready`, `/health/db`, `/health/redis`, `/.well-known/change-password`, `/dev/outbox`: the service
//! itself.

mod ready;

use crate::{config::Environment, program::Program};
use kernel::{error::Error, errors};
use platform::readiness::Phase;
use std::sync::Arc;

use poem::Request;
use poem_openapi::{
    ApiResponse, Object, OpenApi, ResponseContent,
    payload::{Html, Json},
};

use self::ready::ReadyResponse;
use super::{Tag, VERSION, outbox_page, pages::way_to_files};
use mail::{Mailer, WrittenMail};
use web::{Problem, RequestOrigin, Time, local::is_local, problem::error_set};

/// The operations.
#[derive(Debug, Clone)]
pub struct SystemApi(pub Arc<Program>);

error_set!(
    /// What needs nothing.
    NoErrors = []
);
error_set!(
    /// Whether the database is there.
    ReadyErrors = [DATABASE_ERROR]
);
error_set!(
    /// The mails that were written instead of sent.
    OutboxErrors = [NOT_FOUND]
);

const SERVICE: &str = "clinic-auth";

#[OpenApi(tag = "Tag::System")]
impl SystemApi {
    /// What this is
    ///
    /// Also where its pages are, if they are served.
    #[oai(path = "/", method = "get", operation_id = "service_info")]
    #[expect(
        clippy::unused_async,
        reason = "what the framework calls a handler is async"
    )]
    async fn info(&self) -> Result<Json<InfoResponse>, Problem<NoErrors>> {
        Ok(Json(InfoResponse::new(&self.0)))
    }

    /// Whether the process lives
    ///
    /// Never asks the database.
    #[oai(path = "/health", method = "get", operation_id = "health")]
    #[expect(
        clippy::unused_async,
        reason = "what the framework calls a handler is async"
    )]
    async fn health(
        &self,
        origin: RequestOrigin<'_>,
    ) -> Result<Json<HealthResponse>, Problem<NoErrors>> {
        let uptime = (origin.now - self.0.started_at).num_seconds();
        Ok(Json(HealthResponse {
            status: "healthy".to_owned(),
            service: SERVICE.to_owned(),
            version: VERSION.to_owned(),
            uptime_seconds: u64::try_from(uptime).unwrap_or(0),
        }))
    }

    /// Whether the service can do its work
    ///
    /// For load balancers: 503 while the database is away or being prepared, and while the service stops.
    #[oai(path = "/health/ready", method = "get", operation_id = "health_ready")]
    async fn ready(&self) -> Result<Json<ReadyResponse>, Problem<ReadyErrors>> {
        let why = match self.0.identity.readiness.phase() {
            Phase::Ready => return Ok(Json(self.ping_database().await?)),
            Phase::Starting => "Not ready: the database is being prepared or away",
            Phase::Blocked(_) => "Not ready: the data needs attention, see the log",
            Phase::Stopping => "Not ready: the service is stopping",
        };
        let error = Error::new(errors::DATABASE_ERROR).saying(why);
        Err(error.retry_after(5).into())
    }

    /// Whether the database answers
    ///
    /// Asks it now, whatever the state of the service.
    #[oai(path = "/health/db", method = "get", operation_id = "health_db")]
    async fn db(&self) -> Result<Json<ReadyResponse>, Problem<ReadyErrors>> {
        Ok(Json(self.ping_database().await?))
    }

    /// That no Redis is needed
    ///
    /// For probes of an older installation, which had one: always 200.
    #[oai(path = "/health/redis", method = "get", operation_id = "health_redis")]
    #[expect(
        clippy::unused_async,
        reason = "what the framework calls a handler is async"
    )]
    async fn redis(&self) -> Result<Json<RedisResponse>, Problem<NoErrors>> {
        Ok(Json(RedisResponse {
            status: "not_used".to_owned(),
        }))
    }

    /// Where people change their password
    ///
    /// A password manager opens this address to lead its person to the form (W3C, "A Well-Known URL for Changing Passwords").
    #[oai(
        path = "/.well-known/change-password",
        method = "get",
        operation_id = "change_password_page"
    )]
    #[expect(
        clippy::unused_async,
        reason = "what the framework calls a handler is async"
    )]
    async fn change_password_page(
        &self,
        request: &Request,
    ) -> Result<Elsewhere, Problem<NoErrors>> {
        let files = way_to_files(request, 1);
        Ok(Elsewhere::Found(format!("{files}account.html#password")))
    }

    /// The mails that were written instead of sent
    ///
    /// In development and for callers on this machine only, by a local name and through no proxy. JSON, or HTML for
    /// `Accept: text/html`.
    #[oai(path = "/dev/outbox", method = "get", operation_id = "dev_outbox")]
    async fn outbox(
        &self,
        request: &Request,
        origin: RequestOrigin<'_>,
    ) -> Result<OutboxAnswer, Problem<OutboxErrors>> {
        let allowed =
            self.0.settings.environment == Environment::Development && is_local(request, &origin);
        let Mailer::Outbox(outbox) = &self.0.identity.mailer else {
            return Err(errors::NOT_FOUND.into());
        };
        if !allowed {
            return Err(errors::NOT_FOUND.into());
        }
        let mails = outbox.list(OUTBOX_LIMIT).await.map_err(Error::internal)?;
        let html = request
            .header("accept")
            .is_some_and(|accept| accept.contains("text/html"));
        Ok(if html {
            let files = way_to_files(request, 1);
            let page = outbox_page::render(&mails, &files).map_err(Error::internal)?;
            OutboxAnswer::Ok(Outbox::Page(Html(page)))
        } else {
            let mails: Vec<_> = mails.into_iter().map(MailView::from).collect();
            OutboxAnswer::Ok(Outbox::List(Json(OutboxResponse {
                success: true,
                count: mails.len(),
                mails,
            })))
        })
    }
}

#[derive(ApiResponse)]
enum Elsewhere {
    /// The page with the form, in the header `Location`
    #[oai(status = 302)]
    Found(
        /// Where the page is, relative to this address
        #[oai(header = "Location")]
        String,
    ),
}

/// The most mails that the outbox page shows.
const OUTBOX_LIMIT: usize = 50;

impl SystemApi {
    async fn ping_database(&self) -> Result<ReadyResponse, Error> {
        let started = std::time::Instant::now();
        self.0.identity.store.ping().await?;
        let latency = started.elapsed();
        Ok(ReadyResponse::new(&self.0.identity, latency))
    }
}

/// What this is.
#[derive(Debug, Object)]
struct InfoResponse {
    /// The service's name
    service: String,
    /// Its version
    version: String,
    /// Always `running`
    status: String,
    /// The path of the test page, if it is served
    #[oai(nullable)]
    test_interface: Option<String>,
    /// The path of the reference, if it is served
    #[oai(nullable)]
    api_docs: Option<String>,
}

impl InfoResponse {
    fn new(program: &Program) -> Self {
        Self {
            service: SERVICE.to_owned(),
            version: VERSION.to_owned(),
            status: "running".to_owned(),
            test_interface: program
                .settings
                .test_pages_enabled()
                .then(|| "/test".to_owned()),
            api_docs: program.settings.docs_enabled().then(|| "/docs".to_owned()),
        }
    }
}

/// The process lives.
#[derive(Debug, Object)]
struct HealthResponse {
    /// Always `healthy`
    status: String,
    /// The service's name
    service: String,
    /// Its version
    version: String,
    /// Seconds since it was started
    uptime_seconds: u64,
}

/// The service has no Redis.
#[derive(Debug, Object)]
struct RedisResponse {
    /// Always `not_used`
    status: String,
}

#[derive(ApiResponse)]
enum OutboxAnswer {
    /// The mails, newest first; as a page for people
    #[oai(status = 200)]
    Ok(Outbox),
}

#[derive(ResponseContent)]
enum Outbox {
    List(Json<OutboxResponse>),
    Page(Html<String>),
}

/// Mails, newest first.
#[derive(Debug, Object)]
struct OutboxResponse {
    /// Always true
    success: bool,
    /// How many
    count: usize,
    /// Newest first
    mails: Vec<MailView>,
}

/// A mail that was written instead of sent.
#[derive(Debug, Object)]
struct MailView {
    /// Its file in the outbox folder
    file: String,
    /// The recipient
    to: String,
    /// The subject
    subject: String,
    /// The text part
    text: String,
    /// When it was written
    written_at: Time,
}

impl From<WrittenMail> for MailView {
    fn from(mail: WrittenMail) -> Self {
        let WrittenMail {
            file,
            to,
            subject,
            text,
            written_at,
        } = mail;
        Self {
            file,
            to,
            subject,
            text,
            written_at: Time(written_at),
        }
    }
}

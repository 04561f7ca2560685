//! The steps that each request and each answer passes, whatever its operation.
//!
//! A request gets a request id, one spelling of its path, limits and an [`Origin`]. An answer gets its headers, and an
//! error gets the envelope. The steps of a request, in this order:
//!
//! 1. A method or an address that no router should see is refused.
//! 2. A preflight of a browser is answered.
//! 3. The body is read, up to its limit.
//! 4. The time of the request is read. It is the time at which the last byte of the body arrived.
//! 5. The operation runs. Once it has begun it is finished, even if the client no longer waits for the answer. An answer
//!    that the client has already is 304; others are compressed, if the operation's answers may be.
//!
//! Steps 3 to 5 share one time limit.

mod client;
mod cors;
mod forwarded;
pub mod headers;
mod paths;
mod terms;

use kernel::{
    clock::{Clock, Timestamp, http_date},
    error::{Error, FieldError},
    errors, metrics,
    random::SharedRng,
    request::Origin,
};
use poem::{
    Addr, Endpoint, Request, Response, Result,
    http::{
        HeaderMap, HeaderValue, Method, Uri,
        header::{ALLOW, CONNECTION, CONTENT_LENGTH, DATE, TRANSFER_ENCODING, USER_AGENT, VARY},
    },
};
use poem_openapi::OperationId;
use std::{
    any::Any, collections::HashSet, iter, net::IpAddr, net::Ipv4Addr, sync::Arc, time::Duration,
};
use tokio::time::{Instant, timeout};
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use self::{client::Proxies, cors::Cors, terms::Terms};
use crate::{
    connections::ConnectionPermit,
    envelope::render,
    error_mapping::map_error,
    reader::{DependsOnLanguage, Localize, Reader, asked},
    routes::{Operation, Routes, parameter_names},
    settings::Service,
};

const REQUEST_ID: &str = "x-request-id";

/// The name of a request without an operation in the metrics.
pub const NO_OPERATION: &str = "none";

/// The pipeline around the operations.
pub struct Pipeline<E> {
    operations: Arc<E>,
    running: TaskTracker,
    routes: Routes,
    proxies: Proxies,
    cors: Cors,
    compressible: &'static [&'static str],
    clock: Clock,
    rng: SharedRng,
    https: bool,
    body_limit: usize,
    url_limit: usize,
    time_limit: Duration,
    localize: Localize,
}

/// What the pipeline is told.
#[derive(Debug, Clone, Copy)]
pub struct PipelineSettings<'a> {
    /// The limits of requests.
    pub service: &'a Service,
    /// Proxies (addresses or CIDR blocks) whose forwarding header is believed.
    pub trusted_proxies: &'a [String],
    /// The forwarding header that those proxies set.
    pub forwarded_header: &'a str,
    /// The origins that browsers may call from.
    pub cors_origins: &'a [String],
    /// The operations whose answers may be compressed: a secret in an answer could be guessed by the length of what is
    /// compressed with it (BREACH). Their tags (`ETag`) are weak, since each coding has the same one.
    pub compressible: &'static [&'static str],
    /// Where the sentences of other languages are found.
    pub localize: Localize,
}

impl<E: Endpoint<Output = Response> + 'static> Pipeline<E> {
    /// The pipeline around `operations`. `routes` knows their paths and error codes; `running` tracks the tasks of the
    /// operations that run.
    ///
    /// # Errors
    /// A sentence about a setting of `throttle` that is not valid.
    pub fn new(
        operations: E,
        routes: Routes,
        running: TaskTracker,
        settings: &PipelineSettings<'_>,
        clock: Clock,
        rng: SharedRng,
    ) -> std::result::Result<Self, String> {
        let service = settings.service;
        Ok(Self {
            operations: Arc::new(operations),
            running,
            routes,
            proxies: Proxies::new(settings.trusted_proxies, settings.forwarded_header)?,
            cors: Cors::new(settings.cors_origins, service),
            compressible: if service.compression {
                settings.compressible
            } else {
                &[]
            },
            clock,
            rng,
            https: service.public_base_url.starts_with("https://"),
            body_limit: service.body_limit_bytes,
            url_limit: service.url_limit_bytes,
            time_limit: Duration::from_secs(service.request_timeout_seconds),
            localize: settings.localize,
        })
    }

    /// From where and when the request came. It is made only after the body has arrived: otherwise a client that sends
    /// slowly could choose an earlier time for its request (TIME-2).
    fn origin(&self, request: &Request, request_id: &str) -> Origin {
        let peer = match request.remote_addr().0 {
            Addr::SocketAddr(peer) => peer.ip(),
            _ => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        };
        let agent = request.headers().get(USER_AGENT);
        let agent = agent.map_or(&[][..], HeaderValue::as_bytes);
        let origin = Origin::new(
            self.proxies.client(peer, request.headers()),
            &String::from_utf8_lossy(agent),
            request_id.to_owned(),
            self.clock.now(),
        );
        origin.reading(asked(request))
    }

    /// The request id that the caller sent, if it is safe to log (LOG-1), otherwise a new one.
    fn request_id(&self, request: &Request) -> String {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        match request.header(REQUEST_ID) {
            Some(id) if (8..=64).contains(&id.len()) && id.bytes().all(is_plain) => id.to_owned(),
            _ => self.rng.uuid().to_string(),
        }
    }

    async fn answer(&self, request: Request, path: Option<String>, request_id: &str) -> Response {
        let started = Instant::now();
        let allowed = self.cors.allowed(request.headers());
        let preflight = cors::is_preflight(&request);
        let reader = Reader::of(&request, self.localize);
        let mut progress = Progress {
            unread: has_body(request.headers()),
            operation: None,
            at: None,
        };

        let answer = if preflight {
            let refused = || errors::ACCESS_DENIED.into();
            allowed
                .is_some()
                .then(|| self.cors.preflight())
                .ok_or_else(refused)
        } else {
            self.admit(request, path.as_deref(), request_id, &mut progress)
                .await
        };
        let mut failed = false;
        let mut response = answer.unwrap_or_else(|error| {
            failed = true;
            log(&error);
            let at = progress.at.unwrap_or_else(|| self.clock.now());
            let mut response = render(&error, request_id, at, reader);
            if error.code == errors::METHOD_NOT_ALLOWED {
                let allow = self.routes.allow(path.as_deref().unwrap_or_default());
                response.headers_mut().insert(ALLOW, text(&allow));
            }
            response
        });

        let secret = failed || path.as_deref().is_some_and(paths::is_personal);
        let by_language = response.data::<DependsOnLanguage>().is_some();
        let headers = response.headers_mut();
        headers.insert(REQUEST_ID, text(request_id));
        // Clients count down to our times by the clock that made them.
        headers.insert(DATE, text(&http_date(self.clock.now())));
        headers::complete(headers, secret, self.https);
        self.cors.mark(headers, allowed);
        if by_language {
            headers.append(VARY, HeaderValue::from_static("accept-language"));
        }
        if progress.unread {
            // Without this, the rest of the body would be read as the next request.
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        let operation = progress.operation.map(|operation| operation.id);
        if let Some(operation) = operation {
            response.set_data(OperationId(operation));
        }
        tracing::info!(
            status = response.status().as_u16(),
            operation,
            elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            "request answered"
        );
        response
    }

    /// Steps 1 and 3 to 5 of the list above.
    async fn admit<'a>(
        &'a self,
        mut request: Request,
        path: Option<&str>,
        request_id: &str,
        progress: &mut Progress<'a>,
    ) -> std::result::Result<Response, Error> {
        if matches!(*request.method(), Method::CONNECT | Method::TRACE) {
            return Err(errors::METHOD_NOT_ALLOWED.into());
        }
        let query = request.uri().query().unwrap_or_default();
        if request.uri().path().len() + query.len() > self.url_limit {
            return Err(errors::PAYLOAD_TOO_LARGE.into());
        }
        let path = path.ok_or(errors::NOT_FOUND)?;
        check_parameters(query)?;
        let terms = Terms::of(&request);
        *request.uri_mut() = target(path, query)?;
        if request.method() == Method::HEAD {
            request.set_method(Method::GET); // hyper sends only the headers of the answer.
        }
        progress.operation = self.routes.operation(request.method(), path);
        if let Some(list) = progress.operation.and_then(|known| known.list.as_ref()) {
            request.set_data(list.clone());
        }
        let id = progress.operation.map_or(NO_OPERATION, |known| known.id);
        let compressible = self.compressible.contains(&id);
        if let Some(coding) = terms.coding(compressible) {
            request.set_data(coding);
        }
        let work = async {
            let limit = progress.operation.and_then(|known| known.body_limit);
            self.read_body(&mut request, limit).await?;
            progress.unread = false;
            let origin = self.origin(&request, request_id);
            progress.at = Some(origin.now);
            request.set_data(origin);
            let answer = self.operate(request, progress.operation).await?;
            terms.apply(answer, compressible).await
        };
        timeout(self.time_limit, work)
            .await
            .unwrap_or_else(|_| Err(errors::REQUEST_TIMEOUT.into()))
    }

    /// Reads the body here, so that one place counts its bytes, whether or not the client announced the length (WEB-9).
    /// An operation may take more than the service's limit.
    async fn read_body(
        &self,
        request: &mut Request,
        limit: Option<usize>,
    ) -> std::result::Result<(), Error> {
        let limit = limit.unwrap_or(0).max(self.body_limit);
        let announced = request.header(CONTENT_LENGTH.as_str());
        let announced = announced.and_then(|length| length.parse::<usize>().ok());
        if announced.is_some_and(|length| length > limit) {
            return Err(errors::PAYLOAD_TOO_LARGE.into());
        }
        let body = request.take_body().into_bytes_limit(limit).await;
        request.set_body(body.map_err(|error| map_error(error.into()))?);
        Ok(())
    }

    /// Runs the operation in its own task, so that neither a client that disconnects nor the time limit can stop a use
    /// case between two writes.
    async fn operate(
        &self,
        request: Request,
        operation: Option<&Operation>,
    ) -> std::result::Result<Response, Error> {
        let operations = Arc::clone(&self.operations);
        let work = async move {
            let _permit = request.extensions().get::<ConnectionPermit>().cloned();
            operations.call(request).await
        };
        let work = metrics::during(operation.map_or(NO_OPERATION, |known| known.id), work);
        let done = self.running.spawn(work.in_current_span()).await;
        let answer = done.map_err(|ended| match ended.try_into_panic() {
            Ok(panic) => Error::internal(literal(&*panic)), // WEB-11
            Err(ended) => Error::internal(ended),
        })?;
        answer.map_err(map_error).inspect_err(|error| {
            debug_assert!(
                operation.is_none_or(|operation| operation.codes.contains(&error.code)),
                "{:?} does not name {:?}",
                operation.map(|operation| operation.id),
                error.code
            );
        })
    }
}

impl<E: Endpoint<Output = Response> + 'static> Endpoint for Pipeline<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let request_id = self.request_id(&request);
        let path = paths::canonical(request.uri().path()).map(str::to_owned);
        let span = tracing::info_span!(
            "request",
            request_id,
            method = request.method().as_str(),
            path = path
                .as_deref()
                .map_or("(none)", |path| self.routes.shown(path)),
        );
        let answer = self.answer(request, path, &request_id);
        Ok(answer.instrument(span).await)
    }
}

/// The step that a request had reached when it was answered.
struct Progress<'a> {
    /// A part of the body may still arrive.
    unread: bool,
    /// The operation that the address names, even if the request is refused before the operation runs.
    operation: Option<&'a Operation>,
    /// The time of the request; `None` until its body has arrived.
    at: Option<Timestamp>,
}

fn has_body(headers: &HeaderMap) -> bool {
    let length = headers.get(CONTENT_LENGTH);
    headers.contains_key(TRANSFER_ENCODING) || length.is_some_and(|length| length != "0")
}

/// The address as the router sees it: no scheme, no host, the path in its one spelling.
fn target(path: &str, query: &str) -> std::result::Result<Uri, Error> {
    let target = format!("{path}?{query}");
    let target = if query.is_empty() { path } else { &target };
    target.parse().map_err(Error::internal)
}

/// Refuses a repeated parameter, because two programs that read it would not agree on its value. Refuses a name such as
/// `email[$ne]` too: some programs read it as an operator, and here it would be ignored, as if there were no filter
/// (INJ-2).
fn check_parameters(query: &str) -> std::result::Result<(), Error> {
    let mut names = HashSet::new();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    for name in parameter_names(query) {
        if !name.chars().all(is_plain) {
            return Err(
                FieldError::new("query", "unknown", "A parameter is not known here").into(),
            );
        }
        if !names.insert(name) {
            let message = "A parameter is given more than once";
            return Err(FieldError::new("query", "repeated", message).into());
        }
    }
    Ok(())
}

fn text(value: &str) -> HeaderValue {
    HeaderValue::from_str(value).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// The message of a panic, if it is a literal. A formatted message may contain data of a person (LOG-2).
fn literal(panic: &(dyn Any + Send)) -> &'static str {
    let text = panic.downcast_ref::<&'static str>();
    text.copied().unwrap_or("an operation panicked")
}

/// Logs an error of the service with its causes. An error of the caller is only in the answer. An error without a
/// cause, such as "not ready", is not logged here: it was logged when that state began.
fn log(error: &Error) {
    if error.code.status() < 500 {
        return;
    }
    let first = std::error::Error::source(error);
    let causes = iter::successors(first, |&cause| cause.source()).map(ToString::to_string);
    let causes: Vec<String> = causes.collect();
    if causes.is_empty() {
        return;
    }
    tracing::error!(
        code = error.code.code(),
        cause = causes.join(": "),
        "request failed"
    );
}

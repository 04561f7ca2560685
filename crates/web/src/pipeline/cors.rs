//! Which pages of other origins may call the service from a browser (WEB-5): an allow-list of exact origins.

use poem::{
    Request, Response,
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{
            ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS,
            ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
            ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD,
            ORIGIN, VARY,
        },
    },
};

use super::text;
use crate::settings::Service;

/// The request headers that the operations read.
const READ_HEADERS: &str = "Authorization, Content-Type, Idempotency-Key, X-Request-Id";

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE");

/// Seconds that a browser keeps what a preflight said.
const KEPT: HeaderValue = HeaderValue::from_static("600");

/// Which pages may call the service, and how.
pub(crate) struct Cors {
    origins: Vec<HeaderValue>,
    /// The request headers that they may send.
    headers: HeaderValue,
    /// Whether browsers let them send credentials.
    credentials: bool,
}

impl Cors {
    pub(crate) fn new(origins: &[String], service: &Service) -> Self {
        // Every sandboxed page and every local file has the origin `null`, so it must not be allowed.
        let named = origins.iter().filter(|origin| *origin != "null");
        let named = named.filter_map(|origin| HeaderValue::from_str(origin).ok());
        let headers = [&[READ_HEADERS.to_owned()], &*service.cors_headers].concat();
        Self {
            origins: named.collect(),
            headers: text(&headers.join(", ")),
            credentials: service.cors_credentials,
        }
    }

    /// The request's `Origin` header, if the list contains exactly these bytes.
    pub(crate) fn allowed(&self, request: &HeaderMap) -> Option<HeaderValue> {
        let mut origins = request.get_all(ORIGIN).iter();
        let (Some(origin), None) = (origins.next(), origins.next()) else {
            return None;
        };
        self.origins.contains(origin).then(|| origin.clone())
    }

    /// Lets a page of an allowed origin read the answer.
    pub(crate) fn mark(&self, answer: &mut HeaderMap, allowed: Option<HeaderValue>) {
        answer.append(VARY, HeaderValue::from_static("Origin"));
        if let Some(origin) = allowed {
            answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            let exposed = HeaderValue::from_static("X-Request-Id, Retry-After");
            answer.insert(ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
            if self.credentials {
                let yes = HeaderValue::from_static("true");
                answer.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
            }
        }
    }

    /// The answer to a preflight from an allowed origin.
    pub(crate) fn preflight(&self) -> Response {
        Response::builder()
            .status(StatusCode::NO_CONTENT)
            .header(ACCESS_CONTROL_ALLOW_METHODS, METHODS)
            .header(ACCESS_CONTROL_ALLOW_HEADERS, self.headers.clone())
            .header(ACCESS_CONTROL_MAX_AGE, KEPT)
            .finish()
    }
}

/// Whether the request is a preflight of a browser (Fetch 3.3.2).
pub(crate) fn is_preflight(request: &Request) -> bool {
    let headers = request.headers();
    request.method() == Method::OPTIONS
        && headers.contains_key(ORIGIN)
        && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

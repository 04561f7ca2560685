//! The headers of every answer (WEB-1, WEB-2).

use poem::http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
        STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
    },
};

/// The policy of a page: it may load only its own external files and call only our API.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; \
style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; \
frame-ancestors 'none'; object-src 'none'";

/// The policy of `/docs` and `/redoc`, which build their styles at run time.
pub const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; \
style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src 'self' data:; form-action 'self'; \
base-uri 'none'; frame-ancestors 'none'; object-src 'none'";

/// The policy of an answer that is not a page: a browser that shows it must load and run nothing.
const DATA_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// What a page may ask the browser for: passkeys, by itself and not by a frame in it (PK-2).
const PAGE_PERMISSIONS: HeaderValue = HeaderValue::from_static(
    "publickey-credentials-get=(self), publickey-credentials-create=(self)",
);

const ALWAYS: [(HeaderName, &str); 4] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// One year.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000; includeSubDomains");

/// Adds the headers that are missing. With `secret`, the answer must not be stored in any cache, even if the handler
/// allows it. With `https`, clients reach the service by HTTPS.
pub(crate) fn complete(headers: &mut HeaderMap, secret: bool, https: bool) {
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if https {
        headers.insert(STRICT_TRANSPORT_SECURITY, HSTS);
    }
    if secret {
        headers.insert(CACHE_CONTROL, NO_STORE);
    }
    headers.entry(CACHE_CONTROL).or_insert(NO_STORE);
    let kind = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let policy = if kind.is_some_and(|kind| kind.starts_with(b"text/html")) {
        headers.insert("permissions-policy", PAGE_PERMISSIONS);
        PAGE_POLICY
    } else {
        DATA_POLICY
    };
    let own_policy = headers.entry(CONTENT_SECURITY_POLICY);
    own_policy.or_insert(HeaderValue::from_static(policy));
    let kind = headers.get(CONTENT_TYPE);
    if kind.is_some_and(|kind| kind == "application/json") {
        let kind = HeaderValue::from_static("application/json; charset=utf-8");
        headers.insert(CONTENT_TYPE, kind);
    }
}

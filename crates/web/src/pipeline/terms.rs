//! What a client has already, and which coding it accepts: `If-None-Match` (RFC 9110, 13.1.2) and `Accept-Encoding`.

use kernel::error::{Error, Result};
use poem::{
    Request, Response,
    http::{
        HeaderValue, Method, StatusCode,
        header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY},
    },
};

use crate::coding::Coding;

/// What one request says of the form of its answer.
pub(super) struct Terms {
    /// The tags of the answers that the client has.
    known: String,
    /// The coding that the client accepts.
    coding: Option<Coding>,
}

impl Terms {
    pub(super) fn of(request: &Request) -> Self {
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        let lines = request.headers().get_all(IF_NONE_MATCH).iter();
        let lines = lines
            .filter_map(|line| line.to_str().ok())
            .filter(|_| reads);
        let codings = request.header(ACCEPT_ENCODING).unwrap_or_default();
        Self {
            known: lines.collect::<Vec<_>>().join(","),
            coding: Coding::accepted(codings),
        }
    }

    /// The coding that the answer may have.
    pub(super) fn coding(&self, compressible: bool) -> Option<Coding> {
        self.coding.filter(|_| compressible)
    }

    /// The answer as the client wants it: 304 if it has it already, otherwise compressed if that is allowed and the
    /// operation has not done so.
    pub(super) async fn apply(&self, mut answer: Response, compressible: bool) -> Result<Response> {
        if answer.status() != StatusCode::OK {
            return Ok(answer);
        }
        if compressible {
            let vary = HeaderValue::from_static("accept-encoding");
            answer.headers_mut().append(VARY, vary);
        }
        if answer
            .headers()
            .get(ETAG)
            .is_some_and(|tag| self.knows(tag))
        {
            answer.set_status(StatusCode::NOT_MODIFIED);
            answer.headers_mut().remove(CONTENT_TYPE);
            answer.headers_mut().remove(CONTENT_ENCODING);
            answer.set_body(());
            return Ok(answer);
        }
        match self.coding(compressible) {
            Some(coding) if !answer.headers().contains_key(CONTENT_ENCODING) => {
                compressed(answer, coding).await
            }
            _ => Ok(answer),
        }
    }

    /// Whether the client has the answer with this tag. Tags are compared weakly (RFC 9110, 8.8.3.2).
    fn knows(&self, tag: &HeaderValue) -> bool {
        let opaque = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
        let tag = tag.to_str().map(opaque).unwrap_or_default();
        let mut known = self.known.split(',').map(str::trim);
        known.any(|known| known == "*" || opaque(known) == tag)
    }
}

async fn compressed(mut answer: Response, coding: Coding) -> Result<Response> {
    let plain = answer.take_body().into_bytes().await;
    let plain = plain.map_err(Error::internal)?;
    if let Some(coded) = coding.compress(&plain) {
        answer.headers_mut().insert(CONTENT_ENCODING, coding.name());
        answer.set_body(coded);
    } else {
        answer.set_body(plain);
    }
    Ok(answer)
}

//! Bytes that stay the same while the process runs, and their compressed forms, each made for the first client that
//! accepts it.

use std::sync::OnceLock;

use hyper::body::Bytes;
use poem::{
    Request, Response,
    http::header::{CACHE_CONTROL, CONTENT_ENCODING, ETAG},
};
use web::coding::Coding;

/// The bytes.
#[derive(Debug)]
pub(super) struct Stored {
    plain: Bytes,
    /// The value of `ETag`. It is weak, because all forms have the same one.
    tag: String,
    brotli: OnceLock<Option<Bytes>>,
    gzip: OnceLock<Option<Bytes>>,
}

impl Stored {
    /// The bytes, whose version has this name.
    pub(super) fn new(plain: Bytes, version: &str) -> Self {
        Self {
            plain,
            tag: format!("W/\"{version}\""),
            brotli: OnceLock::new(),
            gzip: OnceLock::new(),
        }
    }

    /// The same, whose form in gzip is known.
    pub(super) fn with_gzip(self, gzip: &'static [u8]) -> Self {
        let gzip = OnceLock::from(Some(Bytes::from_static(gzip)));
        Self { gzip, ..self }
    }

    /// The answer with the bytes, in the coding that the pipeline allows. `kept` is its `Cache-Control`.
    pub(super) fn answer(&self, request: &Request, content_type: &str, kept: &str) -> Response {
        let response = Response::builder()
            .content_type(content_type)
            .header(CACHE_CONTROL, kept)
            .header(ETAG, &self.tag);
        let coding = request.data::<Coding>().copied();
        match coding.and_then(|coding| Some((coding, self.coded(coding)?))) {
            Some((coding, bytes)) => response
                .header(CONTENT_ENCODING, coding.name())
                .body(bytes.clone()),
            None => response.body(self.plain.clone()),
        }
    }

    /// The bytes in this coding; `None` if they stay as they are.
    fn coded(&self, coding: Coding) -> Option<&Bytes> {
        let form = match coding {
            Coding::Brotli => &self.brotli,
            Coding::Gzip => &self.gzip,
        };
        let coded = form.get_or_init(|| coding.compress(&self.plain).map(Bytes::from));
        coded.as_ref()
    }
}

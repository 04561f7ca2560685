//! The files of Swagger UI and `ReDoc`. They are stored compressed, because they would be a tenth of the binary.

use std::{io::Read, sync::OnceLock};

use flate2::read::GzDecoder;
use hyper::body::Bytes;
use poem::{
    Request, Response,
    http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, VARY},
};

use super::{SCRIPT, STYLE};

/// A file.
pub(super) struct VendorFile {
    name: &'static str,
    content_type: &'static str,
    gzip: &'static [u8],
    /// The content for clients that do not accept gzip, inflated for the first of them.
    inflated: OnceLock<Bytes>,
}

macro_rules! vendor_files {
    ($($name:literal, $content_type:ident;)+) => {
        [$(VendorFile {
            name: $name,
            content_type: $content_type,
            gzip: include_bytes!(concat!("../../../static/vendor/", $name, ".gz")),
            inflated: OnceLock::new(),
        }),+]
    };
}

static FILES: [VendorFile; 3] = vendor_files! {
    "swagger-ui-bundle.js", SCRIPT;
    "swagger-ui.css", STYLE;
    "redoc.standalone.js", SCRIPT;
};

/// The file of this name.
pub(super) fn find(name: &str) -> Option<&'static VendorFile> {
    FILES.iter().find(|file| file.name == name)
}

impl VendorFile {
    /// The answer with the file, inflated for a client that does not accept gzip.
    pub(super) fn answer(&self, request: &Request) -> Response {
        let response = Response::builder()
            .content_type(self.content_type)
            .header(CACHE_CONTROL, "public, max-age=300")
            .header(VARY, ACCEPT_ENCODING.as_str());
        if accepts_gzip(request.header(ACCEPT_ENCODING).unwrap_or_default()) {
            return response.header(CONTENT_ENCODING, "gzip").body(self.gzip);
        }
        let inflated = self.inflated.get_or_init(|| inflate(self.gzip));
        response.body(inflated.clone())
    }
}

fn inflate(gzip: &[u8]) -> Bytes {
    let mut inflated = Vec::new();
    // The binary contains the file, and a test inflates it, so this cannot fail.
    let _ = GzDecoder::new(gzip).read_to_end(&mut inflated);
    inflated.into()
}

/// Whether the header names gzip with another quality than zero (RFC 9110, 12.5.3).
fn accepts_gzip(header: &str) -> bool {
    header.split(',').any(|coding| {
        let (name, quality) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let quality = quality.trim().strip_prefix("q=").unwrap_or("1");
        name.trim().eq_ignore_ascii_case("gzip")
            && quality.parse().is_ok_and(|quality: f32| quality > 0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_inflates_once_and_whole() {
        for file in &FILES {
            let mut whole = Vec::new();
            GzDecoder::new(file.gzip).read_to_end(&mut whole).unwrap();
            assert_eq!(inflate(file.gzip), whole, "{}", file.name);
        }
        let request = Request::builder().finish();
        FILES[0].answer(&request);
        let first = FILES[0].inflated.get().map(|bytes| bytes.as_ptr());
        FILES[0].answer(&request);
        let second = FILES[0].inflated.get().map(|bytes| bytes.as_ptr());
        assert!(first.is_some() && first == second);
    }

    #[test]
    fn gzip_is_sent_only_to_clients_that_accept_it() {
        for header in ["gzip", "br, GZIP;q=0.5", "deflate,gzip , br"] {
            assert!(accepts_gzip(header), "{header}");
        }
        for header in ["", "identity", "br", "gzip;q=0", "gzip;q=0.0, br", "*"] {
            assert!(!accepts_gzip(header), "{header}");
        }
    }
}

//! The files of Swagger UI and `ReDoc`. They are stored compressed, because they would be a tenth of the binary.

use std::{io::Read, sync::OnceLock};

use flate2::read::GzDecoder;

use super::{SCRIPT, STYLE, files, stored::Stored};

/// A file.
pub(super) struct VendorFile {
    name: &'static str,
    pub(super) content_type: &'static str,
    gzip: &'static [u8],
    /// Its content, inflated for the first client that asks for it.
    stored: OnceLock<Stored>,
}

macro_rules! vendor_files {
    ($($name:literal, $content_type:ident;)+) => {
        [$(VendorFile {
            name: $name,
            content_type: $content_type,
            gzip: include_bytes!(concat!("../../../static/vendor/", $name, ".gz")),
            stored: OnceLock::new(),
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

/// The names, and what is stored.
pub(super) fn contents() -> impl Iterator<Item = (&'static str, &'static [u8])> {
    FILES.iter().map(|file| (file.name, file.gzip))
}

impl VendorFile {
    /// Its content.
    pub(super) fn stored(&self) -> &Stored {
        self.stored.get_or_init(|| {
            Stored::new(inflate(self.gzip).into(), &files::VERSION).with_gzip(self.gzip)
        })
    }
}

fn inflate(gzip: &[u8]) -> Vec<u8> {
    let mut inflated = Vec::new();
    // The binary contains the file, and a test inflates it, so this cannot fail.
    let _ = GzDecoder::new(gzip).read_to_end(&mut inflated);
    inflated
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
        assert!(std::ptr::eq(FILES[0].stored(), FILES[0].stored()));
    }
}

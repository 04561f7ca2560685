//! The codings that make an answer shorter on its way (RFC 9110, 8.4.1).

use std::io::{self, Write};

use brotli::{BrotliCompress, enc::BrotliEncoderParams};
use flate2::{Compression, write::GzEncoder};
use poem::http::HeaderValue;

/// A shorter answer stays as it is: it fits into one packet anyway.
const LEAST_BYTES: usize = 1024;

/// How hard brotli tries. More costs a request milliseconds and saves few bytes.
const BROTLI_QUALITY: i32 = 5;

/// A coding of an answer's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// `br`
    Brotli,
    /// `gzip`
    Gzip,
}

impl Coding {
    /// The coding that the client likes most, as `Accept-Encoding` says (RFC 9110, 12.5.3); of two that it likes alike
    /// the one that is shorter. `None` if the header names neither of them.
    pub fn accepted(header: &str) -> Option<Self> {
        let brotli = quality(header, "br");
        let gzip = quality(header, "gzip");
        if brotli > 0.0 && brotli >= gzip {
            Some(Self::Brotli)
        } else {
            (gzip > 0.0).then_some(Self::Gzip)
        }
    }

    /// Its name in `Content-Encoding`.
    pub const fn name(self) -> HeaderValue {
        match self {
            Self::Brotli => HeaderValue::from_static("br"),
            Self::Gzip => HeaderValue::from_static("gzip"),
        }
    }

    /// The bytes in this coding; `None` if they are few, or do not become fewer.
    pub fn compress(self, plain: &[u8]) -> Option<Vec<u8>> {
        if plain.len() < LEAST_BYTES {
            return None;
        }
        let coded = match self {
            Self::Brotli => brotli(plain),
            Self::Gzip => gzip(plain),
        };
        coded.ok().filter(|coded| coded.len() < plain.len())
    }
}

/// How much the client likes the coding of this name, from 0 (not at all) to 1.
fn quality(header: &str, coding: &str) -> f32 {
    let named = header.split(',').find_map(|known| {
        let (name, quality) = known.split_once(';').unwrap_or((known, "q=1"));
        let is_it = name.trim().eq_ignore_ascii_case(coding);
        is_it.then(|| quality.trim().strip_prefix("q=").unwrap_or("1"))
    });
    named.map_or(0.0, |quality| quality.parse().unwrap_or(0.0))
}

fn brotli(plain: &[u8]) -> io::Result<Vec<u8>> {
    let settings = BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        size_hint: plain.len(),
        ..BrotliEncoderParams::default()
    };
    let mut coded = Vec::new();
    BrotliCompress(&mut &*plain, &mut coded, &settings)?;
    Ok(coded)
}

fn gzip(plain: &[u8]) -> io::Result<Vec<u8>> {
    let mut coder = GzEncoder::new(Vec::new(), Compression::default());
    coder.write_all(plain)?;
    coder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_coding_is_the_one_that_the_client_likes_most() {
        for (header, coding) in [
            ("gzip", Some(Coding::Gzip)),
            ("deflate,gzip , br", Some(Coding::Brotli)),
            ("br;q=0.4, GZIP;q=0.5", Some(Coding::Gzip)),
            ("br;q=0, gzip;q=0.1", Some(Coding::Gzip)),
            ("BR", Some(Coding::Brotli)),
            ("", None),
            ("*", None),
            ("identity", None),
            ("xgzip, brx", None),
            ("gzip;q=0.0, br;q=no", None),
        ] {
            assert_eq!(Coding::accepted(header), coding, "{header}");
        }
    }

    #[test]
    fn what_is_short_or_grows_stays_as_it_is() {
        let noise: Vec<u8> = (0u32..4096)
            .map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0] ^ n.to_le_bytes()[0])
            .collect();
        for coding in [Coding::Brotli, Coding::Gzip] {
            assert_eq!(coding.compress(&[b'a'; 1023]), None);
            let coded = coding.compress(&[b'a'; 1024]).unwrap();
            assert!(coded.len() < 100);
            assert!(
                coding
                    .compress(&noise)
                    .is_none_or(|coded| coded.len() < noise.len())
            );
        }
    }
}

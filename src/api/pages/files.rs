//! Scripts and styles under two names. `ui.js` is what the pages and scripts of this repository say, and a browser asks
//! each time whether it changed. `ui.3f9a2b1c0d4e.js`, with the hash of all files, is what they say when they are served:
//! a browser keeps it for a year, and the next version has other names.

use std::{borrow::Cow, collections::HashMap, fmt::Write as _, sync::LazyLock};

use kernel::helpers::hex;
use poem::{Request, Response};

use super::{ASSETS, Asset, HTML, SCRIPT, stored::Stored, translated, vendor};

/// What a browser is told of a name with the hash.
const FOR_A_YEAR: &str = "public, max-age=31536000, immutable";
/// What it is told of each other name: it keeps the file, and asks whether it changed.
pub(super) const ASK_FIRST: &str = "no-cache";

/// The digits of a hash.
const DIGITS: usize = 12;

/// The hash of all scripts and styles. One for all is enough, since a new version of the service changes several.
pub(super) static VERSION: LazyLock<String> = LazyLock::new(|| {
    let ours = files().map(|file| (file.name, file.text));
    let ours = ours.chain(translated::files());
    let ours = ours.map(|(name, text)| (name, text.as_bytes()));
    let all: Vec<_> = ours.chain(vendor::contents()).collect();
    version(&all)
});

/// Our files as they are served: they name each other with the hash.
static SERVED: LazyLock<HashMap<&str, Stored>> = LazyLock::new(|| {
    let ours = files().map(|file| (file.name, with_hashes(file.text)));
    let words = translated::files().map(|(name, text)| (name, text.to_owned()));
    ours.chain(words)
        .map(|(name, text)| (name, Stored::new(text.into(), &VERSION)))
        .collect()
});

fn files() -> impl Iterator<Item = &'static Asset> {
    ASSETS.iter().filter(|asset| asset.content_type != HTML)
}

/// The hash of these names and contents.
fn version(contents: &[(&str, &[u8])]) -> String {
    let digests = contents.iter().flat_map(|(name, content)| {
        [crypto::sha256(name.as_bytes()), crypto::sha256(content)].concat()
    });
    version_of(&digests.collect::<Vec<_>>())
}

/// The name of the version with these bytes.
pub(super) fn version_of(bytes: &[u8]) -> String {
    let mut digits = hex(&crypto::sha256(bytes));
    digits.truncate(DIGITS);
    digits
}

/// The name of a file in an address.
pub(super) struct Name<'a> {
    /// Its name in this repository.
    pub(super) plain: Cow<'a, str>,
    /// `Cache-Control` of the answer.
    kept: &'static str,
}

impl<'a> Name<'a> {
    /// Reads a name. One with another hash means the file all the same: while a new version takes over, a page of one
    /// instance gets its files from another. The browser does not keep it then.
    pub(super) fn of(asked: &'a str) -> Self {
        let parts = asked.rsplit_once('.').and_then(|(rest, extension)| {
            let (stem, hash) = rest.rsplit_once('.')?;
            let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
            let is_hash = hash.len() == DIGITS && hash.bytes().all(is_digit);
            is_hash.then(|| (format!("{stem}.{extension}"), hash))
        });
        match parts {
            Some((plain, hash)) if is_file(&plain) => Self {
                plain: plain.into(),
                kept: if hash == *VERSION {
                    FOR_A_YEAR
                } else {
                    ASK_FIRST
                },
            },
            _ => Self {
                plain: asked.into(),
                kept: ASK_FIRST,
            },
        }
    }

    /// The answer with our file of this name; `None` if the name is that of a page.
    pub(super) fn answer(&self, request: &Request, content_type: &str) -> Option<Response> {
        let stored = SERVED.get(&*self.plain)?;
        Some(stored.answer(request, content_type, self.kept))
    }

    /// The answer with the sentences of a language; `None` if the name is that of another file.
    pub(super) fn answer_words(&self, request: &Request) -> Option<Response> {
        let mut names = translated::files().map(|(name, _)| name);
        names.find(|name| *name == self.plain)?;
        self.answer(request, SCRIPT)
    }

    /// The answer with a file of another project.
    pub(super) fn answer_vendor(&self, request: &Request, file: &vendor::VendorFile) -> Response {
        file.stored().answer(request, file.content_type, self.kept)
    }
}

fn is_file(name: &str) -> bool {
    files().any(|file| file.name == name)
        || translated::files().any(|(file, _)| file == name)
        || vendor::find(name).is_some()
}

/// The text with the hash in each name of a script or a style. Names are written as `"./ui.js"`.
pub(super) fn with_hashes(text: &str) -> String {
    let mut parts = text.split("\"./");
    let mut served = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_at(part.find('"').unwrap_or_default());
        served.push_str("\"./");
        match name.rsplit_once('.').filter(|_| is_file(name)) {
            Some((stem, extension)) => {
                // Writing to a String cannot fail.
                let _ = write!(served, "{stem}.{}.{extension}", *VERSION);
            }
            None => served.push_str(name),
        }
        served.push_str(rest);
    }
    served
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_of_a_file_changes_the_hash() {
        let hash = |contents: &[(&str, &str)]| {
            let contents: Vec<_> = contents.iter().map(|(n, c)| (*n, c.as_bytes())).collect();
            version(&contents)
        };
        let all = [
            hash(&[("a.js", "one"), ("b.js", "two")]),
            hash(&[("a.js", "one"), ("b.js", "two.")]),
            hash(&[("a.js", "onet"), ("b.js", "wo")]),
            hash(&[("a.js", "one"), ("c.js", "two")]),
            hash(&[("a.js", "one")]),
        ];
        let different: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(different.len(), all.len());
        assert!(all.iter().all(|hash| hash.len() == DIGITS));
    }

    #[test]
    fn only_names_of_files_get_the_hash() {
        let served =
            with_hashes(r#"<a href="./admin.html">, "./ui.js", "./nope.js", "./style.css"#);
        let expected = format!(
            r#"<a href="./admin.html">, "./ui.{}.js", "./nope.js", "./style.css"#,
            *VERSION
        );
        assert_eq!(served, expected);
    }
}

//! The one spelling of each path. Whatever is spelt otherwise is not found, so that no rule about a
//! path can be passed by writing it differently (ADM-1).

/// Every path answers under this prefix too.
const PREFIX: &str = "/api/v1";

/// The path as the router knows it: without the prefix and one trailing slash. `None` for every
/// spelling that the service does not have: empty and dot segments, percent-encoding, `*`.
pub(super) fn canonical(path: &str) -> Option<&str> {
    if path.contains("//") {
        return None;
    }
    let path = match path.strip_prefix(PREFIX) {
        Some("") => "/",
        Some(rest) if rest.starts_with('/') => rest,
        _ => path,
    };
    let segments = path.strip_prefix('/')?;
    if segments.is_empty() {
        return Some(path);
    }
    let path = path.strip_suffix('/').unwrap_or(path);
    path.split('/').skip(1).all(is_plain).then_some(path)
}

/// Ids, file names and our own words need unreserved characters only (RFC 3986 2.3).
fn is_plain(segment: &str) -> bool {
    let is_unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    !matches!(segment, "." | "..") && segment.bytes().all(is_unreserved)
}

/// Whether answers under the path are about somebody.
pub(super) fn is_personal(path: &str) -> bool {
    let first = path.split('/').nth(1);
    matches!(first, Some("auth" | "users" | "user" | "admin"))
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn a_path_has_two_prefixes_and_may_end_in_one_slash() {
        for path in [
            "/auth/me",
            "/auth/me/",
            "/api/v1/auth/me",
            "/api/v1/auth/me/",
        ] {
            assert_eq!(canonical(path), Some("/auth/me"), "{path}");
        }
        for path in ["/", "/api/v1", "/api/v1/"] {
            assert_eq!(canonical(path), Some("/"), "{path}");
        }
    }

    #[test]
    fn another_spelling_is_another_path_or_none() {
        let none = [
            "",
            "*",
            "//",
            "/api/v1//",
            "//auth",
            "/auth//me",
            "/auth/me//",
            "/auth/%6de",
            "/auth%2fme",
            "/auth/./me",
            "/auth/../me",
            "/auth/..",
            "/%2e%2e/x",
            "/auth/me;x",
            "auth",
            "/ä",
        ];
        for path in none {
            assert_eq!(canonical(path), None, "{path}");
        }
        for path in ["/AUTH/me", "/api/v1x", "/API/v1/auth"] {
            assert_eq!(canonical(path), Some(path));
        }
    }

    #[test]
    fn the_prefix_counts_once() {
        assert_eq!(canonical("/api/v1/api/v1/auth"), Some("/api/v1/auth"));
    }
}

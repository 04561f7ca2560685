//! The one spelling of each path. A path with another spelling is answered with 404, so that a caller cannot avoid a
//! rule about a path by writing the path differently (ADM-1).

/// Each path can also be called with this prefix.
const PREFIX: &str = "/api/v1";

/// The path as the router knows it: without the prefix and without one trailing slash. `None` if the service does
/// not accept the spelling: empty segments, dot segments, percent-encoding, `*`.
pub(crate) fn canonical(path: &str) -> Option<&str> {
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

/// Whether a segment has only unreserved characters (RFC 3986, 2.3): ids, file names and the words of paths need no
/// others.
fn is_plain(segment: &str) -> bool {
    let is_unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    !matches!(segment, "." | "..") && segment.bytes().all(is_unreserved)
}

/// Whether answers under the path may contain data of a person.
pub(crate) fn is_personal(path: &str) -> bool {
    let first = path.split('/').nth(1);
    matches!(first, Some("auth" | "users" | "user" | "admin"))
}

#[cfg(test)]
mod tests {
    use crate::pipeline::paths::canonical;

    #[test]
    fn a_path_may_have_the_prefix_and_one_trailing_slash() {
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
    fn another_spelling_of_a_path_is_not_the_same_path() {
        let refused = [
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
        for path in refused {
            assert_eq!(canonical(path), None, "{path}");
        }
        for path in ["/AUTH/me", "/api/v1x", "/API/v1/auth"] {
            assert_eq!(canonical(path), Some(path));
        }
    }

    #[test]
    fn the_prefix_is_removed_only_once() {
        assert_eq!(canonical("/api/v1/api/v1/auth"), Some("/api/v1/auth"));
    }
}

//! Whether a request comes from this machine, and not through a proxy on it.

use poem::{
    Addr, Request,
    http::{HeaderMap, header, uri::Authority},
};

use kernel::request::Origin;

/// Headers that a proxy writes, besides those that begin with [`X_FORWARDED`]. Behind a proxy on this machine that is
/// not configured, every caller looks local; these headers show that there is a proxy.
const PROXIED: [&str; 6] = [
    "forwarded",
    "via",
    "x-real-ip",
    "x-client-ip",
    "cf-connecting-ip",
    "true-client-ip",
];

const X_FORWARDED: &str = "x-forwarded-";

fn is_proxied(headers: &HeaderMap) -> bool {
    let mut names = headers.keys().map(header::HeaderName::as_str);
    names.any(|name| name.starts_with(X_FORWARDED) || PROXIED.contains(&name))
}

/// Whether the address in `origin` is the caller's own: either no header shows a proxy, or a trusted proxy named the
/// client (WEB-13).
pub fn is_callers_own(request: &Request, origin: &Origin) -> bool {
    let Addr::SocketAddr(peer) = &request.remote_addr().0 else {
        return false;
    };
    origin.ip != peer.ip().to_canonical() || !is_proxied(request.headers())
}

/// Whether a client on this machine sent the request: over loopback, through no proxy, and for a local host name. The
/// host name is checked because a page of another site can let its own name point here (DNS rebinding), but cannot send
/// another `Host`.
pub fn is_local(request: &Request, origin: &Origin) -> bool {
    let headers = request.headers();
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    origin.ip.is_loopback() && !is_proxied(headers) && host.is_some_and(names_this_machine)
}

fn names_this_machine(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else {
        return false;
    };
    let name = authority.host().trim_matches(['[', ']']);
    let is_loopback = |ip: std::net::IpAddr| ip.is_loopback();
    name.eq_ignore_ascii_case("localhost") || name.parse().is_ok_and(is_loopback)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::clock::Timestamp;

    fn local(peer: &str, headers: &[(&str, &str)]) -> bool {
        let now = Timestamp::UNIX_EPOCH;
        let origin = Origin::new(peer.parse().unwrap(), "agent", String::new(), now);
        let request = headers
            .iter()
            .fold(Request::builder(), |request, (name, value)| {
                request.header(*name, *value)
            });
        is_local(&request.finish(), &origin)
    }

    #[test]
    fn a_request_for_a_local_name_over_loopback_is_local() {
        for host in [
            "localhost:5001",
            "LOCALHOST",
            "127.0.0.1:5001",
            "[::1]:5001",
        ] {
            assert!(local("127.0.0.1", &[("host", host)]), "{host}");
        }
        assert!(!local("192.0.2.1", &[("host", "localhost")]));
    }

    #[test]
    fn a_request_for_another_host_name_is_not_local() {
        for host in [
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "10.0.0.1",
            "",
        ] {
            assert!(!local("127.0.0.1", &[("host", host)]), "{host}");
        }
        assert!(!local("127.0.0.1", &[]));
    }

    #[test]
    fn a_request_through_a_proxy_on_this_machine_is_not_local() {
        for name in PROXIED
            .into_iter()
            .chain(["x-forwarded-for", "x-forwarded-host"])
        {
            let headers = [("host", "localhost"), (name, "192.0.2.1")];
            assert!(!local("127.0.0.1", &headers), "{name}");
        }
    }
}

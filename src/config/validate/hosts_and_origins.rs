//! Checks hosts, addresses and origins.

use identity::factors::passkeys::rules::relying_party::{Off, RelyingParty};
use kernel::networks::is_loopback;
use std::net::IpAddr;

use url::{Host, Url};

use crate::config::{ConfigErrors, sections::Config};

pub(super) fn check(config: &Config, errors: &mut ConfigErrors) {
    errors.require(
        is_host(&config.service.host),
        "service.host",
        "is neither an IP address nor a host name",
        "set it to the address to listen on, such as 0.0.0.0",
    );
    errors.require(
        is_host(&config.email.smtp_host),
        "email.smtp_host",
        "is neither an IP address nor a host name",
        "set it to the mail server's name, without scheme and port",
    );
    // Links in mails begin with this address (RST-2).
    errors.require(
        base_url(&config.service.public_base_url).is_some(),
        "service.public_base_url",
        "is not an http(s) address of a host and nothing more",
        "write it like https://accounts.clinic.example",
    );
    let page = config.reset.page_url.as_deref();
    errors.require(
        page.is_none_or(|page| web_page(page).is_some()),
        "reset.page_url",
        "is not an http(s) address without user name and fragment",
        "write it like https://clinic.example/reset, or set it to null",
    );
    for origin in config.service.cors_origins.iter().flatten() {
        // A browser's `Origin` is compared with it byte by byte (WEB-5).
        if let Err(remedy) = exact_origin(origin) {
            let problem = format!("{origin:?} is not an exact origin");
            errors.add("service.cors_origins", problem, remedy);
        }
    }
    for header in &config.service.cors_headers {
        // `*` is a token too, and browsers read it as every header.
        errors.require(
            is_header_name(header) && header != "*",
            "service.cors_headers",
            format!("{header:?} is not the name of a header"),
            "name each header that pages may send, such as traceparent",
        );
    }
    // Those that say how to write it; whether there are passkeys at all is for `check` to say (PK-16).
    match RelyingParty::new(&config.service.public_base_url, &config.passkeys) {
        Err(off @ Off::RpId(_)) => errors.add(
            "passkeys.rp_id",
            off.to_string(),
            "set it to that host or a domain above it, or to null",
        ),
        Err(off @ Off::Origin(_)) => errors.add(
            "passkeys.extra_origins",
            off.to_string(),
            "write each like https://app.clinic.example or android:apk-key-hash:…",
        ),
        Ok(_) | Err(_) => {}
    }
    let networks = [
        (
            "throttle.trusted_proxies",
            &config.throttle.identity.trusted_proxies,
        ), // RL-2
        ("service.metrics_networks", &config.service.metrics_networks),
    ];
    for (key, networks) in networks {
        for network in networks {
            errors.require(
                is_network(network),
                key,
                format!("{network:?} is neither an IP address nor a CIDR block"),
                "write it like 10.0.0.7 or 10.0.0.0/8",
            );
        }
    }
    errors.require(
        is_header_name(&config.throttle.identity.forwarded_header),
        "throttle.forwarded_header",
        "is not the name of a header",
        "set it to the header that the trusted proxies write, such as X-Forwarded-For",
    );
}

/// Checks that links use https in production, because they are sent in mails. Links to this machine are an exception.
pub(super) fn check_production(config: &Config, errors: &mut ConfigErrors) {
    let (base, page) = (&config.service.public_base_url, &config.reset.page_url);
    let is_plain = |url: Url| url.scheme() == "http" && !url.host_str().is_some_and(is_loopback);
    for (key, link) in [
        ("service.public_base_url", Some(base)),
        ("reset.page_url", page.as_ref()),
    ] {
        if link.and_then(|link| web_page(link)).is_some_and(is_plain) {
            errors.add(key, "is not https in production", "begin it with https://");
        }
    }
}

/// The address in its normal form without a slash at the end; `None` if it has a path, a query, a fragment or a user
/// name.
pub(in crate::config) fn base_url(text: &str) -> Option<String> {
    let url = web_page(text)?;
    (url.path() == "/" && url.query().is_none()).then(|| url.origin().ascii_serialization())
}

/// The origin of an http(s) address, as a browser sends it.
pub(in crate::config) fn origin_of(text: &str) -> Option<String> {
    web_page(text).map(|url| url.origin().ascii_serialization())
}

fn web_page(text: &str) -> Option<Url> {
    // The parser ignores white space, but an address in a mail must have none.
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let good = matches!(url.scheme(), "http" | "https") && without_user(&url);
    (good && url.fragment().is_none()).then_some(url)
}

fn without_user(url: &Url) -> bool {
    url.username().is_empty() && url.password().is_none()
}

/// Checks that `text` has exactly the bytes that a browser sends in `Origin`. The error says what to write instead.
fn exact_origin(text: &str) -> Result<(), String> {
    let example = || "write it like https://app.clinic.example:8443".to_owned();
    let url = Url::parse(text).map_err(|_| example())?;
    let origin = if matches!(url.scheme(), "http" | "https") {
        url.origin().ascii_serialization()
    } else if url.path().is_empty() && url.query().is_none() && without_user(&url) {
        // Mobile apps use their own schemes (`capacitor://localhost`).
        format!("{}://{}", url.scheme(), url.authority())
    } else {
        return Err(example());
    };
    // The parser accepts `*` as a host.
    if url.host().is_none() || text.contains('*') {
        Err(example())
    } else if origin == text {
        Ok(())
    } else {
        Err(format!("write {origin}"))
    }
}

fn is_host(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    text.parse::<IpAddr>().is_ok() || (text.chars().all(plain) && Host::parse(text).is_ok())
}

fn is_network(text: &str) -> bool {
    let (address, prefix) = text.split_once('/').unwrap_or((text, "0"));
    let longest = match address.parse() {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    prefix.bytes().all(|b| b.is_ascii_digit()) && prefix.parse().is_ok_and(|n: u8| n <= longest)
}

/// Whether the text is a token (RFC 9110, section 5.6.2).
fn is_header_name(text: &str) -> bool {
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !text.is_empty() && text.bytes().all(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_has_a_scheme_and_a_host_only() {
        assert_eq!(
            base_url("http://localhost:5001").as_deref(),
            Some("http://localhost:5001")
        );
        assert_eq!(
            base_url("https://Clinic.example:443/").as_deref(),
            Some("https://clinic.example")
        );
        for bad in [
            "",
            "clinic.example",
            "ftp://clinic.example",
            "https://clinic.example/app",
            "https://clinic.example/?a",
            "https://clinic.example/#a",
            "https://me@clinic.example",
            "https://clinic.example\r\nBcc: a",
        ] {
            assert_eq!(base_url(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_reset_page_may_have_a_path_but_no_fragment() {
        assert!(web_page("https://clinic.example/reset?lang=de").is_some());
        assert!(web_page("https://clinic.example/#/reset").is_none());
        assert!(web_page("javascript:alert(1)").is_none());
    }

    #[test]
    fn an_origin_is_exact() {
        for good in [
            "https://a.example",
            "http://localhost:8080",
            "http://[::1]:8080",
            "capacitor://localhost",
        ] {
            assert_eq!(exact_origin(good), Ok(()), "{good}");
        }
        for bad in [
            "*",
            "null",
            "",
            "a.example",
            "https://*",
            "https://a.example/",
            "https://A.example",
            "https://a.example:80000",
            "https://a.example:443",
            "https://me@a.example",
            "file:///tmp",
            "data:text/html,x",
            "app://localhost/",
        ] {
            assert!(exact_origin(bad).is_err(), "{bad:?}");
        }
        assert_eq!(
            exact_origin("https://A.example/x"),
            Err("write https://a.example".to_owned())
        );
    }

    #[test]
    fn proxies_are_addresses_or_blocks() {
        for good in ["10.0.0.7", "10.0.0.0/8", "::1", "fd00::/8", "0.0.0.0/0"] {
            assert!(is_network(good), "{good}");
        }
        for bad in [
            "",
            "proxy",
            "10.0.0.0/33",
            "fd00::/129",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "10.0.0/8",
        ] {
            assert!(!is_network(bad), "{bad}");
        }
    }

    #[test]
    fn names_that_look_like_loopback_are_not_loopback() {
        for good in [
            "localhost",
            "LOCALHOST",
            "127.0.0.1",
            "127.9.9.9",
            "::1",
            "[::1]",
            "::ffff:127.0.0.1",
        ] {
            assert!(is_loopback(good), "{good}");
        }
        for bad in [
            "smtp.gmail.com",
            "127.0.0.1.example",
            "localhost.example",
            "0.0.0.0",
            "10.0.0.1",
        ] {
            assert!(!is_loopback(bad), "{bad}");
        }
    }

    #[test]
    fn a_host_has_no_scheme_port_or_blank() {
        assert!(
            ["0.0.0.0", "::", "localhost", "smtp.gmail.com", "mail_1"]
                .into_iter()
                .all(is_host)
        );
        for bad in ["", "http://a", "a:25", "a b", "[::1]", "a/b", "1.2.3.400"] {
            assert!(!is_host(bad), "{bad}");
        }
    }

    #[test]
    fn a_header_name_is_a_token() {
        assert!(is_header_name("X-Forwarded-For"));
        assert!(!is_header_name("") && !is_header_name("X Forwarded") && !is_header_name("X:"));
    }
}

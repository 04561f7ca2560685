//! The client's address (RL-2): the socket's peer, unless the peer is a proxy that we trust.

use std::net::IpAddr;

use poem::http::{HeaderMap, HeaderName, header::FORWARDED};

use crate::pipeline::forwarded;
use kernel::networks::Networks;

/// The trusted proxies, and the header in which they name the client.
pub(crate) struct Proxies {
    trusted: Networks,
    header: HeaderName,
}

impl Proxies {
    /// # Errors
    /// A sentence about the setting that is not valid.
    pub(crate) fn new(trusted: &[String], name: &str) -> Result<Self, String> {
        let invalid = |_| format!("throttle.forwarded_header: {name:?} is no name of a header");
        Ok(Self {
            trusted: Networks::parse("throttle.trusted_proxies", trusted)?,
            header: name.parse().map_err(invalid)?,
        })
    }

    /// The right-most address that is not the address of a trusted proxy. The addresses left of it are ignored, because
    /// an untrusted client wrote them.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        if !self.trusted.contain(client) {
            return client;
        }
        let lines = headers.get_all(&self.header).iter().rev();
        let hops = lines.flat_map(|line| {
            let hops = if self.header == FORWARDED {
                forwarded::hops(line.as_bytes())
            } else {
                let listed = line.as_bytes().split(|byte| *byte == b',');
                listed.map(address).collect()
            };
            hops.into_iter().rev()
        });
        for hop in hops {
            let Some(address) = hop else {
                return client; // The proxy named no address, so the proxy itself is the client.
            };
            client = address;
            if !self.trusted.contain(client) {
                return client;
            }
        }
        client
    }
}

/// Reads an address as proxies write it: alone, in brackets, or with a port.
fn address(hop: &[u8]) -> Option<IpAddr> {
    let text = str::from_utf8(hop).ok()?.trim();
    let bare = text.strip_prefix('[').and_then(|text| text.split_once(']'));
    let bare = bare.map_or(text, |(address, _)| address);
    let with_port = || bare.split_once(':').map(|(address, _)| address);
    let address = bare.parse().ok().or_else(|| with_port()?.parse().ok())?;
    Some(IpAddr::to_canonical(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &[&str], peer: &str, lines: &[&str]) -> String {
        let trusted: Vec<String> = trusted.iter().map(ToString::to_string).collect();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let proxies = Proxies::new(&trusted, "x-forwarded-for").unwrap();
        proxies.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn the_header_of_an_untrusted_peer_is_ignored() {
        assert_eq!(client(&[], "192.0.2.1", &["10.0.0.1"]), "192.0.2.1");
        assert_eq!(
            client(&["10.0.0.0/8"], "192.0.2.1", &["10.0.0.1"]),
            "192.0.2.1"
        );
    }

    #[test]
    fn behind_proxies_the_right_most_untrusted_hop_is_the_client() {
        let proxies = ["10.0.0.0/8", "2001:db8::/32"];
        let lines = ["203.0.113.9, 198.51.100.7", "10.1.1.1 , [2001:db8::5]:443"];
        assert_eq!(client(&proxies, "10.0.0.1", &lines), "198.51.100.7");
    }

    #[test]
    fn an_ipv4_mapped_peer_is_recognized_as_a_proxy() {
        assert_eq!(
            client(&["10.0.0.1"], "::ffff:10.0.0.1", &["203.0.113.9:8080"]),
            "203.0.113.9"
        );
    }

    #[test]
    fn a_hop_without_an_address_is_not_skipped() {
        let hops = ["203.0.113.9, unknown, 10.0.0.2"];
        assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", &hops), "10.0.0.2");
        assert_eq!(
            client(&["10.0.0.0/8"], "10.0.0.1", &["203.0.113.9,"]),
            "10.0.0.1"
        );
        assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", &[]), "10.0.0.1");
    }

    /// The client that `Forwarded` (RFC 7239) names, behind trusted proxies of two networks.
    fn by_forwarded(lines: &[&str]) -> String {
        let trusted = ["10.0.0.0/8", "2001:db8:1::/48"].map(str::to_owned);
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("forwarded", line.parse().unwrap());
        }
        let proxies = Proxies::new(&trusted, "forwarded").unwrap();
        let peer = "10.0.0.1".parse().unwrap();
        proxies.client(peer, &headers).to_string()
    }

    #[test]
    fn the_header_forwarded_is_read_by_its_own_syntax() {
        for line in [
            "for=203.0.113.9",
            "For=203.0.113.9;proto=https;by=10.0.0.2",
            "proto=http ; FOR=\"203.0.113.9:4711\" ; host=\"a,b;for=198.51.100.1\"",
            "for=\"203.0.113\\.9\"",
            "for=198.51.100.1, for=203.0.113.9",
            "for=\"[::ffff:203.0.113.9]\"",
            "for=203.0.113.9;ext=\"a\\\"b, for=198.51.100.7\"",
            "for=\"203.0.113.9:_port\"",
            ",, for=203.0.113.9 ,",
        ] {
            assert_eq!(by_forwarded(&[line]), "203.0.113.9", "{line}");
        }
        for line in [
            "for=\"[2001:db8::1]:4711\"",
            "for=\"[2001:db8::1]\"",
            "for=\"[2001:DB8::1]:_x\"",
        ] {
            assert_eq!(by_forwarded(&[line]), "2001:db8::1", "{line}");
        }
    }

    #[test]
    fn the_right_most_untrusted_hop_of_all_lines_is_the_client() {
        let chain = "for=198.51.100.1, for=203.0.113.9, for=10.0.0.3";
        assert_eq!(by_forwarded(&[chain]), "203.0.113.9");
        let lines = [
            "for=198.51.100.1, for=203.0.113.9",
            "for=\"[2001:db8:1::7]:80\";proto=https, for=10.0.0.3",
        ];
        assert_eq!(by_forwarded(&lines), "203.0.113.9");
    }

    #[test]
    fn a_hop_without_an_address_stands_for_its_proxy() {
        let no_address = [
            "for=unknown",
            "for=_hidden",
            "for=\"_gazonk\"",
            "for=\"unknown:80\"",
            "proto=https",
            "for=\"2001:db8::1\"",
            "for=203.0.113.9;for=203.0.113.8",
            "for=\"203.0.113.9:99999\"",
            "for=\"203.0.113.9:\"",
            "for=\"[203.0.113.9]\"",
        ];
        // These elements are not valid, so nothing left of them is trusted.
        let no_element = [
            "for=",
            "for=[2001:db8::1]",
            "for=203.0.113.9:80",
            "for=\"203.0.113.9",
            "for=203.0.113.9 x",
            "for =203.0.113.9",
            "203.0.113.9",
        ];
        for hop in no_address.into_iter().chain(no_element) {
            let line = format!("for=198.51.100.1, {hop}");
            assert_eq!(by_forwarded(&[&line]), "10.0.0.1", "{hop}");
            let behind = format!("{line}, for=10.0.0.3");
            assert_eq!(by_forwarded(&[&behind]), "10.0.0.3", "{hop}");
            let lines = [line.as_str(), "for=10.0.0.3"];
            assert_eq!(by_forwarded(&lines), "10.0.0.3", "{hop}");
        }
        assert_eq!(by_forwarded(&[]), "10.0.0.1");
    }

    #[test]
    fn text_left_of_the_last_hop_cannot_hide_it() {
        for junk in [
            "x",
            "for=<x>",
            "for=\"7.7.7.7",
            "for=1.1.1.1;ext=\"a",
            "\u{fc}, =",
            ";;;",
        ] {
            let line = format!("{junk}, for=203.0.113.9");
            assert_eq!(by_forwarded(&[&line]), "203.0.113.9", "{line}");
        }
        let commas = "for=203.0.113.9;ext=\"a, for=7.7.7.7\"";
        assert_eq!(by_forwarded(&[commas]), "203.0.113.9");
    }
}

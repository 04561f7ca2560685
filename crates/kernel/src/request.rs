//! From where and when a request came: read once by the HTTP pipeline, and passed to every use case.

use std::net::{IpAddr, Ipv6Addr};

use super::mail_language::MailLanguage;
use crate::clock::Timestamp;

/// Where a request came from, and the moment at which it is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The client's address; an IPv4-mapped IPv6 address is converted to its IPv4 address (RL-3).
    pub ip: IpAddr,
    /// The client's `User-Agent`, without control characters, at most [`Origin::USER_AGENT_BYTES`].
    pub user_agent: String,
    /// The id by which the request is found in the log; the answer has it as `X-Request-Id`.
    pub request_id: String,
    /// The language of the mails that the request causes, if the account has none.
    pub language: Option<MailLanguage>,
    /// The time for every decision of this request: when its last byte had arrived (TIME-2). After that, a use case may
    /// wait for a hash or the database, but only for the few seconds that the settings allow.
    pub now: Timestamp,
}

impl Origin {
    /// How many bytes of a user agent are kept. A code point is kept complete or not at all.
    pub const USER_AGENT_BYTES: usize = 256;

    /// An origin with `ip` and `user_agent` in their canonical form.
    pub fn new(ip: IpAddr, user_agent: &str, request_id: String, now: Timestamp) -> Self {
        let mut user_agent: String = user_agent.chars().filter(|c| !c.is_control()).collect();
        while user_agent.len() > Self::USER_AGENT_BYTES {
            user_agent.pop();
        }
        Self {
            ip: ip.to_canonical(),
            user_agent,
            request_id,
            language: None,
            now,
        }
    }

    /// The same origin with this language.
    #[must_use]
    pub fn reading(self, language: Option<MailLanguage>) -> Self {
        Self { language, ..self }
    }

    /// The origin of actions of the service itself.
    pub fn of_the_service(request_id: String, now: Timestamp) -> Self {
        Self::new(
            IpAddr::V6(Ipv6Addr::LOCALHOST),
            "clinic-auth",
            request_id,
            now,
        )
    }

    /// The key of limits per address: an IPv4 address, or the /64 of an IPv6 address, because one subscriber has all
    /// addresses of a /64 (RL-3).
    pub fn ip_key(&self) -> String {
        match network_of(self.ip) {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(network) => format!("{network}/64"),
        }
    }

    /// The /48 of an IPv6 address: one customer may have all of its /64s (RL-9). `None` for IPv4.
    pub fn ip_site(&self) -> Option<String> {
        match self.ip {
            IpAddr::V4(_) => None,
            IpAddr::V6(ip) => {
                let site = Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 80));
                Some(format!("{site}/48"))
            }
        }
    }
}

/// The network of one subscriber: an IPv4 address, or the first address of an IPv6 address's /64.
pub fn network_of(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX)).into(),
        ip @ IpAddr::V4(_) => ip,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(ip: &str) -> Origin {
        Origin::new(
            ip.parse().unwrap(),
            "agent",
            String::new(),
            Timestamp::UNIX_EPOCH,
        )
    }

    #[test]
    fn addresses_of_one_64_share_a_key_and_others_do_not() {
        let key = from("2001:db8:1:2::3").ip_key();
        assert_eq!(key, "2001:db8:1:2::/64");
        assert_eq!(from("2001:db8:1:2:ffff::9").ip_key(), key);
        assert_ne!(from("2001:db8:1:3::3").ip_key(), key);
    }

    #[test]
    fn an_ipv6_address_belongs_to_the_48_of_its_customer() {
        let site = from("2001:db8:1:2::3").ip_site();
        assert_eq!(site.as_deref(), Some("2001:db8:1::/48"));
        assert_eq!(from("2001:db8:1:ffff::9").ip_site(), site);
        assert_ne!(from("2001:db8:2:2::3").ip_site(), site);
        assert_eq!(from("192.0.2.7").ip_site(), None);
    }

    #[test]
    fn a_mapped_address_counts_as_its_ipv4_address() {
        assert_eq!(from("::ffff:192.0.2.7").ip, from("192.0.2.7").ip);
        assert_eq!(from("::ffff:192.0.2.7").ip_key(), "192.0.2.7");
        assert_eq!(from("::ffff:192.0.2.7").ip_site(), None);
    }

    #[test]
    fn a_user_agent_is_cut_and_has_no_control_characters() {
        let long = format!("a\r\n\u{1b}[31mb{}", "x".repeat(1000));
        let origin = Origin::new(
            from("192.0.2.1").ip,
            &long,
            String::new(),
            Timestamp::UNIX_EPOCH,
        );
        assert!(origin.user_agent.starts_with("a[31mb"));
        assert_eq!(origin.user_agent.len(), Origin::USER_AGENT_BYTES);
    }

    #[test]
    fn a_user_agent_is_cut_by_bytes_between_two_code_points() {
        // AUD-5
        let long = format!("a{}", "\u{1f600}".repeat(100));
        let origin = Origin::new(
            from("192.0.2.1").ip,
            &long,
            String::new(),
            Timestamp::UNIX_EPOCH,
        );
        assert_eq!(origin.user_agent.len(), 1 + 63 * 4);
        assert!(long.starts_with(&origin.user_agent));
    }
}

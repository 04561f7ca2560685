//! From where and when a request came: read once by the HTTP frame, handed to every use case.

use std::net::{IpAddr, Ipv6Addr};

use super::mail_language::MailLanguage;
use crate::clock::Timestamp;

/// Where a request came from, and the one moment at which it is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The client's address; an IPv4-mapped IPv6 address is already its IPv4 address (RL-3).
    pub ip: IpAddr,
    /// What the client calls itself, without control characters, [`Origin::USER_AGENT_CHARS`] at most.
    pub user_agent: String,
    /// Finds the request in the log; also in the answer's `X-Request-Id`.
    pub request_id: String,
    /// The language of the mails that it leads to, where the account has none.
    pub language: Option<MailLanguage>,
    /// Now, for every decision of this request: when its last byte had arrived (TIME-2). What a use case waits for after
    /// that, a hash or the database, is bounded by settings of a few seconds.
    pub now: Timestamp,
}

impl Origin {
    /// Code points of a user agent that are kept.
    pub const USER_AGENT_CHARS: usize = 256;

    /// An origin; brings `ip` and `user_agent` into their canonical form.
    #[must_use]
    pub fn new(ip: IpAddr, user_agent: &str, request_id: String, now: Timestamp) -> Self {
        Self {
            ip: ip.to_canonical(),
            user_agent: user_agent
                .chars()
                .filter(|c| !c.is_control())
                .take(Self::USER_AGENT_CHARS)
                .collect(),
            request_id,
            language: None,
            now,
        }
    }

    /// The same from somebody who reads this language.
    #[must_use]
    pub fn reading(self, language: Option<MailLanguage>) -> Self {
        Self { language, ..self }
    }

    /// The origin of what the service does by itself.
    #[must_use]
    pub fn of_the_service(request_id: String, now: Timestamp) -> Self {
        Self::new(
            IpAddr::V6(Ipv6Addr::LOCALHOST),
            "clinic-auth",
            request_id,
            now,
        )
    }

    /// What limits per address count by: an IPv4 address, or the /64 of an IPv6 address, since one
    /// subscriber has that many addresses (RL-3).
    #[must_use]
    pub fn ip_bucket(&self) -> String {
        match network_of(self.ip) {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(network) => format!("{network}/64"),
        }
    }

    /// The /48 of an IPv6 address: one customer may have all of its /64s (RL-9). `None` for IPv4.
    #[must_use]
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

/// What belongs to one subscriber: an IPv4 address, or the first address of the /64 of an IPv6 address.
#[must_use]
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
    fn addresses_of_one_64_share_a_bucket_and_those_of_another_do_not() {
        let bucket = from("2001:db8:1:2::3").ip_bucket();
        assert_eq!(bucket, "2001:db8:1:2::/64");
        assert_eq!(from("2001:db8:1:2:ffff::9").ip_bucket(), bucket);
        assert_ne!(from("2001:db8:1:3::3").ip_bucket(), bucket);
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
        assert_eq!(from("::ffff:192.0.2.7").ip_bucket(), "192.0.2.7");
        assert_eq!(from("::ffff:192.0.2.7").ip_site(), None);
    }

    #[test]
    fn a_user_agent_loses_control_characters_and_its_tail() {
        let long = format!("a\r\n\u{1b}[31mb{}", "x".repeat(1000));
        let origin = Origin::new(
            from("192.0.2.1").ip,
            &long,
            String::new(),
            Timestamp::UNIX_EPOCH,
        );
        assert!(origin.user_agent.starts_with("a[31mb"));
        assert_eq!(origin.user_agent.chars().count(), Origin::USER_AGENT_CHARS);
    }
}

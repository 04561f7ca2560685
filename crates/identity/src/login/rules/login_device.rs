//! The devices and networks from which an account logged in, so that its owner is told of a new one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use chrono::Duration;
use serde::{Deserialize, Serialize};

use super::recent;
use kernel::{clock::Timestamp, stored::time};

/// An account keeps at most this many.
const MAX_DEVICES: usize = 16;

/// Browsers by a part of their `User-Agent`, and what most people call them. Most of them name others as well, so the order
/// decides.
const BROWSERS: [(&str, &str); 6] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
/// Systems by a part of the `User-Agent`.
const SYSTEMS: [&str; 6] = ["Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux"];

/// A device and network from which an account logged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginDevice {
    /// The pseudonymized [`features`].
    pub device: String,
    /// When the last login came from it.
    #[serde(with = "time")]
    pub at: Timestamp,
}

impl LoginDevice {
    /// A device counts for this time after its last login.
    pub const fn lifetime() -> Duration {
        Duration::days(90)
    }

    /// Whether the owner is told of a login from `device`. Before the first login there is nothing to compare with.
    pub fn is_new(known: &[Self], device: &str, now: Timestamp) -> bool {
        let counts = |known: &Self| known.device == device && now - known.at < Self::lifetime();
        !known.is_empty() && !known.iter().any(counts)
    }

    /// The list `known` after a login from `device`, with the latest device first.
    pub fn after_login(known: &[Self], device: &str, now: Timestamp) -> Vec<Self> {
        let latest = Self {
            device: device.to_owned(),
            at: now,
        };
        recent::with_latest(known, latest, |it| it.device == device, MAX_DEVICES)
    }
}

/// What tells one device and network from another: the kind of program without its version, which changes with each update,
/// and the network without the address in it, which changes with each connection.
#[must_use]
pub fn features(user_agent: &str, ip: IpAddr) -> String {
    let first_word = user_agent.split(['/', ' ']).next();
    let (kind, system) = match program(user_agent) {
        (None, None) => (first_word, None),
        known => known,
    };
    let [kind, system] = [kind, system].map(Option::unwrap_or_default);
    format!("{kind} {system} {}", network(ip))
}

/// The browser and the system, if they are known ones. Other texts of a client never come into a mail.
#[must_use]
pub fn program(user_agent: &str) -> (Option<&'static str>, Option<&'static str>) {
    let named = |(mark, _): &&(&str, &str)| user_agent.contains(mark);
    let browser = BROWSERS.iter().find(named).map(|(_, name)| *name);
    let system = SYSTEMS.into_iter().find(|mark| user_agent.contains(mark));
    (browser, system)
}

/// The /24 of an IPv4 address, or the /48 of an IPv6 address.
fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(ip) => Ipv4Addr::from_bits(ip.to_bits() & (u32::MAX << 8)).into(),
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 80)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIREFOX: &str =
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0";

    fn at(days: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + Duration::days(days)
    }

    fn same(one: (&str, &str), other: (&str, &str)) -> bool {
        let [one, other] = [one, other].map(|(agent, ip)| features(agent, ip.parse().unwrap()));
        one == other
    }

    #[test]
    fn a_new_version_and_a_new_address_are_the_same_device() {
        let newer = FIREFOX.replace("128", "140");
        assert!(same((FIREFOX, "192.0.2.7"), (&newer, "192.0.2.200")));
        assert!(same(
            (FIREFOX, "2001:db8:7:1::1"),
            (FIREFOX, "2001:db8:7:2::9")
        ));
        assert!(same(
            ("Clinic/1.0 x", "192.0.2.7"),
            ("Clinic/2.0 y", "192.0.2.7")
        ));
    }

    #[test]
    fn another_program_system_or_network_is_another_device() {
        let linux = FIREFOX.replace("Windows NT 10.0", "X11; Linux");
        let edge = "Mozilla/5.0 (Windows NT 10.0) Chrome/128.0 Safari/537.36 Edg/128.0";
        for other in [linux.as_str(), edge, "Clinic/1.0", ""] {
            assert!(
                !same((FIREFOX, "192.0.2.7"), (other, "192.0.2.7")),
                "{other}"
            );
        }
        assert!(!same((FIREFOX, "192.0.2.7"), (FIREFOX, "192.0.3.7")));
        assert!(!same(
            (FIREFOX, "2001:db8:7::1"),
            (FIREFOX, "2001:db8:8::1")
        ));
        assert_eq!(program(edge), (Some("Edge"), Some("Windows")));
        assert_eq!(program("<b>call</b>/1"), (None, None));
    }

    #[test]
    fn a_device_is_new_unless_it_logged_in_within_90_days() {
        let known = LoginDevice::after_login(&[], "a", at(0));
        assert!(!LoginDevice::is_new(&[], "a", at(0)));
        assert!(!LoginDevice::is_new(&known, "a", at(89)));
        assert!(LoginDevice::is_new(&known, "a", at(90)));
        assert!(LoginDevice::is_new(&known, "b", at(1)));
    }

    #[test]
    fn the_latest_sixteen_devices_are_kept_once_each() {
        let mut known = Vec::new();
        for n in 0..20 {
            known = LoginDevice::after_login(&known, &format!("{n}"), at(n));
        }
        known = LoginDevice::after_login(&known, "10", at(20));
        assert_eq!((known.len(), known[0].at), (16, at(20)));
        let devices: Vec<&str> = known.iter().map(|known| known.device.as_str()).collect();
        assert_eq!((devices[0], devices[1], devices[15]), ("10", "19", "4"));
    }
}

//! The IP addresses from which an account logged in last (RL-7).

use chrono::Duration;
use serde::{Deserialize, Serialize};

use super::recent;
use kernel::{clock::Timestamp, stored::time};

/// An account keeps at most this many addresses.
const MAX_ADDRESSES: usize = 8;

/// An IP address from which an account logged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginAddress {
    /// The pseudonymized IP address.
    pub address: String,
    /// When the last login came from it.
    #[serde(with = "time")]
    pub at: Timestamp,
}

impl LoginAddress {
    /// An address counts for this time after its last login.
    pub const fn lifetime() -> Duration {
        Duration::days(30)
    }

    /// The list `known` after a login from `address`, with the latest address first.
    pub fn after_login(known: &[Self], address: &str, now: Timestamp) -> Vec<Self> {
        let latest = Self {
            address: address.to_owned(),
            at: now,
        };
        recent::with_latest(known, latest, |it| it.address == address, MAX_ADDRESSES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_eight_addresses_are_kept_once_each() {
        let at = |n| Timestamp::UNIX_EPOCH + Duration::days(n);
        let mut known = Vec::new();
        for n in 0..10 {
            known = LoginAddress::after_login(&known, &format!("address{n}"), at(n));
        }
        known = LoginAddress::after_login(&known, "address5", at(10));
        let addresses: Vec<&str> = known.iter().map(|known| known.address.as_str()).collect();
        let expected = [5, 9, 8, 7, 6, 4, 3, 2].map(|n| format!("address{n}"));
        assert_eq!(addresses, expected);
        assert_eq!(known[0].at, at(10));
    }
}

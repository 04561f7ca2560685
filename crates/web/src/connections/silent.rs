//! Counts, for each address, the connections that have not sent a complete header yet. If an address has one too many,
//! the oldest of them is closed (WEB-13). A connection that has sent a header is not counted any more.

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    sync::{Arc, Mutex},
};

use tokio_util::sync::CancellationToken;

use kernel::{helpers::lock, networks::Networks, request::network_of};

/// The silent connections of all addresses. The limit of connections bounds their number.
pub(crate) struct SilentConnections {
    max: usize,
    trusted: Networks,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    /// The number of connections so far. A greater number is a younger connection.
    count: u64,
    by_address: HashMap<IpAddr, BTreeMap<u64, CancellationToken>>,
}

/// A silent connection. It is counted until this is dropped.
pub(crate) struct SilentConnection {
    silent: Arc<SilentConnections>,
    address: IpAddr,
    number: u64,
    /// It is cancelled when the connection must close.
    pub(crate) ended: CancellationToken,
}

impl SilentConnections {
    /// Allows at most `max` silent connections of each address that is not `trusted`.
    pub(crate) fn new(max: usize, trusted: Networks) -> Arc<Self> {
        Arc::new(Self {
            max,
            trusted,
            open: Mutex::default(),
        })
    }

    /// Counts a new connection of `peer`, and closes the oldest one if there is one too many. `None` if connections of
    /// `peer` are not counted.
    pub(crate) fn begin(self: &Arc<Self>, peer: IpAddr) -> Option<SilentConnection> {
        if self.trusted.contain(peer) {
            return None;
        }
        let (address, ended) = (network_of(peer), CancellationToken::new());
        let mut open = lock(&self.open);
        open.count += 1;
        let number = open.count;
        let of_address = open.by_address.entry(address).or_default();
        of_address.insert(number, ended.clone());
        if of_address.len() > self.max
            && let Some((_, oldest)) = of_address.pop_first()
        {
            oldest.cancel();
        }
        drop(open);
        Some(SilentConnection {
            silent: Arc::clone(self),
            address,
            number,
            ended,
        })
    }
}

impl Drop for SilentConnection {
    fn drop(&mut self) {
        let mut open = lock(&self.silent.open);
        if let Some(of_address) = open.by_address.get_mut(&self.address) {
            of_address.remove(&self.number);
            if of_address.is_empty() {
                open.by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(silent: &Arc<SilentConnections>, peer: &str) -> SilentConnection {
        silent.begin(peer.parse().unwrap()).unwrap()
    }

    #[test]
    fn one_too_many_closes_the_oldest_of_the_same_address() {
        let silent = SilentConnections::new(2, Networks::default());
        let first = begin(&silent, "192.0.2.1");
        let others = begin(&silent, "192.0.2.2");
        let second = begin(&silent, "::ffff:192.0.2.1");
        let third = begin(&silent, "192.0.2.1");
        let ended = [&first, &others, &second, &third].map(|one| one.ended.is_cancelled());
        assert_eq!(ended, [true, false, false, false]);
        drop(second);
        let fourth = begin(&silent, "192.0.2.1");
        assert!(!third.ended.is_cancelled() && !fourth.ended.is_cancelled());
    }

    #[test]
    fn an_ipv6_network_of_64_bits_is_one_address() {
        let silent = SilentConnections::new(1, Networks::default());
        let first = begin(&silent, "2001:db8:1:2::3");
        let neighbour = begin(&silent, "2001:db8:1:3::3");
        let second = begin(&silent, "2001:db8:1:2:ffff::9");
        let ended = [&first, &neighbour, &second].map(|one| one.ended.is_cancelled());
        assert_eq!(ended, [true, false, false]);
    }

    #[test]
    fn ended_connections_and_those_of_proxies_are_not_counted() {
        let proxies = Networks::parse("proxies", &["10.0.0.0/8".to_owned()]).unwrap();
        let silent = SilentConnections::new(1, proxies);
        assert!(silent.begin("::ffff:10.1.2.3".parse().unwrap()).is_none());
        let all: Vec<_> = (0..100)
            .map(|n| begin(&silent, &format!("192.0.2.{n}")))
            .collect();
        assert_eq!(lock(&silent.open).by_address.len(), all.len());
        drop(all);
        assert!(lock(&silent.open).by_address.is_empty());
    }
}

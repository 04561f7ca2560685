//! Connections that have sent no whole header yet, counted by address. One more than an address may have closes the
//! oldest of them (WEB-13). A connection that has sent a header is not counted any more.

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio_util::sync::CancellationToken;

use crate::domain::{networks::Networks, request::network_of};

/// Those of all addresses; no more than there are connections.
#[derive(Debug)]
pub(super) struct Silent {
    most: usize,
    trusted: Networks,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// How many there were; a greater number is a younger connection.
    count: u64,
    by_address: HashMap<IpAddr, BTreeMap<u64, CancellationToken>>,
}

/// One of them, until it is dropped.
#[derive(Debug)]
pub(super) struct Silence {
    silent: Arc<Silent>,
    address: IpAddr,
    number: u64,
    ended: CancellationToken,
}

impl Silent {
    /// At most `most` of an address that is not `trusted`.
    pub(super) fn new(most: usize, trusted: Networks) -> Arc<Self> {
        Arc::new(Self {
            most,
            trusted,
            known: Mutex::default(),
        })
    }

    /// Counts a new connection of `peer`; the oldest one too many ends. None: those of `peer` are not counted.
    pub(super) fn begin(self: &Arc<Self>, peer: IpAddr) -> Option<Silence> {
        if self.trusted.contain(peer) {
            return None;
        }
        let (address, ended) = (network_of(peer), CancellationToken::new());
        let mut known = self.known();
        known.count += 1;
        let number = known.count;
        let theirs = known.by_address.entry(address).or_default();
        theirs.insert(number, ended.clone());
        if theirs.len() > self.most
            && let Some((_, oldest)) = theirs.pop_first()
        {
            oldest.cancel();
        }
        drop(known);
        Some(Silence {
            silent: Arc::clone(self),
            address,
            number,
            ended,
        })
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Silence {
    /// Cancelled when the connection has to go.
    pub(super) fn ended(&self) -> CancellationToken {
        self.ended.clone()
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        let mut known = self.silent.known();
        if let Some(theirs) = known.by_address.get_mut(&self.address) {
            theirs.remove(&self.number);
            if theirs.is_empty() {
                known.by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(silent: &Arc<Silent>, peer: &str) -> Silence {
        silent.begin(peer.parse().unwrap()).unwrap()
    }

    #[test]
    fn the_oldest_of_an_address_goes_and_nobody_elses() {
        let silent = Silent::new(2, Networks::default());
        let first = begin(&silent, "192.0.2.1");
        let others = begin(&silent, "192.0.2.2");
        let second = begin(&silent, "::ffff:192.0.2.1");
        let third = begin(&silent, "192.0.2.1");
        let ended = [&first, &others, &second, &third].map(|one| one.ended().is_cancelled());
        assert_eq!(ended, [true, false, false, false]);
        drop(second);
        let fourth = begin(&silent, "192.0.2.1");
        assert!(!third.ended().is_cancelled() && !fourth.ended().is_cancelled());
    }

    #[test]
    fn an_ipv6_subscriber_is_one_address() {
        let silent = Silent::new(1, Networks::default());
        let first = begin(&silent, "2001:db8:1:2::3");
        let neighbour = begin(&silent, "2001:db8:1:3::3");
        let second = begin(&silent, "2001:db8:1:2:ffff::9");
        let ended = [&first, &neighbour, &second].map(|one| one.ended().is_cancelled());
        assert_eq!(ended, [true, false, false]);
    }

    #[test]
    fn nothing_is_kept_of_connections_that_are_over_and_nothing_counted_of_proxies() {
        let proxies = Networks::parse("proxies", &["10.0.0.0/8".to_owned()]).unwrap();
        let silent = Silent::new(1, proxies);
        assert!(silent.begin("::ffff:10.1.2.3".parse().unwrap()).is_none());
        let all: Vec<_> = (0..100)
            .map(|n| begin(&silent, &format!("192.0.2.{n}")))
            .collect();
        assert_eq!(silent.known().by_address.len(), all.len());
        drop(all);
        assert!(silent.known().by_address.is_empty());
    }
}

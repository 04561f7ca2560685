//! The networks in a setting: addresses and CIDR blocks.

use std::net::IpAddr;

/// A list of networks.
#[derive(Debug, Default)]
pub struct Networks(Vec<Block>);

impl Networks {
    /// Reads the networks of `setting`.
    pub fn parse(setting: &str, texts: &[String]) -> Result<Self, String> {
        let block = |text: &String| {
            let violation = || format!("{setting}: {text:?} is no address and no CIDR block");
            Block::parse(text).ok_or_else(violation)
        };
        texts.iter().map(block).collect::<Result<_, _>>().map(Self)
    }

    /// Whether one of the networks contains the address.
    pub fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|block| block.contains(address))
    }
}

/// A CIDR block (RFC 4632); a single address is a block of full length.
#[derive(Debug)]
struct Block {
    network: IpAddr,
    length: u32,
}

impl Block {
    fn parse(text: &str) -> Option<Self> {
        let (network, length) = match text.split_once('/') {
            Some((network, length)) => (network, Some(length.parse().ok()?)),
            None => (text, None),
        };
        let network: IpAddr = network.trim().parse().ok()?;
        let most = if network.is_ipv4() { 32 } else { 128 };
        let length = length.unwrap_or(most);
        (length <= most).then_some(Self { network, length })
    }

    fn contains(&self, address: IpAddr) -> bool {
        let differing = match (self.network, address) {
            (IpAddr::V4(a), IpAddr::V4(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
            (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
            _ => return false,
        };
        differing >= self.length
    }
}

/// Whether a host always means this machine. Such a host needs no name server.
pub fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    match host.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        // RFC 6761 section 6.3
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapped_address_is_in_the_network_that_it_maps_to() {
        let networks = Networks::parse("x", &["10.0.0.0/8".to_owned()]).unwrap();
        assert!(networks.contain("::ffff:10.1.2.3".parse().unwrap()));
        assert!(!networks.contain("::ffff:11.1.2.3".parse().unwrap()));
    }

    #[test]
    fn a_block_ends_where_its_length_says() {
        let block = Block::parse("10.0.0.0/9").unwrap();
        assert!(block.contains("10.127.255.255".parse().unwrap()));
        assert!(!block.contains("10.128.0.0".parse().unwrap()));
        assert!(
            Block::parse("::/0")
                .unwrap()
                .contains("2001:db8::1".parse().unwrap())
        );
        for text in ["", "10.0.0.0/33", "10.0.0.0/x", "proxy.example", "::/129"] {
            assert!(Block::parse(text).is_none(), "{text}");
        }
    }
}

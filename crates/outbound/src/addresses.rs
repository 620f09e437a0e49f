//! Which addresses are public: reachable by anybody, so that asking them gives away nothing.

use crate::Options;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// IPv4 blocks that are not public: address and prefix length (IANA special-purpose registry).
const PRIVATE_V4: [([u8; 4], u32); 16] = [
    ([0, 0, 0, 0], 8),        // this network
    ([10, 0, 0, 0], 8),       // RFC 1918
    ([100, 64, 0, 0], 10),    // carrier-grade NAT, RFC 6598; cloud metadata at 100.100.100.200
    ([127, 0, 0, 0], 8),      // loopback
    ([168, 63, 129, 16], 32), // the platform's own service on one large cloud, reachable from guests only
    ([169, 254, 0, 0], 16),   // link-local; cloud metadata at 169.254.169.254
    ([172, 16, 0, 0], 12),    // RFC 1918
    ([192, 0, 0, 0], 24),     // IETF protocol assignments
    ([192, 0, 2, 0], 24),     // documentation
    ([192, 88, 99, 0], 24),   // 6to4 relays, RFC 7526
    ([192, 168, 0, 0], 16),   // RFC 1918
    ([198, 18, 0, 0], 15),    // benchmarks
    ([198, 51, 100, 0], 24),  // documentation
    ([203, 0, 113, 0], 24),   // documentation
    ([224, 0, 0, 0], 4),      // multicast
    ([240, 0, 0, 0], 4),      // reserved, broadcast
];

/// Blocks of global IPv6 unicast (2000::/3) that are not public after all.
const PRIVATE_V6: [([u16; 8], u32); 4] = [
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), // protocol assignments: Teredo, ORCHID, benchmarks
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), // documentation
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), // 6to4: leads to an IPv4 address, private ones too
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), // documentation, RFC 9637
];

/// Whether anybody may be made to ask this address. Not public are loopback, private, link-local, shared, multicast,
/// documentation, benchmark and reserved addresses, and every IPv6 form that stands for an IPv4 address, except NAT64's
/// `64:ff9b::/96` before a public one (networks without IPv4 reach the rest of the world through it).
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => public_v4(address),
        IpAddr::V6(address) => nat64(address).map_or_else(|| public_v6(address), public_v4),
    }
}

fn public_v4(address: Ipv4Addr) -> bool {
    let bits = address.to_bits();
    !PRIVATE_V4
        .iter()
        .any(|(block, length)| (bits ^ Ipv4Addr::from(*block).to_bits()).leading_zeros() >= *length)
}

fn public_v6(address: Ipv6Addr) -> bool {
    // All that is not global unicast falls here: loopback, mapped and compatible IPv4, local NAT64 (64:ff9b:1::/48),
    // discard, unique local, link-local, site-local, multicast, segment routing and what is not assigned.
    let global_unicast = address.segments()[0] & 0xe000 == 0x2000;
    let bits = address.to_bits();
    global_unicast
        && !PRIVATE_V6
            .iter()
            .any(|(block, length)| (bits ^ Ipv6Addr::from(*block).to_bits()).leading_zeros() >= *length)
}

/// The IPv4 address that a NAT64 address of the well-known prefix stands for (RFC 6052 section 2.1).
fn nat64(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let bits = address.to_bits();
    let prefix = Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0).to_bits();
    // The lower 32 bits are the IPv4 address.
    (bits >> 32 == prefix >> 32).then(|| Ipv4Addr::from_bits((bits & u128::from(u32::MAX)) as u32))
}

/// Where asks under [`Guard::Public`](crate::Guard::Public) may go: public addresses, changed by the operator's lists.
pub(crate) struct Reach {
    forbidden: Vec<IpNet>,
    allowed: Vec<IpNet>,
}

impl Reach {
    pub(crate) fn new(options: &Options) -> Self {
        Self { forbidden: options.forbidden.clone(), allowed: options.allowed.clone() }
    }

    /// Whether the address may be connected to. What is forbidden wins over what is allowed.
    pub(crate) fn permits(&self, address: IpAddr) -> bool {
        let inner = match address {
            IpAddr::V4(_) => None,
            IpAddr::V6(v6) => nat64(v6).map(IpAddr::V4),
        };
        let listed = |list: &[IpNet]| {
            list.iter().any(|net| net.contains(&address) || inner.is_some_and(|inner| net.contains(&inner)))
        };
        !listed(&self.forbidden) && (is_public(address) || listed(&self.allowed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(text: &str) -> IpNet {
        text.parse().expect("a network")
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn lists_of_the_operator_change_the_reach_and_forbidding_wins() {
        let reach = Reach {
            forbidden: vec![net("8.8.8.0/24"), net("10.1.0.0/16")],
            allowed: vec![net("10.0.0.0/8")],
        };
        for (text, permitted) in [
            ("9.9.9.9", true),
            ("8.8.8.8", false),
            ("64:ff9b::8.8.8.8", false),
            ("64:ff9b::9.9.9.9", true),
            ("10.2.0.1", true),
            ("10.1.0.1", false),
            ("192.168.0.1", false),
            ("::ffff:10.2.0.1", false),
        ] {
            assert_eq!(reach.permits(address(text)), permitted, "{text}");
        }
    }
}

//! Who a request is from, when a trusted proxy brings it.

use commonroom_hub::gateway::Peer;
use http::HeaderMap;
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

/// The client as a trusted proxy tells it: the rightmost hop that is no trusted proxy itself. Hops further left are the
/// client's own words. A hop that is no address ends the search: then the proxy itself is the client.
pub fn peer(direct: Peer, headers: &HeaderMap, proxies: &[IpNet]) -> Peer {
    let values: Vec<&str> =
        headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).collect();
    let mut address = direct.address;
    for hop in values.iter().flat_map(|value| value.split(',')).rev() {
        let Some(hop) = parse(hop.trim()) else { break };
        address = hop;
        if !proxies.iter().any(|net| net.contains(&hop)) {
            break;
        }
    }
    let secure = headers
        .get("x-forwarded-proto")
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.split(',').next().is_some_and(|first| first.trim() == "https"));
    Peer { address, secure: secure || direct.secure }
}

fn parse(hop: &str) -> Option<IpAddr> {
    let bare = hop.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse::<IpAddr>().or_else(|_| hop.parse::<SocketAddr>().map(|address| address.ip()));
    address.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(forwarded: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded.parse().expect("a header"));
        let direct = Peer { address: "127.0.0.1".parse().expect("an address"), secure: false };
        peer(direct, &headers, &["10.0.0.0/8".parse().expect("a network")]).address.to_string()
    }

    #[test]
    fn the_rightmost_hop_that_is_no_proxy_is_the_client() {
        assert_eq!(told("1.1.1.1, 2.2.2.2"), "2.2.2.2");
        assert_eq!(told("1.1.1.1, 2.2.2.2, 10.0.0.3"), "2.2.2.2");
        assert_eq!(told("2.2.2.2:4711"), "2.2.2.2");
        assert_eq!(told("[::ffff:2.2.2.2]:4711"), "2.2.2.2");
        assert_eq!(told("10.0.0.1, 10.0.0.2"), "10.0.0.1");
    }

    #[test]
    fn what_is_no_address_lets_no_word_of_the_client_win() {
        assert_eq!(told("1.1.1.1, unknown"), "127.0.0.1");
        assert_eq!(told("1.1.1.1, unknown, 10.0.0.3"), "10.0.0.3");
    }
}

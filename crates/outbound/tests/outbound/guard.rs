//! No connection to what is not public (checks S1), whatever it is called and however it is reached.

use crate::forms::{PRIVATE, PUBLIC as PUBLIC_FORMS, SPELLINGS};
use crate::site::{Book, PUBLIC, Sentinel, Site, book, client, client_with, ok, operator, options, public};
use commonroom_outbound::{Client, Trouble, is_public};
use ipnet::{IpNet, Ipv4Net};
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

/// As the host of a URL.
fn host(text: &str) -> String {
    if text.contains(':') { format!("[{text}]") } else { text.to_owned() }
}

#[test]
fn the_table_is_told_apart() {
    for text in PRIVATE {
        assert!(!is_public(ip(text)), "{text} is private");
    }
    for text in PUBLIC_FORMS {
        assert!(is_public(ip(text)), "{text} is public");
    }
}

#[tokio::test]
async fn the_sentinel_sees_who_comes() {
    let sentinel = Sentinel::everywhere();
    for host in ["127.0.0.1", "0x7f.1", "[::1]", "localhost"] {
        let client = client_with(&book(&[("localhost", "127.0.0.1")]));
        sentinel.expect(client.ask(operator(format!("http://{host}:{}/", sentinel.port)))).await;
        assert!(!sentinel.was_reached(), "{host}");
    }
}

#[tokio::test]
async fn private_addresses_are_refused_as_hosts_and_behind_names() {
    let sentinel = Sentinel::everywhere();
    let names = Arc::new(Book::default());
    let client = client_with(&names);
    for text in PRIVATE {
        let literal = format!("http://{}:{}/", host(text), sentinel.port);
        let refused = client.ask(public(literal)).await.expect_err(text);
        assert_eq!(refused, Trouble::Forbidden, "{text} as a host");
        let name = format!("http://inner.test:{}/", sentinel.port);
        // Alone, and hidden among public ones, before and after.
        for answer in [&[text][..], &[PUBLIC, text], &[text, PUBLIC]] {
            names.set("inner.test", &[answer]);
            let refused = client.ask(public(name.as_str())).await.expect_err(text);
            assert_eq!(refused, Trouble::Forbidden, "{answer:?} behind a name");
        }
        assert!(!sentinel.was_reached(), "{text}");
    }
}

#[tokio::test]
async fn every_spelling_is_refused() {
    let sentinel = Sentinel::everywhere();
    let client = client();
    for spelling in SPELLINGS {
        for scheme in ["http", "https", "HTTP"] {
            let url = format!("{scheme}://{spelling}:{}/", sentinel.port);
            let refused = client.ask(public(url)).await.expect_err(spelling);
            assert_eq!(refused, Trouble::Forbidden, "{scheme}://{spelling}");
        }
    }
    for form in ["http:\\\\127.1:{}\\", "http:127.1:{}", "http:/127.1:{}/", "\thttp://127.0.\n0.1:{}/ "] {
        let url = form.replace("{}", &sentinel.port.to_string());
        assert_eq!(client.ask(public(url)).await.expect_err(form), Trouble::Forbidden, "{form}");
    }
    assert!(!sentinel.was_reached());
}

#[tokio::test]
async fn the_systems_own_names_for_this_machine_are_refused() {
    let sentinel = Sentinel::everywhere();
    let client = Client::new(commonroom_outbound::Options::default()).expect("no certificates");
    for name in ["localhost", "LOCALHOST", "localhost."] {
        let url = format!("http://{name}:{}/", sentinel.port);
        let refused = client.ask(public(url)).await.expect_err(name);
        assert!(matches!(refused, Trouble::Forbidden | Trouble::NoSuchHost), "{name}: {refused}");
    }
    assert!(!sentinel.was_reached());
    sentinel.expect(client.ask(operator(format!("http://localhost:{}/", sentinel.port)))).await;
}

#[tokio::test]
async fn a_name_is_looked_up_once_and_what_was_judged_is_connected_to() {
    let site = Site::at(PUBLIC, |_| ok("hello")).await;
    let beside = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), site.address.port());
    let sentinel = Sentinel::on(beside).expect("the port is free on this address too");
    let names = Arc::new(Book::default());
    names.set("rebind.test", &[&[PUBLIC], &["127.0.0.1"]]);
    let client = client_with(&names);
    let url = site.url_of("http", "rebind.test", "/");
    assert_eq!(client.ask(public(url.as_str())).await.expect("an answer").body(), "hello");
    assert_eq!(names.lookups.load(Ordering::SeqCst), 1);
    assert_eq!(client.ask(public(url)).await.expect_err("private by now"), Trouble::Forbidden);
    assert!(!sentinel.was_reached());
}

#[tokio::test]
async fn a_connection_made_on_the_operators_word_serves_nobody_else() {
    let site = Site::at("127.0.0.1", |_| ok("hello")).await;
    let client = client_with(&book(&[("inner.test", "127.0.0.1")]));
    let url = site.url_of("http", "inner.test", "/");
    for _ in 0..10 {
        assert_eq!(client.ask(operator(url.as_str())).await.expect("an answer").body(), "hello");
        assert_eq!(client.ask(public(url.as_str())).await.expect_err("private"), Trouble::Forbidden);
    }
    assert_eq!(site.requests().len(), 10);
    assert!(site.connections() < 10, "connections were kept, or this tests nothing");
}

#[tokio::test]
async fn what_the_operator_forbids_is_refused_though_public() {
    let site = Site::at(PUBLIC, |_| ok("hello")).await;
    let names = book(&[("site.test", PUBLIC)]);
    let asks = [site.url("/"), site.url_of("http", "site.test", "/")];
    let mut options = options(&names);
    options.forbidden = vec![IpNet::from(Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 30))];
    let client = Client::new(options).expect("no certificates");
    for url in asks {
        assert_eq!(client.ask(public(url.as_str())).await.expect_err("forbidden"), Trouble::Forbidden);
        assert_eq!(site.connections(), 0);
        client_with(&names).ask(public(url)).await.expect("an answer without the list");
        site.connections.store(0, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn ports_of_other_services_are_refused() {
    let client = client();
    for port in [0, 22, 25, 110, 143, 465, 587, 993, 2049, 5060, 6000, 6667, 10080] {
        let url = format!("http://site.test:{port}/");
        assert_eq!(client.ask(public(url)).await.expect_err("refused"), Trouble::Forbidden, "{port}");
    }
}

/// Private IPv4 addresses, each block as likely as the next.
fn private_v4() -> impl Strategy<Value = Ipv4Addr> {
    let blocks = [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    ];
    (prop::sample::select(blocks.to_vec()), any::<u32>()).prop_map(|(block, host)| {
        let block: Ipv4Net = block.parse().expect("a block");
        Ipv4Addr::from_bits(block.network().to_bits() | host & block.hostmask().to_bits())
    })
}

/// One number of an address in one of the notations that URLs know.
fn number(value: u32) -> impl Strategy<Value = String> {
    prop_oneof![Just(format!("{value}")), Just(format!("0{value:o}")), Just(format!("0x{value:x}"))]
}

/// An address in any notation, of one to four numbers.
fn spelled(address: Ipv4Addr) -> impl Strategy<Value = String> {
    (1..=4_u32).prop_flat_map(move |count| {
        let bits = address.to_bits();
        let octets: Vec<u32> = address.octets().iter().map(|octet| u32::from(*octet)).collect();
        let first = &octets[..count as usize - 1];
        let last = u32::try_from(u64::from(bits) & ((1 << (8 * (5 - count))) - 1)).expect("32 bits");
        let numbers: Vec<_> = first.iter().copied().chain([last]).map(number).collect();
        numbers.prop_map(|numbers| numbers.join("."))
    })
}

proptest! {
    #[test]
    fn a_private_address_is_private_in_every_ipv6_dress(v4 in private_v4(), low in any::<u64>()) {
        prop_assert!(!is_public(v4.into()), "{v4}");
        let bits = u128::from(v4.to_bits());
        for dress in [
            bits,                                         // v4-compatible
            0xffff << 32 | bits,                          // v4-mapped
            0xffff << 48 | bits,                          // v4-translated
            0x64_ff9b << 96 | bits,                       // NAT64
            0x64_ff9b_0001 << 80 | bits,                  // local NAT64
            0x2002 << 112 | bits << 80 | u128::from(low), // 6to4
            0x2001 << 112 | bits << 64 | u128::from(low), // Teredo server
            0x2001 << 112 | (!bits & 0xffff_ffff),        // Teredo client
        ] {
            let address = Ipv6Addr::from_bits(dress);
            prop_assert!(!is_public(address.into()), "{address}");
        }
    }

    #[test]
    fn nothing_outside_of_global_unicast_is_public(bits in any::<u128>()) {
        let address = Ipv6Addr::from_bits(bits);
        // NAT64 aside, which chance does not hit.
        prop_assert!(address.segments()[0] >> 13 == 1 || !is_public(address.into()), "{address}");
    }

    #[test]
    fn what_the_standard_library_calls_special_is_not_public(bits in any::<u32>()) {
        let address = Ipv4Addr::from_bits(bits);
        let special = address.is_private() || address.is_loopback() || address.is_link_local()
            || address.is_multicast() || address.is_broadcast() || address.is_documentation()
            || address.is_unspecified();
        prop_assert!(!(special && is_public(address.into())), "{address}");
    }

    #[test]
    fn every_notation_of_a_private_address_is_refused(
        (address, text) in private_v4().prop_flat_map(|address| (Just(address), spelled(address))),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let refused = runtime.block_on(client().ask(public(format!("http://{text}/"))));
        prop_assert_eq!(refused.expect_err("private"), Trouble::Forbidden, "{} as {}", address, text);
    }

    #[test]
    fn no_url_is_asked_that_leads_inside(url in "(https?:)?[/\\\\]{0,3}[0-9a-fx.:@%\\[\\]\\\\/?#-]{0,24}") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        // No name is known, so whatever gets past the guard ends at the lookup or is a public address: not tried.
        let parsed = url::Url::parse(&url);
        let public_literal = parsed.is_ok_and(|url| match url.host() {
            Some(url::Host::Ipv4(address)) => is_public(address.into()),
            Some(url::Host::Ipv6(address)) => is_public(address.into()),
            Some(url::Host::Domain(_)) | None => false,
        });
        prop_assume!(!public_literal);
        let refused = runtime.block_on(client_with(&book(&[])).ask(public(url))).expect_err("no way");
        prop_assert!(
            matches!(
                refused,
                Trouble::BadUrl | Trouble::Credentials | Trouble::Forbidden | Trouble::NoSuchHost
            ),
            "{}", refused
        );
    }
}

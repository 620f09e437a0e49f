//! Time passes as the tests say: connections that say nothing are asked, and then ended (chatgrid.md 2.6).

use super::*;
use crate::addresses::Addresses;
use commonroom_core::ids::SessionId;
use commonroom_hub::session::Opening;
use commonroom_websocket::client;
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, TcpListener, TcpStream};

/// A loop with one client, connected at `start`.
struct Quiet {
    turning: ShardLoop,
    client: TcpStream,
    start: Timestamp,
}

impl Quiet {
    fn new() -> Self {
        let (mut turning, _, _) = crate::echo::shard().expect("a shard");
        let start = turning.swept;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let client = TcpStream::connect(listener.local_addr().expect("bound")).expect("a listener");
        let (stream, peer) = listener.accept().expect("a client");
        for socket in [&client, &stream] {
            socket.set_nonblocking(true).expect("a socket");
            socket.set_nodelay(true).expect("a socket");
        }
        let address: IpAddr = peer.ip();
        let (id, target, headers) = (SessionId::MIN, "/".to_owned(), Vec::new());
        let opening = Opening { id, address, target, headers, secure: false, now: start };
        let guard = Addresses::new(1).enter(address).expect("the first");
        let connection = NewConnection { adapter: 0, opening, stream, tls: None, early: Vec::new(), guard };
        turning.open(connection, start);
        Self { turning, client, start }
    }

    /// What the client has got when so many seconds have passed.
    fn at(&mut self, seconds: i64) -> Vec<u8> {
        let now = self.start.plus_seconds(seconds);
        self.turning.read_round(now);
        self.turning.sweep(now);
        self.turning.write_round(now);
        let mut heard = vec![0; 256];
        let count = self.client.read(&mut heard).unwrap_or(0);
        heard.truncate(count);
        heard
    }
}

#[test]
fn who_says_nothing_is_asked_after_twenty_seconds_and_ended_after_forty() {
    let mut quiet = Quiet::new();
    assert!(quiet.at(20).is_empty());
    assert_eq!(quiet.at(21), &*encode::ping(b""));
    assert!(quiet.at(40).is_empty(), "asked once");
    let end = quiet.at(41);
    assert_eq!(end, &*encode::close(1011, "no sign of life"));
    assert!(quiet.at(42).is_empty());
    assert!(quiet.turning.sockets[0].is_some(), "the close may still be answered");
    quiet.at(45);
    assert!(quiet.turning.sockets[0].is_none(), "it is not waited for");
}

#[test]
fn any_word_is_a_sign_of_life() {
    let mut quiet = Quiet::new();
    assert_eq!(quiet.at(30), &*encode::ping(b""));
    quiet.client.write_all(&client::pong(b"", [7; 4])).expect("open");
    quiet.turning.ready.push_back(0);
    assert!(quiet.at(39).is_empty());
    assert!(quiet.at(59).is_empty(), "twenty seconds from the answer");
    assert_eq!(quiet.at(60), &*encode::ping(b""));
    quiet.client.write_all(&client::text(b"hello", [7; 4])).expect("open");
    quiet.turning.ready.push_back(0);
    assert!(quiet.at(79).ends_with(b"hello"));
    assert!(quiet.at(99).is_empty());
    assert_eq!(quiet.at(100), &*encode::ping(b""), "and from what was said");
}

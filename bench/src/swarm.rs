//! Thousands of connections in one thread: one epoll loop that reads everything at once and writes once per connection
//! and turn.

use crate::conn::{Conn, Input, KEY, Kind};
use anyhow::{Context as _, Result};
use commonroom_websocket::{Opcode, client};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// A connection's number, never used again.
pub type ConnId = usize;
/// Bytes read at once.
const READ_BYTES: usize = 64 << 10;
/// Readiness events taken in per turn.
const EVENTS: usize = 1_024;

/// Takes in what comes over the connections.
pub trait Handler {
    /// Something came.
    fn input(&mut self, conn: ConnId, input: Input<'_>, now: Instant, out: &mut Outgoing);
}

/// A handler that takes no notice.
#[derive(Debug)]
pub struct Deaf;

impl Handler for Deaf {
    fn input(&mut self, _: ConnId, _: Input<'_>, _: Instant, _: &mut Outgoing) {}
}

/// What is to be written at the end of a turn.
#[derive(Default, Debug)]
pub struct Outgoing {
    bytes: Vec<u8>,
    parts: Vec<(ConnId, usize)>,
}

impl Outgoing {
    /// A masked text frame.
    pub fn text(&mut self, conn: ConnId, payload: &str) {
        client::frame_into(&mut self.bytes, true, Opcode::Text, KEY, payload.as_bytes());
        self.parts.push((conn, self.bytes.len()));
    }

    /// Bytes as they are.
    pub fn raw(&mut self, conn: ConnId, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.parts.push((conn, self.bytes.len()));
    }
}

/// The connections.
#[derive(Debug)]
pub struct Swarm {
    poll: Poll,
    events: Events,
    conns: Vec<Option<Conn>>,
    buffer: Vec<u8>,
    broken: Vec<(ConnId, String)>,
    /// Bytes of the receive buffer of connections made from now on, after which the server must wait.
    pub receive_buffer: Option<usize>,
    /// What is to be written at the end of the next turn, or by [`Swarm::flush`].
    pub out: Outgoing,
}

impl Swarm {
    /// No connections yet.
    ///
    /// # Errors
    /// When the system has no more descriptors.
    pub fn new() -> Result<Self> {
        Ok(Self {
            poll: Poll::new()?,
            events: Events::with_capacity(EVENTS),
            conns: Vec::new(),
            buffer: vec![0; READ_BYTES],
            broken: Vec::new(),
            receive_buffer: None,
            out: Outgoing::default(),
        })
    }

    /// Begins to connect.
    ///
    /// # Errors
    /// When the system has no more descriptors or ports.
    pub fn connect(&mut self, address: SocketAddr, kind: &Kind) -> Result<ConnId> {
        let socket = socket2::Socket::new(socket2::Domain::for_address(address), socket2::Type::STREAM, None)
            .context("no more sockets: is the limit of open files high enough?")?;
        socket.set_nonblocking(true)?;
        socket.set_tcp_nodelay(true)?;
        if let Some(bytes) = self.receive_buffer {
            socket.set_recv_buffer_size(bytes)?;
        }
        if let Err(error) = socket.connect(&address.into())
            && error.raw_os_error() != Some(rustix::io::Errno::INPROGRESS.raw_os_error())
        {
            return Err(error).with_context(|| format!("cannot connect to {address}"));
        }
        let mut stream = TcpStream::from_std(socket.into());
        let id = self.conns.len();
        self.poll.registry().register(&mut stream, Token(id), Interest::READABLE | Interest::WRITABLE)?;
        self.conns.push(Some(Conn::new(stream, kind)));
        Ok(id)
    }

    /// How many numbers were given to connections.
    pub fn size(&self) -> usize {
        self.conns.len()
    }

    /// The port of this end of a connection.
    pub fn port(&self, conn: ConnId) -> Option<u16> {
        Some(self.conns.get(conn)?.as_ref()?.stream.local_addr().ok()?.port())
    }

    /// Closes a connection without a word.
    pub fn close(&mut self, conn: ConnId) {
        if let Some(conn) = self.conns.get_mut(conn) {
            *conn = None;
        }
    }

    /// Leaves a connection open and never looks at it again.
    ///
    /// # Errors
    /// When it was not looked at.
    pub fn stop_reading(&mut self, conn: ConnId) -> Result<()> {
        let conn = self.conns.get_mut(conn).and_then(Option::as_mut).context("no such connection")?;
        Ok(self.poll.registry().deregister(&mut conn.stream)?)
    }

    /// Waits until something comes, at most that long, and hands over all that has come.
    ///
    /// # Errors
    /// When waiting is impossible.
    pub fn turn(&mut self, timeout: Duration, handler: &mut dyn Handler) -> Result<usize> {
        self.flush();
        let timeout = if self.broken.is_empty() { timeout } else { Duration::ZERO };
        if let Err(error) = self.poll.poll(&mut self.events, Some(timeout))
            && error.kind() != std::io::ErrorKind::Interrupted
        {
            return Err(error).context("waiting for sockets failed");
        }
        let Self { events, conns, buffer, broken, out, .. } = self;
        let mut count = broken.len();
        for event in &*events {
            count += 1;
            let id = event.token().0;
            let Some(conn) = conns.get_mut(id).and_then(Option::as_mut) else { continue };
            let mut outcome = Ok(());
            if event.is_writable() {
                outcome = conn.writable(id, handler, out);
            }
            if outcome.is_ok() && (event.is_readable() || event.is_read_closed()) {
                outcome = conn.read(id, buffer, event.is_read_closed(), handler, out);
            }
            if let Err(reason) = outcome {
                broken.push((id, reason));
            }
        }
        for (id, reason) in std::mem::take(broken) {
            if conns.get_mut(id).and_then(Option::take).is_some() {
                handler.input(id, Input::Closed(&reason), Instant::now(), out);
            }
        }
        self.flush();
        Ok(count)
    }

    /// Writes what waits, once per connection.
    pub fn flush(&mut self) {
        let Self { conns, out, broken, .. } = self;
        let mut start = 0;
        let mut touched = Vec::new();
        for (id, end) in out.parts.drain(..) {
            if let Some(conn) = conns.get_mut(id).and_then(Option::as_mut) {
                conn.push(&out.bytes[start..end]);
                if touched.last() != Some(&id) {
                    touched.push(id);
                }
            }
            start = end;
        }
        out.bytes.clear();
        for id in touched {
            let Some(conn) = conns.get_mut(id).and_then(Option::as_mut) else { continue };
            if let Err(reason) = conn.write() {
                broken.push((id, reason));
            }
        }
    }

    /// Takes in what comes until nothing did for `quiet`, at most `limit`.
    ///
    /// # Errors
    /// When waiting is impossible.
    pub fn settle(&mut self, quiet: Duration, limit: Duration) -> Result<()> {
        let start = Instant::now();
        let mut last = start;
        while last.elapsed() < quiet && start.elapsed() < limit {
            if self.turn(Duration::from_millis(50), &mut Deaf)? > 0 {
                last = Instant::now();
            }
        }
        Ok(())
    }
}

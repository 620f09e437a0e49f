//! One socket of a shard: plain or TLS, never waiting.

use crate::addresses::Guard;
use commonroom_core::env::Timestamp;
use commonroom_hub::outbox::Outbox;
use commonroom_websocket::Decoder;
use mio::net::TcpStream;
use std::io::{self, IoSlice, Read, Write};

/// Slices handed to one write.
const SLICES: usize = 32;
/// Bytes of unsent TLS records kept per connection.
const TLS_BUFFER: usize = 64 << 10;

/// The socket with what belongs to it.
pub struct Socket {
    /// The connection.
    pub stream: TcpStream,
    /// Its TLS state.
    pub tls: Option<Box<rustls::ServerConnection>>,
    /// What is known of half-received messages.
    pub decoder: Decoder,
    /// More may be there to read.
    pub readable: bool,
    /// When the client was last heard.
    pub heard: Timestamp,
    /// When a ping was sent that nothing answered yet.
    pub pinged: Option<Timestamp>,
    /// When the close frame was queued.
    pub closing: Option<Timestamp>,
    /// The close frame is written.
    pub finished: bool,
    /// Since when a message has been arriving.
    pub mid_message: Option<Timestamp>,
    /// How much comes in.
    pub rate: Rate,
    _guard: Guard,
}

/// Counts what a client sends in the present second.
#[derive(Default)]
pub struct Rate {
    second: i64,
    frames: u32,
    pings: u32,
}

impl Rate {
    /// Counts a frame; returns how many it were in this second.
    pub fn frames(&mut self, now: Timestamp) -> u32 {
        self.turn(now);
        self.frames += 1;
        self.frames
    }

    /// Counts a ping; returns how many it were in this second.
    pub fn pings(&mut self, now: Timestamp) -> u32 {
        self.turn(now);
        self.pings += 1;
        self.pings
    }

    fn turn(&mut self, now: Timestamp) {
        if self.second != now.seconds() {
            *self = Self { second: now.seconds(), frames: 0, pings: 0 };
        }
    }
}

/// What a read came to.
pub enum ReadOutcome {
    /// So many bytes are in the buffer; more may be there.
    Bytes(usize),
    /// Nothing is there now.
    Nothing,
    /// The connection is gone.
    Gone,
}

impl Socket {
    /// A socket that has just been upgraded.
    pub fn new(
        stream: TcpStream,
        mut tls: Option<Box<rustls::ServerConnection>>,
        limit: usize,
        now: Timestamp,
        guard: Guard,
    ) -> Self {
        if let Some(tls) = &mut tls {
            tls.set_buffer_limit(Some(TLS_BUFFER));
        }
        Self {
            stream,
            tls,
            decoder: Decoder::new(limit),
            readable: true,
            heard: now,
            pinged: None,
            closing: None,
            finished: false,
            mid_message: None,
            rate: Rate::default(),
            _guard: guard,
        }
    }

    /// Reads once.
    pub fn read(&mut self, buffer: &mut [u8]) -> ReadOutcome {
        let result = match &mut self.tls {
            None => self.stream.read(buffer),
            Some(tls) => read_tls(tls, &mut self.stream, buffer),
        };
        match result {
            Ok(0) => ReadOutcome::Gone,
            Ok(count) => ReadOutcome::Bytes(count),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => ReadOutcome::Nothing,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => ReadOutcome::Bytes(0),
            Err(_) => ReadOutcome::Gone,
        }
    }

    /// Writes what waits, as far as the socket takes it. False when the connection is gone.
    pub fn write(&mut self, outbox: &mut Outbox, now: Timestamp) -> bool {
        loop {
            if outbox.is_empty() {
                return self.flush_tls();
            }
            let mut slots = [IoSlice::new(&[]); SLICES];
            let used = outbox.slices(&mut slots);
            let result = match &mut self.tls {
                None if used == 1 => self.stream.write(&slots[0]),
                None => self.stream.write_vectored(&slots[..used]),
                Some(tls) => write_tls(tls, &mut self.stream, &slots[..used]),
            };
            match result {
                Ok(0) => return false,
                Ok(count) => outbox.advance(count, now),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    outbox.advance(0, now);
                    return true;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return false,
            }
        }
    }

    fn flush_tls(&mut self) -> bool {
        let Some(tls) = &mut self.tls else { return true };
        while tls.wants_write() {
            match tls.write_tls(&mut self.stream) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return true,
                Err(_) => return false,
            }
        }
        true
    }

    /// True when TLS holds records that the socket did not take.
    pub fn holds_records(&self) -> bool {
        self.tls.as_ref().is_some_and(|tls| tls.wants_write())
    }

    /// Tells the client that nothing more will come.
    pub fn finish(&mut self) {
        if let Some(tls) = &mut self.tls {
            tls.send_close_notify();
            self.flush_tls();
        }
        // The peer may be gone already.
        let _ = self.stream.shutdown(std::net::Shutdown::Write);
    }
}

fn read_tls(
    tls: &mut rustls::ServerConnection,
    stream: &mut TcpStream,
    buffer: &mut [u8],
) -> io::Result<usize> {
    loop {
        match tls.reader().read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            other => return other,
        }
        if tls.read_tls(stream)? == 0 {
            return Ok(0);
        }
        tls.process_new_packets().map_err(io::Error::other)?;
    }
}

fn write_tls(
    tls: &mut rustls::ServerConnection,
    stream: &mut TcpStream,
    slices: &[IoSlice<'_>],
) -> io::Result<usize> {
    let taken = tls.writer().write_vectored(slices)?;
    while tls.wants_write() {
        match tls.write_tls(stream) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && taken > 0 => break,
            Err(error) => return Err(error),
        }
    }
    if taken == 0 { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(taken) }
}

//! One connection of the generator: what comes in, decoded; what waits to go out.

use crate::http::{Response, Responses, status};
use crate::swarm::{ConnId, Handler, Outgoing};
use commonroom_websocket::Message;
use commonroom_websocket::client::{self, ClientDecoder};
use mio::net::TcpStream;
use std::io::{self, Read as _, Write as _};
use std::time::Instant;

/// Key of masked frames: any will do, the server has the same work with each.
pub const KEY: [u8; 4] = [0x5a, 0x13, 0xc4, 0x77];
/// Bytes of the largest message taken: who lists of thousands.
const MESSAGE_BYTES: usize = 64 << 20;
/// Bytes of the longest answer to an upgrade.
const UPGRADE_BYTES: usize = 16 << 10;

/// What is spoken over a connection.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A WebSocket, opened with a request for that target and these further header lines.
    WebSocket {
        /// Path and query.
        target: String,
        /// Lines, each with its line end.
        headers: String,
    },
    /// WebSocket frames without a handshake before them.
    Frames,
    /// HTTP.
    Http,
}

impl Kind {
    /// What is sent first.
    fn greeting(&self) -> Vec<u8> {
        match self {
            Self::WebSocket { target, headers } => format!(
                "GET {target} HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
                 sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
            )
            .into_bytes(),
            Self::Frames | Self::Http => Vec::new(),
        }
    }

    fn reader(&self) -> Reader {
        match self {
            Self::WebSocket { .. } => Reader::Upgrade(Vec::new()),
            Self::Frames => Reader::Frames(ClientDecoder::new(MESSAGE_BYTES)),
            Self::Http => Reader::Http(Responses::default()),
        }
    }
}

/// What comes over a connection.
#[derive(Debug)]
pub enum Input<'a> {
    /// It is open: a WebSocket after its handshake.
    Open,
    /// A text message.
    Text(&'a [u8]),
    /// An HTTP response.
    Response(Response<'a>),
    /// It is closed, and why.
    Closed(&'a str),
}

#[derive(Debug)]
enum Reader {
    Upgrade(Vec<u8>),
    Frames(ClientDecoder),
    Http(Responses),
}

/// A connection.
#[derive(Debug)]
pub struct Conn {
    /// Its socket.
    pub stream: TcpStream,
    reader: Reader,
    pending: Vec<u8>,
    is_connected: bool,
}

impl Conn {
    /// A connection about to be made.
    pub fn new(stream: TcpStream, kind: &Kind) -> Self {
        Self { stream, reader: kind.reader(), pending: kind.greeting(), is_connected: false }
    }

    /// Adds bytes to be written.
    pub fn push(&mut self, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
    }

    /// Writes what the socket takes.
    ///
    /// # Errors
    /// Why the connection is over.
    pub fn write(&mut self) -> Result<(), String> {
        let mut at = 0;
        while at < self.pending.len() {
            match self.stream.write(&self.pending[at..]) {
                Ok(count) => at += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::NotConnected => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.to_string()),
            }
        }
        self.pending.drain(..at);
        Ok(())
    }

    /// The socket takes bytes: it is connected, or it failed to.
    ///
    /// # Errors
    /// Why the connection is over.
    pub fn writable(
        &mut self,
        id: ConnId,
        handler: &mut dyn Handler,
        out: &mut Outgoing,
    ) -> Result<(), String> {
        if !self.is_connected {
            if let Ok(Some(error)) = self.stream.take_error() {
                return Err(error.to_string());
            }
            self.is_connected = true;
            if !matches!(self.reader, Reader::Upgrade(_)) {
                handler.input(id, Input::Open, Instant::now(), out);
            }
        }
        self.write()
    }

    /// Reads what is there; to the very end when the peer has ended its direction.
    ///
    /// # Errors
    /// Why the connection is over.
    pub fn read(
        &mut self,
        id: ConnId,
        buffer: &mut [u8],
        ended: bool,
        handler: &mut dyn Handler,
        out: &mut Outgoing,
    ) -> Result<(), String> {
        loop {
            match self.stream.read(buffer) {
                Ok(0) => return Err("closed by the server without a close frame".to_owned()),
                Ok(count) => {
                    let bytes = &mut buffer[..count];
                    self.take(id, bytes, Instant::now(), handler, out)?;
                    if count < buffer.len() && !ended {
                        return Ok(());
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    fn take(
        &mut self,
        id: ConnId,
        bytes: &mut [u8],
        now: Instant,
        handler: &mut dyn Handler,
        out: &mut Outgoing,
    ) -> Result<(), String> {
        match &mut self.reader {
            Reader::Frames(decoder) => frames(decoder, id, bytes, now, handler, out),
            Reader::Http(responses) => {
                responses.push(bytes);
                while let Some(response) = responses.next().map_err(|error| format!("{error:#}"))? {
                    handler.input(id, Input::Response(response), now, out);
                }
                Ok(())
            }
            Reader::Upgrade(head) => {
                head.extend_from_slice(bytes);
                let Some(end) = memchr::memmem::find(head, b"\r\n\r\n").map(|at| at + 4) else {
                    return if head.len() > UPGRADE_BYTES {
                        Err("no end of headers".to_owned())
                    } else {
                        Ok(())
                    };
                };
                let mut rest = head.split_off(end);
                let text = String::from_utf8_lossy(head).into_owned();
                if status(&text) != Some(101) {
                    return Err(format!("the upgrade was answered {}", text.lines().next().unwrap_or("")));
                }
                let mut decoder = ClientDecoder::new(MESSAGE_BYTES);
                handler.input(id, Input::Open, now, out);
                let outcome = frames(&mut decoder, id, &mut rest, now, handler, out);
                self.reader = Reader::Frames(decoder);
                outcome
            }
        }
    }
}

fn frames(
    decoder: &mut ClientDecoder,
    id: ConnId,
    bytes: &mut [u8],
    now: Instant,
    handler: &mut dyn Handler,
    out: &mut Outgoing,
) -> Result<(), String> {
    let mut at = 0;
    loop {
        let step = decoder.read(&mut bytes[at..]).map_err(|violation| violation.reason().to_owned())?;
        at += step.consumed;
        match step.message {
            None => return Ok(()),
            Some(Message::Text(text)) => handler.input(id, Input::Text(text.as_bytes()), now, out),
            Some(Message::Ping(payload)) => out.raw(id, &client::pong(payload, KEY)),
            Some(Message::Close { code, reason }) => {
                return Err(format!("closed by the server with {} {reason:?}", code.unwrap_or(1005)));
            }
            Some(Message::Binary(_) | Message::Pong(_)) => {}
        }
    }
}

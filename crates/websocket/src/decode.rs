//! From bytes of a socket to messages (RFC 6455 sections 5 to 8).

use std::mem;

use crate::assembly::Whole;
use crate::frames::{Found, Given, Partial, advance};
use crate::header::Peer;
use crate::message::{Message, Opcode, Violation, is_sendable_close_code};

/// What [`Decoder::read`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step<'a> {
    /// How many bytes of `input` are done with. The next call gets the input from there on.
    pub consumed: usize,
    /// The next message, or `None` when all of the input is consumed and more must come from the peer.
    pub message: Option<Message<'a>>,
}

/// Decodes the frames that one client sends (RFC 6455 section 5).
///
/// The decoder takes at most 64 bytes while it waits for the first byte of a message. Whatever else it needs
/// is on the heap, and is freed when the message is done.
#[derive(Debug)]
pub struct Decoder {
    partial: Option<Box<Partial>>,
    max_message: usize,
    peer: Peer,
    end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Open,
    Closed,
    Failed(Violation),
}

/// Whose bytes a [`Found::Here`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Input,
    Kept,
}

impl Decoder {
    /// A decoder of masked client frames; `max_message` as in [`Decoder::set_max_message`].
    #[must_use]
    pub const fn new(max_message: usize) -> Self {
        Self::of(Peer::Client, max_message)
    }

    pub(crate) const fn of(peer: Peer, max_message: usize) -> Self {
        Self { partial: None, max_message, peer, end: End::Open }
    }

    /// The most payload bytes of a text or binary message, all its fragments together.
    #[must_use]
    pub const fn max_message(&self) -> usize {
        self.max_message
    }

    /// Sets the most payload bytes of a text or binary message, all its fragments together.
    ///
    /// Holds for every frame header that is read from now on, also inside a message that has begun; a frame
    /// whose header was already accepted may end. Control frames have the limit of the RFC alone.
    pub const fn set_max_message(&mut self, bytes: usize) {
        self.max_message = bytes;
    }

    /// Decodes up to the end of the next message.
    ///
    /// Bytes that [`Decoder::keep`] kept come first (with `consumed` 0 if they hold a message), then `input`,
    /// in which payloads are unmasked in place. Call again with `input[consumed..]` until `message` is
    /// `None`; then everything is consumed, and what the decoder held for the last message is freed. After a
    /// [`Message::Close`] all input is consumed without a message (RFC 6455 section 5.5.1).
    ///
    /// # Errors
    ///
    /// A [`Violation`], after the messages that came before it. The connection is to be failed; every later
    /// call returns the same violation. Frames whose header announces more than the limits allow are refused
    /// from the header, before any payload is stored; text that is not UTF-8 is refused at the first piece
    /// that shows it.
    pub fn read<'m>(&'m mut self, input: &'m mut [u8]) -> Result<Step<'m>, Violation> {
        match self.end {
            End::Open => self.release(),
            End::Closed => {
                self.partial = None;
                return Ok(Step { consumed: input.len(), message: None });
            }
            End::Failed(violation) => {
                self.partial = None;
                return Err(violation);
            }
        }
        let (source, consumed, found) = match self.locate(input) {
            Ok(place) => place,
            Err(violation) => {
                self.end = End::Failed(violation);
                self.partial = None;
                return Err(violation);
            }
        };
        let Self { partial, end, .. } = self;
        match present(partial.as_deref_mut(), input, source, found) {
            Ok(message) => {
                if let Some(Message::Close { .. }) = message {
                    *end = End::Closed;
                }
                Ok(Step { consumed, message })
            }
            Err(violation) => {
                *end = End::Failed(violation);
                Err(violation)
            }
        }
    }

    /// Ends a turn early: copies `rest`, the input from the last `consumed` on, so that the buffer can serve
    /// other connections, and frees what the last message borrowed.
    ///
    /// Go on later with `read(&mut [])` until it gives no message, and read from the socket only then: the
    /// decoder sets no limit of its own to what is kept.
    pub fn keep(&mut self, rest: &[u8]) {
        if self.end != End::Open {
            self.partial = None;
            return;
        }
        self.release();
        if rest.is_empty() {
            return;
        }
        let partial = self.partial.get_or_insert_default();
        partial.kept.drain(..partial.kept_at);
        partial.kept_at = 0;
        partial.kept.reserve_exact(rest.len());
        partial.kept.extend_from_slice(rest);
    }

    /// Whether bytes of [`Decoder::keep`] are waiting to be decoded.
    #[must_use]
    pub fn has_kept(&self) -> bool {
        self.partial.as_ref().is_some_and(|partial| partial.has_kept())
    }

    /// Whether the peer has begun a frame or a fragmented message and not finished it. For a time limit on
    /// peers that never finish.
    #[must_use]
    pub fn is_mid_message(&self) -> bool {
        self.partial.as_ref().is_some_and(|partial| partial.is_mid_message())
    }

    /// Heap memory of this decoder in bytes; 0 when idle.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.partial.as_ref().map_or(0, |partial| partial.held_bytes())
    }

    /// Frees what the last message borrowed, and the box if nothing is left in it.
    fn release(&mut self) {
        if let Some(partial) = &mut self.partial
            && partial.release()
        {
            self.partial = None;
        }
    }

    /// Finds the next message in the kept bytes or in `input`, unmasks it, and tells how much of `input` is
    /// consumed.
    fn locate(&mut self, input: &mut [u8]) -> Result<(Source, usize, Found), Violation> {
        let (peer, max_message) = (self.peer, self.max_message);
        if let Some(partial) = &mut self.partial
            && partial.has_kept()
        {
            let mut kept = mem::take(&mut partial.kept);
            let at = mem::take(&mut partial.kept_at);
            let (used, found) = advance(&mut self.partial, &mut kept[at..], peer, max_message)?;
            match found {
                Found::Nothing => {}
                Found::Here(..) | Found::Control(_) | Found::Assembled => {
                    let partial = self.partial.get_or_insert_default();
                    partial.kept = kept;
                    partial.kept_at = at + used;
                    let found = match found {
                        Found::Here(opcode, start, end) => Found::Here(opcode, at + start, at + end),
                        Found::Control(_) | Found::Assembled | Found::Nothing => found,
                    };
                    return Ok((Source::Kept, 0, found));
                }
            }
        }
        let (consumed, found) = advance(&mut self.partial, input, peer, max_message)?;
        Ok((Source::Input, consumed, found))
    }
}

/// Builds the message from where it was found, and notes what the next call has to free.
fn present<'m>(
    partial: Option<&'m mut Partial>,
    input: &'m [u8],
    source: Source,
    found: Found,
) -> Result<Option<Message<'m>>, Violation> {
    let (opcode, payload) = match (found, source, partial) {
        (Found::Here(opcode, start, end), Source::Input, _) => (opcode, &input[start..end]),
        (Found::Here(opcode, start, end), Source::Kept, Some(partial)) => (opcode, &partial.kept[start..end]),
        (Found::Control(opcode), _, Some(partial)) => {
            partial.given = Given::Control;
            (opcode, partial.control.as_slice())
        }
        (Found::Assembled, _, Some(partial)) => {
            partial.given = Given::Message;
            return Ok(partial.message.as_ref().map(|message| match message.whole() {
                Whole::Text(text) => Message::Text(text),
                Whole::Binary(bytes) => Message::Binary(bytes),
            }));
        }
        (Found::Nothing, ..) | (Found::Here(..) | Found::Control(_) | Found::Assembled, _, None) => {
            return Ok(None);
        }
    };
    Ok(Some(match opcode {
        Opcode::Text => Message::Text(utf8(payload)?),
        Opcode::Binary | Opcode::Continuation => Message::Binary(payload),
        Opcode::Ping => Message::Ping(payload),
        Opcode::Pong => Message::Pong(payload),
        Opcode::Close => close(payload)?,
    }))
}

fn utf8(bytes: &[u8]) -> Result<&str, Violation> {
    simdutf8::basic::from_utf8(bytes).map_err(|_| Violation::InvalidUtf8)
}

/// The payload of a close frame: nothing, or a code and a reason (RFC 6455 section 5.5.1).
fn close(payload: &[u8]) -> Result<Message<'_>, Violation> {
    match payload.split_first_chunk::<2>() {
        None if payload.is_empty() => Ok(Message::Close { code: None, reason: "" }),
        None => Err(Violation::ShortClose),
        Some((code, reason)) => {
            let code = u16::from_be_bytes(*code);
            if !is_sendable_close_code(code) {
                return Err(Violation::BadCloseCode);
            }
            Ok(Message::Close { code: Some(code), reason: utf8(reason)? })
        }
    }
}

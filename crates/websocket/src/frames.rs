//! Frame by frame through a piece of input: what is whole is found in place, the rest is moved aside.

use std::mem;

use crate::assembly::Assembly;
use crate::header::{Header, MAX_HEADER, Peer, parse};
use crate::mask::{apply_mask, rotated};
use crate::message::{Opcode, Violation};

/// Everything about bytes that have come but do not make a message yet.
#[derive(Debug, Default)]
pub(crate) struct Partial {
    head: [u8; MAX_HEADER],
    head_len: u8,
    frame: Option<OpenFrame>,
    /// Payload of a control frame in pieces.
    pub(crate) control: Vec<u8>,
    pub(crate) message: Option<Assembly>,
    pub(crate) given: Given,
    /// Bytes that came after a message at which the caller stopped, still masked.
    pub(crate) kept: Vec<u8>,
    pub(crate) kept_at: usize,
}

/// Which part of a [`Partial`] the last message borrowed, to be freed by the next call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Given {
    #[default]
    Nothing,
    Control,
    Message,
}

/// A frame whose header has come, but not all of its payload.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenFrame {
    fin: bool,
    control: Option<Opcode>,
    /// The key, rotated to the next payload byte.
    mask: Option<[u8; 4]>,
    left: usize,
}

/// Where a whole message is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Found {
    Nothing,
    /// In the bytes that were read, at this range.
    Here(Opcode, usize, usize),
    /// In `Partial::control`.
    Control(Opcode),
    /// In `Partial::message`.
    Assembled,
}

impl Partial {
    /// Whether bytes of a stopped turn are waiting.
    pub(crate) fn has_kept(&self) -> bool {
        self.kept_at < self.kept.len()
    }

    /// Whether a header, a frame or a message has begun and not ended.
    pub(crate) fn is_mid_message(&self) -> bool {
        let open_message = self.message.is_some() && self.given != Given::Message;
        self.head_len > 0 || self.frame.is_some() || open_message
    }

    /// Frees what the last message borrowed; returns whether nothing is left, so that the box can go.
    pub(crate) fn release(&mut self) -> bool {
        match mem::take(&mut self.given) {
            Given::Nothing => {}
            Given::Control => self.control = Vec::new(),
            Given::Message => self.message = None,
        }
        if !self.has_kept() {
            self.kept = Vec::new();
            self.kept_at = 0;
        }
        !self.has_kept() && !self.is_mid_message()
    }

    /// Heap memory in bytes, that of the struct itself included.
    pub(crate) fn held_bytes(&self) -> usize {
        size_of::<Self>()
            + self.control.capacity()
            + self.kept.capacity()
            + self.message.as_ref().map_or(0, Assembly::capacity)
    }
}

/// Reads frames from `input` up to the end of the next message; returns how many bytes it consumed, which is
/// all of them if there is no message.
pub(crate) fn advance(
    partial: &mut Option<Box<Partial>>,
    input: &mut [u8],
    peer: Peer,
    max_message: usize,
) -> Result<(usize, Found), Violation> {
    let mut at = 0;
    loop {
        if partial.as_ref().is_none_or(|partial| partial.frame.is_none()) {
            let Some(header) = take_header(partial, input, &mut at, peer)? else {
                return Ok((at, Found::Nothing));
            };
            admit(partial.as_deref(), &header, max_message)?;
            let whole = header.fin && header.opcode != Opcode::Continuation;
            if whole && header.len <= (input.len() - at) as u64 {
                let end = at + payload_len(&header);
                if let Some(mask) = header.mask {
                    apply_mask(&mut input[at..end], mask);
                }
                return Ok((end, Found::Here(header.opcode, at, end)));
            }
            open_frame(partial.get_or_insert_default(), &header, max_message)?;
        }
        let partial = partial.get_or_insert_default();
        let found = feed(partial, input, &mut at)?;
        match found {
            Found::Here(..) | Found::Control(_) | Found::Assembled => return Ok((at, found)),
            Found::Nothing if partial.frame.is_some() => return Ok((at, found)),
            Found::Nothing => {}
        }
    }
}

/// The header at `at`, perhaps begun by earlier input. Moves `at` behind it, or to the end of the input if
/// the header is incomplete.
fn take_header(
    partial: &mut Option<Box<Partial>>,
    input: &[u8],
    at: &mut usize,
    peer: Peer,
) -> Result<Option<Header>, Violation> {
    match partial {
        Some(partial) if partial.head_len > 0 => {
            while let Some(&byte) = input.get(*at) {
                partial.head[usize::from(partial.head_len)] = byte;
                partial.head_len += 1;
                *at += 1;
                if let Some(header) = parse(&partial.head[..usize::from(partial.head_len)], peer)? {
                    partial.head_len = 0;
                    return Ok(Some(header));
                }
            }
            Ok(None)
        }
        Some(_) | None => {
            let rest = &input[*at..];
            if let Some(header) = parse(rest, peer)? {
                *at += header.size;
                return Ok(Some(header));
            }
            if !rest.is_empty() {
                let partial = partial.get_or_insert_default();
                partial.head[..rest.len()].copy_from_slice(rest);
                partial.head_len =
                    u8::try_from(rest.len()).expect("an incomplete header has at most 13 bytes");
                *at = input.len();
            }
            Ok(None)
        }
    }
}

/// Refuses a frame that may not come now, or whose payload would be too big; stores nothing.
fn admit(partial: Option<&Partial>, header: &Header, max_message: usize) -> Result<(), Violation> {
    let in_message = partial.is_some_and(|partial| partial.message.is_some());
    match header.opcode {
        Opcode::Close | Opcode::Ping | Opcode::Pong => Ok(()),
        Opcode::Text | Opcode::Binary if in_message => Err(Violation::ExpectedContinuation),
        Opcode::Text | Opcode::Binary if header.len > max_message as u64 => Err(Violation::TooBig),
        Opcode::Continuation if !in_message => Err(Violation::UnexpectedContinuation),
        Opcode::Text | Opcode::Binary | Opcode::Continuation => Ok(()),
    }
}

/// Begins a frame whose payload goes into `partial`.
fn open_frame(partial: &mut Partial, header: &Header, max_message: usize) -> Result<(), Violation> {
    let first = match header.opcode {
        Opcode::Text => Some(Assembly::text()),
        Opcode::Binary => Some(Assembly::binary()),
        Opcode::Continuation | Opcode::Close | Opcode::Ping | Opcode::Pong => None,
    };
    if first.is_some() {
        partial.message = first;
    }
    if !header.opcode.is_control() {
        let message = partial.message.as_mut().expect("a continuation without a message was refused");
        message.admit(header.len, header.fin, max_message)?;
    }
    partial.frame = Some(OpenFrame {
        fin: header.fin,
        control: header.opcode.is_control().then_some(header.opcode),
        mask: header.mask,
        left: payload_len(header),
    });
    Ok(())
}

fn payload_len(header: &Header) -> usize {
    usize::try_from(header.len).expect("longer frames than `max_message: usize` were refused")
}

/// Moves payload of the open frame from `input` into `partial`, and closes the frame if that was all.
fn feed(partial: &mut Partial, input: &mut [u8], at: &mut usize) -> Result<Found, Violation> {
    let Some(frame) = &mut partial.frame else { return Ok(Found::Nothing) };
    let count = frame.left.min(input.len() - *at);
    let piece = &mut input[*at..*at + count];
    *at += count;
    if let Some(mask) = &mut frame.mask {
        apply_mask(piece, *mask);
        *mask = rotated(*mask, count);
    }
    let message_left = if frame.fin { frame.left } else { usize::MAX };
    match (frame.control, &mut partial.message) {
        (Some(_), _) => partial.control.extend_from_slice(piece),
        (None, Some(message)) => message.push(piece, message_left)?,
        (None, None) => {}
    }
    frame.left -= count;
    if frame.left > 0 {
        return Ok(Found::Nothing);
    }
    let OpenFrame { fin, control, .. } = *frame;
    partial.frame = None;
    if let Some(opcode) = control {
        return Ok(Found::Control(opcode));
    }
    if !fin {
        return Ok(Found::Nothing);
    }
    partial.message.as_ref().map_or(Ok(()), Assembly::finish)?;
    Ok(Found::Assembled)
}

//! The header of one frame (RFC 6455 section 5.2).

use crate::message::{MAX_CONTROL_PAYLOAD, Opcode, Violation};

/// The longest header: two bytes, a 64-bit length, a masking key.
pub(crate) const MAX_HEADER: usize = 14;

/// Who sent the frames that a decoder reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// Frames must be masked.
    Client,
    /// Frames must not be masked.
    Server,
}

/// A frame header that is complete and well formed in itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) fin: bool,
    pub(crate) opcode: Opcode,
    /// Payload length in bytes, below 2^63.
    pub(crate) len: u64,
    /// `None` in frames of a server.
    pub(crate) mask: Option<[u8; 4]>,
    /// Bytes of the header itself.
    pub(crate) size: usize,
}

/// Reads the header at the start of `bytes`; `None` while it is incomplete. What can be refused from an
/// incomplete header is refused, and always with the same violation as from the whole header.
pub(crate) fn parse(bytes: &[u8], peer: Peer) -> Result<Option<Header>, Violation> {
    let Some(&first) = bytes.first() else { return Ok(None) };
    if first & 0x70 != 0 {
        return Err(Violation::ReservedBits);
    }
    let opcode = Opcode::from_low_bits(first).ok_or(Violation::UnknownOpcode)?;
    let fin = first & 0x80 != 0;
    if opcode.is_control() && !fin {
        return Err(Violation::FragmentedControl);
    }
    let Some(&second) = bytes.get(1) else { return Ok(None) };
    let masked = second & 0x80 != 0;
    match peer {
        Peer::Client if !masked => return Err(Violation::Unmasked),
        Peer::Server if masked => return Err(Violation::Masked),
        Peer::Client | Peer::Server => {}
    }
    let short = second & 0x7F;
    if opcode.is_control() && usize::from(short) > MAX_CONTROL_PAYLOAD {
        return Err(Violation::LongControl);
    }
    let Some((len, at)) = parse_length(short, bytes)? else { return Ok(None) };
    if !masked {
        return Ok(Some(Header { fin, opcode, len, mask: None, size: at }));
    }
    let mask = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>());
    Ok(mask.map(|mask| Header { fin, opcode, len, mask: Some(*mask), size: at + 4 }))
}

/// The payload length and where it ends, given the 7-bit length; `None` while it is incomplete.
fn parse_length(short: u8, bytes: &[u8]) -> Result<Option<(u64, usize)>, Violation> {
    let rest = bytes.get(2..).unwrap_or_default();
    match short {
        126 => {
            let Some(wide) = rest.first_chunk::<2>() else { return Ok(None) };
            let len = u16::from_be_bytes(*wide);
            if len < 126 {
                return Err(Violation::NonMinimalLength);
            }
            Ok(Some((u64::from(len), 4)))
        }
        127 => {
            let Some(wide) = rest.first_chunk::<8>() else { return Ok(None) };
            let len = u64::from_be_bytes(*wide);
            if len >> 63 != 0 {
                return Err(Violation::LengthHighBit);
            }
            if len <= u64::from(u16::MAX) {
                return Err(Violation::NonMinimalLength);
            }
            Ok(Some((len, 10)))
        }
        len => Ok(Some((u64::from(len), 2))),
    }
}

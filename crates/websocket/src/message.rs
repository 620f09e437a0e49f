//! What comes out of a decoder: messages, and the ways a peer can break the protocol.

use std::fmt;

/// The longest payload of a control frame, in bytes (RFC 6455 section 5.5).
pub const MAX_CONTROL_PAYLOAD: usize = 125;

/// Close codes of RFC 6455 section 7.4.1 that this crate or its callers send.
pub mod close_code {
    /// The purpose of the connection is fulfilled.
    pub const NORMAL: u16 = 1000;
    /// The server goes down, or a browser leaves the page.
    pub const GOING_AWAY: u16 = 1001;
    /// The peer broke the protocol.
    pub const PROTOCOL_ERROR: u16 = 1002;
    /// A kind of data that the endpoint cannot take, such as binary where only text is spoken.
    pub const UNSUPPORTED_DATA: u16 = 1003;
    /// Data that does not fit the type of the message, such as invalid UTF-8 in text.
    pub const INVALID_DATA: u16 = 1007;
    /// A message that breaks the endpoint's policy.
    pub const POLICY: u16 = 1008;
    /// A message too big to process.
    pub const TOO_BIG: u16 = 1009;
    /// The server met an unexpected condition.
    pub const INTERNAL_ERROR: u16 = 1011;
    /// The server restarts (IANA registry, not in RFC 6455 itself).
    pub const SERVICE_RESTART: u16 = 1012;
    /// The server is overloaded: try again later (IANA registry, not in RFC 6455 itself).
    pub const TRY_AGAIN_LATER: u16 = 1013;
}

/// Whether `code` may stand in a Close frame on the wire (RFC 6455 section 7.4).
///
/// True for 1000 to 1003, 1007 to 1014 (1012 to 1014 come from the IANA registry), and 3000 to 4999. False
/// for everything else, among them 1005, 1006 and 1015, which name situations and are never sent.
#[must_use]
pub const fn is_sendable_close_code(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

/// The frame types of RFC 6455 section 5.2; the discriminant is the 4-bit opcode on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Opcode {
    /// A further fragment of a text or binary message.
    Continuation = 0x0,
    /// UTF-8 text, or the first fragment of it.
    Text = 0x1,
    /// Bytes, or the first fragment of them.
    Binary = 0x2,
    /// The closing handshake.
    Close = 0x8,
    /// Asks for a pong with the same payload.
    Ping = 0x9,
    /// Answers a ping, or is a heartbeat in one direction.
    Pong = 0xA,
}

impl Opcode {
    /// The opcode of the low four bits of `byte`, or `None` for the reserved ones.
    pub(crate) const fn from_low_bits(byte: u8) -> Option<Self> {
        match byte & 0x0F {
            0x0 => Some(Self::Continuation),
            0x1 => Some(Self::Text),
            0x2 => Some(Self::Binary),
            0x8 => Some(Self::Close),
            0x9 => Some(Self::Ping),
            0xA => Some(Self::Pong),
            _ => None,
        }
    }

    /// Whether frames of this type are control frames (RFC 6455 section 5.5): never fragmented, at most
    /// [`MAX_CONTROL_PAYLOAD`] bytes.
    #[must_use]
    pub const fn is_control(self) -> bool {
        self as u8 & 0x8 != 0
    }
}

/// One whole message, with its payload unmasked and, for text, checked.
///
/// Payloads borrow from the caller's buffer when the frame was wholly inside it, else from the decoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// A text message (RFC 6455 section 5.6), whole even if it came in fragments.
    Text(&'a str),
    /// A binary message (RFC 6455 section 5.6), whole even if it came in fragments.
    Binary(&'a [u8]),
    /// A ping of at most [`MAX_CONTROL_PAYLOAD`] bytes: answer with the same bytes in a pong (section 5.5.2).
    Ping(&'a [u8]),
    /// A pong of at most [`MAX_CONTROL_PAYLOAD`] bytes (section 5.5.3).
    Pong(&'a [u8]),
    /// The peer closes (section 5.5.1). The decoder gives nothing after it.
    Close {
        /// The peer's close code, if it gave one; always one that [`is_sendable_close_code`] accepts.
        code: Option<u16>,
        /// The peer's reason, at most 123 bytes; empty if it gave none. Written by the peer: do not trust it.
        reason: &'a str,
    },
}

/// How the peer broke RFC 6455 or a limit: the connection must be failed (section 7.1.7).
///
/// Send a close frame with [`Violation::close_code`] and [`Violation::reason`], then close the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Violation {
    /// A reserved bit is set although no extension was negotiated (section 5.2). Code 1002.
    ReservedBits,
    /// An opcode that the RFC reserves (section 5.2). Code 1002.
    UnknownOpcode,
    /// A client sent a frame without a mask (section 5.1). Code 1002.
    Unmasked,
    /// A server sent a frame with a mask (section 5.1); only from a client's decoder. Code 1002.
    Masked,
    /// A control frame without the FIN bit (section 5.5). Code 1002.
    FragmentedControl,
    /// A control frame with a payload of more than 125 bytes (section 5.5). Code 1002.
    LongControl,
    /// A length in more bytes than it needs (section 5.2). Code 1002.
    NonMinimalLength,
    /// A 64-bit length with the highest bit set (section 5.2). Code 1002.
    LengthHighBit,
    /// A continuation frame although no message is open (section 5.4). Code 1002.
    UnexpectedContinuation,
    /// A new message although the fragmented one before is not finished (section 5.4). Code 1002.
    ExpectedContinuation,
    /// A close frame with a payload of one byte (section 5.5.1). Code 1002.
    ShortClose,
    /// A close code that may not be sent (section 7.4). Code 1002.
    BadCloseCode,
    /// Text or a close reason that is not UTF-8 (section 8.1). Code 1007.
    InvalidUtf8,
    /// A message of more bytes than the limit (section 10.4). Code 1009.
    TooBig,
    /// A message of more fragments than [`crate::MAX_FRAGMENTS`], or of more empty ones than
    /// [`crate::MAX_EMPTY_FRAGMENTS`] (section 10.4). Code 1009.
    TooManyFragments,
}

impl Violation {
    /// The code for the close frame that answers this violation (RFC 6455 section 7.4.1).
    #[must_use]
    pub const fn close_code(self) -> u16 {
        match self {
            Self::ReservedBits
            | Self::UnknownOpcode
            | Self::Unmasked
            | Self::Masked
            | Self::FragmentedControl
            | Self::LongControl
            | Self::NonMinimalLength
            | Self::LengthHighBit
            | Self::UnexpectedContinuation
            | Self::ExpectedContinuation
            | Self::ShortClose
            | Self::BadCloseCode => close_code::PROTOCOL_ERROR,
            Self::InvalidUtf8 => close_code::INVALID_DATA,
            Self::TooBig | Self::TooManyFragments => close_code::TOO_BIG,
        }
    }

    /// A short English sentence for the close frame and the log, at most 123 bytes.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::ReservedBits => "reserved bits are set without an extension",
            Self::UnknownOpcode => "unknown opcode",
            Self::Unmasked => "client frame without a mask",
            Self::Masked => "server frame with a mask",
            Self::FragmentedControl => "fragmented control frame",
            Self::LongControl => "control frame of more than 125 bytes",
            Self::NonMinimalLength => "length not in the shortest form",
            Self::LengthHighBit => "length with the highest bit set",
            Self::UnexpectedContinuation => "continuation without a message",
            Self::ExpectedContinuation => "new message inside a fragmented one",
            Self::ShortClose => "close frame of one byte",
            Self::BadCloseCode => "close code that may not be sent",
            Self::InvalidUtf8 => "text is not UTF-8",
            Self::TooBig => "message too big",
            Self::TooManyFragments => "too many fragments in one message",
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())
    }
}

impl std::error::Error for Violation {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn section_7_4_codes_on_the_wire() {
        for code in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4999]
        {
            assert!(is_sendable_close_code(code), "{code}");
        }
        for code in [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, u16::MAX] {
            assert!(!is_sendable_close_code(code), "{code}");
        }
    }

    #[test]
    fn section_5_2_opcodes_and_their_reserved_gaps() {
        for byte in 0..16_u8 {
            let known = matches!(byte, 0 | 1 | 2 | 8 | 9 | 10);
            let opcode = Opcode::from_low_bits(0xF0 | byte);
            assert_eq!(opcode.is_some(), known, "{byte}");
            if let Some(opcode) = opcode {
                assert_eq!(opcode as u8, byte);
                assert_eq!(opcode.is_control(), byte >= 8);
            }
        }
    }
}

//! A message that did not arrive in one piece: its payload so far, and the UTF-8 check across pieces.

use crate::message::Violation;

/// The largest number of frames of one message, the first and the last included. A message of more is
/// refused with [`Violation::TooManyFragments`]: every frame costs work that its payload may not pay for.
pub const MAX_FRAGMENTS: u32 = 4096;

/// The largest number of frames without payload of one message, the last one (FIN) not counted. A message of
/// more is refused with [`Violation::TooManyFragments`].
pub const MAX_EMPTY_FRAGMENTS: u32 = 16;

/// Text that arrives in pieces cut anywhere, also inside a character (RFC 6455 sections 5.4 and 8.1).
#[derive(Debug, Default)]
pub(crate) struct TextPieces {
    text: String,
    /// The first bytes of a character whose last bytes have not come.
    carry: [u8; 4],
    carried: u8,
}

impl TextPieces {
    fn push(&mut self, mut piece: &[u8]) -> Result<(), Violation> {
        while self.carried > 0
            && let Some((&byte, rest)) = piece.split_first()
        {
            self.carry[usize::from(self.carried)] = byte;
            self.carried += 1;
            piece = rest;
            match std::str::from_utf8(&self.carry[..usize::from(self.carried)]) {
                Ok(character) => {
                    self.text.push_str(character);
                    self.carried = 0;
                }
                Err(error) if error.error_len().is_some() => return Err(Violation::InvalidUtf8),
                Err(_) => {}
            }
        }
        match simdutf8::compat::from_utf8(piece) {
            Ok(text) => self.text.push_str(text),
            Err(error) if error.error_len().is_some() => return Err(Violation::InvalidUtf8),
            Err(error) => {
                let (whole, begun) = piece.split_at(error.valid_up_to());
                self.text.push_str(simdutf8::basic::from_utf8(whole).map_err(|_| Violation::InvalidUtf8)?);
                self.carry[..begun.len()].copy_from_slice(begun);
                self.carried =
                    u8::try_from(begun.len()).expect("an unfinished character has at most 3 bytes");
            }
        }
        Ok(())
    }
}

#[derive(Debug)]
pub(crate) enum Body {
    Text(TextPieces),
    Binary(Vec<u8>),
}

/// The whole payload of an assembled message.
pub(crate) enum Whole<'a> {
    Text(&'a str),
    Binary(&'a [u8]),
}

/// One message of which some frames, or a part of a frame, have come.
#[derive(Debug)]
pub(crate) struct Assembly {
    body: Body,
    /// Sum of the payload lengths in the headers of the message's frames so far.
    announced: u64,
    fragments: u32,
    empty: u32,
}

impl Assembly {
    pub(crate) fn text() -> Self {
        Self::new(Body::Text(TextPieces::default()))
    }

    pub(crate) fn binary() -> Self {
        Self::new(Body::Binary(Vec::new()))
    }

    fn new(body: Body) -> Self {
        Self { body, announced: 0, fragments: 0, empty: 0 }
    }

    /// Counts a frame of the message whose header announces `len` bytes, or refuses it.
    pub(crate) fn admit(&mut self, len: u64, fin: bool, max_message: usize) -> Result<(), Violation> {
        self.announced = self.announced.saturating_add(len);
        if self.announced > max_message as u64 {
            return Err(Violation::TooBig);
        }
        self.fragments += 1;
        self.empty += u32::from(len == 0 && !fin);
        if self.fragments > MAX_FRAGMENTS || self.empty > MAX_EMPTY_FRAGMENTS {
            return Err(Violation::TooManyFragments);
        }
        Ok(())
    }

    /// Adds unmasked payload bytes. `left` is how many bytes of the message are outstanding, these included,
    /// or `usize::MAX` while the last frame's header has not come.
    pub(crate) fn push(&mut self, piece: &[u8], left: usize) -> Result<(), Violation> {
        match &mut self.body {
            Body::Text(pieces) => {
                // A character cut by the last piece is completed by this one.
                let wanted = piece.len() + usize::from(pieces.carried);
                let left = left.saturating_add(usize::from(pieces.carried));
                let extra = growth(pieces.text.len(), pieces.text.capacity(), wanted, left);
                pieces.text.reserve_exact(extra);
                pieces.push(piece)
            }
            Body::Binary(bytes) => {
                let extra = growth(bytes.len(), bytes.capacity(), piece.len(), left);
                bytes.reserve_exact(extra);
                bytes.extend_from_slice(piece);
                Ok(())
            }
        }
    }

    /// Checks at the last byte of the last frame that no character is left unfinished.
    pub(crate) fn finish(&self) -> Result<(), Violation> {
        match &self.body {
            Body::Text(pieces) if pieces.carried > 0 => Err(Violation::InvalidUtf8),
            Body::Text(_) | Body::Binary(_) => Ok(()),
        }
    }

    pub(crate) fn whole(&self) -> Whole<'_> {
        match &self.body {
            Body::Text(pieces) => Whole::Text(&pieces.text),
            Body::Binary(bytes) => Whole::Binary(bytes),
        }
    }

    /// Bytes of heap memory.
    pub(crate) fn capacity(&self) -> usize {
        match &self.body {
            Body::Text(pieces) => pieces.text.capacity(),
            Body::Binary(bytes) => bytes.capacity(),
        }
    }
}

/// How much room to reserve beyond `len`: doubling, so that many small pieces cost linear time, but never
/// more than the message still brings. So a peer cannot make us hold more than twice what it sent.
fn growth(len: usize, capacity: usize, piece: usize, left: usize) -> usize {
    if capacity - len >= piece {
        return 0;
    }
    left.min(piece.max(capacity.saturating_mul(2).saturating_sub(len)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pushed(pieces: &[&[u8]]) -> Result<String, Violation> {
        let mut text = Assembly::text();
        for piece in pieces {
            text.push(piece, piece.len())?;
        }
        text.finish()?;
        match text.whole() {
            Whole::Text(text) => Ok(text.to_owned()),
            Whole::Binary(_) => panic!("text became binary"),
        }
    }

    #[test]
    fn section_8_1_characters_may_be_cut_anywhere_between_pieces() {
        let text = "aß€😀z";
        for first in 0..=text.len() {
            for second in first..=text.len() {
                let bytes = text.as_bytes();
                let pieces = [&bytes[..first], &bytes[first..second], &bytes[second..]];
                assert_eq!(pushed(&pieces).as_deref(), Ok(text), "{first} {second}");
            }
        }
    }

    #[test]
    fn section_8_1_invalid_text_is_found_at_the_first_impossible_byte() {
        // F0 80 can begin no character, so no third byte is awaited.
        let mut text = Assembly::text();
        assert_eq!(text.push(&[b'a', 0xF0], 4), Ok(()));
        assert_eq!(text.push(&[0x80], 2), Err(Violation::InvalidUtf8));
        for bad in [&b"\xC0\xAF"[..], b"\xED\xA0\x80", b"\xF4\x90\x80\x80", b"\xFF", b"ab\x80"] {
            assert_eq!(pushed(&[bad]), Err(Violation::InvalidUtf8));
        }
    }

    #[test]
    fn section_8_1_an_unfinished_character_at_the_end_is_invalid() {
        assert_eq!(pushed(&[b"a\xE2\x82"]), Err(Violation::InvalidUtf8));
        assert_eq!(pushed(&[b"\xF0", b"\x9F\x98"]), Err(Violation::InvalidUtf8));
    }

    #[test]
    fn growth_doubles_but_stays_within_the_message() {
        assert_eq!(growth(0, 0, 10, 1000), 10);
        assert_eq!(growth(10, 10, 4, 990), 10);
        assert_eq!(growth(10, 10, 4, 6), 6);
        assert_eq!(growth(10, 20, 4, 990), 0);
        assert_eq!(growth(10, 10, 40, 990), 40);
    }
}

//! Bytes on the wire: read in one pass, never more than may be kept.

use super::Content;
use crate::limits::PICTURE_BYTES;
use commonroom_media::{Trouble, data_uri};
use serde::de::{Deserialize, Deserializer, IgnoredAny, SeqAccess, Visitor};
use std::fmt;

/// Numbers for which room is made before the first is read.
const FIRST_ROOM: usize = 64 << 10;

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(bytes) => write!(f, "Whole({} bytes)", bytes.len()),
            Self::TooLarge => f.write_str("TooLarge"),
            Self::Wrong => f.write_str("Wrong"),
        }
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Content;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of bytes or base64")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut numbers: A) -> Result<Content, A::Error> {
        let mut bytes = Vec::with_capacity(FIRST_ROOM);
        while let Some(byte) = numbers.next_element::<u8>()? {
            if bytes.len() == PICTURE_BYTES {
                while numbers.next_element::<IgnoredAny>()?.is_some() {}
                return Ok(Content::TooLarge);
            }
            bytes.push(byte);
        }
        Ok(Content::Whole(bytes))
    }

    fn visit_str<E>(self, text: &str) -> Result<Content, E> {
        Ok(match data_uri::parse(text, PICTURE_BYTES) {
            Ok(found) => Content::Whole(found.bytes),
            Err(Trouble::TooLarge { .. }) => Content::TooLarge,
            Err(
                Trouble::NotBase64
                | Trouble::BadDataUri
                | Trouble::NotAPicture
                | Trouble::Damaged
                | Trouble::TooManyPixels
                | Trouble::TooManyFrames,
            ) => Content::Wrong,
        })
    }

    fn visit_unit<E>(self) -> Result<Content, E> {
        Ok(Content::Wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<Content> {
        serde_json::from_str(json).ok()
    }

    #[test]
    fn numbers_and_base64_are_the_same_bytes() {
        let bytes = Some(Content::Whole(vec![137, 80, 78, 71]));
        assert_eq!(read("[137,80, 78,71]"), bytes);
        assert_eq!(read("\"iVBORw==\""), bytes);
        assert_eq!((read("null"), read("\"?\"")), (Some(Content::Wrong), Some(Content::Wrong)));
        assert_eq!((read("[256]"), read("[-1]"), read("[1.5]"), read("[[]]")), (None, None, None, None));
    }

    #[test]
    fn what_is_too_large_is_not_kept_in_memory() {
        let json = format!("[{}0]", "0,".repeat(PICTURE_BYTES));
        assert_eq!(read(&json), Some(Content::TooLarge));
        let base64 = format!("\"{}\"", "AAAA".repeat(PICTURE_BYTES / 3 + 1));
        assert_eq!(read(&base64), Some(Content::TooLarge));
    }
}

//! Why shared bytes are not taken.

use std::fmt;

/// Why shared bytes are not taken. Callers word it for people in their own protocol; `Display` is for logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// More bytes than the caller allows, before or after processing.
    TooLarge {
        /// Bytes that are allowed.
        limit: usize,
    },
    /// Neither base64 alphabet fits the text.
    NotBase64,
    /// Starts like a data URI and is none (RFC 2397).
    BadDataUri,
    /// Neither PNG, JPEG, GIF nor WebP.
    NotAPicture,
    /// The header claims more pixels than `limits::PIXELS`, or than can be decoded within `limits::MEMORY`.
    TooManyPixels,
    /// An animation beyond `limits::FRAMES` or `limits::ANIMATION_PIXELS`.
    TooManyFrames,
    /// Starts like a picture and cannot be read as one.
    Damaged,
}

impl fmt::Display for Trouble {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { limit } => write!(to, "more than {limit} bytes"),
            Self::NotBase64 => to.write_str("not base64"),
            Self::BadDataUri => to.write_str("not a data URI"),
            Self::NotAPicture => to.write_str("not a PNG, JPEG, GIF or WebP picture"),
            Self::TooManyPixels => to.write_str("a picture of too many pixels"),
            Self::TooManyFrames => to.write_str("an animation of too many frames"),
            Self::Damaged => to.write_str("a damaged picture"),
        }
    }
}

impl std::error::Error for Trouble {}

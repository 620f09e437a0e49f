//! Pictures: their size from the header, a lossless copy without metadata, and a clean one encoded anew.
//!
//! Every way in reads the header first and refuses what claims more than `limits::PIXELS`. Decoders are given only what
//! the walk over the file's structure has kept, so no decoder reads metadata. A file must be whole: one that stops before
//! its end is damaged.

mod animation;
mod encode;
mod format;
mod gif;
mod jpeg;
mod outline;
mod png;
mod reader;
mod still;
mod webp;

use crate::{Kind, Trouble};
use format::Format;
use outline::{Keep, outline};

/// What the header of a picture says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// PNG, JPEG, GIF or WebP.
    pub kind: Kind,
    /// Pixels across as stored; an EXIF orientation may turn the picture.
    pub width: u32,
    /// Pixels down as stored.
    pub height: u32,
    /// Frames that the file seems to have: 1 for a still picture. A claim, not counted by decoding.
    pub frames_hint: u32,
}

/// What [`clean`] is to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Pixels that the longer side has at most.
    pub max_side: u32,
    /// JPEG quality, 1 to 100.
    pub quality: u8,
    /// Whether an animation stays one where that is possible; otherwise its first frame is taken.
    pub keep_animation: bool,
    /// Bytes that the result has at most. A picture that would be larger is made smaller, a few times.
    pub max_bytes: usize,
}

impl Default for Wanted {
    /// A picture in a conversation: 1920 pixels, quality 85, animated, 8 MiB (originchats.md 7.4).
    fn default() -> Self {
        Self { max_side: 1_920, quality: 85, keep_animation: true, max_bytes: 8 * 1024 * 1024 }
    }
}

/// A picture that may be shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The whole file.
    pub bytes: Vec<u8>,
    /// What it is now: another kind than it was, where the first frame of a GIF became a PNG for example.
    pub kind: Kind,
    /// Pixels across, as it is shown.
    pub width: u32,
    /// Pixels down, as it is shown.
    pub height: u32,
    /// Frames, 1 for a still picture.
    pub frames: u32,
}

/// Reads kind and size from the header, without decoding and without looking further than needed: a file that is cut
/// short later is measured too. Counting frames skips from block to block.
///
/// # Errors
/// `NotAPicture`, `Damaged`, `TooManyPixels`.
pub fn probe(bytes: &[u8]) -> Result<Probe, Trouble> {
    let (format, width, height) = outline::size(bytes)?;
    let frames_hint = match format {
        Format::Png => png::frames(bytes),
        Format::Gif => gif::frames(bytes),
        Format::Webp => webp::frames(bytes),
        Format::Jpeg => 1,
    };
    Ok(Probe { kind: format.kind(), width, height, frames_hint })
}

/// The same file without metadata: no EXIF, XMP, IPTC, texts, comments, thumbnails, private blocks, and no bytes after
/// the end. Nothing is decoded or lost. Animations stay, and so does what a viewer needs to show the picture alike: its
/// colour profile, and an orientation, in EXIF that holds nothing else.
///
/// # Errors
/// `NotAPicture`, `Damaged`, `TooManyPixels`, `TooManyFrames`.
pub fn strip(bytes: &[u8]) -> Result<Picture, Trouble> {
    let (format, found) = outline(bytes, Keep { animation: true, rendering: true })?;
    if found.is_animated() && !found.is_within_caps() {
        return Err(Trouble::TooManyFrames);
    }
    let (width, height) =
        if found.lies_on_its_side() { (found.height, found.width) } else { (found.width, found.height) };
    Ok(Picture { kind: format.kind(), width, height, frames: found.frames, bytes: found.bytes })
}

/// A picture decoded, turned upright, made small enough and encoded anew, without any metadata or colour profile.
///
/// JPEG stays JPEG, and WebP that is stored with loss and without transparency becomes JPEG; every other still picture
/// becomes PNG. When an animation is kept, a GIF is scaled frame by frame without new colours; an animated PNG or WebP
/// is only stripped, its first frame decoded as a check, so where it would have to be smaller, in pixels or bytes, its
/// first frame is taken. The same holds beyond `limits::FRAMES` and `limits::ANIMATION_PIXELS`.
///
/// Holds at most `limits::MEMORY` bytes besides the input.
///
/// # Errors
/// `NotAPicture`, `Damaged`, `TooManyPixels`, `TooLarge` when even the smallest try exceeds `max_bytes`.
pub fn clean(bytes: &[u8], wanted: &Wanted) -> Result<Picture, Trouble> {
    if wanted.keep_animation {
        let (format, moving) = outline(bytes, Keep { animation: true, rendering: false })?;
        if moving.is_animated()
            && moving.is_within_caps()
            && let Some(picture) = animation::keep(format, moving, wanted)?
        {
            return Ok(picture);
        }
    }
    let (format, found) = outline(bytes, Keep { animation: false, rendering: false })?;
    still::clean(format, found, wanted)
}

/// Width and height within a square of `max_side`, the ratio kept, never larger than before, never 0.
fn fitted(width: u32, height: u32, max_side: u32) -> (u32, u32) {
    let longer = width.max(height);
    let max_side = max_side.max(1);
    if longer <= max_side {
        return (width, height);
    }
    let scale = |side: u32| {
        let scaled = (u64::from(side) * u64::from(max_side) + u64::from(longer) / 2) / u64::from(longer);
        u32::try_from(scaled).expect("no more than the side it came from").max(1)
    };
    (scale(width), scale(height))
}

/// The sides to try until a result has few enough bytes: each three quarters of the one before.
fn sides(width: u32, height: u32, max_side: u32) -> impl Iterator<Item = (u32, u32)> {
    let first = max_side.min(width.max(height));
    let shrunk = |side: &u32| (*side > 1).then(|| side - side.div_ceil(4));
    std::iter::successors(Some(first), shrunk)
        .take(1 + crate::limits::SHRINKS as usize)
        .map(move |side| fitted(width, height, side))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_keep_their_ratio() {
        assert_eq!(fitted(4_000, 3_000, 1_920), (1_920, 1_440));
        assert_eq!(fitted(3_000, 4_000, 1_920), (1_440, 1_920));
        assert_eq!(fitted(100, 50, 1_920), (100, 50));
        assert_eq!(fitted(10_000, 1, 100), (100, 1));
        assert_eq!(fitted(7, 3, 0), (1, 1));
    }

    #[test]
    fn tries_get_smaller_and_end() {
        let tries: Vec<_> = sides(1_000, 500, 800).collect();
        assert_eq!(tries, [(800, 400), (600, 300), (450, 225), (337, 169), (252, 126)]);
        assert_eq!(sides(1, 1, 800).count(), 1);
    }
}

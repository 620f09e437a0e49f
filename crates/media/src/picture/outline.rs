//! What a walk over the structure of a picture file finds, and the file without what is not the picture.

use super::format::Format;
use super::{gif, jpeg, png, webp};
use crate::Trouble;
use crate::limits::{ANIMATION_PIXELS, FRAMES, PIXELS};
use image::metadata::Orientation;

/// What a walk copies besides the picture itself.
#[derive(Clone, Copy)]
pub(super) struct Keep {
    /// All frames instead of the first one (the first image of an APNG; a WebP keeps all of them either way).
    pub animation: bool,
    /// What a viewer needs to show it alike: the colour profile, and EXIF that holds the orientation and nothing else.
    pub rendering: bool,
}

/// A picture file, taken apart.
pub(super) struct Outline {
    pub width: u32,
    pub height: u32,
    /// Frames of an animation, 1 for a still picture.
    pub frames: u32,
    /// Pixels of all frames.
    pub frame_pixels: u64,
    /// How the stored picture is turned to be shown.
    pub orientation: Orientation,
    /// Whether the pixels are stored with loss and without transparency, as JPEG can.
    pub lossy: bool,
    /// Bytes that the decoder holds for one frame, its result included.
    pub decoding: u64,
    /// The file without metadata and without what follows its end.
    pub bytes: Vec<u8>,
}

impl Outline {
    pub(super) fn new(width: u32, height: u32, bytes: usize) -> Self {
        let pixels = u64::from(width) * u64::from(height);
        Self {
            width,
            height,
            frames: 1,
            frame_pixels: pixels,
            orientation: Orientation::NoTransforms,
            lossy: false,
            decoding: 0,
            bytes: Vec::with_capacity(bytes),
        }
    }

    pub(super) fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    pub(super) fn is_animated(&self) -> bool {
        self.frames > 1
    }

    /// Whether showing it swaps width and height.
    pub(super) fn lies_on_its_side(&self) -> bool {
        use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
        matches!(self.orientation, Rotate90 | Rotate90FlipH | Rotate270 | Rotate270FlipH)
    }

    /// Whether EXIF is to be written that says how to turn the picture.
    pub(super) fn is_to_be_turned(&self, keep: Keep) -> bool {
        keep.rendering && self.orientation != Orientation::NoTransforms
    }

    /// Whether the animation may be kept.
    pub(super) fn is_within_caps(&self) -> bool {
        self.frames <= FRAMES && self.frame_pixels <= ANIMATION_PIXELS
    }
}

/// Format, width and height, from the header alone.
pub(super) fn size(bytes: &[u8]) -> Result<(Format, u32, u32), Trouble> {
    let format = Format::of(bytes).ok_or(Trouble::NotAPicture)?;
    let (width, height) = match format {
        Format::Png => png::size(bytes)?,
        Format::Jpeg => jpeg::size(bytes)?,
        Format::Gif => gif::size(bytes)?,
        Format::Webp => webp::size(bytes)?,
    };
    if width == 0 || height == 0 {
        return Err(Trouble::Damaged);
    }
    if u64::from(width) * u64::from(height) > PIXELS {
        return Err(Trouble::TooManyPixels);
    }
    Ok((format, width, height))
}

/// Walks the file. The size is held against the budget first.
pub(super) fn outline(bytes: &[u8], keep: Keep) -> Result<(Format, Outline), Trouble> {
    let (format, _, _) = size(bytes)?;
    let outline = match format {
        Format::Png => png::outline(bytes, keep)?,
        Format::Jpeg => jpeg::outline(bytes, keep)?,
        Format::Gif => gif::outline(bytes, keep)?,
        Format::Webp => webp::outline(bytes, keep)?,
    };
    Ok((format, outline))
}

/// The orientation that an EXIF block (a TIFF header and what follows) asks for.
pub(super) fn orientation_of(exif: &[u8]) -> Orientation {
    let tiff = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
    Orientation::from_exif_chunk(tiff).unwrap_or(Orientation::NoTransforms)
}

/// Bytes of [`exif_of`].
pub(super) const EXIF: usize = 26;

/// An EXIF block that says how to turn the picture and nothing else: one directory of one entry (TIFF 6.0 section 2).
pub(super) fn exif_of(orientation: Orientation) -> [u8; EXIF] {
    let mut block = *b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\0\0\0\0\0\0\0\0";
    block[18] = orientation.to_exif();
    block
}

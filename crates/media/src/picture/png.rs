//! PNG files as they are built: a signature, then chunks (PNG specification 5).

use super::outline::{Keep, Outline, exif_of, orientation_of};
use super::reader::{array, be_u32};
use crate::Trouble;
use image::metadata::Orientation;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Chunks that a picture is made of, with the most bytes of data each may have. Everything else is dropped: text, times,
/// EXIF, private chunks. The bounds keep a small chunk from being filled with something else.
const KEPT: [(&[u8; 4], usize); 12] = [
    (b"IHDR", 13),
    (b"PLTE", 768),
    (b"IDAT", usize::MAX),
    (b"IEND", 0),
    (b"tRNS", 256),
    (b"gAMA", 4),
    (b"cHRM", 32),
    (b"sRGB", 1),
    (b"sBIT", 4),
    (b"bKGD", 6),
    (b"pHYs", 9),
    (b"cICP", 4),
];
/// Chunks of an animation (PNG specification, third edition, 11.3.6).
const MOVING: [(&[u8; 4], usize); 3] = [(b"acTL", 8), (b"fcTL", 26), (b"fdAT", usize::MAX)];

struct Chunk<'a> {
    name: [u8; 4],
    data: &'a [u8],
    /// With length, name and checksum.
    whole: &'a [u8],
}

/// The chunks up to `IEND`, or to the first that is broken.
struct Chunks<'a> {
    rest: &'a [u8],
    ended: bool,
}

impl<'a> Iterator for Chunks<'a> {
    type Item = Result<Chunk<'a>, Trouble>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let chunk = self.split();
        self.ended = chunk.as_ref().is_none_or(|chunk| chunk.name == *b"IEND");
        Some(chunk.ok_or(Trouble::Damaged))
    }
}

impl<'a> Chunks<'a> {
    fn of(bytes: &'a [u8]) -> Result<Self, Trouble> {
        let rest = bytes.strip_prefix(SIGNATURE).ok_or(Trouble::NotAPicture)?;
        Ok(Self { rest, ended: false })
    }

    fn split(&mut self) -> Option<Chunk<'a>> {
        let length = usize::try_from(be_u32(self.rest)?).ok()?;
        let (whole, rest) = self.rest.split_at_checked(length.checked_add(12)?)?;
        self.rest = rest;
        Some(Chunk { name: array(&whole[4..])?, data: &whole[8..8 + length], whole })
    }
}

/// Width and height, from the first chunk, which must be the header.
pub(super) fn size(bytes: &[u8]) -> Result<(u32, u32), Trouble> {
    let header = bytes.strip_prefix(SIGNATURE).ok_or(Trouble::NotAPicture)?;
    if !header.starts_with(b"\0\0\0\x0dIHDR") {
        return Err(Trouble::Damaged);
    }
    let field = |at: usize| header.get(at..).and_then(be_u32).ok_or(Trouble::Damaged);
    Ok((field(8)?, field(12)?))
}

/// Frames that the file says it has.
pub(super) fn frames(bytes: &[u8]) -> u32 {
    let Ok(chunks) = Chunks::of(bytes) else { return 1 };
    let mut head = chunks.map_while(Result::ok).take_while(|chunk| chunk.name != *b"IDAT");
    head.find(|chunk| chunk.name == *b"acTL").and_then(|chunk| be_u32(chunk.data)).unwrap_or(1).max(1)
}

/// Walks the whole file and copies what `keep` allows.
pub(super) fn outline(bytes: &[u8], keep: Keep) -> Result<Outline, Trouble> {
    let (width, height) = size(bytes)?;
    let mut outline = Outline::new(width, height, bytes.len());
    outline.bytes.extend_from_slice(SIGNATURE);
    let (mut headers, mut has_pixels, mut sees_through) = (0, false, false);
    let mut form = (0, 0);
    let (mut shown, mut shown_pixels) = (0, 0_u64);
    for chunk in Chunks::of(bytes)? {
        let chunk = chunk?;
        match &chunk.name {
            b"IHDR" => {
                headers += 1;
                let [depth, colour] = chunk.data.get(8..).and_then(array).ok_or(Trouble::Damaged)?;
                form = (depth, colour);
            }
            b"IDAT" => has_pixels = true,
            b"tRNS" => sees_through = true,
            b"eXIf" if outline.orientation == Orientation::NoTransforms => {
                outline.orientation = orientation_of(chunk.data);
                if outline.is_to_be_turned(keep) {
                    push(&mut outline.bytes, *b"eXIf", &exif_of(outline.orientation));
                }
            }
            b"fcTL" => {
                let side = |at: usize| chunk.data.get(at..).and_then(be_u32).ok_or(Trouble::Damaged);
                let (across, down) = (side(4)?, side(8)?);
                if across > width || down > height {
                    return Err(Trouble::Damaged);
                }
                shown += 1;
                shown_pixels = shown_pixels.saturating_add(u64::from(across) * u64::from(down));
            }
            _other => {}
        }
        if is_kept(&chunk, keep)? {
            outline.bytes.extend_from_slice(chunk.whole);
        }
    }
    if headers != 1 || !has_pixels {
        return Err(Trouble::Damaged);
    }
    if shown > 0 {
        (outline.frames, outline.frame_pixels) = (shown, shown_pixels);
    }
    outline.decoding = outline.pixels() * bytes_per_pixel(form.0, form.1, sees_through);
    Ok(outline)
}

fn is_kept(chunk: &Chunk<'_>, keep: Keep) -> Result<bool, Trouble> {
    let fits = |list: &[(&[u8; 4], usize)]| {
        list.iter().find(|(name, _)| **name == chunk.name).map(|(_, most)| chunk.data.len() <= *most)
    };
    let profile = keep.rendering && chunk.name == *b"iCCP";
    let moving = if keep.animation { fits(&MOVING) } else { None };
    let kept = fits(&KEPT).or(moving);
    // A capital first letter: nothing can be shown without it (PNG specification 5.4).
    let critical = chunk.name[0].is_ascii_uppercase();
    if critical && kept != Some(true) {
        return Err(Trouble::Damaged);
    }
    Ok(profile || kept == Some(true))
}

/// Bytes of a decoded pixel: the decoder unfolds palettes and small depths.
fn bytes_per_pixel(depth: u8, colour: u8, sees_through: bool) -> u64 {
    let channels = match (colour, sees_through) {
        (0, false) => 1,
        (0, true) | (4, _) => 2,
        (2 | 3, false) => 3,
        _other => 4,
    };
    if depth == 16 { channels * 2 } else { channels }
}

fn push(to: &mut Vec<u8>, name: [u8; 4], data: &[u8]) {
    let length = u32::try_from(data.len()).expect("a few bytes");
    to.extend_from_slice(&length.to_be_bytes());
    let start = to.len();
    to.extend_from_slice(&name);
    to.extend_from_slice(data);
    let sum = checksum(&to[start..]);
    to.extend_from_slice(&sum.to_be_bytes());
}

/// The cyclic checksum of a chunk (PNG specification annex D), for a few bytes: no table.
fn checksum(bytes: &[u8]) -> u32 {
    let bit = |sum: u32| if sum & 1 == 0 { sum >> 1 } else { (sum >> 1) ^ 0xedb8_8320 };
    !bytes.iter().fold(!0, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), |sum, _| bit(sum)))
}

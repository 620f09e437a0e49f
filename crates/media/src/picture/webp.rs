//! WebP files as they are built: RIFF chunks (RFC 9649 section 2).

use super::outline::{Keep, Outline, exif_of, orientation_of};
use super::reader::{array, le_u16, le_u24, le_u32};
use crate::Trouble;

/// Bytes a pixel takes while it is decoded, at most: output, planes, canvas.
const LOSSY: u64 = 5;
const LOSSY_WITH_ALPHA: u64 = 11;
const LOSSLESS: u64 = 8;
const ANIMATED: u64 = 18;

/// Flags of the extended header.
const PROFILE: u8 = 0x20;
const EXIF: u8 = 0x08;
const XMP: u8 = 0x04;
const ANIMATION: u8 = 0x02;
/// Where they stand in the file.
const FLAGS: usize = 20;
/// Bytes of a frame before its own chunks.
const FRAME_HEADER: usize = 16;

struct Chunk<'a> {
    name: [u8; 4],
    data: &'a [u8],
}

/// The chunks, to the end or to the first that is broken.
struct Chunks<'a>(&'a [u8]);

impl<'a> Iterator for Chunks<'a> {
    type Item = Result<Chunk<'a>, Trouble>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let chunk = self.split();
        if chunk.is_none() {
            self.0 = &[];
        }
        Some(chunk.ok_or(Trouble::Damaged))
    }
}

impl<'a> Chunks<'a> {
    fn of(bytes: &'a [u8]) -> Result<Self, Trouble> {
        if !bytes.starts_with(b"RIFF") || bytes.get(8..12) != Some(b"WEBP") {
            return Err(Trouble::NotAPicture);
        }
        let length =
            le_u32(&bytes[4..]).and_then(|length| usize::try_from(length).ok()).ok_or(Trouble::Damaged)?;
        // What follows the length that the header names is not the picture.
        Ok(Self(&bytes[12..bytes.len().min(length.saturating_add(8)).max(12)]))
    }

    fn split(&mut self) -> Option<Chunk<'a>> {
        let name = array(self.0)?;
        let length = usize::try_from(le_u32(self.0.get(4..)?)?).ok()?;
        let data = self.0.get(8..length.checked_add(8)?)?;
        let padded = 8 + length + length % 2;
        self.0 = self.0.get(padded..).unwrap_or_default();
        Some(Chunk { name, data })
    }
}

/// Width and height of the canvas, from the first chunk.
pub(super) fn size(bytes: &[u8]) -> Result<(u32, u32), Trouble> {
    let body = Chunks::of(bytes)?.0;
    // Only the head of the first chunk is needed, so the rest of the file may be missing.
    let name = array(body).ok_or(Trouble::Damaged)?;
    chunk_size(name, body.get(8..).unwrap_or_default()).ok_or(Trouble::Damaged)
}

fn chunk_size(name: [u8; 4], data: &[u8]) -> Option<(u32, u32)> {
    match &name {
        b"VP8X" => Some((le_u24(data.get(4..)?)? + 1, le_u24(data.get(7..)?)? + 1)),
        b"VP8L" if data.first() == Some(&0x2f) => {
            let bits = le_u32(&data[1..])?;
            Some(((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1))
        }
        b"VP8 " if data.get(3..6)? == b"\x9d\x01\x2a" => {
            Some((u32::from(le_u16(&data[6..])? & 0x3fff), u32::from(le_u16(data.get(8..)?)? & 0x3fff)))
        }
        _other => None,
    }
}

/// Frames that are there, cut short files included.
pub(super) fn frames(bytes: &[u8]) -> u32 {
    let Ok(chunks) = Chunks::of(bytes) else { return 1 };
    let frames = chunks.map_while(Result::ok).filter(|chunk| chunk.name == *b"ANMF").count();
    u32::try_from(frames).unwrap_or(u32::MAX).max(1)
}

/// Walks the whole file and copies what `keep` allows.
pub(super) fn outline(bytes: &[u8], keep: Keep) -> Result<Outline, Trouble> {
    let (width, height) = size(bytes)?;
    let mut outline = Outline::new(width, height, bytes.len());
    outline.bytes.extend_from_slice(b"RIFF\0\0\0\0WEBP");
    let mut walk = Walk { flags: None, pictures: 0, alpha: false, lossy: false, frames: 0, frame_pixels: 0 };
    for (index, chunk) in Chunks::of(bytes)?.enumerate() {
        walk.chunk(index, &chunk?, keep, &mut outline)?;
    }
    if (walk.pictures == 1) == (walk.frames > 0) {
        return Err(Trouble::Damaged);
    }
    let per_pixel = match (walk.frames > 0, walk.lossy, walk.alpha) {
        (true, _, _) => ANIMATED,
        (false, true, true) => LOSSY_WITH_ALPHA,
        (false, true, false) => LOSSY,
        (false, false, _) => LOSSLESS,
    };
    outline.lossy = walk.lossy && !walk.alpha;
    if walk.frames > 0 {
        (outline.frames, outline.frame_pixels) = (walk.frames, walk.frame_pixels);
    }
    outline.decoding = outline.pixels() * per_pixel;
    if walk.flags.is_some() && outline.is_to_be_turned(keep) {
        push(&mut outline.bytes, *b"EXIF", &exif_of(outline.orientation));
        outline.bytes[FLAGS] |= EXIF;
    }
    close(&mut outline.bytes, 0);
    Ok(outline)
}

/// What the chunks so far were.
struct Walk {
    /// Of the extended header, where there is one.
    flags: Option<u8>,
    /// Still pictures.
    pictures: u32,
    alpha: bool,
    lossy: bool,
    frames: u32,
    frame_pixels: u64,
}

impl Walk {
    fn chunk(
        &mut self,
        index: usize,
        chunk: &Chunk<'_>,
        keep: Keep,
        outline: &mut Outline,
    ) -> Result<(), Trouble> {
        let moves = self.flags.is_some_and(|flags| flags & ANIMATION != 0);
        match &chunk.name {
            b"VP8X" if index == 0 && chunk.data.len() == 10 => {
                let profile = if keep.rendering { PROFILE } else { 0 };
                let flags = chunk.data[0] & !(EXIF | XMP) & !(PROFILE & !profile);
                self.flags = Some(flags);
                let mut header = chunk.data.to_vec();
                header[0] = flags;
                push(&mut outline.bytes, *b"VP8X", &header);
            }
            b"VP8 " | b"VP8L" if self.pictures == 0 && !moves => {
                // The canvas is what was held against the budget: the picture must be just as large.
                if chunk_size(chunk.name, chunk.data) != Some((outline.width, outline.height)) {
                    return Err(Trouble::Damaged);
                }
                self.pictures = 1;
                self.lossy = chunk.name == *b"VP8 ";
                push(&mut outline.bytes, chunk.name, chunk.data);
            }
            b"ALPH" if !self.alpha && self.pictures == 0 && self.flags.is_some() && !moves => {
                self.alpha = true;
                push(&mut outline.bytes, chunk.name, chunk.data);
            }
            b"ANIM" if moves && self.frames == 0 && chunk.data.len() == 6 => {
                push(&mut outline.bytes, chunk.name, chunk.data);
            }
            b"ANMF" if moves => self.frame(chunk.data, outline)?,
            b"ICCP" if keep.rendering && self.pictures == 0 && self.frames == 0 => {
                push(&mut outline.bytes, chunk.name, chunk.data);
            }
            b"EXIF" => outline.orientation = orientation_of(chunk.data),
            b"VP8X" | b"VP8 " | b"VP8L" | b"ALPH" | b"ANIM" | b"ANMF" => return Err(Trouble::Damaged),
            _other => {}
        }
        Ok(())
    }

    /// A frame of an animation: a header, then chunks of its own.
    fn frame(&mut self, data: &[u8], outline: &mut Outline) -> Result<(), Trouble> {
        let field = |at: usize| data.get(at..).and_then(le_u24).ok_or(Trouble::Damaged);
        let (left, top) = (field(0)? * 2, field(3)? * 2);
        let (width, height) = (field(6)? + 1, field(9)? + 1);
        let header = data.get(..FRAME_HEADER).ok_or(Trouble::Damaged)?;
        if left + width > outline.width || top + height > outline.height {
            return Err(Trouble::Damaged);
        }
        self.frames += 1;
        self.frame_pixels = self.frame_pixels.saturating_add(u64::from(width) * u64::from(height));
        let start = outline.bytes.len();
        push(&mut outline.bytes, *b"ANMF", header);
        let mut pictures = 0;
        for chunk in Chunks(&data[FRAME_HEADER..]) {
            let chunk = chunk?;
            match &chunk.name {
                b"VP8 " | b"VP8L" if pictures == 0 => {
                    if chunk_size(chunk.name, chunk.data) != Some((width, height)) {
                        return Err(Trouble::Damaged);
                    }
                    pictures = 1;
                    push(&mut outline.bytes, chunk.name, chunk.data);
                }
                b"ALPH" if pictures == 0 => push(&mut outline.bytes, chunk.name, chunk.data),
                b"VP8 " | b"VP8L" | b"ALPH" => return Err(Trouble::Damaged),
                _other => {}
            }
        }
        if pictures != 1 {
            return Err(Trouble::Damaged);
        }
        close(&mut outline.bytes, start);
        Ok(())
    }
}

fn push(to: &mut Vec<u8>, name: [u8; 4], data: &[u8]) {
    to.extend_from_slice(&name);
    let length = u32::try_from(data.len()).expect("the length came from 32 bits");
    to.extend_from_slice(&length.to_le_bytes());
    to.extend_from_slice(data);
    if !data.len().is_multiple_of(2) {
        to.push(0);
    }
}

/// Writes the length of a chunk that has grown to the end.
fn close(bytes: &mut [u8], start: usize) {
    let length = u32::try_from(bytes.len() - start - 8).expect("no longer than the file, whose length fits");
    bytes[start + 4..start + 8].copy_from_slice(&length.to_le_bytes());
}

//! GIF files as they are built: a screen, then blocks (GIF89a specification).

use super::outline::{Keep, Outline};
use super::reader::le_u16;
use crate::Trouble;

/// Bytes a pixel of the first frame takes while it is decoded: screen, frame, index.
const DECODED: u64 = 9;
/// Bytes of signature and screen descriptor.
const HEAD: usize = 13;

enum Block<'a> {
    /// Delay and disposal of the next image, eight bytes.
    Control(&'a [u8]),
    /// How often an animation repeats, 0 for ever.
    Loop(u16),
    /// Comments, texts, XMP and other applications' data.
    Other,
    Image {
        left: u16,
        top: u16,
        width: u16,
        height: u16,
        whole: &'a [u8],
    },
    End,
}

/// The blocks after the screen, up to the trailer.
struct Blocks<'a> {
    rest: &'a [u8],
    ended: bool,
}

impl<'a> Iterator for Blocks<'a> {
    type Item = Result<Block<'a>, Trouble>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let block = self.split();
        self.ended = matches!(block, None | Some(Block::End));
        Some(block.ok_or(Trouble::Damaged))
    }
}

impl<'a> Blocks<'a> {
    fn split(&mut self) -> Option<Block<'a>> {
        match *self.rest.first()? {
            0x3b => Some(Block::End),
            0x2c => self.image(),
            0x21 => self.extension(),
            // Some writers pad with zeros between blocks.
            0 => {
                self.rest = &self.rest[1..];
                Some(Block::Other)
            }
            _other => None,
        }
    }

    fn image(&mut self) -> Option<Block<'a>> {
        let field = |at: usize| le_u16(self.rest.get(at..)?);
        let (left, top, width, height) = (field(1)?, field(3)?, field(5)?, field(7)?);
        // Descriptor, palette, code size, data.
        let data = 10 + palette(*self.rest.get(9)?) + 1;
        let end = data + sub_blocks(self.rest.get(data..)?)?;
        let (whole, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(Block::Image { left, top, width, height, whole })
    }

    fn extension(&mut self) -> Option<Block<'a>> {
        let label = *self.rest.get(1)?;
        let end = 2 + sub_blocks(self.rest.get(2..)?)?;
        let (whole, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(match label {
            0xf9 if whole.len() == 8 => Block::Control(whole),
            0xff => repeats(whole).map_or(Block::Other, Block::Loop),
            _other => Block::Other,
        })
    }
}

/// Bytes of the palette that a packed field announces.
fn palette(packed: u8) -> usize {
    if packed & 0x80 == 0 { 0 } else { 3 << ((packed & 7) + 1) }
}

/// Bytes of a chain of sub-blocks with its terminator.
fn sub_blocks(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let length = usize::from(*bytes.get(at)?);
        at += 1 + length;
        if length == 0 {
            return Some(at);
        }
    }
}

/// The repeat count of the two application blocks that browsers know.
fn repeats(whole: &[u8]) -> Option<u16> {
    let known = whole.starts_with(b"\x21\xff\x0bNETSCAPE2.0\x03\x01")
        || whole.starts_with(b"\x21\xff\x0bANIMEXTS1.0\x03\x01");
    if known { le_u16(whole.get(16..)?) } else { None }
}

/// Width and height of the screen.
pub(super) fn size(bytes: &[u8]) -> Result<(u32, u32), Trouble> {
    let field = |at: usize| bytes.get(at..).and_then(le_u16).map(u32::from).ok_or(Trouble::Damaged);
    Ok((field(6)?, field(8)?))
}

fn blocks(bytes: &[u8]) -> Result<Blocks<'_>, Trouble> {
    let packed = *bytes.get(10).ok_or(Trouble::Damaged)?;
    let rest = bytes.get(HEAD + palette(packed)..).ok_or(Trouble::Damaged)?;
    Ok(Blocks { rest, ended: false })
}

/// Frames that are there, cut short files included.
pub(super) fn frames(bytes: &[u8]) -> u32 {
    let Ok(blocks) = blocks(bytes) else { return 1 };
    let images = blocks.map_while(Result::ok).filter(|block| matches!(block, Block::Image { .. })).count();
    u32::try_from(images).unwrap_or(u32::MAX).max(1)
}

/// Walks the whole file and copies what `keep` allows: screen, palettes, images with their delays, one repeat count.
pub(super) fn outline(bytes: &[u8], keep: Keep) -> Result<Outline, Trouble> {
    let (width, height) = size(bytes)?;
    let mut outline = Outline::new(width, height, bytes.len());
    let mut blocks = blocks(bytes)?;
    outline.bytes.extend_from_slice(b"GIF89a");
    outline.bytes.extend_from_slice(&bytes[6..bytes.len() - blocks.rest.len()]);
    let (mut control, mut frames, mut frame_pixels, mut loops) = (None, 0, 0_u64, false);
    for block in &mut blocks {
        match block? {
            Block::Control(whole) => control = Some(whole),
            Block::Loop(times) if keep.animation && !loops && frames == 0 => {
                loops = true;
                outline.bytes.extend_from_slice(b"\x21\xff\x0bNETSCAPE2.0\x03\x01");
                outline.bytes.extend_from_slice(&times.to_le_bytes());
                outline.bytes.push(0);
            }
            Block::Loop(_) | Block::Other | Block::End => {}
            Block::Image { left, top, width: across, height: down, whole } => {
                let inside = u32::from(left) + u32::from(across) <= width
                    && u32::from(top) + u32::from(down) <= height;
                if !inside || across == 0 || down == 0 {
                    return Err(Trouble::Damaged);
                }
                let control = control.take();
                if keep.animation || frames == 0 {
                    outline.bytes.extend_from_slice(control.unwrap_or_default());
                    outline.bytes.extend_from_slice(whole);
                }
                frames += 1;
                frame_pixels = frame_pixels.saturating_add(u64::from(across) * u64::from(down));
            }
        }
    }
    if frames == 0 {
        return Err(Trouble::Damaged);
    }
    outline.bytes.push(0x3b);
    (outline.frames, outline.frame_pixels) = (frames, frame_pixels);
    outline.decoding = outline.pixels() * DECODED;
    Ok(outline)
}

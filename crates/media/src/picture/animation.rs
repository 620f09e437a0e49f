//! Animations that stay animations.

use super::format::Format;
use super::outline::Outline;
use super::{Picture, Wanted, sides, still};
use crate::Trouble;
use crate::limits::MEMORY;
use gif::{ColorOutput, DecodeOptions, Encoder, Frame, MemoryLimit};
use std::num::NonZeroU64;

/// The animation as wanted; `None` where only its first frame can be.
pub(super) fn keep(format: Format, found: Outline, wanted: &Wanted) -> Result<Option<Picture>, Trouble> {
    still::check(format, &found)?;
    let kind = format.kind();
    let (width, height, frames) = (found.width, found.height, found.frames);
    if width.max(height) <= wanted.max_side && found.bytes.len() <= wanted.max_bytes {
        return Ok(Some(Picture { bytes: found.bytes, kind, width, height, frames }));
    }
    if format != Format::Gif {
        return Ok(None);
    }
    for (width, height) in sides(width, height, wanted.max_side) {
        let bytes = still::guarded(|| scaled(&found, width, height))?;
        if bytes.len() <= wanted.max_bytes {
            return Ok(Some(Picture { bytes, kind, width, height, frames }));
        }
    }
    Ok(None)
}

/// Scales every frame by taking the nearest pixel.
///
/// Frames keep their palettes, so there are no new colours to choose, and a frame at a time is held. Each frame takes its
/// pixels where the whole picture would, so parts of frames fit together exactly as before.
fn scaled(found: &Outline, width: u32, height: u32) -> Result<Vec<u8>, Trouble> {
    let broken = |_reason| Trouble::Damaged;
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    options.set_memory_limit(MemoryLimit::Bytes(NonZeroU64::new(MEMORY).expect("the limit is not 0")));
    let mut decoder = options.read_info(found.bytes.as_slice()).map_err(broken)?;
    let side = |pixels: u32| u16::try_from(pixels).expect("no larger than the screen of a GIF");
    let (across, down) = (side(width), side(height));
    let palette = decoder.global_palette().unwrap_or_default().to_vec();
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, across, down, &palette).map_err(|_reason| Trouble::Damaged)?;
    let mut first = true;
    while let Some(frame) = decoder.read_next_frame().map_err(broken)? {
        let smaller = nearest(frame, (found.width, width), (found.height, height));
        if first {
            let repeat = decoder.repeat();
            encoder.set_repeat(repeat).map_err(|_reason| Trouble::Damaged)?;
            first = false;
        }
        encoder.write_frame(&smaller).map_err(|_reason| Trouble::Damaged)?;
    }
    drop(encoder);
    Ok(bytes)
}

/// The pixels of a frame that a smaller picture shows, one axis at a time: where they begin, and which they are.
fn nearest(frame: &Frame<'_>, across: (u32, u32), down: (u32, u32)) -> Frame<'static> {
    let (left, columns) = taken(frame.left, frame.width, across);
    let (top, rows) = taken(frame.top, frame.height, down);
    let mut smaller = Frame {
        delay: frame.delay,
        dispose: frame.dispose,
        transparent: frame.transparent,
        palette: frame.palette.clone(),
        ..Frame::default()
    };
    if columns.is_empty() || rows.is_empty() {
        // Nothing of it is seen, but its delay still counts: one pixel that is transparent.
        smaller.palette = Some(vec![0; 6]);
        smaller.transparent = Some(0);
        (smaller.width, smaller.height) = (1, 1);
        smaller.buffer = vec![0].into();
        return smaller;
    }
    let line = usize::from(frame.width);
    let pixels = rows.iter().flat_map(|row| {
        let line = &frame.buffer[row * line..(row + 1) * line];
        columns.iter().map(move |column| line[*column])
    });
    smaller.buffer = pixels.collect::<Vec<u8>>().into();
    (smaller.left, smaller.top) = (left, top);
    let length = |list: &[usize]| u16::try_from(list.len()).expect("no longer than a side of the screen");
    (smaller.width, smaller.height) = (length(&columns), length(&rows));
    smaller
}

/// Of a stretch of `length` from `start`: the first place on the smaller axis, and the places within the stretch that are
/// taken. Each place of the smaller axis takes the one under its middle.
fn taken(start: u16, length: u16, (from, to): (u32, u32)) -> (u16, Vec<usize>) {
    let (from, to) = (u64::from(from), u64::from(to));
    let range = u64::from(start)..u64::from(start) + u64::from(length);
    let under_middle = |place: u64| (2 * place + 1) * from / (2 * to);
    let first = (0..to).find(|place| range.contains(&under_middle(*place))).unwrap_or(0);
    let places = (first..to).map(under_middle).take_while(|place| range.contains(place));
    let places =
        places.map(|place| usize::try_from(place - range.start).expect("within the frame")).collect();
    (u16::try_from(first).expect("within the screen of a GIF"), places)
}

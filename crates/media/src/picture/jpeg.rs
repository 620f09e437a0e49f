//! JPEG files as they are built: markers and segments (ITU-T T.81 annex B).

use super::outline::{EXIF, Keep, Outline, exif_of, orientation_of};
use super::reader::be_u16;
use crate::Trouble;
use crate::limits::SCANS;

const END: u8 = 0xd9;
const SCAN: u8 = 0xda;
/// The frame header of a progressive picture; the two before it are sequential.
const PROGRESSIVE: u8 = 0xc2;
/// A `JFIF` segment without density and without its little picture.
const JFIF: &[u8] = b"\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0";
/// Bytes of an `Adobe` segment, which tells how colours are coded.
const ADOBE: usize = 12;

struct Segment<'a> {
    marker: u8,
    /// Without marker and length; without the coded data of a scan.
    data: &'a [u8],
    /// With marker and length, and with the coded data that follows a scan header.
    whole: &'a [u8],
}

/// The segments up to the end marker, which comes last and is empty.
struct Segments<'a> {
    rest: &'a [u8],
    ended: bool,
}

impl<'a> Iterator for Segments<'a> {
    type Item = Result<Segment<'a>, Trouble>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let segment = self.split();
        self.ended = segment.as_ref().is_none_or(|segment| segment.marker == END);
        Some(segment.ok_or(Trouble::Damaged))
    }
}

impl<'a> Segments<'a> {
    fn of(bytes: &'a [u8]) -> Result<Self, Trouble> {
        Ok(Self { rest: bytes.strip_prefix(b"\xff\xd8").ok_or(Trouble::NotAPicture)?, ended: false })
    }

    fn split(&mut self) -> Option<Segment<'a>> {
        let rest = self.rest.strip_prefix(b"\xff")?;
        // Any number of fill bytes may stand before a marker: all but the last are left out.
        let fill = rest.iter().position(|byte| *byte != 0xff)?;
        let start = &self.rest[fill..];
        let marker = rest[fill];
        if marker == END {
            return Some(Segment { marker, data: &[], whole: &start[..2] });
        }
        if matches!(marker, 0 | 1 | 0xd0..=0xd8) {
            return None;
        }
        let length = usize::from(be_u16(&start[2..])?);
        let data = start.get(4..2 + length)?;
        let coded = if marker == SCAN { coded_length(&start[2 + length..])? } else { 0 };
        let (whole, rest) = start.split_at(2 + length + coded);
        self.rest = rest;
        Some(Segment { marker, data, whole })
    }
}

/// Bytes up to the next marker that is no restart marker. An escaped 0xff is followed by a zero.
fn coded_length(bytes: &[u8]) -> Option<usize> {
    let is_end = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0 | 0xd0..=0xd7);
    bytes.windows(2).position(is_end)
}

/// Frame headers of all processes; three codes between them mean something else.
const fn is_frame_header(marker: u8) -> bool {
    matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc)
}

/// Width and height, from the first frame header.
pub(super) fn size(bytes: &[u8]) -> Result<(u32, u32), Trouble> {
    for segment in Segments::of(bytes)? {
        let segment = segment?;
        if is_frame_header(segment.marker) {
            return frame_size(segment.data).ok_or(Trouble::Damaged);
        }
        if segment.marker == SCAN {
            break;
        }
    }
    Err(Trouble::Damaged)
}

fn frame_size(data: &[u8]) -> Option<(u32, u32)> {
    let (height, width) = (be_u16(data.get(1..)?)?, be_u16(data.get(3..)?)?);
    Some((width.into(), height.into()))
}

/// Walks the whole file and copies what `keep` allows.
pub(super) fn outline(bytes: &[u8], keep: Keep) -> Result<Outline, Trouble> {
    let (width, height) = size(bytes)?;
    let mut outline = Outline::new(width, height, bytes.len());
    outline.lossy = true;
    outline.bytes.extend_from_slice(b"\xff\xd8");
    let (mut frame, mut scans, mut turned) = (None, 0, false);
    let (mut sequential, mut scanned) = (false, None);
    for segment in Segments::of(bytes)? {
        let segment = segment?;
        match segment.marker {
            0xe1 if segment.data.starts_with(b"Exif\0\0") && !turned => {
                outline.orientation = orientation_of(segment.data);
                turned = outline.is_to_be_turned(keep);
                if turned {
                    let length = u8::try_from(2 + 6 + EXIF).expect("a few bytes");
                    outline.bytes.extend_from_slice(&[0xff, 0xe1, 0, length]);
                    outline.bytes.extend_from_slice(b"Exif\0\0");
                    outline.bytes.extend_from_slice(&exif_of(outline.orientation));
                }
            }
            SCAN => {
                scans += 1;
                scanned = segment.data.first().copied();
            }
            // A second frame header could claim another size than the one that was checked.
            marker if is_frame_header(marker) => {
                if frame.replace(segment.data).is_some() {
                    return Err(Trouble::Damaged);
                }
                sequential = marker < PROGRESSIVE;
            }
            _other => {}
        }
        if scans > SCANS {
            return Err(Trouble::Damaged);
        }
        copy(&segment, keep, &mut outline.bytes);
    }
    let frame = frame.filter(|_| scans > 0).ok_or(Trouble::Damaged)?;
    let one_pass = sequential && scans == 1 && scanned == frame.get(5).copied();
    outline.decoding = decoding_bytes(frame, one_pass, width, height).ok_or(Trouble::Damaged)?;
    Ok(outline)
}

/// Copies what the picture is made of: tables, frame and scan headers, restart intervals, line counts, the end, and the
/// two application segments that say how colours are coded.
fn copy(segment: &Segment<'_>, keep: Keep, to: &mut Vec<u8>) {
    let profile = b"ICC_PROFILE\0";
    match segment.marker {
        0xe0 if segment.data.starts_with(b"JFIF\0") => to.extend_from_slice(JFIF),
        0xe2 if keep.rendering && segment.data.starts_with(profile) => to.extend_from_slice(segment.whole),
        0xee if segment.data.starts_with(b"Adobe") && segment.data.len() >= ADOBE => {
            to.extend_from_slice(&[0xff, 0xee, 0, 14]);
            to.extend_from_slice(&segment.data[..ADOBE]);
        }
        0xc0..=0xc7 | 0xc9..=0xcf | SCAN..=0xdd | END => to.extend_from_slice(segment.whole),
        _other => {}
    }
}

/// Bytes that decoding takes: the pixels, and where they do not come in one pass, all coefficients of two bytes.
fn decoding_bytes(frame: &[u8], one_pass: bool, width: u32, height: u32) -> Option<u64> {
    let count = usize::from(*frame.get(5)?);
    let components = frame.get(6..6 + 3 * count)?;
    let factors =
        components.chunks(3).map(|component| (u64::from(component[1] >> 4), u64::from(component[1] & 15)));
    let (mut across, mut down, mut samples) = (1, 1, 0);
    for (horizontal, vertical) in factors {
        (across, down) = (horizontal.max(across), vertical.max(down));
        samples += horizontal * vertical;
    }
    // Sizes are rounded up to whole blocks of 8 by 8 samples.
    let blocks = u64::from(width).div_ceil(8 * across) * u64::from(height).div_ceil(8 * down);
    let coefficients = if one_pass { 0 } else { blocks * 64 * samples * 2 };
    let channels = if count == 1 { 1 } else { 3 };
    Some(coefficients + u64::from(width) * u64::from(height) * channels)
}
